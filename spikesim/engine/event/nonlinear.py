"""A nonlinear neuron of the event engine: what it does by itself, and what reaches it (see propagate, flow)."""

from __future__ import annotations

import numpy as np

from ...jit import call_kernel, compiled, view
from ...jit.records import floats, ints, struct, table
from . import flow
from .propagate import (
    counts,
    emit,
    fail,
    full,
    go_on,
    horizon,
    next_train,
    parameters,
    part_of,
    record,
    refile,
    running,
)
from .records import (
    ARRIVED,
    BOTH,
    DONE,
    NO_RESET,
    NO_STEP,
    NOT_FINITE,
    OPEN,
    PART,
    SPIKE,
    STIFF,
    TRAIN,
    WORKER,
    head,
    kept,
    linear,
    stepping,
)

PART_SIZE = PART.itemsize


@compiled
def ask(w, i, d, task, x_at, t):
    """Ask the kernel of a FLOW about the record at x_at; return its answer."""
    call_kernel(
        d.kernel,
        (
            np.int64(task),
            np.int64(x_at),
            np.int64(w.par.at + 8 * ints(w.par_at)[i]),
            np.int64(w.part.at + PART_SIZE * ints(w.part_of)[i]),
            np.float64(t),
            np.int64(w.answer.at),
        ),
    )
    answer = floats(w.answer)
    return answer[0], answer[1]


@compiled
def settle(w, i, d, x, x_at, t):
    """All that arrives at the time t of x has arrived: move v, fire or plan the next step."""
    n, g = head(x), stepping(x, d)
    due = n.known == SPIKE or n.known == BOTH
    v = d.jump
    jump = g.move if t > n.free or d.running != 0 else 0.0
    moved = g.move != 0.0
    g.move = 0.0
    if d.keep >= 0 and kept(x, d).now != 0.0:
        moves = kept(x, d)
        moved = True
        if t >= n.free or d.running != 0:
            jump += moves.now
        else:
            moves.so_far += moves.now
        moves.now = 0.0
    fires = False
    if due and jump >= 0.0:
        x[v] += jump
        fires = True
    elif moved:
        below = ask(w, i, d, flow.MARGIN, x_at, t)[0] < 0.0
        x[v] += jump
        fires = t >= n.free and ask(w, i, d, flow.MARGIN, x_at, t)[0] >= 0.0 and (below or due)
    if x[v] != x[v]:
        fail(w, i, t, NOT_FINITE)
        return
    if fires:
        emit(w, i, t)
        ask(w, i, d, flow.RESET, x_at, t)
        if d.refractory != 0:
            n.free = t + linear(parameters(w, i, d)).t_ref
        if d.resets != 0 and not ask(w, i, d, flow.MARGIN, x_at, t)[0] < 0.0:
            fail(w, i, t, NO_RESET)
    n.bound, kind = ask(w, i, d, flow.PLAN, x_at, horizon(w, d))
    n.known = SPIKE if kind > 0.0 else OPEN
    if not kind >= 0.0:
        fail(w, i, t, NO_STEP)
    if g.spent > flow.PATIENCE:
        fail(w, i, t, STIFF)


@compiled
def receive_flow(w, i, d, x, x_at, column, weight, t):
    """One spike arrives at column `column` at t."""
    n = head(x)
    due = (n.known == SPIKE or n.known == BOTH) and n.bound == t
    if n.time < t or stepping(x, d).length > 0.0:
        ask(w, i, d, flow.ADVANCE, x_at, t)
    x[column] += weight
    n.bound, n.known = t, BOTH if due else ARRIVED


def catch_flow(w_at, i, until):
    """Let all happen that neuron i does by itself before `until`."""
    w = struct(w_at, WORKER)
    d, r = part_of(w, i), running(w)
    x = record(w, i)
    x_at, n, g = w.x.at + 8 * i * w.stride, head(x), stepping(x, d)
    train, found, row = next_train(w, i, d)
    while r.status == DONE:
        t = n.bound
        if train <= t:
            if train >= until:
                break
            given = table(w.train, TRAIN)[found]
            receive_flow(w, i, d, x, x_at, given.column, given.weight, train)
            counts(w).events += 1
            go_on(w, w_at, i, d, found, row)
            train, found, row = next_train(w, i, d)
        elif t >= until or full(w, r):
            break
        else:
            counts(w).steps += 1
            if n.time < t or g.length > 0.0:
                ask(w, i, d, flow.ADVANCE, x_at, t)
            settle(w, i, d, x, x_at, t)
    n.next = min(n.bound, train)
    return 0


def arrive_flow(w_at, i, column, weight, t):
    """One spike arrives at neuron i, which has been caught up to t."""
    w = struct(w_at, WORKER)
    d, x = part_of(w, i), record(w, i)
    receive_flow(w, i, d, x, w.x.at + 8 * i * w.stride, column, weight, t)
    head(x).next = t
    refile(w, i, x)
    return 0


def bring_flow(w_at, i, x_at, t):
    """Advance a record of neuron i (it, or a copy) to t."""
    w = struct(w_at, WORKER)
    d = part_of(w, i)
    x = view(x_at, w.stride, np.float64)
    if head(x).time < t:
        ask(w, i, d, flow.ADVANCE, x_at, t)
    return 0
