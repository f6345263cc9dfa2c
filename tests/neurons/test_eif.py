"""Exponential integrate-and-fire: rheobase in closed form; AdEx without its w."""

from __future__ import annotations

import numpy as np

import spikesim as ss
from spikesim.neurons import Input


def test_rheobase() -> None:
    """Closed form: g_L (V_th - E_L - Delta_T)."""
    p = ss.EIF()
    rheobase = p.g_L * (p.V_th - p.E_L - p.Delta_T)
    net = ss.Network(seed=1)
    cells = net.population("cells", 2, ss.EIF(I_e=[rheobase - 0.3, rheobase + 0.5]))
    net.record(cells, "spikes")
    assert np.unique(net.run(2000.0, progress=False).spikes["cells"].ids).tolist() == [1]


def test_it_is_adex_without_adaptation() -> None:
    """Other model: AdEx with a = b = 0 takes the same steps."""
    e = ss.EIF()
    a = ss.AdEx(C_m=e.C_m, g_L=e.g_L, E_L=e.E_L, V_th=e.V_th, Delta_T=e.Delta_T, V_peak=e.V_peak, a=0.0, b=0.0)
    v, s = (-65.0,), (-65.0, 0.0)
    for _ in range(50):
        v, s = ss.EIF.flow(v, Input(150.0, 1.0), e, 0.1), ss.AdEx.flow(s, Input(150.0, 1.0), a, 0.1)
        np.testing.assert_allclose(v[0], s[0], rtol=1e-13)
