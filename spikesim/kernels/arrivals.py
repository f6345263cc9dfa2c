"""What reaches many neurons at once: the spikes of a segment, a change of an electrode's current."""

from __future__ import annotations

import numpy as np

from ..jit import call_kernel, compiled, expm1, prefetch, view
from ..random import ndtri, subkey, unit, word
from . import event_tables as e
from .event_tables import ARRIVED, BOTH, BOUND, KNOWN, NEXT, OPEN, REF, SPIKE, T0, V
from .neuron import parameters, receive_linear, record, refile
from .tables import floats, ints, records

#: Neurons whose records are asked for before they are needed.
AHEAD = 12


@compiled
def spread(target, weight, lo, hi, ids, strengths):
    """Copy the synapses lo ... hi - 1 to plain arrays, whatever types they are stored in; `weight` empty: given."""
    for j in range(hi - lo):
        ids[j] = target[lo + j]
    if weight.size:
        for j in range(hi - lo):
            strengths[j] = weight[lo + j]


def decode(w_at, b, segment):
    """Write targets and weights of a segment to W_TARGET and W_WEIGHT; return how many.

    The only place of the event engine that knows how synapses are stored.
    """
    w = view(w_at, e.EVENT_TABLE, np.int64)
    bundle = records(w, e.W_BUNDLE, e.BUNDLE_COLUMNS)
    start = view(bundle[b, e.SEG_START], bundle[b, e.N_SEGMENTS] + 1, np.int64)
    lo, hi, size = start[segment], start[segment + 1], bundle[b, e.N_SYNAPSES]
    ids, strengths = ints(w, e.W_TARGET), floats(w, e.W_WEIGHT)
    single = view(bundle[b, e.WEIGHT], np.int64(0), np.float32)
    if bundle[b, e.WEIGHT] == 0:
        constant = floats(w, e.W_CONSTANT)[b]
        for j in range(hi - lo):
            strengths[j] = constant
    elif bundle[b, e.DOUBLE]:
        double = view(bundle[b, e.WEIGHT], size, np.float64)
        for j in range(hi - lo):
            strengths[j] = double[lo + j]
    else:
        single = view(bundle[b, e.WEIGHT], size, np.float32)
    if bundle[b, e.WIDE]:
        spread(view(bundle[b, e.TARGET], size, np.uint32), single, lo, hi, ids, strengths)
    else:
        spread(view(bundle[b, e.TARGET], size, np.uint16), single, lo, hi, ids, strengths)
    return hi - lo


def volley_leak(w_at, b, n, t):
    """n spikes arrive at neurons of which nothing but v changes, all alike: v jumps."""
    w = view(w_at, e.EVENT_TABLE, np.int64)
    bundle, part = records(w, e.W_BUNDLE, e.BUNDLE_COLUMNS), records(w, e.W_PART, e.PART_COLUMNS)
    k = bundle[b, e.SHARED]
    ids, strengths, stride = ints(w, e.W_TARGET), floats(w, e.W_WEIGHT), ints(w, e.W_STATE)[e.STRIDE]
    x = floats(w, e.W_X)
    p = view(w[2 * e.W_PAR] + 8 * ints(w, e.W_PAR_AT)[part[k, e.FIRST]], e.RESPONSES, np.float64)
    a, drive, rest, threshold = p[e.A], p[e.C], p[e.REST], p[e.TH]
    for j in range(n):
        if j + AHEAD < n:
            prefetch(x, ids[j + AHEAD] * stride)
        i = ids[j]
        o = np.uint64(i * stride)
        if x[o + np.uint64(NEXT)] < t:
            call_kernel(part[k, e.CATCH], (np.int64(w_at), i, t))
        free = x[o + np.uint64(REF)]
        since = max(x[o + np.uint64(T0)], free)
        v = x[o + np.uint64(V)]
        if t > since:
            v -= (rest - v) * expm1(-a * (t - since)) if a > 0.0 else -drive * (t - since)
        x[o + np.uint64(T0)] = t
        if x[o + np.uint64(BOUND)] == t and x[o + np.uint64(KNOWN)] == SPIKE:
            v = max(v, threshold)
        if t > free:
            v += strengths[j]
            x[o + np.uint64(KNOWN)] = OPEN
            if strengths[j] > 0.0:
                bound = x[o + np.uint64(BOUND)]
                earlier = bound
                if v >= threshold:
                    earlier = t
                elif rest > threshold:  # v rises ever more slowly
                    earlier = min(bound, t + (threshold - v) / (drive - a * v))
                if earlier < bound:
                    x[o + np.uint64(BOUND)] = earlier
                    x[o + np.uint64(NEXT)] = min(x[o + np.uint64(NEXT)], earlier)
                    x[o + np.uint64(V)] = v
                    refile(w, i, record(w, i))
        x[o + np.uint64(V)] = v
    return 0


def volley_linear(w_at, b, n, t):
    """n spikes arrive at linear neurons of the same kind, with the same parameters and columns, and no electrodes."""
    w = view(w_at, e.EVENT_TABLE, np.int64)
    bundle, part = records(w, e.W_BUNDLE, e.BUNDLE_COLUMNS), records(w, e.W_PART, e.PART_COLUMNS)
    k = bundle[b, e.SHARED]
    ids, strengths, stride = ints(w, e.W_TARGET), floats(w, e.W_WEIGHT), ints(w, e.W_STATE)[e.STRIDE]
    x, m = floats(w, e.W_X), floats(w, e.W_ROOM)
    p = view(w[2 * e.W_PAR] + 8 * ints(w, e.W_PAR_AT)[part[k, e.FIRST]], part[k, e.PAR_SIZE], np.float64)
    d = view(w[2 * e.W_DESC] + 8 * part[k, e.DESC], part[k, e.DESC_SIZE], np.float64)
    ports = ints(w, e.W_PORT_AT)
    column = ports[k * (ports.size // part.shape[0]) + bundle[b, e.PORT]]
    trained = part[k, e.TRAIN_LO] < part[k, e.TRAIN_HI]
    for j in range(n):
        if j + AHEAD < n:
            prefetch(x, ids[j + AHEAD] * stride)
        i = ids[j]
        own = view(w[2 * e.W_X] + 8 * i * stride, stride, np.float64)
        if own[NEXT] < t:
            call_kernel(part[k, e.CATCH], (np.int64(w_at), i, t))
        bound, old = own[BOUND], own[NEXT]
        receive_linear(own, p, d, column, strengths[j], t, np.inf, m)
        if own[BOUND] != bound:
            own[NEXT] = min(old, own[BOUND]) if trained else own[BOUND]
            if own[NEXT] < old:
                refile(w, i, own)
    return 0


def volley_any(w_at, b, n, t):
    """n spikes arrive at neurons of whatever kind."""
    w = view(w_at, e.EVENT_TABLE, np.int64)
    bundle, part = records(w, e.W_BUNDLE, e.BUNDLE_COLUMNS), records(w, e.W_PART, e.PART_COLUMNS)
    ids, strengths, part_of = ints(w, e.W_TARGET), floats(w, e.W_WEIGHT), ints(w, e.W_PART_OF)
    stride, x = ints(w, e.W_STATE)[e.STRIDE], floats(w, e.W_X)
    ports = ints(w, e.W_PORT_AT)
    n_ports, port = ports.size // part.shape[0], bundle[b, e.PORT]
    for j in range(n):
        if j + AHEAD < n:
            prefetch(x, ids[j + AHEAD] * stride)
        i = ids[j]
        k = part_of[i]
        if x[i * stride + NEXT] < t:
            call_kernel(part[k, e.CATCH], (np.int64(w_at), i, t))
        call_kernel(part[k, e.ARRIVE], (np.int64(w_at), i, ports[k * n_ports + port], strengths[j], t))
    return 0


@compiled
def change(w, q, t):
    """Let electrode q take its next value, due at t; return when the one after that is due."""
    drive = records(w, e.W_DRIVE, e.DR_COLUMNS)
    part = records(w, e.W_PART, e.PART_COLUMNS)
    k, width, cursor = drive[q, e.DR_PART], drive[q, e.DR_WIDTH], drive[q, e.DR_CURSOR]
    index = ints(w, e.W_DRIVE_INDEX)[drive[q, e.DR_INDEX] :]
    value = floats(w, e.W_DRIVE_VALUE)[drive[q, e.DR_VALUES] :]
    keys = view(w[2 * e.W_DRIVE_KEY], w[2 * e.W_DRIVE_KEY + 1], np.uint64)
    times = floats(w, e.W_DRIVE_TIME)[drive[q, e.DR_TIMES] :]
    kind = drive[q, e.DR_KIND]
    ka, kb = subkey(keys[2 * q], keys[2 * q + 1], cursor)
    for j in range(part[k, e.SIZE]):
        c = index[j]
        if c < 0:
            continue
        x = record(w, part[k, e.FIRST] + j)[drive[q, e.DR_SLOT] :]
        c = c if width > 1 else 0
        if kind == e.NOISE:
            x[0] = value[c] + value[width + c] * ndtri(unit(word(ka, kb, index[j])))
        elif kind == e.LINE:
            x[0], x[1], x[2] = value[2 * cursor * width + c], value[(2 * cursor + 1) * width + c], t
        else:
            x[0] = value[c] if cursor == 0 else 0.0
            x[1], x[2], x[3] = value[width + c], value[2 * width + c], times[0]
    drive[q, e.DR_CURSOR] = cursor + 1
    if kind == e.NOISE:
        return (cursor + 1) * times[0]
    return times[cursor + 1] if cursor + 1 < drive[q, e.DR_COUNT] else np.inf


def drives(w_at, t):
    """Change the electrode currents that change at t; all neurons of the part are looked at again."""
    w = view(w_at, e.EVENT_TABLE, np.int64)
    drive, following = records(w, e.W_DRIVE, e.DR_COLUMNS), floats(w, e.W_DRIVE_NEXT)
    part, stride = records(w, e.W_PART, e.PART_COLUMNS), ints(w, e.W_STATE)[e.STRIDE]
    for q in range(following.size):
        if following[q] == t:
            k = drive[q, e.DR_PART]
            for j in range(part[k, e.SIZE]):
                i = part[k, e.FIRST] + j
                x = record(w, i)
                if x[NEXT] < t:
                    call_kernel(part[k, e.CATCH], (np.int64(w_at), i, t))
                call_kernel(part[k, e.BRING], (np.int64(w_at), i, w[2 * e.W_X] + 8 * i * stride, t))
                due = (x[KNOWN] == SPIKE or x[KNOWN] == BOTH) and x[BOUND] == t
                x[NEXT], x[BOUND], x[KNOWN] = t, t, OPEN
                if part[k, e.KIND] == e.FLOW:
                    x[KNOWN] = BOTH if due else ARRIVED
                elif due:
                    x[V] = max(x[V], parameters(w, i, part, k)[e.TH])
                refile(w, i, x)
            following[q] = change(w, q, t)
    return 0
