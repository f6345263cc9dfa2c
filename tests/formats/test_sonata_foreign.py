"""Circuits that others wrote.  Truth: the same network described by hand, bit for bit."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

import spikesim as ss
from spikesim import errors

TEXT = h5py.string_dtype()
PSC = {"tau_m": 20.0, "C_m": 200.0, "E_L": -60.0, "V_th": -50.0, "V_reset": -60.0, "t_ref": 5.0, "I_e": 230.0}
COND = {"g_L": 10.0, "C_m": 200.0, "E_L": -60.0, "V_th": -50.0, "V_reset": -60.0, "t_ref": 5.0, "E_in": -80.0}


def population(file: h5py.File, kind: str, name: str, types: list[int], **columns: Any) -> h5py.Group:
    """Nodes or edges as BMTK's builder writes them: compressed, one group."""
    group = file.create_group(f"{kind}s/{name}")
    n = len(types)
    group[f"{kind}_type_id"] = np.array(types, np.int64)
    group[f"{kind}_group_id"], group[f"{kind}_group_index"] = np.zeros(n, np.int64), np.arange(n)
    if kind == "node":
        group["node_id"] = np.arange(n)
    for title, values in columns.items():
        group.create_dataset(f"0/{title}", data=values, compression="gzip")
    group.require_group("0")
    return group


def circuit(folder: Path) -> Path:
    """Two point neurons of NEST in one population, a virtual one with spikes, a current; parameters in CSV and JSON."""
    folder.mkdir()
    (folder / "models").mkdir()
    for name, value in (("psc", PSC | {"tau_syn_ex": 5.0, "tau_syn_in": 10.0, "V_m": -55.0}), ("cond", COND)):
        (folder / "models" / f"{name}.json").write_text(json.dumps(value), "utf-8")
    (folder / "models" / "static.json").write_text("{}", "utf-8")
    (folder / "node_types.csv").write_text(
        "node_type_id pop_name model_type model_template dynamics_params\n"
        "10 Scnn1a point_neuron nest:iaf_psc_exp psc.json\n"
        '20 "PV 1" point_neuron nest:iaf_cond_exp cond.json\n'
        "30 lgn virtual NULL NULL\n", "utf-8",
    )  # fmt: skip
    (folder / "edge_types.csv").write_text(
        "edge_type_id model_template syn_weight delay dynamics_params weight_function\n"
        "1 static_synapse 20.0 1.5 static.json wmax\n"
        "2 static_synapse -50.0 2.0 static.json NULL\n", "utf-8",
    )  # fmt: skip
    with h5py.File(folder / "nodes.h5", "w") as file:
        population(file, "node", "v1", [10, 10, 20, 10, 20])
        population(file, "node", "lgn", [30, 30, 30])
    with h5py.File(folder / "edges.h5", "w") as file:
        nsyns = np.array([1, 2, 1, 1, 1], np.uint8)
        inner = population(file, "edge", "v1_to_v1", [1, 1, 2, 1, 2], nsyns=nsyns)
        inner["source_node_id"], inner["target_node_id"] = np.array([0, 1, 2, 3, 4]), np.array([1, 2, 0, 4, 2])
        outer = population(file, "edge", "lgn_to_v1", [1] * 3, syn_weight=[400.0, 30.0, 25.0], delay=[1.0, 1.2, 1.4])
        outer["source_node_id"], outer["target_node_id"] = np.array([0, 1, 2]), np.array([0, 2, 4])
        for group, sides in ((inner, ("v1", "v1")), (outer, ("lgn", "v1"))):
            for side, name in zip(("source", "target"), sides):
                group[f"{side}_node_id"].attrs["node_population"] = name
    with h5py.File(folder / "lgn_spikes.h5", "w") as file:
        file["spikes/lgn/timestamps"] = np.array([10.0, 5.0, 5.5, 20.0])
        file["spikes/lgn/node_ids"] = np.array([0, 1, 2, 0])
        file["spikes/lgn/timestamps"].attrs["units"] = "ms"
    net = "$NETWORK_DIR"
    dump(folder / "circuit_config.json", {
        "manifest": {"$BASE_DIR": "${configdir}", net: "$BASE_DIR"},
        "components": {"point_neuron_models_dir": "$BASE_DIR/models", "synaptic_models_dir": "$BASE_DIR/models"},
        "networks": {
            "nodes": [{"nodes_file": f"{net}/nodes.h5", "node_types_file": f"{net}/node_types.csv"}],
            "edges": [{"edges_file": f"{net}/edges.h5", "edge_types_file": f"{net}/edge_types.csv"}],
        },
    })  # fmt: skip
    dump(folder / "simulation_config.json", {
        "manifest": {"$BASE_DIR": "${configdir}"},
        "run": {"tstop": 60.0, "dt": 0.1},
        "network": "$BASE_DIR/circuit_config.json",
        "inputs": {
            "lgn": {"input_type": "spikes", "module": "h5", "input_file": "$BASE_DIR/lgn_spikes.h5",
                    "node_set": {"population": "lgn"}},
            "clamp": {"input_type": "current_clamp", "module": "IClamp", "amp": 150.0, "delay": 10.0, "duration": 30.0,
                      "node_set": {"population": "v1", "node_id": [2, 4]}},
            "ramp": {"input_type": "current_clamp", "module": "linear", "amp_start": 0.01, "amp_end": 0.02,
                     "delay": 5.0, "duration": 20.0, "node_set": {"population": "v1", "pop_name": "Scnn1a"}},
        },
        "reports": {"v": {"cells": {"population": "v1"}, "variable_name": "V_m", "module": "multimeter_report",
                          "sections": "soma", "dt": 1.0}},
    })  # fmt: skip
    return folder


def dump(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value), "utf-8")


def by_hand() -> ss.Network:
    net = ss.Network()
    psc = net.population("v1.Scnn1a", 3, ss.LIF(**PSC), v=-55.0)
    lif = ss.LIF(tau_m=20.0, **{k: v for k, v in COND.items() if k not in ("g_L", "E_in")})
    cond = net.population("v1.PV 1", 2, lif, v=-70.0)  # NEST's start, whatever E_L is
    lgn = net.population("lgn", 3, ss.SpikeTimes([[10.0, 20.0], [5.0], [5.5]]))
    ex, inhib = ss.Exponential(5.0), ss.Exponential(10.0)
    g_ex, g_in = ss.ConductanceExponential(0.2, 0.0), ss.ConductanceExponential(2.0, -80.0)
    # nodes 0 1 2 3 4 of v1 are psc 0, psc 1, cond 0, psc 2, cond 1
    net.connect(psc, psc, ss.from_pairs([0], [1]), weight=20.0, delay=1.5, synapse=ex)
    net.connect(cond, psc, ss.from_pairs([0], [0]), weight=-50.0, delay=2.0, synapse=inhib)
    net.connect(psc, cond, ss.from_pairs([1, 2], [0, 1]), weight=np.array([40.0, 20.0]), delay=1.5, synapse=g_ex)
    net.connect(cond, cond, ss.from_pairs([1], [0]), weight=50.0, delay=2.0, synapse=g_in)
    net.connect(lgn, psc, ss.from_pairs([0], [0]), weight=400.0, delay=1.0, synapse=ex, name="a")
    pairs = ss.from_pairs([1, 2], [0, 1])
    net.connect(lgn, cond, pairs, weight=np.array([30.0, 25.0]), delay=np.array([1.2, 1.4]), synapse=g_ex, name="b")
    net.inject(cond, ss.DC(150.0, start=10.0, stop=40.0))
    net.inject(psc, ss.Waveform([5.0, 25.0, np.nextafter(25.0, 26.0)], [10.0, 20.0, 0.0]))
    net.record(psc + cond, "spikes", "v", every=1.0)
    return net


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return circuit(tmp_path_factory.mktemp("foreign") / "circuit")


def test_the_same_as_by_hand(folder: Path) -> None:
    found = ss.from_sonata(folder / "simulation_config.json")
    a, b = (net.run(60.0, progress=False) for net in (found, by_hand()))
    assert {name: len(t) for name, t in a.spikes.items()} == {name: len(t) for name, t in b.spikes.items()}
    assert len(a.spikes["v1.Scnn1a"]) > 3 and len(a.spikes["v1.PV 1"]) > 1
    for name, trains in a.spikes.items():
        assert np.array_equal(trains.times, b.spikes[name].times) and np.array_equal(trains.ids, b.spikes[name].ids)
        assert np.array_equal(a.traces[name]["v"].values, b.traces[name]["v"].values)


def test_a_circuit_alone(folder: Path) -> None:
    """Virtual nodes wait to be fed; nothing drives, nothing is recorded."""
    net = ss.from_sonata(folder / "circuit_config.json", seed=7)
    assert isinstance(net["lgn"].model, ss.SpikeInput) and not net.injections and net.seed == 7
    assert {p.name for p in net.projections} == {
        "v1_to_v1 onto v1.Scnn1a (ex)", "v1_to_v1 onto v1.Scnn1a (in)", "v1_to_v1 onto v1.PV 1 (ex)",
        "v1_to_v1 onto v1.PV 1 (in)", "lgn_to_v1 onto v1.Scnn1a", "lgn_to_v1 onto v1.PV 1",
    }  # fmt: skip


def test_what_the_user_says(folder: Path, tmp_path: Path) -> None:
    """Unknown models are refused, all of them, unless the user says what they are."""
    place = shutil.copytree(folder, tmp_path / "c")
    types = (place / "node_types.csv").read_text("utf-8")
    (place / "node_types.csv").write_text(types.replace("iaf_cond_exp", "mine"), "utf-8")
    with pytest.raises(errors.FileFormatError, match=r"model 'nest:mine' \(nodes 'v1', 2 of 5\); say what they are"):
        ss.from_sonata(place)
    g = ss.ConductanceExponential(0.2, 0.0), ss.ConductanceExponential(2.0, -80.0)

    def mine(p: dict[str, Any]) -> Any:
        assert p["g_L"] == 10.0 and p["E_in"] == -80.0
        return ss.QIF(), *g

    for key, known in (("nest:mine", mine), ("mine", (ss.QIF(), *g))):
        net = ss.from_sonata(place, models={key: known})
        assert net["v1.PV 1"].model == ss.QIF() and {p.synapse for p in net.projections if p.post.size == 2} == set(g)
    with pytest.raises(errors.FileFormatError, match="of whose synapses nothing is known"):
        ss.from_sonata(place, models={"nest:mine": ss.QIF()})
    with pytest.raises(errors.InvalidTypeError, match=r"models\['nest:mine'\]: wanted a model"):
        ss.from_sonata(place, models={"nest:mine": 3})
    with pytest.raises(errors.InvalidTypeError, match="models: wanted a mapping"):
        ss.from_sonata(place, models=ss.QIF())
    with pytest.raises(errors.InvalidTypeError, match="wanted a path"):
        ss.from_sonata(3)


MODELS = {
    "iaf_psc_alpha": (ss.LIF(), ss.Alpha(2.0), ss.Alpha(2.0)),
    "iaf_psc_delta": (ss.LIF(), ss.Delta(), ss.Delta()),
    "iaf_cond_alpha": (
        ss.LIF(tau_m=250.0 / 16.6667, V_reset=-60.0), ss.ConductanceAlpha(0.2, 0.0), ss.ConductanceAlpha(2.0, -85.0),
    ),
    "aeif_cond_exp": (ss.AdEx(), ss.ConductanceExponential(0.2, 0.0), ss.ConductanceExponential(2.0, -85.0)),
    "aeif_cond_alpha": (ss.AdEx(), ss.ConductanceAlpha(0.2, 0.0), ss.ConductanceAlpha(2.0, -85.0)),
    "aeif_psc_exp": (ss.AdEx(), ss.Exponential(0.2), ss.Exponential(2.0)),
    "izhikevich": (ss.Izhikevich(), ss.Delta(), ss.Delta()),
}  # fmt: skip


@pytest.mark.parametrize("name", MODELS)
def test_templates(name: str, folder: Path, tmp_path: Path) -> None:
    """NEST's neurons with NEST's own defaults."""
    place = shutil.copytree(folder, tmp_path / "c")
    (place / "models" / "cond.json").write_text("{}", "utf-8")
    types = (place / "node_types.csv").read_text("utf-8")
    (place / "node_types.csv").write_text(types.replace("iaf_cond_exp", name), "utf-8")
    net = ss.from_sonata(place / "circuit_config.json")
    model, excitatory, inhibitory = MODELS[name]
    assert net["v1.PV 1"].model == model
    synapses = {p.synapse for p in net.projections if p.post.size == 2}
    assert synapses == {excitatory, inhibitory}


def damage(name: str, place: Path) -> None:
    """One fault."""
    if name.endswith("json"):
        (place / name).write_text("{", "utf-8")
    elif name == "garbage":
        (place / "nodes.h5").write_bytes(b"no HDF5 at all" * 99)
    elif name == "no file":
        (place / "edges.h5").unlink()
    elif name == "no parameters":
        (place / "models" / "psc.json").unlink()
    elif name == "a short row":
        (place / "node_types.csv").write_text("node_type_id model_type\n10\n", "utf-8")
    elif name == "no type":
        (place / "node_types.csv").write_text("node_type_id model_type\n10 virtual\n", "utf-8")
    else:
        with h5py.File(place / "edges.h5", "r+") as file:
            group = file["edges/lgn_to_v1"]
            if name in ("out of range", "negative"):
                group["target_node_id"][0] = 99 if name == "out of range" else -1
            elif name == "no column":
                del group["source_node_id"]
            elif name == "another shape":
                del group["source_node_id"]
                group["source_node_id"] = np.zeros((3, 1), np.int64)
                group["source_node_id"].attrs["node_population"] = "lgn"
            elif name == "another length":
                del group["0/syn_weight"]
                group["0/syn_weight"] = np.ones(2)
            elif name == "text":
                del group["0/syn_weight"]
                group.create_dataset("0/syn_weight", data=["a", "b", "c"], dtype=TEXT)
            elif name == "not finite":
                group["0/delay"][1] = np.nan
            elif name == "no population":
                group["source_node_id"].attrs["node_population"] = "cortex"
            elif name == "a link":
                del group["0/delay"]
                group["0/delay"] = h5py.ExternalLink("/etc/passwd", "/x")


DAMAGES = {
    "circuit_config.json": "is no JSON", "simulation_config.json": "is no JSON", "garbage": "is no readable HDF5 file",
    "no file": "there is no file", "no parameters": "there is no file of parameters", "a short row": "line 2: wanted 2",
    "no type": "type .0 is not in the table", "out of range": "row 0: node 99 of 5", "negative": "row 0: node -1 of 5",
    "no column": "source_node_id: there is no such column", "another shape": "wanted a column",
    "another length": "rows, ", "text": "syn_weight: wanted numbers", "not finite": "row 1 is nan",
    "no population": "'cortex', which the circuit does not have", "a link": "links are not followed",
}  # fmt: skip


@pytest.mark.parametrize("name", DAMAGES)
def test_damaged(name: str, folder: Path, tmp_path: Path) -> None:
    """A named error, never another."""
    place = shutil.copytree(folder, tmp_path / "c")
    damage(name, place)
    with pytest.raises(errors.FileFormatError, match=DAMAGES[name]):
        ss.from_sonata(place / "simulation_config.json")


INPUTS = {
    "module": ({"module": "seclamp", "node_set": "v1"}, r"not known here: x \(seclamp\)"),
    "set": ({"module": "linear", "amp_start": 1.0, "node_set": "nobody"}, "there is no set of nodes 'nobody'"),
    "number": ({"module": "linear", "amp_start": "much", "node_set": "v1"}, "amp_start: wanted a number, got 'much'"),
    "node": ({"module": "linear", "amp_start": 1, "node_set": {"population": "v1", "node_id": [9]}}, "node 9 of 'v1'"),
    "attribute": ({"module": "linear", "amp_start": 1, "node_set": {"layer": "L4"}}, "have no attribute 'layer'"),
    "file": ({"module": "h5", "input_file": "$BASE_DIR/none.h5", "node_set": "lgn"}, "there is no file"),
    "variable": ({"module": "h5", "input_file": "$NOWHERE/none.h5", "node_set": "lgn"}, "manifest does not have"),
    "entry": ([], "x: wanted an object"),
}


@pytest.mark.parametrize("name", INPUTS)
def test_wrong_inputs(name: str, folder: Path, tmp_path: Path) -> None:
    place = shutil.copytree(folder, tmp_path / "c")
    config = json.loads((place / "simulation_config.json").read_text("utf-8"))
    config["inputs"]["x"], words = INPUTS[name]
    dump(place / "simulation_config.json", config)
    with pytest.raises(errors.FileFormatError, match=words):
        ss.from_sonata(place)


def test_spikes_as_text(folder: Path, tmp_path: Path) -> None:
    """CSV and the layout of 2018 say the same as HDF5."""
    wanted = ss.from_sonata(folder)["lgn"].model
    place = shutil.copytree(folder, tmp_path / "c")
    (place / "lgn.csv").write_text(
        "timestamps population node_ids\n10.0 lgn 0\n5.0 lgn 1\n5.5 lgn 2\n20.0 lgn 0\n", "utf-8"
    )
    with h5py.File(place / "old.h5", "w") as file:
        file["spikes/timestamps"], file["spikes/gids"] = [10.0, 5.0, 5.5, 20.0], [0, 1, 2, 0]
    config = json.loads((place / "simulation_config.json").read_text("utf-8"))
    for module, name in (("csv", "lgn.csv"), ("sonata", "old.h5")):
        config["inputs"]["lgn"] |= {"module": module, "input_file": f"$BASE_DIR/{name}"}
        dump(place / "simulation_config.json", config)
        assert ss.from_sonata(place)["lgn"].model == wanted


def test_damage_of_ours(tmp_path: Path) -> None:
    """Our own description does not go together with the files, or is damaged."""
    net = ss.Network()
    cells = net.population("cells", 5, ss.LIF())
    net.connect(cells, cells, ss.fixed_indegree(1), weight=1.0, delay=1.0, synapse=ss.Delta(), name="p")
    folder = net.to_sonata(tmp_path / "a")

    def broken(change: Any) -> Path:
        place = tmp_path / f"b{len(list(tmp_path.iterdir()))}"
        shutil.copytree(folder, place)
        with h5py.File(place / "nodes.h5", "r+") as nodes, h5py.File(place / "edges.h5", "r+") as edges:
            change(nodes, edges)
        return place

    def text(nodes: Any, old: bytes, new: bytes) -> None:
        found = nodes["spikesim/description"][()].tobytes()
        assert old in found
        del nodes["spikesim/description"]
        nodes["spikesim/description"] = np.frombuffer(found.replace(old, new), np.uint8)

    def sizes(nodes: Any, edges: Any) -> None:
        del nodes["nodes/cells/node_type_id"]
        nodes["nodes/cells/node_type_id"] = np.full(4, 100)
        nodes["nodes/cells/node_id"][...] = 0
        del nodes["nodes/cells/node_id"]

    for change, words in (
        (lambda n, e: text(n, b'"size":5', b'"size":6'), "5 nodes, 6 in the description"),
        (sizes, "4 nodes, 5 in the description"),
        (lambda n, e: text(n, b'"LIF"', b'"os.system"'), "'os.system', which is not declared"),
        (lambda n, e: text(n, b'"seed"', b'"sed"'), "is damaged: KeyError"),
        (lambda n, e: text(n, b"{", b"["), "cannot be read: JSONDecodeError"),
        (lambda n, e: n["spikesim"].attrs.__setitem__("format_version", np.int64(9)), "this release reads 1"),
        (lambda n, e: e["edges"].move("p", "q"), "no population 'p'"),
        (lambda n, e: e["edges/p/source_node_id"].__setitem__(0, 77), "row 0: node 77 of 5"),
    ):
        with pytest.raises(errors.FileFormatError, match=words):
            ss.from_sonata(broken(change))
