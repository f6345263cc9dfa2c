"""MPI: what do ranks cost beside threads, and what would a cluster make of it?

The same network on one rank with two threads and on two ranks with one, in turns; then the time of each slab (steps
between two meetings), as computation and exchange, while messages take longer by a fixed time on all ranks (latency),
or ranks come to them later by an exponential one each (jitter); both as ranks of one machine meet, and as those of
several do, who compute the next slab while a message is on its way.  Beside them a bare message: what of it is MPI's,
with nothing to compute.

A slab takes (`expected`)

    T = computation + call + latency log2(ranks) + bytes / bandwidth + handling spikes + jitter (H(ranks) - 1)

H(n) = 1 + 1/2 + ... + 1/n is the mean of the largest of n exponential delays, in units of theirs.  `call` is what
MPI takes where nothing has to be waited for: the tenth percentile of the exchange without delays.
`handling`: every worker merges the spikes of all workers and looks up whether it has synapses of each.
"""

from __future__ import annotations

import ctypes
import json
import math
import shutil
import sys
import time
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

import spikesim as ss
from spikesim.jit import Callback

from .contest import Options, Row
from .process import ROOT, answer, call

__all__ = ["ask", "expected", "harmonic", "measure"]

CASES = {
    "BRUNEL": ("brunel", {"neurons": 12_500, "epsilon": 0.1}, 500.0),
    "microcircuit 0.1": ("microcircuit", {"scale": 0.1}, 500.0),
    "microcircuit 0.3": ("microcircuit", {"scale": 0.3}, 300.0),
}
QUICK = {"microcircuit 0.02": ("microcircuit", {"scale": 0.02}, 200.0)}
DELAYS = (0.0, 5.0, 20.0, 100.0)  # us
WARM = 100.0  # ms


def harmonic(n: int) -> float:
    """Return 1 + 1/2 + ... + 1/n."""
    return float(sum(1.0 / k for k in range(1, n + 1))) if n < 1000 else math.log(n) + 0.5772156649 + 0.5 / n


def expected(
    ranks: int,
    *,
    computation: float,
    spikes: float,
    workers: int = 32,
    call: float = 5.0,
    latency: float = 3.0,
    bandwidth: float = 1e4,
    jitter: float = 10.0,
    looked_up: float = 0.015,
) -> float:
    """Return how long a slab takes (us) on ranks that each compute so long and emit so many spikes.

    Times in us, bandwidth in bytes a us; `workers` of a rank; `jitter`: the mean delay of a rank; `looked_up`: of a
    spike on a worker.  Merging takes 2 ns a spike and doubling of workers (measured: 3.3 ns for 2, 32 ns for 64,000).
    """
    total = spikes * ranks
    handled = total * (looked_up + 0.002 * math.log2(max(2, ranks * workers)))
    if ranks == 1:
        return computation + handled
    waited = jitter * (harmonic(ranks) - 1.0)  # the mean delay is part of the computation
    return computation + handled + call + latency * math.log2(ranks) + 8.0 * total / bandwidth + waited


def measure(
    module: str,
    case: dict[str, Any],
    threads: int,
    model_ms: float,
    latency: float,
    jitter: float,
    apart: bool = False,
) -> Row:
    """Run a network on all ranks of MPI.COMM_WORLD, and say what it and its slabs took; `apart`: as if on machines."""
    from mpi4py import MPI

    from spikesim.engine import ranks

    class Apart(ranks.Ranks):
        """Ranks each of which is on another machine."""

        apart = property(lambda self: True, lambda self, found: None)  # type: ignore[assignment]

    if apart:
        ranks.Ranks = Apart  # type: ignore[misc]
    comm = MPI.COMM_WORLD
    net = import_module(f"benchmarks.{module}").build(**case)
    with ss.Simulation(net, threads=threads, comm=comm) as simulation:
        simulation.run(WARM, progress=False)
        slabs = Slabs(simulation.engine, latency, jitter, comm.rank)
        before = simulation.stats
        clock, cpu = time.perf_counter(), time.process_time()
        simulation.run(model_ms, progress=False)
        run, cpu = time.perf_counter() - clock, time.process_time() - cpu
        after = simulation.stats
    return {
        "ranks": comm.size,
        "threads": threads,
        "run_s": run,
        "cpu_s": comm.allreduce(cpu),
        "spikes": after["spikes"] - before["spikes"],
        "events": after["synaptic_events"] - before["synaptic_events"],
        **slabs.said(),
    }


class Slabs:
    """The clock of an engine's slabs: how long it computed and exchanged, with delays of ranks and of messages.

    It stands between the loop and the kernel that tells the others, and takes some us of each slab itself.
    """

    def __init__(self, engine: Any, latency: float, jitter: float, seed: int) -> None:
        self._clock = Callback(self.told, 5)
        for made, room in zip(engine._links.values(), engine._rooms) if engine.ranks.size > 1 else ():
            self._tell = ctypes.CFUNCTYPE(*(ctypes.c_int64,) * 6)(int(made["do_tell"][0]))
            made["do_tell"] = room["do_tell"] = self._clock.address
        self.latency, self.jitter, self.random = latency, jitter, np.random.default_rng(seed)
        self.computed: list[float] = []
        self.exchanged: list[float] = []
        self.left = self.come = time.perf_counter()
        #: Whether what is told is heard when the next slab is told.
        self.lag = bool(engine._rooms[0]["running"]["lag"][0])

    def told(self, *given: int) -> int:
        """Tell the others, later; wait until what they told has come."""
        begun = time.perf_counter()
        self.computed.append(begun - self.left)
        late = begun + 1e-6 * (self.random.exponential(self.jitter) if self.jitter else 0.0)
        while time.perf_counter() < late + (0.0 if self.lag else 1e-6 * self.latency):
            pass
        while self.lag and time.perf_counter() < self.come:
            pass
        found = int(self._tell(*given))
        self.come = time.perf_counter() + 1e-6 * self.latency
        self.left = time.perf_counter()
        self.exchanged.append(self.left - begun)
        return found

    def said(self) -> Row:
        """Tenth percentile, median and ninetieth percentile, us."""
        if not self.computed:
            return {"slabs": 0}
        found: Row = {"slabs": len(self.computed)}
        for what, times in (("computed", self.computed), ("exchanged", self.exchanged)):
            for q in (10, 50, 90):
                found[f"{what}_us_{q}"] = 1e6 * float(np.percentile(times[1:], q))
        return found


def starter() -> str | None:
    """Return the command that starts ranks, beside this Python or on the path."""
    beside = Path(sys.executable).with_name("mpiexec")
    return str(beside) if beside.exists() else shutil.which("mpiexec")


def ranks(n: int, **settings: Any) -> Row:
    """Return what :func:`measure` says on so many processes."""
    command = starter() or "mpiexec"
    run = f"from benchmarks.mpi import main; main({json.dumps(settings)!r})"
    program = f"import sys; sys.path.insert(0, {str(ROOT)!r}); {run}"
    return call([command, "-n", str(n), sys.executable, "-c", program])


def bare(times: int) -> Row:
    """Return what a message of fixed size takes with nothing to compute, by how it is sent (us)."""
    from mpi4py import MPI

    from spikesim.engine.collective import post, taken
    from spikesim.engine.ranks import Ranks
    from spikesim.jit import compiled

    made = Ranks(MPI.COMM_WORLD)
    line = made.collective
    at, none, buffers = (
        line.record.ctypes.data,
        np.zeros(1, np.int64),
        ([line.mine, MPI.INT64_T], [line.every, MPI.INT64_T]),
    )

    @compiled
    def looped(at: int, sent_at: int, n: int) -> int:
        code = 0
        for _ in range(n):
            code += post(at, 1, sent_at, 0) + taken(at, 1)
        return code

    def blocking(n: int) -> None:
        for _ in range(n):
            made.comm.Allgather(*buffers)

    def python(n: int) -> None:
        for _ in range(n):
            made.meet("measure")

    looped(at, none.ctypes.data, 1)
    found: Row = {"ranks": made.size}
    for name, send in (("loop", lambda n: looped(at, none.ctypes.data, n)), ("Allgather", blocking), ("meet", python)):
        took = []
        for _ in range(times):
            clock = time.perf_counter()
            send(20)
            took.append((time.perf_counter() - clock) / 20)
        for q in (10, 50, 90):
            found[f"{name}_us_{q}"] = 1e6 * float(np.percentile(took, q))
    return found


def main(settings: str) -> None:
    """One rank of a measurement."""
    from mpi4py import MPI

    given = json.loads(settings)
    found = bare(given["times"]) if "times" in given else measure(**given)
    if MPI.COMM_WORLD.rank == 0:
        answer(found)


def ask(options: Options) -> list[Row]:
    """Threads beside ranks, in turns; then the slabs of the first case with delays; without MPI a line that says so."""
    if starter() is None or find_spec("mpi4py") is None:
        return [{"case": 'left out: no mpiexec or no mpi4py here; pip install "spikesim[mpi]"'}]
    cases = QUICK if options.quick else {name: case for name, case in CASES.items() if options.case in name}
    rows: list[Row] = [{"case": "a bare message", **ranks(2, times=500)}]
    for name, (module, case, model_ms) in cases.items():
        settings = {"module": module, "case": case, "model_ms": model_ms, "latency": 0.0, "jitter": 0.0}
        turns = [(ranks(1, threads=2, **settings), ranks(2, threads=1, **settings)) for _ in range(options.repeat)]
        for k, label in enumerate(("1 rank x 2 threads", "2 ranks x 1 thread")):
            best = min((turn[k] for turn in turns), key=lambda row: row["run_s"])
            rows.append({"case": f"{name}: {label}", **best})
        for what, head in (("run_s", "ratio"), ("cpu_s", "ratio_cpu")):
            rows[-1][head] = float(np.median([b[what] / a[what] for a, b in turns]))
        for what in ("latency", "jitter") if name == next(iter(cases)) else ():
            for delay in DELAYS[: 2 if options.quick else None]:
                for apart in (False, True):
                    found = ranks(2, threads=1, apart=apart, **{**settings, what: delay})
                    where = ", as on two machines" if apart else ""
                    rows.append({"case": f"{name}: {what} of {delay:g} us{where}", **found})
    return rows
