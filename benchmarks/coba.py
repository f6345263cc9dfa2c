"""COBA: what do conductances cost?  Benchmark 1 of Brette et al. (2007).

The same wiring as CUBA, at 18 Hz, synapses that open conductances: the membrane is no longer linear.
"""

from __future__ import annotations

import spikesim as ss
from spikesim import published

from .contest import Case

__all__ = ["build", "cases"]


def build(neurons: int) -> ss.Network:
    """Return the network."""
    return published.coba(neurons=neurons)


def cases(quick: bool) -> list[Case]:
    """Two sizes at one in-degree."""
    if quick:
        return [Case("4,000 neurons", {"neurons": 4000}, 500.0, tolerance=0.15)]
    return [
        Case("4,000 neurons", {"neurons": 4000}, 4000.0, tolerance=0.15, slow=("nest",)),
        Case(
            "40,000 neurons",
            {"neurons": 40_000},
            500.0,
            peers=("nest", "brian-cpp"),
            tolerance=0.15,
            slow=("nest",),
        ),
    ]
