"""A nonlinear neuron of the event engine: what it does by itself, and what reaches it (see neuron, adaptive)."""

from __future__ import annotations

import numpy as np

from ...jit import call_kernel, compiled, view
from . import flow as adaptive
from . import records as e
from .lookup import floats, ints, records
from .propagate import description, emit, fail, go_on, horizon, next_train, record, refile
from .records import ARRIVED, BOTH, BOUND, KNOWN, NEXT, OPEN, REF, SPIKE, T0, V


@compiled
def ask(w, i, part, k, task, x_at, t):
    """Ask the kernel of a FLOW about the record at x_at; return its answer."""
    call_kernel(
        part[k, e.KERNEL],
        (
            np.int64(task),
            np.int64(x_at),
            np.int64(w[2 * e.W_PAR] + 8 * ints(w, e.W_PAR_AT)[i]),
            np.int64(w[2 * e.W_DESC] + 8 * part[k, e.DESC]),
            np.float64(t),
            np.int64(w[2 * e.W_ANSWER]),
        ),
    )
    answer = floats(w, e.W_ANSWER)
    return answer[0], answer[1]


@compiled
def settle(w, i, part, k, x, x_at, d, t):
    """All that arrives at T0 = t has arrived: move v, fire or plan the next step."""
    due = x[KNOWN] == SPIKE or x[KNOWN] == BOTH
    v, move, keep = V + np.int64(d[e.D_JUMP]), np.int64(d[e.D_MOVE]), np.int64(d[e.D_KEEP])
    jump = x[move] if t > x[REF] else 0.0
    moved = x[move] != 0.0
    x[move] = 0.0
    if keep >= 0 and x[keep] != 0.0:
        moved = True
        if t >= x[REF]:
            jump += x[keep]
        else:
            x[keep + 1] += x[keep]
        x[keep] = 0.0
    fires = False
    if due and jump >= 0.0:
        x[v] += jump
        fires = True
    elif moved:
        below = ask(w, i, part, k, adaptive.MARGIN, x_at, t)[0] < 0.0
        x[v] += jump
        fires = t >= x[REF] and ask(w, i, part, k, adaptive.MARGIN, x_at, t)[0] >= 0.0 and (below or due)
    if x[v] != x[v]:
        fail(w, i, t, e.NOT_FINITE)
        return
    if fires:
        emit(w, i, t)
        ask(w, i, part, k, adaptive.RESET, x_at, t)
        if d[e.D_TREF] != 0.0:
            x[REF] = t + view(w[2 * e.W_PAR] + 8 * ints(w, e.W_PAR_AT)[i], e.TREF + 1, np.float64)[e.TREF]
        if d[e.D_RESETS] != 0.0 and not ask(w, i, part, k, adaptive.MARGIN, x_at, t)[0] < 0.0:
            fail(w, i, t, e.NO_RESET)
    x[BOUND], kind = ask(w, i, part, k, adaptive.PLAN, x_at, horizon(w, part, k))
    x[KNOWN] = SPIKE if kind > 0.0 else OPEN
    if not kind >= 0.0:
        fail(w, i, t, e.NO_STEP)


@compiled
def receive_flow(w, i, part, k, x, x_at, column, weight, t):
    """One spike arrives at column `column` at t."""
    due = (x[KNOWN] == SPIKE or x[KNOWN] == BOTH) and x[BOUND] == t
    if x[T0] < t:
        ask(w, i, part, k, adaptive.ADVANCE, x_at, t)
    x[column] += weight
    x[BOUND], x[KNOWN] = t, BOTH if due else ARRIVED


def catch_flow(w_at, i, until):
    """Let all happen that neuron i does by itself before `until`."""
    w = view(w_at, e.EVENT_TABLE, np.int64)
    part, k, state = records(w, e.W_PART, e.PART_COLUMNS), ints(w, e.W_PART_OF)[i], ints(w, e.W_STATE)
    x, d = record(w, i), description(w, part, k)
    x_at = w[2 * e.W_X] + 8 * i * x.size
    train, found, row = next_train(w, i, part, k)
    while state[e.FAILED] == e.DONE:
        t = x[BOUND]
        if train <= t:
            if train >= until:
                break
            column = records(w, e.W_TRAIN, e.TR_COLUMNS)[found, e.TR_COLUMN]
            receive_flow(w, i, part, k, x, x_at, column, floats(w, e.W_TRAIN_WEIGHT)[found], train)
            state[e.EVENTS] += 1
            go_on(w, i, part, k, found, row)
            train, found, row = next_train(w, i, part, k)
        elif t >= until:
            break
        else:
            state[e.STEPS] += 1
            if x[T0] < t:
                ask(w, i, part, k, adaptive.ADVANCE, x_at, t)
            settle(w, i, part, k, x, x_at, d, t)
    x[NEXT] = min(x[BOUND], train)
    return 0


def arrive_flow(w_at, i, column, weight, t):
    """One spike arrives at neuron i, which has been caught up to t."""
    w = view(w_at, e.EVENT_TABLE, np.int64)
    part, k = records(w, e.W_PART, e.PART_COLUMNS), ints(w, e.W_PART_OF)[i]
    x = record(w, i)
    receive_flow(w, i, part, k, x, w[2 * e.W_X] + 8 * i * x.size, column, weight, t)
    x[NEXT] = t
    refile(w, i, x)
    return 0


def bring_flow(w_at, i, x_at, t):
    """Advance a record of neuron i (it, or a copy) to t."""
    w = view(w_at, e.EVENT_TABLE, np.int64)
    part, k = records(w, e.W_PART, e.PART_COLUMNS), ints(w, e.W_PART_OF)[i]
    if view(x_at, T0 + 1, np.float64)[T0] < t:
        ask(w, i, part, k, adaptive.ADVANCE, x_at, t)
    return 0
