"""Poisson counts and held noise, from counter-based words.

The number of events in a step is the number of thresholds that a uniform 32-bit draw reaches: threshold k is
2^32 P(N <= k), so P(count > k) is right to 2^-32.  Two neurons share a 64-bit word; the word of neurons 2g and 2g + 1
at a step is a function of (stream, step, g) alone.
"""

from __future__ import annotations

import numpy as np

from ..jit import compiled
from ..random import ndtri, subkey, unit, word


@compiled
def draws(a, b, first, n, out):
    """Write the words of entities first ... first + n - 1 to `out` (uint64, n / 2 + 1 entries or more).

    Seen as uint32, the draw of entity `first` stands at the offset that is returned.
    """
    g0 = first >> 1
    words = out[: ((first + n + 1) >> 1) - g0]
    for g in range(words.size):
        words[g] = word(a, b, g0 + g)
    return first & 1


@compiled
def counts(draw, threshold, base, n, out):
    """out[i] = base + number of thresholds <= draw[i] (int32; few thresholds: compare with all, else bisect)."""
    m = threshold.size
    d, c = draw[:n], out[:n]
    if m <= 40:
        for i in range(n):
            c[i] = base
        k = 0
        while k + 4 <= m:
            t0, t1, t2, t3 = threshold[k], threshold[k + 1], threshold[k + 2], threshold[k + 3]
            for i in range(n):
                c[i] += np.int32(d[i] >= t0) + np.int32(d[i] >= t1) + np.int32(d[i] >= t2) + np.int32(d[i] >= t3)
            k += 4
        for q in range(k, m):
            t = threshold[q]
            for i in range(n):
                c[i] += np.int32(d[i] >= t)
    else:
        for i in range(n):
            lo, hi = 0, m
            while lo < hi:
                mid = (lo + hi) >> 1
                if d[i] >= threshold[mid]:
                    lo = mid + 1
                else:
                    hi = mid
            c[i] = base + lo


@compiled
def mixed_counts(draw, threshold, ptr, base, group, n, out):
    """The same where neurons have rate classes: thresholds ptr[c]:ptr[c+1] and base[c] of class c = group[i]."""
    for i in range(n):
        lo, hi = ptr[group[i]], ptr[group[i] + 1]
        first = lo
        while lo < hi:
            mid = (lo + hi) >> 1
            if draw[i] >= threshold[mid]:
                lo = mid + 1
            else:
                hi = mid
        out[i] = base[group[i]] + np.int32(lo - first)


@compiled
def hold(row, a, b, interval, index, mean, sd):
    """row = mean + sd N(0, 1), one draw a neuron for this interval; 0 where index < 0 (not a target)."""
    ka, kb = subkey(a, b, interval)
    for k in range(row.size):
        i = index[k]
        row[k] = mean[k] + sd[k] * ndtri(unit(word(ka, kb, max(i, 0)))) if i >= 0 else 0.0
