"""From a network to a program for the event engine."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import numpy as np

from ...errors import InvalidValueError
from ...machine import require_memory
from ...network.memory import expected_synapses
from ...network.network import Network
from ...program.program import Program as Plan
from ..workers import cut_evenly, threads_for
from .build import EventWorkerProgram

__all__ = ["EventProgram", "compile_events"]

#: Neurons below which threads are not used unless asked for.
SMALL = 5000


class EventProgram:
    """A network compiled for the event engine."""

    def __init__(self, plan: Plan, workers: list[EventWorkerProgram], reason: str) -> None:
        self.plan, self.workers, self.reason, self.grid = plan, workers, reason, plan.grid
        self.window = plan.shortest_delay
        n = len(workers)
        shared: dict[str, Any] = {
            "earliest": np.zeros(n),
            "published": np.zeros((n, 8), np.int64),
            "barrier": np.zeros(8, np.int64),
        }
        for w in workers:
            w.tables = w.tables._replace(**shared)

    @property
    def synapses(self) -> int:
        """Number of synapses built."""
        return sum(b.target.size for w in self.workers for b in w.bundles)


def predicted(net: Network) -> dict[str, float]:
    """Return the bytes of a run by projection and by population.

    A synapse takes 2 to 4 bytes and its weight of 0 to 8; with a delay of its own a segment more (12) and, while it is
    arranged, its ends and both numbers once more; a neuron its record and its places in the tables.
    """
    items = {
        f"projection {p.name!r}": expected_synapses(p) * (8.0 if is_number(p.delay) else 60.0) for p in net.projections
    }
    return items | {f"population {p.name!r}": 300.0 * p.size for p in net.populations.values()}


def is_number(delay: Any) -> bool:
    """Whether all synapses of a projection have one delay."""
    return isinstance(delay, (int, float))


def compile_events(plan: Plan, threads: Any, rtol: float = 1e-7, atol: float = 1e-9) -> EventProgram:
    """Compile a network for the event engine; `grid` counts the samples and the ends of runs.

    Raises
    ------
    InvalidValueError
        If a tolerance is not > 0, a drawn delay is not > 0, or a stimulus is not known exactly.
    MemoryLimitError
        If the synapses would not fit into memory.
    """
    net = plan.net
    for name, value in (("rtol", rtol), ("atol", atol)):
        if isinstance(value, bool) or not (isinstance(value, (int, float)) and 1e-14 <= value < 1.0):
            raise InvalidValueError(f"{name} must be a number from 1e-14 to 1, got {value!r}")
    for p in net.projections:
        if p.plasticity is not None:
            raise InvalidValueError(
                f"projection {p.name!r}: plasticity ({type(p.plasticity).__name__}) runs on the clock engine; "
                'use engine="clock"'
            )
    require_memory(predicted(net))
    n, reason = threads_for(1 if threads is None and plan.n < SMALL else threads, math.inf)
    if threads is None and plan.n < SMALL:
        reason = f"one thread: fewer than {SMALL} neurons"
    edges = cut_evenly(plan.costs(), n)
    workers = [EventWorkerProgram(plan, int(lo), int(hi), (rtol, atol)) for lo, hi in pairwise(edges)]
    with ThreadPoolExecutor(n) as pool:
        for w, bundles in zip(workers, list(pool.map(EventWorkerProgram.build, workers))):
            w.finish(bundles)
    return EventProgram(plan, workers, reason)
