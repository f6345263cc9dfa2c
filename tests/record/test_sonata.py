"""The reference reader of the SONATA format (libsonata) sees what was recorded; so does plain h5py."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

import spikesim as ss
from spikesim.grid import Grid
from spikesim.record import HDF5Sink, load
from spikesim.record.format import report_span

from . import deterministic

libsonata = pytest.importorskip("libsonata")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "run.h5"
    sink = HDF5Sink(path)
    sink.begin(deterministic.layout())
    list(deterministic.batches(sink, 300))  # 36,000 spikes: more than one chunk
    sink.end()
    return path


def test_spikes(path: Path) -> None:
    reader, ours = libsonata.SpikeReader(str(path)), load(path)
    assert sorted(reader.get_population_names()) == sorted(ours.spikes)
    for name, trains in ours.spikes.items():
        theirs = reader[name]
        assert (theirs.sorting, theirs.time_units) == ("by_time", "ms")
        found = theirs.get_dict()
        assert np.array_equal(found["timestamps"], trains.times)
        assert np.array_equal(found["node_ids"], trains.ids)
        if len(trains):
            assert theirs.times == (trains.times[0], trains.times[-1])
    some = reader["busy"].get(node_ids=libsonata.Selection([101]), tstart=10.0, tstop=20.0)
    part = ours.spikes["busy"].between(9.95, 20.0)[101]
    assert [t for _, t in some] == part.times.tolist() and len(some) > 0


@pytest.mark.parametrize(("group", "variable", "unit"), [("busy", "v", "mV"), ("busy.w", "w", "pA")])
def test_reports(path: Path, group: str, variable: str, unit: str) -> None:
    trace = load(path).traces["busy"][variable]
    for kind in (libsonata.ElementReportReader, libsonata.SomaReportReader):
        reader = kind(str(path))
        assert sorted(reader.get_population_names()) == ["busy", "busy.w"]
        theirs = reader[group]
        assert (theirs.data_units, theirs.time_units) == (unit, "ms")
        assert theirs.get_node_ids() == trace.ids.tolist()
        found = theirs.get()
        assert np.allclose(found.times, trace.times, rtol=0, atol=1e-9)
        assert np.array_equal(found.data, trace.values.astype(np.float32))


def test_attributes(path: Path) -> None:
    with h5py.File(path, "r") as h5:
        assert h5.attrs["magic"] == 0x0A7A and h5.attrs["magic"].dtype == np.uint32
        assert h5.attrs["version"].tolist() == [0, 1] and h5.attrs["version"].dtype == np.uint32
        times = h5["spikes/busy/timestamps"]
        assert times.attrs["units"] == "ms" and h5py.check_string_dtype(times.attrs.get_id("units").dtype)
        assert (times.dtype, h5["spikes/busy/node_ids"].dtype) == (np.float64, np.uint64)
        assert times.compression is None and times.fletcher32 and times.chunks
        sorting = h5["spikes/busy"].attrs.get_id("sorting").dtype
        assert h5py.check_enum_dtype(sorting) == {"none": 0, "by_id": 1, "by_time": 2}
        assert h5["spikes/busy"].attrs["sorting"] == 2


def test_what_bmtk_looks_for(path: Path) -> None:
    """Its names for the pointers and the place along a neuron; and the types that libsonata wants."""
    with h5py.File(path, "r") as h5:
        for group, neurons in (("busy", 4), ("busy.w", 2)):
            mapping = h5[f"report/{group}/mapping"]
            assert mapping["index_pointer"] == mapping["index_pointers"]  # one object
            assert mapping["index_pointer"][()].tolist() == list(range(neurons + 1))
            kinds = {name: mapping[name].dtype for name in ("element_ids", "element_pos")}
            assert kinds == {"element_ids": np.uint32, "element_pos": np.float32}
            assert mapping["element_pos"].shape == mapping["element_ids"].shape == (neurons,)
            assert h5[f"report/{group}/data"].attrs["variable"] == h5[f"report/{group}"].attrs["variable"]
            start, stop, step = mapping["time"][()]
            assert (stop - start) / step == len(h5[f"report/{group}/data"])


def test_the_first_variable_asked_for_has_the_plain_name(tmp_path: Path) -> None:
    net = ss.Network(seed=1)
    cells = net.population("cells", 3, ss.AdEx())
    net.record(cells, "w", "v", every=0.5)
    net.run(2.0, out=tmp_path / "run.h5")
    with h5py.File(tmp_path / "run.h5", "r") as h5:
        assert {name: h5[f"report/{name}"].attrs["variable"] for name in h5["report"]} == {"cells": "w", "cells.v": "v"}


def test_the_span_of_a_report_counts_its_rows() -> None:
    """(stop - start) / step is the number of rows to the last bit, whoever rounds it which way, and stop is right."""
    draw = np.random.default_rng(1)
    for dt in (0.1, 0.025, 0.05, 1 / 3, 0.07, 1.0):
        grid = Grid(dt)
        for first, every, rows in zip(*(draw.integers(1, most, 300) for most in (200, 60, 100_000))):
            start, stop, step = report_span(grid, int(first), int(every), int(rows)).tolist()
            assert (start, step) == (grid.time(int(first)), grid.time(int(every)))
            assert int((stop - start) / step) == rows and (stop - start) / step == pytest.approx(rows, rel=1e-15)
            assert stop == pytest.approx(grid.time(int(first + rows * every)), rel=1e-14)


def test_beside_another_reader_in_this_program(path: Path) -> None:
    """Whoever has the file open, and however: ours is read."""
    ways: list[dict[str, Any]] = [{}, {"locking": True}, {"locking": False}, {"locking": "best-effort"}]
    for how in ways:
        with h5py.File(path, "r", **how):
            assert len(load(path).spikes["busy"].times) > 0
