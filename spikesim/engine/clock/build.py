"""From a program to an engine: who has which neurons."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

from ...program.cell import Cell
from ...program.coarse import warn_of_coarse_steps
from ...program.program import Program
from ..memory import require_shares
from ..ranks import ALONE, Alone
from ..workers import cut_evenly, threads_for
from .engine import ClockEngine
from .worker import Worker, longest_slab, wire

__all__ = ["build", "divide"]

SHARED = 64  # neurons a worker: smaller populations are not divided


def build(program: Program, threads: int | None = None, ranks: Alone = ALONE) -> ClockEngine:
    """Build the engine of a program, at its initial state.

    Parameters
    ----------
    program : Program
    threads : int, optional
        Workers of this process; unless given, as many as pay.
    ranks : Alone
        The processes that run it together.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        If `threads` is no sensible number.
    MemoryLimitError
        If the synapses would not fit into memory; raised before any is built.
    """
    for cell in program.cells:
        warn_of_coarse_steps(cell)
    costs = program.costs()
    with ranks.together("build"):
        n, reason = threads_for(threads, float(costs.sum()) / ranks.size, longest_slab(program), ranks.here)
        require_shares(program.net, program.grid.dt, n, ranks)
    counts = ranks.meet("build", [n])[:, 0]
    shares = divide(program.cells, costs, int(counts.sum()))
    first = int(counts[: ranks.rank].sum())
    with ranks.in_turn("compile"):
        if ranks.size > 1 and ranks.rank == 0:
            warm(program)
    with ranks.together("build"):
        workers = [Worker(program, stretches) for stretches in shares[first : first + n]]
        wire(workers)
        arenas = [worker.arena() for worker in workers]
    return ClockEngine(program, workers, arenas, reason, program.start, ranks)


def warm(program: Program) -> None:
    """Let everything be compiled, and kept on disk for the other processes: a step of one neuron of each population."""
    worker = Worker(program, [(cell, cell.first, cell.first + 1) for cell in program.cells])
    wire([worker])
    engine = ClockEngine(program, [worker], [worker.arena()], "", program.start)
    engine.advance(1)


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
