"""EVENT: where does going from event to event pay?  Both engines over firing rate and over size, one thread.

`delta`: LIF neurons that inhibit each other through K = 100 Delta synapses each (as in Engelken 2023, "SparseProp",
NeurIPS), under a constant current that sets the rate.  `exponential`: LIF neurons that Poisson sources reach through 80
exciting and 20 inhibiting synapses each, exponential currents of two time constants; the rate is that of the sources.
The clock engine steps by 0.1 ms.  Where its line crosses that of the event engine is told for each size.
"""

from __future__ import annotations

import math
from itertools import pairwise

import spikesim as ss

from .contest import Options, Row, median
from .process import measure as in_process
from .timing import timed

__all__ = ["ask", "build", "crossing", "measure"]

TAU, K, DELAY = 10.0, 100, 0.1
#: What sets the rate: drive over threshold; rate of the sources (Hz).
DRIVES = {"delta": (1.0001, 1.001, 1.01, 1.1, 1.3, 2.0, 5.0), "exponential": (0.1, 0.3, 1.0, 3.0, 10.0, 30.0)}
SIZES = {"delta": (1_000, 10_000, 100_000), "exponential": (10_000, 100_000)}
ENGINES = ("event", "clock")


def build(kind: str, neurons: int, drive: float) -> ss.Network:
    """Return the network."""
    net = ss.Network(seed=1)
    if kind == "delta":
        lif = ss.LIF(tau_m=TAU, C_m=TAU, E_L=0.0, V_th=1.0, V_reset=0.0, t_ref=0.0, I_e=drive)
        cells = net.population("cells", neurons, lif, v=ss.uniform(0.0, 1.0))
        net.connect(cells, cells, ss.fixed_indegree(K), weight=-0.1, delay=DELAY, synapse=ss.Delta())
    else:
        sources = net.population("sources", neurons, ss.Poisson(drive))
        cells = net.population("cells", neurons, ss.LIF(I_e=300.0), v=ss.uniform(-70.0, -60.0))
        for degree, weight, synapse in ((80, 30.0, ss.Exponential(5.0)), (20, -120.0, ss.Exponential(10.0))):
            net.connect(sources, cells, ss.fixed_indegree(degree), weight=weight, delay=1.5, synapse=synapse)
    net.record(cells, "spikes")
    return net


def measure(kind: str, neurons: int, drive: float, engine: str, model_ms: float) -> Row:
    """Return what one of them costs on one thread."""
    net = build(kind, neurons, drive)
    row = timed(net, dt=0.1, warm_ms=100.0, model_ms=model_ms, threads=1, engine=engine)
    return {
        **{k: row[k] for k in ("synapses", "run_s", "cpu_s", "events", "spikes", "peak_mb")},
        "neurons": neurons,
        "cpu_factor": 1e3 * row["cpu_s"] / model_ms,
        "ns_per_event": 1e9 * row["cpu_s"] / max(row["events"], 1),
        "mean_rate": 1e3 * row["events"] / (K * neurons * model_ms),  # of those that the synapses come from
    }


def ask(options: Options) -> list[Row]:
    """Every rate and size, both engines in turns; then where their lines cross."""
    rows: list[Row] = []
    for kind, sizes in SIZES.items():
        for neurons in sizes[:1] if options.quick else sizes:
            if options.case not in f"{kind}, {neurons:,}":
                continue
            own: list[Row] = []
            for drive in DRIVES[kind][1::3] if options.quick else DRIVES[kind]:
                settings = {"kind": kind, "neurons": neurons, "drive": drive}
                settings["model_ms"] = min(1000.0, max(50.0, 2e6 / neurons))
                found: dict[str, list[Row]] = {engine: [] for engine in ENGINES}
                for _ in range(options.repeat):
                    for engine in ENGINES:
                        found[engine].append(in_process("event", {**settings, "engine": engine}))
                for engine in ENGINES:
                    case = f"{kind}, {neurons:,}, drive {drive:g}, {engine}"
                    own.append({"case": case, "kind": kind, "engine": engine, **median(found[engine])})
            rate = crossing(own)
            told = f"{kind}, {neurons:,}: " + ("the lines cross at" if rate else "the lines do not cross")
            rows += [*own, {"case": told, **({"mean_rate": rate} if rate else {})}]
    return rows


def crossing(rows: list[Row]) -> float | None:
    """Return the rate (Hz) at which both engines cost the same, between two measured ones (logarithmically)."""
    event, clock = ([row for row in rows if row["engine"] == engine] for engine in ENGINES)
    ratio = sorted((e["mean_rate"], math.log(e["cpu_s"] / c["cpu_s"])) for e, c in zip(event, clock))
    for (low, below), (high, above) in pairwise(ratio):
        if below < 0.0 <= above:
            part = below / (below - above)
            return math.exp(math.log(low) + part * (math.log(high) - math.log(low)))
    return None
