"""What other packages are given.  Truth: the recording itself, through each package's own reader."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import spikesim as ss
from spikesim import errors, optional


@pytest.fixture(scope="module")
def result() -> Any:
    net = ss.Network(seed=2)
    exc = net.population("exc", 8, ss.LIF(I_e=ss.uniform(300.0, 500.0)))
    inh = net.population("in/h".replace("/", ":"), 5, ss.LIF(I_e=500.0))
    net.connect(exc, inh, ss.all_to_all(), weight=20.0, delay=1.0, synapse=ss.Exponential(2.0))
    net.record(exc, "spikes")
    net.record(inh[1:4], "spikes")
    net.record(exc[[5, 2]], "v", every=0.5)
    net.record(inh, "I_syn", every=1.0)
    found = net.run(80.0)
    assert len(found.spikes["exc"]) > 10 and 0 in found.spikes["exc"].counts()  # a silent neuron is in it
    return found


def test_csv(result: Any, tmp_path: Path) -> None:
    """Every digit comes back."""
    folder = result.to_csv(tmp_path / "deep" / "run")
    about = json.loads((folder / "recording.json").read_text("utf-8"))
    assert (about["start"], about["stop"], about["dt"]) == (0.0, 80.0, 0.1) and about["stats"]["seed"] == 2
    with (folder / "spikes.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for name, trains in result.spikes.items():
        own = [(float(r["time"]), int(r["id"])) for r in rows if r["population"] == name]
        assert own == list(zip(trains.times.tolist(), trains.ids.tolist()))
    assert len(about["traces"]) == 2
    for entry in about["traces"]:
        trace = result.traces[entry["population"]][entry["variable"]]
        table = np.loadtxt(folder / entry["file"], delimiter=",", skiprows=1)
        assert np.array_equal(table[:, 0], trace.times) and np.array_equal(table[:, 1:], trace.values)
        header = (folder / entry["file"]).read_text("utf-8").splitlines()[0]
        assert header == "time," + ",".join(map(str, trace.ids)) and entry["unit"] == trace.unit
        assert not set(entry["file"]) & set('<>:"/\\|?*')
    with pytest.raises(errors.OutputFileError, match="exists already"):
        result.to_csv(folder)
    result.to_csv(folder, overwrite=True)
    (tmp_path / "file").write_text("x")
    with pytest.raises(errors.OutputFileError, match="cannot be written"):
        result.to_csv(tmp_path / "file" / "run")
    with pytest.raises(errors.InvalidTypeError, match="wanted a folder, got int 3"):
        result.to_csv(3)


def test_pandas(result: Any) -> None:
    pytest.importorskip("pandas")
    table = result.to_pandas()
    assert list(table.columns) == ["time", "population", "id"] and table["time"].is_monotonic_increasing
    assert len(table) == sum(map(len, result.spikes.values())) and table.attrs["stop"] == 80.0
    for name, trains in result.spikes.items():
        own = table[table["population"] == name]
        assert np.array_equal(own["time"], trains.times) and np.array_equal(own["id"], trains.ids)
    trace = result.traces["exc"]["v"]
    frame = trace.to_pandas()
    assert np.array_equal(frame.to_numpy(), trace.values) and np.array_equal(frame.index, trace.times)
    assert list(frame.columns) == [2, 5] and frame.attrs == {"variable": "v", "unit": "mV", "population": "exc"}
    assert frame[5].loc[10.0] == trace[5].values[19, 0]


def test_neo(result: Any) -> None:
    pytest.importorskip("neo")
    (segment,) = result.to_neo().segments
    assert len(segment.spiketrains) == 8 + 3  # the silent ones, too
    seen = {}
    for train in segment.spiketrains:
        assert (train.t_start.rescale("ms").item(), train.t_stop.rescale("ms").item()) == (0.0, 80.0)
        seen[train.annotations["population"], train.annotations["id"]] = train.rescale("ms").magnitude
    for name, trains in result.spikes.items():
        who = range(trains.size) if trains.neurons is None else trains.neurons.tolist()
        for neuron, times in zip(who, trains.lists()):
            assert np.array_equal(seen.pop((name, neuron)), times)
    assert not seen
    signals = {s.annotations["variable"]: s for s in segment.analogsignals}
    v, trace = signals["v"], result.traces["exc"]["v"]
    assert np.array_equal(v.rescale("mV").magnitude, trace.values)
    assert np.allclose(v.times.rescale("ms").magnitude, trace.times, rtol=0, atol=1e-9)
    assert v.array_annotations["id"].tolist() == trace.ids.tolist()
    assert signals["I_syn"].units.dimensionality.string == "pA"
    trains = result.spikes["exc"].to_neo()
    assert len(trains) == 8 and sum(len(t) for t in trains) == len(result.spikes["exc"])


def test_nwb(result: Any, tmp_path: Path) -> None:
    pynwb = pytest.importorskip("pynwb")
    path = result.to_nwb(tmp_path / "run.nwb")
    with pynwb.NWBHDF5IO(path, "r") as io:
        file = io.read()
        units = file.units.to_dataframe()
        assert len(units) == 8 + 3 and file.units.resolution == pytest.approx(1e-4)
        for name, trains in result.spikes.items():
            own = units[units["population"] == name]
            who = range(trains.size) if trains.neurons is None else trains.neurons
            assert own["node_id"].tolist() == list(who)
            for times, wanted in zip(own["spike_times"], trains.lists()):
                assert np.allclose(times, wanted / 1000.0, rtol=0, atol=1e-15)
        assert np.array_equal(units["obs_intervals"].iloc[3], [[0.0, 0.08]])
        series, trace = file.acquisition["exc v"], result.traces["exc"]["v"]
        assert (series.unit, series.conversion, series.rate) == ("volts", 1e-3, pytest.approx(2000.0))
        assert np.array_equal(series.data[()], trace.values) and series.starting_time == 0.0005
        assert file.acquisition["in_h I_syn"].unit == "amperes"
    assert not pynwb.validate(path=path)
    with pytest.raises(errors.OutputFileError, match="exists already"):
        result.to_nwb(path)
    with pytest.raises(errors.InvalidValueError, match="with its zone"):
        import datetime

        result.to_nwb(tmp_path / "b.nwb", session_start_time=datetime.datetime(2026, 1, 1))


def test_neo_reads_the_nwb(result: Any, tmp_path: Path) -> None:
    neo = pytest.importorskip("neo")
    pytest.importorskip("pynwb")
    block = neo.NWBIO(result.to_nwb(tmp_path / "run.nwb"), "r").read_all_blocks()[0]
    found = sorted(len(t) for s in block.segments for t in s.spiketrains)
    assert found == sorted(len(times) for trains in result.spikes.values() for times in trains.lists())


@pytest.mark.parametrize("method", ["to_pandas", "to_neo", "to_nwb"])
def test_missing(result: Any, method: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def absent(name: str) -> Any:
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)

    monkeypatch.setattr(optional, "import_module", absent)
    arguments = (tmp_path / "run.nwb",) if method == "to_nwb" else ()
    with pytest.raises(
        errors.MissingPackageError, match=rf'{method} needs \w+; install it with pip install "spikesim\['
    ):
        getattr(result, method)(*arguments)
    assert not list(tmp_path.iterdir())


def test_nothing_recorded(tmp_path: Path) -> None:
    net = ss.Network()
    net.population("exc", 3, ss.LIF())
    folder = net.run(1.0).to_csv(tmp_path)
    assert (folder / "spikes.csv").read_text("utf-8").split() == ["time,population,id"]
