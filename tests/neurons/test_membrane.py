"""The two Hodgkin-Huxley models: printed formulas, SciPy's spike times, the notes' numbers."""

from __future__ import annotations

import warnings
from typing import Any

import mpmath
import numpy as np
import pytest
from scipy.integrate import solve_ivp

import spikesim as ss
from spikesim.errors import InvalidValueError
from spikesim.neurons import HodgkinHuxley, Input, TraubMiles
from spikesim.neurons.phi import phi_1, phi_2


def squid(V: Any) -> dict[str, tuple]:
    """alpha and beta of 1952 as they are printed, the rest at -65 mV."""
    e = mpmath.exp
    return {
        "n": ((V + 55) / 100 / (1 - e(-(V + 55) / 10)), e(-(V + 65) / 80) / 8),
        "m": ((V + 40) / 10 / (1 - e(-(V + 40) / 10)), 4 * e(-(V + 65) / 18)),
        "h": (mpmath.mpf(7) / 100 * e(-(V + 65) / 20), 1 / (1 + e(-(V + 35) / 10))),
    }


def cortical(V: Any) -> dict[str, tuple]:
    """Brette et al. (2007), V_T = -63 mV."""
    e, U = mpmath.exp, V + 63
    return {
        "n": (mpmath.mpf("0.032") * (15 - U) / (e((15 - U) / 5) - 1), e((10 - U) / 40) / 2),
        "m": (
            mpmath.mpf("0.32") * (13 - U) / (e((13 - U) / 4) - 1),
            mpmath.mpf("0.28") * (U - 40) / (e((U - 40) / 5) - 1),
        ),
        "h": (mpmath.mpf("0.128") * e((17 - U) / 18), 4 / (1 + e((40 - U) / 5))),
    }


@pytest.mark.parametrize("model, printed", [(HodgkinHuxley(), squid), (TraubMiles(), cortical)])
def test_gating_functions(model: Any, printed: Any) -> None:
    """Closed form with 60 digits, at the voltages where alpha is 0/0, next to them, and far away."""
    zeros = [-55.0, -40.0, -48.0, -50.0, -23.0]
    near = [z + d for z in zeros for d in (1e-10, -1e-6, 1e-3, 0.3, -0.6, 5.0)]
    volts = np.array([*near, *zeros, -1000.0, -120.0, -65.0, 0.0, 60.0, 1000.0])
    with mpmath.workdps(60):
        # the limit at 0/0 is the value a hair beside it
        rates = [printed(mpmath.mpf(v) + mpmath.mpf(10) ** -25) for v in volts]
        for gate in "mhn":
            x_inf = [float(r[gate][0] / (r[gate][0] + r[gate][1])) for r in rates]
            tau = [float(1 / (r[gate][0] + r[gate][1])) for r in rates]
            np.testing.assert_allclose(getattr(model, f"{gate}_inf")(volts), x_inf, rtol=2e-12, atol=1e-300)
            np.testing.assert_allclose(getattr(model, f"tau_{gate}")(volts), tau, rtol=2e-12)
            assert getattr(model, f"{gate}_inf")(-55) == pytest.approx(x_inf[len(near)], rel=1e-12)
    assert isinstance(model.n_inf(-55), float) and model.tau_m(volts.reshape(-1, 1)).shape == (volts.size, 1)
    with pytest.raises(InvalidValueError, match="V"):
        model.n_inf(np.nan)


@pytest.mark.parametrize("current", [700.0, 2000.0])
def test_spike_times(current: float) -> None:
    """SciPy at rtol 1e-11: crossings of 0 mV over 50 ms, stamped on the grid of 0.01 ms, within 0.02 ms."""
    p, u = HodgkinHuxley(), Input(current)
    s = HodgkinHuxley.rest(p)

    def crossing(t: float, y: np.ndarray) -> float:
        return y[0]

    crossing.direction = 1  # type: ignore[attr-defined]
    exact = solve_ivp(
        lambda t, y: HodgkinHuxley.slope(tuple(y), u, p),
        (0.0, 50.0),
        s,
        method="DOP853",
        rtol=1e-11,
        atol=1e-12,
        events=crossing,
    ).t_events[0]
    times = []
    for k in range(5000):
        new = HodgkinHuxley.flow(s, u, p, 0.01)
        if HodgkinHuxley.margin(s, p) < 0 <= HodgkinHuxley.margin(new, p):
            times.append((k + 1) * 0.01)
        s = new
    assert len(times) == exact.size >= 3
    np.testing.assert_allclose(times, exact, rtol=0, atol=0.02)


def test_four_regimes() -> None:
    """The notes' numbers (checklist 1.3): J (uA/mm^2) on 0.01 mm^2 is 10^4 J pA."""
    J = np.array([-0.2, 0.0, 0.06, 0.07, 0.1, 0.2, 0.4, 0.6])
    p, u, dt, steps = HodgkinHuxley(), Input(1e4 * J), 0.05, 12000
    s: Any = tuple(np.full(J.size, x) for x in HodgkinHuxley.rest(p))
    late = np.zeros(J.size)
    for k in range(steps):
        new = HodgkinHuxley.flow(s, u, p, dt)
        if k >= steps // 2:
            late += (s[0] < 0.0) & (new[0] >= 0.0)
        s = new
    rate = 1000.0 * late / (steps // 2 * dt)
    assert s[0][0] == pytest.approx(-121.0, abs=0.5)
    assert s[0][1] == pytest.approx(-65.0, abs=0.1)
    assert rate[2] == 0.0 < rate[3]
    np.testing.assert_allclose(rate[4:], [70.0, 90.0, 110.0, 125.0], atol=5.0)


@pytest.mark.parametrize("model", [HodgkinHuxley(), TraubMiles()])
def test_stays_finite(model: Any) -> None:
    """V from -1000 to 1000, large conductances, steps up to 1 ms: no overflow, V comes back."""
    V = np.array([-1000.0, -55.0, -40.0, 0.0, 1000.0])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for dt in (0.05, 0.2, 1.0):
            s: Any = (V, *(np.full(V.size, x) for x in (0.5, 0.5, 0.5)))
            for _ in range(int(150 / dt)):
                s = type(model).flow(s, Input(0.0, 0.0), model, dt)
                assert all(np.isfinite(x).all() for x in s)
                assert all((x >= 0.0).all() and (x <= 1.0).all() for x in s[1:])
            assert np.all((s[0] > -120.0) & (s[0] < 60.0))
        s = type(model).flow((-65.0, 0.1, 0.5, 0.3), Input(-80.0 * 1e7, 1e7), model, 0.1)
        assert s[0] == pytest.approx(-80.0, abs=1.0)


def test_cell_of_cobahh_fires_by_itself() -> None:
    """Without a stable rest the start is E_L with the gates that belong to it, and the cell fires."""
    p = TraubMiles()
    s = TraubMiles.rest(p)
    assert s == (-60.0, p.m_inf(-60.0), p.h_inf(-60.0), p.n_inf(-60.0))
    peak = -100.0
    for _ in range(2000):
        s = TraubMiles.flow(s, Input(), p, 0.05)
        peak = max(peak, s[0])
    assert peak > 20.0


def test_phi_functions() -> None:
    """Closed form with 40 digits: third and second order at 0, bounded at infinity."""
    with mpmath.workdps(40):
        for z in (1e-3, 1e-2, 1e-1):
            exact = (1 - mpmath.exp(-z)) / z
            assert abs(phi_1(z) - float(exact)) < z**3 / 60.0
            assert abs(phi_2(z) - float((1 - exact) / z)) < z**2 / 60.0
    assert phi_1(0.0) == 1.0 and phi_2(0.0) == 0.5
    z = np.array([1.0, 1e3, 1e9])
    assert np.all(np.abs(1.0 - z * phi_1(z)) <= 1.0)
    np.testing.assert_allclose(phi_2(z), (1.0 - phi_1(z)) / z, rtol=1e-12)


@pytest.mark.parametrize("model", [HodgkinHuxley(I_e=1000.0), TraubMiles(I_e=300.0)])
def test_stages_of_a_step(model: Any) -> None:
    """The loops take the stages of a flow one after the other: the states are those of the flow, bit by bit."""
    s, state = model.rest(model), model.rest(model)
    net = ss.Network(seed=1)
    cells = net.population("cells", 300, model)  # a block and a part of one
    net.record(cells, "v", every=0.1)
    for _ in range(200):
        s = model.flow(s, Input(0.0, 0.0), model, 0.1)
        for stage in model.flow.stages:
            state = stage(state, Input(0.0, 0.0), model, 0.1)
    assert state == s
    v = net.run(20.0, progress=False).traces["cells"]["v"].values
    assert np.ptp(v, axis=1).max() == 0.0
    assert v[-1, 0] == pytest.approx(s[0], rel=1e-6)


@pytest.mark.parametrize("model", [HodgkinHuxley(), TraubMiles()])
@pytest.mark.parametrize("v", [-1e6, -1500.0, 1500.0, 1e6])
def test_far_away_gates_stay_fractions(model: Any, v: float) -> None:
    """However far V is driven away, gates are numbers from 0 to 1."""
    _, *gates = model.flow((v, 0.3, 0.4, 0.5), Input(0.0, 0.0), model._replace(C_m=1e12), 0.1)
    assert all(0.0 <= x <= 1.0 for x in gates)
