"""A compiled network: workers with their tables, and what they share."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from ...errors import InvalidValueError
from ...grid import Grid
from ...machine import require_memory
from ...network.memory import predicted_bytes
from ...network.network import Network
from ...program.program import Cell
from ...program.program import Program as Plan
from ..workers import cut_evenly, threads_for
from .build import WorkerProgram
from .records import PARITY, PENDING, PENDING_STEP, PENDING_STEPS, REPORT_COLUMNS

__all__ = ["Program", "compile_network"]

LONGEST_SLAB = 64
MOST_SPIKES = 2**18  # of one slab, where a shorter slab can help
SHARED = 64  # neurons a worker: smaller populations are not divided


class Program:
    """Workers, what they share, and how many steps they take between two meetings."""

    def __init__(self, plan: Plan, workers: list[WorkerProgram], slab: int, reason: str) -> None:
        self.plan, self.workers, self.slab, self.reason = plan, workers, slab, reason
        self.grid = plan.grid
        self.bound = max(w.bound for w in workers) * slab + 1
        offset = np.concatenate(([0], np.cumsum([w.bound * slab + 1 for w in workers]))).astype(np.int64)
        n = len(workers)
        self.ids = np.zeros((2, int(offset[-1])), np.int64)
        self.ptr = np.zeros((2, n, slab + 1), np.int64)
        self.report = np.zeros((2, n, REPORT_COLUMNS), np.int64)
        self.offset = offset
        barrier = np.zeros(8, np.int64)
        for w in workers:
            w.tables = w.tables._replace(
                slab_id=self.ids, slab_offset=offset, slab_ptr=self.ptr, report=self.report, barrier=barrier,
                merged=np.zeros(2 * n + sum(v.bound for v in workers) + 1, np.int64),
            )  # fmt: skip

    @property
    def last(self) -> int:
        """Which half holds the spikes of the last slab."""
        return 1 - int(self.workers[0].tables.state[PARITY])

    @property
    def synapses(self) -> int:
        """Number of synapses built."""
        return sum(b.target.size for w in self.workers for b in w.bundles)

    def emit_early(self, step: int) -> np.ndarray:
        """Put the spikes listed at the very first sample on their way; return their ids, sorted."""
        ids = np.sort(np.concatenate([np.zeros(0, np.int64), *(i for w in self.workers for i in w.early)]))
        if step == 0 and ids.size:
            for w in self.workers:
                w.grow(ids.size)
                state = w.tables.state
                state[PENDING], state[PENDING_STEP], state[PENDING_STEPS] = 1, -1, 1
            half = self.last
            if ids.size > self.offset[1]:
                raise InvalidValueError("more spikes are listed at t = 0 than one step can hold")
            self.ids[half, : ids.size] = ids
            self.ptr[half] = 0
            self.ptr[half, 0, 1] = ids.size
            self.report[half] = 0
            self.report[half, 0, 0] = ids.size
            self.report[half, :, 1:] = 2**62
            return ids
        return ids[:0]


def compile_network(net: Network, grid: Grid, seed: int, threads: Any) -> Program:
    """Compile a network for a grid.

    Raises
    ------
    InvalidValueError
        If a time is off the grid, or the network has no neurons.
    MemoryLimitError
        If the synapses would not fit into memory; raised before any is built.
    """
    require_memory(predicted_bytes(net, grid.dt))
    plan = Plan(net, grid, seed)
    costs = plan.costs()
    slab = LONGEST_SLAB
    for wiring, port in zip(plan.wirings, plan.wiring_ports):
        slab = min(slab, wiring.min_delay + (1 if len(plan.ports[port].matrix) and not plan.plastic else 0))
    n, reason = threads_for(threads, float(costs.sum()), slab)
    workers = [WorkerProgram(plan, stretches) for stretches in divide(plan.cells, costs, n)]
    for w in workers:
        w.write()
    with ThreadPoolExecutor(n) as pool:
        for w, bundles in zip(workers, list(pool.map(WorkerProgram.build, workers))):
            w.finish(bundles)
    most = max(1, max(w.bound for w in workers))
    slab = max(1, min(slab, MOST_SPIKES // most))
    return Program(plan, workers, slab, reason)


def divide(cells: Sequence[Cell], costs: np.ndarray, n: int) -> list[list[tuple[Cell, int, int]]]:
    """Return for each of n workers the stretches (population, first gid, last gid + 1) it has, in ascending order.

    Each population is shared among all workers: what a population costs depends on how it and its sources fire, which
    nobody knows beforehand, but of the same population all have the same.  Small ones go whole to who has least.
    """
    shares: list[list[tuple[Cell, int, int]]] = [[] for _ in range(n)]
    load = np.zeros(n)
    for cell in cells:
        cost = costs[cell.first : cell.first + cell.size]
        if cell.size < n * SHARED:
            k = int(load.argmin())
            shares[k].append((cell, cell.first, cell.first + cell.size))
            load[k] += cost.sum()
            continue
        for k, (lo, hi) in enumerate(itertools.pairwise(cell.first + cut_evenly(cost, n))):
            if hi > lo:
                shares[k].append((cell, int(lo), int(hi)))
                load[k] += cost[lo - cell.first : hi - cell.first].sum()
    return shares
