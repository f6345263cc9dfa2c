"""SHARES: where does the time of the microcircuit go?  By leaving out one thing after another, on one thread.

delivery  with synapses - without (cells that the background alone drives fire, too; collecting that is 1 % of a step)
Poisson   with background - without
update    what is left, with the filters of one port
record    with spikes recorded - without
"""

from __future__ import annotations

from typing import Any

import spikesim as ss
from spikesim import published

from .contest import Options, Row, median
from .process import measure as in_process
from .timing import timed

__all__ = ["ask", "measure"]

VARIANTS = {
    "all": (True, True, True),
    "not recorded": (False, True, True),
    "no synapses": (False, False, True),
    "no background": (False, False, False),
}


def measure(scale: float, variant: str, model_ms: float, threads: int) -> Row:
    """Return what a variant costs."""
    recorded, connected, driven = VARIANTS[variant]
    net = published.microcircuit(scale=scale)
    port: Any = net.projections[0].synapse
    if not recorded:
        net.spike_targets.clear()
    if not connected:
        net.projections.clear()
    if not driven:
        net.backgrounds.clear()
        for cells in net.populations.values():  # the port stays
            net.connect(cells[:1], cells[:1], ss.one_to_one(), weight=0.0, delay=0.1, synapse=port)
    return timed(net, dt=0.1, warm_ms=100.0, model_ms=model_ms, threads=threads)


def ask(options: Options) -> list[Row]:
    """At a tenth and at full scale."""
    rows = []
    for scale in (0.02,) if options.quick else (0.1, 1.0):
        runs: dict[str, list[Row]] = {variant: [] for variant in VARIANTS}
        for _ in range(options.repeat):
            for variant, found in runs.items():
                settings = {"scale": scale, "variant": variant, "model_ms": 500.0, "threads": 1}
                found.append(in_process("shares", settings))
        row = {variant: median(found) for variant, found in runs.items()}
        s = {variant: r["run_s"] for variant, r in row.items()}
        parts = {
            "delivery": s["not recorded"] - s["no synapses"],
            "Poisson": s["no synapses"] - s["no background"],
            "update": s["no background"],
            "record": s["all"] - s["not recorded"],
        }
        events, steps = row["all"]["events"], row["all"]["neurons"] * 5000
        for name, seconds in parts.items():
            entry: Row = {"case": f"scale {scale:g}: {name}", "run_s": seconds, "share": seconds / s["all"]}
            if name == "delivery":
                entry["events_per_s"] = events / seconds
            else:
                entry["ns_per_neuron_step"] = 1e9 * seconds / steps
            rows.append(entry)
    return rows
