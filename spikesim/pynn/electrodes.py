"""Current sources, in nA; times are rounded to the nearest step, as on PyNN's other back ends."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from pyNN.parameters import Sequence
from pyNN.standardmodels import StandardCurrentSource, build_translations, electrodes

from ..errors import InvalidTypeError, InvalidValueError
from ..network.electrode import Stimulus
from ..network.stimulus import DC, Sine, Steps
from ..units import nA
from . import simulator

__all__ = ["ACSource", "DCSource", "Electrodes", "NoisyCurrentSource", "StepCurrentSource"]


class Source(StandardCurrentSource):
    """A current source.

    Attributes
    ----------
    targets : list of (Population, int64 array)
        Into which cells it flows.
    """

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.translations = build_translations(*((name, name) for name in cls.default_parameters))

    def __init__(self, **parameters: Any) -> None:
        object.__setattr__(self, "values", {})
        self.targets: list[tuple[Any, np.ndarray]] = []
        self.recording = False
        #: What it was from which time on (ms).
        self.history: list[tuple[float, Stimulus | None]] = []
        super().__init__(**parameters)
        self.number = len(simulator.state.electrodes)
        space = self.native_parameters
        space.shape = (1,)
        self.set_native_parameters(space)
        simulator.state.electrodes.append(self)

    def get_parameters(self) -> dict[str, Any]:
        """Return the parameters as they are now: numbers, and arrays of times and amplitudes."""
        return dict(self.values)

    def set_native_parameters(self, parameters: Any) -> None:
        """Set parameters from now on."""
        parameters.evaluate(simplify=True)
        given = {name: _plain(value) for name, value in parameters.items()}
        self.values.update(self._clean({**self.values, **given}))
        stimulus = self._stimulus(self.values)
        now = simulator.state.t
        self.history = [*(entry for entry in self.history if entry[0] < now), (now, stimulus)]
        if simulator.state.built is not None:
            simulator.state.built.set_current(self)

    def _clean(self, values: dict[str, Any]) -> dict[str, Any]:
        return values

    def _stimulus(self, values: dict[str, Any]) -> Stimulus | None:
        """Return the current (pA); None where there is none."""
        raise NotImplementedError

    @property
    def stimulus(self) -> Stimulus:
        """The current now (pA)."""
        found = self.history[-1][1]
        return DC(0.0) if found is None else found

    def inject_into(self, cells: Any) -> None:
        """Let the current flow into cells: a population, a view, an assembly, or a list of cells."""
        rows: dict[Any, list[int]] = {}
        for cell in cells:
            if not cell.celltype.injectable:
                raise InvalidTypeError(
                    f"{type(self).__name__}: {cell.parent.label!r} is a source of spikes and takes no current"
                )
            rows.setdefault(cell.parent, []).append(cell.parent.id_to_index(cell))
        added = [(population, np.array(found, np.int64)) for population, found in rows.items()]
        self.targets += added
        if simulator.state.built is not None:
            simulator.state.built.inject_later(self, added)

    def record(self) -> None:
        """Let `get_data` return the current."""
        self.recording = True

    def _get_data(self) -> tuple[np.ndarray, np.ndarray]:
        state = simulator.state
        times = state.grid.times(np.arange(int(state.grid.nearest([state.t], least=0)[0][0]) + 1))
        found = np.zeros(times.size)
        for begin, stimulus in self.history:
            later = times >= begin
            found[later] = 0.0 if stimulus is None else stimulus.value(times[later]) / nA
        return times, found

    def _window(self, values: dict[str, Any]) -> tuple[float, float] | None:
        start, stop = simulator.state.rounded([values["start"], values["stop"]]).tolist()
        return (start, stop) if start < stop else None


class DCSource(Source, electrodes.DCSource):
    __doc__ = electrodes.DCSource.__doc__

    def _stimulus(self, values: dict[str, Any]) -> Stimulus | None:
        window = self._window(values)
        return DC(values["amplitude"] * nA, *window) if window else None


class ACSource(Source, electrodes.ACSource):
    __doc__ = electrodes.ACSource.__doc__

    def _stimulus(self, values: dict[str, Any]) -> Stimulus | None:
        window = self._window(values)
        if window is None:
            return None
        return Sine(
            values["amplitude"] * nA,
            values["frequency"],
            phase=math.radians(values["phase"]),
            offset=values["offset"] * nA,
            start=window[0],
            stop=window[1],
        )


class StepCurrentSource(Source, electrodes.StepCurrentSource):
    __doc__ = electrodes.StepCurrentSource.__doc__

    def _clean(self, values: dict[str, Any]) -> dict[str, Any]:
        times, amplitudes = np.atleast_1d(values["times"]), np.atleast_1d(values["amplitudes"])
        if times.shape != amplitudes.shape:
            raise InvalidValueError(f"StepCurrentSource: {times.size} times, but {amplitudes.size} amplitudes")
        if np.any(times < 0.0) or np.any(np.diff(times) <= 0.0):
            raise InvalidValueError(f"StepCurrentSource: times must be >= 0 and ascend, got {times!r:.80}")
        rounded = simulator.state.rounded(times)
        last = np.append(rounded[1:] != rounded[:-1], True)[: times.size]  # of those that fall into one step
        return {**values, "times": rounded[last], "amplitudes": amplitudes[last]}

    def _stimulus(self, values: dict[str, Any]) -> Stimulus | None:
        return Steps(values["times"], values["amplitudes"] * nA) if values["times"].size else None


class NoisyCurrentSource(Source, electrodes.NoisyCurrentSource):
    __doc__ = electrodes.NoisyCurrentSource.__doc__

    def _stimulus(self, values: dict[str, Any]) -> Stimulus | None:
        window, state = self._window(values), simulator.state
        interval = state.rounded(values["dt"])
        if not math.isclose(interval, values["dt"], rel_tol=1e-9):
            raise InvalidValueError(
                f"NoisyCurrentSource: dt = {values['dt']!r} ms is no multiple of the step, {state.dt:g} ms"
            )
        seed = (state.seed, state.trial, self.number)
        return Noisy(values["mean"] * nA, values["stdev"] * nA, interval, *window, seed) if window else None


def _plain(value: Any) -> Any:
    return np.asarray(value.value, np.float64) if isinstance(value, Sequence) else float(value)


@dataclass(frozen=True, eq=False)
class Noisy(Stimulus):
    """A current that is drawn anew every `interval`, the same for all cells: mean + sd times a standard normal."""

    mean: float
    sd: float
    interval: float
    start: float
    stop: float
    seed: tuple[int, ...]
    _drawn: list[np.ndarray] = field(default_factory=lambda: [np.zeros(0)], init=False, repr=False)

    def value(self, t: np.ndarray) -> np.ndarray:
        """Return the current (pA) at the times `t` (ms)."""
        t = np.asarray(t, np.float64)
        within = (t >= self.start) & (t < self.stop)
        k = np.where(within, np.floor((t - self.start) / self.interval + 1e-6), 0.0).astype(np.int64)
        most = int(k.max(initial=0)) + 1
        if self._drawn[0].size < most:  # the first numbers of a longer series are those of a shorter one
            self._drawn[0] = np.random.default_rng(self.seed).standard_normal(2 * most)
        return within * (self.mean + self.sd * self._drawn[0][k])

    def breaks(self) -> np.ndarray:
        """Return `start` and, if it is finite, `stop`."""
        return np.array([self.start, self.stop] if math.isfinite(self.stop) else [self.start])


@dataclass(frozen=True, eq=False)
class Electrodes(Stimulus):
    """The sum of currents that were injected after the network had begun to run: each into some cells of `size`."""

    parts: tuple[tuple[Stimulus, np.ndarray], ...]
    size: int

    @property
    def piecewise_constant(self) -> bool:  # type: ignore[override]
        """Whether all are."""
        return all(stimulus.piecewise_constant for stimulus, _ in self.parts)

    @property
    def targets(self) -> int | None:
        """All cells."""
        return self.size

    def value(self, t: np.ndarray) -> np.ndarray:
        """Return the currents (pA) at the times `t` (ms), (T, cells)."""
        found = np.zeros((np.size(t), self.size))
        for stimulus, rows in self.parts:
            found += np.asarray(stimulus.value(t))[:, None] * np.bincount(rows, minlength=self.size)
        return found

    def breaks(self) -> np.ndarray:
        """Return the breaks of all."""
        return np.unique(np.concatenate([stimulus.breaks() for stimulus, _ in self.parts]))
