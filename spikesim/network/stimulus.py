"""Currents from electrodes, in pA, as functions of time t in ms.

======================================= ======================================================================
``DC(amplitude, start, stop)``          I = amplitude on [start, stop)
``Steps(times, amplitudes)``            I = amplitudes[k] from times[k] on; 0 before times[0]
``Waveform(times, values)``             linear between the samples; 0 before the first, the last held after
``Sine(amplitude, frequency, ...)``     I = offset + amplitude sin(2 pi frequency (t - start) / 1000 + phase)
                                        on [start, stop)
``Noise(mean, sd, dt)``                 I = mean + sd xi, a new standard normal xi every dt for every neuron
``OrnsteinUhlenbeck(mean, sd, tau)``    tau dI = (mean - I) dt + sd sqrt(2 tau) dW, for every neuron its own
``WhiteNoise(intensity)``               I = intensity dW/dt, for every neuron its own
======================================= ======================================================================

All are right-continuous: what begins at t already holds at t.  Amplitudes are one for all targets or one a
target.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..grid import Grid
from ..keywords import named
from ..neurons.parameters import as_numbers
from . import checked
from .array_file import around, taken
from .electrode import Stimulus
from .pieces import HOLD, LINE, SINE, Piece

__all__ = ["DC", "Noise", "OrnsteinUhlenbeck", "Sine", "Steps", "Stimulus", "Waveform", "WhiteNoise"]


@named
@dataclass(frozen=True, eq=False)
class DC(Stimulus):
    """A constant current from `start` to `stop`.

    Parameters
    ----------
    amplitude : float or array of shape (targets,)
        Current (pA).
    start, stop : float
        Time (ms) of its beginning, >= 0, and of its end, after `start` or inf.

    Examples
    --------
    >>> import spikesim as ss
    >>> net = ss.Network(seed=1)
    >>> pulse = net.inject(net.population("cells", 10, ss.LIF()), ss.DC(300.0, start=50.0, stop=100.0))
    """

    amplitude: Any
    start: float = 0.0
    stop: float = math.inf

    piecewise_constant = True
    per_target = ("amplitude",)

    def __post_init__(self) -> None:
        self._check_amplitudes()
        self._check_window(self.start, self.stop)

    def value(self, t: np.ndarray) -> np.ndarray:
        """Return the current (pA) at the times `t` (ms)."""
        within = _within(self, t)
        return within[:, None] * self.amplitude if np.ndim(self.amplitude) else within * self.amplitude

    def breaks(self) -> np.ndarray:
        """Return `start` and, if it is finite, `stop`."""
        return _ends(self)

    def range(self) -> tuple[float, float]:
        """Return 0 and the amplitude, ascending."""
        return around(self.amplitude)

    def pieces(self) -> list[Piece]:
        """Return the one from start to stop."""
        return [Piece(HOLD, self.start, self.stop, (self.amplitude,))]


@named
@dataclass(frozen=True, eq=False)
class Steps(Stimulus):
    """Currents that hold from each time to the next; 0 before the first, the last one stays.

    Parameters
    ----------
    times : array of shape (K,)
        Ascending times (ms), >= 0.
    amplitudes : array of shape (K,) or (K, targets)
        Currents (pA); the latter may stay in a file, :class:`ArrayFile`.

    Examples
    --------
    >>> import numpy as np
    >>> import spikesim as ss
    >>> ss.Steps(times=[0.0, 50.0], amplitudes=[100.0, 300.0]).value(np.array([10.0, 50.0])).tolist()
    [100.0, 300.0]
    """

    times: Any
    amplitudes: Any

    piecewise_constant = True

    def __post_init__(self) -> None:
        self._check_series("times", "amplitudes")

    @property
    def targets(self) -> int | None:
        """For how many neurons amplitudes are listed; None: one for all."""
        return self.amplitudes.shape[1] if self.amplitudes.ndim == 2 else None

    def value(self, t: np.ndarray) -> np.ndarray:
        """Return the current (pA) at the times `t` (ms)."""
        return taken(self.amplitudes, np.searchsorted(self.times, as_numbers("value: t", t), side="right") - 1)

    def breaks(self) -> np.ndarray:
        """Return `times`."""
        return self.times

    def range(self) -> tuple[float, float]:
        """Return the least and the largest amplitude, or 0."""
        return around(self.amplitudes)

    def pieces(self) -> list[Piece]:
        """Return one a time."""
        ends = [*self.times[1:].tolist(), math.inf]
        return [Piece(HOLD, a, b, (row,)) for a, b, row in zip(self.times.tolist(), ends, np.asarray(self.amplitudes))]


@named
@dataclass(frozen=True, eq=False)
class Waveform(Stimulus):
    """A sampled current, linear between the samples; 0 before the first, the last value stays.

    Parameters
    ----------
    times : array of shape (K,)
        Ascending times (ms), >= 0; they need not be multiples of dt.
    values : array of shape (K,) or (K, targets)
        Currents (pA); the latter may stay in a file, :class:`ArrayFile`.

    Examples
    --------
    >>> import numpy as np
    >>> import spikesim as ss
    >>> ss.Waveform(times=[0.0, 10.0], values=[0.0, 100.0]).value(np.array([5.0, 20.0])).tolist()
    [50.0, 100.0]
    """

    times: Any
    values: Any

    def __post_init__(self) -> None:
        self._check_series("times", "values")

    @property
    def targets(self) -> int | None:
        """For how many neurons values are listed; None: one for all."""
        return self.values.shape[1] if self.values.ndim == 2 else None

    def value(self, t: np.ndarray) -> np.ndarray:
        """Return the current (pA) at the times `t` (ms)."""
        t = as_numbers("value: t", t)
        if self.targets is None:
            return np.interp(t, self.times, self.values, left=0.0)
        behind = np.searchsorted(self.times, t, side="right")  # the first sample after t
        a, b = np.maximum(behind - 1, 0), np.minimum(behind, len(self.times) - 1)
        part = np.clip((t - self.times[a]) / np.maximum(self.times[b] - self.times[a], 1e-290), 0.0, 1.0)
        rows = taken(self.values, np.append(a, b))
        before, after = rows[: a.size], rows[a.size :]
        found = before + part[:, None] * (after - before)
        return found * (behind > 0)[:, None]

    def breaks(self) -> np.ndarray:
        """Return `times`."""
        return self.times

    def range(self) -> tuple[float, float]:
        """Return the least and the largest value, or 0."""
        return around(self.values)

    def pieces(self) -> list[Piece]:
        """Return one between each two times, and what stays."""
        times, rows = self.times.tolist(), np.asarray(self.values)
        lines = [Piece(LINE, times[k], times[k + 1], (rows[k], rows[k + 1])) for k in range(len(times) - 1)]
        return [*lines, Piece(HOLD, times[-1], math.inf, (rows[-1],))]

    def on_grid(self, grid: Grid, where: str) -> None:
        """Accept any times: the line between two samples is taken where the grid asks for it."""


@named
@dataclass(frozen=True, eq=False)
class Sine(Stimulus):
    """A sine around an offset, from `start` to `stop`; each parameter one for all or one a target.

    Parameters
    ----------
    amplitude : float or array of shape (targets,)
        Current (pA).
    frequency : float or array of shape (targets,)
        In Hz, >= 0.
    phase : float or array of shape (targets,)
        In rad, at `start`.
    offset : float or array of shape (targets,)
        Mean current (pA).
    start, stop : float
        Time (ms) of its beginning, >= 0, and of its end, after `start` or inf.

    Examples
    --------
    >>> import numpy as np
    >>> import spikesim as ss
    >>> ss.Sine(100.0, frequency=10.0, offset=200.0).value(np.array([0.0, 25.0])).tolist()
    [200.0, 300.0]
    """

    amplitude: Any
    frequency: Any
    phase: Any = 0.0
    offset: Any = 0.0
    start: float = 0.0
    stop: float = math.inf

    per_target = ("amplitude", "frequency", "phase", "offset")

    def __post_init__(self) -> None:
        self._check_amplitudes(frequency=0.0)
        self._check_window(self.start, self.stop)

    def value(self, t: np.ndarray) -> np.ndarray:
        """Return the current (pA) at the times `t` (ms)."""
        t = checked.table("value: t", t)
        within = _within(self, t)
        if self.targets is not None:
            t, within = t[:, None], within[:, None]
        angle = 2.0 * math.pi * np.asarray(self.frequency) * (t - self.start) / 1000.0 + self.phase
        return within * (self.offset + self.amplitude * np.sin(angle))

    def breaks(self) -> np.ndarray:
        """Return `start` and, if it is finite, `stop`."""
        return _ends(self)

    def range(self) -> tuple[float, float]:
        """Return the offset less and more the amplitude, or 0."""
        return around([self.offset - np.abs(self.amplitude), self.offset + np.abs(self.amplitude)])

    def pieces(self) -> list[Piece]:
        """Return the one from start to stop."""
        omega = 2.0 * math.pi * np.asarray(self.frequency) / 1000.0
        return [Piece(SINE, self.start, self.stop, (self.offset, self.amplitude, omega, self.phase))]


@named
@dataclass(frozen=True, eq=False)
class Noise(Stimulus):
    """A noisy current, drawn anew every `dt` for every neuron, from the seed of the run.

    In the interval [k dt, (k + 1) dt) the current of a neuron is mean + sd xi_k.  The variance that it causes
    in a membrane grows with `dt`, which therefore is a parameter of the noise and not of the simulation.

    Parameters
    ----------
    mean, sd : float or array of shape (targets,)
        Mean and standard deviation (pA), sd >= 0.
    dt : float
        Interval (ms), > 0, a multiple of the step of the clock.

    Examples
    --------
    >>> import spikesim as ss
    >>> net = ss.Network(seed=1)
    >>> noise = net.inject(net.population("cells", 10, ss.LIF()), ss.Noise(300.0, 100.0, dt=1.0))
    """

    mean: Any
    sd: Any
    dt: float = 1.0

    piecewise_constant = True
    per_target = ("mean", "sd")

    def __post_init__(self) -> None:
        self._check_amplitudes(sd=0.0)
        self._set(dt=checked.number(self._at("dt"), self.dt, above=0.0))

    def on_grid(self, grid: Grid, where: str) -> None:
        """Raise :class:`InvalidValueError` when the interval is no multiple of the step."""
        grid.steps(self.dt, f"{where}: Noise: dt", least=1)


@named
@dataclass(frozen=True, eq=False)
class OrnsteinUhlenbeck(Stimulus):
    """Coloured noise: a current that wanders about its mean, for every neuron its own, from the seed of the run.

    tau dI = (mean - I) dt + sd sqrt(2 tau) dW   (Uhlenbeck and Ornstein 1930): normal with this mean and sd at any
    time, from the beginning on, and correlated over ``exp(-|t - t'| / tau)``.  On the clock it is exact: a current at
    t + dt has the law that it has given that at t (Gillespie 1996, Phys. Rev. E 54:2084), and a linear neuron is
    moved by its integral, drawn jointly with it.  No `dt` changes what it is.

    Parameters
    ----------
    mean, sd : float or array of shape (targets,)
        Mean and standard deviation (pA), sd >= 0.
    tau : float
        Time constant (ms), > 0.

    Examples
    --------
    >>> import spikesim as ss
    >>> net = ss.Network(seed=1)
    >>> cells = net.population("cells", 10, ss.LIF())
    >>> _ = net.inject(cells, ss.OrnsteinUhlenbeck(mean=300.0, sd=100.0, tau=5.0))
    >>> net.record(cells, "v")
    >>> net.run(50.0, progress=False).traces["cells"]["v"].values.shape
    (500, 10)
    """

    mean: Any
    sd: Any
    tau: float

    piecewise_constant = True
    per_target = ("mean", "sd")

    def __post_init__(self) -> None:
        self._check_amplitudes(sd=0.0)
        self._set(tau=checked.number(self._at("tau"), self.tau, above=0.0))

    def value(self, t: np.ndarray) -> np.ndarray:
        """Return the mean (pA) at the times `t` (ms): what chance adds is not known before."""
        ones = np.ones(as_numbers("value: t", t).shape)
        return ones[:, None] * np.broadcast_to(self.mean, (self.targets,)) if self.targets else ones * self.mean


@named
@dataclass(frozen=True, eq=False)
class WhiteNoise(Stimulus):
    """White noise: a current whose charge over any time t is normal with mean 0 and sd intensity sqrt(t).

    Whatever the step of the clock is, the noise is the same: the potential of a leaky neuron gets the variance
    (intensity / C_m)^2 tau_m / 2.  Exact for linear neurons.

    Parameters
    ----------
    intensity : float or array of shape (targets,)
        In pA sqrt(ms), >= 0.

    Examples
    --------
    >>> import spikesim as ss
    >>> net = ss.Network(seed=1)
    >>> cells = net.population("cells", 10, ss.LIF())
    >>> _ = net.inject(cells, ss.WhiteNoise(200.0))
    >>> net.record(cells, "v", every=10.0)
    >>> net.run(50.0, progress=False).traces["cells"]["v"].values.shape
    (5, 10)
    """

    intensity: Any

    piecewise_constant = True
    per_target = ("intensity",)

    def __post_init__(self) -> None:
        self._check_amplitudes(intensity=0.0)

    def value(self, t: np.ndarray) -> np.ndarray:
        """Return the mean, 0, at the times `t` (ms)."""
        shape = as_numbers("value: t", t).shape
        return np.zeros(shape if self.targets is None else (*shape, self.targets))


@dataclass(frozen=True, eq=False)
class Held(Stimulus):
    """A current that is set while a simulation runs and held until it is set again (`Simulation.step`)."""

    piecewise_constant = True

    def value(self, t: np.ndarray) -> np.ndarray:
        """Return 0: what it is at a time is known only then."""
        return np.zeros(as_numbers("value: t", t).shape)


def _within(window: DC | Sine, t: np.ndarray) -> np.ndarray:
    t = as_numbers("value: t", t)
    return (t >= window.start) & (t < window.stop)


def _ends(window: DC | Sine) -> np.ndarray:
    ends = np.array([window.start, window.stop])
    return ends[np.isfinite(ends)]
