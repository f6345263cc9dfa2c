"""Distances between two spike trains, neuron by neuron.

Trains come grouped by neuron: those of neuron k are ``times[start[k]:start[k + 1]]``, ascending.  Every
kernel takes

======= ======= ======== ====== ====================================
name    shape   dtype    unit
======= ======= ======== ====== ====================================
start_a (k + 1) int64           first spike of each neuron, train a
times_a (n_a,)  float64  ms     spike times of train a
start_b (k + 1) int64           the same of train b
times_b (n_b,)  float64  ms
out     (k,)    float64         distance of each neuron, WRITTEN
======= ======= ======== ====== ====================================

What the distances mean is said in :mod:`spikesim.analysis.distances`.
"""

from __future__ import annotations

import math

import numpy as np

from ..jit import compiled

__all__ = ["isi_and_spike", "van_rossum", "victor_purpura"]


@compiled
def van_rossum(start_a, times_a, start_b, times_b, tau, out):
    """D^2 = 1/tau * integral of u^2, u the filtered difference: positive terms only, nothing cancels."""
    for k in range(out.size):
        i, j = start_a[k], start_b[k]
        last_a, last_b = start_a[k + 1], start_b[k + 1]
        u, now, square = 0.0, math.inf, 0.0
        if i < last_a:
            now = times_a[i]
        if j < last_b:
            now = min(now, times_b[j])
        while i < last_a or j < last_b:
            from_a = j == last_b or (i < last_a and times_a[i] <= times_b[j])
            t = times_a[i] if from_a else times_b[j]
            # between two spikes u decays by exp(-dt/tau); the integral of its square is in closed form
            square -= 0.5 * u * u * math.expm1(-2.0 * (t - now) / tau)
            u *= math.exp(-(t - now) / tau)
            if from_a:
                u += 1.0
                i += 1
            else:
                u -= 1.0
                j += 1
            now = t
        out[k] = math.sqrt(square + 0.5 * u * u)


@compiled
def victor_purpura(start_a, times_a, start_b, times_b, cost, out):
    """Cheapest edit = n_a + n_b - largest saving, where a move instead of a replacement saves 2 - cost |dt|.

    A move farther than 2/cost saves nothing, so row i of the table of largest savings differs from row i - 1
    only from the first b-spike in reach on; the row is updated in place: `best[j]` is the saving of the first
    j spikes of b.
    """
    for k in range(out.size):
        a, b = times_a[start_a[k] : start_a[k + 1]], times_b[start_b[k] : start_b[k + 1]]
        best = np.zeros(b.size + 1)
        low, filled = 0, 0  # first b-spike in reach; entries of `best` beyond `filled` equal best[filled]
        for i in range(a.size):
            while low < b.size and cost * (a[i] - b[low]) >= 2.0:
                low += 1
            diagonal = best[min(low, filled)]  # saving of i spikes of a and `low` of b, before spike i
            if low > filled:
                for j in range(filled + 1, low + 1):
                    best[j] = best[filled]
                filled = low
            j, known, top = low, filled, best[filled]  # the row before spike i
            while j < b.size and cost * (b[j] - a[i]) < 2.0:
                above = best[j + 1] if j + 1 <= known else top
                saving = max(diagonal + 2.0 - cost * abs(a[i] - b[j]), max(above, best[j]))
                diagonal = above
                best[j + 1] = saving
                filled = max(filled, j + 1)
                j += 1
            # a larger saving in reach carries over to all entries to its right
            j += 1
            while j <= filled and best[j] < best[j - 1]:
                best[j] = best[j - 1]
                j += 1
        out[k] = a.size + b.size - best[filled]


@compiled
def _nearest(t, other, low, high):
    """Distance from `t` to the nearest of the ascending `other` and the two auxiliary times `low`, `high`."""
    at = np.searchsorted(other, t)
    distance = min(abs(t - low), abs(high - t))
    if at < other.size:
        distance = min(distance, other[at] - t)
    if at > 0:
        distance = min(distance, t - other[at - 1])
    return distance


@compiled
def _segments(own, other, start, stop, knots, isi, gap):
    """Describe one train on [start, stop]: knots (n + 2), ISI of each segment (n + 1), and `gap` (n + 2) at
    the knots.

    `gap` is the distance of a spike to the nearest of the other train; before the first and after the last
    spike it is held, and the ISI there is the longer of the stretch to the edge and the neighbouring ISI
    (edge correction).
    """
    n, m = own.size, other.size
    low = min(start, other[0] - (other[1] - other[0])) if m > 1 else start
    high = max(stop, other[m - 1] + (other[m - 1] - other[m - 2])) if m > 1 else stop
    knots[0], knots[n + 1] = start, stop
    for i in range(n):
        knots[i + 1] = own[i]
        gap[i + 1] = _nearest(own[i], other, low, high)
    gap[0], gap[n + 1] = gap[1], gap[n]
    for i in range(n + 1):
        isi[i] = knots[i + 1] - knots[i]
    if n > 1:
        isi[0] = max(isi[0], isi[1])
        isi[n] = max(isi[n], isi[n - 1])


@compiled
def isi_and_spike(start_a, times_a, start_b, times_b, start, stop, out_isi, out_spike):
    """Time averages of the ISI- and the SPIKE-profile; both outputs (k,) are WRITTEN.

    Between two spikes of the pooled train the ISI-profile is constant and the SPIKE-profile linear, so the
    midpoint rule over the pooled spikes is exact.
    """
    edges = np.array([start, stop])
    for k in range(out_isi.size):
        a, b = times_a[start_a[k] : start_a[k + 1]], times_b[start_b[k] : start_b[k + 1]]
        a = edges if a.size == 0 else a  # a silent train counts as one interval as long as the window
        b = edges if b.size == 0 else b
        knots_a, isi_a, gap_a = np.empty(a.size + 2), np.empty(a.size + 1), np.empty(a.size + 2)
        knots_b, isi_b, gap_b = np.empty(b.size + 2), np.empty(b.size + 1), np.empty(b.size + 2)
        _segments(a, b, start, stop, knots_a, isi_a, gap_a)
        _segments(b, a, start, stop, knots_b, isi_b, gap_b)
        i, j, now, area_isi, area_spike = 0, 0, start, 0.0, 0.0
        while now < stop:
            while knots_a[i + 1] <= now:
                i += 1
            while knots_b[j + 1] <= now:
                j += 1
            then = min(knots_a[i + 1], knots_b[j + 1])
            x, y = isi_a[i], isi_b[j]
            area_isi += (then - now) * abs(x - y) / max(x, y)
            slope_a = (gap_a[i + 1] - gap_a[i]) / (knots_a[i + 1] - knots_a[i])
            slope_b = (gap_b[j + 1] - gap_b[j]) / (knots_b[j + 1] - knots_b[j])
            middle = 0.5 * (now + then)
            near_a = gap_a[i] + slope_a * (middle - knots_a[i])
            near_b = gap_b[j] + slope_b * (middle - knots_b[j])
            area_spike += (then - now) * 2.0 * (near_a * y + near_b * x) / ((x + y) * (x + y))
            now = then
        out_isi[k] = area_isi / (stop - start)
        out_spike[k] = area_spike / (stop - start)
