"""A layer of linear neurons from event to event, exactly: its spikes, then their adjoint walked back.

The neurons and their derivatives are those of `adjoint`; here every neuron hears the same arrivals (a dense layer of
one delay), so the decay factors of an interval are common, and the loops over neurons are vector instructions.  A
neuron is looked at on its own where it may cross its threshold within the interval, or is refractory in it.

Between two arrivals v has at most one extremum.  So it crosses if it ends above the threshold, or if it rises first,
falls at last and its extremum is above; either gives a bracket, and Newton's method within it.

======  ============  ==================================================================
name    shape         meaning
======  ============  ==================================================================
ptr     (B + 1)       arrivals of sample b: ptr[b] ... ptr[b + 1] of `at` and `unit`
at      (E)           time of arrival (ms), in order within a sample
unit    (E)           source
w       (n_in, n)     weights, a row a source
neuron  (n, 8)        A, C, B, theta, V_reset, t_ref, v at 0, -: see `adjoint`; A and B are common
port    (2)           rate r and gain g of the synapse
end     float         length of the run (ms)
time    (B, room)     written: spikes of each sample, in order
who     (B, room)     written: whose
rise    (B, room, 2)  written: dv/dt at the spike, and when refractoriness ends
amount  (B)           written: how many spikes there are, also beyond the room
======  ============  ==================================================================
"""

from __future__ import annotations

import math

import numpy as np

from ...jit import compiled, inlined
from .adjoint import RESET, T_REF, THETA, V_0, A, B, C, kernel, kernel_sum
from .forward import add_row

__all__ = ["PART", "launch", "remain", "retire"]

#: Samples whose gradients are one sum, so that their order does not depend on the number of threads.
PART = 32


@inlined
def after(v, drive, felt, a, r, s):
    """(v, dv/dt) after s; `felt` = B g f.  One exponential and one expm1 for both."""
    lost, answer = math.exp(-a * s), kernel(r, a, s)
    y = v * lost + drive * (1.0 - lost) / a + felt * answer
    return y, drive - a * y + felt * (lost + (a - r) * answer)


@inlined
def summit(begins, felt, a, r):
    """When dv/dt falls through 0, from its value > 0 at 0 and felt > 0: dv/dt e^(a s) = begins - r felt K e^(a s)."""
    x = (a - r) * begins / (r * felt)
    if abs(x) < 1e-9:
        return begins / (r * felt)
    return math.log1p(x) / (a - r) if x > -1.0 else np.inf


@inlined
def first_guess(missing, begins, curve):
    """When a parabola of this slope and curvature has risen by `missing`; 0: never."""
    root = begins * begins + 2.0 * curve * missing
    return 2.0 * missing / (begins + math.sqrt(root)) if begins > 0.0 and root > 0.0 else 0.0


@compiled
def crossing(v, drive, felt, a, r, theta, h, t):
    """Return (s, v after h): s in (0, h] is when v first reaches theta from below, to the rounding of t; inf: never.

    Newton's method from the crossing of the parabola: what is left to go after a step s is curvature / (2 slope) s^2.
    """
    ends, falls = after(v, drive, felt, a, r, h)
    begins, low, high = drive - a * v + felt, 0.0, h
    if ends < theta:
        if not (begins > 0.0 and falls < 0.0 and v + begins * h > theta and felt > 0.0):
            return np.inf, ends
        high = min(h, summit(begins, felt, a, r))
        if after(v, drive, felt, a, r, high)[0] < theta:
            return np.inf, ends
    s = min(first_guess(theta - v, begins, -a * begins - r * felt), high)
    for _ in range(100):
        y, slope = after(v, drive, felt, a, r, s)
        off = y - theta
        if off < 0.0:
            low = max(low, s)
        else:
            high = min(high, s)
        step = off / slope if slope > 0.0 else -np.inf
        moved, exact = s - step, 1e-16 * (t + h)
        if abs(step) <= exact or (
            low <= moved <= high and abs(a * slope + r * (slope - drive + a * y)) * step * step <= exact * slope
        ):
            return min(max(moved, 0.0), h), ends
        if not low < moved < high:
            moved = 0.5 * (low + high)
            if moved == low or moved == high:
                return high, ends
        s = moved
    return s, ends


@inlined
def alone(j, t, h, x, f, free, latest, neuron, port, end, time, who, rise, found):
    """Take one neuron from t over h, with its spikes; returns how many spikes the sample has."""
    p = neuron[j]
    a, r, gain = p[A], port[0], p[B] * port[1]
    now, left = t, h
    if free[j] > now:
        s = free[j] - now
        f[j] *= math.exp(-r * s)
        now, left = free[j], left - s
        if latest[j] < who.size:
            rise[latest[j], 1] = p[C] - a * p[RESET] + gain * f[j]
    while left > 0.0:
        s, last = crossing(x[j], p[C], gain * f[j], a, r, p[THETA], left, now)
        if s == np.inf:
            x[j] = last
            f[j] *= math.exp(-r * left)
            break
        f[j] *= math.exp(-r * s)
        now, left = now + s, left - s
        if found < who.size:
            time[found], who[found] = now, j
            rise[found, 0] = p[C] - a * p[THETA] + gain * f[j]
            rise[found, 1] = 0.0
        latest[j] = found
        found += 1
        x[j], free[j] = p[RESET], now + p[T_REF]
        s = min(p[T_REF], left)
        f[j] *= math.exp(-r * s)
        left -= s
        if free[j] <= now + s and free[j] < end:
            if latest[j] < who.size:
                rise[latest[j], 1] = p[C] - a * p[RESET] + gain * f[j]
        now = now + s
    return found


@inlined
def together(n, t, h, a, r, gain, drive, theta, free, x, f, new, faded, alone_too):
    """Take all neurons over an interval; `alone_too` says who is to be looked at alone from the old state."""
    lost, answer, grown, kept = math.exp(-a * h), kernel(r, a, h), kernel(0.0, a, h), math.exp(-r * h)
    for j in range(n):
        v, felt = x[j], gain * f[j]
        after = v * lost + drive[j] * grown + felt * answer
        first, last = drive[j] - a * v + felt, drive[j] - a * after + felt * kept
        up = (after >= theta[j]) | ((first > 0.0) & (last < 0.0) & (v + first * h > theta[j]))
        held = free[j] > t
        alone_too[j] = 1.0 if (free[j] < t + h if held else up) else 0.0
        new[j] = v if held else after
        faded[j] = f[j] * kept


@compiled
def launch(lo, hi, ptr, at, unit, w, neuron, port, end, time, who, rise, amount):
    """Run samples [lo, hi)."""
    n, room = neuron.shape[0], time.shape[1]
    x, f, free = np.empty(n), np.empty(n), np.empty(n)
    new, faded, marked = np.empty(n), np.empty(n), np.empty(n)
    drive, theta = neuron[:, C].copy(), neuron[:, THETA].copy()
    latest = np.empty(n, np.int64)
    a, r, gain = neuron[0, A], port[0], neuron[0, B] * port[1]
    weights = w.reshape(-1)
    for b in range(lo, hi):
        for j in range(n):
            x[j], f[j], free[j], latest[j] = neuron[j, V_0], 0.0, 0.0, room
        found, t, e = 0, 0.0, ptr[b]
        while t < end:
            due = min(at[e], end) if e < ptr[b + 1] else end
            h = due - t
            if h > 0.0:
                together(n, t, h, a, r, gain, drive, theta, free, x, f, new, faded, marked)
                for j in range(n):
                    if marked[j] > 0.0:
                        found = alone(j, t, h, x, f, free, latest, neuron, port, end, time[b], who[b], rise[b], found)
                    else:
                        x[j], f[j] = new[j], faded[j]
            t = due
            while e < ptr[b + 1] and at[e] <= t and t < end:
                add_row(f, 0, 1.0, weights, unit[e] * n, n)
                e += 1
        amount[b] = found
        m = min(found, room)
        order = np.argsort(time[b, :m], kind="mergesort")
        time[b, :m], who[b, :m], rise[b, :m] = time[b, :m][order], who[b, :m][order], rise[b, :m][order]


@inlined
def back_alone(j, t, h, lv, lf, k, over, previous, time, rise, g, gc, neuron, port, limit):
    """Take the adjoint of one neuron from t back by h, with its spikes; returns how many were clipped."""
    p = neuron[j]
    a, r, gain = p[A], port[0], p[B] * port[1]
    begin, clipped = t - h, 0
    while True:
        stop = begin
        if k[j] >= 0:
            stop = max(begin, time[k[j]] if over[j] > 0 else time[k[j]] + p[T_REF])
        s = t - stop
        if s > 0.0:
            if over[j] == 0:
                lost, answer = math.exp(-a * s), kernel(r, a, s)
                gc[j] += lv[j] * (1.0 - lost) / a
                lf[j] = lf[j] * (lost + (a - r) * answer) + gain * lv[j] * answer
                lv[j] *= lost
            else:
                lf[j] *= math.exp(-r * s)
            t = stop
        if k[j] < 0 or (time[k[j]] if over[j] > 0 else time[k[j]] + p[T_REF]) < begin:
            break
        if over[j] == 0:  # refractoriness ends
            g[k[j]] -= lv[j] * rise[k[j], 1]
            lv[j] = 0.0
            over[j] = 1
        else:
            per = 1.0 / rise[k[j], 0] if rise[k[j], 0] > 0.0 else np.inf
            if per > limit:
                per = limit
                clipped += 1
            lv[j] = -g[k[j]] * per
            k[j] = previous[k[j]]
            over[j] = 0
    return clipped


@inlined
def product_of_rows(a, o, b, n):
    """sum_j a[o + j] b[j]."""
    o = np.uint64(o)
    total = 0.0
    for j in range(np.uint64(n)):
        total += a[o + j] * b[j]
    return total


@compiled
def retire(lo, hi, ptr, at, unit, w, neuron, port, end, time, who, rise, amount, g, limit, gt, gw, gc, clipped):
    """Walk back through the samples of the parts [lo, hi) of PART.

    =======  ================  =======================================================
    name     shape             meaning
    =======  ================  =======================================================
    g        (B, room)         dL/d(time of a spike); completed here
    limit    float             1 / v' counts at most this much
    gt       (E|0)             written: dL/d(time of arrival); without entries: nobody asks
    gw       (parts, n_in, n)  added to: dL/dw
    gc       (parts, n)        added to: dL/dC
    clipped  (B)               written: how many spikes were clipped
    =======  ================  =======================================================
    """
    n, room = neuron.shape[0], time.shape[1]
    lv, lf, pull = np.empty(n), np.empty(n), np.empty(n)
    latest, over = np.empty(n, np.int64), np.empty(n, np.int64)
    previous = np.empty(room, np.int64)
    held = np.empty(n)
    a, r, gain = neuron[0, A], port[0], neuron[0, B] * port[1]
    weights = w.reshape(-1)
    for part in range(lo, hi):
        sums, own = gw[part].reshape(-1), gc[part]
        for b in range(part * PART, min((part + 1) * PART, ptr.size - 1)):
            for j in range(n):
                lv[j], lf[j], latest[j], over[j], held[j] = 0.0, 0.0, -1, 0, -1.0
            for k in range(min(amount[b], room)):
                previous[k] = latest[who[b, k]]
                latest[who[b, k]] = k
            for j in range(n):
                if latest[j] >= 0:
                    held[j] = time[b, latest[j]] + neuron[j, T_REF]
                    over[j] = 1 if held[j] >= end else 0
            cut, t, e = 0, end, ptr[b + 1] - 1
            while e >= ptr[b] and at[e] >= end:
                e -= 1
            while True:
                due = at[e] if e >= ptr[b] else 0.0
                h = t - due
                if h > 0.0:
                    lost, answer, grown, kept = math.exp(-a * h), kernel(r, a, h), kernel(0.0, a, h), math.exp(-r * h)
                    for j in range(n):
                        touched = held[j] >= due
                        y, z = lv[j], lf[j]
                        own[j] += 0.0 if touched else y * grown
                        lf[j] = z if touched else z * kept + gain * answer * y
                        lv[j] = y if touched else y * lost
                    for j in range(n):
                        if held[j] >= due:
                            cut += back_alone(
                                j, t, h, lv, lf, latest, over, previous, time[b], rise[b], g[b], own, neuron, port,
                                limit,
                            )  # fmt: skip
                            k = latest[j]
                            held[j] = time[b, k] + neuron[j, T_REF] if k >= 0 else -1.0
                t = due
                if e < ptr[b]:
                    break
                if gt.size > 0:
                    for j in range(n):
                        pull[j] = r * lf[j] - gain * lv[j]
                while e >= ptr[b] and at[e] == t:
                    add_row(sums, unit[e] * n, 1.0, lf, 0, n)
                    if gt.size > 0:
                        gt[e] = product_of_rows(weights, unit[e] * n, pull, n)
                    e -= 1
            clipped[b] = cut


@compiled
def remain(at, end, r, a, fall, gain, value, slope):
    """What each arrival adds to the integral of v e^(-fall t) up to `end`, and its derivative by the time of arrival.

    (r and a are the rates of the synapse and the membrane, each with `fall` added.)
    """
    for e in range(at.size):
        left, late = end - at[e], gain * math.exp(-fall * at[e])
        value[e] = late * kernel_sum(r, a, left) if left > 0.0 else 0.0
        slope[e] = -fall * value[e] - late * kernel(r, a, left) if left > 0.0 else 0.0
