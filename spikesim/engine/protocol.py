"""What an engine is.

build      program, threads -> engine at the initial state
advance    the state moves on; what happened comes back
fork       another engine on the same wiring, with a state of its own
state      the state as a value;  restore: go on from one
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, Protocol

import numpy as np

from ..program.program import Program
from ..record.layout import ProbeLayout
from .ranks import Alone
from .state import Moved, Place, State

__all__ = ["Batch", "Engine"]


class Batch(NamedTuple):
    """What happened in some steps.

    ======= ========================== =============================================================================
    step    int                        the step that was reached
    when    int64 | float64 (n,)       steps of the spikes (event engine: ms), ascending
    ids     int64 (n,)                 global ids; ascending where `when` is equal
    samples list of (int, float64)     for every probe: the step of the first row, rows (T, k)
    kept    float64 (n, k)             states just before the reset, of populations that keep k of them (None: no room
                                       for any); other spikes' rows hold anything
    ======= ========================== =============================================================================
    """

    step: int
    when: np.ndarray
    ids: np.ndarray
    samples: list[tuple[int, np.ndarray]]
    kept: np.ndarray | None = None


class Engine(Protocol):
    """A program that is being run."""

    name: str  #: "clock" or "event"
    program: Program
    step: int  #: where the state stands, in steps of the grid

    @property
    def prepared(self) -> bool:
        """Whether all loops are compiled."""

    def prepare(self) -> None:
        """Compile all loops, where that was not done; the state does not change."""

    def advance(self, steps: int, everywhere: bool = True) -> Batch:
        """Run `steps` steps, or fewer where memory for what is recorded is full (at least one).

        `everywhere`: every rank gets all spikes and samples; else rank 0 gets what is recorded, and the others nothing.
        """

    def fork(self) -> Engine:
        """Return another engine on the same wiring, whose state is a copy of this one's."""

    def rebuilt(self, program: Program, moved: Moved | None = None) -> Engine:
        """Return an engine at this state for a program that differs in numbers: parameters, rates, stimuli, weights.

        `moved`: or in the synapses of one projection; spikes on their way arrive over those that there are then.
        """

    @property
    def places(self) -> Mapping[str, Place]:
        """Where the numbers of the state stand, by name (see :mod:`.state`)."""

    probes: tuple[ProbeLayout, ...]  #: what is sampled
    ranks: Alone  #: the processes that run it together
    tolerances: Mapping[str, float]  #: rtol and atol of the event engine; nothing else has any

    def learnt(self, projection: str) -> np.ndarray | None:
        """Return the weights of a plastic projection now, by (pre, post, delay); None for one that does not learn."""

    def learn(self, projection: str, weight: np.ndarray) -> None:
        """Set them."""

    def freeze(self, projection: str, frozen: bool) -> None:
        """Let the weights of a plastic projection stand still from now on, or learn."""

    @property
    def rewarded(self) -> list[str]:
        """The projections that wait for rewards."""

    def reward(self, amount: float, projection: str | None) -> None:
        """Let dopamine jump by `amount` now, in one projection or in all that wait for it."""

    def observe(self, population: str, variable: str) -> np.ndarray:
        """Return a state variable of a population as it is now, float64 (n,)."""

    def assign(self, population: str, variable: str, values: np.ndarray) -> None:
        """Set a state variable from this step on."""

    def hold(self, population: str, current: np.ndarray) -> Engine:
        """Return an engine in which a current (pA, one a neuron) flows into a population from this step on.

        The first time another engine, with room for it; from then on the same.
        """

    def feed(self, ids: np.ndarray) -> Batch:
        """Let neurons that are fed (global ids, ascending) fire now; return their spikes as a batch of no steps."""

    @property
    def spikes(self) -> int:
        """Spikes emitted so far."""

    @property
    def events(self) -> int:
        """Synaptic events delivered so far."""

    @property
    def synapses(self) -> int:
        """Synapses built."""

    @property
    def threads(self) -> str:
        """How many threads run and why."""

    def close(self) -> None:
        """End the threads."""


def state(engine: Engine) -> State:
    """Return the state of an engine as a value."""
    return State(engine.step, {name: place.get() for name, place in engine.places.items()})


def restore(engine: Engine, state: State) -> None:
    """Let an engine go on from a state of the same network.

    Raises
    ------
    StateError
        If the state has other entries, or entries of other sizes, than the engine.
    """
    from ..errors import StateError

    places = engine.places
    for name in sorted({*places, *state}):
        if name not in places or name not in state:
            raise StateError(
                f"the state {'lacks' if name in places else 'has'} {name!r}, "
                f"which this network {'has' if name in places else 'has not'}: it is of another network"
            )
    engine.step = state.step
    for name, place in places.items():
        place.put(state[name])
