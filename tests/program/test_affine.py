"""What is affine is proved from the equation.  Truths: the equations, and SciPy where they are not affine."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest
from scipy.integrate import solve_ivp

import spikesim as ss
from spikesim.jit import where
from spikesim.neurons.affine import NotAffine, variables
from spikesim.program.propagator import as_linear


@ss.model(states=("v",))
class Leaky(NamedTuple):
    """A leak that is stronger below -75 mV."""

    tau: float = 10.0
    E: float = -70.0
    tau_low: float = 1.0

    @ss.equation
    def slope(s, u, p):
        (v,) = s
        rate = where(v < -75.0, 1.0 / p.tau_low, 1.0 / p.tau)
        return ((p.E - v) * rate + u.current / 250.0,)

    @ss.equation
    def margin(s, p):
        return s[0] + 50.0

    @ss.equation
    def reset(s, p):
        return (p.E,)


@ss.model(states=("v",))
class Saturating(NamedTuple):
    """An input of which not more than 1 nA acts."""

    tau: float = 10.0

    @ss.equation
    def slope(s, u, p):
        (v,) = s
        return (-v / p.tau + where(u.current < 1000.0, u.current, 1000.0) / 100.0,)

    @ss.equation
    def margin(s, p):
        return s[0] - 1e6

    @ss.equation
    def reset(s, p):
        return (0.0,)


@ss.model(states=("v",))
class Chosen(NamedTuple):
    """A choice that a parameter makes, neuron by neuron: affine."""

    tau: float = 10.0
    kind: float = 0.0

    @ss.equation
    def slope(s, u, p):
        (v,) = s
        return (where(p.kind > 0.5, -v / p.tau, -v / (2.0 * p.tau)) + u.current / 100.0,)

    @ss.equation
    def margin(s, p):
        return s[0] - 10.0

    @ss.equation
    def reset(s, p):
        return (0.0,)


def settled(model, current: float, engine: str, duration: float) -> float:
    net = ss.Network()
    cell = net.population("cell", 1, model, v=-70.0 if isinstance(model, Leaky) else 0.0)
    net.inject(cell, ss.DC(current))
    net.record(cell, "v", every=1.0)
    return net.run(duration, engine=engine, progress=False).traces["cell"]["v"].values[-1, 0]


@pytest.mark.parametrize("engine", ["clock", "event"])
@pytest.mark.parametrize(("model", "current"), [(Leaky(), -3000.0), (Saturating(), 3000.0)])
def test_what_is_affine_only_near_zero_is_integrated_as_it_is(model, current: float, engine: str) -> None:
    """SciPy: the break lies where a few trial values would not see it."""
    assert as_linear(model, model._asdict()) is None
    start = -70.0 if isinstance(model, Leaky) else 0.0
    slope = type(model).slope
    exact = solve_ivp(
        lambda t, s: slope((s[0],), ss.neurons.Input(current, 0.0), model), (0.0, 60.0), [start], rtol=1e-10, atol=1e-10
    ).y[0, -1]
    assert settled(model, current, engine, 60.0) == pytest.approx(exact, abs=1e-3)


def test_a_choice_by_parameters_is_affine() -> None:
    """Closed form: each neuron has the leak of its own."""
    linear = as_linear(Chosen(), {"tau": 10.0, "kind": np.array([0.0, 1.0])})
    assert linear is not None
    np.testing.assert_allclose(linear.A[0, 0], [-0.05, -0.1])


@pytest.mark.parametrize("name", ["LIF", "Chosen"])
def test_linear_models_stay_linear(name: str) -> None:
    model = Chosen() if name == "Chosen" else ss.LIF(V_th=np.inf)
    assert as_linear(model, model._asdict()) is not None


@pytest.mark.parametrize(
    "equation",
    [
        lambda x, y: x * y, lambda x, y: 1.0 / x, lambda x, y: x**2, lambda x, y: abs(x), lambda x, y: max(x, y),
        lambda x, y: np.exp(x), lambda x, y: x if x > 0 else y, lambda x, y: float(x), lambda x, y: x // 2,
        lambda x, y: 2**x,
    ],
)  # fmt: skip
def test_everything_else_ends_the_proof(equation) -> None:
    with pytest.raises((NotAffine, TypeError)):
        equation(*variables(2))


def test_expressions_are_sums() -> None:
    """Arithmetic by hand: 3 (x - 2 y) / 2 + 1 - (x - x) * y."""
    x, y = variables(2)
    assert (3 * (x - 2 * y) / 2 + 1 - (x - x) * y).terms == (1.0, 1.5, -3.0)
    assert (np.array([1.0, 2.0]) * x).terms[1].tolist() == [1.0, 2.0]


def test_a_flow_of_finite_order_is_used() -> None:
    """The step that a user wrote is the step that is taken, though the slope is linear."""

    @ss.model(states=("v",), order=1)
    class Euler(NamedTuple):
        """tau dv/dt = -v, by Euler's step"""

        tau: float = 10.0

        @ss.equation
        def slope(s, u, p):
            return (-s[0] / p.tau,)

        @ss.equation
        def flow(s, u, p, dt):
            return (s[0] - dt * s[0] / p.tau,)

        @ss.equation
        def margin(s, p):
            return s[0] - 1e9

        @ss.equation
        def reset(s, p):
            return (0.0,)

    net = ss.Network()
    cell = net.population("cell", 1, Euler(), v=1.0)
    net.record(cell, "v", every=1.0)
    found = net.run(10.0, dt=1.0, progress=False).traces["cell"]["v"].values[-1, 0]
    assert found == pytest.approx(0.9**10, rel=1e-12)
