"""Cells in PyNN's units.  Truth: closed forms, and the same network described with spikesim alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import spikesim as ss


def trace(population: Any, variable: str = "v") -> np.ndarray:
    """The samples of the last segment, (times, cells)."""
    return population.get_data().segments[-1].filter(name=variable)[0].magnitude


def driven(sim: Any, cell: Any, weight: float, receptor: str = "excitatory", variables: Any = ("v",)) -> Any:
    """A cell that a spike reaches at 6 ms."""
    cells = sim.Population(1, cell)
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[5.0]))
    sim.Projection(source, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=weight, delay=1.0), None, receptor)
    cells.record(list(variables))
    sim.run(40.0)
    return cells


def test_exponential_current(sim: Any) -> None:
    """Truth: the closed form of the potential, w tau_m tau_s / (C (tau_m - tau_s)) (e^-t/tau_m - e^-t/tau_s)."""
    cells = driven(sim, sim.IF_curr_exp(tau_m=20.0, tau_syn_E=5.0, cm=0.5, v_rest=-70.0), 0.2, "excitatory")
    assert trace(cells)[0, 0] == -65.0  # where PyNN lets all cells begin
    sim.setup(timestep=0.1)
    cells = sim.Population(1, sim.IF_curr_exp(tau_m=20.0, tau_syn_E=5.0, cm=0.5), initial_values={"v": -65.0})
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[5.0]))
    sim.Projection(source, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.2, delay=1.0))
    cells.record(["v", "isyn_exc"])
    sim.run(40.0)
    t = np.maximum(np.arange(401) * 0.1 - 6.0, 0.0)
    expected = 0.2 * 20.0 * 5.0 / (0.5 * 15.0) * (np.exp(-t / 20.0) - np.exp(-t / 5.0))
    assert np.allclose(trace(cells)[:, 0] + 65.0, expected, atol=1e-12)
    current = trace(cells, "isyn_exc")[:, 0]
    assert np.allclose(current[60:], 0.2 * np.exp(-t[60:] / 5.0), atol=1e-12) and not current[:60].any()


@pytest.mark.parametrize("kind, receptor, tau", [("exp", "excitatory", 5.0), ("alpha", "inhibitory", 2.0)])
def test_conductance(sim: Any, kind: str, receptor: str, tau: float) -> None:
    """Truth: the closed form; the peak is the weight, in uS."""
    cell = getattr(sim, f"IF_cond_{kind}")(tau_syn_E=tau, tau_syn_I=tau, v_thresh=0.0)
    other = {"excitatory": "inh", "inhibitory": "exc"}[receptor]
    cells = driven(sim, cell, 0.05, receptor, ("gsyn_exc", "gsyn_inh", "v"))
    t = np.maximum(np.arange(401) * 0.1 - 6.0, 0.0)
    shape = np.exp(-t / tau) * (1.0 if kind == "exp" else t / tau * np.e)
    shape[:60] = 0.0
    assert np.allclose(trace(cells, f"gsyn_{receptor[:3]}")[:, 0], 0.05 * shape, atol=1e-13)
    assert not trace(cells, f"gsyn_{other}").any()
    assert np.sign(trace(cells)[-1, 0] + 65.0) == (1.0 if receptor == "excitatory" else -1.0)


def test_jump(sim: Any) -> None:
    """A weight of IF_curr_delta is in mV."""
    assert trace(driven(sim, sim.IF_curr_delta(), 3.0))[60, 0] == pytest.approx(-62.0, abs=1e-12)


@pytest.mark.parametrize(
    "name, model, start, i_offset",
    [
        ("IF_curr_exp", ss.LIF(20.0, 1000.0, -65.0, -50.0, -65.0, 0.1, 900.0), {"v": -65.0}, 0.9),
        (
            "EIF_cond_exp_isfa_ista",
            ss.AdEx(281.0, 281.0 / 9.3667, -70.6, -50.4, 2.0, 4.0, 80.5, 144.0, -40.0, -70.6, 0.1, 900.0),
            {"v": -70.6, "w": 0.0},
            0.9,
        ),
        (
            "HH_cond_exp",
            ss.TraubMiles(200.0, 20000.0, 6000.0, 10.0, 50.0, -90.0, -65.0, -63.0, 500.0),
            {"v": -65.0, "m": 0.0, "h": 1.0, "n": 0.0},
            0.5,
        ),
        ("Izhikevich", ss.Izhikevich(d=2.0, I_e=10.0), {"v": -70.0, "u": -14.0}, 0.01),
    ],
)
def test_neurons_are_those_of_spikesim(
    sim: Any, name: str, model: Any, start: dict[str, float], i_offset: float
) -> None:
    """Truth: the same cell described with spikesim, bit for bit."""
    cells = sim.Population(1, getattr(sim, name)(i_offset=i_offset))
    cells.record(["v", "spikes"])
    sim.run(60.0)
    net = ss.Network()
    own = net.population("own", 1, model, **start)
    net.record(own, "v", "spikes")
    result = net.run(60.0, progress=False)
    assert np.array_equal(trace(cells)[1:], result.traces["own"]["v"].values)
    spikes = cells.get_data().segments[0].spiketrains[0].magnitude
    assert spikes.size and np.array_equal(spikes, result.spikes["own"].times)


def test_adaptation(sim: Any) -> None:
    """Intervals of IF_cond_exp_gsfa_grr grow, and the conductances have the time constants that they are given."""
    cells = sim.Population(1, sim.IF_cond_exp_gsfa_grr(i_offset=3.0))
    cells.record(["spikes", "g_s", "g_r"])
    sim.run(300.0)
    intervals = np.diff(cells.get_data().segments[0].spiketrains[0].magnitude)
    assert intervals[-1] > 1.2 * intervals[0]
    g_s = trace(cells, "g_s")[:, 0]
    g_s = g_s[g_s > 0.0]
    assert np.isclose((g_s[1:] / g_s[:-1]).min(), np.exp(-0.1 / 100.0), rtol=1e-12)


def test_adapting_neuron_keeps_its_contract() -> None:
    """Order of the step against SciPy, rest, refractoriness, the same bits everywhere."""
    pytest.importorskip("pyNN")
    from spikesim.pynn.adapting import AdaptingLIF
    from spikesim.testing import check_neuron

    check_neuron(AdaptingLIF(), current=1500.0, engines=("clock",))


def test_refractory_time_is_rounded_to_the_step(sim: Any) -> None:
    """PyNN's default of 0.1 ms at a step of 1 ms."""
    sim.setup(timestep=1.0)
    cells = sim.Population(2, sim.IF_curr_exp(i_offset=2.0, tau_refrac=[0.1, 2.6]))
    cells.record("v")
    sim.run(30.0)
    held = (trace(cells)[1:] == -65.0).sum(axis=0)
    assert held[1] > 2 * held[0]


def test_time_constants_may_differ_from_cell_to_cell(sim: Any) -> None:
    """Truth: each cell alone."""
    taus = [2.0, 5.0, 2.0]
    together = driven_three(sim, taus)
    for k, tau in enumerate(taus):
        sim.setup(timestep=0.1)
        alone = trace(driven(sim, sim.IF_cond_exp(tau_syn_E=tau), 0.01, "excitatory", ("gsyn_exc",)), "gsyn_exc")
        assert np.array_equal(together[:, k], alone[:, 0])


def driven_three(sim: Any, taus: list[float]) -> np.ndarray:
    """The conductances of three cells with time constants of their own, as in `driven`."""
    cells = sim.Population(3, sim.IF_cond_exp(tau_syn_E=taus))
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[5.0]))
    sim.Projection(source, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.01, delay=1.0))
    cells.record("gsyn_exc")
    sim.run(40.0)
    return trace(cells, "gsyn_exc")


def test_receptors_that_are_alike_are_told_apart(sim: Any) -> None:
    """Two of the same kind and time constant, each with its own spikes; parameters are read and set by name."""
    kind = sim.PointNeuron(sim.LIF(), near=sim.CurrExpPostSynapticResponse(), far=sim.CurrExpPostSynapticResponse())
    cells = sim.Population(2, kind)
    cells.set(**{"far.tau_syn": 7.0})
    assert cells.get("far.tau_syn") == 7.0 and cells.get("near.tau_syn") == 5.0
    cells.set(**{"far.tau_syn": 5.0})
    for receptor, time in (("near", 5.0), ("far", 10.0)):
        source = sim.Population(1, sim.SpikeSourceArray(spike_times=[time]))
        synapse = sim.StaticSynapse(weight=0.1, delay=1.0)
        sim.Projection(source, cells, sim.AllToAllConnector(), synapse, receptor_type=receptor)
    cells.record(["near.isyn", "far.isyn"])
    sim.run(20.0)
    near, far = trace(cells, "near.isyn"), trace(cells, "far.isyn")
    assert near[60, 0] == far[110, 0] == 0.1 and not far[:110].any()
    assert near[110, 0] == pytest.approx(0.1 * np.exp(-1.0))
