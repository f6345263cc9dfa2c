"""The clock engine: all workers step through a batch of time together."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from ...errors import NumericalError
from ...jit import JIT
from ..probes import Probes
from . import deliver as post
from .program import Program
from .records import EMITTED, GROW, JUMPED, LOGGED, PR_FROM, PR_OUT, RECEIVED, ROOM, SAMPLED, SPIKES, pack
from .run import run

__all__ = ["ClockEngine"]

LOG = 2**18  # spikes a worker logs before it comes back


class Batch:
    """What happened in some steps: spikes sorted by step, then gid, and rows of each probe."""

    def __init__(
        self, step: int, spike_steps: np.ndarray, ids: np.ndarray, samples: list[tuple[int, np.ndarray]]
    ) -> None:
        self.step, self.spike_steps, self.ids, self.samples = step, spike_steps, ids, samples


class ClockEngine:
    """Advances a program; its state stands in the tables of the workers."""

    def __init__(self, program: Program, probes: Probes, start: int) -> None:
        self.program, self.probes, self.step = program, probes, start
        self.pool = ThreadPoolExecutor(len(program.workers)) if len(program.workers) > 1 else None
        for w in program.workers:
            w.tables = w.tables._replace(log_id=np.zeros(program.bound + LOG, np.int64))
            w.tables.state[[RECEIVED, JUMPED, SAMPLED]] = (start - 1, start, start)
            w.learners.start(start)
        probes.install(program)
        self.early: np.ndarray | None = program.emit_early(start)
        self.at_start = self.early.size

    def advance(self, steps: int) -> Batch:
        """Run `steps` steps, or fewer where a log is full; return what happened."""
        begin = self.step
        steps = min(steps, *(w.drive.longest for w in self.program.workers), self.probes.most_steps)
        end = begin + steps
        buffers = self.probes.buffers(begin, steps)
        for k, w in enumerate(self.program.workers):
            changes: dict[str, Any] = w.drive.batch(begin, steps) if w.drive.driven else {}
            if w.tables.log_count.size < steps:
                changes["log_count"] = np.zeros(steps, np.int64)
            if changes:
                w.tables = w.tables._replace(**changes)
            w.tables.state[LOGGED] = 0
            for q, (buffer, first) in enumerate(buffers[k]):
                w.tables.probe[q, PR_OUT], w.tables.probe[q, PR_FROM] = buffer.ctypes.data, first
        t = begin
        while True:
            code, reached = self._run(t, end, begin)
            if code != GROW:
                break
            report = self.program.report[self.program.last]
            for w in self.program.workers:
                w.grow(int(report[:, EMITTED].sum()))
            report[:, ROOM] = 2**62
            t = reached
        self.step = reached
        self._check_finite(begin)
        when, ids = self._log(begin, reached - begin)
        if self.early is not None and self.early.size:
            when = np.concatenate((np.full(self.early.size, begin), when))
            ids = np.concatenate((self.early, ids))
        self.early = None
        return Batch(reached, when, ids, self.probes.collect(begin, reached, buffers))

    def _run(self, begin: int, end: int, batch: int) -> tuple[int, int]:
        p = self.program
        n = len(p.workers)
        if self.pool is None:
            return run(pack(p.workers[0].tables), 0, n, begin, end, batch, p.grid.dt, p.bound)
        jobs = [
            self.pool.submit(run, pack(w.tables), k, n, begin, end, batch, p.grid.dt, p.bound)
            for k, w in enumerate(p.workers)
        ]
        results = [job.result() for job in jobs]
        return results[0]

    def _log(self, begin: int, steps: int) -> tuple[np.ndarray, np.ndarray]:
        """Merge the workers' logs, each sorted by step and id."""
        tables = [w.tables for w in self.program.workers]
        when = np.concatenate([np.repeat(np.arange(begin + 1, begin + 1 + steps), t.log_count[:steps]) for t in tables])
        ids = np.concatenate([t.log_id[: t.state[LOGGED]] for t in tables])
        if len(tables) > 1:
            order = np.argsort(when * self.program.plan.n + ids, kind="stable")  # runs already in order: a merge
            when, ids = when[order], ids[order]
        return when, ids

    def _check_finite(self, begin: int) -> None:
        for w in self.program.workers:
            if np.isfinite(w.tables.x).all():
                continue
            bad = int(np.flatnonzero(~np.isfinite(w.tables.x))[0])
            name, value = w.locate(bad), float(w.tables.x[bad])
            grid = self.program.grid
            raise NumericalError(
                f"{name} became {value!r} between {grid.time(begin):g} and {grid.time(self.step):g} ms; "
                f"weights, currents or dt are "
                f"too large for this model: try a smaller dt or check the magnitudes"
            )

    @property
    def spikes(self) -> int:
        """Spikes emitted so far."""
        return self.at_start + int(sum(w.tables.state[SPIKES] for w in self.program.workers))

    @property
    def events(self) -> int:
        """Synaptic events delivered so far."""
        return int(sum(w.tables.bundle[:, post.EVENTS].sum() for w in self.program.workers))

    def close(self) -> None:
        """End the threads."""
        if self.pool is not None:
            self.pool.shutdown()


def describe_threads(program: Program) -> str:
    """Return how many threads run and why."""
    n = len(program.workers)
    return f"{n} ({program.reason})" if JIT else f"{n} (not compiled: NUMBA_DISABLE_JIT)"
