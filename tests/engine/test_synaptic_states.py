"""States of synapses and of releases, recorded: against their equations, on any threads, after resume."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

import spikesim as ss
from spikesim.errors import InvalidValueError, UnknownNameError

BOTH = pytest.mark.parametrize("engine", ("clock", "event"))


@ss.synapse(states=("a", "b"))
class Chain(NamedTuple):
    """Spikes arrive in both of two states; b feeds on a: a linear filter that is no cascade."""

    fast: float = 2.0
    slow: float = 8.0

    @ss.equation
    def slope(f: Any, p: Any) -> Any:
        return (-f[0] / p.fast, f[0] / p.fast - f[1] / p.slow)

    @ss.equation
    def jump(f: Any, w: Any, p: Any) -> Any:
        return (f[0] + 0.5 * w, f[1] + 0.25 * w)

    @ss.equation
    def input(f: Any, v: Any, p: Any) -> Any:
        return ss.Input(f[1] - 0.5 * f[0], 0.0)


def one(synapse: Any, weight: float, **more: Any) -> ss.Network:
    net = ss.Network(seed=3)
    source = net.population("source", 1, ss.SpikeTimes([[1.0, 4.0, 4.5]]))
    cell = net.population("cell", 1, ss.LIF(V_th=np.inf), v=-70.0)
    net.connect(source, cell, ss.all_to_all(), weight=weight, delay=1.0, synapse=synapse, name="in", **more)
    return net


@BOTH
def test_a_linear_filter_of_ones_own(engine: str) -> None:
    net = one(Chain(), 10.0)
    net.record(net["cell"], "Chain.a", "Chain.b", "I_Chain", every=0.5)
    traces = net.run(10.0, engine=engine, progress=False).traces["cell"]
    t, a, b = traces["Chain.a"].times, np.zeros(20), np.zeros(20)
    rate = 1 / 2.0 - 1 / 8.0
    for arrival in (2.0, 5.0, 5.5):
        since = np.maximum(t - arrival, 0.0)
        a += (t >= arrival) * 5.0 * np.exp(-since / 2.0)
        feeding = 5.0 / 2.0 / rate * (np.exp(-since / 8.0) - np.exp(-since / 2.0))
        b += (t >= arrival) * (2.5 * np.exp(-since / 8.0) + feeding)
    assert np.allclose(traces["Chain.a"].values[:, 0], a, atol=1e-11)
    assert np.allclose(traces["Chain.b"].values[:, 0], b, atol=1e-11)
    assert np.allclose(traces["I_Chain"].values[:, 0], b - 0.5 * a, atol=1e-11)


@ss.synapse(states=("a", "b"))
class Sum(NamedTuple):
    """A fast and a slow current: its input jumps with both states."""

    fast: float = 1.0
    slow: float = 30.0

    @ss.equation
    def slope(f: Any, p: Any) -> Any:
        return (-f[0] / p.fast, -f[1] / p.slow)

    @ss.equation
    def jump(f: Any, w: Any, p: Any) -> Any:
        return (f[0] + 0.7 * w, f[1] + 0.3 * w)

    @ss.equation
    def input(f: Any, v: Any, p: Any) -> Any:
        return ss.Input(f[0] + f[1], 0.0)


@BOTH
def test_all_states_of_a_filter_are_felt(engine: str) -> None:
    """Also by what a model derives from its input."""

    @ss.model(states=("v",))
    class Felt(NamedTuple):
        tau_m: float = 10.0

        @ss.equation
        def slope(s: Any, u: Any, p: Any) -> Any:
            return ((u.current - s[0]) / p.tau_m,)

        @ss.equation
        def observe(s: Any, u: Any, p: Any) -> Any:
            return {"drive": u.current}

    net = ss.Network()
    source, cell = net.population("source", 1, ss.SpikeTimes([[1.0, 4.0, 4.5]])), net.population("cell", 1, Felt())
    net.connect(source, cell, ss.all_to_all(), weight=10.0, delay=1.0, synapse=Sum())
    net.record(cell, "drive", "I_Sum", "Sum.b", every=0.5)
    traces = net.run(10.0, engine=engine, progress=False).traces["cell"]
    since = traces["drive"].times[:, None] - [2.0, 5.0, 5.5]
    slow = 3.0 * np.sum((since >= 0) * np.exp(-np.maximum(since, 0.0) / 30.0), axis=1)
    fast = 7.0 * np.sum((since >= 0) * np.exp(-np.maximum(since, 0.0)), axis=1)
    assert np.allclose(traces["drive"].values[:, 0], slow + fast, atol=1e-11)
    assert np.allclose(traces["I_Sum"].values[:, 0], slow + fast, atol=1e-11)
    assert np.allclose(traces["Sum.b"].values[:, 0], slow, atol=1e-11)


def test_synapses_that_are_no_filters() -> None:
    """MgNMDA: what arrives at a sample's time counts; NMDASaturating, whose spikes may not be added up."""
    net = one(ss.MgNMDA(tau=20.0), 3.0)
    net.record(net["cell"], "MgNMDA.g", every=0.5)
    trace = net.run(10.0, dt=0.05, progress=False).traces["cell"]["MgNMDA.g"]
    right = sum(3.0 * (trace.times >= s) * np.exp(-np.maximum(trace.times - s, 0.0) / 20.0) for s in (2.0, 5.0, 5.5))
    assert np.allclose(trace.values[:, 0], right, atol=1e-9)
    names = type(ss.NMDASaturating()).states
    net = one(ss.NMDASaturating(), 1.0)
    net.record(net["cell"], *(f"NMDASaturating.{name}" for name in names), every=0.5)
    traces = net.run(10.0, dt=0.05, progress=False).traces["cell"]
    for name in names:
        values = traces[f"NMDASaturating.{name}"].values[:, 0]
        assert np.all(values[:3] == 0.0) and np.all(values[5:] > 0.0)


@BOTH
def test_the_states_of_a_release(engine: str, tmp_path: Path) -> None:
    """x and u of Tsodyks and Markram are the solution between spikes and the recurrence at them."""
    rule = ss.TsodyksMarkram(U=0.4, tau_rec=50.0, tau_fac=20.0)
    net = one(ss.Exponential(2.0), 10.0, release=rule)
    net.record(net.projections[0], "x", "u", every=0.5)
    result = net.run(10.0, engine=engine, out=tmp_path / "run.h5", progress=False)
    x, u, last, wanted = 1.0, 0.0, 0.0, []
    for t in np.arange(0.5, 10.01, 0.5):
        x, u, last = 1.0 - (1.0 - x) * np.exp(-(t - last) / 50.0), u * np.exp(-(t - last) / 20.0), t
        if t in (1.0, 4.0, 4.5):
            u = u + 0.4 * (1.0 - u)
            x = x - u * x
        wanted.append((x, u))
    stored = ss.load(tmp_path / "run.h5")
    for k, name in enumerate("xu"):
        found = result.traces["in"][name]
        assert found.values.shape == (20, 1) and np.allclose(found.values[:, 0], np.array(wanted)[:, k], atol=1e-12)
        assert stored.traces["in"][name].values.tobytes() == found.values.tobytes()


@BOTH
def test_same_bits_in_pieces_and_on_threads(engine: str, tmp_path: Path) -> None:
    def made() -> ss.Network:
        net = ss.Network(seed=9)
        source = net.population("source", 60, ss.Poisson(40.0))
        cells = net.population("cells", 150, ss.LIF(I_e=200.0))
        rule = ss.TsodyksMarkram(U=ss.uniform(0.2, 0.6), tau_rec=80.0)
        net.connect(
            source, cells, ss.fixed_indegree(10), weight=30.0, delay=1.5, synapse=Chain(), release=rule, name="in"
        )
        net.record(net.projections[0], "x", every=2.5)
        net.record(cells[:5], "Chain.b", every=2.5)
        return net

    def bits(result: Any) -> list[bytes]:
        return [result.traces["in"]["x"].values.tobytes(), result.traces["cells"]["Chain.b"].values.tobytes()]

    once = bits(made().run(60.0, engine=engine, threads=1, progress=False))
    with ss.Simulation(made(), engine=engine, threads=3) as sim:
        sim.run(21.0, progress=False)
        sim.save(tmp_path / "state.h5")
        sim.run(39.0, progress=False)
    assert bits(sim.result()) == once
    with ss.Simulation.resume(tmp_path / "state.h5", threads=2) as sim:  # what is recorded stands there, too
        sim.run(39.0, progress=False)
    assert all(whole.endswith(rest) and len(rest) > 8 for whole, rest in zip(once, bits(sim.result())))


def test_mistakes() -> None:
    net = one(ss.Exponential(2.0), 10.0, release=ss.TsodyksMarkram())
    with pytest.raises(UnknownNameError, match="its weights and the states of its release, u, x, y, are recorded"):
        net.record(net.projections[0], "z", every=1.0)
    with pytest.raises(InvalidValueError, match="its weights do not change"):
        net.record(net.projections[0], "w", every=1.0)
    net.record(net.projections[0], "x", every=1.0)
    with pytest.raises(InvalidValueError, match="'x' is recorded already"):
        net.record(net.projections[0], "x", every=2.0)
    net.record(net["cell"], "Exponential.g", every=1.0)
    with pytest.raises(UnknownNameError, match=r"no variable 'Exponential.g'"):
        net.run(1.0, progress=False)
