"""FitzHugh-Nagumo: the currents between which it oscillates."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import brentq

import spikesim as ss
from spikesim.neurons import FitzHughNagumo, Input


def growth(current: float) -> float:
    """The largest real part of the eigenvalues at the fixed point."""
    p = FitzHughNagumo()
    v = brentq(lambda v: v - v**3 / 3.0 - (v + p.a) / p.b + current, -3.0, 3.0)
    s, h = (v, (v + p.a) / p.b), 1e-6
    columns = []
    for i in range(2):
        moved = [tuple(x + d * (i == j) for j, x in enumerate(s)) for d in (h, -h)]
        up, down = (FitzHughNagumo.slope(there, Input(current), p) for there in moved)
        columns.append((np.array(up) - np.array(down)) / (2.0 * h))
    return float(np.linalg.eigvals(np.stack(columns, 1)).real.max())


def test_hopf_points() -> None:
    """Closed form: v^2 = 1 - b epsilon, at I = 0.3313 and 1.4187."""
    assert brentq(growth, 0.2, 0.5) == pytest.approx(0.33129, abs=1e-4)
    assert brentq(growth, 1.3, 1.6) == pytest.approx(1.41871, abs=1e-4)


def test_it_oscillates_between_them() -> None:
    """Spikes go on inside the two currents, and end outside."""
    net = ss.Network(seed=1)
    cells = net.population("cells", 3, ss.FitzHughNagumo(I_e=[0.3, 0.8, 1.6]))
    net.record(cells, "spikes")
    spikes = net.run(1000.0, progress=False).spikes["cells"]
    assert np.unique(spikes.ids[spikes.times > 500.0]).tolist() == [1]
