"""UPDATE: what does one step of one neuron cost, whatever else a network does?

Unconnected cells (one synapse of no weight opens each port), nothing recorded; one thread and all.
"""

from __future__ import annotations

from typing import Any

import spikesim as ss

from .contest import Options, Row, alternate
from .process import measure as in_process
from .timing import timed

__all__ = ["ask", "measure"]

EXC, INH = ss.Exponential(5.0), ss.Exponential(10.0)
OPEN, SHUNT = ss.ConductanceExponential(5.0, 0.0), ss.ConductanceExponential(10.0, -80.0)
CELLS: dict[str, tuple[Any, tuple[Any, ...], float]] = {
    "LIF": (ss.LIF(I_e=400.0), (), 0.1),
    "LIF, two current ports": (ss.LIF(I_e=400.0), (EXC, INH), 0.1),
    "LIF, two conductance ports": (ss.LIF(I_e=400.0), (OPEN, SHUNT), 0.1),
    "AdEx": (ss.AdEx(I_e=700.0), (), 0.1),
    "Izhikevich": (ss.Izhikevich(I_e=10.0), (), 0.1),
    "Hodgkin-Huxley": (ss.HodgkinHuxley(I_e=1000.0), (), 0.05),
    "Traub-Miles, two conductance ports": (ss.TraubMiles(), (OPEN, SHUNT), 0.05),
}


def measure(cell: str, neurons: int, steps: int, threads: int) -> Row:
    """Return what `steps` steps of some neurons cost."""
    model, ports, dt = CELLS[cell]
    net = ss.Network(seed=1)
    cells = net.population("cells", neurons, model)
    for port in ports:
        net.connect(cells[:1], cells[:1], ss.one_to_one(), weight=0.0, delay=dt, synapse=port)
    row = timed(net, dt=dt, warm_ms=100 * dt, model_ms=steps * dt, threads=threads)
    return {key: row[key] for key in ("neurons", "build_s", "first_s", "run_s", "ns_per_neuron_step")}


def ask(options: Options) -> list[Row]:
    """Small populations stay in the caches, large ones do not."""
    names = list(CELLS)[1:7:2] if options.quick else CELLS
    rows = []
    for neurons, steps in ((10_000, 1000),) if options.quick else ((10_000, 10_000), (100_000, 2000)):
        for cell in names:
            runs = {
                ("spikesim", n): lambda cell=cell, neurons=neurons, steps=steps, n=n: in_process(
                    "update", {"cell": cell, "neurons": neurons, "steps": steps, "threads": n}
                )
                for n in options.threads
            }
            rows += [{"case": cell, **row} for row in alternate(f"update, {cell}", runs, options.repeat)]
    return rows
