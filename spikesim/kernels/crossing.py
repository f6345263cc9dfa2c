"""When does a leaky integrator reach its threshold?  Exactly, and without missing a crossing.

Between events the neuron and its synapses obey

    dv/dt = -a v + c + c1 (t - T0) + sines + B sum_ports gain f_n
    df_0/dt = -b f_0,    df_k/dt = b (f_(k-1) - f_k)

and the response of v to a filter state f_k is, with j = n - k,

    r_j(t) = B gain t (b t)^j M_j(t),     M_j(t) = int_0^1 u^j / j! exp(-a t (1 - u) - b t u) du        (`moments`)

an integral without a pole: equal, nearly equal and very different time constants are one smooth formula.

Search.  Let w = v - V_th < 0 at t.  With K an upper bound of d2w/dt2 at all later times,

    w(t + h) <= w + w' h + K h^2 / 2,

so nothing is missed by stepping to the root of the right-hand side.  The steps approach a crossing from the
left as Newton's method does, quadratically, and pass a peak that stays g below the threshold in O(log 1/g)
steps; `bound`, an upper bound of w at all later times, ends most searches before they begin.  No interval has
to be bracketed and no number of extrema assumed.

x (record of a neuron): T0, REF, JUMP, V, ...   p (parameters): A, C, B, TH, R, R0, TREF, then (rho, up, down)
of each filter state: max r_j, max and min of its second derivative.   d (description of the part): see
event_tables.
"""

from __future__ import annotations

import math

import numpy as np

from ..jit import compiled
from .event_tables import (
    D_KEEP,
    D_LINES,
    D_LINES_AT,
    D_PORTS,
    D_SINES,
    D_SINES_AT,
    LINE_WIDTH,
    PORT_AT,
    PORT_GAIN,
    PORT_RATE,
    PORT_STAGES,
    PORT_WIDTH,
    PORTS_AT,
    REF,
    RESPONSES,
    SINE_WIDTH,
    T0,
    TH,
    A,
    B,
    C,
    V,
)

#: Evaluations of one search before it says how far it came; it is taken up again when that time comes.
BUDGET = 64
SPIKE, CLEAR = 1, 0


@compiled
def phi_plus(z, top, m):
    """m[j] = int_0^1 u^j / j! exp(-z u) du, j = 0..top, z >= 0; recursion in the direction that does not cancel."""
    m[0] = -math.expm1(-z) / z if z > 0.0 else 1.0
    if top == 0:
        return
    decay = math.exp(-z)
    if z > top + 1.0:
        factorial = 1.0
        for j in range(1, top + 1):
            factorial *= j
            m[j] = (m[j - 1] - decay / factorial) / z
        return
    factorial = 1.0
    for j in range(1, top + 1):
        factorial *= j
    term = 1.0 / (top + 1.0)
    total = term
    k = 1
    while term > 1e-17 * total:
        term *= z / (top + 1.0 + k)
        total += term
        k += 1
    m[top] = decay * total / factorial
    for j in range(top, 1, -1):
        m[j - 1] = z * m[j] + decay / factorial
        factorial /= j


@compiled
def phi_minus(y, top, m):
    """m[j] = int_0^1 (1 - u)^j / j! exp(-y u) du, j = 0..top, y >= 0."""
    m[0] = -math.expm1(-y) / y if y > 0.0 else 1.0
    if top == 0:
        return
    factorial = 1.0
    if y > top + 1.0:
        for j in range(1, top + 1):
            factorial *= j
            m[j] = (1.0 / factorial - m[j - 1]) / y
        return
    for j in range(1, top + 1):
        factorial *= j
    term = 1.0 / (factorial * (top + 1.0))
    total = term
    k = 1
    while abs(term) > 1e-17 * total:
        term *= -y / (top + 1.0 + k)
        total += term
        k += 1
    m[top] = total
    for j in range(top, 1, -1):
        m[j - 1] = 1.0 / factorial - y * m[j]
        factorial /= j


@compiled
def moments(a, b, t, top, m):
    """m[j] = int_0^1 u^j / j! exp(-a t (1 - u) - b t u) du, j = 0..top."""
    z = (b - a) * t
    if z >= 0.0:
        phi_plus(z, top, m)
        scale = math.exp(-a * t)
    else:
        phi_minus(-z, top, m)
        scale = math.exp(-b * t)
    for j in range(top + 1):
        m[j] *= scale


@compiled
def sine_response(a, omega, theta, t):
    """int_0^t exp(-a (t - s)) sin(omega s + theta) ds."""
    square = a * a + omega * omega
    if square * t * t < 1e-8:  # Taylor: the closed form would divide by next to nothing
        s, c = math.sin(theta), math.cos(theta)
        d1 = omega * c - a * s
        d2 = -omega * omega * s - a * d1
        return t * (s + t * (0.5 * d1 + t * d2 / 6.0))
    end = omega * t + theta
    late = a * math.sin(end) - omega * math.cos(end)
    early = a * math.sin(theta) - omega * math.cos(theta)
    return (late - math.exp(-a * t) * early) / square


@compiled
def external(x, d, t):
    """Electrode current (pA) at t and its slope (pA/ms) without sines: lines I0 + I1 (t - Ts)."""
    current, slope = 0.0, 0.0
    at = np.int64(d[D_LINES_AT])
    for _ in range(np.int64(d[D_LINES])):
        current += x[at] + x[at + 1] * (t - x[at + 2])
        slope += x[at + 1]
        at += LINE_WIDTH
    return current, slope


@compiled
def sines(x, d, t):
    """Current of the sines (pA) at t."""
    current = 0.0
    at = np.int64(d[D_SINES_AT])
    for _ in range(np.int64(d[D_SINES])):
        current += x[at] * math.sin(x[at + 1] * (t - x[at + 3]) + x[at + 2])
        at += SINE_WIDTH
    return current


@compiled
def decay_filters(x, d, dt):
    """Advance the synaptic filters in place by dt."""
    at = PORTS_AT
    for _ in range(np.int64(d[D_PORTS])):
        first, stages, rate = np.int64(d[at + PORT_AT]), np.int64(d[at + PORT_STAGES]), d[at + PORT_RATE]
        at += PORT_WIDTH
        s = rate * dt
        e = math.exp(-s)
        for k in range(stages - 1, -1, -1):
            total, power = 0.0, 1.0
            for j in range(k + 1):
                total += x[first + k - j] * power
                power *= s / (j + 1.0)
            x[first + k] = total * e


@compiled
def potential(x, p, d, t, m):
    """v at t, from the record at T0 (not refractory in between)."""
    a, b_in, v = p[A], p[B], x[V]
    dt = t - x[T0]
    current, ramp = external(x, d, x[T0])
    if a > 0.0:
        target = (p[C] + b_in * current) / a
        v -= (target - v) * math.expm1(-a * dt)
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
        top = stages - 1
        moments(a, rate, dt, top, m)
        scale, total = dt, 0.0
        for j in range(stages):
            total += x[first + top - j] * scale * m[j]
            scale *= rate * dt
        v += b_in * d[at + PORT_GAIN] * total
        at += PORT_WIDTH
    return v


@compiled
def evaluate(x, p, d, t, horizon, m):
    """Return w, dw/dt at t, and bounds for all later times up to the horizon: of d2w/dt2 and of w."""
    a, b_in = p[A], p[B]
    dt = t - x[T0]
    v = potential(x, p, d, t, m)
    current, ramp = external(x, d, t)
    drive = p[C] + b_in * current
    slope = drive - a * v
    curvature = max(0.0, -a * slope) + max(0.0, b_in * ramp)
    most = drive + (b_in * ramp * (horizon - t) if ramp > 0.0 else 0.0)
    at = np.int64(d[D_SINES_AT])
    for _ in range(np.int64(d[D_SINES])):
        size = b_in * abs(x[at])
        if size > 0.0:
            most += size
            curvature += (2.0 * a + x[at + 1]) * size
        at += SINE_WIDTH
    slope += b_in * sines(x, d, t)
    rise = 0.0
    at = PORTS_AT
    q = RESPONSES
    for _ in range(np.int64(d[D_PORTS])):
        first, stages, rate = np.int64(d[at + PORT_AT]), np.int64(d[at + PORT_STAGES]), d[at + PORT_RATE]
        s = rate * dt
        e = math.exp(-s)
        f = 0.0
        for k in range(stages):
            f, power = 0.0, 1.0
            for j in range(k + 1):
                f += x[first + k - j] * power
                power *= s / (j + 1.0)
            f *= e
            rise += p[q] * max(f, 0.0)
            curvature += f * (p[q + 1] if f > 0.0 else p[q + 2])
            q += 3
        slope += b_in * d[at + PORT_GAIN] * f
        at += PORT_WIDTH
    w = v - p[TH]
    if a > 0.0:
        bound = max(w, most / a - p[TH]) + rise
    else:
        bound = np.inf if most > 0.0 else w + rise
    return w, slope, curvature, bound


@compiled
def search(x, p, d, start, horizon, m):
    """Return (time, SPIKE) of the first crossing at or after `start`, or (time, CLEAR): there is none before that time.

    Up to the horizon the input is known.
    """
    t = start
    if d[D_PORTS] == 0.0 and d[D_SINES] == 0.0:
        _, ramp = external(x, d, t)
        if ramp == 0.0:
            return closed_form(x, p, d, start)
    for _ in range(BUDGET):
        w, slope, curvature, bound = evaluate(x, p, d, t, horizon, m)
        if w >= 0.0:
            return t, SPIKE
        if bound <= 0.0:
            return np.inf, CLEAR
        square = slope * slope - 2.0 * curvature * w
        if slope > 0.0:
            h = -2.0 * w / (slope + math.sqrt(square))
        elif curvature > 0.0:
            h = (math.sqrt(square) - slope) / curvature
        else:
            return np.inf, CLEAR
        after = t + h
        if after >= horizon:
            return np.inf, CLEAR
        if after == t:
            return t, SPIKE
        t = after
    return t, CLEAR


@compiled
def closed_form(x, p, d, start):
    """The crossing under constant drive: a dt = ln((target - v) / (target - V_th))."""
    current, _ = external(x, d, x[T0])
    drive = p[C] + p[B] * current
    a, v, threshold = p[A], x[V], p[TH]
    if v >= threshold:
        return start, SPIKE
    if a == 0.0:
        return (max(start, x[T0] + (threshold - v) / drive), SPIKE) if drive > 0.0 else (np.inf, CLEAR)
    beyond = drive / a - threshold
    if not beyond > 0.0:
        return np.inf, CLEAR
    return max(start, x[T0] + math.log1p((threshold - v) / beyond) / a), SPIKE


@compiled
def leak(x, p, t):
    """`advance` of a record of which nothing but v changes."""
    since = max(x[T0], x[REF])
    if t > since:
        if p[A] > 0.0:
            x[V] -= (p[C] / p[A] - x[V]) * math.expm1(-p[A] * (t - since))
        else:
            x[V] += p[C] * (t - since)
    x[T0] = t


@compiled
def advance(x, p, d, t, m):
    """Advance the record in place from T0 to t; v stands still until REF, then what was kept for it arrives."""
    keep = np.int64(d[D_KEEP])
    if x[T0] < x[REF]:
        stop = min(t, x[REF])
        dt = stop - x[T0]
        decay_filters(x, d, dt)
        if keep >= 0:
            x[keep + 1] *= math.exp(-p[A] * dt)
            if t >= x[REF]:
                x[V] += x[keep + 1]
                x[keep + 1] = 0.0
        x[T0] = stop
    if t > x[T0]:
        v = potential(x, p, d, t, m)
        decay_filters(x, d, t - x[T0])
        x[V] = v
        x[T0] = t
