"""Running a script's network again: to verify a recording, or to go on from a state."""

from __future__ import annotations

import os
import runpy
from pathlib import Path
from typing import Any

from .engine.simulation import Simulation
from .errors import FileFormatError, InvalidTypeError, StateError
from .files import require_readable
from .network.network import Network
from .record.difference import first_difference
from .record.reading import load

__all__ = ["go_on", "network_of_script", "verify"]


def network_of_script(path: str | os.PathLike[str]) -> Network:
    """Run a script and return its network: the variable `net`, or what its function `build()` returns.

    It is run under another name than ``__main__``: what stands below ``if __name__ == "__main__":`` is not.

    Raises
    ------
    InputFileError
        If there is no such script.
    InvalidTypeError
        If it has neither.
    """
    where = Path(path)
    require_readable(where)
    found = runpy.run_path(str(where), run_name="spikesim_script")
    net: Any = found.get("net")
    if not isinstance(net, Network) and callable(found.get("build")):
        net = found["build"]()
    if not isinstance(net, Network):
        raise InvalidTypeError(
            f"{str(where)!r}: wanted a variable `net` or a function `build()` with the network; what runs it should "
            'stand below if __name__ == "__main__":'
        )
    return net


def verify(recording: str | os.PathLike[str], script: str | os.PathLike[str], threads: int | None = None) -> str | None:
    """Run a script's network as a recording was run, and return the first difference; None: the same bits.

    Raises
    ------
    FileFormatError
        If the file is no whole recording that says how it was run.
    """
    stored = load(recording)
    for needed in ("seed", "engine"):
        if needed not in stored.stats:
            raise FileFormatError(f"{os.fspath(recording)!r} does not say its {needed}: it was cut short")
    net, stats = network_of_script(script), stored.stats
    simulation = Simulation(
        net, dt=stored.dt, engine=stats["engine"], threads=threads, seed=int(stats["seed"]), start=stored.start
    )
    with simulation:
        return first_difference(stored, simulation.run(stored.stop - stored.start))


def go_on(
    state: str | os.PathLike[str],
    script: str | os.PathLike[str] | None,
    duration: float,
    out: str | None,
    threads: int | None = None,
) -> tuple[float, str]:
    """Go on from a saved state for `duration` (ms); return where it ended, and the file recorded into.

    Raises
    ------
    StateError
        If there is no recording beside the state to go on with, and no other is given.
    """
    if out is None:
        name = str(state)
        beside = name.removesuffix(".state.h5") + ".h5" if name.endswith(".state.h5") else name
        if not os.path.exists(beside):
            raise StateError(f"there is no recording {beside!r} beside the state; say where to record with -o")
        out = beside
    net = None if script is None else network_of_script(script)
    with Simulation.resume(state, net, out=out, threads=threads) as simulation:
        simulation.run(duration)
        return simulation.time, str(out)
