"""Truth: how many spikes steps of 0.01 ms give, which fewer do not."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import spikesim as ss
from spikesim.errors import InvalidValueError, SpikesimWarning
from spikesim.grid import Grid
from spikesim.program.coarse import check_junctions
from spikesim.program.program import Program


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


def coupled(pairs: tuple[list[int], list[int]], conductance: list[float]) -> Program:
    """Three neurons without gap junctions, two with a weak one, then five with some, and two without."""
    net = ss.Network()
    net.population("alone", 3, ss.LIF())
    weak = net.population("barely", 2, ss.LIF())
    net.couple(weak, weak, ss.from_pairs([0], [1]), conductance=1.0)
    cells = net.population("cells", 5, ss.LIF(C_m=250.0))
    net.population("more", 2, ss.LIF())
    net.couple(cells, cells, ss.from_pairs(*pairs), conductance=np.array(conductance))
    return Program(net, Grid(0.1), 1)


def test_gap_junctions_of_a_neuron_add_up() -> None:
    """By hand: g dt / C of a chain, whose middle has the sum; behind populations that have none or weak ones."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_junctions(coupled(([0, 1, 3], [1, 3, 4]), [225.0, 400.0, 100.0]))  # 1: 625 * 0.1 / 250 = 0.25
    with pytest.warns(SpikesimWarning, match=r"neuron 1 of 'cells': 1000 nS in all move v by 0\.4 .* dt <= 0\.05"):
        check_junctions(coupled(([0, 1, 3], [1, 3, 4]), [100.0, 900.0, 50.0]))
    with pytest.raises(InvalidValueError, match=r"neuron 3 of 'cells': 1300 nS in all move v by 0\.52"):
        check_junctions(coupled(([0, 1, 3], [1, 3, 4]), [100.0, 900.0, 400.0]))
