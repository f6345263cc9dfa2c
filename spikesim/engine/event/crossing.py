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

x: the record of a neuron (NEURON, then v, ...);  p: its parameters (LINEAR, then a RESPONSE of each filter state: max
r_j, max and min of its second derivative);  d: its PART.
"""

from __future__ import annotations

import math

import numpy as np

from ...jit import compiled, exp, expm1, inlined
from ...jit.records import floats, table
from .moments import moments, phi_minus, sine_response
from .records import OPEN, PORT, SPIKE, STATES, answers, head, kept, linear, lines, sine_slots

#: Evaluations of one search before it says how far it came; it is taken up again when that time comes.
BUDGET = 64
#: A step as long as this, in membrane time constants, ends it, too: most often something arrives before.
FAR = 1.0 / 32.0


@inlined
def external(x, d, t):
    """Electrode current (pA) at t and its slope (pA/ms) without sines."""
    current, slope = 0.0, 0.0
    for line in lines(x, d):
        current += line.start + line.rise * (t - line.since)
        slope += line.rise
    return current, slope


@inlined
def sines(x, d, t):
    """Current of the sines (pA) at t."""
    current = 0.0
    for sine in sine_slots(x, d):
        current += sine.height * math.sin(sine.omega * (t - sine.since) + sine.phase)
    return current


@compiled
def decay_stages(x, first, stages, s):
    """Advance one cascade of several stages in place by s = rate dt."""
    e = exp(-s)
    for k in range(stages - 1, -1, -1):
        total, power = 0.0, 1.0
        for j in range(k + 1):
            total += x[first + k - j] * power
            power *= s / (j + 1.0)
        x[first + k] = total * e


@compiled
def evolve(f, matrix, dt, out, work):
    """out = exp(matrix dt) f: Taylor's series over pieces in which the norm of matrix dt is at most 1.

    f, out: float64 (n);  matrix: (n n), row by row;  work: (2 n).
    """
    n = f.size
    norm = 0.0
    for i in range(n):
        total = 0.0
        for j in range(n):
            total += abs(matrix[i * n + j])
        norm = max(norm, total)
    pieces = max(1.0, math.ceil(norm * dt))
    h = dt / pieces
    term, following = work[:n], work[n : 2 * n]
    for i in range(n):
        out[i] = f[i]
    piece = 0.0
    while piece < pieces:
        piece += 1.0
        for i in range(n):
            term[i] = out[i]
        k, size, whole = 0.0, 1.0, 0.0
        while size > 1e-18 * whole and k < 40.0:
            k += 1.0
            size, whole = 0.0, 0.0
            for i in range(n):
                total = 0.0
                for j in range(n):
                    total += matrix[i * n + j] * term[j]
                following[i] = total * (h / k)
            for i in range(n):
                term[i] = following[i]
                out[i] += term[i]
                size, whole = max(size, abs(term[i])), max(whole, abs(out[i]))
        if whole == 0.0:
            break


@compiled
def decay_filters(x, d, dt, room):
    """Advance the filters that refractoriness does not hold in place by dt; room: float64 (3 n)."""
    for port in table(d.going, PORT):
        if port.matrix.n == 0:
            decay_stages(x, port.at, port.stages, port.rate * dt)
        else:
            n = port.stages
            f = x[port.at : port.at + n]
            evolve(f, floats(port.matrix), dt, room[:n], room[n : 3 * n])
            for k in range(n):
                f[k] = room[k]


@inlined
def unit_response(a, rate, dt, left):
    """v after dt for a filter of one stage that stood at 1, B gain = 1; and what is left of it; left = exp(-a dt)."""
    gap = rate - a
    return response(gap, dt, left if gap >= 0.0 else exp(-rate * dt))


@inlined
def response(gap, dt, slower):
    """The same; gap: by how much the filter decays faster than v; slower: what is left of that which decays slower."""
    apart = abs(gap)
    e = expm1(-apart * dt)
    return -slower * e / apart if apart > 0.0 else slower * dt, slower * (1.0 + e) if gap > 0.0 else slower


@compiled
def advance(x, p, d, t, m):
    """Advance a record in place from its time to t; v stands still while refractory, then what was kept arrives."""
    n, c = head(x), linear(p)
    if n.time < n.free:
        stop = min(t, n.free)
        dt = stop - n.time
        decay_filters(x, d, dt, m)
        if d.keep >= 0:
            moves = kept(x, d)
            moves.so_far *= exp(-c.a * dt)
            if t >= n.free:
                x[STATES] += moves.so_far
                moves.so_far = 0.0
        n.time = stop
    start = n.time
    dt = t - start
    if dt > 0.0:
        a, b_in, v = c.a, c.b, x[STATES]
        current, ramp = external(x, d, start)
        lost = expm1(-a * dt)
        rest = c.rest if current == 0.0 else (c.c + b_in * current) / a
        if a > 0.0:
            v -= (rest - v) * lost
        else:
            v += (c.c + b_in * current) * dt
        if ramp != 0.0:
            phi_minus(a * dt, 1, m)
            v += b_in * ramp * dt * dt * m[1]
        for sine in sine_slots(x, d):
            if sine.height != 0.0:
                phase = sine.omega * (start - sine.since) + sine.phase
                v += b_in * sine.height * sine_response(a, sine.omega, phase, dt)
        for port in table(d.ports, PORT):
            first, stages, rate = port.at, port.stages, port.rate
            gain = b_in * port.gain
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
        x[STATES] = v
        n.time = t


@compiled
def outlook(x, p, d, horizon):
    """Return w, dw/dt at the record's time, and bounds for all later times up to the horizon: of d2w/dt2 and of w."""
    n, c = head(x), linear(p)
    a, b_in, v, start = c.a, c.b, x[STATES], n.time
    current, ramp = external(x, d, start)
    drive = c.c + b_in * current
    slope = drive - a * v
    curvature = max(0.0, -a * slope) + max(0.0, b_in * ramp)
    most = drive + (b_in * ramp * (horizon - start) if ramp > 0.0 else 0.0)
    for sine in sine_slots(x, d):
        size = b_in * abs(sine.height)
        if size > 0.0:
            most += size
            curvature += (2.0 * a + sine.omega) * size
    slope += b_in * sines(x, d, start)
    rise = 0.0
    responses, q = answers(p), 0
    for port in table(d.ports, PORT):
        f = 0.0
        for k in range(port.stages):
            f = x[port.at + k]
            response = responses[q]
            lift, bend = weigh(f, response.height, response.up, response.down)
            rise += lift
            curvature += bend
            q += 1
        slope += b_in * port.gain * f
    w = v - c.threshold
    if a > 0.0:
        bound = max(w, most / a - c.threshold) + rise
    else:
        bound = np.inf if most > 0.0 and w > -np.inf else w + rise  # V_th = inf: it never comes
    return w, slope, curvature, bound


@inlined
def weigh(f, height, up, down):
    """How high a filter state f can lift v, and how much it can bend it."""
    return height * max(f, 0.0), f * (up if f > 0.0 else down)


@inlined
def step(w, slope, curvature):
    """The root h > 0 of w + slope h + curvature h^2 / 2, inf without one; w < 0."""
    root = math.sqrt(slope * slope - 2.0 * curvature * w)
    rising = slope > 0.0
    above = -2.0 * w if rising else root - slope
    below = slope + root if rising else curvature
    ratio = above / below  # one division in vector instructions
    return ratio if rising or curvature > 0.0 else np.inf


@inlined
def first_step(t, w, slope, curvature, bound):
    """A time before which v does not reach the threshold, from what `outlook` says of t."""
    after = t + step(min(w, 0.0), slope, curvature)
    after = after if w < 0.0 else t
    return np.inf if (bound <= 0.0) & (w < 0.0) else after  # v may stand on the threshold, and only fall from there


@compiled
def ahead(x, p, d, horizon):
    """A time before which v does not reach the threshold, from the state at its time (no exponential is computed)."""
    n = head(x)
    if n.time < n.free:
        return n.free
    w, slope, curvature, bound = outlook(x, p, d, horizon)
    after = first_step(n.time, w, slope, curvature, bound)
    return after if after < horizon else np.inf


@compiled
def search(x, p, d, start, limit, horizon, spare, m):
    """Return (time, SPIKE) of the first crossing at or after `start`, or (time, OPEN): there is none before that time.

    Up to the horizon the electrodes are known; a crossing at or after `limit` is of no interest (nan: v is not finite).
    spare: room for one record.
    """
    n, c = head(x), linear(p)
    t = max(start, n.time, n.free)
    if d.ports.n == 0 and d.sines == 0 and d.keep < 0:
        current, ramp = external(x, d, n.time)
        if ramp == 0.0:
            return closed_form(x, p, current, t, horizon)
    for _ in range(BUDGET):
        if t >= horizon:
            return np.inf, OPEN
        if t >= limit:
            return t, OPEN
        for k in range(x.size):
            spare[k] = x[k]
        advance(spare, p, d, t, m)
        w, slope, curvature, bound = outlook(spare, p, d, horizon)
        if not w < 0.0:
            return (t, SPIKE) if w >= 0.0 else (np.nan, OPEN)
        if bound <= 0.0:
            return np.inf, OPEN
        after = t + step(w, slope, curvature)
        if after == t:
            return t, SPIKE
        far = (after - t) * c.a > FAR
        t = after
        if far:
            break
    return t, OPEN


@compiled
def closed_form(x, p, current, start, horizon):
    """The crossing under constant drive: a dt = ln((target - v) / (target - V_th)); `current`: of the electrodes."""
    n, c = head(x), linear(p)
    a, v, threshold = c.a, x[STATES], c.threshold
    if not v < threshold:
        return (start, SPIKE) if v >= threshold else (np.nan, OPEN)
    since = max(n.time, n.free)
    drive = c.c + c.b * current
    if a == 0.0:
        t = since + (threshold - v) / drive if drive > 0.0 else np.inf
    else:
        beyond = (c.rest if current == 0.0 else drive / a) - threshold
        t = since + math.log1p((threshold - v) / beyond) / a if beyond > 0.0 else np.inf
    if t >= horizon:
        return np.inf, OPEN
    return (max(start, t), SPIKE) if t < np.inf else (np.inf, OPEN)
