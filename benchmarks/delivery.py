"""DELIVERY: how many synaptic events a second, whatever else a network does?

Poisson sources onto as many cells, run with the synapses and without; the difference is delivery.  Targets are
drawn at random; in the microcircuit's shape (3,900 a source, delays drawn) its 299 million synapses are read at
random too.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import spikesim as ss

from .contest import Options, Row, alternate
from .process import measure as in_process
from .timing import synapse_bytes

__all__ = ["ask", "measure"]

#: neurons, in-degree, rate (Hz), whether each synapse has a weight of its own, and a delay
SHAPES: dict[str, tuple[int, int, float, bool, bool]] = {
    "in-degree 80, one weight, one delay": (40_000, 80, 5.0, False, False),
    "in-degree 1,250, one weight, one delay": (12_500, 1250, 40.0, False, False),
    "in-degree 1,250, weights": (12_500, 1250, 40.0, True, False),
    "in-degree 1,250, weights, delays": (12_500, 1250, 40.0, True, True),
    "microcircuit: in-degree 3,900, weights, delays": (77_169, 3900, 4.0, True, True),
}


def build(neurons: int, indegree: int, rate: float, weights: bool, delays: bool) -> ss.Network:
    """Return sources and cells; an in-degree of 0 leaves the port open, and no synapses."""
    net = ss.Network(seed=1)
    sources = net.population("sources", neurons, ss.Poisson(rate))
    cells = net.population("cells", neurons, ss.LIF(tau_m=10.0))
    weight: Any = ss.normal(1.0, 0.1, low=0.0) if weights else 1.0
    delay: Any = ss.normal(1.5, 0.75, low=0.05) if delays else 1.5
    port = ss.Exponential(0.5)
    net.connect(cells[:1], cells[:1], ss.one_to_one(), weight=0.0, delay=1.5, synapse=port, name="open")
    if indegree:
        net.connect(sources, cells, ss.fixed_indegree(indegree), weight=weight, delay=delay, synapse=port)
    return net


def measure(shape: str, scale: float, model_ms: float, threads: int) -> Row:
    """Return the events a second of the difference, the median of three turns."""
    neurons, indegree, rate, weights, delays = SHAPES[shape]
    neurons = round(neurons * scale)
    full = ss.Simulation(build(neurons, indegree, rate, weights, delays), threads=threads)
    bare = ss.Simulation(build(neurons, 0, rate, weights, delays), threads=threads)
    spent, events = [], []
    for simulation in (full, bare):
        simulation.run(20.0, progress=False)
    for _ in range(3):
        before = seconds(full), seconds(bare), full.stats["synaptic_events"]
        full.run(model_ms, progress=False)
        bare.run(model_ms, progress=False)
        spent.append(seconds(full) - before[0] - (seconds(bare) - before[1]))
        events.append(full.stats["synaptic_events"] - before[2])
    run = float(np.median(spent))
    return {
        "neurons": neurons,
        "synapses": full.stats["synapses"],
        "run_s": run,
        "events_per_s": float(np.mean(events)) / run,
        "bytes_per_synapse": synapse_bytes(full) / full.stats["synapses"],
    }


def seconds(simulation: ss.Simulation) -> float:
    """Return the seconds that a simulation has spent stepping."""
    return float(simulation.stats["run_seconds"])


def ask(options: Options) -> list[Row]:
    """All shapes; for a quick answer one, at a tenth."""
    shapes = list(SHAPES)[3:4] if options.quick else SHAPES
    settings = {"scale": 0.2, "model_ms": 100.0} if options.quick else {"scale": 1.0, "model_ms": 500.0}
    rows = []
    for shape in shapes:
        runs = {
            ("spikesim", n): lambda shape=shape, n=n: in_process("delivery", {"shape": shape, **settings, "threads": n})
            for n in options.threads
        }
        rows += [{"case": shape, **row} for row in alternate(f"delivery, {shape}", runs, options.repeat)]
    return rows
