"""Morris-Lecar: the currents between which it oscillates, as published; its currents."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import brentq

import spikesim as ss
from spikesim.neurons import Input, MorrisLecar


def growth(current: float) -> float:
    """The largest real part of the eigenvalues at the fixed point."""
    p = MorrisLecar()

    def still(v: float) -> tuple[float, float]:
        return v, 0.5 * (1.0 + np.tanh((v - p.V_3) / p.V_4))

    v = brentq(lambda v: MorrisLecar.slope(still(v), Input(current), p)[0], -80.0, 60.0)
    s, h = still(v), 1e-6
    columns = []
    for i in range(2):
        moved = [tuple(x + d * (i == j) for j, x in enumerate(s)) for d in (h, -h)]
        up, down = (MorrisLecar.slope(there, Input(current), p) for there in moved)
        columns.append((np.array(up) - np.array(down)) / (2.0 * h))
    return float(np.linalg.eigvals(np.stack(columns, 1)).real.max())


def test_hopf_points() -> None:
    """Paper's numbers: 94 and 212 uA/cm^2 (Rinzel and Ermentrout 1998, figure 7.4)."""
    assert brentq(growth, 80.0, 110.0) == pytest.approx(93.86, abs=0.02)
    assert brentq(growth, 200.0, 225.0) == pytest.approx(212.0, abs=0.1)


@pytest.mark.parametrize("engine", ["clock", "event"])
def test_its_currents_are_recorded(engine: str) -> None:
    """Derived quantities: C_m dV/dt is their sum and the injected current, along a recorded path."""
    p = ss.MorrisLecar()
    net = ss.Network(seed=1)
    cell = net.population("cell", 2, p)
    net.inject(cell, ss.DC([100.0, 120.0]))
    net.record(cell, "v", "I_Ca", "I_K", "I_L", every=0.1)
    traces = net.run(100.0, dt=0.05, engine=engine, progress=False).traces["cell"]
    v = traces["v"].values
    total = sum(traces[name].values for name in ("I_Ca", "I_K", "I_L")) + np.array([100.0, 120.0])
    slope = (v[2:] - v[:-2]) / 0.2
    np.testing.assert_allclose(p.C_m * slope, total[1:-1], atol=0.02 * np.abs(total).max())
