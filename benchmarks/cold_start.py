"""COLD START: how long until something happens?  From the start of a process to the end of CUBA's first 20 ms.

From no compiled code on disk, from code compiled by an earlier process, and with other sizes and parameters,
which must compile nothing.  And `import spikesim` beside `import numba`, which it cannot do without.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

import spikesim as ss
from spikesim import published

from .contest import Options, Row
from .peers import Peer
from .plain import plain
from .process import MeasurementError, surroundings
from .process import measure as in_process

__all__ = ["ask", "measure"]

MODEL_MS = 20.0
NAMES = {"nest": "NEST", "brian-cpp": "Brian 2, C++", "brian-cython": "Brian 2, Cython"}


def measure(neurons: int, tau_m: float) -> Row:
    """Run CUBA, perhaps with another membrane time constant."""
    net = published.cuba(neurons=neurons)
    if tau_m != 20.0:
        other = ss.Network(seed=1)
        cells = other.population("cells", neurons, ss.LIF(tau_m=tau_m, I_e=300.0))
        for tau, weight in ((4.0, 10.0), (9.0, -50.0)):
            rule = ss.fixed_probability(0.03, allow_autapses=False)
            other.connect(cells, cells, rule, weight=weight, delay=0.2, synapse=ss.Exponential(tau))
        other.record(cells, "spikes")
        net = other
    net.run(MODEL_MS, progress=False)
    return {"seconds": 0.0}


def wall(run: Any) -> float:
    """Return the wall time of a call."""
    clock = time.perf_counter()
    run()
    return time.perf_counter() - clock


def importing(module: str) -> float:
    """Return the seconds that a new process takes to import a module, beyond an empty one's."""
    environment = surroundings()

    def start(code: str) -> float:
        return wall(lambda: subprocess.run([sys.executable, "-c", code], env=environment, check=True))

    return start(f"import {module}") - start("pass")


def ask(options: Options) -> list[Row]:
    """Imports in turns; CUBA cold (not for a quick answer), warm and changed; the peers from start to end."""
    turns = [(importing("numba"), importing("spikesim")) for _ in range(1 if options.quick else 5)]
    numba_s, own_s = (float(np.median(column)) for column in zip(*turns))
    rows: list[Row] = [
        {"case": "import numba", "seconds": numba_s},
        {"case": "import spikesim", "seconds": own_s, "ratio": own_s / numba_s},
    ]
    if options.quick:
        in_process("cold_start", {"neurons": 4000, "tau_m": 20.0})
        warm = wall(lambda: in_process("cold_start", {"neurons": 4000, "tau_m": 20.0}))
        return [*rows, {"case": "CUBA, code on disk", "seconds": warm}]
    with tempfile.TemporaryDirectory() as empty:
        for case, neurons, tau_m in (
            ("CUBA, nothing compiled", 4000, 20.0),
            ("CUBA, code on disk", 4000, 20.0),
            ("other sizes and parameters, code on disk", 3000, 15.0),
        ):
            before = kernels(empty)
            seconds = wall(
                lambda n=neurons, tau_m=tau_m: in_process("cold_start", {"neurons": n, "tau_m": tau_m}, cache=empty)
            )
            rows.append({"case": f"{case} ({kernels(empty) - before} compiled)", "seconds": seconds})
    for peer in options.found(NAMES):
        rows += peer_rows(peer)
    return rows


def kernels(folder: str) -> int:
    """Return how many compiled functions stand on disk."""
    return sum(1 for _ in Path(folder).rglob("*.nbc"))


def peer_rows(peer: Peer) -> list[Row]:
    """Return the start of a peer, the first and the second time."""
    job = {"network": plain(published.cuba()), "dt": 0.1, "warm_ms": 10.0, "model_ms": 10.0, "threads": 1}
    rows = []
    with tempfile.TemporaryDirectory() as cache:
        for turn in ("first time", "again") if peer.name.startswith("brian") else ("",):
            case = f"{NAMES[peer.name]}{', ' * bool(turn)}{turn}"
            try:
                rows.append({"case": case, "seconds": wall(lambda: peer.run({**job, "cache": cache}))})
            except MeasurementError as error:
                rows.append({"case": case, "simulator": peer.name, "threads": 1, "failed": str(error)})
    return rows
