"""Sources of spikes: lists, Poisson processes, and renewal processes that are drawn here.

`model` is what a source is from a time on, `change` when it is to be asked again: where single cells of a Poisson
source begin or end, or where the spikes that were drawn end.  Drawn spikes are a function of (seed, trial, population,
cell).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from pyNN.standardmodels import build_translations, cells

from ..errors import InvalidValueError
from ..neurons import Poisson, SpikeTimes
from . import simulator

__all__ = ["SpikeSourceArray", "SpikeSourceGamma", "SpikeSourcePoisson", "SpikeSourcePoissonRefractory"]

FIRST = 1000.0  # ms that are drawn at first


class Source:
    """What a source of this back end has beside PyNN's."""

    source = True
    states: dict[str, tuple[str, float]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        names = getattr(cls, "default_parameters", {})
        cls.translations = build_translations(*((name, name) for name in names))  # type: ignore[attr-defined]

    def model(self, p: Any, now: float, stream: tuple[int, ...]) -> Any:
        """Return the source from the time `now` (ms) on, of parameters of one value a cell."""
        raise NotImplementedError

    def change(self, p: Any, now: float) -> float:
        """Return the time (ms) after `now` up to which it is that."""
        return math.inf

    def sampled(self, variable: str) -> str | None:
        """Sources have no receptors."""
        return None


class SpikeSourceArray(Source, cells.SpikeSourceArray):
    __doc__ = cells.SpikeSourceArray.__doc__

    def model(self, p: Any, now: float, stream: tuple[int, ...]) -> Any:
        return SpikeTimes([times.value for times in p["spike_times"]])


class SpikeSourcePoisson(Source, cells.SpikeSourcePoisson):
    __doc__ = cells.SpikeSourcePoisson.__doc__

    def model(self, p: Any, now: float, stream: tuple[int, ...]) -> Any:
        start, stop = _windows(p)
        if np.all(start == start[0]) and np.all(stop == stop[0]):
            return Poisson(p["rate"], float(start[0]), float(stop[0])) if start[0] < stop[0] else Poisson(0.0)
        return Poisson(np.where((start <= now) & (now < stop), p["rate"], 0.0))

    def change(self, p: Any, now: float) -> float:
        start, stop = _windows(p)
        if np.all(start == start[0]) and np.all(stop == stop[0]):
            return math.inf
        edges = np.concatenate([start, stop])
        return float(edges[edges > now].min(initial=math.inf))


class Drawn(Source):
    """A source whose intervals are drawn here."""

    def intervals(self, p: Any, cell: int) -> tuple[float, Callable[[np.random.Generator, int], np.ndarray]]:
        """Return the mean interval (ms) of a cell, and what draws n of them."""
        raise NotImplementedError

    def model(self, p: Any, now: float, stream: tuple[int, ...]) -> Any:
        start, stop = _windows(p)
        until = self.change(p, now)
        trains = []
        for cell, (begin, end) in enumerate(zip(start, np.minimum(stop, until))):
            mean, draw = self.intervals(p, cell)
            if not (begin < end and math.isfinite(mean)):
                trains.append(np.zeros(0))
                continue
            n, times = 16 + int(1.2 * (end - begin) / mean), np.zeros(0)
            while not times.size or times[-1] < end:  # the first of more intervals are those of fewer
                times = begin + np.cumsum(draw(np.random.default_rng((*stream, cell)), n))
                n *= 2
            trains.append(times[times < end])
        return SpikeTimes(trains)

    def change(self, p: Any, now: float) -> float:
        """Return the next of 1, 2, 4 ... s."""
        return FIRST * 2.0 ** max(0, math.floor(math.log2(max(now, 1e-9) / FIRST)) + 1)


class SpikeSourceGamma(Drawn, cells.SpikeSourceGamma):
    __doc__ = cells.SpikeSourceGamma.__doc__

    def intervals(self, p: Any, cell: int) -> Any:
        alpha, beta = float(p["alpha"][cell]), float(p["beta"][cell])
        if not (alpha > 0.0 and beta >= 0.0):
            raise InvalidValueError(f"SpikeSourceGamma: alpha must be > 0 and beta >= 0, got {alpha:g} and {beta:g}")
        scale = 1000.0 / beta if beta else math.inf
        return alpha * scale, lambda rng, n: scale * rng.standard_gamma(alpha, n)


class SpikeSourcePoissonRefractory(Drawn, cells.SpikeSourcePoissonRefractory):
    __doc__ = cells.SpikeSourcePoissonRefractory.__doc__

    def intervals(self, p: Any, cell: int) -> Any:
        rate, dead = float(p["rate"][cell]), float(p["tau_refrac"][cell])
        mean = 1000.0 / rate if rate else math.inf
        if not (rate >= 0.0 and 0.0 <= dead < mean):
            raise InvalidValueError(
                f"SpikeSourcePoissonRefractory: rate must be >= 0 and tau_refrac from 0 to the mean interval, "
                f"{mean:g} ms, got {rate:g} Hz and {dead:g} ms"
            )
        return mean, lambda rng, n: dead + (mean - dead) * rng.standard_exponential(n)


def _windows(p: Any) -> tuple[np.ndarray, np.ndarray]:
    """From when to when each cell fires (ms), on the grid."""
    start = simulator.state.rounded(p["start"])
    stop = simulator.state.rounded(np.asarray(p["start"], np.float64) + p["duration"])
    return start, stop
