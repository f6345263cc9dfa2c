"""Workers: how many, which neurons each has, and how they meet."""

from __future__ import annotations

import os
import time
from typing import Any

import numpy as np

from ..errors import InvalidTypeError, InvalidValueError, StateError
from ..jit import atomic_add, atomic_load, part_of, sleep, wake

__all__ = ["cut_evenly", "meet", "require_threads", "spare_core", "threads_for"]

#: ns of a step, and of all steps between two meetings, below which another thread costs more than it saves.
SMALL_STEP, SMALL_SLAB = 4_000.0, 25_000.0


#: How often a worker that waits looks again before it sleeps: some tens of us.
SPINS = 20_000


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def busy() -> int:
    """Return how many cores of the machine others use at the moment (0 where that cannot be told)."""
    least = 2**31
    for trial in range(3):
        try:
            with open("/proc/loadavg", encoding="ascii") as file:
                running = int(file.read().split()[3].split("/")[0])
        except (OSError, ValueError, IndexError):
            return 0
        least = min(least, running - 1)  # this process runs, too
        if least <= 0 or trial == 2:
            break
        time.sleep(0.002)
    return max(0, least)


def spare_core() -> bool:
    """Return whether another process could work beside this one at no cost to it or to others."""
    return cores() > 1 and (os.cpu_count() or 1) - busy() > 1


def require_threads(made_in: int) -> None:
    """Refuse threads that were made in another process, `made_in`.

    Raises
    ------
    StateError
        In a child of that process, where they do not exist.
    """
    if os.getpid() != made_in:
        raise StateError(
            "this simulation has threads, and its process was forked: they do not exist here; run it in the "
            "process that made it, or make it here, or with threads=1"
        )


def threads_for(threads: Any, cost: float, slab: int = 1, processes: int = 1) -> tuple[int, str]:
    """Return how many workers to use and why; `cost`: ns a step, `slab`: steps between two meetings.

    `processes`: how many share the cores of this machine and do the same.
    """
    every = max(1, cores() // processes)
    if threads is None:
        if cost < SMALL_STEP or cost * slab < SMALL_SLAB:
            return 1, "one thread: a step is shorter than it takes threads to meet"
        free = every if processes > 1 else max(1, min(every, (os.cpu_count() or 1) - busy()))
        return free, f"all {every} cores" if free == every else f"{free} of {every} cores: the others are busy"
    if isinstance(threads, (bool, np.bool_)) or not isinstance(threads, (int, np.integer)):
        raise InvalidTypeError(f"threads: wanted a whole number or None, got {type(threads).__name__} {threads!r}")
    if not 1 <= threads <= 1024:
        raise InvalidValueError(f"threads must be from 1 to 1024, got {threads} (this machine has {every} cores)")
    return int(threads), "as asked"


def cut_evenly(costs: np.ndarray, n: int) -> np.ndarray:
    """Return n + 1 ascending edges that divide the neurons into stretches of about equal cost."""
    total = np.concatenate(([0.0], np.cumsum(costs)))
    edges = np.searchsorted(total, np.linspace(0.0, total[-1], n + 1)[1:-1])
    return np.concatenate(([0], np.maximum.accumulate(edges), [costs.size])).astype(np.int64)


@part_of
def meet(barrier, round_, workers):
    """Wait until all workers have come here for the `round_`-th time.

    Who waits looks again and again for as long as the others take when all have cores; then it sleeps until the last
    one wakes it: on a busy machine that one needs the core.  `barrier` int64 (8): how often anybody came, who sleeps.
    """
    if workers == 1:
        return
    goal = round_ * workers
    if atomic_add(barrier, 0, 1) + 1 == goal:
        if atomic_load(barrier, 1) > 0:
            wake(barrier, 0)
        return
    spins = 0
    while atomic_load(barrier, 0) < goal:
        spins += 1
        if spins > SPINS:
            atomic_add(barrier, 1, 1)
            seen = atomic_load(barrier, 0)
            if seen < goal:
                sleep(barrier, 0, seen)
            atomic_add(barrier, 1, -1)
