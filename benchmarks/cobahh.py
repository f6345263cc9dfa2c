"""COBAHH: what does a network of Hodgkin-Huxley neurons cost?  Benchmark 3 of Brette et al. (2007).

4,000 Traub-Miles cells.  Steps are those at which the period of a single cell is right to 3e-3 (see `accuracy`):
0.05 ms here (Strang splitting, order 2), 0.01 ms for exponential Euler (order 1); NEST chooses its own
(Runge-Kutta-Fehlberg 4(5)) between points 0.05 ms apart.
"""

from __future__ import annotations

import spikesim as ss
from spikesim import published

from .contest import Case

__all__ = ["build", "cases"]

STEPS = {"brian-cpp": 0.01, "brian-cython": 0.01}


def build(neurons: int) -> ss.Network:
    """Return the network."""
    return published.cobahh(neurons=neurons)


def cases(quick: bool) -> list[Case]:
    """The published size."""
    peers = ("nest", "brian-cpp")
    neurons, run = (1000, 200.0) if quick else (4000, 1000.0)
    return [
        Case(
            f"{neurons:,} neurons",
            {"neurons": neurons},
            run,
            dt=0.05,
            peers=peers,
            steps=STEPS,
            slow=("nest",),
        )
    ]
