"""Truth: the numbers given.  `Simulation.synapses` tells them as they are, on both engines."""

from __future__ import annotations

import numpy as np
import pytest

import spikesim as ss


@pytest.mark.parametrize("engine", ["clock", "event"])
def test_delays_are_told_in_ms(engine: str) -> None:
    net = ss.Network()
    cells = net.population("cells", 3, ss.LIF())
    pairs = ss.from_pairs([0, 1, 2], [1, 2, 0])
    net.connect(cells, cells, pairs, weight=1.0, delay=np.array([1.5, 7.0, 20.0]), synapse=ss.Delta(), name="p")
    found = ss.Simulation(net, engine=engine).synapses("p")
    np.testing.assert_array_equal(found.delay, [1.5, 7.0, 20.0])
    again = ss.Network()
    cells = again.population("cells", 3, ss.LIF())
    pairs = ss.from_pairs(found.pre, found.post)
    again.connect(cells, cells, pairs, weight=found.weight, delay=found.delay, synapse=ss.Delta(), name="p")
    back = ss.Simulation(again, engine=engine).synapses("p")
    for a, b in zip(found, back):
        np.testing.assert_array_equal(a, b)
