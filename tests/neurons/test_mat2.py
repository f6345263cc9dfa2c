"""The moving threshold of MAT2 against its recurrence in NumPy."""

from __future__ import annotations

import math

import numpy as np
import pytest

import spikesim as ss


def spikes_by_recurrence(p: ss.MAT2, until: float, dt: float) -> list[float]:
    """V in closed form under a constant current, the threshold decayed from spike to spike."""
    target, h, last, found = p.E_L + p.tau_m * p.I_e / p.C_m, np.zeros(2), -math.inf, []
    decay = np.exp(-dt / np.array([p.tau_1, p.tau_2]))
    for k in range(1, round(until / dt) + 1):
        v = target + (p.E_L - target) * math.exp(-k * dt / p.tau_m)
        h = h * decay
        if k - last > round(p.t_ref / dt) and v >= p.V_th + h.sum():
            found.append(k * dt)
            last, h = k, h + np.array([p.alpha_1, p.alpha_2])
    return found


@pytest.mark.parametrize("current", [450.0, 800.0])
def test_spikes(current: float) -> None:
    """Recurrence: every spike on the same step; V is never reset, so the cell adapts."""
    p = ss.MAT2(I_e=current)
    net = ss.Network(seed=1)
    cell = net.population("cell", 1, p)
    net.record(cell, "spikes")
    times = net.run(300.0, progress=False).spikes["cell"].times
    wanted = spikes_by_recurrence(p, 300.0, 0.1)
    assert len(wanted) >= 5
    np.testing.assert_allclose(times, wanted, atol=1e-9)
    assert np.diff(times)[0] < np.diff(times)[-1]
