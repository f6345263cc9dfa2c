"""Workers: how many, which neurons each has, and how they meet."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from ..errors import InvalidTypeError, InvalidValueError
from ..jit import atomic_add, atomic_load, part_of, relax

__all__ = ["cut_evenly", "meet", "threads_for"]

#: ns of a step, and of all steps between two meetings, below which another thread costs more than it saves.
SMALL_STEP, SMALL_SLAB = 4_000.0, 25_000.0


def threads_for(threads: Any, cost: float, slab: int = 1) -> tuple[int, str]:
    """Return how many workers to use and why; `cost`: ns a step, `slab`: steps between two meetings."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if threads is None:
        if cost < SMALL_STEP or cost * slab < SMALL_SLAB:
            return 1, "one thread: a step is shorter than it takes threads to meet"
        return cores, f"all {cores} cores"
    if isinstance(threads, (bool, np.bool_)) or not isinstance(threads, (int, np.integer)):
        raise InvalidTypeError(f"threads: wanted a whole number or None, got {type(threads).__name__} {threads!r}")
    if not 1 <= threads <= 1024:
        raise InvalidValueError(f"threads must be from 1 to 1024, got {threads} (this machine has {cores} cores)")
    return int(threads), "as asked"


def cut_evenly(costs: np.ndarray, n: int) -> np.ndarray:
    """Return n + 1 ascending edges that divide the neurons into stretches of about equal cost."""
    total = np.concatenate(([0.0], np.cumsum(costs)))
    edges = np.searchsorted(total, np.linspace(0.0, total[-1], n + 1)[1:-1])
    return np.concatenate(([0], np.maximum.accumulate(edges), [costs.size])).astype(np.int64)


@part_of
def meet(barrier, round_, workers):
    """Wait until all workers have come here for the `round_`-th time."""
    if workers == 1:
        return
    atomic_add(barrier, 0, 1)
    spins = 0
    while atomic_load(barrier, 0) < round_ * workers:
        spins += 1
        if spins > 3000:
            relax()
