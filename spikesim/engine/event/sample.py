"""What the event engine samples, without touching what it looks at."""

from __future__ import annotations

import numpy as np

from ...jit import call_kernel, compiled, view
from . import records as e
from .lookup import floats, ints, records
from .propagate import record
from .records import NEXT


def sample(w_at, step, time):
    """Write the probes that are due at `step`; what reaches these neurons up to its time has reached them."""
    w = view(w_at, e.EVENT_TABLE, np.int64)
    probe, part = records(w, e.W_PROBE, e.PR_COLUMNS), records(w, e.W_PART, e.PART_COLUMNS)
    term, copy = floats(w, e.W_TERM), floats(w, e.W_SCRATCH)
    after = np.nextafter(time, np.inf)
    for q in range(probe.shape[0]):
        if step % probe[q, e.PR_EVERY]:
            continue
        n, k = probe[q, e.PR_COUNT], probe[q, e.PR_PART]
        row = step // probe[q, e.PR_EVERY] - probe[q, e.PR_FROM]
        out = view(probe[q, e.PR_OUT] + 8 * n * row, n, np.float64)
        index = ints(w, e.W_PROBE_INDEX)[probe[q, e.PR_INDEX] :]
        for j in range(n):
            i = index[j]
            x = record(w, i)
            if x[NEXT] < after:
                call_kernel(part[k, e.CATCH], (np.int64(w_at), i, after))
            for c in range(x.size):
                copy[c] = x[c]
            call_kernel(part[k, e.BRING], (np.int64(w_at), i, w[2 * e.W_SCRATCH], time))
            total = 0.0
            for r in range(probe[q, e.PR_TERM_LO], probe[q, e.PR_TERM_HI]):
                value = term[5 * r + 1] * copy[np.int64(term[5 * r])]
                if term[5 * r + 4] != 0.0:
                    value *= term[5 * r + 2] - copy[np.int64(term[5 * r + 3])]
                total += value
            out[j] = total
    return 0


@compiled
def next_sample(w):
    """The next step at which something is sampled."""
    probe, last = records(w, e.W_PROBE, e.PR_COLUMNS), ints(w, e.W_STATE)[e.SAMPLED]
    step = np.int64(2**62)
    for q in range(probe.shape[0]):
        step = min(step, (last // probe[q, e.PR_EVERY] + 1) * probe[q, e.PR_EVERY])
    return step
