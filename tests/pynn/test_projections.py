"""Connections: columns, pieces, plasticity.  Truth: closed forms, and each connection alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from spikesim.errors import InvalidValueError


def sampled(population: Any, variable: str) -> np.ndarray:
    """The samples of the last segment, (times, cells)."""
    return population.get_data().segments[-1].filter(name=variable)[0].magnitude


def test_assemblies_and_views(sim: Any) -> None:
    """Indices are those of the two sides, whatever they are put together from."""
    a, b = sim.Population(3, sim.IF_curr_exp()), sim.Population(4, sim.IF_curr_exp())
    sources = sim.Population(2, sim.SpikeSourceArray(spike_times=[1.0])) + sim.Population(
        1, sim.SpikeSourceArray(spike_times=[2.0])
    )
    targets = a[1:3] + b[2:4]
    weights = np.arange(12.0).reshape(3, 4) / 10.0
    projection = sim.Projection(
        sources, targets, sim.AllToAllConnector(), sim.StaticSynapse(weight=weights, delay=1.0), None, "excitatory"
    )
    assert np.array_equal(projection.get("weight", "array"), weights)
    for population in (a, b):
        population.record("isyn_exc")
    sim.run(5.0)
    decay = np.exp(-1.0 / 5.0)
    arrived = (weights[0] + weights[1]) * decay + weights[2]
    assert np.allclose(sampled(a, "isyn_exc")[30], [0.0, *arrived[:2]])
    assert np.allclose(sampled(b, "isyn_exc")[30], [0.0, 0.0, *arrived[2:]])


def test_weights_are_set_while_it_runs(sim: Any) -> None:
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[1.0, 10.0]))
    cells = sim.Population(3, sim.IF_curr_delta())
    projection = sim.Projection(source, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=1.0, delay=1.0))
    cells.record("v")
    sim.run(5.0)
    list(projection.connections)[1].weight = 2.0
    sim.run(10.0)
    jumps = np.diff(sampled(cells, "v"), axis=0)[109]
    assert np.allclose(jumps - jumps.min(), [0.0, 1.0, 0.0], atol=0.01)
    assert projection.get("weight", "list", with_address=False) == [1.0, 2.0, 1.0]
    projection.set(weight=[0.5, 1.5, 2.5])
    assert projection.get("weight", "array").tolist() == [[0.5, 1.5, 2.5]]


@pytest.mark.parametrize("by", ["source", "connection"])
def test_depression_of_every_connection(sim: Any, by: str) -> None:
    """Truth: x_2 = 1 - (1 - x_1) e^(-dt / tau_rec) of Tsodyks and Markram, where the conductance is short."""
    U = np.array([[0.2, 0.2, 0.2], [0.7, 0.7, 0.7]]) if by == "source" else np.array([[0.2, 0.4, 0.2], [0.7, 0.5, 0.3]])
    source = sim.Population(2, sim.SpikeSourceArray(spike_times=[[1.0, 21.0], [11.0, 31.0]]))
    cells = sim.Population(3, sim.IF_cond_exp(tau_syn_E=0.05))
    synapse = sim.TsodyksMarkramSynapse(weight=0.001, delay=1.0, U=U, tau_rec=50.0, tau_facil=0.0)
    projection = sim.Projection(source, cells, sim.AllToAllConnector(), synapse)
    cells.record("gsyn_exc")
    sim.run(40.0)
    g = sampled(cells, "gsyn_exc") / 0.001
    assert np.array_equal(projection.get("U", "array"), U)
    for row, (first, second) in enumerate(((20, 220), (120, 320))):
        assert np.allclose(g[first], U[row], atol=1e-9)
        left = 1.0 - U[row] * np.exp(-20.0 / 50.0) * 50.0 / (50.0 - 0.05)  # what is in use is back after tau_syn
        assert np.allclose(g[second], U[row] * left, atol=1e-9)


def test_stochastic_connections_are_independent(sim: Any) -> None:
    spikes = np.arange(1.0, 500.0, 5.0)
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=spikes))
    cells = sim.Population(3, sim.IF_cond_exp(tau_syn_E=0.1, v_thresh=100.0))
    synapse = sim.SimpleStochasticSynapse(weight=0.001, delay=1.0, p=np.array([[0.5, 0.5, 1.0]]))
    sim.Projection(source, cells, sim.AllToAllConnector(), synapse)
    cells.record("gsyn_exc")
    sim.run(505.0)
    arrived = sampled(cells, "gsyn_exc")[20::50] > 0.0005
    assert arrived[: spikes.size, 2].all() and 30 < arrived[:, 0].sum() < 70
    assert not np.array_equal(arrived[:, 0], arrived[:, 1])


def test_quanta(sim: Any) -> None:
    """Truth: the mean of n sites that are full again, n U; what it begins at may be said, and nothing else."""
    spikes = np.arange(1.0, 2000.0, 20.0)
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=spikes))
    cells = sim.Population(4, sim.IF_cond_exp(tau_syn_E=0.1, v_thresh=100.0))
    synapse = sim.MultiQuantalSynapse(weight=0.001, delay=1.0, n=5, U=0.4, tau_rec=1.0)
    projection = sim.Projection(source, cells, sim.AllToAllConnector(), synapse)
    projection.initialize(a=5, u=0.4)
    with pytest.raises(InvalidValueError, match=r"initialize a: .* begins at rest"):
        projection.initialize(a=2)
    cells.record("gsyn_exc")
    sim.run(2005.0)
    quanta = sampled(cells, "gsyn_exc")[20::200][: spikes.size] / 0.001
    assert np.allclose(quanta, np.rint(quanta), atol=1e-6) and quanta.max() <= 5.0 + 1e-6
    assert quanta.mean() == pytest.approx(2.0, abs=4 * np.sqrt(5 * 0.4 * 0.6 / quanta.size))


@pytest.mark.parametrize("bounds", ["Additive", "Multiplicative", "Gutig"])
def test_pairs_of_spikes(sim: Any, bounds: str) -> None:
    """Truth: one pair, A w_max e^(-lag / tau) or A (w_max - w) ..., before and after."""
    sources = sim.Population(2, sim.SpikeSourceArray(spike_times=[[10.0], [30.0]]))
    cell = sim.Population(1, sim.IF_cond_exp(tau_refrac=5.0, tau_syn_E=0.5))
    kick = sim.Population(1, sim.SpikeSourceArray(spike_times=[20.0]))
    sim.Projection(kick, cell, sim.AllToAllConnector(), sim.StaticSynapse(weight=1.0, delay=1.0))
    more = {"mu_plus": 0.3, "mu_minus": 0.6} if bounds == "Gutig" else {}
    rule = sim.STDPMechanism(
        sim.SpikePairRule(tau_plus=15.0, tau_minus=25.0, A_plus=0.02, A_minus=0.03),
        getattr(sim, f"{bounds}WeightDependence")(w_min=0.0, w_max=0.004, **more),
        dendritic_delay_fraction=0,
        weight=0.001,
        delay=1.0,
    )
    projection = sim.Projection(sources, cell, sim.AllToAllConnector(), rule)
    cell.record("spikes")
    sim.run(40.0)
    spike = float(cell.get_data().segments[0].spiketrains[0].magnitude[0])
    mu_plus, mu_minus = {"Additive": (0.0, 0.0), "Multiplicative": (1.0, 1.0), "Gutig": (0.3, 0.6)}[bounds]
    up = 0.02 * 0.004 * 0.75**mu_plus * np.exp(-(spike - 11.0) / 15.0)
    down = 0.03 * 0.004 * 0.25**mu_minus * np.exp(-(31.0 - spike) / 25.0)
    assert np.allclose(projection.get("weight", "array")[:, 0], [0.001 + up, 0.001 - down], rtol=1e-6)
    assert projection.get("A_plus", "array")[0, 0] == 0.02
    sim.reset()
    assert projection.get("weight", "array")[:, 0].tolist() == [0.001, 0.001]


def test_inhibitory_plasticity(sim: Any) -> None:
    """Truth: Vogels et al. 2011, one spike without any of the target's: - eta alpha, alpha = 2 rho tau."""
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[5.0]))
    cell = sim.Population(1, sim.IF_cond_exp())
    rule = sim.STDPMechanism(
        sim.Vogels2011Rule(eta=1e-4, rho=3.0, tau=20.0),
        sim.AdditiveWeightDependence(w_min=0.0, w_max=0.1),
        dendritic_delay_fraction=0,
        weight=0.01,
        delay=1.0,
    )
    projection = sim.Projection(source, cell, sim.AllToAllConnector(), rule, receptor_type="inhibitory")
    sim.run(10.0)
    assert projection.get("weight", "array")[0, 0] == pytest.approx(0.01 - 1e-4 * 2 * 3e-3 * 20.0, rel=1e-9)


@pytest.mark.parametrize("fraction", [0.0, 0.5, 1.0])
def test_the_dendritic_share_of_a_delay(sim: Any, fraction: float) -> None:
    """Truth: e^(-lag / tau) of one pair, the lag at the synapse: t_post + d fraction - (t_pre + d (1 - fraction))."""
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[5.0]))
    cell = sim.Population(1, sim.IF_cond_exp(tau_syn_E=0.5))
    kick = sim.Population(1, sim.SpikeSourceArray(spike_times=[20.0]))
    sim.Projection(kick, cell, sim.AllToAllConnector(), sim.StaticSynapse(weight=1.0, delay=1.0))
    rule = sim.STDPMechanism(
        sim.SpikePairRule(tau_plus=15.0, tau_minus=25.0, A_plus=0.02, A_minus=0.03),
        sim.AdditiveWeightDependence(w_min=0.0, w_max=0.004),
        dendritic_delay_fraction=fraction,
        weight=0.001,
        delay=4.0,
    )
    projection = sim.Projection(source, cell, sim.AllToAllConnector(), rule)
    cell.record("spikes")
    sim.run(40.0)
    spike = float(cell.get_data().segments[0].spiketrains[0].magnitude[0])
    lag = spike + 4.0 * fraction - (5.0 + 4.0 * (1.0 - fraction))
    up = 0.02 * 0.004 * np.exp(-lag / 15.0)
    assert projection.get("weight", "array")[0, 0] == pytest.approx(0.001 + up, rel=1e-9)


def test_a_rule_needs_its_parts(sim: Any) -> None:
    with pytest.raises(InvalidValueError, match="timing_dependence: wanted"):
        sim.STDPMechanism(weight_dependence=sim.AdditiveWeightDependence())


@pytest.mark.parametrize("sizes", [(1, 1), (3, 2), (4, 4)])
def test_one_to_one(sim: Any, sizes: tuple[int, int]) -> None:
    """Truth: the diagonal; of weights that are a function of distance, too."""
    pre, post = (sim.Population(n, sim.IF_cond_exp()) for n in sizes)
    n = min(sizes)
    plain = sim.Projection(pre, post, sim.OneToOneConnector(), sim.StaticSynapse(weight=0.1, delay=1.0))
    assert plain.get("weight", "list") == [(k, k, 0.1) for k in range(n)]
    post.positions = pre.positions[:, :1] + np.arange(1.0, 1.0 + sizes[1]) * np.array([[1.0], [0.0], [0.0]])
    far = sim.Projection(pre, post, sim.OneToOneConnector(), sim.StaticSynapse(weight="0.1 * d", delay=1.0))
    distances = np.linalg.norm(pre.positions[:, :n] - post.positions[:, :n], axis=0)
    assert np.allclose([w for _, _, w in far.get("weight", "list")], 0.1 * distances)
    with pytest.raises(Exception, match="positive"):
        sim.Projection(
            pre, post, sim.OneToOneConnector(), sim.StaticSynapse(weight=-0.1, delay=1.0), None, "excitatory"
        )


def test_several_connections_of_a_pair(sim: Any) -> None:
    cells = sim.Population(2, sim.IF_cond_exp())
    listed = [(0, 1, 0.1, 1.0), (0, 1, 0.3, 1.0), (1, 0, 0.2, 2.0)]
    projection = sim.Projection(cells, cells, sim.FromListConnector(listed))
    found = {how: projection.get("weight", "array", multiple_synapses=how)[0, 1] for how in ("sum", "min", "max")}
    assert found == {"sum": pytest.approx(0.4), "min": 0.1, "max": 0.3}
    assert projection.get("weight", "array", multiple_synapses="first")[0, 1] == 0.1
    assert projection.get("weight", "array", multiple_synapses="last")[0, 1] == 0.3
    assert np.isnan(projection.get("weight", "array")[0, 0])


def test_another_back_ends_synapse_is_refused(sim: Any) -> None:
    from pyNN import mock

    cells = sim.Population(1, sim.IF_cond_exp())
    with pytest.raises(InvalidValueError, match=r"pyNN\.mock.*of another back end"):
        sim.Projection(cells, cells, sim.AllToAllConnector(), mock.StaticSynapse(weight=0.1, delay=1.0))
