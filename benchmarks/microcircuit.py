"""MICROCIRCUIT: what does a square millimetre of cortex cost?  Potjans and Diesmann (2014), at a scale and in full.

77,169 neurons and 299 million synapses with weights and delays of their own: 1.5 GB that no cache holds, read
at random.  At full scale and a real-time factor of 1, a second of cortex takes a second.
"""

from __future__ import annotations

import spikesim as ss
from spikesim import published

from .contest import Case

__all__ = ["build", "cases"]


def build(scale: float) -> ss.Network:
    """Return the network."""
    return published.microcircuit(scale=scale)


def cases(quick: bool) -> list[Case]:
    """A tenth, and the full scale; for a quick answer a fiftieth."""
    if quick:
        return [Case("scale 0.02", {"scale": 0.02}, 500.0, tolerance=0.15)]
    return [
        Case("scale 0.1, 3.0 M synapses", {"scale": 0.1}, 1000.0, tolerance=0.1, slow=("nest",)),
        Case(
            "full scale, 299 M synapses",
            {"scale": 1.0},
            1000.0,
            peers=("nest",),
            tolerance=0.1,
            slow=("nest",),
        ),
    ]
