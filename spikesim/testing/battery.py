"""What a battery holds to: one neuron that one source reaches, run, and compared with plain numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..network.network import Network
from ..network.rules import all_to_all
from ..neurons.lif import LIF
from ..neurons.sources import SpikeTimes
from ..synapses.contract import Synapse
from ..synapses.delta import Delta

__all__ = ["TIMES", "hold", "voltage"]

#: When the source fires (ms): apart, close together, twice at once, after a long silence.
TIMES = (3.0, 10.0, 11.0, 30.0, 30.0, 90.0)


def hold(right: bool, text: str) -> None:
    """Raise AssertionError with a text, also under ``python -O``."""
    if not right:
        raise AssertionError(text)


def voltage(
    weight: float, synapse: Synapse | None = None, release: Any = None, dt: float = 0.1, times: Any = TIMES, **run: Any
) -> tuple[np.ndarray, np.ndarray]:
    """Return times and v of a neuron (tau_m = 20 ms, C_m = 200 pF, E_L = -70 mV) that never fires, 1 ms apart."""
    net = Network(seed=5)
    source = net.population("source", 1, SpikeTimes([list(times)]))
    cell = net.population("cell", 1, LIF(tau_m=20.0, C_m=200.0, E_L=-70.0, V_th=1e9))
    net.connect(
        source, cell, all_to_all(), weight=weight, delay=1.0, synapse=synapse or Delta(), release=release, name="p"
    )
    net.record(cell, "v", every=1.0)
    trace = net.run(120.0, dt=dt, progress=False, **run).traces["cell"]["v"]
    return trace.times, trace.values[:, 0]
