"""Many spikes arrive: most of the time of a run is spent here.

Arrivals are gathered in the order of time, from one segment or from many, and served in blocks.  In a block the
records are first asked for and looked at, then all exponentials are computed at once (they vectorise), then each
neuron takes its spike.  A neuron that has something to do before, that has changed in between because two spikes of a
block reach it, or that is refractory goes the plain way (its `arrive`).
"""

from __future__ import annotations

import numpy as np

from ...jit import call_kernel, compiled, expm1, prefetch, view
from . import records as e
from .crossing import first_step, unit_response, weigh
from .leaky import kick
from .lookup import floats, ints, records
from .propagate import record, refile
from .records import BOUND, KNOWN, NEXT, OPEN, REF, RESPONSES, T0, V

#: Arrivals that are served together, at most.
BLOCK = 256


@compiled
def spread(target, weight, lo, n, ids, strengths):
    """Copy the n synapses from `lo` on to plain arrays, whatever types they are stored in; `weight` empty: given."""
    for j in range(n):
        ids[j] = target[lo + j]
    if weight.size:
        for j in range(n):
            strengths[j] = weight[lo + j]


def decode(w_at, b, lo, n, t, at):
    """Gather the n synapses from `lo` on of bundle b, reached at t, as arrivals `at`, at + 1, ...

    The only place of the event engine that knows how synapses are stored.
    """
    w = view(w_at, e.EVENT_TABLE, np.int64)
    bundle = records(w, e.W_BUNDLE, e.BUNDLE_COLUMNS)
    size = bundle[b, e.N_SYNAPSES]
    ids, strengths = ints(w, e.W_TARGET)[at : at + n], floats(w, e.W_WEIGHT)[at : at + n]
    times, ports = floats(w, e.W_TIME)[at : at + n], ints(w, e.W_TO_PORT)[at : at + n]
    port = bundle[b, e.PORT]
    for j in range(n):
        times[j] = t
        ports[j] = port
    single = view(bundle[b, e.WEIGHT], np.int64(0), np.float32)
    if bundle[b, e.WEIGHT] == 0:
        constant = floats(w, e.W_CONSTANT)[b]
        for j in range(n):
            strengths[j] = constant
    elif bundle[b, e.DOUBLE]:
        double = view(bundle[b, e.WEIGHT], size, np.float64)
        for j in range(n):
            strengths[j] = double[lo + j]
    else:
        single = view(bundle[b, e.WEIGHT], size, np.float32)
    if bundle[b, e.WIDE]:
        spread(view(bundle[b, e.TARGET], size, np.uint32), single, lo, n, ids, strengths)
    else:
        spread(view(bundle[b, e.TARGET], size, np.uint16), single, lo, n, ids, strengths)
    return at + n


@compiled
def plainly(w, part, k, i, column, weight, t):
    """One spike arrives at neuron i of part k."""
    if record(w, i)[NEXT] < t:
        call_kernel(part[k, e.CATCH], (np.int64(w.ctypes.data), i, t))
    call_kernel(part[k, e.ARRIVE], (np.int64(w.ctypes.data), i, column, weight, t))


@compiled
def look(w, n, seen, dt):
    """Ask for the records of all that is reached; note the time of each state (refractory: nan), and how long ago."""
    ids, times, x = ints(w, e.W_TARGET), floats(w, e.W_TIME), floats(w, e.W_X)
    stride = ints(w, e.W_STATE)[e.STRIDE]
    for j in range(n):
        prefetch(x, ids[j] * stride)
    for j in range(n):
        own = view(w[2 * e.W_X] + 8 * ids[j] * stride, V + 1, np.float64)
        seen[j] = own[T0] if own[T0] >= own[REF] else np.nan
        dt[j] = max(0.0, times[j] - own[T0])


def volley_leak(w_at, k, n):
    """n spikes arrive at neurons of which nothing but v changes, with the parameters of part k; a > 0."""
    w = view(w_at, e.EVENT_TABLE, np.int64)
    part, stride = records(w, e.W_PART, e.PART_COLUMNS), ints(w, e.W_STATE)[e.STRIDE]
    ids, strengths, times = ints(w, e.W_TARGET), floats(w, e.W_WEIGHT), floats(w, e.W_TIME)
    work = floats(w, e.W_WORK)
    seen, dt, lost = work[:n], work[BLOCK : BLOCK + n], work[2 * BLOCK : 2 * BLOCK + n]
    p = view(w[2 * e.W_PAR] + 8 * ints(w, e.W_PAR_AT)[part[k, e.FIRST]], RESPONSES, np.float64)
    a, drive, rest, threshold = p[e.A], p[e.C], p[e.REST], p[e.TH]
    look(w, n, seen, dt)
    for j in range(n):
        lost[j] = expm1(-a * dt[j])
    for j in range(n):
        i, t = ids[j], times[j]
        x = view(w[2 * e.W_X] + 8 * i * stride, V + 1, np.float64)
        if x[T0] != seen[j] or x[NEXT] <= t or t == x[REF]:
            plainly(w, part, k, i, np.int64(V), strengths[j], t)
            continue
        v, bound = kick(x[V] - (rest - x[V]) * lost[j], strengths[j], x[BOUND], t, a, drive, rest, threshold)
        old = x[NEXT]
        x[T0], x[V], x[KNOWN] = t, v, OPEN
        if old == x[BOUND]:  # no train comes before
            x[NEXT] = bound
        x[BOUND] = bound
        if bound < old:
            x[NEXT] = bound
            refile(w, i, x)
    return 0


def volley_currents(w_at, k, n):
    """n spikes arrive at linear neurons like those of part k: filters of one stage, no electrodes."""
    w = view(w_at, e.EVENT_TABLE, np.int64)
    part, stride = records(w, e.W_PART, e.PART_COLUMNS), ints(w, e.W_STATE)[e.STRIDE]
    ids, strengths, times = ints(w, e.W_TARGET), floats(w, e.W_WEIGHT), floats(w, e.W_TIME)
    to_port, ports, work = ints(w, e.W_TO_PORT), ints(w, e.W_PORT_AT), floats(w, e.W_WORK)
    own_ports = ports[k * (ports.size // part.shape[0]) :]
    p = view(w[2 * e.W_PAR] + 8 * ints(w, e.W_PAR_AT)[part[k, e.FIRST]], part[k, e.PAR_SIZE], np.float64)
    d = view(w[2 * e.W_DESC] + 8 * part[k, e.DESC], part[k, e.DESC_SIZE], np.float64)
    a, rest, n_filters = p[e.A], p[e.REST], np.int64(d[e.D_PORTS])
    trained = part[k, e.TRAIN_LO] < part[k, e.TRAIN_HI]
    seen, dt, lost = work[:n], work[BLOCK : BLOCK + n], work[2 * BLOCK : 2 * BLOCK + n]
    look(w, n, seen, dt)
    for j in range(n):
        lost[j] = expm1(-a * dt[j])
    for f in range(n_filters):
        answer, left = work[(6 + 2 * f) * BLOCK :][:n], work[(7 + 2 * f) * BLOCK :][:n]
        rate = d[e.PORTS_AT + f * e.PORT_WIDTH + e.PORT_RATE]
        for j in range(n):
            answer[j], left[j] = unit_response(a, rate, dt[j], 1.0 + lost[j])
    first = np.int64(0)
    while first < n:
        j = first
        while j < n:
            i, t = ids[j], times[j]
            x = view(w[2 * e.W_X] + 8 * i * stride, stride, np.float64)
            if x[T0] != seen[j] or x[NEXT] <= t or t == x[REF]:
                break
            v = x[V] - (rest - x[V]) * lost[j]
            for f in range(n_filters):
                at = e.PORTS_AT + f * e.PORT_WIDTH
                column = np.int64(d[at + e.PORT_AT])
                v += p[e.B] * d[at + e.PORT_GAIN] * x[column] * work[(6 + 2 * f) * BLOCK + j]
                x[column] *= work[(7 + 2 * f) * BLOCK + j]
            x[own_ports[to_port[j]]] += strengths[j]
            for f in range(n_filters):
                work[(6 + 2 * f) * BLOCK + j] = x[np.int64(d[e.PORTS_AT + f * e.PORT_WIDTH + e.PORT_AT])]
            x[V], x[T0], x[KNOWN], lost[j] = v, t, OPEN, v
            j += 1
        after = look_ahead(p, d, n_filters, times[first:j], work, first)
        for q in range(first, j):
            if strengths[q] > 0.0:
                x = view(w[2 * e.W_X] + 8 * ids[q] * stride, stride, np.float64)
                old = x[NEXT]
                x[BOUND] = after[q - first]
                x[NEXT] = min(old, x[BOUND]) if trained else x[BOUND]
                if x[NEXT] < old:
                    refile(w, ids[q], x)
        if j < n:
            plainly(w, part, k, ids[j], own_ports[to_port[j]], strengths[j], times[j])
        first = j + 1
    return 0


@compiled
def look_ahead(p, d, n_filters, times, work, first):
    """What `ahead` says of many neurons at once: v and filters stand in the work table; returns its times."""
    n = times.size
    v = work[2 * BLOCK + first :][:n]
    slope, curvature, rise = work[3 * BLOCK :][:n], work[4 * BLOCK :][:n], work[5 * BLOCK :][:n]
    a, drive, rest, threshold = p[e.A], p[e.C], p[e.REST], p[e.TH]
    for j in range(n):
        slope[j] = drive - a * v[j]
        curvature[j] = max(0.0, -a * slope[j])
        rise[j] = 0.0
    for f in range(n_filters):
        filtered = work[(6 + 2 * f) * BLOCK + first :][:n]
        gain = p[e.B] * d[e.PORTS_AT + f * e.PORT_WIDTH + e.PORT_GAIN]
        rho, up, down = p[RESPONSES + 3 * f], p[RESPONSES + 3 * f + 1], p[RESPONSES + 3 * f + 2]
        for j in range(n):
            lift, bend = weigh(filtered[j], rho, up, down)
            slope[j] += gain * filtered[j]
            curvature[j] += bend
            rise[j] += lift
    for j in range(n):
        w = v[j] - threshold
        rise[j] = first_step(times[j], w, slope[j], curvature[j], max(w, rest - threshold) + rise[j])
    return rise


def volley_any(w_at, k, n):
    """n spikes arrive at neurons of whatever kind."""
    w = view(w_at, e.EVENT_TABLE, np.int64)
    part, part_of, ports = records(w, e.W_PART, e.PART_COLUMNS), ints(w, e.W_PART_OF), ints(w, e.W_PORT_AT)
    ids, strengths, times = ints(w, e.W_TARGET), floats(w, e.W_WEIGHT), floats(w, e.W_TIME)
    to_port, x, stride = ints(w, e.W_TO_PORT), floats(w, e.W_X), ints(w, e.W_STATE)[e.STRIDE]
    n_ports = ports.size // part.shape[0]
    for j in range(n):
        prefetch(x, ids[j] * stride)
    for j in range(n):
        own = part_of[ids[j]]
        plainly(w, part, own, ids[j], ports[own * n_ports + to_port[j]], strengths[j], times[j])
    return 0
