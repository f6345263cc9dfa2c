"""Wang and Buzsaki's interneuron against SciPy."""

from __future__ import annotations

import numpy as np
from scipy.integrate import solve_ivp

import spikesim as ss
from spikesim.neurons import Input, WangBuzsaki


def test_spikes_against_scipy() -> None:
    """SciPy (DOP853, rtol 1e-10): every spike of 100 ms at 1 uA/cm^2, to 0.05 ms at dt = 0.01."""
    p = WangBuzsaki(I_e=100.0)
    up = lambda t, s: s[0]  # noqa: E731
    up.direction = 1.0  # type: ignore[attr-defined]
    start = WangBuzsaki.rest(p)
    found = solve_ivp(
        lambda t, s: WangBuzsaki.slope(tuple(s), Input(), p), (0.0, 100.0), start, "DOP853", rtol=1e-10, atol=1e-12,
        events=up,
    ).t_events[0]  # fmt: skip
    net = ss.Network(seed=1)
    cell = net.population("cell", 1, p)
    net.record(cell, "spikes")
    times = net.run(100.0, dt=0.01, progress=False).spikes["cell"].times
    assert found.size > 5
    np.testing.assert_allclose(times, found, atol=0.05)
