"""What goes out: samples of probes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...jit import view
from ...jit.records import floats, ints, struct, table
from ..growing import Table
from ..probes import Share
from .records import PROBE, TERM, WORKER

__all__ = ["install", "sample"]


def sample(w_at, step):
    """Write the probes that are due at `step` (`entries` makes a C function of it)."""
    w = struct(w_at, WORKER)
    probe, term, x = table(w.probe, PROBE), table(w.term, TERM), floats(w.x)
    for q in range(probe.size):
        every, n = probe[q].every, probe[q].n
        if step % every != 0:
            continue
        row = step // every - probe[q].first
        out = view(probe[q].out + 8 * n * row, n, np.float64)
        index = ints(w.probe_index)[probe[q].index : probe[q].index + n]
        for k in range(n):
            out[k] = 0.0
        for e in range(probe[q].term_lo, probe[q].term_hi):
            at, factor, reversal, v = term[e].at, term[e].factor, term[e].reversal, term[e].v
            if term[e].driving:
                for k in range(n):
                    out[k] += factor * x[at + index[k]] * (reversal - x[v + index[k]])
            else:
                for k in range(n):
                    out[k] += factor * x[at + index[k]]
    return 0


def install(shares: Sequence[Share]) -> dict[str, Any]:
    """Return the tables of what one worker samples."""
    probe, term = Table(PROBE), Table(TERM)
    index: list[np.ndarray] = [np.zeros(0, np.int64)]
    for share in shares:
        first = len(term)
        for one in share.terms:
            term.add(**one._asdict())
        at = sum(i.size for i in index)
        probe.add(index=at, n=share.columns.size, every=share.every, term_lo=first, term_hi=len(term))
        index.append(share.ids - share.part.own.start)
    return {"probe": probe.array(), "term": term.array(), "probe_index": np.concatenate(index)}
