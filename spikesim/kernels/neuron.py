"""One neuron of the event engine: advance its record, find its next spike, take what arrives, fire."""

from __future__ import annotations

import numpy as np

from ..jit import call_kernel, compiled, view
from . import adaptive, crossing
from . import event_tables as e
from .event_tables import JUMP, REF, T0, V
from .tables import floats, ints, records


@compiled
def octets(w, field):
    """A uint8 array of the worker."""
    return view(w[2 * field], w[2 * field + 1], np.uint8)


@compiled
def record(w, i):
    """The record of neuron i."""
    at = ints(w, e.W_AT)
    return floats(w, e.W_X)[at[i] : at[i + 1]]


@compiled
def parameters(w, i, part, k):
    """Its parameters."""
    first = ints(w, e.W_PAR_AT)[i]
    return floats(w, e.W_PAR)[first : first + part[k, e.PAR_SIZE]]


@compiled
def description(w, part, k):
    """The description of part k."""
    return floats(w, e.W_DESC)[part[k, e.DESC] : part[k, e.DESC] + part[k, e.DESC_SIZE]]


@compiled
def ask(w, i, part, k, task, x, t):
    """Ask the kernel of a FLOW about the record x; the answer stands in W_ANSWER."""
    first = ints(w, e.W_PAR_AT)[i]
    call_kernel(
        part[k, e.KERNEL],
        (
            np.int64(task),
            np.int64(x.ctypes.data),
            np.int64(w[2 * e.W_PAR] + 8 * first),
            np.int64(w[2 * e.W_DESC] + 8 * part[k, e.DESC]),
            np.float64(t),
            np.int64(w[2 * e.W_ANSWER]),
        ),
    )


@compiled
def advance(w, i, part, k, x, t):
    """Advance the record x of neuron i to t."""
    if part[k, e.KIND] == e.LINEAR:
        crossing.advance(x, parameters(w, i, part, k), description(w, part, k), t, floats(w, e.W_ROOM))
    else:
        ask(w, i, part, k, adaptive.ADVANCE, x, t)


@compiled
def horizon(w, part, k):
    """When the electrode current of part k changes next."""
    following = floats(w, e.W_DRIVE_NEXT)
    t = np.inf
    for q in range(part[k, e.DRIVE_LO], part[k, e.DRIVE_HI]):
        t = min(t, following[q])
    return t


@compiled
def predict(w, i, part, k, start):
    """Find the next spike of neuron i, none being before `start`: sets its bound; return an error or DONE."""
    bound, known = floats(w, e.W_BOUND), octets(w, e.W_KNOWN)
    x = record(w, i)
    last = horizon(w, part, k)
    if part[k, e.KIND] == e.LINEAR:
        p, d, m = parameters(w, i, part, k), description(w, part, k), floats(w, e.W_ROOM)
        if x[T0] < x[REF]:
            copy = floats(w, e.W_SCRATCH)[: x.size]
            copy[:] = x
            if x[REF] >= last:  # the input changes before it is released
                bound[i], known[i] = np.inf, 0
                return e.DONE
            crossing.advance(copy, p, d, x[REF], m)
            bound[i], known[i] = crossing.search(copy, p, d, max(start, x[REF]), last, m)
        else:
            bound[i], known[i] = crossing.search(x, p, d, start, last, m)
        if bound[i] != bound[i] or x[V] != x[V]:
            return e.NOT_FINITE
        return e.DONE
    ask(w, i, part, k, adaptive.PLAN, x, last)
    answer = floats(w, e.W_ANSWER)
    bound[i], known[i] = answer[0], np.uint8(answer[1] > 0.0)
    return e.DONE if answer[1] >= 0.0 else e.NO_STEP


@compiled
def next_event(w, i, part, k):
    """When the neuron acts next by itself: its spike (or the time it must be looked at), its trains."""
    t = floats(w, e.W_BOUND)[i]
    if part[k, e.TRAIN_LO] < part[k, e.TRAIN_HI]:
        train, following = records(w, e.W_TRAIN, e.TR_COLUMNS), floats(w, e.W_TRAIN_NEXT)
        for b in range(part[k, e.TRAIN_LO], part[k, e.TRAIN_HI]):
            t = min(t, following[train[b, e.TR_NEXT] + i - part[k, e.FIRST]])
    return t


@compiled
def settle(w, i, part, k, t):
    """All that arrives at t has arrived: move v, fire or look ahead; return (fired, error)."""
    kind = part[k, e.KIND]
    bound, known, mark = floats(w, e.W_BOUND), octets(w, e.W_KNOWN), octets(w, e.W_MARK)
    x = record(w, i)
    d = description(w, part, k)
    v = V + np.int64(d[e.D_JUMP])
    free = t >= x[REF]
    due = known[i] == 1 and bound[i] == t
    jump = x[JUMP] if t > x[REF] else 0.0
    moved = x[JUMP] != 0.0
    x[JUMP] = 0.0
    keep = np.int64(d[e.D_KEEP])
    if keep >= 0 and x[keep] != 0.0:
        moved = True
        if free:
            jump += x[keep]
        else:
            x[keep + 1] += x[keep]
        x[keep] = 0.0
    fires = False
    if kind == e.LINEAR:
        p = parameters(w, i, part, k)
        if due:
            x[v] = p[e.TH]
        x[v] += jump
        fires = free and x[v] >= p[e.TH]
    elif due and jump >= 0.0:
        x[v] += jump
        fires = True
    elif moved:
        answer = floats(w, e.W_ANSWER)
        ask(w, i, part, k, adaptive.MARGIN, x, t)
        below = answer[0] < 0.0
        x[v] += jump
        ask(w, i, part, k, adaptive.MARGIN, x, t)
        fires = free and answer[0] >= 0.0 and (below or due)
    if x[v] != x[v]:
        return False, e.NOT_FINITE
    if fires:
        failed = fire(w, i, part, k, x, d, t)
        if failed != e.DONE:
            return True, failed
    elif kind == e.LINEAR and mark[i] == 1 and bound[i] > t:
        known[i] = 0  # nothing that arrived can raise v at any time: the bound stands
        return False, e.DONE
    return fires, predict(w, i, part, k, t)


@compiled
def fire(w, i, part, k, x, d, t):
    """Reset the neuron; return an error or DONE."""
    if part[k, e.KIND] == e.LINEAR:
        p = parameters(w, i, part, k)
        x[V] = p[e.R] * x[V] + p[e.R0]
        x[REF] = t + p[e.TREF]
        return e.DONE if x[V] < p[e.TH] else e.NO_RESET
    ask(w, i, part, k, adaptive.RESET, x, t)
    if d[e.D_TREF] != 0.0:
        x[REF] = t + parameters(w, i, part, k)[e.TREF]
    if d[e.D_RESETS] != 0.0:
        ask(w, i, part, k, adaptive.MARGIN, x, t)
        if not floats(w, e.W_ANSWER)[0] < 0.0:
            return e.NO_RESET
    return e.DONE
