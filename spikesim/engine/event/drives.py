"""The current of an electrode changes, and with it what all neurons of a part are up to."""

from __future__ import annotations

import numpy as np

from ...jit import call_kernel, compiled
from ...jit.records import floats, ints, struct, table
from ...random import ndtri, subkey, unit, word
from .propagate import crowded, parameters, record, refile, running
from .records import (
    ARRIVED,
    BOTH,
    DRIVE,
    FLOW,
    FULL,
    HELD,
    LINE,
    LINE_SLOT,
    NOISE,
    OPEN,
    PART,
    SINE_SLOT,
    SPIKE,
    STATES,
    WORKER,
    head,
    linear,
)


@compiled
def hold(w, q, cursor):
    """Let electrode q stand at its change number `cursor`; -1: before the first."""
    drive = table(w.drive, DRIVE)[q]
    d, width, kind = table(w.part, PART)[drive.part], drive.width, drive.kind
    if kind == HELD:
        return
    index = ints(w.drive_index)[drive.index :]
    value, first = floats(w.drive_value)[drive.values :], ints(w.streamed_from)[q]
    row = cursor - max(first, np.int64(0))
    if first >= 0:
        value = floats(w.streamed)[ints(w.streamed_at)[q] :]
    times = floats(w.drive_time)[drive.times :]
    ka, kb = subkey(drive.a, drive.b, cursor)
    for j in range(d.n):
        c = index[j]
        if c < 0:
            continue
        slot_at = record(w, d.first + j).ctypes.data + 8 * drive.slot
        line, sine = struct(slot_at, LINE_SLOT), struct(slot_at, SINE_SLOT)
        c = c if width > 1 else 0
        if cursor < 0:
            line.start, line.rise, line.since = 0.0, 0.0, 0.0
        elif kind == NOISE:
            line.start = value[c] + value[width + c] * ndtri(unit(word(ka, kb, index[j])))
        elif kind == LINE:
            line.start, line.rise = value[2 * row * width + c], value[(2 * row + 1) * width + c]
            line.since = times[cursor]
        else:
            sine.height, sine.omega = value[3 * cursor * width + c], value[(3 * cursor + 1) * width + c]
            sine.phase, sine.since = value[(3 * cursor + 2) * width + c], times[cursor]


@compiled
def change(w, q):
    """Let electrode q take its next value; return when the one after that is due."""
    drive, cursors = table(w.drive, DRIVE)[q], ints(w.drive_cursor)
    hold(w, q, cursors[q])
    cursors[q] += 1
    cursor, times = cursors[q], floats(w.drive_time)[drive.times :]
    if drive.kind == NOISE:
        return cursor * times[0]
    return times[cursor] if cursor < drive.count else np.inf


@compiled
def wake(w_at, k, t):
    """All neurons of part k are brought to t, before anything else happens there, and looked at again.

    Where there is no room it stops, and is called again.
    """
    w = struct(w_at, WORKER)
    d, stride = table(w.part, PART)[k], w.stride
    if crowded(w, d.n):
        return
    for i in range(d.first, d.first + d.n):
        x = record(w, i)
        n = head(x)
        if n.next < t:
            call_kernel(d.catch, (np.int64(w_at), i, t))
            if running(w).status == FULL:
                return
        call_kernel(d.bring, (np.int64(w_at), i, w.x.at + 8 * i * stride, t))
        due = (n.known == SPIKE or n.known == BOTH) and n.bound == t
        n.next, n.bound, n.known = t, t, OPEN
        if d.kind == FLOW:
            n.known = BOTH if due else ARRIVED
        elif due:
            x[STATES] = max(x[STATES], linear(parameters(w, i, d)).threshold)
        refile(w, i, x)


def drives(w_at, t):
    """Change the electrode currents that change at t."""
    w = struct(w_at, WORKER)
    drive, following = table(w.drive, DRIVE), floats(w.drive_next)
    for q in range(following.size):
        if following[q] == t:
            wake(w_at, drive[q].part, t)
            if running(w).status == FULL:
                return 0
            following[q] = change(w, q)
    return 0
