"""AdEx and Izhikevich: limits, stability, and the printed patterns."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

from spikesim.engine.equations import runge_kutta
from spikesim.errors import InvalidValueError
from spikesim.neurons import LIF, AdEx, Input, Izhikevich


def spikes(cls: Any, p: Any, current: float, ms: float, dt: float, s: Any) -> np.ndarray:
    """Spike times of one cell, stepped by hand."""
    flow, times = cls.flow or runge_kutta(cls.slope), []
    for k in range(round(ms / dt)):
        s = flow(s, Input(current), p, dt)
        if cls.margin(s, p) >= 0:
            times.append((k + 1) * dt)
            s = cls.reset(s, p)
    return np.array(times)


def test_adex_without_upswing_is_a_leaky_integrator() -> None:
    """Closed form: far below V_th and without adaptation AdEx decays as a LIF does."""
    p = AdEx(a=0.0, b=0.0, V_th=500.0, V_peak=600.0)
    leaky = LIF(tau_m=p.C_m / p.g_L, C_m=p.C_m, E_L=p.E_L)
    s, v = (-90.0, 0.0), (-90.0,)
    for _ in range(1000):
        s, v = AdEx.flow(s, Input(100.0, 2.0), p, 0.01), LIF.flow(v, Input(100.0, 2.0), leaky, 0.01)
    assert s[0] == pytest.approx(v[0], abs=1e-8)


def test_adex_rheobase() -> None:
    """Brette and Gerstner (2005): a + g_L and V_T give the rheobase; below it no spike, above it spikes."""
    p = AdEx(b=0.0)
    # the saddle-node: g_L exp((V - V_th) / Delta_T) = g_L + a
    V = p.V_th + p.Delta_T * np.log(1.0 + p.a / p.g_L)
    rheobase = (p.g_L + p.a) * (V - p.E_L - p.Delta_T)
    rest = AdEx.rest(p)
    assert spikes(AdEx, p, rheobase + 60.0, 400.0, 0.05, rest).size > 2
    slow = np.linspace(0.0, 1.0, 20000) * (rheobase - 5.0)
    s: Any = rest
    for current in slow:  # a ramp slower than w, so that it stays beside the fixed point
        s = AdEx.flow(s, Input(current), p, 0.1)
        assert AdEx.margin(s, p) < 0
    assert s[0] == pytest.approx(V, abs=3.0)


def test_adex_adapts() -> None:
    """Spike-frequency adaptation: intervals grow with b, and stay equal without it."""
    adapting = np.diff(spikes(AdEx, AdEx(), 900.0, 400.0, 0.05, AdEx.rest(AdEx())))
    p = AdEx(a=0.0, b=0.0)
    tonic = np.diff(spikes(AdEx, p, 900.0, 400.0, 0.05, AdEx.rest(p)))
    assert adapting.size > 3 and adapting[-1] > 2.0 * adapting[0]
    assert tonic.size > 10 and np.ptp(tonic) <= 0.0501


def test_adex_overflows_nowhere() -> None:
    """Any V, a slope factor of 0.001 mV, 10^6 nS, steps of 1 ms: finite and without a warning."""
    V = np.array([-1e4, -100.0, -50.0, -20.0, -0.001, 0.0, 1e4])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for p in (AdEx(), AdEx(Delta_T=0.001)):
            for dt in (0.01, 1.0):
                v, w = AdEx.flow((V, np.zeros(V.size)), Input(0.0, 0.0), p, dt)
                assert np.isfinite(v).all() and np.isfinite(w).all()
                assert np.all(np.abs(w) < 1e3)
                assert np.all(v[(V > -49.0) & (V < 0.0)] > V[(V > -49.0) & (V < 0.0)])
        s: Any = (-60.0, 0.0)
        for _ in range(20):
            s = AdEx.flow(s, Input(-75.0 * 1e6, 1e6), AdEx(), 0.1)
        assert s[0] == pytest.approx(-75.0, abs=0.1)
    with pytest.raises(InvalidValueError, match="Delta_T"):
        AdEx(Delta_T=0.0)


@pytest.mark.parametrize("b", [0.2, 0.25, 0.1])
def test_izhikevich_rest(b: float) -> None:
    """Closed form: the lower root of 0.04 v^2 + (5 - b) v + 140 = 0."""
    v, u = Izhikevich.rest(Izhikevich(b=b))
    assert v == pytest.approx(np.min(np.roots([0.04, 5.0 - b, 140.0]).real), rel=1e-10)
    assert u == pytest.approx(b * v)


def test_izhikevich_without_rest_starts_at_reset() -> None:
    """b = 0.3: no fixed point, the cell fires by itself."""
    p = Izhikevich(b=0.3)
    assert Izhikevich.rest(p) == (p.c, 0.3 * p.c)
    assert spikes(Izhikevich, p, 0.0, 500.0, 0.1, Izhikevich.rest(p)).size > 0


def test_izhikevich_kinds() -> None:
    """Figure 2 of the paper (I = 10): RS adapts, FS is faster and does not, CH bursts."""
    start = (-70.0, -14.0)
    regular = np.diff(spikes(Izhikevich, Izhikevich(), 10.0, 500.0, 0.1, start))
    fast = np.diff(spikes(Izhikevich, Izhikevich(a=0.1, d=2.0), 10.0, 500.0, 0.1, start))
    chatter = np.diff(spikes(Izhikevich, Izhikevich(c=-50.0, d=2.0), 10.0, 500.0, 0.1, start))
    assert regular[0] < 0.6 * regular[-1] and 20.0 < regular[-1] < 60.0
    assert fast.mean() < 0.7 * regular.mean() and np.ptp(fast[4:]) < 0.35
    assert chatter.min() < 6.0 and chatter.max() > 20.0
