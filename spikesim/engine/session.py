"""A session: a network built to be run, what stands in it now, and its end."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, cast

from ..errors import FrozenError, InvalidTypeError, StateError, UnknownNameError, did_you_mean
from ..grid import Grid
from ..keywords import all_named, named
from ..network import checked
from ..network.described import described, recorded
from ..network.network import Network
from ..program.program import Program
from ..program.wiring import Wiring
from ..record.adapter import Elsewhere, sink_of
from ..record.sink import Sink
from .clockwork import Schedule
from .engines import engine_of
from .protocol import Engine
from .ranks import Alone, ranks_of
from .recorder import Recorder
from .statistics import statistics
from .views import States, WeightsNow

__all__ = ["Session", "recording"]


@all_named
class Session:
    """The part of a simulation that is there between its runs: built, looked at, closed."""

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
        self._seconds = {"build": build_seconds, "compile": 0.0, "first": 0.0, "run": 0.0}
        self._first_steps, self._started = 0, engine.step
        self._batch = 0  # steps of the next batch, once the speed is known
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

    @named
    def wiring(self, projection: str) -> Wiring:
        """Return the wiring of a projection.

        Parameters
        ----------
        projection : str
            Its name.

        Returns
        -------
        Wiring
            Who is connected to whom, as it was made for this run.

        Raises
        ------
        UnknownNameError
            If no projection has this name.

        Examples
        --------
        >>> import spikesim as ss
        >>> net = ss.Network(seed=1)
        >>> cells = net.population("cells", 10, ss.LIF())
        >>> ring = net.connect(cells, cells, ss.one_to_one(), weight=0.5, delay=1.0, synapse=ss.Delta(), name="ring")
        >>> with ss.Simulation(net) as sim:
        ...     name = sim.wiring("ring").name
        >>> name
        'ring'
        """
        names = [wiring.name for wiring in self.program.wirings]
        if projection not in names:
            raise UnknownNameError(f"no projection {projection!r}{did_you_mean(str(projection), names)}")
        return self.program.wirings[names.index(projection)]

    def result(self) -> Any:
        """Return what has been recorded so far."""
        return self._recorder.result()

    # -- the end ------------------------------------------------------------------------------------------------------

    @property
    def stats(self) -> dict[str, Any]:
        """Seed, seconds, counts and what was rounded, as numbers and strings.

        ``compile_seconds`` is what the compiler takes, and the first batch; ``run_seconds`` and ``real_time_factor``
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
