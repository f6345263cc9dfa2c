"""A circuit as it stands in files: populations of nodes and of edges, whose attributes are looked up when asked for.

An attribute of a node stands in its HDF5 group, in that group's dynamics_params, in the table of its type, or in the
file of parameters that the table names; the first of these that has it counts.
"""

from __future__ import annotations

import json
import os
from functools import cached_property
from typing import Any

import numpy as np

from ...errors import FileFormatError
from .opened import Config, SonataFile, table
from .own import read_description

__all__ = ["Circuit", "Edges", "Nodes"]


class _Population:
    """What nodes and edges have in common: types, groups, attributes."""

    what = "node"

    def __init__(self, path: str, name: str, types: dict[int, dict[str, Any]], folders: dict[str, str]) -> None:
        self.path, self.name, self.types, self.folders = path, name, types, folders
        self.root = f"/{self.what}s/{name}"
        with self.opened() as file:
            if not file.has(f"{self.root}/{self.what}_type_id"):
                raise file.error(f"{self.root}: there is no column {self.what}_type_id")
            self.size = file.rows(f"{self.root}/{self.what}_type_id")

    def opened(self) -> SonataFile:
        """Open the file."""
        return SonataFile(self.path)

    @cached_property
    def type_ids(self) -> np.ndarray:
        """The type of each."""
        with self.opened() as file:
            return file.column(f"{self.root}/{self.what}_type_id", "iu", self.size).astype(np.int64)

    @cached_property
    def used_types(self) -> dict[int, dict[str, Any]]:
        """The rows of the table of types that are used."""
        found = np.unique(self.type_ids).tolist()
        missing = [k for k in found if k not in self.types]
        if missing and self.types:
            raise FileFormatError(
                f"{self.path!r}: {self.root}: type {missing[0]} is not in the table of types ({len(missing)} such)"
            )
        return {k: self.types.get(k, {}) for k in found}

    @cached_property
    def groups(self) -> list[tuple[str, np.ndarray, np.ndarray]]:
        """The groups of attributes: name, who is in it, and in which row."""
        with self.opened() as file:
            root, what = self.root, self.what
            if not self.size or not file.has(f"{root}/{what}_group_id"):
                everybody = np.arange(self.size)
                return [("0", everybody, everybody)] if file.has(f"{root}/0") else []
            group = file.column(f"{root}/{what}_group_id", "iu", self.size)
            row = file.column(f"{root}/{what}_group_index", "iu", self.size).astype(np.int64)
        return [(str(g), np.flatnonzero(group == g), row[group == g]) for g in np.unique(group).tolist()]

    def of_group(self, name: str) -> np.ndarray | None:
        """Return an attribute from the groups; None where not all have it."""
        found: np.ndarray | None = None
        with self.opened() as file:
            for group, who, row in self.groups:
                values = file.values(f"{self.root}/{group}", name)
                if values is None:
                    return None
                if row.size and (row.min() < 0 or row.max() >= len(values)):
                    raise file.error(f"{self.root}/{group}/{name}: has {len(values)} rows, {int(row.max()) + 1} wanted")
                if found is None:
                    found = np.empty(self.size, values.dtype)
                found = found.astype(np.result_type(found, values)) if found.dtype != values.dtype else found
                found[who] = values[row]
        return found

    def attribute(self, name: str, default: Any = None) -> Any:
        """Return an attribute of all: an array, or `default` where nobody has it."""
        found = self.of_group(name)
        if found is not None:
            return found
        by_type = {k: row.get(name) for k, row in self.used_types.items()}
        return self._spread(by_type, default)

    def _spread(self, by_type: dict[int, Any], default: Any) -> Any:
        """One value a member from one a type: one for all where there is one only."""
        if all(value is None for value in by_type.values()):
            return default
        known = {k: default if value is None else value for k, value in by_type.items()}
        different = list(dict.fromkeys(known.values()))
        if len(different) == 1:
            return different[0]
        kinds = np.array(list(known), np.int64)
        values = list(known.values())
        column = np.array(values, object if any(isinstance(v, (str, type(None))) for v in values) else np.float64)
        return column[np.searchsorted(kinds, self.type_ids)]

    def parameter_files(self, folder: str) -> dict[int, dict[str, Any]]:
        """Return the parameters in the JSON files that the table of types names, by type."""
        found = {}
        for k, row in self.used_types.items():
            name = row.get("dynamics_params")
            found[k] = {} if name is None else self._parameter_file(str(name), folder)
        return found

    def _parameter_file(self, name: str, folder: str) -> dict[str, Any]:
        if folder not in self.folders:
            raise FileFormatError(f"{self.root}: {name!r}: the circuit names no {folder} among its components")
        path = os.path.join(self.folders[folder], name)
        if not os.path.isfile(path):
            raise FileFormatError(f"{self.root}: there is no file of parameters {path!r}")
        value = Config(path)
        return {key: value[key] for key in value}


class Nodes(_Population):
    """A population of nodes."""

    what = "node"

    def __init__(self, path: str, name: str, types: Any, folders: dict[str, str], kind: str | None) -> None:
        super().__init__(path, name, types, folders)
        with self.opened() as file:
            if file.has(f"{self.root}/node_id"):
                ids = file.column(f"{self.root}/node_id", "iu", self.size)
                if not np.array_equal(ids, np.arange(self.size)):
                    raise file.error(f"{self.root}/node_id: wanted 0 ... {self.size - 1} in this order")
        self.kind = kind

    def parameters(self) -> dict[str, Any]:
        """Return the parameters of the nodes: one for all, or an array."""
        found: dict[str, Any] = {}
        files = self.parameter_files("point_neuron_models_dir") if any(
            row.get("dynamics_params") for row in self.used_types.values()) else {}  # fmt: skip
        for name in dict.fromkeys(n for one in files.values() for n in one):
            found[name] = self._spread({k: one.get(name) for k, one in files.items()}, None)
        with self.opened() as file:
            names = {n for g, _, _ in self.groups if file.has(f"{self.root}/{g}/dynamics_params")
                     for n in file.names(f"{self.root}/{g}/dynamics_params")}  # fmt: skip
        for name in sorted(names):
            found[name] = self.of_group(f"dynamics_params/{name}")
        return found

    @property
    def virtual(self) -> bool:
        """Whether the nodes only send spikes."""
        if self.kind is not None:
            return self.kind == "virtual"
        found = self.attribute("model_type")
        if isinstance(found, np.ndarray):
            if "virtual" in set(found) and set(found) != {"virtual"}:
                raise FileFormatError(f"{self.path!r}: {self.root}: some nodes are virtual and some are not")
            return "virtual" in set(found)
        return found == "virtual"


class Edges(_Population):
    """A population of edges."""

    what = "edge"

    def __init__(self, path: str, name: str, types: Any, folders: dict[str, str], nodes: dict[str, Nodes]) -> None:
        super().__init__(path, name, types, folders)
        with self.opened() as file:
            self.sides = []
            for side in ("source", "target"):
                where = f"{self.root}/{side}_node_id"
                if not file.has(where):
                    raise file.error(f"{where}: there is no such column")
                title = file.word(where, "node_population")
                if title not in nodes:
                    raise file.error(f"{where}: its nodes are {title!r}, which the circuit does not have")
                self.sides.append(nodes[title])

    @property
    def source(self) -> Nodes:
        """The population that sends."""
        return self.sides[0]

    @property
    def target(self) -> Nodes:
        """The population that receives."""
        return self.sides[1]

    def pairs(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the source and target of each edge."""
        with self.opened() as file:
            found = [
                file.ids(f"{self.root}/{side}_node_id", nodes.size, self.size)
                for side, nodes in zip(("source", "target"), self.sides)
            ]
        return found[0], found[1]


class Circuit:
    """All populations of a circuit_config.json."""

    def __init__(self, path: str) -> None:
        self.config = config = Config(path)
        self.folders = {
            name: config.resolved(value, f"components: {name}")
            for name, value in config.section("components").items()
            if isinstance(value, str) and name in ("point_neuron_models_dir", "synaptic_models_dir")
        }
        self.nodes: dict[str, Nodes] = {}
        self.edges: dict[str, Edges] = {}
        self.description: dict[str, Any] | None = None
        networks = config.section("networks")
        for title, key in (("nodes", "node"), ("edges", "edge")):
            entries = networks.get(title, [])
            if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
                raise config.error(f"networks: {title}: wanted a list of objects")
            for entry in entries:
                self._add(title, key, entry)
        if not self.nodes:
            raise config.error("networks: there are no nodes")

    def _add(self, title: str, key: str, entry: dict[str, Any]) -> None:
        config = self.config
        path = config.resolved(entry.get(f"{title}_file"), f"networks: {title}: {title}_file")
        given, types = entry.get(f"{key}_types_file"), {}
        if given not in (None, "NULL", ""):
            types = table(config.resolved(given, f"networks: {title}: {key}_types_file"), f"{key}_type_id")
        with SonataFile(path) as file:
            if not file.has(f"/{title}"):
                raise file.error(f"/{title}: there is no such group")
            names = file.names(f"/{title}")
            if title == "nodes" and self.description is None:
                self.description = read_description(file)
        wanted = entry.get("populations") or {}
        if not isinstance(wanted, dict):
            raise config.error(f"networks: {title}: populations: wanted an object with names")
        for name in wanted or names:
            if name not in names:
                raise config.error(f"networks: {title}: {path!r} has no population {name!r}")
            if title == "nodes":
                about = wanted.get(name) or {}
                self.nodes[name] = Nodes(path, name, types, self.folders, about.get("type"))
            else:
                self.edges[name] = Edges(path, name, types, self.folders, self.nodes)

    def node_sets(self, other: str | None = None) -> dict[str, Any]:
        """Return the sets of nodes by name."""
        path = other
        if path is None and self.config.get("node_sets_file"):
            path = self.config.resolved(self.config["node_sets_file"], "node_sets_file")
        if path is None:
            return {}
        found = Config(path)
        return json.loads(json.dumps({key: found[key] for key in found}))
