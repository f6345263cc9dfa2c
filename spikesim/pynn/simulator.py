"""The one network that PyNN has at a time: what a script has made of it, and, once it runs, the simulation.

Nothing is built before the first `run`; until then everything may change.  While it runs, parameters, weights, states
and currents may be set and recordings may begin; what would be other wiring waits for `reset`.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
from pyNN import common

from ..errors import InvalidValueError, StateError
from ..grid import Grid

if TYPE_CHECKING:
    from .building import Built

__all__ = ["ID", "name", "state"]

name = "spikesim"


class ID(int, common.IDMixin):
    """A cell: its number in the network."""


@contextmanager
def _compiler_is_silent() -> Iterator[None]:
    """Keep Numba from printing the code of all loops where a script asks every logger for details (`init_logging`)."""
    logger = logging.getLogger("numba")
    level = logger.level
    logger.setLevel(level or logging.WARNING)
    try:
        yield
    finally:
        logger.setLevel(level)


class State(common.control.BaseState):
    """The network of the script, and its simulation.

    Attributes
    ----------
    populations, projections, electrodes : list
        As they were made.
    built : Built or None
        The network that they are, from the first `run` to the next `reset` or `setup`.
    """

    mpi_rank, num_processes = 0, 1

    def __init__(self) -> None:
        super().__init__()
        self.begin()

    def begin(
        self,
        timestep: float = 0.1,
        min_delay: Any = "auto",
        max_delay: Any = "auto",
        engine: str = "clock",
        threads: int | None = None,
        seed: int = 42,
    ) -> None:
        """Forget the network and begin another."""
        self.grid = Grid(timestep)
        if engine not in ("clock", "event"):
            raise InvalidValueError(f'setup: engine must be "clock" or "event", got {engine!r:.60}')
        self.engine, self.threads, self.seed = engine, threads, seed
        self._min_delay, self._max_delay = min_delay, max_delay
        self.populations: list[Any] = []
        self.projections: list[Any] = []
        self.electrodes: list[Any] = []
        self.recorders: set[Any] = set()
        self.write_on_end: list[Any] = []
        self.id_counter, self.segment_counter = 0, 0
        self.trial = 0
        self.built: Built | None = None
        self.running, self.t_start = False, 0

    # -- time ---------------------------------------------------------------------------------------------------------

    @property
    def dt(self) -> float:
        """The step (ms)."""
        return self.grid.dt

    @property
    def t(self) -> float:
        """How far the simulation has come (ms)."""
        return 0.0 if self.built is None else self.built.simulation.time

    def rounded(self, times: Any) -> Any:
        """Return times (ms) as the nearest multiples of the step; those beyond 1e10 as never."""
        given = np.asarray(times, np.float64)
        near = self.grid.times(self.grid.nearest(np.minimum(given, 1e10), least=0)[0])
        found = np.where(given < 1e10, near, np.inf)
        return float(found) if found.ndim == 0 else found

    # -- delays -------------------------------------------------------------------------------------------------------

    @property
    def default_delay(self) -> float:
        """The delay of a synapse that is given none (ms)."""
        return self.dt if self._min_delay == "auto" else float(self._min_delay)

    def _delays(self) -> np.ndarray:
        found = [p.columns["delay"] for p in self.projections if len(p)]
        return self.rounded(np.concatenate(found)) if found else np.full(1, self.dt)

    @property
    def min_delay(self) -> float:
        """The shortest delay (ms), of the synapses that there are unless `setup` was told."""
        return max(float(self._delays().min()), self.dt) if self._min_delay == "auto" else self._min_delay

    @property
    def max_delay(self) -> float:
        """The longest delay (ms), of the synapses that there are unless `setup` was told."""
        return max(float(self._delays().max()), self.dt) if self._max_delay == "auto" else self._max_delay

    # -- running ------------------------------------------------------------------------------------------------------

    def run(self, simtime: float) -> None:
        """Run on for `simtime` (ms)."""
        self.run_until(self.t + simtime)

    def run_until(self, tstop: float) -> None:
        """Run on to `tstop` (ms), to the nearest step; to the next one, where that is not there yet."""
        with _compiler_is_silent():
            if self.built is None:
                from .building import Built

                self.built = Built(self)
            self.running = True
            steps = int(self.grid.nearest([tstop], least=0)[0][0])
            if tstop > self.t + 1e-9:
                steps = max(steps, self.built.step + 1)
            self.built.run_to(steps)

    def reset(self) -> None:
        """Go back to t = 0: states and weights as they began, noise drawn anew."""
        self.built = None
        self.running, self.t_start = False, 0
        self.segment_counter += 1
        self.trial += 1

    # -- while it runs ------------------------------------------------------------------------------------------------

    def require_unbuilt(self, what: str) -> None:
        """Refuse what changes the wiring of a network that runs."""
        if self.built is not None:
            raise StateError(
                f"{what}: the network runs, at {self.t:g} ms, and its wiring stands; do it before the first run(), or "
                "after reset()"
            )

    def require_mine(self, what: str, population: Any) -> None:
        """Refuse to look for a population in a network that `setup` has begun since."""
        if all(population is not known for known in self.populations):
            raise StateError(f"{what}: {population.label!r} is of a network that a later setup() has ended")


state = State()
