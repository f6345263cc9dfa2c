"""Synapses made straight into their final place, sorted by source and delay, without a list of edges.

A rule is known here as a :class:`Recipe`: it names the sources of target t as a pure function of (stream, t), so any
worker can build the synapses of its own targets.  Three passes:

1. `count`:   synapses of each source (only the sources are drawn);
2. `place`:   each synapse to the segment of its source: target column, delay slot, weight;
3. `arrange`: the segment of each source sorted by delay, in cache, stable: (wiring, target, j) stays the order.

The j-th synapse of target t has index i = 2^32 t + j in every stream.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from ..jit import compiled
from ..random import quantile, unit, word

__all__ = [
    "ALL", "DISTINCT", "INDEPENDENT", "LISTED", "ONE", "SKIPS", "Delays", "Recipe", "Weights", "arrange", "by_target",
    "count", "place", "quantiles", "segments", "slots_of", "sources", "weights_of",
]  # fmt: skip

#: Kinds of recipe: every source; the one of equal index; a stored list; each with probability p; `degree` independent
#: draws; `degree` distinct ones.
ALL, ONE, LISTED, SKIPS, INDEPENDENT, DISTINCT = range(6)


class Recipe(NamedTuple):
    """How the sources of a target are found.

    ======== ================= ====================================================================
    kind     int               one of ALL ... DISTINCT
    n_pre    int               number of possible sources
    a, b     uint64            stream of the draws
    log_q    float             log(1 - p) of SKIPS
    own      int64 (n_post,)   the source to leave out (the target itself), or -1
    degree   int64 (n_post,)   synapses a target, of INDEPENDENT and DISTINCT
    indptr   int64 (n_post+1,) where the list of a target starts, of LISTED and of listed values
    listed   int32 (n,)        the sources of LISTED
    ======== ================= ====================================================================
    """

    kind: int
    n_pre: int
    a: np.uint64
    b: np.uint64
    log_q: float
    own: np.ndarray
    degree: np.ndarray
    indptr: np.ndarray
    listed: np.ndarray


class Delays(NamedTuple):
    """How delays are found, as slots: positions in the sorted table of delays of the bundle.

    ========== ================ ===================================================================================
    kind       int              0 one slot for all, 1 drawn, 2 listed
    first      int              the slot, or the slot of the shortest delay that can be drawn
    a, b       uint64           stream of the draws
    thresholds uint64 (n + 1,)  a draw m = word >> 12 lies `first` + (number of thresholds <= m); the last is beyond all
    guide      int32 (4096,)    number of thresholds <= g 2^40: where the search starts for m >> 40 = g
    listed     int32 (n,)       slots in the order of `Recipe.indptr`
    ========== ================ ===================================================================================
    """

    kind: int
    first: int
    a: np.uint64
    b: np.uint64
    thresholds: np.ndarray
    guide: np.ndarray
    listed: np.ndarray


class Weights(NamedTuple):
    """How weights are found: kind 0 none stored, 1 drawn from `law` with stream (a, b), 2 listed as by `Recipe.indptr`."""

    kind: int
    a: np.uint64
    b: np.uint64
    law: np.ndarray
    listed: np.ndarray


@compiled
def below(w, n):  # type: ignore[no-untyped-def]
    """An integer in [0, n), n < 2^32, from a 64-bit word: floor(w n / 2^64) (Lemire 2019; bias < n 2^-64)."""
    n = np.uint64(n)
    high = (w >> np.uint64(32)) * n
    low = ((w & np.uint64(0xFFFFFFFF)) * n) >> np.uint64(32)
    return np.int64((high + low) >> np.uint64(32))


@compiled
def sources(recipe, t, mark, out):  # type: ignore[no-untyped-def]
    """Write the sources of target t to `out` (int64) and return how many; `mark` uint8 (n_pre,) is zero before and after."""
    kind, own = recipe.kind, recipe.own[t]
    n = recipe.n_pre - (1 if own >= 0 else 0)
    index = np.int64(t) << 32
    m = 0
    if kind == LISTED:
        start = recipe.indptr[t]
        m = recipe.indptr[t + 1] - start
        for j in range(m):
            out[j] = recipe.listed[start + j]
    elif kind == ONE:
        m = 1
        out[0] = t
    elif kind == ALL:
        m = n
        for j in range(n):
            out[j] = j
    elif kind == INDEPENDENT:
        m = recipe.degree[t]
        for j in range(m):
            out[j] = below(word(recipe.a, recipe.b, index + j), n)
    elif kind == SKIPS:  # gaps between hits are geometric: floor(log u / log(1 - p)) misses come first
        s = math.log(unit(word(recipe.a, recipe.b, index))) / recipe.log_q
        while s < n - (out[m - 1] + 1 if m else 0):
            out[m] = (out[m - 1] + 1 if m else 0) + np.int64(s)
            m += 1
            s = math.log(unit(word(recipe.a, recipe.b, index + m))) / recipe.log_q
    else:  # Floyd's distinct draws (Bentley and Floyd 1987): uniform over all subsets
        m = recipe.degree[t]
        for j in range(m):
            last = n - m + j
            s = below(word(recipe.a, recipe.b, index + j), last + 1)
            s = last if mark[s] else s
            mark[s] = 1
            out[j] = s
        for j in range(m):
            mark[out[j]] = 0
    if own >= 0:
        for j in range(m):
            if out[j] >= own:
                out[j] += 1
    return m


@compiled
def slots_of(recipe, delays, t, m, out):  # type: ignore[no-untyped-def]
    """Write the delay slots of the m synapses of target t to `out` (int32)."""
    index = np.int64(t) << 32
    if delays.kind == 1:
        for j in range(m):
            draw = word(delays.a, delays.b, index + j) >> np.uint64(12)
            k = delays.guide[draw >> np.uint64(40)]
            while delays.thresholds[k] <= draw:
                k += 1
            out[j] = delays.first + k
    elif delays.kind == 2:
        start = recipe.indptr[t]
        for j in range(m):
            out[j] = delays.listed[start + j]
    else:
        for j in range(m):
            out[j] = delays.first


@compiled
def weights_of(recipe, weights, t, m, out):  # type: ignore[no-untyped-def]
    """Write the weights of the m synapses of target t to `out` (float64; drawn ones are rounded to float32)."""
    index = np.int64(t) << 32
    if weights.kind == 1:
        for j in range(m):
            out[j] = np.float32(quantile(weights.law, unit(word(weights.a, weights.b, index + j))))
    elif weights.kind == 2:
        start = recipe.indptr[t]
        for j in range(m):
            out[j] = weights.listed[start + j]


@compiled
def quantiles(law, draws, out):  # type: ignore[no-untyped-def]
    """Write the values of a law at 52-bit draws (uint64): what a word with these leading bits gives."""
    for i in range(draws.size):
        out[i] = quantile(law, unit(draws[i] << np.uint64(12)))


@compiled
def count(recipe, pre, targets, mark, found, counts):  # type: ignore[no-untyped-def]
    """Add the synapses of the targets to `counts` int64 (by source gid); `pre` int64 (n_pre,): gids of the sources."""
    total = 0
    for t in targets:
        m = sources(recipe, t, mark, found)
        for j in range(m):
            counts[pre[found[j]]] += 1
        total += m
    return total


@compiled
def _scatter(pre, found, m, column, slot, weight, cursor, target_out, slot_out, weight_out):  # type: ignore[no-untyped-def]
    delayed, weighted = slot_out.size > 0, weight_out.size > 0
    for j in range(m):
        s = pre[found[j]]
        i = cursor[s]
        cursor[s] = i + 1
        target_out[i] = column
        if delayed:
            slot_out[i] = slot[j]
        if weighted:
            weight_out[i] = weight[j]


@compiled
def place(recipe, delays, weights, pre, targets, columns, mark, found, slot, weight, cursor, target_out, slot_out, weight_out):  # type: ignore[no-untyped-def]  # fmt: skip
    """Put the synapses of the targets into the segments of their sources.

    ========== ===================== ===================================================================
    pre        int64 (n_pre,)        gids of the sources
    targets    int64 (n,)            indices of the targets, `columns` int64 (n,) where they feel it
    cursor     int64 (n_neurons,)    next free place of each source; advanced
    target_out uint16|uint32 (n_syn) written
    slot_out   uint8|int32 (n_syn)   written, unless empty (one delay only)
    weight_out float32|64 (n_syn)    written, unless empty (one weight only)
    ========== ===================== ===================================================================
    `mark`, `found`, `slot`, `weight` are working space for one target.
    """
    for i in range(targets.size):
        t = targets[i]
        m = sources(recipe, t, mark, found)
        slots_of(recipe, delays, t, m, slot)
        weights_of(recipe, weights, t, m, weight)
        _scatter(pre, found, m, columns[i], slot, weight, cursor, target_out, slot_out, weight_out)


@compiled
def arrange(source_ptr, n_digits, target, slot, weight, target_copy, slot_copy, weight_copy):  # type: ignore[no-untyped-def]
    """Sort each source's synapses by slot, stable (radix 256, `n_digits` passes); return the number of segments.

    Written: target, slot, weight; the copies hold the longest source.  Empty `weight`: none stored.
    """
    weighted = weight.size > 0
    start_of = np.zeros(257, np.int64)
    n_segments = 0
    for s in range(source_ptr.size - 1):
        lo, hi = source_ptr[s], source_ptr[s + 1]
        for digit in range(n_digits):
            shift = 8 * digit
            start_of[:] = 0
            for i in range(lo, hi):
                start_of[((np.int64(slot[i]) >> shift) & 255) + 1] += 1
                slot_copy[i - lo] = slot[i]
                target_copy[i - lo] = target[i]
            if weighted:
                for i in range(lo, hi):
                    weight_copy[i - lo] = weight[i]
            for k in range(256):
                start_of[k + 1] += start_of[k]
            for i in range(hi - lo):
                k = (np.int64(slot_copy[i]) >> shift) & 255
                place_now = lo + start_of[k]
                start_of[k] += 1
                slot[place_now] = slot_copy[i]
                target[place_now] = target_copy[i]
                if weighted:
                    weight[place_now] = weight_copy[i]
        for i in range(lo, hi):
            if i == lo or slot[i] != slot[i - 1]:
                n_segments += 1
    return n_segments


@compiled
def segments(source_ptr, slot, delays, segment_ptr, segment_delay, segment_start):  # type: ignore[no-untyped-def]
    """Write where each run of equal slots starts and its delay (int32 steps), and each source's first segment."""
    n = 0
    for s in range(source_ptr.size - 1):
        segment_ptr[s] = n
        for i in range(source_ptr[s], source_ptr[s + 1]):
            if i == source_ptr[s] or slot[i] != slot[i - 1]:
                segment_delay[n] = delays[slot[i]]
                segment_start[n] = i
                n += 1
    segment_ptr[source_ptr.size - 1] = n
    segment_start[n] = source_ptr[source_ptr.size - 1]


@compiled
def by_target(post, indptr, order):  # type: ignore[no-untyped-def]
    """Sort pairs by target, stable: write `indptr` int64 (n_post + 1, zero before) and `order` int64 (n_pairs,)."""
    for t in post:
        indptr[t + 1] += 1
    for t in range(indptr.size - 1):
        indptr[t + 1] += indptr[t]
    for i in range(post.size):
        order[indptr[post[i]]] = i
        indptr[post[i]] += 1
    for t in range(indptr.size - 1, 0, -1):
        indptr[t] = indptr[t - 1]
    indptr[0] = 0
