"""Spikes that move a named state, on the event engine.  Truth: closed forms, SciPy, the clock engine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.optimize import brentq

import spikesim as ss
from spikesim.published import FlyNeuron


def fed(model: Any, times: Sequence[float], weights: Sequence[float], to: str = "g", **start: Any) -> ss.Network:
    """One neuron, and spikes that arrive in a state of it."""
    net = ss.Network()
    cell = net.population("cell", max(1, *map(np.size, model)), model, **start)
    train = net.population("train", len(times), ss.SpikeTimes([[t - 0.5] for t in times]))
    net.connect(train, cell[:1], ss.all_to_all(), weight=[list(weights)], delay=0.5, synapse=ss.Delta(to=to))
    net.record(cell, "spikes")
    return net


def run(net: ss.Network, duration: float, **settings: Any) -> ss.Result:
    return net.run(duration, engine="event", progress=False, **settings)


def test_a_linear_neuron_in_closed_form() -> None:
    """v = g_0 (e^-t/20 - e^-t/5) / 3 above rest, g = g_0 e^-t/5, and the time at which v is 7 mV above it."""
    net = fed(FlyNeuron(), [5.0, 21.0], [-11.0, 60.0])
    net.record(net["cell"], "v", "g", every=0.1)
    result = run(net, 40.0)
    traces, one = result.traces["cell"], lambda t: (np.exp(-t / 20.0) - np.exp(-t / 5.0)) / 3.0
    t = traces["g"].times
    before = t < 21.0
    since = np.maximum(t - 5.0, 0.0)
    np.testing.assert_allclose(traces["v"].values[before, 0], -52.0 - 11.0 * one(since[before]), atol=1e-12)
    g = np.where(t > 5.0 - 1e-9, -11.0 * np.exp(-since / 5.0), 0.0)
    np.testing.assert_allclose(traces["g"].values[before, 0], g[before], atol=1e-12)
    wanted = brentq(lambda t: -11.0 * one(t - 5.0) + 60.0 * one(t - 21.0) - 7.0, 21.0, 27.0, xtol=1e-13)
    assert result.spikes["cell"].times[0] == pytest.approx(wanted, abs=1e-11)


@pytest.mark.parametrize("model", [FlyNeuron(V_th=-51.9), FlyNeuron(V_th=-51.9, tau_g=[5.0, 6.0])])
def test_what_arrives_at_a_refractory_neuron_is_lost(model: Any) -> None:
    """A spike resets g, which drops what arrives until the neuron is released, at the latest."""
    net = fed(model, [10.0, 12.2, 12.3], [50.0, 3.0, 4.0], v=-52.0)
    net.record(net["cell"], "g", every=0.01)
    result = run(net, 14.0, dt=0.01)
    spike, again = result.spikes["cell"].times[:2]
    trace = result.traces["cell"]["g"]
    t, g = trace.times, trace.values[:, 0]
    assert 10.0 < spike < 10.1 and 12.2 < spike + 2.2 < 12.3
    assert np.all(g[(t > spike) & (t < 12.3 - 1e-6)] == 0.0)
    then = (t > 12.3 - 1e-6) & (t < again)
    assert then.sum() > 30
    np.testing.assert_allclose(g[then], 4.0 * np.exp((12.3 - t[then]) / 5.0), atol=1e-8)


@ss.model(states=("v", "g"), clamped=("v",))
class Current(NamedTuple):
    """A current of its own that no spike stops; a spike takes half of it."""

    tau_m: float = 10.0
    tau_g: float = 5.0
    V_th: float = 8.0
    t_ref: float = 3.0

    @ss.equation
    def slope(s, u, p):
        return ((0.5 * s[1] + u.current - s[0]) / p.tau_m, -s[1] / p.tau_g)

    @ss.equation
    def margin(s, p):
        return s[0] - p.V_th

    @ss.equation
    def reset(s, p):
        return (0.0, 0.5 * s[1] + 1.0)


def test_a_state_that_nothing_holds_goes_on() -> None:
    """It runs down and takes what arrives while refractory: g at all times, in closed form."""
    net = fed(Current(), [5.0, 8.0], [200.0, 30.0], v=0.0, g=0.0)
    net.record(net["cell"], "v", "g", every=0.1)
    result = run(net, 9.0)
    spike = result.spikes["cell"].times
    assert spike.size == 1 and 5.0 < spike[0] < 8.0 < spike[0] + 3.0
    trace = result.traces["cell"]["g"]
    at_spike = 200.0 * np.exp(-(spike[0] - 5.0) / 5.0)
    for t, g in zip(trace.times, trace.values[:, 0]):
        wanted = 0.0 if t < 5.0 - 1e-9 else 200.0 * np.exp(-(t - 5.0) / 5.0)
        if t > spike[0]:
            wanted = (0.5 * at_spike + 1.0) * np.exp(-(t - spike[0]) / 5.0)
        if t > 8.0 - 1e-9:
            wanted += 30.0 * np.exp(-(t - 8.0) / 5.0)
        assert g == pytest.approx(wanted, abs=1e-10)


@pytest.mark.parametrize("model", [FlyNeuron(), Current()])
def test_in_closed_form_as_by_steps(model: Any) -> None:
    """The exact path, and the integrator of nonlinear neurons that those of different time constants take."""
    draws = np.random.default_rng(2)
    times, weights = np.sort(draws.uniform(1.0, 200.0, 120)), draws.uniform(-20.0, 50.0, 120)
    start = {"v": 0.0, "g": 0.0} if isinstance(model, Current) else {}

    def spikes(model: Any, n: int) -> np.ndarray:
        net = ss.Network()
        cells = net.population("cell", n, model, **start)
        train = net.population("train", 120, ss.SpikeTimes([[t] for t in times]))
        rule, weight = ss.from_pairs(np.arange(120), np.zeros(120, int)), weights
        net.connect(train, cells, rule, weight=weight, delay=0.1, synapse=ss.Delta(to="g"))
        net.record(cells[:1], "spikes")
        return run(net, 210.0, rtol=1e-10, atol=1e-11).spikes["cell"].times

    exact = spikes(model, 1)
    stepped = spikes(model._replace(tau_g=[model.tau_g, 7.0]), 2)
    assert exact.size > 10
    np.testing.assert_allclose(stepped, exact, atol=1e-6)


def test_a_nonlinear_neuron_against_scipy() -> None:
    """The adaptation of an AdEx jumps by what arrives; the integrator begins anew there."""
    p = ss.AdEx(I_e=300.0)
    net = fed(p, [5.0, 20.0], [-100.0, 60.0], to="w", v=-70.0, w=10.0)
    net.record(net["cell"], "v", "w", every=1.0)
    traces = run(net, 30.0, rtol=1e-11, atol=1e-12).traces["cell"]

    def slope(t: float, s: np.ndarray) -> Any:
        return ss.AdEx.slope(tuple(s), ss.neurons.Input(0.0, 0.0, t), p)

    s, now = np.array([-70.0, 10.0]), 0.0
    events = [(5.0, -100.0), (20.0, 60.0), *((t, 0.0) for t in traces["v"].times)]
    for t, w in sorted(events, key=lambda event: (event[0], event[1] == 0.0)):
        if t > now:
            s, now = solve_ivp(slope, (now, t), s, method="DOP853", rtol=1e-12, atol=1e-13).y[:, -1], t
        s[1] += w
        if w == 0.0:
            k = np.flatnonzero(traces["v"].times == t)[0]
            np.testing.assert_allclose([traces["v"].values[k, 0], traces["w"].values[k, 0]], s, atol=1e-7)


@ss.model(states=("v", "u"), clamped=("u",))
class Charged(NamedTuple):
    """The threshold is on u, which is held while refractory; v bends."""

    t_ref: float = 2.0

    @ss.equation
    def slope(s, u, p):
        return (-0.1 * s[0] * s[0], -0.1 * s[1])

    @ss.equation
    def margin(s, p):
        return s[1] - 1.0

    @ss.equation
    def reset(s, p):
        return (s[0], 0.25)


def test_a_move_beyond_the_threshold_is_a_spike() -> None:
    """At once, together with what else arrives then; and what comes while refractory is lost."""
    net = fed(Charged(), [3.0, 3.0, 4.0, 5.5], [0.6, 0.6, 5.0, 0.8], to="u", v=1.0, u=0.0)
    net.record(net["cell"], "u", every=0.5)
    result = run(net, 8.0)
    assert result.spikes["cell"].times.tolist() == pytest.approx([3.0, 5.5], abs=1e-12)
    u = dict(zip(result.traces["cell"]["u"].times.round(6), result.traces["cell"]["u"].values[:, 0]))
    assert u[2.5] == 0.0 and u[3.0] == u[4.0] == u[5.0] == 0.25
    assert u[7.0] == 0.25


@ss.model(states=("v", "u"))
class Free(NamedTuple):
    """A state that runs down, beside one that bends."""

    @ss.equation
    def slope(s, u, p):
        return (-0.1 * s[0] * s[0], -0.1 * s[1])


def test_backgrounds_move_states() -> None:
    """A Poisson train into a state: its mean is rate weight tau."""
    net = ss.Network(seed=3)
    cells = net.population("cells", 60, Free(), v=0.0, u=0.0)
    net.background(cells, rate=2000.0, weight=0.01, synapse=ss.Delta(to="u"))
    net.record(cells, "u", every=1.0)
    u = run(net, 120.0).traces["cells"]["u"].values[60:]
    assert u.mean() == pytest.approx(2.0 * 0.01 * 10.0, rel=0.05)


def test_a_network_as_on_the_clock() -> None:
    """The first spikes of a recurrent network: those of the clock engine late by its step, at two steps."""
    from spikesim.published import fly_brain, synthetic_connectome

    net = fly_brain(synthetic_connectome(200, 6000), activate=())
    source = net.population("source", 20, ss.SpikeTimes([[1.0 + 0.3 * i] for i in range(20)]))
    net.connect(source, net["brain"], ss.fixed_outdegree(60), weight=30.0, delay=1.0, synapse=ss.Delta(to="g"))
    found = run(net, 12.0).spikes["brain"]
    first = {i: found.times[found.ids == i][0] for i in np.unique(found.ids)}
    assert len(first) > 50
    for dt in (0.02, 0.005):
        clock = net.run(12.0, dt=dt, progress=False).spikes["brain"]
        late = np.array([clock.times[clock.ids == i][0] - t for i, t in first.items()])
        assert -1e-9 < late.min() and late.max() < 2.0 * dt
