"""The bits of networks, one line each: ``mpiexec -n 3 python bits.py THREADS FOLDER [apart] CASE...`` (rank 0 prints).

"apart": as if each rank stood on another machine.  A case is the name of a network and of an engine, "Brunel/event".

In FOLDER it leaves for each network the state after 30 of 60 ms and a recording of all.
"""

from __future__ import annotations

import functools
import hashlib
import json
import sys
from pathlib import Path
from typing import Any, NamedTuple

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


@ss.plasticity
class Switch(NamedTuple):
    """A binary synapse: a presynaptic spike switches it on or off, by chance."""

    up: float = 0.2
    down: float = 0.1
    w_max: float = 60.0
    draws = 2

    @ss.equation
    def on_pre(s, pre, post, p, z):
        rises, falls = z[0] < p.up, z[1] < p.down
        return s.w + (60.0 - s.w) * rises - s.w * falls * (1.0 - rises)


def kept(states: bool) -> ss.Network:
    """States at spikes, states of releases, a rule of chance; `states`: those of synapses, too."""
    net = ss.Network(seed=5)
    source = net.population("source", 60, ss.Poisson(60.0))
    cells = net.population("cells", 90, ss.AdEx() if states else ss.LIF(), v=ss.uniform(-70.0, -55.0))
    post = net.population("post", 70, ss.LIF(), v=ss.uniform(-70.0, -55.0))
    net.inject(cells + post, ss.DC(np.linspace(300.0, 700.0, 160)))
    fast = ss.Exponential(2.0)
    release = ss.TsodyksMarkram(U=0.5, tau_rec=200.0)
    one = net.connect(
        source, cells, ss.fixed_indegree(9), weight=20.0, delay=1.0, synapse=fast, release=release, name="one"
    )
    net.connect(cells, post, ss.fixed_indegree(9), weight=20.0, delay=ss.uniform(0.5, 2.0), synapse=fast, name="learns",
                plasticity=Switch())  # fmt: skip
    net.record(one, "x", every=1.0)
    net.record(cells[20:70], "spikes", at_spike=("v", "w") if states else "v")
    net.record(post, "spikes", at_spike="v")
    if states:
        net.connect(cells, post, ss.fixed_indegree(5), weight=0.2, delay=1.0, synapse=ss.MgNMDA())
        net.record(post[:50], "MgNMDA.g", "v", every=0.5)
    return net


def flights() -> ss.Network:
    """More spikes on their way than there is room for at first."""
    net = ss.Network(seed=7)
    source = net.population("source", 800, ss.Poisson(ss.uniform(200.0, 600.0)))
    cells = net.population("cells", 120, ss.LIF(), v=ss.uniform(-70.0, -55.0))
    fast = ss.Exponential(2.0)
    net.connect(source, cells, ss.fixed_indegree(20), weight=8.0, delay=ss.uniform(0.5, 30.0), synapse=fast)
    net.connect(cells, cells, ss.fixed_indegree(10), weight=-9.0, delay=2.0, synapse=fast)
    net.record(cells, "spikes", "v", every=0.5)
    return net


NETWORKS = {
    **cases.NETWORKS,
    "flights": (flights, ("clock",)),
    "observed": (observed, ("clock",)),
    "kept": (functools.partial(kept, False), ("clock", "event")),
    "kept states": (functools.partial(kept, True), ("clock",)),
}
CASES = [f"{name}/{engine}" for name, (_, engines) in NETWORKS.items() for engine in engines]


def bits(result: Any) -> str:
    """Return a hash of all that was recorded, and of the weights that were learnt."""
    found = hashlib.sha256()
    for name in sorted(result.spikes):
        train = result.spikes[name]
        found.update(train.times.tobytes() + train.ids.tobytes())
        for variable in sorted(train.at_spike):
            found.update(np.ascontiguousarray(train.at_spike[variable]).tobytes())
    for name in sorted(result.traces):
        for variable in sorted(result.traces[name]):
            found.update(np.ascontiguousarray(result.traces[name][variable].values).tobytes())
    for name in sorted(result.weights):
        if name == "learns":
            found.update(result.weights[name].toarray().tobytes())
    counts = [result.stats[what] for what in ("spikes", "synaptic_events", "synapses")]
    return f"{found.hexdigest()[:24]} {counts}"


def whole(case: str, threads: int, comm: Any = None, state: Path | None = None) -> str:
    """Return the bits of 60 ms in two pieces; the state between them is saved."""
    name, engine = case.split("/")
    with ss.Simulation(NETWORKS[name][0](), threads=threads, comm=comm, engine=engine) as sim:
        sim.run(HALF, progress=False)
        if state is not None:
            sim.save(state)
        return bits(sim.run(HALF, progress=False))


def resumed(case: str, state: Path, threads: int, comm: Any = None) -> str:
    """Return the bits of what comes after a saved state."""
    with ss.Simulation.resume(state, NETWORKS[case.split("/")[0]][0](), threads=threads, comm=comm) as sim:
        return bits(sim.run(HALF, progress=False))


if __name__ == "__main__":
    from mpi4py import MPI

    from spikesim.engine.ranks import Ranks

    comm = MPI.COMM_WORLD
    threads, folder, names = int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:]
    if names[0] == "apart":
        names = names[1:]
        meet = Ranks.__init__

        def apart(ranks: Ranks, comm: Any) -> None:
            meet(ranks, comm)
            ranks.apart = True

        Ranks.__init__ = apart
    for number, case in enumerate(names):
        state = folder / f"{number}.h5"
        found = [whole(case, threads, comm, state), resumed(case, state, threads, comm)]
        assert comm.allgather(found) == [found] * comm.size
        if comm.rank == 0:
            print(json.dumps([case, *found]), flush=True)
