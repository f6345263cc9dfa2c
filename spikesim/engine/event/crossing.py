"""When does a leaky integrator reach its threshold?  Exactly, and without missing a crossing.

Between events the neuron and its synapses obey

    dv/dt = -a v + c + c1 (t - T0) + sines + B sum_ports gain f_n
    df_0/dt = -b f_0,    df_k/dt = b (f_(k-1) - f_k)

and the response of v to a filter state f_k is, with j = n - k,

    r_j(t) = B gain t (b t)^j M_j(t),     M_j: see moments
    r_0(t) = B gain (exp(-b t) - exp(-a t)) / (a - b),

the latter (Exponential) written with expm1, so that it is exact for b = a, too.

Search.  Let w = v - V_th < 0 at t.  With K an upper bound of d2w/dt2 at all later times,

    w(t + h) <= w + w' h + K h^2 / 2,

so nothing is missed by stepping to the root of the right-hand side (`step`).  The steps approach a crossing from the
left as Newton's method does, quadratically, and pass a peak that stays g below the threshold in O(log 1/g)
steps; `outlook` also gives an upper bound of w at all later times, which ends most searches before they begin.  No
interval has to be bracketed and no number of extrema assumed.  After an arrival only the first step is taken
(`ahead`: no exponential); the others follow if the time it leads to comes without another arrival.

x (record of a neuron): T0, REF, NEXT, BOUND, KNOWN, V, ...   p (parameters): A, C, B, TH, R, R0, TREF, REST, then
(rho, up, down) of each filter state: max r_j, max and min of its second derivative.   d (description of the part): see
event_tables.
"""

from __future__ import annotations

import math

import numpy as np

from ...jit import compiled, exp, expm1, inlined
from .moments import moments, phi_minus, sine_response
from .records import (
    D_KEEP,
    D_LINES,
    D_LINES_AT,
    D_PORTS,
    D_SINES,
    D_SINES_AT,
    LINE_WIDTH,
    OPEN,
    PORT_AT,
    PORT_GAIN,
    PORT_RATE,
    PORT_STAGES,
    PORT_WIDTH,
    PORTS_AT,
    REF,
    RESPONSES,
    REST,
    SINE_WIDTH,
    SPIKE,
    T0,
    TH,
    A,
    B,
    C,
    V,
)

#: Evaluations of one search before it says how far it came; it is taken up again when that time comes.
BUDGET = 64
#: A step as long as this, in membrane time constants, ends it, too: most often something arrives before.
FAR = 1.0 / 32.0


@inlined
def external(x, d, t):
    """Electrode current (pA) at t and its slope (pA/ms) without sines: lines I0 + I1 (t - Ts)."""
    current, slope = 0.0, 0.0
    at = np.int64(d[D_LINES_AT])
    for _ in range(np.int64(d[D_LINES])):
        current += x[at] + x[at + 1] * (t - x[at + 2])
        slope += x[at + 1]
        at += LINE_WIDTH
    return current, slope


@inlined
def sines(x, d, t):
    """Current of the sines (pA) at t."""
    current = 0.0
    at = np.int64(d[D_SINES_AT])
    for _ in range(np.int64(d[D_SINES])):
        current += x[at] * math.sin(x[at + 1] * (t - x[at + 3]) + x[at + 2])
        at += SINE_WIDTH
    return current


@compiled
def decay_stages(x, first, stages, s):
    """Advance one filter of several stages in place by s = rate dt."""
    e = exp(-s)
    for k in range(stages - 1, -1, -1):
        total, power = 0.0, 1.0
        for j in range(k + 1):
            total += x[first + k - j] * power
            power *= s / (j + 1.0)
        x[first + k] = total * e


@compiled
def decay_filters(x, d, dt):
    """Advance the synaptic filters in place by dt."""
    at = PORTS_AT
    for _ in range(np.int64(d[D_PORTS])):
        first, stages = np.int64(d[at + PORT_AT]), np.int64(d[at + PORT_STAGES])
        decay_stages(x, first, stages, d[at + PORT_RATE] * dt)
        at += PORT_WIDTH


@inlined
def unit_response(a, rate, dt, left):
    """v after dt for a filter of one stage that stood at 1, B gain = 1; and what is left of it; left = exp(-a dt)."""
    gap = rate - a
    if gap > 0.0:
        e = expm1(-gap * dt)
        return -left * e / gap, left * (1.0 + e)
    if gap < 0.0:
        slow = exp(-rate * dt)
        return slow * expm1(gap * dt) / gap, slow
    return left * dt, left


@compiled
def advance(x, p, d, t, m):
    """Advance a record in place from T0 to t; v stands still until REF, then what was kept for it arrives."""
    keep = np.int64(d[D_KEEP])
    if x[T0] < x[REF]:
        stop = min(t, x[REF])
        dt = stop - x[T0]
        decay_filters(x, d, dt)
        if keep >= 0:
            x[keep + 1] *= exp(-p[A] * dt)
            if t >= x[REF]:
                x[V] += x[keep + 1]
                x[keep + 1] = 0.0
        x[T0] = stop
    dt = t - x[T0]
    if dt > 0.0:
        a, b_in, v = p[A], p[B], x[V]
        current, ramp = external(x, d, x[T0])
        lost = expm1(-a * dt)
        rest = p[REST] if current == 0.0 else (p[C] + b_in * current) / a
        if a > 0.0:
            v -= (rest - v) * lost
        else:
            v += (p[C] + b_in * current) * dt
        if ramp != 0.0:
            phi_minus(a * dt, 1, m)
            v += b_in * ramp * dt * dt * m[1]
        at = np.int64(d[D_SINES_AT])
        for _ in range(np.int64(d[D_SINES])):
            if x[at] != 0.0:
                v += b_in * x[at] * sine_response(a, x[at + 1], x[at + 1] * (x[T0] - x[at + 3]) + x[at + 2], dt)
            at += SINE_WIDTH
        at = PORTS_AT
        for _ in range(np.int64(d[D_PORTS])):
            first, stages, rate = np.int64(d[at + PORT_AT]), np.int64(d[at + PORT_STAGES]), d[at + PORT_RATE]
            gain = b_in * d[at + PORT_GAIN]
            at += PORT_WIDTH
            if stages == 1:
                f = x[first]
                if f != 0.0:
                    r, e = unit_response(a, rate, dt, 1.0 + lost)
                    v += gain * f * r
                    x[first] = f * e
            else:
                moments(a, rate, dt, stages - 1, m)
                scale, total = dt, 0.0
                for j in range(stages):
                    total += x[first + stages - 1 - j] * scale * m[j]
                    scale *= rate * dt
                v += gain * total
                decay_stages(x, first, stages, rate * dt)
        x[V] = v
        x[T0] = t


@compiled
def outlook(x, p, d, horizon):
    """Return w, dw/dt at T0, and bounds for all later times up to the horizon: of d2w/dt2 and of w."""
    a, b_in, v = p[A], p[B], x[V]
    current, ramp = external(x, d, x[T0])
    drive = p[C] + b_in * current
    slope = drive - a * v
    curvature = max(0.0, -a * slope) + max(0.0, b_in * ramp)
    most = drive + (b_in * ramp * (horizon - x[T0]) if ramp > 0.0 else 0.0)
    at = np.int64(d[D_SINES_AT])
    for _ in range(np.int64(d[D_SINES])):
        size = b_in * abs(x[at])
        if size > 0.0:
            most += size
            curvature += (2.0 * a + x[at + 1]) * size
        at += SINE_WIDTH
    slope += b_in * sines(x, d, x[T0])
    rise = 0.0
    at = PORTS_AT
    q = RESPONSES
    for _ in range(np.int64(d[D_PORTS])):
        first, stages = np.int64(d[at + PORT_AT]), np.int64(d[at + PORT_STAGES])
        f = 0.0
        for k in range(stages):
            f = x[first + k]
            lift, bend = weigh(f, p[q], p[q + 1], p[q + 2])
            rise += lift
            curvature += bend
            q += 3
        slope += b_in * d[at + PORT_GAIN] * f
        at += PORT_WIDTH
    w = v - p[TH]
    if a > 0.0:
        bound = max(w, most / a - p[TH]) + rise
    else:
        bound = np.inf if most > 0.0 else w + rise
    return w, slope, curvature, bound


@inlined
def weigh(f, rho, up, down):
    """How high a filter state f can lift v, and how much it can bend it."""
    return rho * max(f, 0.0), f * (up if f > 0.0 else down)


@inlined
def step(w, slope, curvature):
    """The root h > 0 of w + slope h + curvature h^2 / 2, inf without one; w < 0."""
    root = math.sqrt(slope * slope - 2.0 * curvature * w)
    rising = -2.0 * w / (slope + root)
    turning = (root - slope) / curvature if curvature > 0.0 else np.inf
    return rising if slope > 0.0 else turning


@inlined
def first_step(t, w, slope, curvature, bound):
    """A time before which v does not reach the threshold, from what `outlook` says of t."""
    after = t + step(min(w, 0.0), slope, curvature)
    after = after if w < 0.0 else t
    return np.inf if bound <= 0.0 else after


@compiled
def ahead(x, p, d, horizon):
    """A time before which v does not reach the threshold, from the state at T0 (no exponential is computed)."""
    if x[T0] < x[REF]:
        return x[REF]
    w, slope, curvature, bound = outlook(x, p, d, horizon)
    after = first_step(x[T0], w, slope, curvature, bound)
    return after if after < horizon else np.inf


@compiled
def search(x, p, d, start, limit, horizon, copy, m):
    """Return (time, SPIKE) of the first crossing at or after `start`, or (time, OPEN): there is none before that time.

    Up to the horizon the electrodes are known; a crossing at or after `limit` is of no interest (nan: v is not finite).
    """
    t = max(start, x[T0], x[REF])
    if d[D_PORTS] == 0.0 and d[D_SINES] == 0.0 and d[D_KEEP] < 0.0:
        current, ramp = external(x, d, x[T0])
        if ramp == 0.0:
            return closed_form(x, p, current, t, horizon)
    for _ in range(BUDGET):
        if t >= horizon:
            return np.inf, OPEN
        if t >= limit:
            return t, OPEN
        for k in range(x.size):
            copy[k] = x[k]
        advance(copy, p, d, t, m)
        w, slope, curvature, bound = outlook(copy, p, d, horizon)
        if not w < 0.0:
            return (t, SPIKE) if w >= 0.0 else (np.nan, OPEN)
        if bound <= 0.0:
            return np.inf, OPEN
        after = t + step(w, slope, curvature)
        if after == t:
            return t, SPIKE
        far = (after - t) * p[A] > FAR
        t = after
        if far:
            break
    return t, OPEN


@compiled
def closed_form(x, p, current, start, horizon):
    """The crossing under constant drive: a dt = ln((target - v) / (target - V_th)); `current`: of the electrodes."""
    a, v, threshold = p[A], x[V], p[TH]
    if not v < threshold:
        return (start, SPIKE) if v >= threshold else (np.nan, OPEN)
    since = max(x[T0], x[REF])
    drive = p[C] + p[B] * current
    if a == 0.0:
        t = since + (threshold - v) / drive if drive > 0.0 else np.inf
    else:
        beyond = (p[REST] if current == 0.0 else drive / a) - threshold
        t = since + math.log1p((threshold - v) / beyond) / a if beyond > 0.0 else np.inf
    if t >= horizon:
        return np.inf, OPEN
    return (max(start, t), SPIKE) if t < np.inf else (np.inf, OPEN)
