"""What the event engine samples, without touching what it looks at."""

from __future__ import annotations

import numpy as np

from ...jit import call_kernel, compiled, view
from ...jit.records import floats, ints, struct, table
from .propagate import counts, record, running
from .records import FULL, PART, PROBE, TERM, WORKER, head


def sample(w_at, step, time):
    """Write the probes that are due at `step`; what reaches these neurons up to its time has reached them.

    Where the log is full it stops, and is called again.
    """
    w = struct(w_at, WORKER)
    probes, part, terms, looked = table(w.probe, PROBE), table(w.part, PART), table(w.term, TERM), floats(w.looked)
    after = np.nextafter(time, np.inf)
    for probe in probes:
        if step % probe.every:
            continue
        n, d = probe.count, part[probe.part]
        out = view(probe.out + 8 * n * (step // probe.every - probe.first), n, np.float64)
        index = ints(w.probe_index)[probe.index :]
        for j in range(n):
            i = index[j]
            x = record(w, i)
            if head(x).next < after:
                call_kernel(d.catch, (np.int64(w_at), i, after))
                if running(w).status == FULL:
                    return 0
            for c in range(x.size):
                looked[c] = x[c]
            call_kernel(d.bring, (np.int64(w_at), i, w.looked.at, time))
            total = 0.0
            for r in range(probe.term_lo, probe.term_hi):
                term = terms[r]
                value = term.factor * looked[term.column]
                if term.driven != 0:
                    value *= term.reversal - looked[term.v]
                total += value
            out[j] = total
    counts(w).sampled = step
    return 0


@compiled
def glance(w_at, k, column, time, out):
    """Write what stands in a column of the records of part k at `time`, up to which all has happened."""
    w = struct(w_at, WORKER)
    d, looked = table(w.part, PART)[k], floats(w.looked)
    for j in range(d.n):
        x = record(w, d.first + j)
        for c in range(x.size):
            looked[c] = x[c]
        call_kernel(d.bring, (np.int64(w_at), d.first + j, w.looked.at, time))
        out[j] = looked[column]


@compiled
def next_sample(w):
    """The next step at which something is sampled."""
    last = counts(w).sampled
    step = np.int64(2**62)
    for probe in table(w.probe, PROBE):
        step = min(step, (last // probe.every + 1) * probe.every)
    return step
