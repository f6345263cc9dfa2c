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

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from engine import cases

HALF = 30.0


def observed() -> ss.Network:
    """Derived quantities, some of the neurons, populations that are not recorded, weights on the way."""
    net = ss.Network(seed=3)
    driven = net.population("driven", 40, ss.MorrisLecar(), v=ss.uniform(-60.0, -20.0))
    cells = net.population("cells", 150, ss.LIF(), v=ss.uniform(-70.0, -55.0))
    silent = net.population("silent", 90, ss.LIF(), v=ss.uniform(-70.0, -55.0))
    net.inject(driven, ss.Noise(90.0, 20.0, dt=0.5))
    net.inject(cells + silent, ss.DC(np.linspace(200.0, 400.0, 240)))
    net.connect(silent, cells, ss.fixed_indegree(10), weight=20.0, delay=1.0, synapse=ss.Exponential(2.0))
    rule = ss.STDP(tau_plus=20.0, tau_minus=20.0, A_plus=0.1, A_minus=0.1, w_max=40.0)
    learns = net.connect(
        cells, silent, ss.fixed_indegree(10), weight=20.0, delay=1.5, synapse=ss.Exponential(2.0), plasticity=rule,
        name="learns",
    )  # fmt: skip
    net.record(driven, *ss.MorrisLecar.observed, "v", every=0.5)
    net.record(cells[20:90], "spikes", "v", every=0.7)
    net.record(learns, "w", every=10.0)
    return net


NETWORKS = {**cases.NETWORKS, "observed": (observed, ("clock",))}


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
