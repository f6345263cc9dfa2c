"""Synapses that are no linear filters, on the event engine.  Truth: SciPy at 1e-12; the clock engine as dt falls."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import pytest
from scipy.integrate import solve_ivp

import spikesim as ss
from spikesim.jit import JIT
from spikesim.neurons.contract import Input

from .cases.neurons import Filling

ARRIVALS = [2.0, 5.5, 5.5, 9.0, 30.25, 31.0, 33.0, 34.0, 36.5, 60.0]
RUN = {"engine": "event", "progress": False}


class Parameters:
    def __init__(self, value: Any) -> None:
        self.__dict__ = value._asdict()


def reference(model: Any, synapses: list[tuple[Any, float]], start: np.ndarray, stop: float) -> np.ndarray:
    """Spike times of a neuron that is reached through all synapses at once, by the verbs of them all."""
    cls, p = type(model), Parameters(model)
    n, held = len(cls.states), [state in cls.clamped for state in cls.states]
    kinds = [(type(s), Parameters(s), len(type(s).states), w) for s, w in synapses]
    y = np.concatenate([start, np.zeros(sum(k[2] for k in kinds))])
    t, free, spikes = 0.0, -1.0, []

    def slope(t: float, y: np.ndarray) -> list[float]:
        current, conductance, rest, at = 0.0, 0.0, [], n
        for kind, q, size, _ in kinds:
            f = tuple(y[at : at + size])
            more = kind.input(f, y[0], q)
            current, conductance, at = current + more[0], conductance + more[1], at + size
            rest += [float(v) for v in kind.slope(f, q)]
        own = [float(v) for v in cls.slope(tuple(y[:n]), Input(current, conductance), p)]
        return [*(0.0 if h and free > t - 1e-12 else v for v, h in zip(own, held)), *rest]

    def margin(t: float, y: np.ndarray) -> float:
        return float(cls.margin(tuple(y[:n]), p)) if t >= free else -1.0

    margin.direction, margin.terminal = 1, True  # type: ignore[attr-defined]
    for arrival in [a + 1.0 for a in ARRIVALS] + [stop]:
        while t < arrival:
            end = free if t < free < arrival else arrival
            path = solve_ivp(slope, (t, end), y, method="DOP853", rtol=1e-12, atol=1e-13, max_step=0.5, events=margin)
            t, y = path.t[-1], path.y[:, -1]
            if path.t_events[0].size:
                spikes.append(t)
                y[:n] = [float(v) for v in cls.reset(tuple(y[:n]), p)]
                free = t + getattr(model, "t_ref", 0.0)
            elif end == free:
                t = free
        at = n
        for kind, q, size, w in kinds if arrival < stop else ():
            y[at : at + size] = kind.jump(tuple(y[at : at + size]), w, q)
            at += size
    return np.array(spikes)


def network(model: Any, synapses: list[tuple[Any, float]], times: Any = ARRIVALS) -> ss.Network:
    net = ss.Network()
    source, cell = net.population("source", 1, ss.SpikeTimes([times])), net.population("cell", 1, model)
    for k, (synapse, weight) in enumerate(synapses):
        net.connect(source, cell, ss.all_to_all(), weight=weight, delay=1.0, synapse=synapse, name=f"p{k}")
    net.record(cell, "spikes")
    return net


MIXED = [(ss.MgNMDA(tau=50.0), 20.0), (Filling(), 0.2)]
MODELS = {
    "LIF, held": (ss.LIF(tau_m=20.0, C_m=200.0, E_L=-60.0, V_th=-50.0, V_reset=-60.0, t_ref=3.0), MIXED),
    "AdEx": (ss.AdEx(V_peak=-20.0, t_ref=1.3, I_e=300.0), MIXED),
}


@pytest.mark.skipif(not JIT, reason="too many steps for plain Python")
@pytest.mark.parametrize("name", MODELS)
def test_spike_times_converge_to_scipy(name: str) -> None:
    """The synapses' own verbs in both, jumps that may not be added up among them; v is held while refractory."""
    model, synapses = MODELS[name]
    errors = []
    for rtol in (1e-5, 1e-8, 1e-11):
        sim = ss.Simulation(network(model, synapses), engine="event", rtol=rtol, atol=1e-2 * rtol)
        if not errors:
            wanted = reference(model, synapses, sim.program.cells[0].initial[:, 0], 100.0)
            assert wanted.size > 4
        found = sim.run(100.0, progress=False).spikes["cell"].times
        assert found.size == wanted.size
        errors.append(np.abs(found - wanted).max())
    assert errors[0] < 0.05 and errors[1] < 1e-4 and errors[2] < 1e-7, errors


@pytest.mark.skipif(not JIT, reason="too many steps for plain Python")
def test_the_clock_engine_converges_to_it() -> None:
    """v under both synapses, and what they say of themselves, at every ms: the clock's error falls with dt^2."""
    names = ("v", "MgNMDA.g", "Filling.open", "g_MgNMDA", "g_Filling", "I_syn", "g_syn")

    def traces(**run: Any) -> dict[str, np.ndarray]:
        net = network(ss.LIF(tau_m=20.0, C_m=200.0, E_L=-60.0, V_th=1e9), MIXED)
        net.record(net["cell"], *names, every=1.0)
        found = net.run(50.0, progress=False, **run).traces["cell"]
        return {name: found[name].values[:, 0] for name in names}

    exact = traces(engine="event", rtol=1e-11, atol=1e-13)
    coarse, fine = traces(dt=0.25), traces(dt=0.0625)
    for name in names:
        size = np.ptp(exact[name])
        errors = [np.abs(some[name] - exact[name]).max() / size for some in (coarse, fine)]
        assert size > 0.1 and errors[1] < 2e-4
        assert errors[1] < errors[0] / 10 or errors[0] < 1e-6, (name, errors)
    assert np.allclose(exact["g_syn"], exact["g_MgNMDA"] + exact["g_Filling"], rtol=1e-13)
    assert np.allclose(exact["I_syn"], -exact["g_syn"] * exact["v"], rtol=1e-12)  # both reverse at 0 mV


@ss.synapse(states=("on",))
class Switch(NamedTuple):
    """A spike turns it on, whatever its weight."""

    tau: float = 5.0

    @ss.equation
    def slope(f: Any, p: Any) -> Any:
        return (-f[0] / p.tau,)

    @ss.equation
    def jump(f: Any, w: Any, p: Any) -> Any:
        return (1.0 + 0.0 * f[0],)

    @ss.equation
    def input(f: Any, v: Any, p: Any) -> Any:
        return Input(f[0] * f[0], 0.0)


@pytest.mark.parametrize("weight", [0.0, 3.0])
def test_a_verb_is_called_whatever_the_weight(weight: float) -> None:
    """Closed forms of the state, of the current, and of v: f^2 falls twice as fast as f."""
    net = network(ss.LIF(tau_m=20.0, C_m=200.0, E_L=0.0, V_th=1e9, V_reset=-1.0), [(Switch(), weight)], [1.0, 4.0])
    net.record(net["cell"], "v", "Switch.on", "I_Switch", every=0.5)
    traces = net.run(10.0, rtol=1e-10, atol=1e-12, **RUN).traces["cell"]
    t, v, on = traces["v"].times, 0.0, []
    right = []
    for k, now in enumerate(t):
        since = now - (5.0 if now >= 5.0 else 2.0)
        on.append(np.exp(-since / 5.0) if since >= 0.0 else 0.0)
        if k and t[k - 1] >= 2.0:  # over half a ms from the time before
            a, b, begin = 1 / 20.0, 2 / 5.0, on[k - 1] ** 2
            v = v * np.exp(-0.5 * a) + begin / 200.0 * (np.exp(-0.5 * b) - np.exp(-0.5 * a)) / (a - b)
        right.append(v)
    assert np.allclose(traces["Switch.on"].values[:, 0], on, atol=1e-9)
    assert np.allclose(traces["I_Switch"].values[:, 0], np.square(on), atol=1e-9)
    assert np.allclose(traces["v"].values[:, 0], right, atol=1e-9) and max(right) > 1e-3


def test_learning_release_and_background_reach_them() -> None:
    """A spike counts once, with the weight that it has learnt and the share that is released."""
    net = ss.Network(seed=3)
    source = net.population("source", 1, ss.SpikeTimes([[1.0, 4.0, 6.0]]))
    cell = net.population("cell", 1, ss.LIF(V_th=1e9))
    rule = ss.STDP(A_plus=0.1, A_minus=0.1, w_max=9.0)
    net.connect(
        source, cell, ss.all_to_all(), weight=2.0, delay=1.0, synapse=ss.MgNMDA(tau=50.0), plasticity=rule,
        release=ss.TsodyksMarkram(U=0.5, tau_rec=100.0), name="p",
    )  # fmt: skip
    net.background(cell, rate=500.0, weight=0.25, synapse=ss.MgNMDA(tau=50.0))
    net.record(cell, "MgNMDA.g", every=0.5)
    result = net.run(12.0, **RUN)
    g, t = result.traces["cell"]["MgNMDA.g"].values[:, 0], result.traces["cell"]["MgNMDA.g"].times
    jumps = g[1:] - g[:-1] * np.exp(-0.5 / 50.0)
    x, released = 1.0, {}
    for k, at in enumerate((2.0, 5.0, 7.0)):
        x = 1.0 - (1.0 - x) * np.exp(-(at - (2.0, 2.0, 5.0)[k]) / 100.0)
        released[at] = 2.0 * 0.5 * x
        x *= 0.5
    others = jumps.copy()
    for at, size in released.items():
        others[np.flatnonzero(np.isclose(t[1:], at))] -= size
    assert np.all(others > -1e-9)
    whole = np.round(others / 0.25)  # of those of the background, each a little less than 0.25 by now
    assert np.all(np.abs(others - 0.25 * whole) <= 0.25 * whole * 0.01 + 1e-9) and whole.sum() >= 1


@pytest.mark.skipif(not JIT, reason="too many steps for plain Python")
def test_a_neuron_that_fires_by_chance() -> None:
    """Time rescaling: the integral of the hazard between spikes is exponential, under such a synapse, too."""
    from scipy import stats

    net = ss.Network(seed=4)
    cells = net.population("cells", 80, ss.StochasticLIF(I_e=250.0, t_ref=2.0))
    net.background(cells, rate=200.0, weight=1.0, synapse=ss.MgNMDA(tau=30.0))
    net.record(cells, "spikes")
    net.record(cells, "v", "I_syn", every=0.02)
    result = net.run(800.0, dt=0.02, **RUN)
    trace, train, p = result.traces["cells"]["v"], result.spikes["cells"], ss.StochasticLIF(t_ref=2.0)
    hazard = np.asarray(type(p).hazard((trace.values,), p))
    total = np.vstack([np.zeros(80), np.cumsum(0.02 * hazard, axis=0)])
    found = []
    for i in range(80):
        times = train.times[train.ids == i]
        for a, b in pairwise(times):
            found.append(np.interp(b, 0.02 * np.arange(len(total)), total[:, i]))
            found[-1] -= np.interp(a + 2.0, 0.02 * np.arange(len(total)), total[:, i])
    assert np.abs(result.traces["cells"]["I_syn"].values).max() > 10.0
    assert len(found) > 500  # (the last interval of each neuron is cut by the end of the run)
    assert stats.kstest(found, "expon").statistic < 0.02 + 1.6 / np.sqrt(len(found))
