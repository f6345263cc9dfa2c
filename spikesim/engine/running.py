"""A run: compile, step, record, in one piece or in many.

A batch is what the compiled loop does between two looks at the world: it ends on a whole step, its spikes and samples
go to the sink, a NaN is found, a key press is heard.  Batches are about a tenth of a second long and leave no trace in
the results.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from signal import SIGINT
from typing import Any, cast

import numpy as np

from ..errors import (
    FrozenError,
    InvalidTypeError,
    InvalidValueError,
    SpikesimWarning,
    StateError,
)
from ..grid import Grid
from ..network import checked
from ..network.described import described, recorded
from ..network.network import Network
from ..program.program import Program
from ..record.adapter import Elsewhere, sink_of
from ..record.result import Result
from ..record.sink import Sink
from ..record.uninterrupted import terminating, uninterrupted
from . import saved
from .clockwork import Autosave, Schedule, Watch, callable_of, every_of, seconds_of
from .engines import engine_of
from .progress import Progress
from .protocol import Engine
from .ranks import Alone, ranks_of
from .recorder import Recorder
from .statistics import statistics
from .views import States, WeightsNow

__all__ = ["Running"]

BATCH_SECONDS = 0.2
FIRST_BATCH = 64
LOOK = 1.0  # ms between two looks at a condition to stop


class Running:
    """The part of a simulation that moves: pieces of a run, callbacks, single steps."""

    engine: Engine
    grid: Grid
    seed: int

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
        comm: Any = None,
    ) -> None:
        clock = time.perf_counter()
        ranks = ranks_of(comm)
        with ranks.building():
            with ranks.together("build"):
                if not isinstance(net, Network):
                    raise InvalidTypeError(f"Simulation: wanted a Network, got {type(net).__name__}")
                grid = Grid(dt)
                seed = net.seed if seed is None else checked.count("seed", seed, most=2**64 - 1)
                begin = grid.steps(start, "start")
                sink = recording(out, ranks, overwrite)
            ranks.same(lambda: {**described(net), **recorded(net), "seed": seed, "dt": dt, "start": start})
            built = engine_of(net, grid, seed, begin, engine, threads, rtol, atol, ranks)
        self._set_up(built, sink, time.perf_counter() - clock, out is None)

    def _set_up(self, engine: Engine, sink: Sink, build_seconds: float, everywhere: bool = True) -> None:
        self.__dict__.update(grid=engine.program.grid, seed=engine.program.seed)
        self.engine = engine
        self._recorder = Recorder(sink, engine.program, engine.probes, engine.step)
        self._everywhere = everywhere  # whether every rank records, each for itself
        engine.ranks.join()
        self._schedule = Schedule()
        self._seconds = {"build": build_seconds, "first": 0.0, "run": 0.0}
        self._first_steps, self._started = 0, engine.step
        self._running = self._calling = self._ended = self._interrupted = self._stopped = False

    def __setattr__(self, name: str, value: object) -> None:
        if name in ("state", "weights"):
            entry = '["exc"]["v"]' if name == "state" else '["a to b"]'
            raise FrozenError(f"{name}: entries are set one by one: sim.{name}{entry} = {value!r:.40}")
        if name in ("grid", "seed", "dt", "threads"):
            hint = f"Simulation(net, {'dt' if name == 'grid' else name}={value!r})"
            raise FrozenError(f"{name} is part of what was compiled; start another one: {hint}")
        object.__setattr__(self, name, value)

    # -- where it stands ----------------------------------------------------------------------------------------------

    @property
    def program(self) -> Program:
        """The resolved network."""
        return self.engine.program

    @property
    def dt(self) -> float:
        """The step (ms); compiled in, so that it cannot be set."""
        return self.grid.dt

    @property
    def time(self) -> float:
        """How far the simulation has come (ms)."""
        return self.grid.time(self.engine.step)

    @property
    def state(self) -> States:
        """The state variables: ``sim.state["exc"]["v"]`` reads, assigning sets from this step on."""
        return States(cast(Any, self))

    @property
    def weights(self) -> WeightsNow:
        """The weights: ``sim.weights["a to b"]`` reads, assigning sets from this step on."""
        return WeightsNow(cast(Any, self))

    def require_idle(self, what: str) -> None:
        """Refuse to change what runs (between two whole steps, in a callback, nothing does) or is closed.

        Parameters
        ----------
        what : str
            What is asked for: the error begins with it.

        Raises
        ------
        StateError
            If a run is under way, or the simulation is closed.

        Examples
        --------
        >>> import spikesim as ss
        >>> net = ss.Network(seed=1)
        >>> cells = net.population("cells", 10, ss.LIF())
        >>> ss.Simulation(net).require_idle("set")
        """
        if self._ended:
            raise StateError(f"{what}: this simulation is closed: it was ended, or an error stopped it; start another")
        if self._running:
            raise StateError(f"{what}: the simulation is running; do it between two pieces, or in a callback (every=)")

    def _require_no_callback(self, what: str) -> None:
        self.require_idle(what)
        if self._calling:
            raise StateError(f"{what}: a callback looks, sets and stops; it cannot run the simulation that calls it")

    # -- running ------------------------------------------------------------------------------------------------------

    def run(
        self,
        duration: float,
        *,
        progress: bool | None = None,
        every: Any = None,
        stop: Callable[[Any], Any] | None = None,
        autosave: str | float | None = None,
    ) -> Result:
        """Run on for `duration` and return all that has been recorded so far.

        Ctrl-C ends the run on a whole step; the result then holds what was recorded, `stats["interrupted"]` is
        True, and `run` may be called again to go on.

        Parameters
        ----------
        duration : float
            In ms; a multiple of dt.
        progress : bool, optional
            Whether to show a bar; on a terminal or in a notebook unless given.
        every : (float, function) or list of such pairs, optional
            ``every=(10.0, watch)`` calls ``watch(sim)`` at 10, 20, ... ms, between two whole steps; it may read,
            set and stop (:meth:`stop`).
        stop : function of the simulation, optional
            Looked at every millisecond of model time; the run ends where it returns something true.
        autosave : str or float, optional
            Save the state so often: real seconds, or "10 min".  It stands beside the recording, "run.h5" ->
            "run.state.h5", and :meth:`resume` goes on from it.

        Returns
        -------
        Result

        Raises
        ------
        StateError
            If the simulation is closed or running.
        NumericalError
            If a state became infinite or not a number: which variable, which neuron, when.

        Examples
        --------
        >>> import spikesim as ss
        >>> net = ss.Network(seed=1)
        >>> net.record(net.population("cells", 10, ss.LIF(I_e=500.0)), "spikes")
        >>> with ss.Simulation(net) as sim:
        ...     first = sim.run(50.0, progress=False)
        ...     both = sim.run(50.0, progress=False)
        >>> both.stop
        100.0
        """
        self._require_no_callback("run")
        steps = self.grid.steps(duration, "duration")
        if steps == 0 and duration != 0.0:
            self.grid.steps(duration, "duration", least=1)  # says what the minimum is
        calls = every_of(every, self.grid, "every")
        if stop is not None:
            calls.append((self._look, self._stopping(callable_of(stop, "stop"))))
        saver = self._autosave(autosave)
        ranks = self.engine.ranks
        with ranks.together("run"):
            self._recorder.expect(steps)
        self._running, self._interrupted, self._stopped = True, False, False
        schedule = Schedule([*self._schedule.calls, *calls])
        try:
            with (
                terminating(),
                Progress(steps, self.grid, progress if ranks.rank == 0 else False) as bar,
                ranks.heard() as signals,
            ):
                self._loop(self.engine.step + steps, bar, schedule, saver, signals)
        except KeyboardInterrupt:
            self._interrupted = True
            text = f"interrupted at {self.time:g} ms; what was recorded up to there is kept"
            warnings.warn(text, SpikesimWarning, stacklevel=2)
        except BaseException as error:
            self._interrupted = True
            ranks.fail(error)
            failed = isinstance(error, Exception)  # else it was told to stop
            self._end({"error": " ".join(f"{type(error).__name__}: {error}".split())} if failed else {})
            raise
        finally:
            self._running = False
        if not self._ended:
            self._recorder.pause(self.stats, self._interrupted)
        return self.result()

    def result(self) -> Any:
        """Return what has been recorded so far."""
        return self._recorder.result()

    @property
    def _look(self) -> int:
        return max(1, round(LOOK / self.grid.dt))

    def _stopping(self, condition: Watch) -> Watch:
        def look(simulation: Running) -> None:
            if condition(simulation):
                simulation.stop()

        return look

    def _autosave(self, given: Any) -> Autosave | None:
        if given is None:
            return None
        path = getattr(self._recorder.sink, "path", None)
        if path is None:
            raise InvalidValueError("autosave: the state is kept beside the recording; give out=, a file, too")
        return Autosave(seconds_of(given), lambda: self._save_beside(path))

    def _save_beside(self, path: str) -> None:
        self._recorder.flush()  # a recording reaches at least to its state
        saved.save(self.engine, saved.beside(path))

    def _loop(self, end: int, bar: Progress, schedule: Schedule, saver: Autosave | None, signals: list[Any]) -> None:
        size = FIRST_BATCH
        while self._goes_on(end, saver, signals):
            clock = time.perf_counter()
            begin = self.engine.step
            until = schedule.next(begin, end)
            if self._seconds["first"] == 0.0:
                bar.note_compilation()
            with uninterrupted():  # the state, the step and the recording move together or not at all
                batch = self.engine.advance(min(size, until - begin), self._everywhere)
                self._recorder.take(batch)
            seconds = time.perf_counter() - clock
            if self._seconds["first"] == 0.0:
                self._seconds["first"], self._first_steps = seconds, batch.step - begin
            else:
                self._seconds["run"] += seconds
                rate = (batch.step - begin) / max(seconds, 1e-6)
                size = int(np.clip(rate * BATCH_SECONDS, 1, max(4 * size, 1)))
            bar.update(batch.step - begin)
            if batch.step == until:
                self._call(schedule.due(until))

    def _goes_on(self, end: int, saver: Autosave | None, signals: list[Any]) -> bool:
        """Whether there is more to run: what ranks must agree on, before each batch."""
        ranks, due = self.engine.ranks, saver is not None and saver.due
        signal = int(signals[0][0]) if signals else 0
        found = ranks.meet("run", [end, self._stopped, due, signal])
        if (found[:, 0] != end).any():
            times = ", ".join(f"{self.grid.time(int(step)):g}" for step in found[:, 0])
            raise ranks.agreed(
                InvalidValueError(f"run: the ranks are to run to {times} ms; give all the same duration")
            )
        _, stopped, due, signal = found.max(axis=0)
        if signal:
            signals.clear()  # all do what one was told to
            raise ranks.agreed(KeyboardInterrupt() if signal == SIGINT else SystemExit(128 + int(signal)))
        if due and saver is not None:
            saver.save()
        self._stopped = bool(stopped)
        return self.engine.step < end and not self._stopped

    def _call(self, watches: Sequence[Watch]) -> None:
        """Let callbacks look at the simulation and change it."""
        self._running, self._calling = False, True
        try:
            for watch in watches:
                watch(self)
        finally:
            self._running, self._calling = True, False

    def every(self, interval: float, watch: Callable[[Any], Any]) -> None:
        """Call ``watch(sim)`` at every multiple of `interval` (ms) of all runs to come.

        Parameters
        ----------
        interval : float
            In ms, a multiple of dt.
        watch : function of the simulation
            What it returns is not looked at.

        Raises
        ------
        InvalidTypeError, InvalidValueError
            If the interval is no multiple of dt, or `watch` cannot be called.

        Examples
        --------
        >>> import spikesim as ss
        >>> net = ss.Network(seed=1)
        >>> cells = net.population("cells", 10, ss.LIF(I_e=500.0))
        >>> seen = []
        >>> with ss.Simulation(net) as sim:
        ...     sim.every(10.0, lambda sim: seen.append(sim.time))
        ...     result = sim.run(30.0, progress=False)
        >>> seen
        [10.0, 20.0, 30.0]
        """
        self._schedule.calls += every_of((interval, watch), self.grid, "every")

    def stop(self) -> None:
        """End the run that is under way at this step; for callbacks.

        Examples
        --------
        >>> import spikesim as ss
        >>> net = ss.Network(seed=1)
        >>> cells = net.population("cells", 10, ss.LIF(I_e=500.0))
        >>> with ss.Simulation(net) as sim:
        ...     result = sim.run(50.0, every=(10.0, lambda sim: sim.stop()), progress=False)
        >>> result.stop
        10.0
        """
        self._stopped = True

    # -- the end ------------------------------------------------------------------------------------------------------

    @property
    def stats(self) -> dict[str, Any]:
        """Seed, seconds, counts and what was rounded, as numbers and strings.

        ``compile_seconds`` is the first batch, which waits for the compiler; ``run_seconds`` and ``real_time_factor``
        are all the others.
        """
        return statistics(self.engine, self._seconds, self._started, self._first_steps) | {
            "interrupted": self._interrupted
        }

    def close(self) -> None:
        """End the recording and the threads; a file is complete from here on (and readable before, too).

        Examples
        --------
        >>> import spikesim as ss
        >>> net = ss.Network(seed=1)
        >>> cells = net.population("cells", 10, ss.LIF())
        >>> sim = ss.Simulation(net)
        >>> sim.close()
        """
        self._end({})

    def _end(self, more: dict[str, Any]) -> None:
        if not self._ended:
            self._ended = True
            try:
                with self.engine.ranks.together("close"):
                    self._recorder.end({**self.stats, **more}, self._interrupted)
            finally:
                self.engine.close()
                self.engine.ranks.leave()

    def __enter__(self) -> Any:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: Any) -> None:
        if error is not None and not self._ended:
            self.engine.ranks.fail(error)
        self.close()

    def __repr__(self) -> str:
        return f"<Simulation at {self.time:g} ms: {self.program.n} neurons, {self.engine.synapses} synapses>"


def recording(out: Any, ranks: Alone, overwrite: bool, resumed: int | None = None) -> Sink:
    """Return the sink of this rank: memory on every one; anything else rank 0 makes for all."""
    return sink_of(out, overwrite, resumed) if out is None or ranks.rank == 0 else Elsewhere(out)
