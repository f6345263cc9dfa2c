"""The datasets of a recording, all of them made at the beginning; see :mod:`.format` for what each is."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from functools import partial
from typing import Any

import h5py
import numpy as np

from ..scalars import of_python
from .format import FORMAT, MAGIC, SORTING, STATISTICS_BYTES, VERSION, Marker, chunk_shape, digest, report_span
from .layout import Layout

__all__ = ["Structure", "json_text"]


def json_text(value: Any) -> bytes:
    """Return a value as JSON, whatever NumPy made of its numbers."""
    return json.dumps(value, ensure_ascii=False, allow_nan=True, default=partial(of_python, words=str)).encode()


class Structure:
    """The datasets of one file.

    Parameters
    ----------
    h5 : h5py.File
        Open and empty.
    layout : Layout
        What will be recorded.
    versions : dict
        Of the packages, for the header.
    marker : Marker
        The first state of what is complete.

    Attributes
    ----------
    pairs : list
        Times and ids of each recorded population.
    reports : list
        Of each probe: float32 data, exact samples, time mapping.
    groups : tuple of str
        The name of each probe's report.
    states : dict of list
        By population: a dataset of each state that is kept with its spikes.
    statistics, committed : h5py.Dataset
    last : list of int
        Addresses of what makes rows visible, in the order in which it must reach the disk.
    """

    def __init__(self, h5: h5py.File, layout: Layout, versions: dict[str, str], marker: Marker) -> None:
        self._h5, self._layout = h5, layout
        h5.attrs["magic"] = np.uint32(MAGIC)
        h5.attrs["version"] = np.array([0, 1], np.uint32)
        ours = h5.create_group("spikesim")
        self.groups = _groups(layout)
        self.pairs = [self._spike_group(name) for name in layout.spikes]
        if not self.pairs:
            h5.create_group("spikes")
        self.states = {name: self._state_group(name, states) for name, states in layout.at_spike.items()}
        self.reports = [self._report_group(group, k) for k, group in enumerate(self.groups)]
        chosen = {name: ids for name, ids in layout.spikes.items() if ids is not None}
        header = json_text(
            {
                "dt": [layout.grid.fraction.numerator, layout.grid.fraction.denominator],
                "start_step": layout.start_step,
                "exact": layout.exact,
                "seed": layout.seed,
                "random_numbers": "splitmix64 of (seed, purpose, index), keys by BLAKE2b",
                "created": datetime.now(timezone.utc).isoformat(timespec="seconds"),
                "versions": versions,
                "populations": layout.populations,
                "projections": layout.projections,
                "spikes": {name: None if ids is None else ids.size for name, ids in layout.spikes.items()},
                **({"at_spike": layout.at_spike} if layout.at_spike else {}),
                "probes": [
                    {
                        "population": p.population,
                        "variable": p.variable,
                        "unit": p.unit,
                        "every_steps": p.every_steps,
                        "size": p.ids.size,
                        "group": group,
                    }
                    for p, group in zip(layout.probes, self.groups)
                ],
            }
        )
        description = json_text(layout.description)
        ours.attrs["format"] = np.bytes_(FORMAT)
        ours.attrs["format_version"] = np.int64(VERSION)
        arrays = (*chosen.values(), *(p.ids for p in layout.probes))
        ours.attrs["digest"] = np.bytes_(digest(header, description, arrays))
        for name, text in (("header", header), ("description", description)):
            ours.create_dataset(name, data=np.frombuffer(text, np.uint8))
        neurons = ours.create_group("neurons")
        for name, ids in chosen.items():
            neurons.create_dataset(name, data=ids)
        zeros = np.zeros(STATISTICS_BYTES, np.uint8)
        self.statistics = ours.create_dataset("statistics", data=zeros)
        self.committed = ours.create_dataset("committed", data=np.stack([marker.encode()] * 2))
        # what makes rows visible, in the order in which it must reach the disk
        shapes = [d for some in (*self.states.values(), *self.pairs) for d in some]
        shapes += [d for *pair, _ in self.reports for d in pair]
        self.last = [h5py.h5o.get_info(d.id).addr for d in shapes]
        self.last += [span.id.get_offset() for *_, span in self.reports]
        self.last.append(self.statistics.id.get_offset())
        places = self.committed.id.get_offset(), self.committed.id.get_offset() + self.committed[0].nbytes
        self.last.extend(places)

    def _spike_group(self, name: str) -> tuple[h5py.Dataset, h5py.Dataset]:
        group = self._h5.create_group(f"spikes/{name}")
        group.attrs.create("sorting", SORTING["by_time"], dtype=h5py.enum_dtype(SORTING, np.int32))
        grow: dict[str, Any] = dict(maxshape=(None,), chunks=chunk_shape(), fletcher32=True)
        times = group.create_dataset("timestamps", (0,), "<f8", **grow)
        times.attrs["units"] = "ms"
        return times, group.create_dataset("node_ids", (0,), "<u8", **grow)

    def _state_group(self, name: str, states: tuple[str, ...]) -> list[h5py.Dataset]:
        grow: dict[str, Any] = dict(maxshape=(None,), chunks=chunk_shape(), fletcher32=True)
        group = self._h5.create_group(f"spikesim/at_spike/{name}")
        return [group.create_dataset(state, (0,), "<f8", **grow) for state in states]

    def _report_group(self, name: str, k: int) -> tuple[h5py.Dataset, h5py.Dataset, h5py.Dataset]:
        probe = self._layout.probes[k]
        group = self._h5.create_group(f"report/{name}")
        group.attrs["population"], group.attrs["variable"] = probe.population, probe.variable
        width = (probe.ids.size,)
        grow: dict[str, Any] = dict(
            shape=(0, *width), maxshape=(None, width[0] or None), chunks=chunk_shape(width), fletcher32=True
        )
        data = group.create_dataset("data", dtype="<f4", **grow)
        data.attrs["units"] = probe.unit
        data.attrs["variable"] = probe.variable  # where BMTK looks for it
        exact = self._h5.create_dataset(f"spikesim/samples/{name}", dtype="<f8", **grow)
        mapping = group.create_group("mapping")
        ids = mapping.create_dataset("node_ids", data=probe.ids.astype("<u8"))
        ids.attrs["sorted"] = np.uint8(bool((np.diff(probe.ids) > 0).all()))
        pointers = mapping.create_dataset("index_pointers", data=np.arange(probe.ids.size + 1, dtype="<u8"))
        mapping["index_pointer"] = pointers  # BMTK's name for it
        mapping.create_dataset("element_ids", data=np.zeros(probe.ids.size, "<u4"))
        mapping.create_dataset("element_pos", data=np.zeros(probe.ids.size, "<f4"))
        span = mapping.create_dataset("time", data=report_span(self._layout.grid, 0, probe.every_steps, 0))
        span.attrs["units"] = "ms"
        return data, exact, span


def _groups(layout: Layout) -> tuple[str, ...]:
    groups: list[str] = []
    for probe in layout.probes:
        group = probe.population
        if group in groups:
            group = f"{probe.population}.{probe.variable}"
        while group in groups or (group != probe.population and group in layout.populations):
            group += "_"
        groups.append(group)
    return tuple(groups)
