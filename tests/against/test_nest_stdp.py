"""Truth: another simulator.  Weights under STDP against NEST 3.10, after every presynaptic spike.

The trains and NEST's weights stand in data/nest_stdp.npz (written by make_nest_stdp.py).  NEST's delay is dendritic, a
pair has the lag t_post + delay - t_pre: so it is here with dendritic_delay; and where all of it is axonal, t_post -
(t_pre + delay), the neurons fire so much later that the lags are the same.
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


def rule(name: str, given: dict[str, Any]) -> ss.plasticity.Plasticity:
    """NEST's parameters in spikesim's words: its amplitudes are in units of Wmax."""
    w_max = given["Wmax"]
    if name == "vogels":
        tau = given["tau"]
        return ss.Vogels2011(eta=given["eta"], target=given["alpha"] / (2e-3 * tau), tau=tau, w_max=w_max)
    taus = {"tau_plus": given["tau_plus"], "tau_minus": given["tau_minus"]}
    if name == "triplet":
        return ss.TripletSTDP(
            A2_plus=given["Aplus"], A2_minus=given["Aminus"], A3_plus=given["Aplus_triplet"],
            A3_minus=given["Aminus_triplet"], tau_x=given["tau_plus_triplet"], tau_y=given["tau_minus_triplet"],
            w_max=w_max, **taus,
        )  # fmt: skip
    up, down = given["lambda"] * w_max, given["alpha"] * given["lambda"] * w_max
    numbers = {"A_plus": up, "A_minus": down, "mu_plus": given["mu_plus"], "mu_minus": given["mu_minus"]}
    made: Any = {"presynaptic": ss.PresynapticSTDP, "restricted": ss.RestrictedSTDP}.get(name, ss.STDP)
    more = {"pairing": "nearest"} if name == "nearest" else {}
    return made(**numbers, w_max=w_max, **taus, **more)


@pytest.mark.skipif(not JIT, reason="takes minutes in plain Python")
@pytest.mark.parametrize("share", ["axonal", "dendritic"])
@pytest.mark.parametrize("name", CASES)
def test_nest_stdp(name: str, share: str) -> None:
    """All 12 synapses after each of some 60 spikes of their sources, to 1e-12."""
    given, rows = json.loads(str(FILE[f"{name}/given"])), FILE[f"{name}/weights"]
    lag, dt = given["lag"], given["dt"]
    pre, post = ([FILE[f"{name}/{side}/{i}"] for i in range(n)] for side, n in (("pre", 4), ("post", 3)))
    learning = rule(name, given)
    if share == "dendritic":  # the pre-synaptic spike acts, with the weight that it found, one delay after it
        after = lag
        delay = round(lag * dt, 9)
        net = imposed(pre, post, learning, weight=given["weight"], delay=delay, dendritic_delay=delay)
    else:
        after = 1  # the delay of 0.1 ms
        net = imposed(pre, [p + lag + after for p in post], learning, weight=given["weight"], delay=0.1)
    found = []
    with ss.Simulation(net, dt=dt) as sim:
        for step in np.unique(rows[:, 0]).astype(int):
            result = sim.run(sim.grid.time(step + after) - sim.time, progress=False)
            now = rows[rows[:, 0] == step]
            found += result.weights["plastic"].toarray()[now[:, 2].astype(int), now[:, 1].astype(int)].tolist()
    assert rows.shape[0] > 600 and np.ptp(rows[:, 3]) > (0.1 if name == "restricted" else 0.15)
    np.testing.assert_allclose(found, rows[:, 3], rtol=0, atol=1e-12)
