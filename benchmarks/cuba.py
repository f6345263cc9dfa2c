"""CUBA: what does a small network cost, and how does the cost grow?  Benchmark 2 of Brette et al. (2007).

LIF neurons with exponential currents at 5 Hz, in-degree 80.  At 4,000 neurons a step takes microseconds, and
every call, lock and barrier shows; at 400,000 the states no longer fit into a cache.
"""

from __future__ import annotations

import spikesim as ss
from spikesim import published

from .contest import Case

__all__ = ["build", "cases"]

TOLERANCE = 0.15  # the activity makes itself, and differs by a tenth from one wiring to the next


def build(neurons: int) -> ss.Network:
    """Return the network."""
    return published.cuba(neurons=neurons)


def cases(quick: bool) -> list[Case]:
    """Three sizes at one in-degree."""
    if quick:
        return [Case("4,000 neurons", {"neurons": 4000}, 1000.0, tolerance=TOLERANCE)]
    cpp = ("nest", "brian-cpp")
    return [
        Case("4,000 neurons", {"neurons": 4000}, 10_000.0, tolerance=TOLERANCE),
        Case("40,000 neurons", {"neurons": 40_000}, 1000.0, tolerance=TOLERANCE, slow=("nest",)),
        Case("400,000 neurons", {"neurons": 400_000}, 500.0, peers=cpp, tolerance=TOLERANCE, slow=cpp),
    ]
