"""Sources that list their times."""

from __future__ import annotations

import numpy as np

from ...jit import view
from ...jit.records import ints, struct, table
from .records import ENDLESS, PART, WORKER

__all__ = ["emit_listed"]


def emit_listed(w_at, p, now, at, dt, out_at, count):
    """Spikes at now + 1 of a source that lists its times."""
    w, out = struct(w_at, WORKER), view(out_at, ENDLESS, np.int64)
    end = table(w.part, PART)[p].listed_hi
    when, who, cursor = ints(w.listed_step), ints(w.listed_id), ints(w.cursor)
    e = cursor[p]
    while e < end and when[e] <= now + 1:
        if when[e] == now + 1:
            out[count] = who[e]
            count += 1
        e += 1
    cursor[p] = e
    return count
