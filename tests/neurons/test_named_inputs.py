"""Named inputs, time in an equation, no threshold, derived quantities, states that run while refractory."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest
from scipy.integrate import solve_ivp

import spikesim as ss
from spikesim.errors import InvalidTypeError, UnknownNameError


@pytest.fixture(autouse=True)
def forget(monkeypatch: pytest.MonkeyPatch) -> None:
    """Models declared here must not stay in the table of models."""
    import spikesim.neurons.contract as contract

    monkeypatch.setattr(contract, "_registry", dict(contract._registry))


def two_inputs() -> type:
    @ss.model
    class TwoInputs(NamedTuple):
        """tau dx/dt = -x + u.x + gain u.y;  no threshold."""

        tau: float = 5.0
        gain: float = 2.0

        states = ("x",)
        inputs = ("x", "y")

        @ss.equation
        def slope(s, u, p):
            return ((-s[0] + u.x + p.gain * u.y) / p.tau,)

        @ss.equation
        def observe(s, u, p):
            return {"speed": (-s[0] + u.x + p.gain * u.y) / p.tau, "half": 0.5 * s[0]}

    return TwoInputs


@pytest.mark.parametrize("engine", ["clock", "event"])
def test_inputs_add_up(engine: str) -> None:
    """Closed form: a leaky integrator under two inputs, of which one reaches some neurons only; no spike ever."""
    net = ss.Network(seed=1)
    cells = net.population("cells", 3, two_inputs()(gain=[2.0, 2.0, 3.0]), x=0.0)
    net.inject(cells, ss.DC(1.0), into="x")
    net.inject(cells[1:], ss.DC([2.0, 4.0], start=10.0), into="y")
    net.record(cells, "x", "speed", "half", "spikes")
    result = net.run(20.0, engine=engine, progress=False)
    traces = result.traces["cells"]
    t, x = traces["x"].times, traces["x"].values
    late = np.maximum(t - 10.0, 0.0)
    wanted = (1.0 - np.exp(-t / 5.0))[:, None] + (1.0 - np.exp(-late / 5.0))[:, None] * [0.0, 4.0, 12.0]
    np.testing.assert_allclose(x, wanted, atol=1e-6)
    forced = 1.0 + (t >= 10.0)[:, None] * np.array([0.0, 4.0, 12.0])
    np.testing.assert_allclose(traces["speed"].values, (forced - x) / 5.0, atol=1e-9)
    np.testing.assert_array_equal(traces["half"].values, 0.5 * x)
    assert result.spikes["cells"].count() == 0


def test_a_sine_and_a_waveform_into_an_input() -> None:
    """SciPy, on the event engine: each where it belongs, with a current beside."""

    @ss.model
    class Both(NamedTuple):
        """dx/dt = -x + I + u.x^2 - u.y."""

        a: float = 1.0

        states = ("x",)
        inputs = ("x", "y")

        @ss.equation
        def slope(s, u, p):
            return (u.current + u.x * u.x - u.y - p.a * s[0],)

    net = ss.Network(seed=1)
    cell = net.population("cell", 1, Both(), x=0.0)
    net.inject(cell, ss.Sine(2.0, 100.0, offset=0.5), into="y")
    net.inject(cell, ss.Waveform([0.0, 4.0, 8.0], [0.0, 3.0, 1.0]), into="x")
    net.inject(cell, ss.DC(0.5))
    net.inject(cell, ss.Sine(1.0, 50.0, phase=0.3))
    net.record(cell, "x", every=1.0)
    found = net.run(8.0, engine="event", progress=False, rtol=1e-10, atol=1e-11).traces["cell"]["x"]

    def slope(t: float, x: np.ndarray) -> np.ndarray:
        current = 0.5 + np.sin(2.0 * np.pi * 0.05 * t + 0.3)
        return current + np.interp(t, [0.0, 4.0, 8.0], [0.0, 3.0, 1.0]) ** 2 - 0.5 - 2.0 * np.sin(0.2 * np.pi * t) - x

    exact = solve_ivp(slope, (0.0, 8.0), [0.0], "DOP853", t_eval=found.times, rtol=1e-11, atol=1e-12, max_step=0.1)
    np.testing.assert_allclose(found.values[:, 0], exact.y[0], atol=1e-7)


def test_wrong_inputs_are_refused() -> None:
    """By name: where it was written."""
    net = ss.Network(seed=1)
    cells, other = net.population("cells", 2, two_inputs()(), x=0.0), net.population("other", 2, ss.LIF())
    with pytest.raises(UnknownNameError, match="no input 'z'; its inputs are x, y"):
        net.inject(cells, ss.DC(1.0), into="z")
    with pytest.raises(UnknownNameError, match="LIF has no input 'x'; it names none"):
        net.inject(other, ss.DC(1.0), into="x")
    with pytest.raises(InvalidTypeError, match="comma of a tuple"):
        ss.model(states=("x",), inputs=("x"))(NamedTuple("M", [("a", float)]))


@pytest.mark.parametrize("engine", ["clock", "event"])
def test_time_in_an_equation(engine: str) -> None:
    """SciPy: u.t is the time; the step stays of order 4 (error of dt = 0.5 some 16 times that of 0.25)."""

    @ss.model
    class Driven(NamedTuple):
        """dx/dt = -x + cos t."""

        a: float = 1.0

        states = ("x",)

        @ss.equation
        def slope(s, u, p):
            return (p.a * (np.cos(u.t) - s[0]),)

    exact = solve_ivp(lambda t, x: np.cos(t) - x, (0.0, 8.0), [0.0], "DOP853", rtol=1e-12, atol=1e-12).y[0, -1]
    errors = []
    for dt in (0.5, 0.25):
        net = ss.Network(seed=1)
        cell = net.population("cell", 1, Driven(), x=0.0)
        net.record(cell, "x", every=8.0)
        errors.append(abs(net.run(8.0, dt=dt, engine=engine, progress=False).traces["cell"]["x"].values[-1, 0] - exact))
    assert errors[1] < 3e-5
    if engine == "clock":
        assert 10.0 < errors[0] / errors[1] < 25.0


@pytest.mark.parametrize("engine", ["clock", "event"])
def test_v_runs_while_refractory(engine: str) -> None:
    """Closed form: V relaxes from V_reset right after the spike, and the next spike waits for the end of t_ref."""
    net = ss.Network(seed=1)
    run = net.population("run", 1, ss.LIF(I_e=500.0, t_ref=5.0, hold=False))
    held = net.population("held", 1, ss.LIF(I_e=500.0, t_ref=5.0))
    net.record(run + held, "v", "spikes")
    result = net.run(60.0, dt=0.1, engine=engine, progress=False)
    first = result.spikes["run"].times[0]
    assert first == pytest.approx(result.spikes["held"].times[0], abs=1e-5)
    t, v = result.traces["run"]["v"].times, result.traces["run"]["v"].values[:, 0]
    some = (t > first) & (t < first + 5.0)
    np.testing.assert_allclose(v[some], -50.0 - 20.0 * np.exp(-(t[some] - first) / 10.0), atol=1e-6)
    after = np.diff(result.spikes["run"].times)
    np.testing.assert_allclose(after, 10.0 * np.log(4.0), atol=0.1)  # V_th is reached later than 5 ms
    assert np.diff(result.spikes["held"].times).mean() == pytest.approx(10.0 * np.log(4.0) + 5.0, abs=0.1)


def test_hold_is_part_of_the_value() -> None:
    """It is copied, compared, pickled and described with the others."""
    import copy
    import pickle

    from spikesim.network.described import described, network_of

    one = ss.LIF(tau_m=12.0, hold=False)
    for twin in (copy.deepcopy(one), pickle.loads(pickle.dumps(one)), one._replace(tau_m=12.0)):
        assert twin == one and "hold=False" in repr(twin) and isinstance(twin, ss.LIF)
    assert one != ss.LIF(tau_m=12.0) and type(one)(hold=True) == ss.LIF()
    net = ss.Network(seed=1)
    net.population("a", 2, one)
    assert network_of(described(net)).populations["a"].model == one
    with pytest.raises(InvalidTypeError, match="hold must be True or False, got 1"):
        ss.LIF(hold=1)


def tangent(named: bool) -> type:
    @ss.model
    class Tangent(NamedTuple):
        """dv/dt = (t / scale) (1 + v^2);  no threshold."""

        scale: float = 50.0

        states = ("v",)

        @ss.equation
        def slope(s, u, p):
            return (u.t / p.scale * (1.0 + s[0] * s[0]),)

    @ss.model
    class Driven(NamedTuple):
        """dv/dt = (t / scale + u.x + 2 u.y) (1 + v^2);  no threshold."""

        scale: float = 50.0

        states = ("v",)
        inputs = ("x", "y")

        @ss.equation
        def slope(s, u, p):
            return ((u.t / p.scale + u.x + 2.0 * u.y) * (1.0 + s[0] * s[0]),)

    return Driven if named else Tangent


@pytest.mark.parametrize("engine", ["clock", "event"])
@pytest.mark.parametrize("named", [False, True])
def test_time_and_inputs_of_a_nonlinear_model(engine: str, named: bool) -> None:
    """Closed form: v = tan(t^2 / 100 + t (u.x + 2 u.y))."""
    net = ss.Network()
    cell = net.population("cell", 1, tangent(named)(), v=0.0)
    if named:
        net.inject(cell, ss.DC(0.02), into="x")
        net.inject(cell, ss.DC(0.03), into="y")
    net.record(cell, "v", every=1.0)
    trace = net.run(6.0, dt=0.01, engine=engine, progress=False).traces["cell"]["v"]
    t = np.asarray(trace.times)
    np.testing.assert_allclose(trace.values[:, 0], np.tan(t * t / 100.0 + 0.08 * named * t), rtol=1e-5)
