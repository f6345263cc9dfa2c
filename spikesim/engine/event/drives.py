"""The current of an electrode changes, and with it what all neurons of a part are up to."""

from __future__ import annotations

import numpy as np

from ...jit import call_kernel, compiled, view
from ...random import ndtri, subkey, unit, word
from . import records as e
from .lookup import floats, ints, records
from .propagate import parameters, record, refile
from .records import ARRIVED, BOTH, BOUND, KNOWN, NEXT, OPEN, SPIKE, V


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
            x[0], x[1], x[2] = value[2 * cursor * width + c], value[(2 * cursor + 1) * width + c], times[cursor]
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
