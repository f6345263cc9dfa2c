"""Two runs beside each other: where they part, and how far apart they are.

Spikes are matched neuron by neuron, the k-th of one with the k-th of the other, so that a swap of two
simultaneous spikes is no difference.  The runs part at the earliest spike that has no counterpart within the
tolerance.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..errors import InvalidValueError
from ..keywords import named
from ..trains import SpikeTrains
from .distances import spike_distance, van_rossum, victor_purpura
from .recorded import trains_of

__all__ = ["Comparison", "Difference", "PopulationComparison", "compare"]


@dataclass(frozen=True)
class Difference:
    """The first spike at which two runs part.

    Parameters
    ----------
    population : str
        Its name.
    neuron : int
        Its id.
    index : int
        Which of its spikes, counted from 0.
    time_a, time_b : float
        When (ms) it is in either run; NaN: there is no such spike.

    Examples
    --------
    >>> import spikesim as ss
    >>> a, b = (ss.SpikeTrains.from_lists([[10.0, last]], stop=50.0, name="cells") for last in (20.0, 21.0))
    >>> first = ss.compare(a, b).first
    >>> first.neuron, first.index, first.time
    (0, 1, 20.0)
    """

    population: str
    neuron: int  #: its id
    index: int  #: it is this neuron's spike number `index`, counted from 0
    time_a: float  #: ms; NaN: there is no such spike in a
    time_b: float  #: ms; NaN: there is no such spike in b

    @property
    def time(self) -> float:
        """The earlier of the two, ms."""
        return float(np.fmin(self.time_a, self.time_b))

    def __str__(self) -> str:
        a, b = ("no spike" if math.isnan(t) else f"{t:.12g} ms" for t in (self.time_a, self.time_b))
        return f"{self.population}, neuron {self.neuron}, spike {self.index}: {a} in a, {b} in b"


@dataclass(frozen=True)
class PopulationComparison:
    """Two recordings of one population."""

    name: str
    counts: tuple[int, int]  #: spikes in a and in b
    matched: int  #: spikes with a counterpart within the tolerance
    largest_shift: float  #: between matched spikes, ms
    first: Difference | None  #: None: no difference
    van_rossum: float  #: mean over neurons
    victor_purpura: float  #: mean over neurons
    spike: float  #: SPIKE-distance, mean over neurons


@dataclass(frozen=True, repr=False)
class Comparison:
    """What :func:`compare` found; prints as a table.

    Parameters
    ----------
    populations : mapping of str to PopulationComparison
        By name.
    tolerance : float
        Spikes this close (ms) counted as the same.
    tau : float
        Time constant (ms) of the van Rossum distance.
    cost : float
        Of moving a spike (1/ms) in the Victor-Purpura distance.
    only_a, only_b : tuple of str
        Populations that the other run does not have.
    traces : mapping of (str, str) to float
        Largest difference of a variable of a population, where it was recorded at the same times.

    Examples
    --------
    >>> import spikesim as ss
    >>> a = ss.SpikeTrains.from_lists([[10.0, 20.0]], stop=50.0)
    >>> ss.compare(a, a).identical
    True
    """

    populations: Mapping[str, PopulationComparison]
    tolerance: float  #: ms
    tau: float  #: of van Rossum, ms
    cost: float  #: of Victor and Purpura, 1/ms
    only_a: tuple[str, ...] = ()  #: populations that b has not
    only_b: tuple[str, ...] = ()
    traces: Mapping[tuple[str, str], float] = field(default_factory=dict)  #: largest difference, where times are equal

    @property
    def first(self) -> Difference | None:
        """The earliest difference of all; None: there is none."""
        found = [p.first for p in self.populations.values() if p.first is not None]
        return min(found, key=lambda d: (d.time, d.population, d.neuron)) if found else None

    @property
    def identical(self) -> bool:
        """Whether the same populations fired the same spikes, within the tolerance."""
        return self.first is None and not self.only_a and not self.only_b

    def __repr__(self) -> str:
        within = f" within {self.tolerance:g} ms" if self.tolerance else ""
        lines = [f"Same spikes{within}" if self.first is None else f"First difference{within}: {self.first}"]
        width = max([10, *map(len, self.populations)])
        rossum, purpura = f"van Rossum({self.tau:g} ms)", f"V.-Purpura({self.cost:g}/ms)"
        lines.append(
            f"{'population':{width}} {'spikes a':>10} {'spikes b':>10} {'matched':>10} {'max shift':>10} "
            f"{'parts at':>11} {rossum:>18} {purpura:>18} {'SPIKE':>9}"
        )
        for p in self.populations.values():
            parts = "never" if p.first is None else f"{p.first.time:.6g} ms"
            lines.append(
                f"{p.name:{width}} {p.counts[0]:>10} {p.counts[1]:>10} {p.matched:>10} "
                f"{p.largest_shift:>10.3g} {parts:>11} {p.van_rossum:>18.5g} "
                f"{p.victor_purpura:>18.5g} {p.spike:>9.4g}"
            )
        lines += [f"Only in {which}: {', '.join(n)}" for which, n in (("a", self.only_a), ("b", self.only_b)) if n]
        lines += [f"Trace {name}.{variable}: largest difference {d:.3g}" for (name, variable), d in self.traces.items()]
        return "\n".join(lines)


def _matched(a: SpikeTrains, b: SpikeTrains, name: str, tolerance: float) -> tuple[int, float, Difference | None]:
    """How many spikes have a counterpart, their largest shift, and the first that has none."""
    sides = []
    for trains in (a, b):
        order = np.argsort(trains.ids, kind="stable")
        ids = trains.ids[order]
        rank = np.arange(ids.size) - np.searchsorted(ids, ids)  # number of the spike within its neuron
        sides.append((ids, rank, trains.times[order]))
    # a key for (neuron, number), so that counterparts meet in one merge
    span = 1 + max([int(rank.max(initial=0)) for _, rank, _ in sides])
    keys_a, keys_b = (ids * span + rank for ids, rank, _ in sides)
    keys = np.union1d(keys_a, keys_b)
    times = np.full((2, keys.size), np.nan)
    times[0, np.searchsorted(keys, keys_a)] = sides[0][2]
    times[1, np.searchsorted(keys, keys_b)] = sides[1][2]
    shift = np.abs(times[0] - times[1])
    good = shift <= tolerance  # False for NaN
    largest = float(shift[good].max(initial=0.0))
    if good.all():
        return int(good.sum()), largest, None
    bad = np.flatnonzero(~good)
    at = bad[np.argmin(np.fmin(times[0, bad], times[1, bad]))]  # of equals the lowest id
    neuron, index = divmod(int(keys[at]), span)
    return int(good.sum()), largest, Difference(name, neuron, index, float(times[0, at]), float(times[1, at]))


def _population(
    a: SpikeTrains, b: SpikeTrains, name: str, tolerance: float, tau: float, cost: float
) -> PopulationComparison:
    start, stop = min(a.start, b.start), max(a.stop, b.stop)
    distances = [van_rossum(a, b, tau), victor_purpura(a, b, cost)]
    distances.append(spike_distance(a, b, start, stop) if start < stop else np.zeros(0))
    means = [float(d.mean()) if d.size else 0.0 for d in distances]
    return PopulationComparison(name, (len(a), len(b)), *_matched(a, b, name, tolerance), *means)


def _traces(a: Any, b: Any) -> dict[tuple[str, str], float]:
    """Largest differences of the traces that both have, at the same times of the same neurons."""
    found = {}
    for name, variables in getattr(a, "traces", {}).items():
        others = b.traces[name] if name in getattr(b, "traces", {}) else {}
        for variable, x in variables.items():
            if variable not in others:
                continue
            y = others[variable]
            if np.array_equal(x.times, y.times) and np.array_equal(x.ids, y.ids) and x.values.size:
                found[name, variable] = float(np.max(np.abs(np.asarray(x.values) - np.asarray(y.values))))
    return found


@named
def compare(a: Any, b: Any, *, tolerance: float = 0.0, tau: float = 10.0, cost: float = 0.1) -> Comparison:
    """Return where two runs part and how far apart their spikes are.

    Parameters
    ----------
    a, b : Result, SpikeTrains, or mapping of SpikeTrains
    tolerance : float
        Spikes of a neuron this close (ms) count as the same; 0: only equal ones.
    tau : float
        Time constant of the van Rossum distance, ms.
    cost : float
        Cost of moving a spike in the Victor-Purpura distance, 1/ms.

    Returns
    -------
    Comparison
        ``.identical``, ``.first``, ``.populations[name]``; prints as a table.

    Raises
    ------
    InvalidValueError
        If a population has another size, or other neurons were recorded of it.

    Examples
    --------
    >>> import spikesim as ss
    >>> a = ss.SpikeTrains.from_lists([[10.0, 20.0]], stop=50.0, name="cells")
    >>> b = ss.SpikeTrains.from_lists([[10.0, 21.0]], stop=50.0, name="cells")
    >>> found = ss.compare(a, b)
    >>> found.identical, found.first.time
    (False, 20.0)
    >>> ss.compare(a, b, tolerance=2.0).identical
    True
    """
    if not (tolerance >= 0.0 and math.isfinite(tolerance)):
        raise InvalidValueError(f"compare: tolerance must be >= 0 ms and finite, got {tolerance!r}")
    if isinstance(a, SpikeTrains) and isinstance(b, SpikeTrains):  # their names do not matter
        name = a.name or b.name or "spikes"
        left: Mapping[str, SpikeTrains] = {name: a}
        right: Mapping[str, SpikeTrains] = {name: b}
    else:
        left, right = trains_of(a, "compare: a"), trains_of(b, "compare: b")
    populations = {
        name: _population(left[name], right[name], name, tolerance, tau, cost) for name in left if name in right
    }
    return Comparison(
        populations,
        tolerance,
        tau,
        cost,
        only_a=tuple(name for name in left if name not in right),
        only_b=tuple(name for name in right if name not in left),
        traces=_traces(a, b),
    )
