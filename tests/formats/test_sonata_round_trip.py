"""Networks written as SONATA and read again.  Truth: the spikes and samples of the network itself, bit for bit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

import spikesim as ss
from spikesim import errors

LIF = ss.LIF(tau_m=20.0, C_m=200.0, E_L=-60.0, V_th=-50.0, V_reset=-60.0, t_ref=5.0)


def currents() -> ss.Network:
    """Drawn weights, delays and parameters; groups; a part of a population; sources; a background; currents."""
    net = ss.Network(seed=2**63 + 5)
    cells = LIF._replace(I_e=ss.uniform(190.0, 240.0))
    e = net.population("exc", 60, cells, v=ss.uniform(-60.0, -50.0), positions=ss.uniform_positions((1.0, 1.0)))
    i = net.population("inh", 15, cells)
    a = net.population("in put", 4, ss.Poisson([50.0, 60.0, 70.0, 0.0]))
    b = net.population("listed", 2, ss.SpikeTimes([[1.05, 2.5], [3.0, 50.0]]))
    synapse = ss.Exponential(5.0)
    law = ss.fixed_probability(0.1)
    net.connect(e, i + e, law, weight=ss.normal(20.0, 3.0), delay=ss.uniform(0.5, 2.0), synapse=synapse, name="E")
    net.connect(i, e + i, ss.fixed_indegree(3), weight=-100.3, delay=1.1, synapse=ss.Exponential(10.0))
    net.connect(a + b, e[[7, 3, 20]], ss.all_to_all(), weight=ss.lognormal(60.0, 9.0), delay=1.5, synapse=synapse)
    near = ss.fixed_probability(ss.gaussian(0.1))
    net.connect(e, e, near, weight=1.0 + ss.distance, delay=0.5 + ss.distance, synapse=ss.Alpha(2.0, normalize="area"))
    net.background(e, rate=ss.Steps([0.0, 20.0], [900.0, 500.0]), weight=8.0, synapse=synapse)
    net.inject(i, ss.DC(np.linspace(30.0, 31.0, 15), start=10.0, stop=50.0))
    net.inject(e[:3], ss.OrnsteinUhlenbeck(10.0, 5.0, 4.0))
    net.inject(e[4:9], ss.Sine(50.0, 20.0, offset=3.0))
    net.record(e + i, "spikes")
    net.record(e[:3], "v", every=0.5)
    return net


def conductances() -> ss.Network:
    """Two receptors, one of them twice; several synapses between one pair; short-term plasticity; STDP."""
    net = ss.Network(seed=3)
    e = net.population("e", 40, LIF._replace(I_e=180.0), v=ss.uniform(-60.0, -50.0))
    i = net.population("i", 10, ss.AdEx(I_e=ss.normal(700.0, 20.0)))
    excitation, inhibition = ss.ConductanceExponential(5.0, 0.0), ss.GABA_A()
    net.connect(e, e + i, ss.fixed_indegree(5, allow_multapses=True), weight=3.0, delay=1.0, synapse=excitation)
    net.connect(i, e + i, ss.fixed_probability(0.3), weight=4.1, delay=0.8, synapse=inhibition)
    rule = ss.STDP(A_plus=0.1, A_minus=0.1, w_max=9.0)
    net.connect(
        e, e, ss.fixed_indegree(3), weight=1.1, delay=1.0, synapse=excitation, plasticity=rule, name="learns",
        dendritic_delay=0.4,
    )  # fmt: skip
    release = ss.TsodyksMarkram(U=0.5, tau_rec=100.0, tau_fac=0.0)
    net.connect(e, i, ss.fixed_indegree(3), weight=5.0, delay=1.0, synapse=excitation, release=release, name="tires")
    net.record(e + i, "spikes")
    net.record(i, "w", every=1.0)
    return net


NETWORKS = {"currents": currents, "conductances": conductances}


def same(first: ss.Network, second: ss.Network, **run: Any) -> int:
    """Hold two networks to the same spikes and samples; return how many spikes."""
    a, b = (net.run(80.0, progress=False, **run) for net in (first, second))
    assert set(a.spikes) == set(b.spikes) and set(a.traces) == set(b.traces)
    for name, trains in a.spikes.items():
        assert np.array_equal(trains.times, b.spikes[name].times) and np.array_equal(trains.ids, b.spikes[name].ids)
    for name, traces in a.traces.items():
        for variable, trace in traces.items():
            assert np.array_equal(trace.values, b.traces[name][variable].values)
    return sum(map(len, a.spikes.values()))


@pytest.mark.parametrize("file", ["simulation_config.json", "circuit_config.json", ""])
@pytest.mark.parametrize("name", NETWORKS)
def test_same_spikes(name: str, file: str, tmp_path: Path) -> None:
    net = NETWORKS[name]()
    folder = net.to_sonata(tmp_path / "deep" / "circuit", duration=80.0)
    again = ss.from_sonata(folder / file)
    assert again.seed == net.seed and list(again.populations) == list(net.populations)
    assert [p.name for p in again.projections] == [p.name for p in net.projections]
    assert same(net, again) > 100
    assert ss.from_sonata(folder, seed=4).seed == 4


def test_same_spikes_in_bmtk(tmp_path: Path) -> None:
    """The other dialect, with a background as virtual nodes that are none of ours."""
    net = ss.Network(seed=1)
    e = net.population("e", 30, LIF._replace(I_e=ss.uniform(150.0, 210.0)), v=ss.uniform(-60.0, -50.0))
    net.connect(e, e, ss.fixed_indegree(4), weight=20.1, delay=1.1, synapse=ss.Exponential(5.0))
    net.background(e, rate=2000.0, weight=8.0, synapse=ss.Exponential(5.0))
    net.inject(e, ss.DC(25.0, start=20.0))
    net.record(e, "spikes")
    folder = net.to_sonata(tmp_path, "bmtk", duration=80.0)
    assert same(net, ss.from_sonata(folder / "simulation_config.json")) > 50
    with h5py.File(folder / "nodes.h5") as file:
        assert set(file["nodes"]) == {"e", "background of e"} and not len(file["nodes/e/0"])
        assert len(set(file["nodes/e/node_type_id"][()])) == 30  # parameters stand in files, one a type
    assert len(list((folder / "point_neuron_models").iterdir())) == 30


@pytest.mark.slow
def test_every_network_of_the_engines(tmp_path: Path) -> None:
    """Whatever the engines are held to comes back."""
    from engine.cases import NETWORKS as ALL

    refused = []
    for name, (build, _) in ALL.items():
        try:
            folder = build().to_sonata(tmp_path / name, duration=80.0)
        except errors.InvalidValueError as error:
            refused.append(f"{name}: {error}")
            continue
        assert same(build(), ss.from_sonata(folder)) > 30, name
    wordless = ("WhiteNoise", "gap junctions", "into=", "not plain Poisson")  # the format has no words for them
    assert [text for text in refused if not any(what in text.partition("no words for")[2] for what in wordless)] == []


def test_layout(tmp_path: Path) -> None:
    """What the readers ask for: types, attributes, links; indices against the obvious search."""
    net = currents()
    folder = net.to_sonata(tmp_path, duration=20.0)
    with h5py.File(folder / "nodes.h5") as file:
        assert file.attrs["magic"] == 0x0A7A and file.attrs["magic"].dtype == np.uint32
        assert file.attrs["version"].tolist() == [0, 1]
        group = file["nodes/exc"]
        kinds = {k: group[k].dtype for k in ("node_type_id", "node_id", "node_group_id", "node_group_index")}
        assert list(kinds.values()) == [np.int32, np.uint64, np.uint32, np.uint64] and set(group) - set(kinds) == {"0"}
        columns = group["0"]
        assert columns["x"].dtype == np.float32
        assert np.allclose(columns["y"][()], 1000.0 * net["exc"].positions[:, 1], rtol=1e-6)  # um
        assert {"threshold_current", "holding_current", "tau_m", "I_e"} <= set(columns["dynamics_params"])
        assert all(d.dtype == np.float32 for d in columns["dynamics_params"].values())
        assert columns["model_template"].asstr()[0] == "spikesim:LIF"  # two kinds of synapse: NEST has no such neuron
        assert file["nodes/in put/0/model_type"].asstr()[0] == "virtual"
        assert columns["synapse_class"].asstr()[0] == "EXC" and file["nodes/inh/0/synapse_class"].asstr()[0] == "INH"
    with h5py.File(folder / "edges.h5") as file:
        assert "E (exc to inh)" in file["edges"]
        for name, edges in file["edges"].items():
            source, target = edges["source_node_id"][()], edges["target_node_id"][()]
            assert np.array_equal(np.lexsort((source, target)), np.arange(source.size)), name
            assert edges["edge_type_id"].dtype == np.int32 and edges["0/delay"].dtype == np.float32
            for side, ids in (("source_to_target", source), ("target_to_source", target)):
                index = edges["indices"][side]
                assert index["node_id_to_range"] == index["node_id_to_ranges"]  # one object, two names
                assert index["node_id_to_ranges"].dtype == index["range_to_edge_id"].dtype == np.uint64
                ranges = index["range_to_edge_id"][()]
                for node, (a, b) in enumerate(index["node_id_to_ranges"][()].tolist()):
                    own = [k for lo, hi in ranges[a:b].tolist() for k in range(lo, hi)]
                    assert own == np.flatnonzero(ids == node).tolist()
        for dataset in (file["edges/E (exc to exc)/0/syn_weight"], file["edges/E (exc to exc)/source_node_id"]):
            assert dataset.compression is None and dataset.chunks
        assert file["edges/E (exc to exc)/edge_group_id"].id.get_storage_size() == 0  # a constant takes no room
    config = json.loads((folder / "simulation_config.json").read_text("utf-8"))
    assert config["run"] == {"tstop": 20.0, "dt": 0.1, "random_seed": 5}
    dc = [entry for entry in config["inputs"].values() if entry["module"] == "linear" and entry["delay"] == 10.0]
    assert sorted(entry["amp_start"] for entry in dc) == pytest.approx(np.linspace(0.030, 0.031, 15))  # nA
    report = config["reports"]["exc v"]
    assert (report["dt"], report["unit"], report["variable_name"]) == (0.5, "mV", "v")
    sets = json.loads((folder / "node_sets.json").read_text("utf-8"))
    assert sets[report["cells"]] == {"population": "exc", "node_id": [0, 1, 2]}


def test_sources_send_what_they_send(tmp_path: Path) -> None:
    """The spikes for others are those of a run."""
    net = ss.Network(seed=9)
    source = net.population("source", 3, ss.Poisson([100.0, 200.0, 300.0]))
    net.record(source, "spikes")
    folder = net.to_sonata(tmp_path, duration=50.0)
    train = net.run(50.0, progress=False).spikes["source"]
    with h5py.File(folder / "source_spikes.h5") as file:
        assert np.array_equal(file["spikes/source/timestamps"][()], train.times) and len(train) > 10
        assert np.array_equal(file["spikes/source/node_ids"][()], train.ids)


def test_what_was_changed_counts(tmp_path: Path) -> None:
    """Numbers that somebody edits are taken, the others keep all their digits."""
    net = ss.Network(seed=1)
    e = net.population("e", 4, LIF._replace(I_e=np.array([0.1, 0.2, 0.3, 0.4])))
    W = np.array([0.1, 0.2, 0.3])
    net.connect(e, e, ss.from_pairs([0, 1, 2], [1, 2, 3]), weight=W, delay=1.1, synapse=ss.Exponential(5.0), name="p")
    net.inject(e, ss.DC(5.0))
    folder = net.to_sonata(tmp_path)
    with h5py.File(folder / "edges.h5", "r+") as file:
        file["edges/p/0/syn_weight"][1] = 7.5
    with h5py.File(folder / "nodes.h5", "r+") as file:
        file["nodes/e/0/dynamics_params/I_e"][2] = 9.0
        file["nodes/e/0/dynamics_params/t_ref"][...] = 3.0
    path = folder / "simulation_config.json"
    config = json.loads(path.read_text("utf-8"))
    config["inputs"]["stimulus of e"]["amp_start"] = config["inputs"]["stimulus of e"]["amp_end"] = 0.125
    path.write_text(json.dumps(config), "utf-8")
    again = ss.from_sonata(path)
    assert again.projections[0].weight.tolist() == [0.1, 7.5, 0.3] and again.projections[0].delay == 1.1
    model = again["e"].model
    assert np.allclose(model.I_e, [0.1, 0.2, 9.0, 0.4], rtol=1e-7) and model.t_ref == 3.0 and model.tau_m == 20.0
    assert again.injections[0].stimulus.amplitude == 125.0
    with h5py.File(folder / "nodes.h5", "r+") as file:
        file["nodes/e/0/dynamics_params/tau_syn_ex"][...] = 3.0
    with pytest.raises(errors.FileFormatError, match="tau_syn_ex is another than when spikesim wrote it"):
        ss.from_sonata(path)


def test_refused(tmp_path: Path) -> None:
    """All that a dialect has no words for, in one message, and nothing is written."""
    net = conductances()
    net.inject(net["e"], ss.WhiteNoise(3.0), name="noise")
    with pytest.raises(errors.InvalidValueError, match="inject 'noise': WhiteNoise"):
        net.to_sonata(tmp_path / "a")
    other = ss.Network()
    cells = other.population("wb", 3, ss.WangBuzsaki())
    lif = other.population("lif", 3, ss.LIF(), v=lambda p: p.E_L)
    many = ss.STDP(A_plus=0.1, A_minus=0.1, w_max=9.0)
    other.connect(cells, lif, ss.all_to_all(), weight=1.0, delay=1.0, synapse=ss.Exponential(2.0), plasticity=many)
    other.inject(lif, ss.DC(3.0))
    with pytest.raises(errors.InvalidValueError) as found:
        other.to_sonata(tmp_path / "a", dialect="bmtk")
    for part in ("population 'wb': NEST has no WangBuzsaki", "STDP", "a current that begins at 0 ms", 'dialect="obi"'):
        assert part in str(found.value)
    assert not (tmp_path / "a").exists()
    for wrong, kind in (({"dialect": "x"}, "dialect"), ({"duration": 0.0}, "duration"), ({"duration": 0.05}, "dt")):
        with pytest.raises(errors.InvalidValueError, match=kind):
            other.to_sonata(tmp_path / "a", **wrong)
    with pytest.raises(errors.InvalidTypeError, match="wanted a folder, got int 3"):
        other.to_sonata(3)
    other.to_sonata(tmp_path / "b")
    with pytest.raises(errors.OutputFileError, match="exists already"):
        other.to_sonata(tmp_path / "b")
    other.to_sonata(tmp_path / "b", overwrite=True)
    (tmp_path / "file").write_text("x")
    with pytest.raises(errors.OutputFileError, match="cannot be written"):
        other.to_sonata(tmp_path / "file" / "c")


def test_empty(tmp_path: Path) -> None:
    """No synapses, no neurons, no projections."""
    net = ss.Network()
    cells, nobody = net.population("cells", 3, ss.LIF(I_e=500.0)), net.population("nobody", 0, ss.LIF())
    for k, pre in enumerate((cells, nobody)):
        rule = ss.fixed_probability(0.0)
        net.connect(pre, cells, rule, weight=1.0, delay=1.0, synapse=ss.Exponential(2.0), name=f"{k}")
    net.record(cells, "spikes")
    again = ss.from_sonata(net.to_sonata(tmp_path))
    assert same(net, again) == 3 * 5 and again.projections[1].rule.pre.size == 0
