"""LIF against the closed forms of the lecture notes, section 1.4."""

from __future__ import annotations

import math
import warnings

import mpmath
import numpy as np
import pytest

from spikesim.errors import InvalidTypeError, InvalidValueError
from spikesim.neurons import LIF, Input
from spikesim.random import uniform


def test_nest_defaults() -> None:
    """The field's standard numbers."""
    assert LIF() == LIF(tau_m=10.0, C_m=250.0, E_L=-70.0, V_th=-55.0, V_reset=-70.0, t_ref=2.0, I_e=0.0)


def test_voltage_under_constant_drive() -> None:
    """Closed form: v(t) = v_in (1 - exp(-t / tau)), whatever the steps, to 1e-12."""
    cell = LIF.normalized(tau_m=20.0)
    for dt in (0.001, 0.1, 3.7, 50.0):
        v, worst = (0.0,), 0.0
        for k in range(1, 201):
            v = LIF.flow(v, Input(0.9, 0.0), cell, dt)
            worst = max(worst, abs(v[0] - 0.9 * -math.expm1(-k * dt / 20.0)))
        assert worst < 1e-12


def test_conductance_sums_the_leak() -> None:
    """Closed form: a conductance g towards E shortens tau to C / (g_L + g) and moves the target."""
    cell = LIF(tau_m=20.0, C_m=200.0, E_L=-60.0)
    g, E = 15.0, -10.0
    target, tau = (10.0 * -60.0 + g * E) / (10.0 + g), 200.0 / (10.0 + g)
    (v,) = LIF.flow((-65.0,), Input(g * E, g), cell, 7.0)
    assert v == pytest.approx(target + (-65.0 - target) * math.exp(-7.0 / tau), rel=1e-14)


def test_changing_input_at_mid_step_is_second_order() -> None:
    """Measured order: `flow` with the input of the middle of the step, against a step 125 times finer."""
    cell = LIF(tau_m=20.0, C_m=200.0, E_L=-60.0)

    def u(t: float) -> Input:
        return Input(100.0 * math.sin(t), 5.0 * (1.0 + math.cos(2.0 * t)))

    def integrate(n: int) -> float:
        v, h = (-65.0,), 5.0 / n
        for k in range(n):
            v = LIF.flow(v, u((k + 0.5) * h), cell, h)
        return v[0]

    errors = np.array([abs(integrate(n) - integrate(20000)) for n in (20, 40, 80, 160)])
    assert np.log2(errors[:-1] / errors[1:]) == pytest.approx(2.0, abs=0.05)


def test_tuning_curve() -> None:
    """Closed form with 50 digits: G = 1 / (t_ref - tau ln(1 - 1/v)), from a hair above 1 to 1e12."""
    cell = LIF.normalized(tau_m=20.0, t_ref=2.0)
    drives = [1.0 + 2.0**-52, 1.0 + 1e-12, 1.001, 1.5, 2.0, 20.0, 1e6, 1e12]
    with mpmath.workdps(50):
        exact = [float(1000 / (2 - 20 * mpmath.log(1 - 1 / mpmath.mpf(v)))) for v in drives]
    np.testing.assert_allclose(cell.rate(np.array(drives)), exact, rtol=1e-14)
    for v, rate in zip(drives, exact):
        assert cell.rate(v) == pytest.approx(rate, rel=1e-14)


def test_tuning_curve_limits() -> None:
    """Exactly 0 up to the threshold, 1 / t_ref at infinity, no warning anywhere, any shape."""
    cell = LIF.normalized(tau_m=20.0, t_ref=2.0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        rates = cell.rate([[-np.inf, -1.0, 0.0], [1.0, 1.0 + 1e-300, np.inf]])
        assert rates.tolist() == [[0.0, 0.0, 0.0], [0.0, 0.0, 500.0]]
        assert cell._replace(t_ref=0.0).rate(np.inf) == np.inf
        grid = np.linspace(1.0, 20.0, 1000)
        assert np.all(np.diff(cell.rate(grid)) > 0)
    assert isinstance(cell.rate(2.0), float)
    with pytest.raises(InvalidValueError, match="v_in"):
        cell.rate([1.0, math.nan])
    with pytest.raises(InvalidTypeError, match="v_in"):
        cell.rate("2")


def test_normalised_and_dimensional_forms_agree() -> None:
    """Closed form: v = (V - V_reset) / (V_th - V_reset) turns one into the other."""
    cell = LIF(tau_m=15.0, C_m=300.0, E_L=-65.0, V_th=-50.0, V_reset=-58.0, t_ref=3.0, I_e=40.0)
    plain = LIF.normalized(tau_m=15.0, t_ref=3.0)
    current = np.array([0.0, 200.0, 300.0, 600.0, 5000.0])
    drive = cell.v_in(current)
    np.testing.assert_allclose(drive, (-65.0 + (current + 40.0) * 15.0 / 300.0 + 58.0) / 8.0, rtol=1e-14)
    np.testing.assert_array_equal(cell.rate_current(current), plain.rate(drive))
    assert plain.v_in(2.5) == 2.5 and LIF.normalized(v_in=1.5).v_in() == 1.5
    for k, i in enumerate(current):
        (V,) = LIF.flow((-58.0,), Input(i), cell, 1.3)
        (v,) = LIF.flow((0.0,), Input(drive[k]), plain, 1.3)
        assert (V + 58.0) / 8.0 == pytest.approx(v, rel=1e-12, abs=1e-14)


def test_simulated_rate() -> None:
    """Closed form: threshold, reset and refractory time by hand give G within the grid's bound."""
    cell = LIF.normalized(tau_m=20.0, t_ref=2.0)
    dt, drives = 0.01, np.array([1.05, 1.5, 3.0, 10.0])
    steps = np.ones(4)  # of the first interval
    v = np.zeros(4)
    while True:
        (v,) = LIF.flow((v,), Input(drives), cell, dt)
        if np.all(LIF.margin((v,), cell) >= 0):
            break
        steps += LIF.margin((v,), cell) < 0
    interval = 1000.0 / cell.rate(drives)
    late = 2.0 + steps * dt - interval
    assert np.all((late >= -1e-12) & (late < dt))


def test_thresholds_and_arrays() -> None:
    """V_th may be inf (never fires); one value a neuron gives one rate a neuron; a drawn tau_m is refused."""
    assert LIF(V_th=np.inf).rate_current(1e9) == 0.0
    cells = LIF.normalized(tau_m=np.array([10.0, 20.0]), t_ref=np.array([0.0, 2.0]))
    assert cells.rate(2.0).tolist() == [LIF.normalized(10.0, 0.0).rate(2.0), LIF.normalized().rate(2.0)]
    with pytest.raises(InvalidTypeError, match="tau_m"):
        LIF.normalized(tau_m=uniform(10.0, 20.0))
