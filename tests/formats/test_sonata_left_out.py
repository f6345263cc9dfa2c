"""What SONATA has no words for: left out and said, or refused with what to do.  Truth: the network itself."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

import spikesim as ss
from spikesim.errors import InvalidValueError, SpikesimWarning, UnitWarning


def learning() -> ss.Network:
    net = ss.Network(seed=2)
    a = net.population("a", 5, ss.Poisson(80.0))
    b = net.population("b", 5, ss.LIF(I_e=400.0))
    rule = ss.STDP(A_plus=0.1, A_minus=0.1, w_max=90.0)
    net.connect(a, b, ss.all_to_all(), weight=30.0, delay=1.0, synapse=ss.Exponential(5.0), plasticity=rule, name="L")
    net.record(net.projections[0], "w", every=10.0)
    return net


@pytest.mark.parametrize("dialect", ["obi", "bmtk"])
def test_numbers_of_numpy(dialect: str, tmp_path: Path) -> None:
    """A step in single precision is the decimal that it shows, as everywhere."""
    net = ss.Network(seed=1)
    net.population("cells", 3, ss.LIF(I_e=500.0))
    net.to_sonata(tmp_path / "a", dialect, duration=np.float32(10.0), dt=np.float32(0.1))
    run = json.loads((tmp_path / "a" / "simulation_config.json").read_text("utf-8"))["run"]
    assert (run["dt"], run["tstop"]) == (0.1, 10.0)


def test_a_recording_of_weights_is_left_out_and_found_again(tmp_path: Path) -> None:
    net = learning()
    with pytest.warns(SpikesimWarning, match="left out, as no report of SONATA has weights: the recording of 'L'"):
        folder = net.to_sonata(tmp_path, duration=50.0)
    assert json.loads((folder / "simulation_config.json").read_text())["reports"] == {}
    found = ss.from_sonata(folder).run(50.0, progress=False).traces["L"]["w"].values
    expected = net.run(50.0, progress=False).traces["L"]["w"].values
    np.testing.assert_array_equal(found, expected)
    assert np.ptp(expected, axis=0).max() > 0.0


SOURCES = {
    "GammaTrain": ss.GammaTrain(50.0, 3.0),
    "Correlated": ss.Correlated(50.0, 0.2),
    "shared": ss.shared(ss.Poisson(50.0)),
    "PulsePackets": ss.PulsePackets([20.0], 3, 2.0),
    "of time": ss.Poisson(ss.Sine(20.0, 10.0, offset=30.0)),
}


@pytest.mark.parametrize("dialect", ["obi", "bmtk"])
@pytest.mark.parametrize("name", SOURCES)
def test_every_source_has_its_spikes_in_a_file(name: str, dialect: str, tmp_path: Path) -> None:
    """Those of a run of the whole network; the configuration names the file that there is."""
    net = ss.Network(seed=2)
    drive, cells = net.population("drive", 5, SOURCES[name]), net.population("cells", 5, ss.LIF())
    net.connect(drive, cells, ss.one_to_one(), weight=900.0, delay=1.0, synapse=ss.Exponential(5.0))
    folder = net.to_sonata(tmp_path, dialect, duration=100.0)
    entry = json.loads((folder / "simulation_config.json").read_text())["inputs"]["drive"]
    path = Path(str(entry.get("spike_file", entry.get("input_file"))).replace("$BASE_DIR", str(folder)))
    net.record(drive, "spikes")
    expected = net.run(100.0, progress=False).spikes["drive"]
    with h5py.File(path) as file:
        times, ids = file["spikes/drive/timestamps"][()], file["spikes/drive/node_ids"][()]
    assert expected.count() > 5
    np.testing.assert_array_equal(times, expected.times)
    np.testing.assert_array_equal(ids, expected.ids)


@pytest.mark.parametrize("rate", [ss.Sine(20.0, 10.0, offset=30.0), ss.GammaTrain(50.0, 3.0)], ids=repr)
def test_a_background_that_is_refused_says_what_to_do(rate: Any, tmp_path: Path) -> None:
    net = ss.Network()
    cells = net.population("cells", 5, ss.LIF())
    net.background(cells, rate=rate, weight=10.0, synapse=ss.Exponential(5.0), name="b")
    with pytest.raises(InvalidValueError, match=r"background 'b': .*give a population of them, one a target"):
        net.to_sonata(tmp_path)


def test_units_are_not_doubted_twice(tmp_path: Path) -> None:
    """A jump of 69 mV is meant: it was said, or silenced, when it was described."""
    net = ss.published.fly_brain(
        ss.published.synthetic_connectome(50), activate=ss.published.synthetic_connectome(50).ids[:2]
    )
    folder = net.to_sonata(tmp_path / "fly", duration=10.0)
    with ss.Simulation(net) as sim:
        sim.save(tmp_path / "state.h5")
    with warnings.catch_warnings():
        warnings.simplefilter("error", UnitWarning)
        again = ss.from_sonata(folder)
        ss.Simulation.resume(tmp_path / "state.h5").close()
    assert again.projections[-1].weight == net.projections[-1].weight > 40.0
