"""Synapses made straight into their final place, sorted by source and delay, without a list of edges.

A rule is known here as a :class:`Recipe`: it names the sources of target t as a pure function of (stream, t),
so any worker can build the synapses of its own targets.  Three passes:

1. `place`    counting: how many synapses each source has (only the sources are drawn);
2. `place`    every synapse among those of its source: target column, delay slot, weight;
3. `arrange`  the synapses of each source by delay, in cache; stable, so (wiring, target, j) stays the order.

(Counting moves the end of each source's synapses on, as placing does: one loop, which is compiled once.)

The j-th synapse of target t has index 2^32 t + j in every stream.  Draws, quantiles and stores stand in loops
of their own: the first then vectorise, and the others do not wait for each other.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from ..jit import compiled, part_of, prefetch
from ..network.recipe import ALL, INDEPENDENT, LISTED, ONE, SKIPS
from ..random import quantile, unit, word

__all__ = [
    "Delays", "Space", "Weights", "arrange", "by_source", "by_target", "drawn",
    "listing", "place", "quantiles", "segments",
    "slots_of", "sources", "sources_of", "table", "weights_of",
]  # fmt: skip


#: So many places ahead are asked for: they lie all over the memory.
AHEAD = 24


class Delays(NamedTuple):
    """How delays are found, as slots: positions in a sorted table of delays.

    ========== ================ =====================================================================
    kind       int              0 one for all, 1 drawn, 2 listed
    first      int              the slot, or the slot of the shortest delay that can be drawn
    a, b       uint64           stream of the draws
    thresholds uint64 (n + 1,)  draw m = word >> 12 is `first` + number of thresholds <= m; the last
                                threshold is beyond all draws
    guide      int32 (4096,)    number of thresholds <= 2^40 g: start of the search for m >> 40 = g
    listed     int32 (n,)       slots, in the order of `Recipe.indptr`
    ========== ================ =====================================================================
    """

    kind: int
    first: int
    a: np.uint64
    b: np.uint64
    thresholds: np.ndarray
    guide: np.ndarray
    listed: np.ndarray


class Weights(NamedTuple):
    """How weights are found: kind 0 not stored, 1 drawn from `law`, 2 listed, by `Recipe.indptr`."""

    kind: int
    a: np.uint64
    b: np.uint64
    law: np.ndarray
    listed: np.ndarray


class Space(NamedTuple):
    """Working space for the synapses of one target.

    ====== =================== ==================================
    mark   uint8 (n_pre,)      zero before and after every kernel
    found  int64 (most,)       sources
    slot   int32 (most,)       delays
    weight float64 (most,)     weights
    draw   uint64 (most,)      random words
    ====== =================== ==================================
    """

    mark: np.ndarray
    found: np.ndarray
    slot: np.ndarray
    weight: np.ndarray
    draw: np.ndarray

    @classmethod
    def of(cls, n_pre: int, most: int) -> Space:
        """Return space for up to `most` synapses from up to `n_pre` sources."""
        kinds = (np.int64, np.int32, np.float64, np.uint64)
        return cls(np.zeros(n_pre, np.uint8), *(np.empty(most, kind) for kind in kinds))


@part_of
def below(w, n):
    """An integer in [0, n), n < 2^32, from a 64-bit word: floor(w n / 2^64) (Lemire 2019; bias < n 2^-64)."""
    n = np.uint64(n)
    high = (w >> np.uint64(32)) * n
    low = ((w & np.uint64(0xFFFFFFFF)) * n) >> np.uint64(32)
    return np.int64((high + low) >> np.uint64(32))


@part_of
def sources(recipe, t, mark, out):
    """Write the sources of target t to `out` (int64) and return how many; `mark`: see :class:`Space`."""
    kind, own, a, b = recipe.kind, recipe.own[t], recipe.a, recipe.b
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
        for j in range(m):
            out[j] = j
    elif kind == INDEPENDENT:
        m = recipe.degree[t]
        for j in range(m):
            out[j] = below(word(a, b, index + j), n)
    elif kind == SKIPS:  # before each hit come floor(log u / log(1 - p)) misses: a geometric number
        following = 0
        misses = math.log(unit(word(a, b, index))) / recipe.log_q
        while misses < n - following:
            out[m] = following + np.int64(misses)
            following = out[m] + 1
            m += 1
            misses = math.log(unit(word(a, b, index + m))) / recipe.log_q
    else:  # Floyd's distinct draws (Bentley and Floyd 1987): every subset is equally likely
        m = recipe.degree[t]
        for j in range(m):
            last = n - m + j
            s = below(word(a, b, index + j), last + 1)
            s = last if mark[s] else s
            mark[s] = 1
            out[j] = s
        for j in range(m):
            mark[out[j]] = 0
    if own >= 0:
        for j in range(m):
            out[j] += 1 if out[j] >= own else 0
    return m


@compiled
def sources_of(recipe, t, mark, out):
    """As `sources`, for one target at a time."""
    return sources(recipe, t, mark, out)


@part_of
def slots_of(recipe, delays, t, m, draw, out):
    """Write the delay slots of the m synapses of target t to `out` (int32); `draw` (uint64) is scratch."""
    first, a, b = delays.first, delays.a, delays.b
    if delays.kind == 1:
        index = np.int64(t) << 32
        for j in range(m):
            draw[j] = word(a, b, index + j) >> np.uint64(12)
        thresholds, guide = delays.thresholds, delays.guide
        for j in range(m):
            k = np.int64(guide[draw[j] >> np.uint64(40)])
            while thresholds[k] <= draw[j]:
                k += 1
            out[j] = first + k
    elif delays.kind == 2:
        start = recipe.indptr[t]
        for j in range(m):
            out[j] = delays.listed[start + j]
    else:
        for j in range(m):
            out[j] = first


@part_of
def weights_of(recipe, weights, t, m, out):
    """Write the weights of the m synapses of target t to `out` (float64; drawn ones rounded to float32)."""
    if weights.kind == 1:
        index, a, b, w = np.int64(t) << 32, weights.a, weights.b, weights.law
        law = (
            w[0],
            w[1],
            w[2],
            w[3],
            w[4],
            w[5],
            w[6],
        )  # in registers: stores to `out` might change an array
        for j in range(m):
            out[j] = unit(word(a, b, index + j))
        for j in range(m):
            out[j] = np.float32(quantile(law, out[j]))
    elif weights.kind == 2:
        start = recipe.indptr[t]
        for j in range(m):
            out[j] = weights.listed[start + j]


@compiled
def quantiles(law, draws, out):
    """Write the values of a law at 52-bit draws (uint64): what words with these leading bits give."""
    for i in range(draws.size):
        out[i] = quantile(law, unit(draws[i] << np.uint64(12)))


@compiled
def drawn(a, b, law, post, rank, out):
    """Write the delay of the rank[s]-th synapse of target post[s]: what a grid would round."""
    for s in range(post.size):
        out[s] = quantile(law, unit(word(a, b, (post[s] << 32) + rank[s])))


@compiled
def table(recipe, mark, out):
    """Write the sources of every target to `out` int64 (n_post, k), for recipes with k sources each."""
    for t in range(out.shape[0]):
        sources(recipe, t, mark, out[t])


@compiled
def listing(recipe, delays, weights, targets, space, pre, post, weight, slot):
    """Write the synapses of the targets one after another: pre, post, slot int64, weight float64 (n_syn,)."""
    at = 0
    for t in targets:
        m = sources(recipe, t, space.mark, space.found)
        slots_of(recipe, delays, t, m, space.draw, space.slot)
        weights_of(recipe, weights, t, m, space.weight)
        for j in range(m):
            pre[at + j], post[at + j] = space.found[j], t
            weight[at + j], slot[at + j] = space.weight[j], space.slot[j]
        at += m


@compiled
def by_source(pre, post, delay, value, first, rows):
    """Write the rows (post, delay, value) of a list in the order (pre, post, delay); equal synapses keep theirs.

    All int64: a delay > 0 that is a float64 is ordered as its bits are.  In the list `post` ascends, so that only
    synapses of one pair are compared.  `first` (n_pre + 1,): zero, then where each source's begin.  Rows, as each is
    one place in memory, and these lie all over it.
    """
    for s in pre:
        first[s + 1] += 1
    for s in range(first.size - 1):
        first[s + 1] += first[s]
    end, last = first[:-1].copy(), np.full(first.size, -1, np.int64)
    for i in range(pre.size):
        s, t, d = pre[i], post[i], delay[i]
        k = end[s]
        end[s] += 1
        if last[s] == t:
            while k > first[s] and rows[k - 1, 0] == t and rows[k - 1, 1] > d:
                rows[k, 0], rows[k, 1], rows[k, 2] = t, rows[k - 1, 1], rows[k - 1, 2]
                k -= 1
        last[s] = t
        rows[k, 0], rows[k, 1], rows[k, 2] = t, d, value[i]


@compiled
def place(counting, recipe, delays, weights, pre, targets, columns, space, cursor, target, slot, weight):
    """Put the synapses of the targets among those of their sources, or (`counting`) only move `cursor`.

    Return how many there are.

    ======= ====================== ==============================================
    pre     int64 (n_pre,)         gids of the sources
    targets int64 (n,)             indices of the targets
    columns int64 (n,)             where they feel their input
    cursor  int64 (n_neurons,)     next free place of each source; advanced
    target  uint16|uint32 (n_syn,) written
    slot    uint8|int32 (n_syn,)   written; None with `delays` None: one delay for all
    weight  float32|64 (n_syn,)    written; None with `weights` None: one weight for all
    ======= ====================== ==============================================
    """
    total = 0
    for i in range(targets.size):
        t, found = targets[i], space.found
        m = sources(recipe, t, space.mark, found)
        total += m
        for j in range(m):
            s = pre[found[j]]
            found[j] = cursor[s]  # from here on: the places
            cursor[s] += 1
        if not counting:
            column = columns[i]
            for j in range(m):
                if j + AHEAD < m:
                    prefetch(target, found[j + AHEAD])
                target[found[j]] = column
            if slot is not None:
                slots_of(recipe, delays, t, m, space.draw, space.slot)
                for j in range(m):
                    if j + AHEAD < m:
                        prefetch(slot, found[j + AHEAD])
                    slot[found[j]] = space.slot[j]
            if weight is not None:
                weights_of(recipe, weights, t, m, space.weight)
                for j in range(m):
                    if j + AHEAD < m:
                        prefetch(weight, found[j + AHEAD])
                    weight[found[j]] = space.weight[j]
    return total


@compiled
def arrange(start, n_digits, target, slot, weight, target_copy, slot_copy, weight_copy):
    """Sort each source's synapses by slot and return the number of runs of equal slots.

    `start` int64 (n_neurons + 1,): where the synapses of a source start; target, slot, weight (or None) are
    sorted in place, the copies hold one source.  A stable radix sort by bytes, `n_digits` of them.
    """
    first = np.zeros(257, np.int64)
    runs = 0
    for s in range(start.size - 1):
        lo, n = start[s], start[s + 1] - start[s]
        for digit in range(n_digits if n > 1 else 0):
            shift = 8 * digit
            first[:] = 0
            for i in range(n):
                slot_copy[i] = slot[lo + i]
                target_copy[i] = target[lo + i]
                first[((np.int64(slot_copy[i]) >> shift) & 255) + 1] += 1
            for k in range(256):
                first[k + 1] += first[k]
            if weight is not None:
                for i in range(n):
                    weight_copy[i] = weight[lo + i]
            for i in range(n):
                digits = (np.int64(slot_copy[i]) >> shift) & 255
                to = lo + first[digits]
                first[digits] += 1
                slot[to] = slot_copy[i]
                target[to] = target_copy[i]
                if weight is not None:
                    weight[to] = weight_copy[i]
        runs += 1 if n else 0
        for i in range(lo + 1, lo + n):
            runs += 1 if slot[i] != slot[i - 1] else 0
    return runs


@compiled
def segments(start, slot, delays, source_ptr, seg_delay, seg_start):
    """Write where each run of equal slots starts, its delay, and the first run of every source.

    `delays` int32 (float64): steps (ms) of a slot; written: source_ptr int64 (n_neurons + 1,), seg_delay int32
    (float64) (n_seg,), seg_start int64 (n_seg + 1,).
    """
    n = 0
    for s in range(start.size - 1):
        source_ptr[s] = n
        for i in range(start[s], start[s + 1]):
            if i == start[s] or slot[i] != slot[i - 1]:
                seg_delay[n] = delays[slot[i]]
                seg_start[n] = i
                n += 1
    source_ptr[start.size - 1] = n
    seg_start[n] = start[start.size - 1]


@compiled
def by_target(post, indptr, order):
    """Sort pairs by target, stable: write `indptr` int64 (n_post + 1, zero before), `order` int64 (n,)."""
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
