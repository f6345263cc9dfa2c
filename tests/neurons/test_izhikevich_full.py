"""Izhikevich's neuron with units: rheobase."""

from __future__ import annotations

import numpy as np

import spikesim as ss


def test_rheobase() -> None:
    """Closed form: k (V_t - V_r + b / k)^2 / 4 = 51.4 pA of the regular-spiking cell (the book: about 52)."""
    p = ss.IzhikevichFull()
    rheobase = p.k * (p.V_t - p.V_r + p.b / p.k) ** 2 / 4.0
    assert 51.0 < rheobase < 52.0
    net = ss.Network(seed=1)
    cells = net.population("cells", 2, ss.IzhikevichFull(I_e=[rheobase - 0.3, rheobase + 0.5]))
    net.record(cells, "spikes")
    assert np.unique(net.run(3000.0, progress=False).spikes["cells"].ids).tolist() == [1]
