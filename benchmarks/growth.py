"""GROWTH: is time linear in what has to be done?  Over three decades of neuron-steps, and of synaptic events.

Neuron-steps: unconnected LIF neurons, 100 to 100,000.  Synaptic events: 10,000 Poisson sources at 10 Hz onto 10,000
neurons, in-degrees 1 to 1,000.  Where the exponent of a power law is 1, twice the work takes twice the time; less where
small sizes pay a fixed price a step, more where a cache ends.
"""

from __future__ import annotations

import numpy as np

import spikesim as ss

from .contest import Options, Row, median
from .process import measure as in_process
from .timing import timed

__all__ = ["ask", "exponent", "measure"]

SIZES = (100, 316, 1000, 3162, 10_000, 31_623, 100_000)
DEGREES = (1, 3, 10, 32, 100, 316, 1000)
KINDS: dict[str, tuple[int, ...]] = {"neurons": SIZES, "in-degree": DEGREES}


def build(kind: str, size: int) -> ss.Network:
    """Return a network of the series `kind`."""
    net = ss.Network(seed=1)
    port = ss.Exponential(5.0)
    if kind == "neurons":
        cells = net.population("cells", size, ss.LIF(), v=ss.uniform(-70.0, -60.0))
        net.background(cells, rate=1000.0, weight=10.0, synapse=port)
        return net
    sources = net.population("sources", 10_000, ss.Poisson(10.0))
    cells = net.population("cells", 10_000, ss.LIF())
    net.connect(sources, cells, ss.fixed_indegree(size), weight=ss.normal(1.0, 0.1), delay=1.5, synapse=port)
    return net


def measure(kind: str, size: int, model_ms: float) -> Row:
    """Return what one of a series costs on one thread."""
    row = timed(build(kind, size), dt=0.1, warm_ms=50.0, model_ms=model_ms, threads=1)
    steps = row["neurons"] * model_ms / 0.1
    return {
        **{k: row[k] for k in ("neurons", "synapses", "run_s", "events")},
        "neuron_steps": steps,
        "size": size,
    }


def ask(options: Options) -> list[Row]:
    """Both series; the last row of each holds the exponent over its upper two decades."""
    rows = []
    for kind, sizes in KINDS.items():
        series = []
        for size in sizes[:3] if options.quick else sizes:
            settings = {"kind": kind, "size": size, "model_ms": 100.0 if options.quick else 1000.0}
            found = median([in_process("growth", settings) for _ in range(options.repeat)])
            series.append({"case": f"{kind} {size:,}", "series": kind, **found})
        for row in series:
            work = row["neuron_steps"] if kind == "neurons" else row["events"]
            row["work"] = work
            if kind == "neurons":
                row["ns_per_neuron_step"] = 1e9 * row["run_s"] / work
        if kind == "in-degree":
            base = series[0]["run_s"]
            for row in series[1:]:
                beyond = row["run_s"] - base
                row["events_per_s"] = row["events"] / beyond if beyond > 0.0 else None
        series[-1]["ratio"] = exponent(series[len(series) // 3 :], base=series[0]["run_s"] * (kind != "neurons"))
        rows += series
    return rows


def exponent(series: list[Row], base: float = 0.0) -> float:
    """Return the slope of log(time - base) over log(work)."""
    time = np.array([row["run_s"] - base for row in series])
    work = np.array([row["work"] for row in series], float)
    return float(np.polyfit(np.log(work), np.log(np.maximum(time, 1e-9)), 1)[0])
