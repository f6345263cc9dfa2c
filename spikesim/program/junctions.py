"""Gap junctions made concrete: who is coupled with whom, and by what.

A pair of neurons that a rule names from both sides, (i, j) and (j, i), has one junction: that of the order of the two
groups, lower id first.  A rule that draws every pair on its own (a probability) draws it once.  A pair that is named
several times from one side has as many junctions, whose conductances add up; nobody is coupled with himself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..errors import InvalidValueError
from ..network.coupling import Coupling
from ..network.law import Law
from ..network.projection import between
from ..network.rules import FixedProbability
from .wiring import Wiring

if TYPE_CHECKING:
    from .program import Program

__all__ = ["Junctions", "junctions"]


class Junctions(NamedTuple):
    """All gap junctions of a network, from both ends.

    =========== ===================== ==================================================
    ptr         int64 (neurons + 1,)  those of neuron gid: ptr[gid] ... ptr[gid + 1] - 1
    other       int64 (2 junctions,)  with whom, ascending
    conductance float64               nS
    =========== ===================== ==================================================
    """

    ptr: np.ndarray
    other: np.ndarray
    conductance: np.ndarray


def junctions(program: Program) -> Junctions | None:
    """Return the gap junctions of a program, if there are any described."""
    if not program.net.couplings:
        return None
    found = [_pairs(program, one) for one in sorted(program.net.couplings, key=lambda c: c.name)]
    low, high, g = (np.concatenate(column) for column in zip(*found))
    i, j, both = np.concatenate((low, high)), np.concatenate((high, low)), np.concatenate((g, g))
    order = np.lexsort((j, i))
    return Junctions(np.searchsorted(i[order], np.arange(program.n + 1)), j[order], both[order])


def _pairs(program: Program, coupling: Coupling) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Lower gid, higher gid, conductance of every junction, by pair."""
    where, rule = f"gap junctions {coupling.name!r}", coupling.rule
    a, b = program.ids(coupling.a), program.ids(coupling.b)
    places = between(where, coupling.a, coupling.b, rule, coupling.conductance, None)
    wiring = Wiring(where, rule, a, b, coupling.conductance, program.grid.dt, program.grid, program.seed, places)
    pre, post, g, _ = wiring.edges()
    i, j = a[pre], b[post]
    bad = np.flatnonzero(~(g >= 0.0) | ~np.isfinite(g))
    if bad.size:
        raise InvalidValueError(
            f"{where}: conductance (nS) must be >= 0, got {g[bad[0]]:g} between {pre[bad[0]]} and {post[bad[0]]}"
        )
    low, high, turned = np.minimum(i, j), np.maximum(i, j), i > j
    kept = low != high
    if isinstance(rule, (FixedProbability, Law)):  # of what could be named from both sides one was asked
        twice = np.isin(i, b) & np.isin(j, a)
        kept &= ~(turned & twice)
    low, high, turned, g = low[kept], high[kept], turned[kept], g[kept]
    order = np.lexsort((g, turned, high, low))
    low, high, turned, g = low[order], high[order], turned[order], g[order]
    pair = np.cumsum((np.diff(low, prepend=-1) != 0) | (np.diff(high, prepend=-1) != 0)) - 1
    ways = np.zeros((pair[-1] + 1 if pair.size else 0, 2))
    np.add.at(ways, (pair, turned.astype(np.int64)), g)
    named = np.zeros(ways.shape, bool)
    named[pair, turned.astype(np.int64)] = True
    if rule.weights is not None or isinstance(coupling.conductance, np.ndarray):
        differ = np.flatnonzero(named.all(axis=1) & (ways[:, 0] != ways[:, 1]))
        if differ.size:
            first = np.flatnonzero(pair == differ[0])[0]
            raise InvalidValueError(
                f"{where}: a junction has one conductance, got {ways[differ[0], 0]:g} and {ways[differ[0], 1]:g} nS "
                f"between the neurons {low[first]} and {high[first]} of the network ({differ.size} such pairs); give a "
                "symmetric matrix, or each pair once"
            )
    first = np.searchsorted(pair, np.arange(len(ways)))
    return low[first], high[first], np.where(named[:, 0], ways[:, 0], ways[:, 1])
