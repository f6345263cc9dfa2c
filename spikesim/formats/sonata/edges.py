"""Edges: one HDF5 group a projection and pair of populations, sorted by target, then source, with both indices.

target_to_source: the edges of a target are one range.  source_to_target: those of a source are many; they are found
some sources at a time, so that the room this takes does not grow with the projection.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import h5py
import numpy as np

from .columns import BLOCK, constant, grown, text

__all__ = ["EdgePopulation", "index"]


class EdgePopulation:
    """One group of edges, being written.

    Parameters
    ----------
    file : h5py.File
    name : str
    pre, post : (str, int)
        Names and sizes of the populations.
    factor : float
        What weights are multiplied with in the file.
    weight, delay : float or None
        What all synapses have; None: each its own.
    exact : bool
        Whether single precision holds the weights exactly.
    template : str or None
        Name of the synapses' model, a column; None: it stands in the table of types alone.
    edge_type : int
    expected : float
        About how many edges.
    """

    def __init__(
        self,
        file: h5py.File,
        name: str,
        pre: tuple[str, int],
        post: tuple[str, int],
        *,
        factor: float,
        weight: float | None,
        delay: float | None,
        exact: bool,
        template: str | None,
        edge_type: int,
        expected: float,
    ) -> None:
        self.name, self.pre, self.post, self.factor, self.size = name, pre, post, factor, 0
        self.group, self._template, self._type = file.create_group(f"edges/{name}"), template, edge_type
        own = file.require_group("spikesim").create_group(name)
        columns = self.group.create_group("0")
        self._columns: dict[str, tuple[h5py.Dataset, Any]] = {}
        for side, key in (("source", pre), ("target", post)):
            made = grown(self.group, f"{side}_node_id", "<u8", rows=expected)
            made.attrs["node_population"] = key[0]
            self._columns[side] = made, lambda values: values
        for what, title, value in (("weight", "syn_weight", weight), ("delay", "delay", delay)):
            scale = factor if what == "weight" else 1.0
            if value is None:
                self._columns[title] = grown(columns, title, "<f4", rows=expected), self._scaled(what, scale)
                if what == "delay" or not exact or scale not in (1.0, -1.0):
                    self._columns[f"own {what}"] = grown(own, what, "<f8", rows=expected), self._scaled(what, 1.0)
            else:
                self._columns[title] = constant(columns, title, 0, "<f4", value * scale), None
                own.attrs[what] = float(value)
        own.attrs["factor"] = float(factor)

    @staticmethod
    def _scaled(what: str, scale: float) -> Any:
        return lambda values: values * scale

    def append(self, source: np.ndarray, target: np.ndarray, weight: np.ndarray, delay: np.ndarray) -> None:
        """Write some synapses; over all calls by target, then by source."""
        values = {"source": source, "target": target, "weight": weight, "delay": delay}
        before, self.size = self.size, self.size + source.size
        for title, (column, turn) in self._columns.items():
            column.resize(self.size, 0)
            if turn is not None and source.size:
                column[before:] = turn(values[title.removeprefix("own ").removeprefix("syn_")])

    def finish(self) -> None:
        """Write the columns that all edges share, and the indices."""
        constant(self.group, "edge_type_id", self.size, "<i4", self._type)
        constant(self.group, "edge_group_id", self.size, "<u4")
        numbers = grown(self.group, "edge_group_index", "<u8", rows=self.size)
        numbers.resize(self.size, 0)
        for at in range(0, self.size, BLOCK):
            numbers[at : at + BLOCK] = np.arange(at, min(at + BLOCK, self.size))
        if self._template is not None:
            text(self.group["0"].create_group("@library"), "model_template", [self._template])
            constant(self.group["0"], "model_template", self.size, "<u4")
        for side, (_, nodes) in (("source", self.pre), ("target", self.post)):
            other = "target" if side == "source" else "source"
            index(self.group, f"{side}_to_{other}", self.group[f"{side}_node_id"], nodes)


def index(group: h5py.Group, name: str, ids: h5py.Dataset, nodes: int) -> None:
    """Write for each node the ranges of edges that are its own."""
    made = group.require_group("indices").create_group(name)
    ranges = grown(made, "range_to_edge_id", "<u8", 2, ids.shape[0])
    count, runs = np.zeros(nodes, np.int64), 0
    for node, first, last in _runs(ids, nodes):
        count += np.bincount(node, minlength=nodes)
        ranges.resize(runs + first.size, 0)
        ranges[runs:] = np.stack([first, last], axis=1)
        runs += first.size
    ends = np.cumsum(count)
    made.create_dataset("node_id_to_ranges", data=np.stack([ends - count, ends], axis=1).astype("<u8"))
    made["node_id_to_range"] = made["node_id_to_ranges"]  # as BMTK says


def _runs(ids: h5py.Dataset, nodes: int) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Yield (node, first edge, last edge + 1) of stretches of edges of one node, by node; some nodes at a time."""
    count = np.zeros(nodes + 1, np.int64)
    for at in range(0, ids.shape[0], BLOCK):
        count[1:] += np.bincount(ids[at : at + BLOCK].astype(np.int64), minlength=nodes)
    ends = np.cumsum(count)
    low = 0
    while low < nodes:
        high = max(low + 1, int(np.searchsorted(ends, ends[low] + 4 * BLOCK, side="right")) - 1)
        node, edge = _of(ids, low, high)
        new = np.ones(node.size, bool)
        new[1:] = (np.diff(node) != 0) | (np.diff(edge) != 1)
        first = np.flatnonzero(new)
        last = np.append(first[1:], node.size) - 1
        if first.size:
            yield node[first], edge[first], edge[last] + 1
        low = high


def _of(ids: h5py.Dataset, low: int, high: int) -> tuple[np.ndarray, np.ndarray]:
    """The edges of nodes low ... high - 1, by node, then by edge."""
    nodes, edges = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for at in range(0, ids.shape[0], BLOCK):
        some = ids[at : at + BLOCK].astype(np.int64)
        own = np.flatnonzero((some >= low) & (some < high))
        nodes.append(some[own])
        edges.append(own + at)
    node, edge = np.concatenate(nodes), np.concatenate(edges)
    order = np.argsort(node, kind="stable")
    return node[order], edge[order]
