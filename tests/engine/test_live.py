"""A running network read, changed and fed.  Truths: closed forms, the same change described beforehand, naive loops."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import spikesim as ss
from spikesim.errors import FrozenError, InvalidTypeError, InvalidValueError, StateError, UnknownNameError

from .cases import NETWORKS
from .cases.neurons import CUBA

ENGINES = pytest.mark.parametrize("engine", ["clock", "event"])


def one_cell(**parameters: Any) -> ss.Network:
    net = ss.Network(seed=3)
    cell = net.population("cell", 2, ss.LIF(V_th=np.inf, **parameters), v=[-70.0, -60.0])
    net.record(cell, "v", every=1.0)
    return net


@ENGINES
def test_state_is_read_and_set(engine: str) -> None:
    """Closed form: the potential decays from what was set."""
    sim = ss.Simulation(one_cell(), engine=engine)
    sim.run(5.0, progress=False)
    expected = -70.0 + np.array([0.0, 10.0]) * np.exp(-0.5)
    np.testing.assert_allclose(sim.state["cell"]["v"], expected, rtol=1e-12)
    sim.state["cell"]["v"] = [-50.0, -55.0]
    np.testing.assert_array_equal(sim.state["cell"]["v"], [-50.0, -55.0])
    result = sim.run(10.0, progress=False)
    np.testing.assert_allclose(
        result.traces["cell"]["v"].values[-1], -70.0 + np.array([20.0, 15.0]) * np.exp(-1.0), rtol=1e-12
    )


@ENGINES
def test_a_potential_set_above_threshold_fires(engine: str) -> None:
    net = ss.Network()
    cell = net.population("cell", 3, ss.LIF())
    net.record(cell, "spikes")
    sim = ss.Simulation(net, engine=engine)
    sim.run(1.0, progress=False)
    sim.state["cell"]["v"] = [-70.0, -40.0, -70.0]
    result = sim.run(1.0, progress=False)
    assert result.spikes["cell"].ids.tolist() == [1]
    assert result.spikes["cell"].times[0] == pytest.approx(1.1 if engine == "clock" else 1.0)


@ENGINES
def test_parameters_act_from_that_step_on(engine: str) -> None:
    """The same change described beforehand, as a stimulus."""
    described = one_cell()
    described.inject(described["cell"], ss.DC(100.0, start=5.0))
    whole = described.run(12.0, engine=engine, progress=False).traces["cell"]["v"].values
    sim = ss.Simulation(one_cell(), engine=engine)
    sim.run(5.0, progress=False)
    sim.set("cell", I_e=100.0)
    np.testing.assert_allclose(sim.run(7.0, progress=False).traces["cell"]["v"].values, whole, rtol=1e-10)
    sim.set("cell", I_e=np.array([0.0, 50.0]))
    settled = sim.run(400.0, progress=False).traces["cell"]["v"].values[-1]
    np.testing.assert_allclose(settled, [-70.0, -70.0 + 50.0 * 10.0 / 250.0], rtol=1e-10)


@ENGINES
def test_spike_times_are_set(engine: str) -> None:
    """What is listed from now on comes, what lies in the past does not."""
    net = ss.Network()
    source = net.population("source", 2, ss.SpikeTimes([[1.0, 30.0], [2.0]]))
    net.record(source, "spikes")
    sim = ss.Simulation(net, engine=engine)
    sim.run(10.0, progress=False)
    sim.set("source", times=[[3.0, 12.0, 18.0], []])
    sim.run(10.0, progress=False)
    sim.set("source", times=[[1.0, 22.0], [5.0, 20.5]])
    trains = sim.run(10.0, progress=False).spikes["source"]
    np.testing.assert_allclose(trains.times, [1.0, 2.0, 12.0, 18.0, 20.5, 22.0])
    assert trains.ids.tolist() == [0, 1, 0, 0, 1, 0]
    with pytest.raises(InvalidValueError, match="lists 1 trains, but size is 2"):
        sim.set("source", times=[[25.0]])


@ENGINES
@pytest.mark.parametrize("threads", [1, 2])
def test_a_changed_network_keeps_its_bits_over_threads(engine: str, threads: int) -> None:
    """Rates, weights, stimuli and parameters changed on the way: the bits of one thread."""
    found = []
    for n in (1, threads):
        sim = ss.Simulation(NETWORKS["LIF delta"][0](), engine=engine, threads=n)
        sim.run(8.0, progress=False)
        sim.set("background of e+i", rate=9000.0, weight=0.25)
        sim.run(8.0, progress=False)
        sim.weights["i to e+i"] = -0.5
        sim.set("e", V_th=-51.0)
        result = sim.run(8.0, progress=False)
        found.append([result.spikes[p].times.tobytes() + result.spikes[p].ids.tobytes() for p in ("e", "i")])
    assert found[0] == found[1]


@ENGINES
def test_weights_are_read_and_set(engine: str) -> None:
    """Round trip; a weight set to 0 does nothing any more (closed form: rest)."""
    net = ss.Network()
    source = net.population("source", 2, ss.SpikeTimes([[1.0, 11.0], [1.0, 11.0]]))
    cell = net.population("cell", 2, ss.LIF())
    pairs = ss.from_pairs([0, 1, 1], [0, 0, 1])
    net.connect(source, cell, pairs, weight=[5.0, 3.0, 4.0], delay=1.0, synapse=ss.Delta(), name="w")
    net.record(cell, "v", every=1.0)
    sim = ss.Simulation(net, engine=engine)
    sim.run(10.0, progress=False)
    np.testing.assert_array_equal(sim.weights["w"].toarray(), [[5.0, 3.0], [0.0, 4.0]])
    sim.weights["w"] = np.array([[0.0, 0.0], [0.0, 2.0]])
    np.testing.assert_array_equal(sim.weights["w"].toarray(), [[0.0, 0.0], [0.0, 2.0]])
    values = sim.run(10.0, progress=False).traces["cell"]["v"].values
    jump = values[1] + 70.0  # at 2 ms
    np.testing.assert_allclose(jump, [8.0, 4.0], rtol=1e-12)
    left = (values[9] + 70.0) * np.exp(-0.2)
    np.testing.assert_allclose(values[11] + 70.0 - left, [0.0, 2.0], atol=1e-12)
    sim.weights["w"] = sim.synapses("w").weight * 3.0
    np.testing.assert_array_equal(sim.weights["w"].toarray(), [[0.0, 0.0], [0.0, 6.0]])
    with pytest.raises(ValueError):
        sim.synapses("w").weight[:] = 0.0


def test_learnt_weights_are_set_within_bounds() -> None:
    sim = ss.Simulation(NETWORKS["STDP"][0]())
    sim.run(20.0, progress=False)
    sim.weights["learns"] = 0.25
    assert np.unique(sim.synapses("learns").weight).tolist() == [0.25]
    sim.run(50.0, progress=False)
    assert np.unique(sim.synapses("learns").weight).size > 10
    with pytest.raises(InvalidValueError, match=r"within the bounds of its plasticity, 0 \.\.\. 1, got 2"):
        sim.weights["learns"] = 2.0


@pytest.mark.parametrize(
    ("wrong", "error", "says"),
    [
        (lambda s: s.state["x"], UnknownNameError, "no population 'x'"),
        (lambda s: s.state["e"]["x"], UnknownNameError, "no variable 'x'"),
        (lambda s: s.state["e"].__setitem__("v", [1.0, 2.0]), InvalidValueError, "wanted one number or 320"),
        (lambda s: s.state["e"].__setitem__("v", np.nan), InvalidValueError, "state of 'e': v must be finite"),
        (lambda s: s.set("e", tau=3.0), KeyError, "no parameter 'tau'"),
        (lambda s: s.set("e", tau_m=-3.0), InvalidValueError, "tau_m must be > 0"),
        (
            lambda s: s.set("nobody", tau_m=3.0),
            UnknownNameError,
            "no population, background, stimulus or projection 'nobody'",
        ),
        (lambda s: s.set("e", I_e=[1.0, 2.0]), InvalidValueError, "one a neuron"),
        (lambda s: s.weights.__setitem__("e to e+i", np.ones((2, 2))), InvalidValueError, "matrix of shape"),
        (lambda s: s.weights.__setitem__("e to e+i", np.ones((400, 320))), InvalidValueError, "no synapse is there"),
        (lambda s: s.weights["x"], UnknownNameError, "no projection 'x'"),
        (lambda s: s.step(1.0, spikes={"e": [1]}), InvalidValueError, "only a SpikeInput is fed"),
        (lambda s: s.step(1.0, current={"x": 1.0}), UnknownNameError, "no population 'x'"),
        (lambda s: s.step(0.05), InvalidValueError, "no multiple of dt"),
        (lambda s: s.every(10.0, 3), InvalidTypeError, "wanted a function"),
        (lambda s: s.run(1.0, every=3), InvalidTypeError, "interval in ms, function"),
        (lambda s: s.run(1.0, autosave="3 parsecs"), InvalidValueError, 'text such as "10 min"|out='),
        (lambda s: s.branch(2, seeds=[1]), InvalidValueError, "wanted 2 seeds"),
        (lambda s: s.branch(0), InvalidValueError, "branch: n must be a whole number from 1"),
        (lambda s: s.branch(2, seeds=5), InvalidTypeError, "seeds: wanted a list"),
        (lambda s: s.step(1.0, spikes=[0]), InvalidTypeError, "wanted {.population.: ids}"),
        (lambda s: s.step(1.0, current=3.0), InvalidTypeError, "wanted {.population.: amounts}"),
        (lambda s: setattr(s, "state", 3), FrozenError, "entries are set one by one"),
        (lambda s: s.state.__setitem__("e", 3), InvalidTypeError, r"sim\.state\['e'\]\['v'\] = "),
        (lambda s: s.save(3), InvalidTypeError, "save: wanted a path, got int"),
        (lambda s: ss.Simulation.resume(3), InvalidTypeError, "resume: wanted a path, got int"),
    ],
)
def test_mistakes(wrong: Any, error: type, says: str) -> None:
    sim = ss.Simulation(NETWORKS["LIF exponential"][0]())
    with pytest.raises(error, match=says):
        wrong(sim)
    sim.run(1.0, progress=False)


@ENGINES
def test_callbacks_at_whole_steps(engine: str) -> None:
    """They come at their multiples, read, set and stop; what they change acts from that step on."""
    seen: list[float] = []

    def watch(sim: ss.Simulation) -> None:
        seen.append(sim.time)
        if sim.time == 20.0:
            sim.set("cell", I_e=250.0)
        if sim.time == 40.0:
            sim.stop()

    net = one_cell()
    result = net.run(100.0, every=(10.0, watch), engine=engine, progress=False)
    assert seen == [10.0, 20.0, 30.0, 40.0]
    assert result.stop == 40.0
    sim = ss.Simulation(net, engine=engine)
    sim.run(20.0, progress=False)
    sim.set("cell", I_e=250.0)
    expected = sim.run(20.0, progress=False).traces["cell"]["v"].values
    np.testing.assert_array_equal(result.traces["cell"]["v"].values, expected)


def test_a_condition_ends_a_run() -> None:
    net = one_cell(I_e=250.0)
    result = net.run(100.0, stop=lambda sim: sim.state["cell"]["v"][0] > -63.0, progress=False)
    assert 5.0 < result.stop < 30.0
    assert result.traces["cell"]["v"].values[-1, 0] > -63.0


def test_callbacks_may_not_run() -> None:
    def recursive(sim: ss.Simulation) -> None:
        sim.run(1.0)

    sim = ss.Simulation(one_cell())
    with pytest.raises(StateError, match="cannot run the simulation that calls it"):
        sim.run(100.0, every=(1.0, recursive), progress=False)


@ENGINES
def test_a_closed_loop_of_currents(engine: str) -> None:
    """The same current described as Steps; a step returns who fired."""
    amplitudes = np.array([[300.0, 0.0], [0.0, 600.0], [900.0, 200.0], [0.0, 0.0]])
    net = ss.Network()
    cell = net.population("cell", 2, ss.LIF())
    net.record(cell, "spikes")
    described = ss.Network()
    other = described.population("cell", 2, ss.LIF())
    described.inject(other, ss.Steps([0.0, 20.0, 40.0, 60.0], amplitudes))
    described.record(other, "spikes")
    expected = described.run(80.0, engine=engine, progress=False).spikes["cell"]
    sim = ss.Simulation(net, engine=engine)
    fired = [sim.step(20.0, current={"cell": amps})["cell"] for amps in amplitudes]
    found = sim.result().spikes["cell"]
    np.testing.assert_allclose(found.times, expected.times, atol=1e-9)
    np.testing.assert_array_equal(found.ids, expected.ids)
    np.testing.assert_array_equal(np.concatenate(fired), expected.ids)
    assert found.count() > 3


@ENGINES
@pytest.mark.parametrize("threads", [1, 2])
def test_fed_spikes_are_listed_spikes(engine: str, threads: int) -> None:
    """The same spikes listed beforehand: the same bits of whom they reach."""
    listed = [[0.0, 3.0, 7.0], [3.0], [5.0, 7.0]]

    def build(source: Any) -> ss.Network:
        net = ss.Network(seed=5)
        cells = net.population("cells", 150, ss.LIF(**CUBA, I_e=190.0), v=ss.uniform(-60.0, -50.0))
        touch = net.population("touch", 3, source)
        for pre, weight, delay in ((touch, 60.0, 1.0), (cells, 20.0, ss.uniform(0.1, 4.0))):
            net.connect(pre, cells, ss.fixed_probability(0.3), weight=weight, delay=delay, synapse=ss.Exponential(3.0))
        net.record(cells + touch, "spikes")
        return net

    expected = build(ss.SpikeTimes(listed)).run(20.0, engine=engine, threads=1, progress=False)
    sim = ss.Simulation(build(ss.SpikeInput()), engine=engine, threads=threads)
    for t in range(20):
        ids = [k for k, times in enumerate(listed) if float(t) in times]
        fired = sim.step(1.0, spikes={"touch": ids})
        assert fired["touch"].tolist() == ids
    found = sim.result()
    for name in ("cells", "touch"):
        np.testing.assert_array_equal(found.spikes[name].times, expected.spikes[name].times)
        np.testing.assert_array_equal(found.spikes[name].ids, expected.spikes[name].ids)
    assert found.spikes["cells"].count() > 50


def test_state_of_a_fed_and_changed_network_is_saved(tmp_path: Any) -> None:
    """Held currents, changed parameters and weights, spikes on their way: all of it goes on."""
    net = ss.Network(seed=5)
    cells = net.population("cells", 50, ss.LIF(**CUBA))
    touch = net.population("touch", 3, ss.SpikeInput())
    net.connect(touch, cells, ss.all_to_all(), weight=100.0, delay=5.0, synapse=ss.Exponential(3.0), name="t")
    net.record(cells, "spikes", "v", every=1.0)
    sim = ss.Simulation(net)
    sim.step(2.0, current={"cells": np.linspace(100.0, 400.0, 50)}, spikes={"touch": [0, 1, 1]})
    sim.set("cells", V_th=-51.0)
    sim.weights["t"] = 150.0
    sim.save(tmp_path / "s.h5")
    again = ss.Simulation.resume(tmp_path / "s.h5", net, threads=2)
    for _ in range(10):
        one, other = (s.step(2.0, spikes={"touch": [2]})["cells"] for s in (sim, again))
        np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(sim.state["cells"]["v"], again.state["cells"]["v"])


def test_ids_in_two_dimensions() -> None:
    net = ss.Network()
    net.population("touch", 3, ss.SpikeInput())
    with ss.Simulation(net) as sim, pytest.raises(InvalidTypeError, match="a list of ids of neurons, got 2 dimensions"):
        sim.step(1.0, spikes={"touch": [[0]]})
