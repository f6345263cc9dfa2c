"""Truth: another simulator.  Weights under STDP against NEST 3.10, after every presynaptic spike.

The trains and NEST's weights stand in data/nest_stdp.npz (written by make_nest_stdp.py).  NEST's delay is dendritic, a
pair has the lag t_post + delay - t_pre; spikesim's is axonal, t_post - (t_pre + delay): the sources fire here so much
earlier that the lags are the same.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from plasticity.imposed import imposed

import spikesim as ss
from spikesim.jit import JIT

from .stored import DATA

with np.load(DATA / "nest_stdp.npz") as stored:
    FILE = dict(stored)
CASES = [name.removesuffix("/given") for name in FILE if name.endswith("/given")]


def rule(given: dict[str, Any]) -> ss.plasticity.Plasticity:
    """NEST's parameters in spikesim's words: its amplitudes are in units of Wmax."""
    w_max, taus = given["Wmax"], {"tau_plus": given["tau_plus"], "tau_minus": given["tau_minus"]}
    if "Aplus" in given:
        return ss.TripletSTDP(
            A2_plus=given["Aplus"], A2_minus=given["Aminus"], A3_plus=given["Aplus_triplet"],
            A3_minus=given["Aminus_triplet"], tau_x=given["tau_plus_triplet"], tau_y=given["tau_minus_triplet"],
            w_max=w_max, **taus,
        )  # fmt: skip
    up, down = given["lambda"] * w_max, given["alpha"] * given["lambda"] * w_max
    mu = {name: given[name] for name in ("mu_plus", "mu_minus")}
    return ss.STDP(A_plus=up, A_minus=down, w_max=w_max, **mu, **taus)


@pytest.mark.skipif(not JIT, reason="takes minutes in plain Python")
@pytest.mark.parametrize("name", CASES)
def test_nest_stdp(name: str) -> None:
    """All 12 synapses after each of some 60 spikes of their sources, to 1e-12."""
    given, rows = json.loads(str(FILE[f"{name}/given"])), FILE[f"{name}/weights"]
    learning = rule(given)
    if name == "nearest":
        learning = ss.STDP(**{**learning.__dict__, "pairing": "nearest"})
    pre, post = ([FILE[f"{name}/{side}/{i}"] for i in range(n)] for side, n in (("pre", 4), ("post", 3)))
    early = [p - given["lag"] - 1 for p in pre]  # the last one: the delay of 0.1 ms
    net = imposed(early, post, learning, weight=given["weight"], delay=0.1)
    found = []
    with ss.Simulation(net, dt=given["dt"]) as sim:
        for step in np.unique(rows[:, 0]).astype(int) - given["lag"]:
            weights = sim.run(sim.grid.time(step) - sim.time, progress=False).weights["plastic"].toarray()
            now = rows[rows[:, 0] == step + given["lag"]]
            found += weights[now[:, 2].astype(int), now[:, 1].astype(int)].tolist()
    assert rows.shape[0] > 600 and np.ptp(rows[:, 3]) > 0.15
    np.testing.assert_allclose(found, rows[:, 3], rtol=0, atol=1e-12)
