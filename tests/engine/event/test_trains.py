"""When a train whose rate is a sine has used up an amount.  Truth: quadrature and root finding by SciPy."""

from __future__ import annotations

import math

import pytest
from scipy.integrate import quad
from scipy.optimize import brentq

from spikesim.engine.event.trains import inverse_sine, sine

#: Offset, height, omega, phase: a rate that touches 0, one far from it, one that falls first, one that is constant.
RATES = [(2.0, 2.0, 0.5, 0.0), (2.0, 1.9, 30.0, 1.0), (1.0, 0.4, 3.0, -2.0), (1.5, 0.5, 0.0, 0.3)]


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("x", [1e-6, 0.3, 4.0, 57.0])
def test_a_sine_is_used_up_when_its_integral_is(rate: tuple[float, float, float, float], x: float) -> None:
    offset, height, omega, phase = rate

    def value(s: float) -> float:
        return offset + height * math.sin(omega * s + phase)

    amount = sum(quad(value, x * k / 50, x * (k + 1) / 50, epsabs=1e-14, epsrel=1e-13)[0] for k in range(50))
    assert sine(x, *rate) == pytest.approx(amount, rel=1e-9, abs=1e-14)
    exact = brentq(lambda t: sine(t, *rate) - amount, 0.5 * x, 2.0 * x + 1.0, xtol=1e-14, rtol=1e-14)
    assert inverse_sine(amount, *rate) == pytest.approx(exact, rel=1e-7 if rate[0] == rate[1] else 1e-12)
