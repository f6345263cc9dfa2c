"""The same bits whatever a run is cut into: threads, pieces, copies of the state, save and resume."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from ..engine.simulation import Simulation
from ..keywords import named
from ..network.network import Network

__all__ = ["check_same_bits", "hold"]

DURATION, CUT = 12.0, 5.0  # ms


def hold(condition: bool, otherwise: str) -> None:
    """An assertion that ``python -O`` does not take away."""
    if not condition:
        raise AssertionError(otherwise)


@named
def check_same_bits(build: Callable[[], Network], engine: str, dt: float, what: str) -> None:
    """Hold runs of a network to one another: spikes and states at the end, bit for bit.

    Raises
    ------
    AssertionError
        With what was done and the first state that differs.
    """

    def begun(threads: int, until: float) -> Simulation:
        simulation = Simulation(build(), dt=dt, engine=engine, threads=threads)
        simulation.run(until, progress=False)
        return simulation

    def end(simulation: Simulation) -> dict[str, np.ndarray]:
        found: dict[str, np.ndarray] = {}
        for name, view in simulation.state.items():
            found |= {f"{name}.{state}": np.array(values) for state, values in view.items()}
        simulation.close()
        return found

    whole = end(begun(1, DURATION))
    ways: dict[str, Callable[[], Simulation]] = {"three threads": lambda: begun(3, DURATION)}
    first = begun(1, CUT)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "state.h5"
        first.save(str(path))
        resumed = Simulation.resume(str(path), build())
    branches = first.branch(2)
    ways |= {"two pieces": lambda: first, "a branch": lambda: branches[1], "a state saved and resumed": lambda: resumed}
    for way, make in ways.items():
        simulation = make()
        if way != "three threads":
            simulation.run(DURATION - CUT, progress=False)
        for name, values in end(simulation).items():
            hold(
                np.array_equal(values, whole[name], equal_nan=True),
                f"{what}, engine={engine!r}: {way}: {name} is not the same bits as of one run in one thread",
            )
