"""The event engine: exact, each neuron from event to event; a step of the grid only counts samples and ends runs."""

from __future__ import annotations

import math
import weakref
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from ...errors import NumericalError
from ...jit import JIT, released, view
from ..growing import Rows
from ..probes import Probes
from ..protocol import Batch
from . import records as e
from .lookup import pack
from .program import EventProgram
from .run import run

__all__ = ["EventEngine", "EventProbes"]

REASONS = {
    e.NOT_FINITE: "its state is not finite; look at its parameters and input",
    e.NO_RESET: "it is at or above threshold right after its reset and would fire for ever; lower V_reset",
    e.NO_STEP: "no step is short enough to follow its equations within rtol and atol; is its slope finite and smooth?",
}


def log(state: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the times and gids of the spikes in a worker's log."""
    n = int(state[e.LOGGED])
    return np.array(view(state[e.LOG_TIME], n, np.float64)), np.array(view(state[e.LOG_ID], n, np.int64))


def release(state: np.ndarray) -> None:
    """Give back the memory that has grown while a worker ran."""
    for column in e.GROWING:
        released(int(state[column]))


class EventProbes(Probes):
    """All that is sampled, as columns of the neurons' records."""

    def install(self, program: EventProgram) -> None:
        """Write the probe tables of every worker."""
        self.of_workers = [self.shares(worker.parts) for worker in program.workers]
        for worker, shares in zip(program.workers, self.of_workers):
            rows = Rows(e.PR_COLUMNS)
            index: list[np.ndarray] = [np.zeros(0, np.int64)]
            terms: list[tuple[float, ...]] = []
            for share in shares:
                first = len(terms)
                terms += [(term.at, term.factor, term.reversal, term.v, term.driving) for term in share.terms]
                at, n = sum(i.size for i in index), share.columns.size
                rows.add((share.part.number, at, n, share.every, first, len(terms), 0, 0))
                index.append(share.ids - (worker.lo - share.part.cell.first))
            worker.tables = worker.tables._replace(
                probe=rows.array(), probe_index=np.concatenate(index), term=np.array(terms, float).reshape(-1, 5)
            )


class EventEngine:
    """Advances a program; its state stands in the tables of the workers and in the spikes on their way."""

    def __init__(self, program: EventProgram, probes: EventProbes, start: int) -> None:
        self._compiled, self.program, self._probes, self.step = program, program.plan, probes, start
        self.probes = tuple(probes.layouts)
        self.tolerances: dict[str, float] = {}
        self.pool = ThreadPoolExecutor(len(program.workers)) if len(program.workers) > 1 else None
        probes.install(program)
        n = len(program.workers)
        self.threads = f"{n} ({program.reason})" if JIT else f"{n} (not compiled: NUMBA_DISABLE_JIT)"
        self.synapses = program.synapses
        self.begun = False
        for w in program.workers:
            weakref.finalize(self, release, w.tables.state)

    name = "event"
    rewarded: list[str] = []

    def learnt(self, projection: str) -> None:
        """Nothing learns here."""

    def advance(self, steps: int) -> Batch:
        """Run `steps` steps, or fewer where samples fill the memory of a batch; return what happened."""
        begin = self.step
        steps = min(steps, self._probes.most_steps)
        end = begin + steps
        buffers = self._probes.buffers(self._probes.of_workers, begin, steps)
        for k, w in enumerate(self._compiled.workers):
            for q, (buffer, first) in enumerate(buffers[k]):
                w.tables.probe[q, e.PR_OUT], w.tables.probe[q, e.PR_FROM] = buffer.ctypes.data, first
        self._run(end)
        self.step = end
        logs = [log(w.tables.state) for w in self._compiled.workers]
        times = np.concatenate([times for times, _ in logs])
        ids = np.concatenate([ids for _, ids in logs])
        if len(logs) > 1:
            order = np.lexsort((ids, times))
            times, ids = times[order], ids[order]
        return Batch(end, times, ids, self._probes.collect(self._probes.of_workers, begin, end, buffers))

    def _run(self, end: int) -> None:
        p = self._compiled
        n = len(p.workers)
        start = math.nan if self.begun else p.grid.time(self.step)
        if not self.begun:
            for w in p.workers:
                w.link()
                w.begin(start, self.step)
        self.begun = True
        num, den = p.grid.fraction.numerator, p.grid.fraction.denominator

        def one(k: int) -> Any:
            w = p.workers[k]
            table = pack(w.tables)
            return run(table.ctypes.data, k, n, w.lo, start, end, num, den, p.window)

        if self.pool is None:
            one(0)
        else:
            for job in [self.pool.submit(one, k) for k in range(n)]:
                job.result()
        for w in p.workers:
            failed, fault = w.tables.state[e.FAILED], int(w.tables.state[e.FAULT])
            if failed:
                raise NumericalError(f"{w.name(fault)} at {w.tables.clock[e.C_FAILED]:.12g} ms: {REASONS[failed]}")

    @property
    def spikes(self) -> int:
        """Spikes emitted so far."""
        return int(sum(w.tables.state[e.SPIKES] for w in self._compiled.workers))

    @property
    def events(self) -> int:
        """Synaptic events delivered so far, those of backgrounds included."""
        return int(sum(w.tables.state[e.EVENTS] for w in self._compiled.workers))

    def close(self) -> None:
        """End the threads."""
        if self.pool is not None:
            self.pool.shutdown()
