"""The clock engine: all workers step through a batch of time together."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from ...errors import StateError
from ...jit import JIT, is_ready, ready
from ...jit.records import span
from ...program.program import Changes, Program
from ...record.layout import ProbeLayout
from ..arena import Arena
from ..eligibility import reward
from ..probes import Probes
from ..protocol import Batch, restore, state
from ..ranks import ALONE, Alone, Ranks
from ..state import Moved, Place
from ..told import counted, gathered
from ..variables import assign, observe
from ..workers import require_threads
from . import plastic
from .checked import check_finite
from .delays import insert, on_their_way, stretches
from .exchange import Exchange
from .gaps import coupled_stretches, potentials, tell
from .layout import held_rows
from .learnt import find_rewards, learnt, sample
from .own import give
from .places import Entries, places
from .records import FAILED, GROW, PLENTY
from .release import factors
from .rooms import exchange, grow, link, logged, room
from .run import ARGUMENTS, run
from .worker import Worker, longest_slab, slab_of, wire

__all__ = ["ClockEngine"]

LOG = 2**18  # spikes a worker logs before it comes back


class ClockEngine:
    """A program on the clock; its state stands in `arenas`, one a worker.

    Attributes
    ----------
    program : Program
    workers : list of Worker
        What does not change; shared with forks.
    arenas : list of Arena
        All that decides the future.
    threads : str
        How many threads run and why.
    """

    name = "clock"
    tolerances: Mapping[str, float] = {}

    def __init__(
        self, program: Program, workers: Sequence[Worker], arenas: Sequence[Arena], reason: str, step: int,
        ranks: Alone = ALONE,
    ) -> None:  # fmt: skip
        self.program, self.workers, self.arenas, self._reason = program, list(workers), list(arenas), reason
        self.ranks = ranks
        n = len(self.workers)
        each = f"{n} ({reason})" if JIT else f"{n} (not compiled: NUMBA_DISABLE_JIT)"
        self.threads = ranks.said(each)
        self.learning = [learner.wiring.name for learner in self.workers[0].learners]
        own = [sum(worker.learners[p].synapses for worker in self.workers) for p in range(len(self.learning))]
        learning = dict(zip(self.learning, np.sum(ranks.every("build", own), axis=0)))
        self._probes = Probes(program)
        #: Weights and states of releases that are recorded: how often, in steps.
        self._weights = [
            ProbeLayout(
                p.projection.name, p.variable,
                np.arange(learning[p.projection.name] if p.variable == "w" else p.projection.pre.size), steps,
            )
            for p in program.net.weight_probes
            for steps in [program.grid.steps(p.every, f"record {p.projection.name!r}: every", least=1)]
        ]  # fmt: skip
        self.probes = (*self._probes.layouts, *self._weights)
        self._shares = [self._probes.shares(worker.layout.parts) for worker in self.workers]
        self._pool = ThreadPoolExecutor(n - 1) if n > 1 else None
        self._process = os.getpid()
        mine = [worker.tables.bound for worker in self.workers], min(w.longest for w in self.workers)
        synapses = sum(b.target.size for w in self.workers for b in w.bundles)
        told = ranks.every("build", (*mine, synapses, coupled_stretches(self.workers)))
        each_bound, longest, each_synapses, stretches = zip(*told)
        bounds, self._longest, self.synapses = np.concatenate(each_bound), min(longest), sum(each_synapses)
        self._total, self._first = bounds.size, sum(map(len, each_bound[: ranks.rank]))
        lag = int(ranks.apart and longest_slab(program) > 1)
        slab = slab_of(program, int(bounds.max()), lag)
        self._bound = int(bounds.max()) * slab + 1
        self._common = exchange(bounds, slab, slice(self._first, self._first + n)) | potentials(program)
        self._links: dict[int, np.ndarray] = {}
        self._exchange: Exchange | None = None
        if isinstance(ranks, Ranks):
            self._exchange = Exchange(ranks, self._common, list(map(len, each_bound)), stretches, self._links)
            self._common["exchange"] = self._exchange.record.ctypes.data
        self._elsewhere = {"spikes": 0, "events": 0}
        most, elsewhere = (1 + lag) * self._bound + LOG, ranks.size > 1
        self._rooms = [room(w, bounds, some, most, elsewhere, lag) for w, some in zip(self.workers, self._shares)]
        for k in range(n):
            self._link(k)
        self._last: dict[str, np.ndarray | None] = {}
        #: Where the synapses of plastic projections stand by (pre, post, delay), once that was asked for.
        self.positions: dict[tuple[str, bool], np.ndarray | None] = {}
        self._held_rows: dict[str, list[tuple[int, int, slice]]] = {}
        self.step = step

    def _link(self, k: int) -> None:
        """Let the loop of worker k know where everything stands; again after something moved."""
        self._links[k] = link(self.workers[k].tables, self.arenas[k], self._rooms[k], self._common)

    def _changed(self, k: int, **arrays: np.ndarray) -> None:
        """Let worker k use other arrays."""
        self._rooms[k] |= arrays
        for name, array in arrays.items():
            self._links[k][name] = span(array)

    def _grow(self, k: int, flights: int) -> None:
        """Make room for so many more flights in every bundle of worker k."""
        if grow(self.arenas[k], flights):
            self._link(k)

    # -- time ---------------------------------------------------------------------------------------------------------

    @property
    def step(self) -> int:
        """Where the state stands, in steps of the grid."""
        return self._step

    @step.setter
    def step(self, step: int) -> None:
        self._step = step
        self.settle()

    @property
    def begun(self) -> bool:
        """Whether the first step is past: what is due at the very start has happened."""
        return bool(self.arenas[0]["status"]["begun"][0])

    def settle(self) -> None:
        """Let follow what follows from the step and from whether the run has begun."""
        for worker, arena in zip(self.workers, self.arenas):
            status, step = arena["status"], self._step
            status["received"] = step if self.begun else step - 1
            status["ahead"] = status["received"]
            status["jumped"] = status["sampled"] = step
            for part, at in zip(worker.tables["part"], range(arena["cursor"].size)):
                listed = worker.tables["listed_step"][part["listed_lo"] : part["listed_hi"]]
                arena["cursor"][at] = part["listed_lo"] + np.searchsorted(listed, step, side="right")
            find_rewards(worker, arena["learnt"], step, self.begun)

    def advance(self, steps: int, everywhere: bool = True) -> Batch:
        """Run `steps` steps, or fewer where a log is full; return what happened.

        Raises
        ------
        NumericalError
            If a state is no longer finite.
        StateError
            In a child of the process that made the engine, where its threads do not exist.
        """
        if self._pool is not None:
            require_threads(self._process)
        begin = self._step
        early = self._begin()
        most = [self._longest, *(p.every_steps - begin % p.every_steps for p in self._weights)]
        steps = int(self.ranks.meet("advance", [min(steps, self._probes.most_steps, *most)]).min())
        buffers = self._probes.buffers(self._shares, begin, steps)
        tell(self.ranks, self.workers, self.arenas, self._common["potential"], begin)
        for k, (worker, own) in enumerate(zip(self.workers, self._rooms)):
            self._changed(k, **worker.batch(begin, steps))
            if own["log_count"].size < steps:
                self._changed(k, log_count=np.zeros(steps, np.int64))
            own["running"]["logged"] = 0
            for q, (buffer, first) in enumerate(buffers[k]):
                own["probe"]["out"][q], own["probe"]["first"][q] = buffer.ctypes.data, first
        now = begin
        while True:
            code, now = self._run(now, begin + steps, begin)
            if code != GROW:
                break
            running = self._rooms[0]["running"][0]  # all are at the same place
            report = self._common["report"][running["parity"] if running["pending"] == 2 else 1 - running["parity"]]
            for k in range(len(self.workers)):
                self._grow(k, int(report["emitted"].sum()))
            report["room"] = PLENTY
        self._step = now
        with self.ranks.together("advance"):
            check_finite(self, begin)
        self._elsewhere = counted(self.ranks, {name: self._own(name) for name in self._elsewhere})
        logs = [logged(own, begin, now) for own in self._rooms]
        pieces = self._probes.pieces(self._shares, buffers, begin, now)
        when, ids, kept, pieces, heard = gathered(self.ranks, self.program, logs, pieces, everywhere)
        samples = self._probes.collect(pieces, begin, now if heard else begin)
        if early.size:
            when, ids = np.concatenate((np.full(early.size, begin), when)), np.concatenate((early, ids))
            kept = np.concatenate((np.full((early.size, kept.shape[1]), np.nan), kept))
        return Batch(now, when, ids, samples + [sample(self, p, everywhere) for p in self._weights], kept)

    def _begin(self) -> np.ndarray:
        """Put the spikes listed at the very first step on their way; return their ids, sorted."""
        if self.begun:
            return np.zeros(0, np.int64)
        tables = (worker.tables for worker in self.workers)
        mine = np.concatenate([t["listed_id"][t["listed_step"] == self._step] for t in tables])
        early = np.sort(np.concatenate(self.ranks.every("begin", mine)))
        if early.size:
            self.fly(np.full(early.size, self._step), early, fresh=True)
            self._count(early.size)
        return early

    def _count(self, spikes: int) -> None:
        """Count spikes that no worker emitted: the very first one does."""
        if self._first == 0:
            self.arenas[0]["status"]["spikes"] += spikes

    def fly(self, when: np.ndarray, ids: np.ndarray, fresh: bool = False) -> None:
        """Let the spikes emitted by `ids` at `when` (sorted by both), and no others, be on their way.

        `fresh`: they are emitted now, and their sources release; else their factors are known already (see `places`).
        """
        for k, (worker, arena) in enumerate(zip(self.workers, self.arenas)):
            arena["queue"]["head"] = arena["queue"]["tail"] = 0
            self._grow(k, ids.size)
            for b, (bundle, queue) in enumerate(zip(worker.bundles, arena["queue"])):
                *flights, kept = on_their_way(bundle, when, ids, self._step)
                factor = self._factors(k, b, ids) if fresh else np.ones(ids.size)
                for (name, first), values in zip(stretches(queue), (*flights, factor[kept])):
                    arena[name][first : first + values.size] = values
                queue["tail"] = kept.size

    def _factors(self, k: int, bundle: int, ids: np.ndarray) -> np.ndarray:
        """Let neurons emit now; return by what their weights in a bundle are multiplied."""
        found, r = np.ones(ids.size), int(self.workers[k].tables["bundle"]["release"][bundle])
        if r >= 0:
            factors(self._links[k].ctypes.data, r, np.ascontiguousarray(ids), self._step, found)
        return found

    @property
    def prepared(self) -> bool:
        """Whether all loops are compiled."""
        return is_ready(run)

    def prepare(self) -> None:
        """Compile all loops, where that was not done."""
        ready(run, *ARGUMENTS)

    def _run(self, begin: int, end: int, batch: int) -> tuple[int, int]:
        here, workers, dt = len(self.workers), self._total, self.program.grid.dt
        records = [(made.ctypes.data, self._first + k, workers, here) for k, made in self._links.items()]
        arguments = [(*record, begin, end, batch, dt, self._bound) for record in records]
        others = [] if self._pool is None else [self._pool.submit(run, *a) for a in arguments[1:]]
        code, now = run(*arguments[0])  # the first worker of a rank, which tells the others, runs on this thread
        for job in others:
            job.result()
        if code == FAILED and self._exchange is not None:
            self._exchange.require()
        return code, now

    # -- other engines ------------------------------------------------------------------------------------------------

    def fork(self) -> ClockEngine:
        """Return another engine on the same synapses, whose state is a copy of this one's."""
        arenas = [arena.copy() for arena in self.arenas]
        made = ClockEngine(self.program, self.workers, arenas, self._reason, self._step, self.ranks)
        made.positions = self.positions
        return made

    def rebuilt(self, program: Program, moved: Moved | None = None) -> ClockEngine:
        """Return an engine at this state for a program that differs in numbers, or (`moved`) in some synapses.

        What of the wirings is the same object is not built again.

        Raises
        ------
        StateError
            If the program has other populations, states or stimuli.
        """
        by_name = program.by_name
        workers = []
        with self.ranks.together("set"):
            for worker in self.workers:
                stretches = worker.layout.stretches
                for name, _, end in stretches:
                    if name not in by_name or by_name[name].first + by_name[name].size < end:
                        raise StateError(f"population {name!r} is not the same in the other network: build it anew")
                workers.append(Worker(program, [(by_name[name], lo, hi) for name, lo, hi in stretches]))
            wire(workers, self.workers)
        blank = [worker.blank() for worker in workers]
        for worker, arena in zip(workers, blank):
            worker.teach(arena)
        made = ClockEngine(program, workers, blank, self._reason, self._step, self.ranks)
        restore(made, state(self).completed(made.places, moved))
        return made

    # -- closed loops -------------------------------------------------------------------------------------------------

    def observe(self, population: str, variable: str) -> np.ndarray:
        """Return a state variable of a population as it is now, float64 (n,)."""
        return observe(self.program.by_name[population], variable, Entries(self))

    def assign(self, population: str, variable: str, values: np.ndarray) -> None:
        """Set a state variable from this step on."""
        assign(self.program.by_name[population], variable, values, Entries(self))

    def hold(self, population: str, current: np.ndarray) -> ClockEngine:
        """Return an engine in which a current (pA, one a neuron) flows into a population from this step on."""
        engine = self
        if population not in self.program.changes.held:
            engine = self.rebuilt(self.program.changed(Changes(held=(population,))))
        if population not in engine._held_rows:
            engine._held_rows[population] = held_rows([w.layout for w in engine.workers], population)
        for k, at, own in engine._held_rows[population]:
            engine.arenas[k]["x"][at : at + own.stop - own.start] = current[own]
        return engine

    def feed(self, ids: np.ndarray) -> Batch:
        """Let neurons that are fed (global ids, ascending) fire now; return their spikes as a batch of no steps."""
        step = self._step
        early = self._begin()
        for k, (worker, arena) in enumerate(zip(self.workers, self.arenas)):
            queue = arena["queue"]
            if np.any(queue["tail"] + ids.size > queue["capacity"]):
                self._grow(k, ids.size)
                queue = arena["queue"]
            for b, bundle in enumerate(worker.bundles):
                insert(bundle, arena, queue[b], step, ids, self._factors(k, b, ids))
        self._count(ids.size)
        ids = np.sort(np.concatenate((early, ids)), kind="stable")
        return Batch(step, np.full(ids.size, step), ids, [])

    # -- what is asked ------------------------------------------------------------------------------------------------

    @property
    def places(self) -> Mapping[str, Place]:
        """Where the numbers of the state stand, by name (see :mod:`..state`)."""
        return places(self)

    def learnt(self, projection: str) -> np.ndarray | None:
        """Return the weights of a plastic projection now, by (pre, post, delay); None for one that does not learn."""
        if projection not in self.learning:
            return None
        return self._last[projection] if projection in self._last else learnt(self, projection)

    def learn(self, projection: str, weight: np.ndarray) -> None:
        """Set the weights of a plastic projection; what waits for a reward is forgotten."""
        self.places[f"synapses/{projection}/weight"].put(weight)
        eligible = self.places.get(f"synapses/{projection}/eligible")
        if eligible is not None:
            eligible.put(np.zeros(weight.size))

    def freeze(self, projection: str, frozen: bool) -> None:
        """Let the weights of a plastic projection stand still from now on, or learn."""
        p = self.learning.index(projection)
        for worker, arena, made in zip(self.workers, self.arenas, self._links.values()):
            plastic.freeze(made.ctypes.data, worker.tables["plastic"], arena["learnt"], p, self._step, np.int64(frozen))

    @property
    def rewarded(self) -> list[str]:
        """Names of the projections that wait for rewards."""
        return [learner.wiring.name for learner in self.workers[0].learners if learner.awaits]

    def reward(self, amount: float, projection: str | None) -> None:
        """Let dopamine jump by `amount` now, in the projection of that name or in all."""
        for worker, arena, made in zip(self.workers, self.arenas, self._links.values()):
            for p, learner in enumerate(worker.learners):
                if not learner.awaits or projection not in (None, learner.wiring.name):
                    continue
                if learner.key is None:
                    reward(worker.tables["plastic"], arena["learnt"], p, self._step, amount)
                else:
                    give(worker.tables["plastic"]["event"][p], made.ctypes.data, p, self._step, amount)

    @property
    def spikes(self) -> int:
        """Spikes emitted so far."""
        return self._own("spikes") + self._elsewhere["spikes"]

    @property
    def events(self) -> int:
        """Synaptic events delivered so far."""
        return self._own("events") + self._elsewhere["events"]

    def _own(self, what: str) -> int:
        return int(sum(arena["status"][what][0] for arena in self.arenas))

    def close(self) -> None:
        """End the threads; weights can be asked for after it, without the other ranks."""
        if self.ranks.size > 1 and not self.ranks.parted:
            self._last = {name: self.learnt(name) for name in self.learning}
        if self._pool is not None:
            self._pool.shutdown()
