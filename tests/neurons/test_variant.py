"""Truth: measured order against SciPy; a stated error for what is no model."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.integrate import solve_ivp

import spikesim as ss
from spikesim.errors import InvalidTypeError
from spikesim.jit import JIT
from spikesim.neurons import Input, by_runge_kutta

CELLS = pytest.mark.parametrize("cls", [ss.HodgkinHuxley, ss.TraubMiles], ids=lambda c: c.__name__)


@CELLS
def test_order_4_in_a_simulation(cls: Any) -> None:
    """v after 2 ms of a current that drives it up, at two steps."""
    duration, current = (2.0, 300.0) if JIT else (0.8, 300.0)
    cell = by_runge_kutta(cls)(I_e=current)
    rest = [float(x) for x in cls.rest(cls())]
    equation = cls.slope
    exact = solve_ivp(
        lambda t, s: equation(s, Input(0.0, 0.0), cell), (0.0, duration), rest, "DOP853", rtol=1e-12, atol=1e-12
    ).y[0, -1]
    errors = []
    for dt in (0.04, 0.02):
        net = ss.Network()
        one = net.population("cell", 1, cell, **dict(zip(cls.states, rest)))
        net.record(one, "v", every=dt)
        result = net.run(duration, dt=dt, threads=1, progress=False)
        errors.append(abs(result.traces["cell"]["v"].values[-1, 0] - exact))
    assert errors[0] < 1e-4
    assert 3.6 < np.log2(errors[0] / errors[1]) < 4.6


@CELLS
def test_same_parameters_and_equations(cls: Any) -> None:
    made = by_runge_kutta(cls)
    assert by_runge_kutta(cls) is made
    assert made._fields == cls._fields
    assert made(g_L=20.0).g_L == 20.0
    assert made.slope is cls.slope
    assert made.flow is None and made.order == 4 and cls.flow is not None
    with pytest.raises(ss.SpikesimError, match=f"{cls.__name__}ByRungeKutta"):
        made(g_l=20.0)


@pytest.mark.parametrize("what", [ss.HodgkinHuxley(), ss.Poisson, dict, 3], ids=repr)
def test_only_a_model_can_be_stepped(what: Any) -> None:
    with pytest.raises(InvalidTypeError, match="by_runge_kutta: wanted the class of a neuron model"):
        by_runge_kutta(what)
