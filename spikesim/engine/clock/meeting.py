"""What several workers do between two slabs and one alone does not: meet, and merge the spikes of all.

Kernels of their own: a run on one thread does without them, and is compiled sooner.
"""

from __future__ import annotations

import numpy as np

from ...jit import part_of, view
from ...jit.records import ints, struct
from .. import workers
from .records import ENDLESS, WORKER

__all__ = ["meet", "merge", "merge_all"]


def meet(barrier_at, round_, here):
    """Wait until all workers that are here have come for the `round_`-th time."""
    workers.meet(view(barrier_at, 8, np.int64), round_, here)
    return 0


@part_of
def sink(heap, n, k, ids, lo):
    """Let entry k of a heap of n runs move down to where no run below it begins with a smaller id."""
    run = heap[k]
    while True:
        child = 2 * k + 1
        if child >= n:
            break
        if child + 1 < n and ids[lo[heap[child + 1]]] < ids[lo[heap[child]]]:
            child += 1
        if ids[lo[run]] <= ids[lo[heap[child]]]:
            break
        heap[k] = heap[child]
        k = child
    heap[k] = run


@part_of
def merge(ids, lo, hi, heap, out):
    """Merge the ascending runs ids[lo[o]:hi[o]] into `out`, ascending; return how many; `lo` is moved to `hi`.

    Runs of neighbours hardly overlap, so that one is copied for as long as no other begins with a smaller id.
    """
    runs = np.int64(0)
    for o in range(lo.size):
        if lo[o] < hi[o]:
            heap[runs] = o
            runs += 1
    for k in range(runs // 2 - 1, -1, -1):
        sink(heap, runs, k, ids, lo)
    n = np.int64(0)
    while runs:
        o = heap[0]
        end, bound = hi[o], ids[hi[o] - 1]
        for child in range(1, min(runs, 3)):
            bound = min(bound, ids[lo[heap[child]]])
        while lo[o] < end and ids[lo[o]] <= bound:
            out[n] = ids[lo[o]]
            lo[o] += 1
            n += 1
        if lo[o] == end:
            runs -= 1
            heap[0] = heap[runs]
        sink(heap, runs, 0, ids, lo)
    return n


def merge_all(w_at, workers, ids_at):
    """Merge the runs of all workers, whose bounds stand in `merged`, into what follows them there; return how many."""
    merged = ints(struct(w_at, WORKER).merged)
    lo, hi, heap = merged[:workers], merged[workers : 2 * workers], merged[2 * workers : 3 * workers]
    return merge(view(ids_at, ENDLESS, np.int64), lo, hi, heap, merged[3 * workers :])
