"""Where two recordings differ first: the spike, the sample."""

from __future__ import annotations

import numpy as np

from ..trains import SpikeTrains
from .result import Result

__all__ = ["first_difference"]


def first_difference(a: Result, b: Result) -> str | None:
    """Return in words the first thing that differs between two results, bit by bit; None where nothing does.

    Spikes are compared in order of time over all populations, and what was kept with them, then samples.

    Parameters
    ----------
    a, b : Result

    Returns
    -------
    str or None

    Examples
    --------
    >>> import spikesim as ss
    >>> from spikesim.record.difference import first_difference
    >>> net = ss.Network(seed=1)
    >>> cells = net.population("cells", 3, ss.LIF(I_e=500.0))
    >>> net.record(cells, "spikes")
    >>> first_difference(net.run(50.0), net.run(50.0)) is None
    True
    >>> first_difference(net.run(50.0), net.run(40.0))
    'they cover 0 ... 50 ms and 0 ... 40 ms'
    """
    if (a.start, a.stop) != (b.start, b.stop):
        return f"they cover {a.start:g} ... {a.stop:g} ms and {b.start:g} ... {b.stop:g} ms"
    for what, mine, theirs in (
        ("recorded spikes", set(a.spikes), set(b.spikes)),
        ("recorded variables", _variables(a), _variables(b)),
        ("states kept with spikes", _kept(a), _kept(b)),
    ):
        if mine != theirs:
            return f"{what}: only in one of them: {', '.join(map(str, sorted(mine ^ theirs, key=str)))}"
    found = [where for name in sorted(a.spikes) if (where := _spike(name, a.spikes[name], b.spikes[name]))]
    if found:
        return min(found)[1]
    samples = []
    for population, variable in sorted(_variables(a)):
        one, other = a.traces[population][variable], b.traces[population][variable]
        if one.values.shape != other.values.shape:
            return f"{variable} of {population!r}: samples of shape {one.values.shape} and {other.values.shape}"
        differ = np.argwhere(~((one.values == other.values) | (np.isnan(one.values) & np.isnan(other.values))))
        if len(differ):
            row, column = (int(k) for k in differ[0])
            values = f"{float(one.values[row, column])!r} and {float(other.values[row, column])!r}"
            at = float(one.times[row])
            samples.append((at, f"{variable} of neuron {one.ids[column]} of {population!r} at {at:.12g} ms: {values}"))
    return min(samples)[1] if samples else None


def _variables(result: Result) -> set[tuple[str, str]]:
    return {(population, variable) for population in result.traces for variable in result.traces[population]}


def _kept(result: Result) -> set[tuple[str, str]]:
    return {(population, state) for population, train in result.spikes.items() for state in train.at_spike}


def _kept_spike(name: str, a: SpikeTrains, b: SpikeTrains) -> tuple[float, str] | None:
    """Of the same spikes, which one differs first in a state that was kept with it."""
    found = []
    for state, mine in a.at_spike.items():
        theirs = b.at_spike[state]
        for k in np.flatnonzero(~((mine == theirs) | (np.isnan(mine) & np.isnan(theirs))))[:1]:
            at = float(a.times[k])
            said = f"{state} at spike {k} of {name!r}, neuron {a.ids[k]} at {at:.12g} ms"
            found.append((at, f"{said}: {float(mine[k])!r} and {float(theirs[k])!r}"))
    return min(found, default=None)


def _spike(name: str, a: SpikeTrains, b: SpikeTrains) -> tuple[float, str] | None:
    """When the spikes of a population differ first, and how."""
    n = min(a.times.size, b.times.size)
    differ = np.flatnonzero((a.times[:n] != b.times[:n]) | (a.ids[:n] != b.ids[:n]))
    k = int(differ[0]) if differ.size else n
    if k == n and a.times.size == b.times.size:
        return _kept_spike(name, a, b)

    def said(train: SpikeTrains) -> str:
        return f"neuron {train.ids[k]} at {train.times[k]:.12g} ms" if k < train.times.size else "no more"

    at = min(float(train.times[k]) for train in (a, b) if k < train.times.size)
    return at, f"spike {k} of {name!r}: {said(a)} and {said(b)} ({a.times.size} and {b.times.size} spikes)"
