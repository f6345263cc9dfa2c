"""The event engine: exact, each neuron from event to event; a step of the grid only counts samples and ends runs."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from ..compiler.event import EventProgram
from ..compiler.probes import Probes
from ..errors import InvalidValueError, NumericalError
from ..kernels import event_tables as e
from ..kernels.events import run
from ..kernels.queue import FLIGHT_COLUMNS
from ..kernels.tables import pack
from .clock import Batch

__all__ = ["EventEngine", "EventProbes"]

FLIGHTS = 1024  # spikes on their way that there is room for at first

REASONS = {
    e.NOT_FINITE: "its state is not finite; look at its parameters and input",
    e.NO_RESET: "it is at or above threshold right after its reset and would fire for ever; lower V_reset",
    e.NO_STEP: "no step is short enough to follow its equations within rtol and atol; is its slope finite and smooth?",
}


class EventProbes(Probes):
    """All that is sampled, as columns of the neurons' records."""

    columns = e.PR_COLUMNS

    def _row(self, part: Any, at: int, count: int, every: int, first_term: int, last_term: int) -> tuple[int, ...]:
        return (part.number, at, count, every, first_term, last_term, 0, 0)

    def _origin(self, worker: Any, part: Any) -> int:
        return worker.lo - part.cell.first

    def _installed(self, worker: Any) -> None:
        """Nothing: the loop samples by itself."""


class EventEngine:
    """Advances a program; its state stands in the tables of the workers and in the spikes on their way."""

    def __init__(self, program: EventProgram, probes: EventProbes, start: int) -> None:
        if start != 0:
            raise InvalidValueError(f"start must be 0 with engine='event', got {program.grid.time(start)!r} ms")
        self.program, self.probes, self.step = program, probes, start
        self.pool = ThreadPoolExecutor(len(program.workers)) if len(program.workers) > 1 else None
        probes.install(program)
        self.begun = False
        self.flights: list[Any] = [
            (np.zeros(FLIGHTS), np.zeros(FLIGHTS), np.zeros((FLIGHTS, FLIGHT_COLUMNS), np.int64), 0)
            for _ in program.workers
        ]

    def advance(self, steps: int) -> Batch:
        """Run `steps` steps, or fewer where samples fill the memory of a batch; return what happened."""
        begin = self.step
        steps = min(steps, self.probes.most_steps)
        end = begin + steps
        buffers = self.probes.buffers(begin, steps)
        for k, w in enumerate(self.program.workers):
            for q, (buffer, first) in enumerate(buffers[k]):
                w.tables.probe[q, e.PR_OUT], w.tables.probe[q, e.PR_FROM] = buffer.ctypes.data, first
        logs = self._run(end)
        self.step = end
        times = np.concatenate([t[:n] for t, _, n in logs])
        ids = np.concatenate([i[:n] for _, i, n in logs])
        if len(logs) > 1:
            order = np.lexsort((ids, times))
            times, ids = times[order], ids[order]
        return Batch(end, times, ids, self.probes.collect(begin, end, buffers))

    def _run(self, end: int) -> list[Any]:
        p = self.program
        n = len(p.workers)
        start = math.nan if self.begun else p.grid.time(self.step)
        self.begun = True
        num, den = p.grid.fraction.numerator, p.grid.fraction.denominator

        def one(k: int) -> Any:
            w = p.workers[k]
            return run(pack(w.tables), k, n, w.lo, start, end, num, den, p.window, *self.flights[k])

        results = (
            [one(0)] if self.pool is None else [job.result() for job in [self.pool.submit(one, k) for k in range(n)]]
        )
        self.flights = [flights for _, _, flights in results]
        for k, ((failed, fault, when), _, _) in enumerate(results):
            if failed:
                raise NumericalError(f"{p.workers[k].name(fault)} at {when:.12g} ms: {REASONS[failed]}")
        return [log for _, log, _ in results]

    @property
    def spikes(self) -> int:
        """Spikes emitted so far."""
        return int(sum(w.tables.state[e.SPIKES] for w in self.program.workers))

    @property
    def events(self) -> int:
        """Synaptic events delivered so far, those of backgrounds included."""
        return int(sum(w.tables.state[e.EVENTS] for w in self.program.workers))

    def close(self) -> None:
        """End the threads."""
        if self.pool is not None:
            self.pool.shutdown()
