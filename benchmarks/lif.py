"""LIF: what does the simplest neuron cost?  10,000 unconnected, each at a constant current of its own."""

from __future__ import annotations

import numpy as np

import spikesim as ss

from .contest import Case

__all__ = ["build", "cases"]

CURRENTS = (300.0, 600.0)  # pA; the rheobase is 375


def build(neurons: int) -> ss.Network:
    """Return the cells, unconnected."""
    net = ss.Network(seed=1)
    cells = net.population("cells", neurons, ss.LIF(I_e=np.linspace(*CURRENTS, neurons)))
    net.record(cells, "spikes")
    return net


def cases(quick: bool) -> list[Case]:
    """Ten thousand cells."""
    run = 500.0 if quick else 5000.0
    return [Case("10,000 neurons", {"neurons": 10_000}, run, tolerance=0.01)]
