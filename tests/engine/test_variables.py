"""States of synapses are read and set as those of neurons.  Truth: the closed form of their decay."""

from __future__ import annotations

import numpy as np
import pytest

import spikesim as ss


def network() -> ss.Network:
    net = ss.Network(seed=1)
    source, cells = (
        net.population("source", 2, ss.SpikeTimes([[1.0, 7.0], [2.5]])),
        net.population("cells", 3, ss.LIF()),
    )
    for synapse in (
        ss.MgNMDA(), ss.NMDASaturating(), ss.Exponential(3.0), ss.ConductanceExponential(4.0, E_rev=0.0), ss.Alpha(2.0),
    ):  # fmt: skip
        net.connect(source, cells, ss.all_to_all(), weight=0.5, delay=1.0, synapse=synapse)
    net.record(cells, "MgNMDA.g", "I_Exponential", "g_ConductanceExponential", every=1.0)
    return net


@pytest.mark.parametrize("engine", ["clock", "event"])
def test_what_is_set_is_there_and_nothing_else_moves(engine: str) -> None:
    sim = ss.Simulation(network(), engine=engine)
    sim.run(5.0, progress=False)
    state = sim.state["cells"]
    assert list(state) == [
        "v", "g_ConductanceExponential", "I_Exponential", "MgNMDA.g", "NMDASaturating.x", "NMDASaturating.s",
    ]  # fmt: skip
    for name in list(state)[1:]:
        before = {other: state[other] for other in state}
        state[name] = before[name] + np.array([0.0, 0.25, 0.5])
        for other in state:
            moved = np.array([0.0, 0.25, 0.5]) if other == name else 0.0
            np.testing.assert_allclose(state[other], before[other] + moved, rtol=1e-13, atol=1e-13)


@pytest.mark.parametrize("engine", ["clock", "event"])
def test_it_decays_from_there(engine: str) -> None:
    """From the start, and between two pieces: the same as sampled."""
    sim = ss.Simulation(network(), engine=engine)
    taus = {"MgNMDA.g": 100.0, "I_Exponential": 3.0, "g_ConductanceExponential": 4.0}
    for name in taus:
        sim.state["cells"][name] = [1.0, 2.0, 3.0]
    traces = sim.run(1.0, progress=False).traces["cells"]
    for name, tau in taus.items():
        np.testing.assert_allclose(traces[name].values[-1], np.array([1.0, 2.0, 3.0]) * np.exp(-1.0 / tau), rtol=1e-9)
        np.testing.assert_allclose(sim.state["cells"][name], traces[name].values[-1], rtol=1e-9)


@pytest.mark.parametrize("engine", ["clock", "event"])
def test_an_unknown_one_names_the_nearest(engine: str) -> None:
    sim = ss.Simulation(network(), engine=engine)
    with pytest.raises(KeyError, match=r"no variable 'MgNMDA\.h'; did you mean 'MgNMDA\.g'"):
        sim.state["cells"]["MgNMDA.h"]
