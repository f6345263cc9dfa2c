"""The event engine: exact, each neuron from event to event; a step of the grid only counts samples and ends runs.

A worker is three things: constant tables (:mod:`.build`), an arena with all that changes and decides the future, and
what the loop of one engine needs beside (its log, its meetings).  `Worker.link` writes where they stand into the record
that the kernels take; after growth it does so again.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from types import MappingProxyType
from typing import Any

import numpy as np

from ...errors import InvalidValueError
from ...jit import JIT, ready
from ...jit.aside import side_by_side
from ...network.probe import widest
from ...program.program import Changes, Program, held_name
from ..growing import Table
from ..memory import require_shares
from ..probes import Probes
from ..protocol import Batch
from ..ranks import ALONE, Alone, Ranks
from ..state import Moved, Place
from ..told import Log, counted, gathered
from ..variables import assign, observe
from ..workers import cut_evenly, require_threads, threads_for
from . import closed, failures
from . import places as where
from .build import Tables
from .exchange import Exchange
from .learners import Learner, unfit
from .learnt import freeze, learn, learnt, pass_time, reward, sample, weight_layouts
from .records import (
    BEGIN,
    DONE,
    FULL,
    MEET,
    PROBE,
    PUBLISHED,
    TERM,
)
from .run import ARGUMENTS, run
from .worker import Worker

__all__ = ["EventEngine", "build"]

#: Neurons below which threads are not used unless asked for.
SMALL = 5000


def build(
    program: Program, threads: int | None = None, ranks: Alone = ALONE, rtol: float = 1e-7, atol: float = 1e-9
) -> EventEngine:
    """Return an engine for an exact program, at its start.

    Raises
    ------
    InvalidValueError
        If a tolerance is not from 1e-14 to 1, a projection learns, or a stimulus is not known exactly.
    """
    with ranks.together("build"):
        _require_fit(program, rtol, atol)
        small = threads is None and program.n < SMALL
        n, reason = threads_for(1 if small else threads, np.inf, processes=ranks.here)
        if small:
            reason = f"one thread: fewer than {SMALL} neurons"
        require_shares(program.net, None, n, ranks)
    counts = ranks.meet("build", [n])[:, 0]
    first = int(counts[: ranks.rank].sum())
    with ranks.together("build"):
        edges = cut_evenly(program.costs(), int(counts.sum()))[first : first + n + 1]
        tables = [Tables(program, int(lo), int(hi), (rtol, atol)) for lo, hi in pairwise(edges)]
        side_by_side(Tables.wire, tables)
        for made in tables:
            made.finish()
    engine = EventEngine(program, tables, program.start, reason, {"rtol": rtol, "atol": atol}, ranks)
    if ranks.size > 1:
        with ranks.in_turn("compile"):  # the others find on disk what the first has compiled
            engine.prepare()
    return engine


def _require_fit(program: Program, rtol: float, atol: float) -> None:
    """Refuse what the event engine does not run."""
    for name, value in (("rtol", rtol), ("atol", atol)):
        if isinstance(value, bool) or not (isinstance(value, (int, float)) and 1e-14 <= value < 1.0):
            raise InvalidValueError(f"{name} must be a number from 1e-14 to 1, got {value!r}")
    for p in program.projections:
        why = None if p.plasticity is None else unfit(p)
        if why is not None:
            raise InvalidValueError(
                f"projection {p.name!r}: plasticity {type(p.plasticity).__name__} runs on the clock engine, for {why}; "
                'use engine="clock"'
            )


class EventEngine:
    """Advances an exact program; see :class:`~spikesim.engine.protocol.Engine`."""

    name = "event"

    def __init__(
        self,
        program: Program,
        tables: Sequence[Tables],
        start: int,
        reason: str,
        tolerances: Mapping[str, float] = MappingProxyType({}),
        ranks: Alone = ALONE,
    ) -> None:
        self.tolerances, self.ranks = tolerances, ranks
        self._probes = Probes(program)
        self._set(program, [Worker(t) for t in tables], start, reason)
        for w in self.workers:
            w.start(program.grid.time(start), start)
            w.derive()

    def _set(self, program: Program, workers: list[Worker], step: int, reason: str) -> None:
        self.program, self.workers, self.step, self.reason = program, workers, step, reason
        self._pool: ThreadPoolExecutor | None = None
        self._weights = weight_layouts(self)
        self.probes = (*self._probes.layouts, *self._weights)
        self._linked = False
        self._flying: where.Flying | None = None
        self._last: dict[str, np.ndarray | None] = {}
        launches = any(w.bundles for w in workers)
        synapses = sum(b.target.size for w in workers for b in w.bundles)
        told = self.ranks.every("build", (len(workers), launches, synapses, where.named(workers)))
        counts, some, all_synapses, named = zip(*told)
        self._total, self._first, self._launches = sum(counts), sum(counts[: self.ranks.rank]), any(some)
        self.synapses, self.named = sum(all_synapses), where.Named.of_all(program, named)
        self._exchange = Exchange(self.ranks, counts) if isinstance(self.ranks, Ranks) else None
        self._elsewhere = {"spikes": 0, "events": 0}
        published, barrier = np.zeros(self._total, PUBLISHED), np.zeros(8, np.int64)
        self._shares = [self._probes.shares(w.parts) for w in workers]
        for w, shares in zip(workers, self._shares):
            w.own["published"], w.own["barrier"] = published, barrier
            w.exchange = 0 if self._exchange is None else self._exchange.record.ctypes.data
            rows, terms = Table(PROBE), Table(TERM)
            ids = [np.zeros(0, np.int64), *(share.ids + (share.part.cell.first - w.tables.lo) for share in shares)]
            first = np.cumsum([i.size for i in ids])
            for share, at in zip(shares, first):
                lo = len(terms)
                for term in share.terms:
                    terms.add(column=term.at, factor=term.factor, reversal=term.reversal, v=term.v, driven=term.driving)
                rows.add(
                    part=share.part.number, index=at, count=share.ids.size, every=share.every, term_lo=lo,
                    term_hi=len(terms),
                )  # fmt: skip
            w.own["probe"], w.own["term"], w.own["probe_index"] = rows.array(), terms.array(), np.concatenate(ids)

    # -- running -------------------------------------------------------------------------------------------------------

    def advance(self, steps: int, everywhere: bool = True) -> Batch:
        """Run `steps` steps, or fewer where samples fill memory or much happens; return what happened."""
        self.settle()
        begin = self.step
        samples_in = (p.every_steps - begin % p.every_steps for p in self._weights)
        most = (self._probes.most_steps, *samples_in, *(learner.rest(begin) for learner in self._learners))
        most = (*most, *(self._room(w, begin) for w in self.workers))
        end = begin + int(self.ranks.meet("advance", [min(steps, *most)]).min())
        self._stream(end)
        buffers = self._probes.buffers(self._shares, begin, end - begin)
        self.workers[0].own["published"][:] = 0
        for w, rows in zip(self.workers, buffers):
            r, c = w.run, w.counts
            r["begin"], r["end"], r["logged"], r["opened"], r["work"] = begin, end, 0, 0, 0
            r["told"] = r["kept"] = 0
            r["begun_events"], r["begun_steps"] = c["events"], c["steps"]
            for probe, (buffer, first) in zip(w.own["probe"], rows):
                probe["out"], probe["first"] = buffer.ctypes.data, first
        self._run()
        if self._exchange is not None:
            self._exchange.require()
        self.step = reached = int(self.workers[0].run["end"])
        for w in self.workers:
            w.counts["sampled"] = reached
        with self.ranks.together("advance"):
            pass_time(self)
            failures.require_sound(self)
        self._elsewhere = counted(self.ranks, {name: self._own(name) for name in self._elsewhere})
        logs, pieces = [self._log(w) for w in self.workers], self._probes.pieces(self._shares, buffers, begin, reached)
        times, ids, kept, pieces, heard = gathered(self.ranks, self.program, logs, pieces, everywhere)
        samples = self._probes.collect(pieces, begin, reached if heard else begin)
        with self.ranks.together("advance"):
            failures.require_finite(self, self._probes.layouts, samples)
        weights = [sample(self, layout, heard) for layout in self._weights]
        return Batch(reached, times, ids, samples + weights, kept)

    def _log(self, w: Worker) -> Log:
        """The spikes of a worker in this batch, and what is kept with them; it notes that with (time, who)."""
        n, k, width = int(w.run["logged"]), int(w.run["kept"]), widest(self.program.net)
        ids, kept = w.own["log_id"][:n], np.full((n, width), np.nan)
        if width:
            keeps = np.zeros(self.program.n, bool)
            for name in self.program.net.at_spike:
                cell = self.program.by_name[name]
                keeps[cell.first : cell.first + cell.size] = True
            order = np.lexsort((w.own["kept_id"][:k], w.own["kept_time"][:k]))
            kept[keeps[ids]] = w.own["kept"].reshape(-1, width)[:k][order]
        return w.own["log_time"][:n], ids, kept

    def touch(self, **flying: Any) -> None:
        """The state is being put: what follows from it is to be made again; these spikes are on their way."""
        self._flying = (self._flying or where.flying(self))._replace(**flying)

    def settle(self) -> None:
        """Make what follows from a state that has been put: queue, heap, first intervals."""
        if self._flying is not None:
            times, ids, factors = self._flying if self._launches else where.NOBODY
            self._flying = None
            for w in self.workers:
                w.derive()
                w.counts["sampled"] = self.step
                w.own["all_time"], w.own["all_id"] = np.array(times, np.float64), np.array(ids, np.int64)
                w.run["launched"], w.run["fresh"] = times.size, 0
                w.run["need_flights"] = times.size * len(w.tables.arrays["bundle"])
                w.grow()
                known = np.concatenate([np.zeros(0), *factors.values()])
                w.own["strength"][: known.size] = known
                w.run["status"] = DONE
        self.prepare()
        if any(w.run["phase"] == BEGIN for w in self.workers):
            self._stream(self.step)
            self._run()

    def _stream(self, end: int) -> None:
        """Read what stays in files and is injected until step `end`."""
        for w in self.workers:
            w.stream(self.program.grid.time(end + 1))

    def _room(self, w: Worker, begin: int) -> int:
        """Most steps for which there is room for what is read."""
        until, grid = w.tables.drives.until(w.arena["drive_cursor"]), self.program.grid
        return 2**62 if until == np.inf else max(1, int((until - grid.time(begin)) / grid.dt) - 1)

    @property
    def prepared(self) -> bool:
        """Whether all loops are compiled."""
        return self._linked

    def prepare(self) -> None:
        """Compile all loops, where that was not done."""
        if self._linked:
            return
        for w in self.workers:
            w.link()
            w.call(self._total, self._launches)
        ready(run, *ARGUMENTS)
        self._linked = True

    def _run(self) -> None:
        fraction, shortest = self.program.grid.fraction, self.program.shortest_delay
        shortest = min([shortest, *(learner.late for learner in self._learners if learner.late)])
        n = len(self.workers)

        def one(k: int) -> None:
            w = self.workers[k]
            while True:
                run(
                    w.record.ctypes.data, self._first + k, self._total, n, fraction.numerator, fraction.denominator,
                    float(shortest),
                )  # fmt: skip
                if w.run["status"] != FULL:
                    return
                w.grow()

        if n > 1 and self._pool is None:
            self._pool, self._process = ThreadPoolExecutor(n - 1), os.getpid()
        if self._pool is not None:
            require_threads(self._process)
        others = [] if self._pool is None else [self._pool.submit(one, k) for k in range(1, n)]
        one(0)  # the first worker of a rank, which tells the others, runs on this thread
        for job in others:
            job.result()

    # -- the state -----------------------------------------------------------------------------------------------------

    @property
    def places(self) -> Mapping[str, Place]:
        """Where the numbers of the state stand, by name."""
        self.settle()
        return where.places(self)

    def fork(self) -> EventEngine:
        """Return another engine on the same wiring, whose state is a copy of this one's."""
        self.settle()
        made = object.__new__(EventEngine)
        made._probes, made.tolerances, made.ranks = self._probes, self.tolerances, self.ranks
        workers = [Worker(w.tables, w.arena.copy()) for w in self.workers]
        for mine, w in zip(self.workers, workers):
            w.run["phase"], w.run["longest"] = MEET, mine.run["longest"]
        made._set(self.program, workers, self.step, self.reason)
        return made

    def rebuilt(self, program: Program, moved: Moved | None = None) -> EventEngine:
        """Return an engine at this state for a program that differs in numbers, or (`moved`) in some synapses.

        Neurons whose numbers changed are looked at anew; all others go on to the same bits.
        """
        return where.rebuilt(self, program, moved)

    @property
    def _learners(self) -> list[Learner]:
        """The plastic projections, as the first worker has them."""
        return self.workers[0].tables.wired.learners

    # -- weights that change -------------------------------------------------------------------------------------------

    def learnt(self, projection: str) -> np.ndarray | None:
        """Return the weights of a plastic projection now, by (pre, post, delay); None for one that does not learn."""
        return self._last[projection] if projection in self._last else learnt(self, projection)

    def learn(self, projection: str, weight: np.ndarray) -> None:
        """Set the weights of a plastic projection; what waits for a reward is forgotten."""
        learn(self, projection, weight)

    def freeze(self, projection: str, frozen: bool) -> None:
        """Let the weights of a plastic projection stand still from now on, or learn."""
        freeze(self, projection, frozen)

    @property
    def rewarded(self) -> list[str]:
        """Names of the projections that wait for a third factor."""
        return [learner.wiring.name for learner in self._learners if learner.evented]

    def reward(self, amount: float, projection: str | None) -> None:
        """Tell the synapses of the projection of that name, or of all that wait for it, of a third factor."""
        self.settle()
        reward(self, amount, projection)

    # -- closed loops --------------------------------------------------------------------------------------------------

    def observe(self, population: str, variable: str) -> np.ndarray:
        """Return a state variable of a population as it is now, float64 (n,)."""
        self.settle()
        return observe(self.program.by_name[population], variable, closed.Entries(self))

    def assign(self, population: str, variable: str, values: np.ndarray) -> None:
        """Set a state variable from now on."""
        self.settle()
        assign(self.program.by_name[population], variable, values, closed.Entries(self))

    def hold(self, population: str, current: np.ndarray) -> EventEngine:
        """Return an engine in which a current (pA, one a neuron) flows into a population from now on."""
        engine = self
        if population not in self.program.changes.held:
            engine = self.rebuilt(self.program.changed(Changes(held=(population,))))
        engine.settle()
        closed.put(engine, f"drive/{held_name(population)}/{population}", population, current)
        return engine

    def feed(self, ids: np.ndarray) -> Batch:
        """Let neurons that are fed (global ids, ascending) fire now; return their spikes as a batch of no steps."""
        now = self.program.grid.time(self.step)
        self.settle()
        when, who, factors = where.flying(self)
        when, who = np.concatenate((when, np.full(ids.size, now))), np.concatenate((who, ids))
        order = np.lexsort((who, when))
        emitted = {name: np.append(known, np.full(ids.size, np.nan))[order] for name, known in factors.items()}
        self.touch(when=when[order], ids=who[order], factors=emitted)
        self.workers[0].counts["spikes"] += ids.size if self._first == 0 else 0
        return Batch(self.step, np.full(ids.size, now), ids.astype(np.int64), [])

    @property
    def spikes(self) -> int:
        """Spikes emitted so far."""
        return self._own("spikes") + self._elsewhere["spikes"]

    @property
    def events(self) -> int:
        """Synaptic events delivered so far, those of backgrounds included."""
        return self._own("events") + self._elsewhere["events"]

    def _own(self, what: str) -> int:
        return sum(int(w.counts[what]) for w in self.workers)

    @property
    def threads(self) -> str:
        """How many threads run and why."""
        n = len(self.workers)
        return self.ranks.said(f"{n} ({self.reason})" if JIT else f"{n} (not compiled: NUMBA_DISABLE_JIT)")

    def close(self) -> None:
        """End the threads; weights can be asked for after it, without the other ranks."""
        if self.ranks.size > 1 and not self.ranks.parted:
            learners = self._learners
            self._last = {learner.wiring.name: self.learnt(learner.wiring.name) for learner in learners}
        if self._pool is not None:
            self._pool.shutdown()
            self._pool = None
