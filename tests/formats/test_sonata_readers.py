"""What the readers and simulators of SONATA make of our files.  Truth: the network itself; NEST, spike for spike."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

import spikesim as ss

from .test_sonata_round_trip import LIF, currents


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return currents().to_sonata(tmp_path_factory.mktemp("readers") / "circuit", duration=20.0)


def test_libsonata(folder: Path) -> None:
    libsonata = pytest.importorskip("libsonata")
    net = currents()
    circuit = libsonata.CircuitConfig.from_file(str(folder / "circuit_config.json"))
    assert circuit.node_populations == set(net.populations)
    exc = circuit.node_population("exc")
    everybody = exc.select_all()
    assert exc.size == 60 and set(exc.get_attribute("model_type", everybody)) == {"point_neuron"}
    assert np.all(exc.get_dynamics_attribute("C_m", everybody) == 200.0)
    assert circuit.node_population_properties("in put").type == "virtual"
    edges = circuit.edge_population("E (exc to inh)")
    found = np.stack([edges.source_nodes(edges.select_all()), edges.target_nodes(edges.select_all())])
    weights = edges.get_attribute("syn_weight", edges.select_all())
    W = net.run(0.1, progress=False).weights["E"].toarray()[:15, :]  # a row is a target; inh comes first
    assert np.array_equal(np.argwhere(W.T != 0).T, found[:, np.lexsort((found[1], found[0]))])
    assert np.array_equal(W[found[1], found[0]], weights)
    assert set(edges.get_attribute("model_template", edges.select_all())) == {"nest:static_synapse"}
    other = circuit.edge_population("E (exc to exc)")  # where two kinds of synapse arrive NEST has no such neuron
    assert set(other.get_attribute("model_template", other.select_all())) == {"spikesim:Exponential"}
    for node in range(15):
        assert np.array_equal(edges.afferent_edges(node).flatten(), np.flatnonzero(found[1] == node))
    for node in range(60):
        assert np.array_equal(edges.efferent_edges(node).flatten(), np.flatnonzero(found[0] == node))
    simulation = libsonata.SimulationConfig.from_file(str(folder / "simulation_config.json"))
    modules = {simulation.input(name).module.name for name in simulation.list_input_names}
    assert modules == {"linear", "sinusoidal", "ornstein_uhlenbeck", "poisson", "synapse_replay"}
    assert (simulation.run.tstop, simulation.run.dt, simulation.run.random_seed) == (20.0, 0.1, 5)
    assert simulation.report("exc v").variable_name == "v"
    sets = libsonata.NodeSets.from_file(str(folder / "node_sets.json"))
    assert sets.materialize(simulation.report("exc v").cells, exc).flatten().tolist() == [0, 1, 2]
    assert set(sets.names) and sets.materialize("All", exc).flat_size == 60
    spikes = libsonata.SpikeReader(str(folder / "listed_spikes.h5"))["listed"]
    assert spikes.get() == [(0, 1.05), (0, 2.5), (1, 3.0)]


def test_bluepysnap(folder: Path) -> None:
    """It opens, and its validator has nothing to say."""
    snap = pytest.importorskip("bluepysnap")
    from bluepysnap import circuit_validation

    path = str(folder / "circuit_config.json")
    circuit = snap.Circuit(path)
    table = circuit.nodes["exc"].get()
    assert len(table) == 60 and np.allclose(table["y"], 1000.0 * currents()["exc"].positions[:, 1], rtol=1e-6)
    edges = circuit.edges["E (exc to inh)"]
    assert edges.size == len(edges.afferent_edges(list(range(15)), properties=["syn_weight"]))
    assert circuit_validation.validate(path, skip_slow=False, print_errors=False) == set()


POINTNET = """
import sys
from bmtk.simulator import pointnet
config = pointnet.Config.from_json(sys.argv[1])
config.build_env()
pointnet.PointSimulator.from_config(config, pointnet.PointNetwork.from_config(config)).run()
"""

CASES: dict[str, Any] = {
    "psc_exp": (LIF._replace(I_e=210.0), ss.Exponential(5.0), ss.Exponential(10.0), (20.0, -60.0)),
    "psc_delta": (LIF._replace(I_e=210.0), ss.Delta(), ss.Delta(), (0.5, -1.5)),
    "cond_exp": (
        LIF._replace(I_e=180.0), ss.ConductanceExponential(5.0, 0.0), ss.ConductanceExponential(10.0, -80.0), (1.5, 8.0)
    ),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.skipif(find_spec("bmtk") is None or find_spec("nest") is None, reason="needs bmtk and NEST")
@pytest.mark.parametrize("case", CASES)
def test_nest_runs_it(case: str, tmp_path: Path) -> None:
    """BMTK's PointNet builds what the files say in NEST, which sends the spikes that we send."""
    model, excitation, inhibition, weights = CASES[case]
    net = ss.Network(seed=5)
    e = net.population("e", 40, model, v=-60.0 + 0.2 * np.arange(40))
    i = net.population("i", 10, model)
    source = net.population("source", 3, ss.Poisson(80.0))
    net.connect(e, e + i, ss.fixed_probability(0.15), weight=weights[0], delay=1.5, synapse=excitation)
    net.connect(i, e + i, ss.fixed_probability(0.3), weight=weights[1], delay=0.8, synapse=inhibition)
    net.connect(source, e, ss.all_to_all(), weight=2.0 * weights[0], delay=1.0, synapse=excitation)
    net.record(e + i, "spikes")
    folder = net.to_sonata(tmp_path / "circuit", "bmtk", duration=200.0)
    command = [sys.executable, "-c", POINTNET, str(folder / "simulation_config.json")]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=300)
    ours = net.run(200.0, progress=False)
    with h5py.File(folder / "output" / "spikes.h5") as file:
        for name, trains in ours.spikes.items():
            group = file[f"spikes/{name}"]
            theirs = set(zip(np.round(group["timestamps"][()], 4).tolist(), group["node_ids"][()].tolist()))
            own = set(zip(np.round(trains.times, 4).tolist(), trains.ids.tolist()))
            assert len(own) > 50 and len(own ^ theirs) <= 0.02 * len(own)  # NEST steps conductances to a tolerance
            assert case == "cond_exp" or own == theirs
