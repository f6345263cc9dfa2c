"""Truth: the clock engine on published networks, within the chance of one wiring; plain Python; a later start."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import spikesim as ss
from spikesim import published
from spikesim.errors import InvalidValueError
from spikesim.jit import JIT

compiled_only = pytest.mark.skipif(not JIT, reason="takes minutes in plain Python")


@compiled_only
@pytest.mark.parametrize("name", ["CUBA", "Brunel AI"])
def test_rates_and_irregularity_of_published_networks(name: str) -> None:
    """Same wiring, both engines: rate and CV differ by no more than from one wiring to the next."""
    cuba = name == "CUBA"
    net = published.cuba(4000) if cuba else published.brunel("AI", neurons=1000, epsilon=0.25)
    rate, cv = {}, {}
    for engine in ("event", "clock"):
        spikes = net.run(900.0 if cuba else 300.0, dt=0.05, engine=engine, threads=1, progress=False).spikes["exc"]
        rate[engine] = spikes.rate(start=100.0)
        cv[engine] = float(np.nanmean(spikes.cv()))
    assert rate["event"] == pytest.approx(rate["clock"], rel=0.09 if cuba else 0.04)
    assert cv["event"] == pytest.approx(cv["clock"], abs=0.05)
    assert rate["event"] > 4.0


def small() -> ss.Network:
    """A little of everything that goes a way of its own."""
    net = ss.Network(seed=8)
    source = net.population("source", 4, ss.Poisson(150.0))
    listed = net.population("listed", 2, ss.SpikeTimes([[0.5, 3.25], [3.25, 7.0]]))
    leaky = net.population("leaky", 4, ss.LIF(I_e=520.0), v=ss.uniform(-70.0, -60.0))
    psc = net.population("psc", 4, ss.LIF(I_e=200.0), v=ss.uniform(-70.0, -58.0))
    alpha = net.population("alpha", 3, ss.LIF(V_th=ss.uniform(-58.0, -56.0)))
    adex = net.population("adex", 2, ss.AdEx(I_e=900.0))
    net.background(leaky, rate=800.0, weight=1.5, synapse=ss.Delta())
    net.connect(leaky, leaky, ss.all_to_all(), weight=-0.7, delay=1.1, synapse=ss.Delta())
    net.connect(source, psc, ss.all_to_all(), weight=1500.0, delay=ss.uniform(0.3, 2.0), synapse=ss.Exponential(2.0))
    net.connect(psc, psc, ss.all_to_all(), weight=-90.0, delay=0.7, synapse=ss.Exponential(6.0))
    net.connect(listed, alpha + adex, ss.all_to_all(), weight=1800.0, delay=0.5, synapse=ss.Alpha(1.5))
    net.inject(alpha, ss.Steps([2.0, 6.0], [500.0, 100.0]))
    net.record(source + listed + leaky + psc + alpha + adex, "spikes")
    net.record(psc, "v", every=0.5)
    return net


def record(path: Path) -> None:
    """Run it and keep all of it."""
    result = small().run(12.0, engine="event", threads=1, progress=False)
    kept = {"jit": np.array(JIT), "v": result.traces["psc"]["v"].values}
    for name, train in result.spikes.items():
        kept[f"{name}/times"], kept[f"{name}/ids"] = train.times, train.ids
    np.savez(path, **kept)


@compiled_only
def test_plain_python_gives_the_same(tmp_path: Path) -> None:
    """Compiled code may fuse a multiplication and an addition: the same neurons, times (ms) and v (mV) to 1e-9.

    An estimate of an error is a difference of nearly equal numbers: the steps of AdEx differ, within rtol.
    """
    path = tmp_path / "plain.npz"
    code = f"import sys; sys.path.insert(0, {str(Path(__file__).parent.parent)!r})\n"
    code += f"import engine.test_event_networks as m, pathlib; m.record(pathlib.Path({str(path)!r}))"
    subprocess.run([sys.executable, "-c", code], env={**os.environ, "NUMBA_DISABLE_JIT": "1"}, check=True)
    record(tmp_path / "compiled.npz")
    with np.load(path) as plain, np.load(tmp_path / "compiled.npz") as compiled:
        assert not plain["jit"] and compiled["jit"] and plain.keys() == compiled.keys()
        for name in compiled:
            if name.endswith("/ids"):
                assert plain[name].size > 0, name
                np.testing.assert_array_equal(plain[name], compiled[name], err_msg=name)
            elif name != "jit":
                within = 2e-6 if name.startswith("adex") else 1e-9
                np.testing.assert_allclose(plain[name], compiled[name], rtol=0.0, atol=within, err_msg=name)


@compiled_only
def test_a_later_start_is_the_clock_engine_s() -> None:
    """Electrodes of all kinds and listed spikes, from 20 ms on: below threshold the clock engine is exact."""
    net = ss.Network(seed=2)
    cells = net.population("cells", 3, ss.LIF(V_th=1e9, tau_m=np.array([5.0, 10.0, 30.0])))
    source = net.population("s", 1, ss.SpikeTimes([[1.0, 12.0, 21.0, 31.0]]))
    net.connect(source, cells, ss.all_to_all(), weight=100.0, delay=1.5, synapse=ss.Exponential(3.0))
    for stimulus in (
        ss.DC(300.0, start=3.3, stop=41.2),
        ss.Steps([1.0, 5.5, 20.1], [200.0, -100.0, 350.0]),
        ss.Waveform([2.03, 7.7, 30.0], [0.0, 500.0, -200.0]),
        ss.Sine(200.0, 37.0, phase=0.3, offset=50.0, start=2.0, stop=33.3),
        ss.Noise(100.0, 300.0, dt=0.5),
    ):
        net.inject(cells, stimulus)
    net.record(cells, "v")
    net.record(source, "spikes")
    found = {}
    for engine in ("event", "clock"):
        simulation = ss.Simulation(net, engine=engine, start=20.0)
        simulation.run(10.0, progress=False)
        found[engine] = simulation.run(20.0, progress=False)
    event, clock = (found[engine].traces["cells"]["v"] for engine in ("event", "clock"))
    assert np.array_equal(event.times, clock.times) and event.times[0] == 20.1
    assert np.abs(event.values - clock.values).max() < 1e-10
    assert found["event"].spikes["s"].times.tolist() == found["clock"].spikes["s"].times.tolist()


@compiled_only
def test_tolerances_from_the_network() -> None:
    """`Network.run` hands rtol and atol on: a finer one moves the spikes of AdEx, and converges."""
    net = ss.Network()
    cell = net.population("cell", 1, ss.AdEx(I_e=900.0))
    net.record(cell, "spikes")
    trains = [
        net.run(60.0, engine="event", rtol=rtol, atol=rtol, progress=False).spikes["cell"].times
        for rtol in (1e-4, 1e-8, 1e-11)
    ]
    coarse, fine = (np.abs(train - trains[2]).max() for train in trains[:2])
    assert 1e-9 < coarse < 1.0 and fine < 1e-2 * coarse
    with pytest.raises(ss.errors.InvalidValueError, match="atol"):
        net.run(1.0, engine="event", atol=0.0)


@pytest.mark.parametrize("given", [{"rtol": 1e-6}, {"atol": 1e-6}, {"rtol": 1e-6, "atol": 1e-6}])
def test_the_clock_engine_has_no_tolerances(given: dict[str, float]) -> None:
    net = ss.Network()
    net.population("cell", 1, ss.AdEx())
    with pytest.raises(InvalidValueError, match=f"{', '.join(given)}: only engine='event'"):
        net.run(1.0, **given)


@pytest.mark.parametrize("value", [0.0, -1.0, 1.0, float("nan"), "1e-6", True])
def test_a_tolerance_is_a_small_positive_number(value: Any) -> None:
    net = ss.Network()
    net.population("cell", 1, ss.AdEx())
    with pytest.raises(InvalidValueError, match="rtol must be a number"):
        net.run(1.0, engine="event", rtol=value)
