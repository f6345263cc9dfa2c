"""GIF: how long a cell waits for its first spike, and how it adapts."""

from __future__ import annotations

import numba
import numpy as np
import pytest

import spikesim as ss


def test_first_spike_and_adaptation() -> None:
    """Closed form: the share that has not fired is exp(-integral of the hazard along V(t)); then intervals grow."""
    n, p = 50 if numba.config.DISABLE_JIT else 2000, ss.GIF(I_e=160.0, Delta_V=2.0, lambda_0=0.2)
    net = ss.Network(seed=2)
    cells = net.population("cells", n, p)
    net.record(cells, "spikes")
    spikes = net.run(300.0, progress=False).spikes["cells"]
    first = np.full(n, np.inf)
    np.minimum.at(first, spikes.ids, spikes.times)
    t = np.arange(1, 3001) * 0.1
    v = p.E_L + p.I_e / p.g_L * (1.0 - np.exp(-t * p.g_L / p.C_m))
    left = np.exp(-np.cumsum(p.lambda_0 * np.exp((v - p.V_T) / p.Delta_V) * 0.1))
    for share in (0.8, 0.5, 0.2):
        k = int(np.argmax(left < share))
        assert np.mean(first > t[k] + 0.05) == pytest.approx(left[k], abs=5.0 * np.sqrt(0.25 / n))
    early, late = (np.sum((spikes.times > a) & (spikes.times <= a + 50.0)) for a in (10.0, 250.0))
    assert late < 0.6 * early
