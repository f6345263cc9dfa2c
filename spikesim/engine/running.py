"""A run: compile, step, record, in one piece or in many.

A batch is what the compiled loop does between two looks at the world: it ends on a whole step, its spikes and samples
go to the sink, a NaN is found, a key press is heard.  Batches are about a tenth of a second long and leave no trace in
the results.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Sequence
from signal import SIGINT
from typing import Any

import numpy as np

from ..errors import InvalidTypeError, InvalidValueError, SpikesimWarning, StateError
from ..jit.aside import aside
from ..keywords import all_named
from ..record.result import Result
from ..record.uninterrupted import terminating, uninterrupted
from . import saved
from .clockwork import Autosave, Schedule, Watch, callable_of, every_of, seconds_of
from .progress import Progress
from .session import Session

__all__ = ["Running"]

BATCH_SECONDS = 0.2
FIRST_BATCH = 64
LOOK = 1.0  # ms between two looks at a condition to stop


@all_named
class Running(Session):
    """The part of a simulation that moves: pieces of a run, and callbacks."""

    def _require_no_callback(self, what: str) -> None:
        self.require_idle(what)
        if self._calling:
            raise StateError(f"{what}: a callback looks, sets and stops; it cannot run the simulation that calls it")

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

    @property
    def _look(self) -> int:
        return max(1, round(LOOK / self.grid.dt))

    def _stopping(self, condition: Watch) -> Watch:
        def look(simulation: Running) -> None:
            met = condition(simulation)
            if np.ndim(met):
                raise InvalidTypeError(f"stop: wanted a function that returns one bool, got shape {np.shape(met)}")
            if met:
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
        size = self._batch or FIRST_BATCH  # as long as those of the piece before took
        if not self.engine.prepared:
            self._compile(bar)
        while self._goes_on(end, saver, signals):
            clock = time.perf_counter()
            begin = self.engine.step
            until = schedule.next(begin, end)
            with uninterrupted():  # the state, the step and the recording move together or not at all
                batch = self.engine.advance(min(size, until - begin), self._everywhere)
                self._recorder.take(batch)
            seconds = time.perf_counter() - clock
            if self._seconds["first"] == 0.0:
                self._seconds["first"], self._first_steps = seconds, batch.step - begin
            else:
                self._seconds["run"] += seconds
                rate = (batch.step - begin) / max(seconds, 1e-6)
                size = self._batch = int(np.clip(rate * BATCH_SECONDS, 1, max(4 * size, 1)))
            bar.update(batch.step - begin)
            if batch.step == until:
                self._call(schedule.due(until))

    def _compile(self, bar: Progress) -> None:
        """Compile what has not been: before the first batch, which is not interrupted."""
        clock = time.perf_counter()
        bar.note_compilation()
        aside(self.engine.prepare)
        self._seconds["compile"] += time.perf_counter() - clock

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
