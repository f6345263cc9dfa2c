"""Has anything become slower?  Times of two small networks in units of this machine's own plain loops.

A stored ratio holds on another machine, where a number of seconds does not; processor time, not wall time, since
others may be at work.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import spikesim as ss
from spikesim import published

from . import calibration

__all__ = ["RATIOS", "SLACK", "ratio"]

#: name -> ns of a unit of work over ns of the plain loop, as measured when this was last made faster on purpose
RATIOS = {"update": 3.5, "delivery": 1.2}
SLACK = 1.6  # what load and another processor may do


def ratio(name: str, turns: int = 3) -> float:
    """Return the present ratio: the smallest of some turns, each with a calibration of its own."""
    net, loop, done = {"update": update, "delivery": delivery}[name]()
    simulation = ss.Simulation(net, threads=1)
    simulation.run(100.0, progress=False)
    ratios = []
    for _ in range(turns):
        before = simulation.stats
        clock = time.process_time()
        simulation.run(300.0, progress=False)
        seconds = time.process_time() - clock
        after = simulation.stats
        ratios.append(1e9 * seconds / (done(after) - done(before)) / loop())
    return min(ratios)


Question = tuple[ss.Network, Callable[[], float], Callable[[dict[str, Any]], float]]


def update() -> Question:
    """LIF neurons with two ports; a unit is a neuron-step."""
    net = ss.Network(seed=1)
    cells = net.population("cells", 10_000, ss.LIF(I_e=400.0))
    for tau in (5.0, 10.0):
        net.connect(cells[:1], cells[:1], ss.one_to_one(), weight=0.0, delay=0.1, synapse=ss.Exponential(tau))
    return net, calibration.arithmetic, lambda stats: stats["neurons"] * stats["model_ms"] / stats["dt"]


def delivery() -> Question:
    """Brunel's network at a fifth of its neurons; a unit is a synaptic event, everything else included."""
    net = published.brunel("AI", neurons=2500, epsilon=0.5)
    return net, calibration.scatter, lambda stats: stats["synaptic_events"]
