"""A run: compile, step, record, in one piece or in many.

A batch is what the compiled loop does between two looks at the world: it ends on a whole step, its spikes and samples
go to the sink, a NaN is found, a key press is heard.  Batches are about a tenth of a second long and leave no trace in
the results.
"""

from __future__ import annotations

import time
import warnings
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import (
    FrozenError,
    InvalidTypeError,
    InvalidValueError,
    SpikesimWarning,
    StateError,
    UnknownNameError,
    did_you_mean,
)
from ..grid import Grid
from ..keywords import named
from ..network import checked
from ..network.graph import graph
from ..network.network import Network
from ..network.probe import recorded_spikes
from ..program.program import Program
from ..record.adapter import sink_of
from ..record.result import Result
from ..record.sink import Layout, Sink
from ..record.uninterrupted import terminating, uninterrupted
from .clock.build import build
from .event.engine import EventEngine, EventProbes
from .event.program import compile_events
from .progress import Progress
from .weights import LearntWeights, Synapses, static_weights

__all__ = ["Simulation"]

ENGINES = ("clock", "event")
BATCH_SECONDS = 0.2
FIRST_BATCH = 64


@named
class Simulation:
    """A network that is being run.

    Parameters
    ----------
    net : Network
        It is not changed, and what is added to it later is not seen here.
    dt : float
        Time step (ms).
    engine : {"clock", "event"}
        The way of advancing: on a grid of dt; or exactly, from event to event (dt then only counts samples and
        ends of runs).
    threads : int, optional
        Workers; the results are the same bits for any number.  Unless given: all cores for a large network, one
        for a small.
    out : path or sink, optional
        HDF5 file to record into (memory unless given), made when the first run begins; or anything that has the verbs
        of :class:`spikesim.record.Sink`.
    seed : int, optional
        Another seed than the network's.
    overwrite : bool
        Whether an existing file may be replaced.
    start : float
        Time of the initial state (ms).
    rtol, atol : float, optional
        Largest error of a step of a nonlinear neuron, relative and absolute: 1e-7 and 1e-9 unless given; of the event
        engine only.

    Raises
    ------
    SpikesimError
        If the network and these numbers do not go together; before anything runs.
    """

    def __init__(
        self,
        net: Network,
        dt: float = 0.1,
        engine: str = "clock",
        threads: int | None = None,
        out: str | Path | Sink | None = None,
        seed: int | None = None,
        overwrite: bool = False,
        start: float = 0.0,
        rtol: float | None = None,
        atol: float | None = None,
    ) -> None:
        if not isinstance(net, Network):
            raise InvalidTypeError(f"Simulation: wanted a Network, got {type(net).__name__}")
        if engine not in ENGINES:
            raise InvalidValueError(f"engine: wanted one of {', '.join(map(repr, ENGINES))}, got {engine!r}")
        given = {name: value for name, value in (("rtol", rtol), ("atol", atol)) if value is not None}
        if given and engine != "event":
            raise InvalidValueError(
                f"{', '.join(given)}: only engine='event' steps by tolerance, got engine={engine!r}; "
                f"leave {'it' if len(given) == 1 else 'them'} out (and choose a smaller dt), or use engine='event'"
            )
        self.grid = Grid(dt)
        self.seed = net.seed if seed is None else checked.count("seed", seed, most=2**64 - 1)
        begin = self.grid.steps(start, "start")
        clock = time.perf_counter()
        self._sink = sink_of(out, overwrite)
        self._exact = engine == "event"
        self._engine: Any
        if self._exact:
            program = compile_events(net, self.grid, self.seed, threads, **given)
            self._plan: Program = program.plan
            self._engine = EventEngine(program, EventProbes(self._plan), begin)
        else:
            self._plan = Program(net, self.grid, self.seed, start=begin)
            self._engine = build(self._plan, threads)
        self._layout = Layout(
            grid=self.grid,
            start_step=begin,
            populations={c.name: c.size for c in self._plan.cells},
            spikes=recorded_spikes(net),
            probes=tuple(self._engine.probes.layouts),
            seed=self.seed,
            description=describe(net),
            exact=self._exact,
        )
        self._spikes = recorded_spikes(net)
        self._build_seconds = time.perf_counter() - clock
        self._first_seconds, self._first_steps = 0.0, 0
        self._run_seconds = 0.0
        self._started = begin
        self._running = False
        self._ended = False
        self._interrupted = False
        self._begun = False

    def _begin(self) -> None:
        if not self._begun:
            self._sink.begin(self._layout)
            self._begun = True

    @property
    def dt(self) -> float:
        """The time step (ms)."""
        return self.grid.dt

    @dt.setter
    def dt(self, value: object) -> None:
        raise FrozenError(
            f"{self!r}: dt is part of what was compiled; start another one: Simulation(net, dt={value!r})"
        )

    @property
    def time(self) -> float:
        """How far the simulation has come (ms)."""
        return self.grid.time(self._engine.step)

    @named
    def run(self, duration: float, *, progress: bool | None = None) -> Result:
        """Run on for `duration` (ms, a multiple of dt) and return all that has been recorded so far.

        Ctrl-C ends the run on a whole step; the result then holds what was recorded, `stats["interrupted"]` is
        True, and `run` may be called again to go on.
        """
        if self._ended:
            raise StateError("this simulation is closed: it was ended, or an error stopped it; start another one")
        if self._running:
            raise StateError("this simulation is running: it cannot be run again from inside")
        steps = self.grid.steps(duration, "duration")
        if steps == 0 and float(duration) != 0.0:
            self.grid.steps(duration, "duration", least=1)
        self._sink.expect(self._layout, steps)
        self._begin()
        self._running = True
        self._interrupted = False
        try:
            with terminating(), Progress(steps, self.grid, progress) as bar:
                self._loop(self._engine.step + steps, bar)
        except KeyboardInterrupt:
            self._interrupted = True
            text = f"interrupted at {self.time:g} ms; what was recorded up to there is kept"
            warnings.warn(text, SpikesimWarning, stacklevel=2)
        except BaseException as error:
            self._interrupted = True
            failed = isinstance(error, Exception)  # else it was told to stop
            self._end({"error": " ".join(f"{type(error).__name__}: {error}".split())} if failed else {})
            raise
        finally:
            self._running = False
        if not self._ended:
            self._sink.pause(self.stats, self._interrupted)
        return self.result()

    def result(self) -> Result:
        """Return what has been recorded so far."""
        self._begin()
        found = self._sink.result()
        if not isinstance(found, Result):  # a sink of the user's own
            return found
        return replace(found.with_weights(self._weights()), stats={**found.stats, **self.stats})

    def synapses(self, projection: str) -> Synapses:
        """Return all synapses of a projection as they are now: lists `pre`, `post`, `weight`, `delay` (ms).

        ``np.savez(path, **sim.synapses(name)._asdict())`` keeps them; ``connect(pre, post, from_pairs(s.pre, s.post),
        weight=s.weight, delay=s.delay, ...)`` goes on with them.

        Raises
        ------
        UnknownNameError
            If no projection has this name.
        """
        plan = self._plan
        names = [w.name for w in plan.wirings]
        if projection not in names:
            raise UnknownNameError(f"no projection {projection!r}{did_you_mean(str(projection), names)}")
        wiring = plan.wirings[names.index(projection)]
        learns = not self._exact and names.index(projection) in plan.plastic
        edges = self._engine.learnt(projection)() if learns else wiring.edges()
        return Synapses.listed(edges, None if self._exact else self.grid)

    def reward(self, amount: float, projection: str | None = None) -> None:
        """Let dopamine jump by `amount` (1/ms) now, in one projection with :class:`RewardSTDP` or in all.

        Raises
        ------
        StateError
            If a run is under way or the simulation is closed.
        UnknownNameError
            If no such projection waits for a reward.
        InvalidTypeError, InvalidValueError
            If the amount is no finite number.
        """
        amount = checked.number("reward: amount", amount)
        if self._running or self._ended:
            raise StateError(f"reward: the simulation is {'running' if self._running else 'closed'}")
        names = [] if self._exact else self._engine.rewarded
        if not names or projection not in (None, *names):
            which = "" if projection is None else f" {projection!r}"
            hint = f"; with RewardSTDP: {', '.join(names)}" if names else "; give one plasticity=RewardSTDP(...)"
            raise UnknownNameError(f"reward: no projection{which} waits for a reward{hint}")
        self._engine.reward(amount, projection)

    def close(self) -> None:
        """End the recording and the threads; a file is complete from here on (and readable before, too)."""
        self._end({})

    def _end(self, more: dict[str, Any]) -> None:
        if not self._ended:
            self._ended = True
            if self._begun:
                self._sink.end({**self.stats, **more}, self._interrupted)
            self._engine.close()

    def __enter__(self) -> Simulation:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _loop(self, end: int, bar: Progress) -> None:
        size = FIRST_BATCH
        while self._engine.step < end:
            clock = time.perf_counter()
            begin = self._engine.step
            if self._first_seconds == 0.0:
                bar.note_compilation()
            with uninterrupted():  # the state, the step and the recording move together or not at all
                batch = self._engine.advance(min(size, end - begin))
                self._record(batch)
            seconds = time.perf_counter() - clock
            if self._first_seconds == 0.0:
                self._first_seconds, self._first_steps = seconds, batch.step - begin
            else:
                self._run_seconds += seconds
                rate = (batch.step - begin) / max(seconds, 1e-6)
                size = int(np.clip(rate * BATCH_SECONDS, 1, 4 * size))
            bar.update(batch.step - begin)

    def _record(self, batch: Any) -> None:
        for cell in self._plan.cells:
            if cell.name not in self._spikes or not batch.ids.size:
                continue
            wanted = self._spikes[cell.name]
            own = (batch.ids >= cell.first) & (batch.ids < cell.first + cell.size)
            when, ids = batch.when[own], batch.ids[own] - cell.first
            if wanted is not None:
                keep = np.isin(ids, wanted)
                when, ids = when[keep], ids[keep]
            if ids.size:
                self._sink.spikes(cell.name, when, ids)
        for number, (first, values) in enumerate(batch.samples):
            if len(values):
                self._sink.samples(number, first, values)
        self._sink.commit(batch.step)

    @property
    def stats(self) -> dict[str, Any]:
        """Seed, seconds, counts and what was rounded, as numbers and strings.

        ``compile_seconds`` is the first batch, which waits for the compiler; ``run_seconds`` and ``real_time_factor``
        are all the others.
        """
        wirings = self._plan.wirings
        model_ms = self.grid.time(self._engine.step - self._started)
        # the first batch waits for the compiler: it counts only where there is no other
        seconds, steps = self._run_seconds, self._engine.step - self._started - self._first_steps
        if steps == 0:
            seconds, steps = self._first_seconds, self._first_steps
        moved = {w.name: [w.moved, w.largest_shift] for w in wirings if w.moved}
        return {
            "seed": self.seed,
            "engine": "event" if self._exact else "clock",
            "dt": self.grid.dt,
            "threads": self._engine.threads,
            "neurons": self._plan.n,
            "synapses": self._engine.synapses,
            "build_seconds": self._build_seconds,
            "compile_seconds": self._first_seconds,
            "run_seconds": self._run_seconds,
            "model_ms": model_ms,
            "real_time_factor": seconds / (self.grid.time(steps) / 1000.0) if steps else 0.0,
            "interrupted": self._interrupted,
            "spikes": self._engine.spikes,
            "synaptic_events": self._engine.events,
            "delays_rounded": moved,
            "weights_rounded": {w.name: 2.0**-24 for w in wirings if w.drawn},  # relative, at most: single precision
            "t_ref_rounded": {
                c.name: c.t_ref[1] for c in self._plan.cells if not (self._exact or c.source) and c.t_ref[1] > 0
            },
            "spike_times_rounded": {
                c.name: shift
                for c in self._plan.cells
                if not self._exact
                and c.source
                and hasattr(c.model, "times")
                and (shift := self._plan.listed_spikes(c)[2]) > 0
            },
        }

    def _weights(self) -> dict[str, Any]:
        made: dict[str, Any] = {w.name: partial(static_weights, w) for w in self._plan.wirings}
        for i in () if self._exact else self._plan.plastic:  # as they are now, not when they are asked for
            wiring = self._plan.wirings[i]
            made[wiring.name] = LearntWeights(self._engine.learnt(wiring.name), wiring)
        return made

    def __repr__(self) -> str:
        return f"<Simulation at {self.time:g} ms: {self._plan.n} neurons, {self._engine.synapses} synapses>"


def describe(net: Network) -> dict[str, Any]:
    """Return a network in words and numbers that a file can hold."""
    return {
        "populations": {p.name: {"size": p.size, "model": short(p.model)} for p in net.populations.values()},
        "projections": [
            {
                "name": p.name, "pre": str(p.pre), "post": str(p.post), "rule": short(p.rule),
                "weight": short(p.weight), "delay": short(p.delay), "synapse": short(p.synapse),
                **({"plasticity": short(p.plasticity)} if p.plasticity else {}),
            }
            for p in net.projections
        ],
        "backgrounds": [
            {
                "name": b.name, "target": str(b.target), "rate": short(b.rate), "weight": b.weight,
                "synapse": short(b.synapse),
            }
            for b in net.backgrounds
        ],
        "stimuli": [{"name": i.name, "target": str(i.target), "stimulus": short(i.stimulus)} for i in net.injections],
        "graph": graph(net),
    }  # fmt: skip


def short(value: Any) -> str:
    """Return the repr of a value on one line of bounded length."""
    text = " ".join(repr(value).split())
    return text if len(text) <= 400 else f"{text[:397]}..."
