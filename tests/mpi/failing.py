"""Two ranks of which one goes wrong: ``mpiexec -n 2 python failing.py HOW [FILE]``; each says how it ended.

"event HOW" is the same from event to event.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from typing import Any

from mpi4py import MPI

import spikesim as ss

comm, how = MPI.COMM_WORLD, sys.argv[1].removeprefix("event ")
engine = "clock" if how == sys.argv[1] else "event"
out = sys.argv[2] if len(sys.argv) > 2 else None
wrong = comm.rank == 1

net = ss.Network(seed=1)
cells = net.population("cells", 199 if wrong and how == "size" else 200, ss.LIF(I_e=500.0))
net.connect(cells, cells, ss.fixed_probability(0.1), weight=1.0, delay=1.0, synapse=ss.Exponential(2.0))
net.record(cells, "spikes")


def watch(sim: Any) -> None:
    """Go wrong at 20 ms."""
    if wrong and how == "callback":
        raise ValueError("seen on rank 1")
    if wrong and how in ("SIGINT", "SIGTERM", "SIGKILL"):
        os.kill(os.getpid(), getattr(signal, how))
    if not wrong and how == "condition":
        sim.state["cells"]["v"]
    if how == "Ctrl-C":
        print("running", flush=True)
        time.sleep(0.05)
    if wrong and how == "slow":
        time.sleep(1.0)
    if wrong and how == "inside":
        sim.engine._run = fail


def fail(*_: Any) -> None:
    """Fail while the other rank computes, and waits for this one in its loop."""
    raise ValueError("seen on rank 1")


try:
    if how in ("between", "left"):
        with ss.Simulation(net, comm=comm) as sim:
            sim.run(5.0, progress=False)
            if wrong and how == "between":
                raise ValueError("seen on rank 1")
            if wrong:
                sys.exit(3)
            sim.run(50.0, progress=False)
    if how == "infinite":  # of a neuron that rank 1 has
        net.population("wild", 1, ss.AdEx(I_e=1e300))
    dt: Any = -1.0 if wrong and how == "dt" else 0.1
    result = net.run(
        20_000.0 if how == "Ctrl-C" else 30.0 if wrong and how == "duration" else 60.0,
        dt=dt, every=(20.0, watch), comm=comm, progress=False, out=out, engine=engine,
    )  # fmt: skip
    stats = None if result is None else (result.stats["interrupted"], result.stop)
    print(f"ended {comm.rank} {stats}\n", end="", flush=True)
except BaseException as error:
    print(f"raised {comm.rank} {type(error).__name__}: {error}\n", end="", flush=True)
    if isinstance(error, SystemExit):
        raise
