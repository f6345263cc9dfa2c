"""Quadratic integrate-and-fire: the interval between spikes in closed form."""

from __future__ import annotations

import math

import numpy as np
import pytest

import spikesim as ss


@pytest.mark.parametrize("current", [90.0, 200.0])
def test_interval(current: float) -> None:
    """Closed form: a tangent from V_reset to V_peak (see the model); the clock rounds up by dt at most."""
    p = ss.QIF(I_e=current)
    w = math.sqrt(current / p.k - (p.V_c - p.E_L) ** 2 / 4.0)
    middle = 0.5 * (p.E_L + p.V_c)
    T = p.C_m / (p.k * w) * (math.atan((p.V_peak - middle) / w) - math.atan((p.V_reset - middle) / w))
    net = ss.Network(seed=1)
    cell = net.population("cell", 1, p)
    net.record(cell, "spikes")
    times = net.run(500.0, dt=0.01, progress=False).spikes["cell"].times
    assert np.diff(times).mean() == pytest.approx(T + 0.005, abs=0.006)


def test_rheobase() -> None:
    """Closed form: k (V_c - E_L)^2 / 4 = 70 pA."""
    net = ss.Network(seed=1)
    cells = net.population("cells", 2, ss.QIF(I_e=[69.9, 70.5]))
    net.record(cells, "spikes")
    assert np.unique(net.run(1000.0, progress=False).spikes["cells"].ids).tolist() == [1]
