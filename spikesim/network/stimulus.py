"""Currents from electrodes, in pA, as functions of time t in ms.

========================================== =============================================================================
``DC(amplitude, start, stop)``             I = amplitude on [start, stop)
``Steps(times, amplitudes)``               I = amplitudes[k] from times[k] on; 0 before times[0]
``Waveform(times, values)``                linear between the samples; 0 before the first, the last one held after it
``Sine(amplitude, frequency, phase, ...)`` I = offset + amplitude sin(2 pi frequency (t - start)/1000 + phase) on
                                           [start, stop)
``Noise(mean, sd, dt)``                    I = mean + sd xi, a new standard normal xi for every neuron and every dt
========================================== =============================================================================

All are right-continuous: what begins at t already holds at t.  Amplitudes are one for all targets or one a target.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from ..errors import InvalidValueError
from ..grid import Grid
from . import checked

__all__ = ["DC", "Noise", "Sine", "Steps", "Stimulus", "Waveform"]


class Stimulus:
    """A current that is injected: what the compiler and the engines ask of it."""

    piecewise_constant: ClassVar[bool] = False  #: whether the current is constant between `breaks`

    @property
    def targets(self) -> int | None:
        """For how many neurons amplitudes are listed; None: one for all."""
        return None

    def value(self, t: np.ndarray) -> np.ndarray:
        """Return the current (pA) at the times `t` (ms, float64 (T,)), shape (T,) or (T, targets)."""
        raise NotImplementedError

    def breaks(self) -> np.ndarray:
        """Return the times (ms, ascending) where the value or its slope jumps."""
        return np.empty(0)

    def on_grid(self, grid: Grid, where: str) -> None:
        """Raise :class:`InvalidValueError` when the current jumps between two steps of the grid."""
        for k, time in enumerate(self.breaks().tolist()):
            grid.steps(time, f"{where}: {type(self).__name__} changes at (index {k})")

    def _set(self, **fields: Any) -> None:
        for name, value in fields.items():
            object.__setattr__(self, name, value)

    def _at(self, name: str) -> str:
        return f"{type(self).__name__}: {name}"

    def _amplitudes(self, *names: str, **bounds: Any) -> None:
        """Check parameters that are one for all targets or one a target."""
        for name in names:
            self._set(**{name: checked.values(self._at(name), getattr(self, name), **bounds)})

    def _listed(self, *names: str) -> int | None:
        lengths = {name: getattr(self, name).shape[-1] for name in names if np.ndim(getattr(self, name))}
        if len(set(lengths.values())) > 1:
            text = ", ".join(f"{name} {length}" for name, length in lengths.items())
            raise InvalidValueError(f"{type(self).__name__}: lists must be of one length, one value a target; got {text}")
        return next(iter(lengths.values()), None)

    def _window(self) -> None:
        start = checked.number(self._at("start"), self.start, unit="ms", least=0.0)  # type: ignore[attr-defined]
        stop = checked.number(self._at("stop"), self.stop, unit="ms", infinite=True)  # type: ignore[attr-defined]
        if not start < stop:
            raise InvalidValueError(f"{self._at('stop')} must be after start, got start = {start!r} and stop = {stop!r} ms")
        self._set(start=start, stop=stop)

    def _ends(self) -> np.ndarray:
        ends = np.array([self.start, self.stop])  # type: ignore[attr-defined]
        return ends[np.isfinite(ends)]

    def _series(self, times: str, rows: str) -> None:
        """Check ascending times and one row of values a time: (K,) or (K, targets)."""
        t = np.atleast_1d(checked.values(self._at(times), getattr(self, times), least=0.0))
        if t.size == 0:
            raise InvalidValueError(f"{self._at(times)} must hold at least one time, got none")
        back = np.flatnonzero(np.diff(t) <= 0)
        if back.size:
            k = int(back[0])
            raise InvalidValueError(
                f"{self._at(times)} must ascend, got {t[k + 1]!r} after {t[k]!r} ms at index {k + 1} ({back.size} such places); "
                "sort times and values together"
            )
        x = np.atleast_1d(checked.table(self._at(rows), getattr(self, rows)))
        if x.ndim > 2:
            raise InvalidValueError(f"{self._at(rows)}: wanted shape (times,) or (times, targets), got {x.shape}")
        if len(x) != t.size:
            raise InvalidValueError(f"{self._at(rows)} must have one entry for each of the {t.size} times, got shape {x.shape}")
        t.setflags(write=False)
        self._set(**{times: t, rows: x})


def _column(x: Any, t: np.ndarray) -> Any:
    """Shape of `t` against an amplitude: (T,) for a number, (T, 1) for a list."""
    return t[:, None] if np.ndim(x) else t


@dataclass(frozen=True, eq=False)
class DC(Stimulus):
    """A constant current (pA) from `start` to `stop` (ms)."""

    amplitude: Any
    start: float = 0.0
    stop: float = math.inf
    piecewise_constant = True

    def __post_init__(self) -> None:
        self._amplitudes("amplitude")
        self._window()

    @property
    def targets(self) -> int | None:
        """For how many neurons amplitudes are listed; None: one for all."""
        return self._listed("amplitude")

    def value(self, t: np.ndarray) -> np.ndarray:
        """Return the current (pA) at the times `t` (ms)."""
        t = _column(self.amplitude, np.asarray(t, np.float64))
        return np.where((t >= self.start) & (t < self.stop), self.amplitude, 0.0)

    def breaks(self) -> np.ndarray:
        """Return `start` and `stop`."""
        return self._ends()


@dataclass(frozen=True, eq=False)
class Steps(Stimulus):
    """Currents (pA) that hold from each of the `times` (ms, ascending) to the next; 0 before, the last one stays.

    `amplitudes` is one a time, shape (K,), or one a time and target, shape (K, targets).
    """

    times: Any
    amplitudes: Any
    piecewise_constant = True

    def __post_init__(self) -> None:
        self._series("times", "amplitudes")

    @property
    def targets(self) -> int | None:
        """For how many neurons amplitudes are listed; None: one for all."""
        return self.amplitudes.shape[1] if self.amplitudes.ndim == 2 else None

    def value(self, t: np.ndarray) -> np.ndarray:
        """Return the current (pA) at the times `t` (ms)."""
        padded = np.concatenate([np.zeros_like(self.amplitudes[:1]), self.amplitudes])
        return padded[np.searchsorted(self.times, np.asarray(t, np.float64), side="right")]

    def breaks(self) -> np.ndarray:
        """Return `times`."""
        return self.times


@dataclass(frozen=True, eq=False)
class Waveform(Stimulus):
    """A sampled current: linear between `values` (pA) at `times` (ms, ascending); 0 before, the last value stays.

    `values` is one a time, shape (K,), or one a time and target, shape (K, targets).
    """

    times: Any
    values: Any

    def __post_init__(self) -> None:
        self._series("times", "values")

    @property
    def targets(self) -> int | None:
        """For how many neurons values are listed; None: one for all."""
        return self.values.shape[1] if self.values.ndim == 2 else None

    def value(self, t: np.ndarray) -> np.ndarray:
        """Return the current (pA) at the times `t` (ms)."""
        t = np.asarray(t, np.float64)
        if self.values.ndim == 1:
            return np.interp(t, self.times, self.values, left=0.0)
        return np.stack([np.interp(t, self.times, column, left=0.0) for column in self.values.T], axis=1)

    def breaks(self) -> np.ndarray:
        """Return `times`."""
        return self.times

    def on_grid(self, grid: Grid, where: str) -> None:
        """Accept any times: between samples the line is taken where the grid asks for it."""


@dataclass(frozen=True, eq=False)
class Sine(Stimulus):
    """A sine of `amplitude` (pA) around `offset` (pA), `frequency` (Hz), `phase` (rad) at `start`; each one a target or for all."""

    amplitude: Any
    frequency: Any
    phase: Any = 0.0
    offset: Any = 0.0
    start: float = 0.0
    stop: float = math.inf

    def __post_init__(self) -> None:
        self._amplitudes("amplitude", "phase", "offset")
        self._amplitudes("frequency", least=0.0)
        self._window()
        self._listed("amplitude", "frequency", "phase", "offset")

    @property
    def targets(self) -> int | None:
        """For how many neurons parameters are listed; None: one for all."""
        return self._listed("amplitude", "frequency", "phase", "offset")

    def value(self, t: np.ndarray) -> np.ndarray:
        """Return the current (pA) at the times `t` (ms)."""
        t = np.asarray(t, np.float64)
        t = t if self.targets is None else t[:, None]
        wave = np.sin(2.0 * math.pi * np.asarray(self.frequency) * (t - self.start) / 1000.0 + self.phase)
        return np.where((t >= self.start) & (t < self.stop), self.offset + self.amplitude * wave, 0.0)

    def breaks(self) -> np.ndarray:
        """Return `start` and `stop`."""
        return self._ends()


@dataclass(frozen=True, eq=False)
class Noise(Stimulus):
    """White noise of `mean` and standard deviation `sd` (pA), drawn anew every `dt` (ms) for every neuron.

    The engine draws it from the network's seed: in the interval [k dt, (k + 1) dt) the current of a neuron is
    mean + sd xi_k.  The variance it causes in a membrane grows with `dt`, which therefore is a parameter of the noise.
    """

    mean: Any
    sd: Any
    dt: float = 1.0
    piecewise_constant = True

    def __post_init__(self) -> None:
        self._amplitudes("mean")
        self._amplitudes("sd", least=0.0)
        self._set(dt=checked.number(self._at("dt"), self.dt, unit="ms", above=0.0))
        self._listed("mean", "sd")

    @property
    def targets(self) -> int | None:
        """For how many neurons parameters are listed; None: one for all."""
        return self._listed("mean", "sd")

    def on_grid(self, grid: Grid, where: str) -> None:
        """Raise :class:`InvalidValueError` when the interval of the noise is no multiple of the step."""
        grid.steps(self.dt, f"{where}: Noise dt", least=1)
