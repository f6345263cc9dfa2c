"""Synapses found pair by pair: every pair has a random number of its own, and a law says what it has to stay below.

The number of source s and target t is u = unit(word(a, b, 2^32 t + s)).  A probability p makes the pair a synapse
where u < p.  With a degree k, the k sources with the smallest -log(u) / w are taken: k draws without replacement in
proportion to w (Efraimidis and Spirakis 2006, Inf. Process. Lett. 97:181); with multapses the j-th draw is where
unit(word(b, a, 2^32 t + j)) falls among the running sums of w.  So a pair depends on nothing but the seed, the name
and its two indices, and any worker finds the synapses of its own targets.

Sources stand in a grid of cells.  No pair of a cell can be more likely than the law's upper bound at the distance of
the cell (`law.bounds`), and most are turned down by comparing their word with that bound as an integer: distances
and laws are worked out, on whole arrays, for what is left.  Cells that the law cannot reach are not looked at.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from ..errors import InvalidValueError
from ..jit import compiled, part_of
from ..network.geometry import Geometry
from ..network.law import Law, evaluated
from ..network.projection import check_chances
from ..network.rule import ByPair
from ..random import unit, units, word

__all__ = ["found"]

#: Sources in a cell on average, and bins of distance in which a law is bounded.
CROWD, BINS = 32, 2048

#: Everybody is a candidate: no word, shifted to 52 bits, reaches it.
ALL_PAIRS = 2**63


class Cells(NamedTuple):
    """The sources in a grid of cells.

    ===== =================== ==========================================================
    first int64 (n_cells + 1) sources of cell c: member[first[c] : first[c + 1]]
    member int32 (n_pre,)
    shape int64 (3,)          cells along each axis
    low   float64 (3,)        corner of the grid (mm)
    side  float64 (3,)        of a cell
    period float64 (3,)       inf: open
    ===== =================== ==========================================================
    """

    first: np.ndarray
    member: np.ndarray
    shape: np.ndarray
    low: np.ndarray
    side: np.ndarray
    period: np.ndarray


def cells(places: Geometry, divided: bool) -> Cells:
    """Return the sources of a geometry in a grid of about CROWD in each cell, or all in one, in their order."""
    n = len(places.pre)
    low, high = (places.pre.min(0), places.pre.max(0)) if places.known and n else (np.zeros(3), np.zeros(3))
    span = high - low
    wide = (span > 0.0) & divided
    shape = np.ones(3, np.int64)
    if wide.any():
        edge = (span[wide].prod() * CROWD / n) ** (1.0 / wide.sum())
        shape[wide] = np.clip(np.floor(span[wide] / max(edge, 1e-300)), 1, 1024).astype(np.int64)
    side = np.where(wide, span / shape, 1.0)
    at = np.clip(np.floor((places.pre - low) / side), 0, shape - 1).astype(np.int64)
    cell = (at[:, 0] * shape[1] + at[:, 1]) * shape[2] + at[:, 2]
    member = np.argsort(cell, kind="stable").astype(np.int32)
    first = np.searchsorted(cell[member], np.arange(shape.prod() + 1))
    return Cells(first, member, shape, low, side, places.period)


@part_of
def gap(x, low, side, period):
    """The distance along one axis of x from [low, low + side], with or without a period."""
    delta = x - (low + 0.5 * side)
    if period < math.inf:
        delta -= period * np.rint(delta / period)
    return max(abs(delta) - 0.5 * side, 0.0)


@compiled
def near(cells, post, targets, start, limit, own, a, b, threshold, scale, out, many):
    """List candidates of targets[start], ... until there are `limit`; return how many targets are done.

    ========= ================= ====================================================================
    post      float64 (n, 3)    places of the targets (mm)
    targets   int64             which of them
    own       int64 (n,)        the source that a target leaves out, or -1
    threshold uint64 (BINS + 1) a pair at distance bin k or beyond is no synapse from this draw on
    scale     float64           bins a mm
    out       int32             written: the candidates of one target after the other, room for limit + n_pre
    many      int64             written: how many each target has
    ========= ================= ====================================================================
    """
    n, i = 0, start
    shape, last = cells.shape, threshold.size - 1
    while i < targets.size and n < limit:
        t = targets[i]
        before, index, mine = n, np.int64(t) << 32, own[t]
        for cx in range(shape[0]):
            x0 = cells.low[0] + cx * cells.side[0]
            gx = gap(post[t, 0], x0, cells.side[0], cells.period[0])
            if threshold[min(np.int64(gx * scale), last)] == 0:
                continue
            for cy in range(shape[1]):
                y0 = cells.low[1] + cy * cells.side[1]
                gy = gap(post[t, 1], y0, cells.side[1], cells.period[1])
                if threshold[min(np.int64(math.sqrt(gx * gx + gy * gy) * scale), last)] == 0:
                    continue
                for cz in range(shape[2]):
                    z0 = cells.low[2] + cz * cells.side[2]
                    gz = gap(post[t, 2], z0, cells.side[2], cells.period[2])
                    bound = threshold[min(np.int64(math.sqrt(gx * gx + gy * gy + gz * gz) * scale), last)]
                    if bound == 0:
                        continue
                    c = (cx * shape[1] + cy) * shape[2] + cz
                    for k in range(cells.first[c], cells.first[c + 1]):
                        s = np.int64(cells.member[k])
                        out[n] = s
                        n += 1 if s != mine and word(a, b, index + s) >> np.uint64(12) < bound else 0
        many[i] = n - before
        i += 1
    return i


@compiled
def kept(u, chance, indptr, source, out, many):
    """Keep, of the candidates of each target, the sources with u < chance; return how many there are."""
    n = 0
    for t in range(indptr.size - 1):
        before = n
        for k in range(indptr[t], indptr[t + 1]):
            out[n] = source[k]
            n += 1 if u[k] < chance[k] else 0
        many[t] = n - before
    return n


@compiled
def ascending(sources, many):
    """Sort the sources of each target."""
    n = 0
    for m in many:
        sources[n : n + m] = np.sort(sources[n : n + m])
        n += m


@compiled
def smallest(key, degree, indptr, source, out):
    """Write, of the candidates of each target, the `degree` sources with the smallest keys.

    Return the first target that has fewer finite ones, or -1.
    """
    n = 0
    for t in range(indptr.size - 1):
        lo, hi = indptr[t], indptr[t + 1]
        if degree == 0:
            continue
        if hi - lo < degree:
            return t
        largest = np.partition(key[lo:hi], degree - 1)[degree - 1]
        if not largest < math.inf:
            return t
        end = n + degree
        for k in range(lo, hi):
            if key[k] <= largest and n < end:
                out[n] = source[k]
                n += 1
    return -1


@compiled
def falling(a, b, targets, weight, degree, indptr, source, out):
    """Write `degree` independent draws of each target in proportion to weight; return a target without any, or -1."""
    for t in range(indptr.size - 1):
        lo, hi = indptr[t], indptr[t + 1]
        sums = np.cumsum(weight[lo:hi])
        if degree > 0 and (hi == lo or not sums[-1] > 0.0):
            return t
        for j in range(degree):
            u = unit(word(b, a, (np.int64(targets[t]) << 32) + j)) * sums[-1]
            at = np.searchsorted(sums, u, side="right")
            out[t * degree + j] = source[lo + min(at, hi - lo - 1)]
    return -1


def found(where: str, plan: ByPair, places: Geometry, targets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return (number of synapses of each target, their sources int32, ascending for each target).

    With ``plan.turned`` the sides are those of the turned projection already.

    Raises
    ------
    InvalidValueError, InvalidTypeError
        If the law gives no such numbers, or a target has fewer possible sources than its degree.
    """
    threshold, scale = _thresholds(plan.law, places, plan.degree is None)
    grid, (a, b) = cells(places, bool(np.any(threshold < ALL_PAIRS))), plan.stream
    n_pre, limit = len(places.pre), plan.block
    room, many = np.empty(limit + n_pre, np.int32), np.zeros(targets.size, np.int64)
    counts, sources = [np.zeros(0, np.int64)], [np.zeros(0, np.int32)]
    start = 0
    while start < targets.size:
        end = near(grid, places.post, targets, start, limit, plan.own, a, b, threshold, scale, room, many)
        counted = many[start:end].copy()
        one, who = _chosen(where, plan, places, targets[start:end], counted, room[: counted.sum()])
        counts.append(one)
        sources.append(who)
        start = end
    return np.concatenate(counts), np.concatenate(sources)


def _chosen(
    where: str, plan: ByPair, places: Geometry, targets: np.ndarray, many: np.ndarray, room: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """What is taken of the candidates of some targets."""
    if plan.degree is not None and not plan.distinct:
        ascending(room, many)  # running sums depend on no cells
    pre, post = room.astype(np.int64), np.repeat(targets, many)
    distance = places.distances(pre, post)
    what = f"{where}: {'probability' if plan.degree is None else 'kernel'}"
    one, other = (post, pre) if plan.turned else (pre, post)
    value = evaluated(what, plan.law, one, other, distance)
    check_chances(what, plan.law, value, one, other, distance, unbounded=plan.degree is not None)
    indptr = np.concatenate([[0], np.cumsum(many)])
    if plan.degree is None or plan.distinct:
        u = units(plan.stream, (post << 32) + pre)
    if plan.degree is None:
        out, number = np.empty(pre.size + 1, np.int32), np.empty(many.size, np.int64)
        out = out[: kept(u, value, indptr, room, out, number)]
        ascending(out, number)
        return number, out
    out = np.empty(many.size * plan.degree, np.int32)
    if plan.distinct:
        with np.errstate(divide="ignore"):
            bad = smallest(-np.log(u) / value, plan.degree, indptr, room, out)
    else:
        bad = falling(*plan.stream, targets, value, plan.degree, indptr, room, out)
    if bad >= 0:
        possible = int(np.count_nonzero(value[indptr[bad] : indptr[bad + 1]]))
        side, others = ("source", "targets") if plan.turned else ("target", "sources")
        _refuse_degree(where, plan, side, others, int(targets[bad]), possible)
    number = np.full(many.size, plan.degree, np.int64)
    ascending(out, number)
    return number, out


def _refuse_degree(where: str, plan: ByPair, side: str, others: str, neuron: int, possible: int) -> None:
    raise InvalidValueError(
        f"{where}: {side} {neuron} wants {plan.degree} {others}, but the kernel {plan.law!r} is above 0 for {possible} "
        "only; widen the kernel, lower k, or allow multapses"
    )


def _thresholds(law: Law, places: Geometry, chances: bool) -> tuple[np.ndarray, float]:
    """Return the draws from which on no pair at a distance of bin k, or farther, is a synapse; and bins a mm.

    A bin of slack on both sides, and one draw in 10^12, outweigh the rounding of distances and bounds.
    """
    longest = places.longest
    if not longest > 0.0:
        longest = 1.0
    edges = np.arange(BINS + 2) * (longest / BINS)
    edges[-1] = max(edges[-1], 2.0 * longest)
    high = law.bounds(edges[:-1], edges[1:])[1]
    high = np.where(np.isnan(high), np.inf, high)
    upper = np.maximum.accumulate(high[::-1])[::-1]
    upper = np.concatenate([upper[:1], upper[:-1]])  # a bin of slack
    if not chances:
        return np.where(upper > 0.0, np.uint64(ALL_PAIRS), np.uint64(0)), BINS / longest
    draws = np.ceil(np.clip(upper * (1.0 + 1e-12), 0.0, 1.0) * 2.0**52 - 0.5)  # (draw + 1/2) / 2^52 is u
    return np.where(upper >= 1.0, np.uint64(ALL_PAIRS), draws.astype(np.uint64)), BINS / longest
