"""Truth: how many spikes steps of 0.01 ms give, which fewer do not."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import spikesim as ss
from spikesim.errors import SpikesimWarning


def spikes(model: ss.HodgkinHuxley | ss.LIF, dt: float) -> int:
    net = ss.Network()
    cell = net.population("cell", 1, model)
    net.inject(cell, ss.DC(1000.0))
    net.record(cell, "spikes")
    return len(net.run(100.0, dt=dt, engine="clock").spikes["cell"])


def test_steps_that_lose_spikes_are_warned_of() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fine = spikes(ss.HodgkinHuxley(), 0.01)
        assert abs(spikes(ss.HodgkinHuxley(), 0.1) - fine) <= 1
    with pytest.warns(SpikesimWarning, match=r"population 'cell': dt = 10 ms is too long .* use dt <= 0\.1"):
        assert spikes(ss.HodgkinHuxley(), 10.0) < fine


def test_what_is_exact_is_not_warned_of() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        spikes(ss.LIF(tau_m=1.0, t_ref=0.0), 10.0)


def test_each_neuron_is_looked_at_with_its_own_parameters() -> None:
    net = ss.Network()
    net.population("cells", 3, ss.AdEx(C_m=np.array([281.0, 281.0, 1.0])))
    with pytest.warns(SpikesimWarning, match="population 'cells': dt = 0.1 ms is too long for AdEx"):
        ss.Simulation(net, dt=0.1, engine="clock")
