"""COBAHH: what does a network of Hodgkin-Huxley neurons cost?  Benchmark 3 of Brette et al. (2007).

4,000 Traub-Miles cells at 0.05 ms: here by Strang splitting (order 2: the period of a cell at constant current is right
to 3e-3) and by the classical Runge-Kutta method, as Brian 2 (1e-5; unstable at 0.1 ms), whose exponential Euler would
need 0.01 ms for 1e-2.  NEST chooses its own steps (Runge-Kutta-Fehlberg 4(5), 1e-5) between points 0.05 ms apart.
See `accuracy`.
"""

from __future__ import annotations

import spikesim as ss
from spikesim import published

from .contest import Case

__all__ = ["build", "cases"]

METHODS = {"brian-cpp": "rk4"}


def build(neurons: int, runge_kutta: bool = False) -> ss.Network:
    """Return the network; `runge_kutta`: stepped by the classical method."""
    cell = ss.neurons.by_runge_kutta(ss.TraubMiles)() if runge_kutta else None
    return published.cobahh(neurons=neurons, cell=cell)


def cases(quick: bool) -> list[Case]:
    """The published size."""
    peers = ("nest", "brian-cpp")
    neurons, run = (1000, 200.0) if quick else (4000, 1000.0)
    return [
        Case(f"{neurons:,} neurons", {"neurons": neurons}, run, dt=0.05, peers=()),
        Case(
            f"{neurons:,} neurons, Runge-Kutta 4",
            {"neurons": neurons, "runge_kutta": True},
            run,
            dt=0.05,
            peers=peers,
            methods=METHODS,
            slow=("nest",),
        ),
    ]
