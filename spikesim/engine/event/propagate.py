"""One neuron of the event engine: what reaches it, and what it does by itself.

Each neuron goes through its own events in order of time and knows nothing of the others: within a window nothing that
one does reaches another.  `catch_*` lets happen all that it does by itself before a time: spikes, arrivals of its own
Poisson trains, steps of a nonlinear neuron, looks at where v is heading.  `arrive_*` is one spike that arrives at a
neuron which has been caught up to that time.  What arrives at one time is summed before the threshold is tested,
because the test is something that the neuron does by itself, later.

So a state is a function of what reached that neuron alone, to the last bit: not of windows, threads, pieces of
a run, or of who looks at it.
"""

from __future__ import annotations

import math

import numpy as np

from ...jit import compiled, inlined, resized, view
from ...random import subkey, unit, word
from . import crossing
from . import records as e
from .lookup import floats, ints, records, shorts
from .queue import BUCKETS, POOL_SIZE, bucket_of, file
from .records import BOUND, KNOWN, NEXT, OPEN, REF, SPIKE, V


@inlined
def record(w, i):
    """The record of neuron i."""
    stride = ints(w, e.W_STATE)[e.STRIDE]
    return view(w[2 * e.W_X] + 8 * i * stride, stride, np.float64)


@inlined
def parameters(w, i, part, k):
    """Its parameters."""
    return view(w[2 * e.W_PAR] + 8 * ints(w, e.W_PAR_AT)[i], part[k, e.PAR_SIZE], np.float64)


@inlined
def description(w, part, k):
    """The description of part k."""
    return view(w[2 * e.W_DESC] + 8 * part[k, e.DESC], part[k, e.DESC_SIZE], np.float64)


@inlined
def refile(w, i, x):
    """Let neuron i be found by the time that its record x says."""
    if x[NEXT] < np.inf:
        state = ints(w, e.W_STATE)
        bucket, current = bucket_of(x[NEXT], floats(w, e.W_CLOCK)[e.C_WIDTH]), state[e.CURRENT]
        pool = view(w[2 * e.W_STATE] + 8 * e.POOL, POOL_SIZE, np.int64)
        state[e.FILED] += file(shorts(w, e.W_HEAD), shorts(w, e.W_FILED), pool, i, bucket, current)
        state[e.HINT] = min(state[e.HINT], bucket, current + np.int64(BUCKETS - 1))


@compiled
def fail(w, i, t, error):
    """Note that something went wrong; the run ends with this window."""
    state = ints(w, e.W_STATE)
    if state[e.FAILED] == e.DONE:
        state[e.FAILED], state[e.FAULT] = error, i
        floats(w, e.W_CLOCK)[e.C_FAILED] = t


@compiled
def emit(w, i, t):
    """Log a spike."""
    state = ints(w, e.W_STATE)
    n = state[e.LOGGED]
    if n == state[e.LOG_ROOM]:
        state[e.LOG_ROOM] = 2 * n + 1024
        state[e.LOG_TIME] = resized(state[e.LOG_TIME], 8 * state[e.LOG_ROOM])
        state[e.LOG_ID] = resized(state[e.LOG_ID], 8 * state[e.LOG_ROOM])
    view(state[e.LOG_TIME], n + 1, np.float64)[n] = t
    view(state[e.LOG_ID], n + 1, np.int64)[n] = i
    state[e.LOGGED] = n + 1


@inlined
def horizon(w, part, k):
    """When the electrode current of part k changes next."""
    following = floats(w, e.W_DRIVE_NEXT)
    t = np.inf
    for q in range(part[k, e.DRIVE_LO], part[k, e.DRIVE_HI]):
        t = min(t, following[q])
    return t


# -- trains ------------------------------------------------------------------------------------------------------------


@inlined
def interval(w, b, i, r):
    """Draw the next interval of train b of neuron i, row r; the k-th is a function of (stream, neuron, k) alone."""
    rate = floats(w, e.W_TRAIN_RATE)[r]
    if rate == 0.0:
        return np.inf
    count = ints(w, e.W_TRAIN_COUNT)
    keys = view(w[2 * e.W_TRAIN_KEY], w[2 * e.W_TRAIN_KEY + 1], np.uint64)
    ka, kb = subkey(keys[2 * b], keys[2 * b + 1], i)
    count[r] += 1
    return -math.log(unit(word(ka, kb, count[r] - 1))) / rate


@inlined
def next_train(w, i, part, k):
    """Return (time, train, row) of the next event of the trains of neuron i."""
    t, found, row = np.inf, np.int64(-1), np.int64(-1)
    if part[k, e.TRAIN_LO] < part[k, e.TRAIN_HI]:
        train, following = records(w, e.W_TRAIN, e.TR_COLUMNS), floats(w, e.W_TRAIN_NEXT)
        for b in range(part[k, e.TRAIN_LO], part[k, e.TRAIN_HI]):
            r = train[b, e.TR_NEXT] + i - part[k, e.FIRST]
            if following[r] < t:
                t, found, row = following[r], b, r
    return t, found, row


@inlined
def go_on(w, i, part, k, b, r):
    """Draw when train b of neuron i, row r, comes next."""
    train, following = records(w, e.W_TRAIN, e.TR_COLUMNS), floats(w, e.W_TRAIN_NEXT)
    following[r] += interval(w, b, train[b, e.TR_ENTITY] + i - part[k, e.FIRST], r)


# -- a linear neuron ---------------------------------------------------------------------------------------------------


@compiled
def receive_linear(x, p, d, column, weight, t, last, m):
    """One spike arrives at column `column` of x at t; sets BOUND and KNOWN.  Electrodes are known up to `last`."""
    crossing.advance(x, p, d, t, m)
    if x[BOUND] == t and x[KNOWN] == SPIKE:
        x[V] = max(x[V], p[e.TH])
    keep = np.int64(d[e.D_KEEP])
    if column == V:
        if not t > x[REF]:
            return
        x[V] += weight
    elif column == keep:
        if t >= x[REF]:
            x[V] += weight
        else:
            x[keep + 1] += weight
    else:
        x[column] += weight
    x[KNOWN] = OPEN
    if weight > 0.0:  # (anything else can raise v at no time: the bound stands)
        x[BOUND] = crossing.ahead(x, p, d, last)


@compiled
def fire(w, i, x, p, t):
    """Reset at T0 = t, where v has reached the threshold."""
    x[V] = p[e.R] * max(x[V], p[e.TH]) + p[e.R0]
    x[REF] = t + p[e.TREF]
    x[BOUND], x[KNOWN] = x[REF], OPEN
    emit(w, i, t)
    if not x[V] < p[e.TH]:
        fail(w, i, t, e.NO_RESET)


def catch_linear(w_at, i, until):
    """Let all happen that neuron i does by itself before `until`."""
    w = view(w_at, e.EVENT_TABLE, np.int64)
    part, k = records(w, e.W_PART, e.PART_COLUMNS), ints(w, e.W_PART_OF)[i]
    x, p, d = record(w, i), parameters(w, i, part, k), description(w, part, k)
    m, state = floats(w, e.W_ROOM), ints(w, e.W_STATE)
    last = horizon(w, part, k)
    train, found, row = next_train(w, i, part, k)
    while state[e.FAILED] == e.DONE:
        t = x[BOUND]
        if train <= t:
            if train >= until:
                break
            column = records(w, e.W_TRAIN, e.TR_COLUMNS)[found, e.TR_COLUMN]
            receive_linear(x, p, d, column, floats(w, e.W_TRAIN_WEIGHT)[found], train, last, m)
            state[e.EVENTS] += 1
            go_on(w, i, part, k, found, row)
            train, found, row = next_train(w, i, part, k)
        elif t >= until:
            break
        elif x[KNOWN] == SPIKE:
            crossing.advance(x, p, d, t, m)
            fire(w, i, x, p, t)
        else:
            state[e.STEPS] += 1
            x[BOUND], x[KNOWN] = crossing.search(x, p, d, t, train, last, floats(w, e.W_SCRATCH), m)
            if x[BOUND] != x[BOUND] or x[V] != x[V]:
                fail(w, i, t, e.NOT_FINITE)
    x[NEXT] = min(x[BOUND], train)
    return 0


def arrive_linear(w_at, i, column, weight, t):
    """One spike arrives at neuron i, which has been caught up to t."""
    w = view(w_at, e.EVENT_TABLE, np.int64)
    part, k = records(w, e.W_PART, e.PART_COLUMNS), ints(w, e.W_PART_OF)[i]
    x = record(w, i)
    old = x[BOUND]
    receive_linear(
        x,
        parameters(w, i, part, k),
        description(w, part, k),
        column,
        weight,
        t,
        horizon(w, part, k),
        floats(w, e.W_ROOM),
    )
    if x[BOUND] != old:
        x[NEXT] = min(x[BOUND], next_train(w, i, part, k)[0])
        refile(w, i, x)
    return 0


def bring_linear(w_at, i, x_at, t):
    """Advance a record of neuron i (it, or a copy) to t."""
    w = view(w_at, e.EVENT_TABLE, np.int64)
    part, k = records(w, e.W_PART, e.PART_COLUMNS), ints(w, e.W_PART_OF)[i]
    x = view(x_at, ints(w, e.W_STATE)[e.STRIDE], np.float64)
    crossing.advance(x, parameters(w, i, part, k), description(w, part, k), t, floats(w, e.W_ROOM))
    return 0


# -- sources -----------------------------------------------------------------------------------------------------------


def catch_source(w_at, i, until):
    """Let source i emit its spikes before `until`: of its Poisson train, or those that are listed."""
    w = view(w_at, e.EVENT_TABLE, np.int64)
    part, k = records(w, e.W_PART, e.PART_COLUMNS), ints(w, e.W_PART_OF)[i]
    x = record(w, i)
    if part[k, e.KIND] == e.TIMES:
        at, end, listed = ints(w, e.W_LISTED_AT), ints(w, e.W_LISTED_END)[i], floats(w, e.W_LISTED)
        while at[i] < end and listed[at[i]] < until:
            emit(w, i, listed[at[i]])
            at[i] += 1
        x[NEXT] = listed[at[i]] if at[i] < end else np.inf
    else:
        t, found, row = next_train(w, i, part, k)
        while t < until:
            emit(w, i, t)
            go_on(w, i, part, k, found, row)
            t, found, row = next_train(w, i, part, k)
        x[NEXT] = t
    return 0
