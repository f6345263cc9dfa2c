"""A network as a SONATA circuit and simulation.

============================ ===================================================================================
nodes.h5, node_types.csv     the populations; sources are virtual ones
edges.h5, edge_types.csv     the projections, one population of edges a pair of populations
<source>_spikes.h5           what each source sends during the simulation
circuit_config.json          what stands where
simulation_config.json       run, inputs, reports, output
node_sets.json               the neurons that inputs and reports speak of
point_neuron_models/*.json   parameters of each type of node (dialect "bmtk"); synaptic_models/*.json: none
============================ ===================================================================================

Two dialects are needed: libsonata and bluepysnap want text and parameters as columns of HDF5 and populations with
types; BMTK lets such columns win over its tables, leaves their text as bytes, and reads no parameters there.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from ...errors import InvalidTypeError, InvalidValueError, OutputFileError, warn
from ...grid import Grid
from ...keywords import named
from ...kinds import one_of
from ...network import checked
from ...network.network import Network
from ...neurons.sources import Poisson, SpikeTimes
from . import nodes, own
from .columns import stamp
from .edges import EdgePopulation
from .inputs import Entries, sends, spike_file
from .nest import PREFIX
from .resolved import Resolved

__all__ = ["DIALECTS", "to_sonata"]

DIALECTS = ("obi", "bmtk")
FILES = ("nodes.h5", "edges.h5", "node_types.csv", "edge_types.csv", "node_sets.json", "circuit_config.json",
         "simulation_config.json")  # fmt: skip
STATIC, SYNAPSES = "static_synapse", "synaptic_models"


@named
def to_sonata(
    net: Network,
    folder: Any,
    dialect: str = "obi",
    *,
    duration: float = 1000.0,
    dt: float = 0.1,
    overwrite: bool = False,
) -> Path:
    """Write a network as SONATA; see :meth:`Network.to_sonata`."""
    if not isinstance(folder, (str, os.PathLike)):
        raise InvalidTypeError(f"to_sonata: wanted a folder, got {type(folder).__name__} {folder!r:.60}")
    one_of("to_sonata: dialect", dialect, DIALECTS)
    duration = checked.number("to_sonata: duration (ms)", duration, above=0.0)
    grid = Grid(dt)
    grid.steps(duration, "to_sonata: duration", least=1)
    writer = _Writer(net, Path(folder), dialect, duration, grid.dt)
    taken = [name for name in writer.names if (writer.folder / name).exists()]
    if taken and not overwrite:
        path = str(writer.folder / taken[0])
        raise OutputFileError(f"to_sonata: {path!r} exists already; give another folder, or overwrite=True")
    try:
        writer.folder.mkdir(parents=True, exist_ok=True)
        for name in taken:
            (writer.folder / name).unlink()
        writer.write()
        writer.say_what_is_ours()
    except OSError as error:
        if isinstance(error, OutputFileError):
            raise
        reason = error.strerror or error
        raise OutputFileError(f"to_sonata: {str(writer.folder)!r} cannot be written: {reason}") from error
    return writer.folder


class _Writer:
    """One network on its way into a folder."""

    def __init__(self, net: Network, folder: Path, dialect: str, duration: float, dt: float) -> None:
        self.net, self.folder, self.dialect, self.duration, self.dt = net, folder, dialect, duration, dt
        self.resolved = Resolved(net, dt)
        self.entries = Entries(self.resolved, dialect, duration)
        taken: set[str] = set()
        self.edges = {p.name: own.edge_names(p, taken) for p in net.projections}
        #: For BMTK, backgrounds as populations of virtual nodes: their names and edges.
        self.virtual = net.backgrounds if dialect == "bmtk" else []
        self.drive = {b.name: {p.name: f"{b.name} to {p.name}" for p in b.target.populations} for b in self.virtual}
        self.description = own.describe(self.resolved, self.edges)
        self._refuse()
        self.types = nodes.Types(self.resolved, dialect, self.drive)
        sources = [name for name, cell in self.resolved.cells.items() if sends(cell.model)]
        self.spikes = {name: spike_file(name) for name in (*sources, *self.drive)}
        self.names = (*FILES, *self.spikes.values())

    @property
    def base(self) -> str:
        """The folder of the configuration: "." for BMTK is where it is called."""
        return "." if self.dialect == "obi" else "${configdir}"

    def _refuse(self) -> None:
        """Refuse what the dialect cannot say."""
        refused = self.entries.refused + own.strange(self.description)
        refused += [f"gap junctions {c.name!r}" for c in self.net.couplings]
        if self.dialect == "bmtk":
            for name, neurons in self.resolved.neurons.items():
                if neurons.template is None and not neurons.cell.source:
                    refused.append(f"population {name!r}: {neurons.why}")
            for p in self.net.projections:
                refused += [
                    f"projection {p.name!r}: {what!r}" for what in (p.plasticity, p.release) if what is not None
                ]
            both = [name for name in self.drive if name in self.net.populations]
            refused += [f"background {name!r} has the name of a population; give it another" for name in both]
        if refused:
            raise InvalidValueError(
                f"to_sonata: SONATA (dialect {self.dialect!r}) has no words for: {'; '.join(refused)}"
                + ('; dialect="obi" has more' if self.dialect == "bmtk" else "; leave it out, or change it")
            )

    def say_what_is_ours(self) -> None:
        """Warn of what only we find in the files again."""
        weights = ", ".join(repr(p.projection.name) for p in self.net.weight_probes)
        if weights:
            warn(
                f"to_sonata: left out, as no report of SONATA has weights: the recording of {weights}; from_sonata, "
                "which finds it beside, records them again"
            )

    def write(self) -> None:
        """Write all files, those that say what stands where last."""
        with h5py.File(self.folder / "nodes.h5", "w") as file:
            stamp(file)
            file.create_group("nodes")
            nodes.write_nodes(file, self.resolved, self.dialect, self.types)
            own.write_description(file, self.description)
            for b in self.virtual:
                nodes.nodes_of(file, b.name, b.target.size, self.types.of[b.name])
        self._text("node_types.csv", nodes.node_table(self.folder, self.resolved, self.dialect, self.types))
        types = ["edge_type_id model_template dynamics_params target_query source_query"]
        with h5py.File(self.folder / "edges.h5", "w") as file:
            stamp(file)
            file.create_group("edges")
            for p in self.net.projections:
                self._projection(file, p, types)
            for b in self.virtual:
                self._background(file, b, types)
        if self.dialect == "bmtk":  # which asks for a file of parameters, though there are none
            (self.folder / SYNAPSES).mkdir(exist_ok=True)
            self._json(f"{SYNAPSES}/{STATIC}.json", {})
        self._text("edge_types.csv", "\n".join(types) + "\n")
        self._spike_files()
        self._json("node_sets.json", self.entries.sets.entries)
        self._json("circuit_config.json", self._circuit())
        self._json("simulation_config.json", self._simulation())

    def _edges(self, file: h5py.File, name: str, pre: Any, post: Any, types: list[str], **given: Any) -> EdgePopulation:
        kind, template = nodes.FIRST_TYPE + len(types) - 1, given.pop("template")
        column = template if self.dialect == "obi" else None
        model, parameters = (template.removeprefix(PREFIX), f"{STATIC}.json") if column is None else (template, "NULL")
        types.append(f"{kind} {model} {parameters} NULL NULL")
        return EdgePopulation(file, name, pre, post, edge_type=kind, template=column, **given)

    def _projection(self, file: h5py.File, p: Any, types: list[str]) -> None:
        wiring = self.resolved.wiring(p)
        weight, exact = wiring.constant, wiring.weight_type is np.float32
        delay = float(wiring.min_delay) if wiring.delay_law is None and wiring.min_delay == wiring.max_delay else None
        if not np.ndim(p.delay) and isinstance(p.delay, float):
            delay = p.delay
        made: dict[tuple[str, str], EdgePopulation] = {}
        cells = self.resolved.cells
        for (a, b), name in self.edges[p.name].items():
            neurons = self.resolved.neurons[b]
            static = neurons.template is not None and p.plasticity is None and p.release is None
            classes = [type(x).__name__ for x in (p.synapse, p.plasticity, p.release) if x is not None]
            template = PREFIX + STATIC if static else f"spikesim:{'+'.join(classes)}"
            given = {"factor": neurons.factor(p.synapse), "weight": weight, "delay": delay, "exact": exact}
            given["expected"] = wiring.expected / len(self.edges[p.name])
            made[a, b] = self._edges(
                file, name, (a, cells[a].size), (b, cells[b].size), types, template=template, **given
            )
        for block in self.resolved.blocks(p, wiring):
            made[block.pre, block.post].append(block.source, block.target, block.weight, block.delay)
        for population in made.values():
            population.finish()

    def _background(self, file: h5py.File, b: Any, types: list[str]) -> None:
        """One virtual node a target, by a delay of one step."""
        place = 0
        made: dict[str, EdgePopulation] = {}
        lists: dict[str, list[Any]] = {}
        for population, ids in b.target.parts:
            lists.setdefault(population.name, []).append(np.stack([np.arange(place, place + ids.size), ids]))
            place += ids.size
        for name, title in self.drive[b.name].items():
            factor = self.resolved.neurons[name].factor(b.synapse)
            pre, post = (b.name, b.target.size), (name, self.resolved.cells[name].size)
            given = {
                "factor": factor,
                "weight": float(b.weight),
                "delay": self.dt,
                "exact": True,
                "expected": b.target.size,
            }
            made[name] = self._edges(file, title, pre, post, types, template=PREFIX + STATIC, **given)
            source, target = np.concatenate(lists[name], axis=1)
            order = np.argsort(target)
            made[name].append(source[order], target[order], np.zeros(0), np.zeros(0))
            made[name].finish()

    def _spike_files(self) -> None:
        for name, cell in self.resolved.cells.items():
            if isinstance(cell.model, SpikeTimes):
                trains = cell.model.times
                ids = np.repeat(np.arange(len(trains)), [t.size for t in trains])
                times = np.concatenate([np.zeros(0), *trains])
                within = times <= self.duration
                self._listed(name, times[within], ids[within])
            elif sends(cell.model):
                self._drawn(name, cell.size, cell.model._replace(**cell.parameters))
        for b in self.virtual:
            self._drawn(b.name, b.target.size, Poisson(b.rates))

    def _listed(self, name: str, times: np.ndarray, ids: np.ndarray) -> None:
        order = np.lexsort((ids, times))
        with h5py.File(self.folder / self.spikes[name], "w") as file:
            stamp(file)
            group = file.create_group(f"spikes/{name}")
            names = {"none": 0, "by_id": 1, "by_time": 2}
            group.attrs.create("sorting", names["by_time"], dtype=h5py.enum_dtype(names, np.int8))
            group.create_dataset("timestamps", data=times[order]).attrs["units"] = "ms"
            group.create_dataset("node_ids", data=ids[order].astype("<u8"))

    def _drawn(self, name: str, size: int, model: Any) -> None:
        """The spikes of a source in a run: the same as in a run of the whole network."""
        alone = Network(seed=self.net.seed)
        alone.record(alone.population(name, size, model), "spikes")
        path = self.folder / self.spikes[name]
        alone.run(self.duration, dt=self.dt, out=path, progress=False, overwrite=True)

    def _circuit(self) -> dict[str, Any]:
        node, edge = ("brian2_point", "brian2_synapse") if self.dialect == "obi" else ("point_process", "point_process")
        kinds = {name: "virtual" if cell.source else node for name, cell in self.resolved.cells.items()}
        kinds |= dict.fromkeys(self.drive, "virtual")
        names = [name for found in self.edges.values() for name in found.values()]
        names += [name for drive in self.drive.values() for name in drive.values()]
        networks: dict[str, Any] = {"nodes": [], "edges": []}
        for what, title, types in (("node", "nodes", kinds), ("edge", "edges", dict.fromkeys(names, edge))):
            entry = {f"{title}_file": f"$BASE_DIR/{title}.h5", f"{what}_types_file": f"$BASE_DIR/{what}_types.csv"}
            entry |= {"populations": {name: {"type": kind} for name, kind in types.items()}}  # type: ignore[dict-item]
            networks[title] = [entry] if types else []
        found: dict[str, Any] = {"version": 2, "manifest": {"$BASE_DIR": self.base}}
        if self.dialect == "bmtk":
            found["components"] = {
                "point_neuron_models_dir": f"$BASE_DIR/{nodes.MODELS}", "synaptic_models_dir": f"$BASE_DIR/{SYNAPSES}"
            }  # fmt: skip
        return found | {"node_sets_file": "$BASE_DIR/node_sets.json", "networks": networks}

    def _simulation(self) -> dict[str, Any]:
        run: dict[str, Any] = {"tstop": self.duration, "dt": self.dt, "random_seed": self.net.seed % 2**31}
        output = {"output_dir": "$OUTPUT_DIR", "spikes_file": "spikes.h5", "spikes_sort_order": "by_time"}
        manifest = {"$BASE_DIR": self.base, "$OUTPUT_DIR": f"{self.base}/output"}
        found: dict[str, Any] = {"version": 2, "manifest": manifest}
        if self.dialect == "bmtk":
            run["overwrite_output_dir"] = True
            output["log_file"] = "log.txt"
            output["spikes_sort_order"] = "time"
            found["target_simulator"] = "NEST"
        return found | {
            "network": "$BASE_DIR/circuit_config.json",
            "node_sets_file": "$BASE_DIR/node_sets.json",
            "run": run,
            "output": output,
            "inputs": self.entries.inputs,
            "reports": self.entries.reports,
        }

    def _text(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, "utf-8", newline="\n")

    def _json(self, name: str, value: Any) -> None:
        self._text(name, json.dumps(value, indent=2, ensure_ascii=False) + "\n")
