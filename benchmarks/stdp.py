"""STDP: what does learning cost?  Brunel's network with additive STDP on every excitatory synapse.

The change of a pair is a thousandth of a weight, so that activity stays what it was: the difference to BRUNEL is what
traces and weights cost.  Each synapse sees its source and its target fire 40 times a second; at 10,000 neurons the 8
million weights no longer fit into a cache, and a target's spike finds its own all over them.
"""

from __future__ import annotations

import dataclasses

import spikesim as ss
from spikesim import published

from .contest import Case

__all__ = ["build", "cases"]


def build(neurons: int, epsilon: float) -> ss.Network:
    """Return the network."""
    net = published.brunel("AI", neurons=neurons, epsilon=epsilon)
    w = 0.1  # mV
    rule = ss.STDP(A_plus=1e-3 * w, A_minus=1.05e-3 * w, w_max=2.0 * w)
    net.projections[0] = dataclasses.replace(net.projections[0], plasticity=rule)
    return net


def cases(quick: bool) -> list[Case]:
    """A cache's worth of weights, and more than that."""
    peers = ("nest", "brian-cpp")
    small, large = {"neurons": 2500, "epsilon": 0.1}, {"neurons": 10_000, "epsilon": 0.1}
    cached = Case("2,500 neurons, 0.5 M learn", small, 200.0 if quick else 1000.0, peers=peers, tolerance=0.1)
    if quick:
        return [cached]
    return [cached, Case("10,000 neurons, 8.0 M learn", large, 300.0, peers=peers, tolerance=0.1, slow=peers)]
