"""BRUNEL: what does a network cost whose work is spikes?  12,500 neurons at 37 Hz, 15.6 million synapses.

Brunel (2000), asynchronous irregular, one delay, two constant weights; nearly all time goes into 590 million
synaptic events a second of model time, and into 250 million Poisson events.
"""

from __future__ import annotations

import spikesim as ss
from spikesim import published

from .contest import Case

__all__ = ["build", "cases"]


def build(neurons: int, epsilon: float) -> ss.Network:
    """Return the network."""
    return published.brunel("AI", neurons=neurons, epsilon=epsilon)


def cases(quick: bool) -> list[Case]:
    """The published size; for a quick answer a fifth of the neurons at the same in-degree."""
    if quick:
        return [Case("2,500 neurons, 3.1 M synapses", {"neurons": 2500, "epsilon": 0.5}, 200.0, tolerance=0.05)]
    full = {"neurons": 12_500, "epsilon": 0.1}
    return [Case("12,500 neurons, 15.6 M synapses", full, 1000.0, tolerance=0.05, slow=("nest",))]
