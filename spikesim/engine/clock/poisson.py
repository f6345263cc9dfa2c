"""Poisson counts, from counter-based words.

The number of events in a step is the number of thresholds that a uniform 32-bit draw reaches: threshold k is
2^32 P(N <= k), so P(count > k) is right to 2^-32; where events are rare, exactly (`settle`).  The upper half of a draw
is a neuron's own, a quarter of a word; the lower half is common to the RUN neurons of a run.  So each count has its
exact law, two counts of a step have a covariance below 2^-32 for any threshold, and comparisons take 16 bits: twice as
many at once, half the random words.

Own half of entity i at a step: quarter i % 4 of word i // 4 of the stream (a, b) of that step; common half: of word
i // RUN of (b, a).
"""

from __future__ import annotations

import numpy as np

from ...jit import call_kernel, compiled, part_of, view
from ...jit.records import floats, ints, shorts, struct, table
from ...random import subkey, unit, word
from .records import AHEAD, BACKGROUND, ENDLESS, PART, WORKER

RUN = 512  # a multiple of 4
FEW = 40  # up to so many thresholds are compared with all draws; among more it is faster to bisect

#: Scratch of a worker in words: draws from 0, levels (uint16) and counts of a byte from here.
LEVELS, BYTES, SCRATCH = RUN // 4 + 2, RUN // 4 + 2 + FEW // 4, RUN // 4 + 2 + FEW // 4 + RUN // 8


@part_of
def run_length(first, n):
    """How many of the n entities from `first` stand in its run."""
    return min(RUN - first % RUN, n)


@part_of
def draws(a, b, first, n, out):
    """Write the words of entities first ... first + n - 1 to `out` (uint64, n / 4 + 2 entries or more).

    Seen as uint16, the draw of entity `first` stands at the offset that is returned.
    """
    g0 = first >> 2
    words = out[: ((first + n + 3) >> 2) - g0]
    for g in range(words.size):
        words[g] = word(a, b, g0 + g)
    return first & 3


@part_of
def common(a, b, first):
    """The lower half of the draws of the run of entity `first`."""
    return np.int64(word(b, a, first // RUN) & np.uint64(0xFFFF))


@compiled
def reached(threshold, lo, hi, draw, lower):
    """Return how many of the ascending thresholds a draw reaches, known to be from lo to hi."""
    whole = (np.int64(draw) << 16) + lower
    while lo < hi:
        mid = (lo + hi) >> 1
        if whole >= np.int64(threshold[mid]):
            lo = mid + 1
        else:
            hi = mid
    return lo


@part_of
def between(draw, lower, threshold, out):
    """Return how many thresholds all draws reach, and how many any draw reaches.

    Those between, if not more than FEW, are put into `out` (uint16) in terms of the draws' own halves.
    """
    least, most = draw[0], draw[0]
    for i in range(draw.size):
        d = draw[i]
        least = d if d < least else least
        most = d if d > most else most
    first = reached(threshold, 0, threshold.size, least, lower)
    last = reached(threshold, first, threshold.size, most, lower)
    if last - first <= FEW:
        for k in range(first, last):
            out[k - first] = (np.int64(threshold[k]) - lower + 0xFFFF) >> 16
    return first, last


@part_of
def counts(draw, lower, threshold, base, n, levels, few, out):
    """out[i] = base + number of thresholds that draw i reaches (int32).

    Of a few hundred draws none reaches the tail: only thresholds between the least and the greatest draw are compared
    with, all of them with every draw; where even those are many, bisection.  `levels` uint16 (FEW,) and `few` uint8
    (n,) are scratch.
    """
    d, c, out = draw[:n], few[:n], out[:n]
    first, last = between(d, lower, threshold, levels)
    if last - first > FEW:
        for i in range(n):
            out[i] = base + np.int32(reached(threshold, first, last, d[i], lower))
        return
    for i in range(n):
        c[i] = 0
    k, m = 0, last - first
    while k + 4 <= m:
        t0, t1, t2, t3 = levels[k], levels[k + 1], levels[k + 2], levels[k + 3]
        for i in range(n):
            c[i] += np.uint8(d[i] >= t0) + np.uint8(d[i] >= t1) + np.uint8(d[i] >= t2) + np.uint8(d[i] >= t3)
        k += 4
    if k + 2 <= m:
        t0, t1 = levels[k], levels[k + 1]
        for i in range(n):
            c[i] += np.uint8(d[i] >= t0) + np.uint8(d[i] >= t1)
        k += 2
    if k < m:
        t0 = levels[k]
        for i in range(n):
            c[i] += np.uint8(d[i] >= t0)
    start = base + np.int32(first)
    for i in range(n):
        out[i] = start + np.int32(c[i])


@part_of
def mixed_counts(draw, lower, threshold, ptr, base, group, n, out):
    """The same where neurons have rate classes: thresholds ptr[c]:ptr[c+1] and base[c] of class c = group[i]."""
    for i in range(n):
        c = group[i]
        among = threshold[ptr[c] : ptr[c + 1]]
        out[i] = base[c] + np.int32(reached(among, 0, among.size, draw[i], lower))


@part_of
def settle(draw, lower, threshold, chance, k, u):
    """Return how many thresholds a draw reaches that reached k: one that it equals, with its chance; u is uniform."""
    whole = (np.int64(draw) << 16) + lower
    while k > 0 and whole == np.int64(threshold[k - 1]) and u >= chance[k - 1]:
        k -= 1
    return k


@part_of
def tell_each(w_at, background, k0, n, count):
    """Tell the synapses of `n` neurons from `k0` of the part of so many spikes each, one by one."""
    law = struct(w_at, WORKER).coef.at + 8 * background.law
    for k in range(n):
        for _ in range(count[k]):
            arguments = (w_at, background.row + k0 + k, background.stride, law, background.weight)
            call_kernel(background.tell, arguments)


@part_of
def background_counts(w, background, step, first, n):
    """Return the Poisson counts (int32) of `n` neurons from `first` (in the part, n within a run) at `step`."""
    a0, b0 = subkey(background.key_a, background.key_b, step)
    count = shorts(w.drawn)[:n]
    entity = background.first + first
    shift = draws(a0, b0, entity, n, view(w.draw.at, w.draw.n, np.uint64))
    draw = view(w.draw.at, 4 * w.draw.n, np.uint16)[shift : shift + n]
    lower = common(a0, b0, entity)
    ptr, base = ints(w.rate_ptr), shorts(w.rate_least)
    threshold = view(w.rate_threshold.at, w.rate_threshold.n, np.uint32)
    c = background.rate
    group = background.group
    if group < 0:
        levels = view(w.draw.at + 8 * LEVELS, FEW, np.uint16)
        few = view(w.draw.at + 8 * BYTES, RUN, np.uint8)
        counts(draw, lower, threshold[ptr[c] : ptr[c + 1]], base[c], n, levels, few, count)
    else:
        groups = shorts(w.rate_group)[group + first : group + first + n]
        mixed_counts(draw, lower, threshold, ptr, base, groups, n, count)
    if background.rare:
        chance, (a1, b1) = floats(w.rate_chance), subkey(background.key_b, background.key_a, step)
        for i in range(n):
            if count[i] > 0:
                if group >= 0:
                    c = np.int64(shorts(w.rate_group)[group + first + i])
                own, chances = threshold[ptr[c] : ptr[c + 1]], chance[ptr[c] : ptr[c + 1]]
                u = unit(word(a1, b1, entity + i))
                count[i] = base[c] + np.int32(settle(draw[i], lower, own, chances, count[i] - base[c], u))
    return count


@part_of
def add_ahead(w, w_at, part, k0, n, step):
    """Let the backgrounds that a part adds itself arrive at the neurons k0 ... k0 + n - 1, while these are at hand."""
    background = table(w.background, BACKGROUND)
    for b in range(part.background_lo, part.background_hi):
        if background[b].jump == AHEAD:
            call_kernel(background[b].kernel, (w_at, b, k0, n, step))


def add_background(w_at, b, begin, size, step):
    """Add the weighted Poisson counts of one background at `step` to its row of x, of `size` neurons from `begin`."""
    w = struct(w_at, WORKER)
    background = table(w.background, BACKGROUND)[b]
    if step <= background.since or step > background.until:
        return 0
    x, weight, at, first = floats(w.x), background.weight, background.row, background.first
    k0, end = begin, begin + size
    while k0 < end:
        n = run_length(first + k0, end - k0)
        count = background_counts(w, background, step, k0, n)
        if background.tell:
            tell_each(w_at, background, k0, n, count)
        else:
            row = x[at + k0 : at + k0 + n]
            for k in range(n):
                row[k] += weight * count[k]
        k0 += n
    return 0


def emit_poisson(w_at, p, now, at, dt, out_at, count):
    """Spikes of a Poisson source at now + 1; several in one step are several spikes."""
    w, out = struct(w_at, WORKER), view(out_at, ENDLESS, np.int64)
    part = table(w.part, PART)[p]
    background = table(w.background, BACKGROUND)[part.source]
    if now + 1 <= background.since or now + 1 > background.until:
        return count
    size, first_id, first = part.n, part.first_id, background.first
    k0 = np.int64(0)
    while k0 < size:
        n = run_length(first + k0, size - k0)
        counted = background_counts(w, background, now + 1, k0, n)
        for k in range(n):
            for _ in range(counted[k]):
                out[count] = first_id + k0 + k
                count += 1
        k0 += n
    return count
