"""One neuron of the event engine: what reaches it, and what it does by itself.

Each neuron goes through its own events in order of time and knows nothing of the others: within a window nothing that
one does reaches another.  `catch_*` lets happen all that it does by itself before a time: spikes, arrivals of its own
Poisson trains, steps of a nonlinear neuron, looks at where v is heading.  `arrive_*` is one spike that arrives at a
neuron which has been caught up to that time.  What arrives at one time is summed before the threshold is tested,
because the test is something that the neuron does by itself, later.

So a state is a function of what reached that neuron alone, to the last bit: not of windows, threads, pieces of
a run, or of who looks at it.

Where the log is full, `catch_*` stops between two events (FULL); asked again, it goes on.
"""

from __future__ import annotations

import math

import numpy as np

from ...jit import call_kernel, compiled, inlined, view
from ...jit.records import floats, ints, shorts, struct, table
from ...random import subkey, unit, word
from . import crossing
from .queue import bucket_of, file, room
from .records import (
    BEHIND,
    CHUNK,
    COUNTS,
    DONE,
    FULL,
    NO_RESET,
    NOT_FINITE,
    OPEN,
    PART,
    PIECE,
    QUEUE,
    RUN,
    SPIKE,
    STATES,
    TIMES,
    TRAIN,
    WORKER,
    head,
    kept,
    linear,
)


@inlined
def record(w, i):
    """The record of neuron i."""
    return view(w.x.at + 8 * i * w.stride, w.stride, np.float64)


@inlined
def parameters(w, i, d):
    """Its parameters."""
    return view(w.par.at + 8 * ints(w.par_at)[i], d.parameters, np.float64)


@inlined
def part_of(w, i):
    """Its part."""
    return table(w.part, PART)[ints(w.part_of)[i]]


@inlined
def running(w):
    """Where the loop stands."""
    return struct(w.run.at, RUN)


@inlined
def counts(w):
    """What is counted."""
    return struct(w.counts.at, COUNTS)


@inlined
def refile(w, i, x):
    """Let neuron i be found by the time that its record x says."""
    due = head(x).next
    if due < np.inf:
        queue = struct(w.queue.at, QUEUE)
        file(shorts(w.head), shorts(w.filed), table(w.chunks, CHUNK), queue, i, bucket_of(due, w.width))


@compiled
def fail(w, i, t, error):
    """Note that something went wrong; the run ends with this window."""
    r = running(w)
    if r.status == DONE:
        r.status, r.fault, r.fault_time = error, i, t


@inlined
def full(w, r):
    """Whether the log has no room for one more spike; the loop then stops and says so."""
    if r.logged < w.log_id.n:
        return False
    r.status, r.need_log = FULL, 2 * r.logged + 1024
    return True


@compiled
def emit(w, i, t):
    """Log a spike; there must be room."""
    r = running(w)
    floats(w.log_time)[r.logged], ints(w.log_id)[r.logged] = t, i
    r.logged += 1
    if w.kept.n:
        keep(w, i, t)


@compiled
def keep(w, i, t):
    """Keep the states of a neuron that fires, where they are wanted; who and when stand beside them."""
    d, r = part_of(w, i), running(w)
    if d.kept_n:
        x, column = record(w, i), ints(w.kept_column)
        width = w.kept.n // w.kept_id.n
        for k in range(d.kept_n):
            floats(w.kept)[r.kept * width + k] = x[column[d.kept_at + k]]
        floats(w.kept_time)[r.kept], ints(w.kept_id)[r.kept] = t, i
        r.kept += 1


@inlined
def crowded(w, n):
    """Whether there might be no room to file n neurons; the loop then stops and says so."""
    if room(table(w.chunks, CHUNK), struct(w.queue.at, QUEUE)) >= n:
        return False
    r = running(w)
    r.status, r.need_chunks = FULL, 2 * w.chunks.n + n
    return True


@inlined
def horizon(w, d):
    """When the electrode current of part d changes next."""
    following = floats(w.drive_next)
    t = np.inf
    for q in range(d.drive_lo, d.drive_hi):
        t = min(t, following[q])
    return t


# -- trains ------------------------------------------------------------------------------------------------------------


@inlined
def interval(w, train, i, r, t):
    """Draw from t the next interval of a train of neuron i, row r; the k-th draw is a function of (stream, neuron, k).

    A unit exponential is used up at the rate that there is: what is left of it at the end of a piece goes on in the
    next.
    """
    rate = floats(w.train_rate)[r]
    if rate == 0.0:
        return np.inf
    count = ints(w.train_count)
    ka, kb = subkey(train.a, train.b, train.entity + i)
    count[r] += 1
    left = -math.log(unit(word(ka, kb, count[r] - 1))) / rate
    if train.piece_lo == train.piece_hi:
        return left
    pieces = table(w.train_piece, PIECE)
    for k in range(train.piece_lo, train.piece_hi):
        start = max(t, pieces[k].begin)
        room = (pieces[k].end - start) * pieces[k].factor if pieces[k].factor > 0.0 else 0.0
        if start < pieces[k].end and left < room:
            return start + left / pieces[k].factor - t
        left -= max(room, 0.0)
    return np.inf


@inlined
def next_train(w, i, d):
    """Return (time, train, row) of the next event of the trains of neuron i."""
    t, found, row = np.inf, np.int64(-1), np.int64(-1)
    lo, hi = d.train_lo, d.train_hi
    if lo < hi:
        trains, following, own = table(w.train, TRAIN), floats(w.train_next), i - d.first
        for b in range(lo, hi):
            r = trains[b].row + own
            if following[r] < t:
                t, found, row = following[r], b, r
    return t, found, row


@inlined
def go_on(w, w_at, i, d, b, r):
    """Draw when train b of neuron i, row r, comes next."""
    following, train = floats(w.train_next), table(w.train, TRAIN)[b]
    if train.renew != 0:
        call_kernel(train.renew, (np.int64(w_at), np.int64(b), i - d.first, following[r], np.int64(0)))
    else:
        following[r] += interval(w, train, i - d.first, r, following[r])


# -- a linear neuron ---------------------------------------------------------------------------------------------------


@compiled
def receive_linear(x, p, d, column, weight, t, last, m):
    """One spike arrives at column `column` of x at t; sets bound and known.  Electrodes are known up to `last`."""
    crossing.advance(x, p, d, t, m)
    n = head(x)
    if n.bound == t and n.known == SPIKE:
        x[STATES] = max(x[STATES], linear(p).threshold)
    if column == STATES:
        if not t > n.free:
            return
        x[STATES] += weight
    elif column == d.keep:
        if t >= n.free:
            x[STATES] += weight
        else:
            kept(x, d).so_far += weight
    else:
        if column < STATES + d.states and d.clamped >> (column - STATES) & 1 and t < n.free:
            return
        x[column] += weight
    n.known = OPEN
    if weight > 0.0:  # (anything else can raise v at no time: the bound stands)
        n.bound = crossing.ahead(x, p, d, last)


@compiled
def fire(w, i, x, p, d, t):
    """Reset at t, the time of x, where v has reached the threshold."""
    n, c = head(x), linear(p)
    x[STATES] = max(x[STATES], c.threshold)
    emit(w, i, t)
    x[STATES] = c.r * x[STATES] + c.r0
    for state in table(d.behind, BEHIND):
        x[state.at] = state.r * x[state.at] + state.r0
    n.free = t + c.t_ref
    n.bound, n.known = n.free, OPEN
    if not (x[STATES] < c.threshold or n.free > t):
        fail(w, i, t, NO_RESET)


def catch_linear(w_at, i, until):
    """Let all happen that neuron i does by itself before `until`."""
    w = struct(w_at, WORKER)
    d = part_of(w, i)
    x, p, m, r = record(w, i), parameters(w, i, d), floats(w.room), running(w)
    n = head(x)
    last = horizon(w, d)
    train, found, row = next_train(w, i, d)
    while r.status == DONE:
        t = n.bound
        if train <= t:
            if train >= until:
                break
            given = table(w.train, TRAIN)[found]
            receive_linear(x, p, d, given.column, given.weight, train, last, m)
            counts(w).events += 1
            go_on(w, w_at, i, d, found, row)
            train, found, row = next_train(w, i, d)
        elif t >= until or full(w, r):
            break
        elif n.known == SPIKE:
            crossing.advance(x, p, d, t, m)
            fire(w, i, x, p, d, t)
        else:
            counts(w).steps += 1
            n.bound, n.known = crossing.search(x, p, d, t, train, last, floats(w.looked), m)
            if n.bound != n.bound or x[STATES] != x[STATES]:
                fail(w, i, t, NOT_FINITE)
    n.next = min(n.bound, train)
    return 0


def arrive_linear(w_at, i, column, weight, t):
    """One spike arrives at neuron i, which has been caught up to t."""
    w = struct(w_at, WORKER)
    d = part_of(w, i)
    x = record(w, i)
    n = head(x)
    old = n.bound
    receive_linear(x, parameters(w, i, d), d, column, weight, t, horizon(w, d), floats(w.room))
    if n.bound != old:
        n.next = min(n.bound, next_train(w, i, d)[0])
        refile(w, i, x)
    return 0


def bring_linear(w_at, i, x_at, t):
    """Advance a record of neuron i (it, or a copy) to t."""
    w = struct(w_at, WORKER)
    d = part_of(w, i)
    crossing.advance(view(x_at, w.stride, np.float64), parameters(w, i, d), d, t, floats(w.room))
    return 0


# -- sources -----------------------------------------------------------------------------------------------------------


def catch_source(w_at, i, until):
    """Let source i emit its spikes before `until`: of its Poisson train, or those that are listed."""
    w = struct(w_at, WORKER)
    d, n, r = part_of(w, i), head(record(w, i)), running(w)
    if d.kind == TIMES:
        at, end, listed = ints(w.listed_at), ints(w.listed_end)[i], floats(w.listed)
        while at[i] < end and listed[at[i]] < until and not full(w, r):
            emit(w, i, listed[at[i]])
            at[i] += 1
        n.next = listed[at[i]] if at[i] < end else np.inf
    else:
        t, found, row = next_train(w, i, d)
        while t < until and not full(w, r):
            emit(w, i, t)
            go_on(w, w_at, i, d, found, row)
            t, found, row = next_train(w, i, d)
        n.next = t
    return 0
