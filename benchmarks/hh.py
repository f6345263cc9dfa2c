"""HH: what does a Hodgkin-Huxley neuron cost?  1,000 squid axons, each at a current of its own: an f-I curve.

0.05 ms here, by Strang splitting (order 2: the period of a cell is right to 1.3e-3) and by the classical Runge-Kutta
method, as Brian 2 (3e-5; unstable at 0.1 ms), 0.025 ms for NEURON (implicit Euler, its default: 3e-3), adaptive for
NEST (1e-5).  See `accuracy`.
"""

from __future__ import annotations

import numpy as np

import spikesim as ss

from .contest import Case

__all__ = ["build", "cases"]

CURRENTS = (0.0, 1500.0)  # pA on 10^4 um^2, up to 15 uA/cm^2
STEPS = {"neuron": 0.025, "brian-cpp": 0.05}
METHODS = {"brian-cpp": "rk4"}


def build(neurons: int, runge_kutta: bool = False) -> ss.Network:
    """Return the cells, unconnected; `runge_kutta`: stepped by the classical method."""
    net = ss.Network(seed=1)
    model = ss.neurons.by_runge_kutta(ss.HodgkinHuxley) if runge_kutta else ss.HodgkinHuxley
    cells = net.population("cells", neurons, model(I_e=np.linspace(*CURRENTS, neurons)))
    net.record(cells, "spikes")
    return net


def cases(quick: bool) -> list[Case]:
    """A thousand cells for a second."""
    peers = ("nest", "brian-cpp", "neuron")
    run = 200.0 if quick else 1000.0
    return [
        Case("1,000 neurons", {"neurons": 1000}, run, dt=0.05, peers=()),
        Case(
            "1,000 neurons, Runge-Kutta 4",
            {"neurons": 1000, "runge_kutta": True},
            run,
            dt=0.05,
            peers=peers,
            steps=STEPS,
            methods=METHODS,
            tolerance=0.03,
        ),
    ]
