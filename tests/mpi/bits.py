"""The bits of networks, one line each: ``mpiexec -n 3 python bits.py THREADS FOLDER NAME...`` (rank 0 prints).

In FOLDER it leaves for each network the state after 30 of 60 ms and a recording of all.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

import spikesim as ss

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "engine"))
from test_hashes import NETWORKS

HALF = 30.0


def bits(result: Any) -> str:
    """Return a hash of all that was recorded, and of the weights that were learnt."""
    found = hashlib.sha256()
    for name in sorted(result.spikes):
        train = result.spikes[name]
        found.update(train.times.tobytes() + train.ids.tobytes())
        for variable in sorted(result.traces[name]) if name in result.traces else ():
            found.update(np.ascontiguousarray(result.traces[name][variable].values).tobytes())
    for name in sorted(result.weights):
        if name == "learns":
            found.update(result.weights[name].toarray().tobytes())
    counts = [result.stats[what] for what in ("spikes", "synaptic_events", "synapses")]
    return f"{found.hexdigest()[:24]} {counts}"


def whole(name: str, threads: int, comm: Any = None, state: Path | None = None) -> str:
    """Return the bits of 60 ms in two pieces; the state between them is saved."""
    with ss.Simulation(NETWORKS[name][0](), threads=threads, comm=comm) as sim:
        sim.run(HALF, progress=False)
        if state is not None:
            sim.save(state)
        return bits(sim.run(HALF, progress=False))


def resumed(name: str, state: Path, threads: int, comm: Any = None) -> str:
    """Return the bits of what comes after a saved state."""
    with ss.Simulation.resume(state, NETWORKS[name][0](), threads=threads, comm=comm) as sim:
        return bits(sim.run(HALF, progress=False))


if __name__ == "__main__":
    from mpi4py import MPI

    comm = MPI.COMM_WORLD
    threads, folder = int(sys.argv[1]), Path(sys.argv[2])
    for number, name in enumerate(sys.argv[3:]):
        state = folder / f"{number}.h5"
        found = [whole(name, threads, comm, state), resumed(name, state, threads, comm)]
        assert comm.allgather(found) == [found] * comm.size
        if comm.rank == 0:
            print(json.dumps([name, *found]), flush=True)
