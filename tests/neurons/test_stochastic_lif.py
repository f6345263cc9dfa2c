"""Escape noise: the law of the intervals where the hazard is constant."""

from __future__ import annotations

import numba
import numpy as np
import pytest

import spikesim as ss


@pytest.mark.parametrize("dt", [0.1, 1.0])
def test_constant_hazard(dt: float) -> None:
    """Closed form: at rest = reset the intervals are t_ref and an exponential law, counted in whole steps."""
    p = ss.StochasticLIF(E_L=-60.0, V_reset=-60.0, V_th=-60.0, rho_0=0.05, t_ref=4.0)
    net = ss.Network(seed=3)
    size, duration = (40, 500.0) if numba.config.DISABLE_JIT else (200, 2000.0)
    cells = net.population("cells", size, p)
    net.record(cells, "spikes")
    spikes = net.run(duration, dt=dt, progress=False).spikes["cells"]
    intervals = np.concatenate([np.diff(spikes.times[spikes.ids == i]) for i in range(cells.size)])
    n = intervals.size
    free = intervals - p.t_ref
    assert free.min() == pytest.approx(dt)
    wait = dt / (1.0 - np.exp(-p.rho_0 * dt))  # of the geometric law
    assert free.mean() == pytest.approx(wait, abs=5.0 * wait / np.sqrt(n))
    for t in (10.0, 40.0):
        q = np.exp(-p.rho_0 * t)
        assert np.mean(free > t + 0.5 * dt) == pytest.approx(q, abs=5.0 * np.sqrt(q * (1.0 - q) / n))
