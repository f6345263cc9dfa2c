"""Nodes: one HDF5 group a population, the table of types, and for BMTK the files of parameters."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from .columns import constant, fill, text
from .nest import PREFIX, STATES
from .resolved import Neurons, Resolved

__all__ = [
    "FIRST_TYPE",
    "MODELS",
    "Types",
    "node_table",
    "nodes_of",
    "parameters_of",
    "quoted",
    "template_name",
    "write_nodes",
]

FIRST_TYPE = 100
MODELS = "point_neuron_models"
MICRO = 1e3  # um in a mm


def template_name(neurons: Neurons) -> str:
    """Return the name of a population's model: NEST's, where it has one, or ours."""
    if neurons.template is not None:
        return PREFIX + neurons.template.name
    return f"spikesim:{type(neurons.cell.model).__name__}"


def parameters_of(neurons: Neurons, dialect: str) -> dict[str, Any]:
    """Return what is written of the parameters of a population; for BMTK also where its states begin."""
    found = neurons.columns
    if dialect == "bmtk" and not neurons.cell.source:
        found = found | {STATES[s]: _one(x) for s, x in zip(neurons.cell.model.states, neurons.cell.initial)}
    return found


def _one(values: np.ndarray) -> Any:
    """One number where all are the same."""
    return float(values[0]) if values.size and (values == values[0]).all() else values


class Types:
    """The types of nodes: one a population; for BMTK, which reads no parameters from HDF5, one a set of parameters.

    Attributes
    ----------
    of : dict of str to int or int array
        The type of each node of a population.
    rows : list of (int, str, dict)
        Each type: its number, its population, its parameters.
    """

    def __init__(self, resolved: Resolved, dialect: str, extra: Iterable[str] = ()) -> None:
        self.of: dict[str, Any] = {}
        self.rows: list[tuple[int, str, dict[str, Any]]] = []
        for name, neurons in resolved.neurons.items():
            parameters = parameters_of(neurons, dialect)
            listed = [title for title, values in parameters.items() if np.ndim(values)]
            if dialect == "obi" or neurons.cell.source or not listed:
                self.of[name] = self._add(name, parameters)
                continue
            table = np.stack([np.asarray(parameters[title], np.float64) for title in listed], axis=1)
            different, back = np.unique(table, axis=0, return_inverse=True)
            numbers = [self._add(name, parameters | dict(zip(listed, row))) for row in different.tolist()]
            self.of[name] = numbers[0] + back.reshape(-1)
        for name in extra:
            self.of[name] = self._add(name, {})

    def _add(self, name: str, parameters: dict[str, Any]) -> int:
        self.rows.append((FIRST_TYPE + len(self.rows), name, parameters))
        return self.rows[-1][0]


def write_nodes(file: h5py.File, resolved: Resolved, dialect: str, types: Types) -> None:
    """Write all populations."""
    classes = resolved.classes()
    for name, neurons in resolved.neurons.items():
        cell = neurons.cell
        columns = nodes_of(file, name, cell.size, types.of[name])
        if dialect == "obi":
            kind = "virtual" if cell.source else "point_neuron"
            for title, value in (
                ("model_type", kind), ("model_template", template_name(neurons)), ("synapse_class", classes[name]),
            ):  # fmt: skip
                text(columns, title, [value] * cell.size)
        places = cell.population.positions
        if places is not None:
            for axis, values in zip("xyz", places.T):
                fill(columns, axis, values * MICRO, cell.size, "<f4")
        if dialect == "obi" and not cell.source:
            parameters = parameters_of(neurons, dialect)
            parameters |= {"threshold_current": _rheobase(neurons), "holding_current": 0.0}
            written = columns.create_group("dynamics_params")
            for title, values in parameters.items():
                fill(written, title, values, cell.size, "<f4")


def nodes_of(file: h5py.File, name: str, size: int, node_type: Any) -> h5py.Group:
    """Write the nodes of a population; return the group of their attributes."""
    group = file.create_group(f"nodes/{name}")
    fill(group, "node_type_id", node_type, size, "<i4")
    ids = np.arange(size, dtype="<u8")
    group["node_id"], group["node_group_index"] = ids, ids
    constant(group, "node_group_id", size, "<u4")
    return group.create_group("0")


def _rheobase(neurons: Neurons) -> Any:
    """The smallest constant current (nA) by which a leaky neuron reaches its threshold; 0 where it is not known."""
    p = dict(neurons.cell.parameters)
    if neurons.template is None or not {"C_m", "tau_m", "E_L", "V_th", "I_e"} <= set(p):
        return 0.0
    current = np.asarray(p["C_m"]) / p["tau_m"] * (np.asarray(p["V_th"]) - p["E_L"]) - p["I_e"]
    return np.where(np.isfinite(current), current, 0.0) * 1e-3


def node_table(folder: Path, resolved: Resolved, dialect: str, types: Types) -> str:
    """Return node_types.csv; for BMTK write the parameters of each type beside."""
    rows = ["node_type_id pop_name model_type model_template dynamics_params model_processing"]
    for number, name, parameters in types.rows:
        neurons, file = resolved.neurons.get(name), "NULL"
        if neurons is None or neurons.cell.source:
            rows.append(f"{number} {quoted(name)} virtual virtual NULL NULL")
            continue
        if dialect == "bmtk":
            file = f"{number}.json"
            (folder / MODELS).mkdir(exist_ok=True)
            (folder / MODELS / file).write_text(json.dumps(parameters, indent=1), "utf-8")
        rows.append(f"{number} {quoted(name)} point_neuron {template_name(neurons)} {file} NULL")
    return "\n".join(rows) + "\n"


def quoted(text: str) -> str:
    """Return a word of a table separated by spaces."""
    return '"' + text.replace('"', '""') + '"' if any(c in text for c in ' "\t') else text
