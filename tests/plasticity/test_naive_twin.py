"""Truth: an independent sum over all pairs of spikes (pairs.py), on drawn networks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import spikesim as ss
from spikesim.jit import JIT

from .imposed import DT, imposed, steps_of
from .pairs import history

STEPS = 3000 if JIT else 500

RULES = {
    "additive": ss.STDP(A_plus=0.05, A_minus=0.06, w_max=1.0, tau_plus=17.0, tau_minus=34.0),
    "multiplicative": ss.STDP(A_plus=0.2, A_minus=0.3, w_min=-1.0, w_max=1.0, mu_plus=1.0, mu_minus=1.0),
    "power law": ss.STDP(A_plus=0.2, A_minus=0.2, w_max=2.0, mu_plus=0.3, mu_minus=0.6, A_pre=0.01, A_post=-0.02),
    "nearest": ss.STDP(A_plus=0.1, A_minus=0.1, w_max=1.0, tau_plus=0.7, tau_minus=3.0, pairing="nearest"),
    "triplet": ss.TripletSTDP(A2_plus=0.01, A3_plus=0.05, A2_minus=0.04, A3_minus=0.01, w_max=1.0),
    "triplet, nearest": ss.TripletSTDP(
        A2_plus=0.01, A3_plus=0.05, A2_minus=0.04, A3_minus=0.01, w_max=1.0, tau_x=5.0, pairing="nearest"
    ),
    "rewarded": ss.RewardSTDP(
        A_plus=0.5, A_minus=0.6, w_min=-99.0, w_max=99.0, tau_c=7.0, tau_d=3.0, baseline=1e-3,
        rewards=[(20.0, 0.02), (20.0, -0.005), (33.3, 0.01)],
    ),
}  # fmt: skip


def both(rule: ss.plasticity.Plasticity, seed: int, threads: int) -> None:
    """Draw trains, pairs (multapses included), weights and delays; compare weights and all that was transmitted."""
    rng = np.random.default_rng(seed)
    n_pre, n_post, n = 3, 4, 14
    pre_steps = [np.sort(rng.integers(0, STEPS - 60, 25)).tolist() for _ in range(n_pre)]
    wanted = [np.unique(rng.integers(2, STEPS - 1, 25)).tolist() for _ in range(n_post)]
    pre, post = rng.integers(0, n_pre, n), rng.integers(0, n_post, n)
    weight, delay = rng.uniform(0.0, 1.0, n), rng.integers(1, 60, n)
    net = imposed(
        pre_steps, wanted, rule, weight=weight, delay=delay * DT, connect=ss.from_pairs(pre, post),
        synapse=ss.Exponential(tau=1.5),
    )  # fmt: skip
    with ss.Simulation(net, dt=DT, threads=threads) as sim:
        result = sim.run(STEPS * DT, progress=False)
        found = sim.synapses("plastic")
    fired = steps_of(result)
    assert fired == wanted
    order = np.lexsort((delay, post, pre))
    np.testing.assert_array_equal(found.pre, pre[order])
    np.testing.assert_array_equal(found.post, post[order])
    np.testing.assert_allclose(found.delay, delay[order] * DT, rtol=1e-15)
    current = np.zeros((n_post, STEPS))
    expected = np.empty(n)
    step = np.arange(1, STEPS + 1)
    for k in range(n):
        arrivals = [s + int(delay[k]) for s in pre_steps[pre[k]]]
        one = history(rule, float(weight[k]), arrivals, fired[post[k]], DT, STEPS)
        expected[k] = one.weight
        for at, w in zip(arrivals, one.transmitted):
            current[post[k]] += np.where(step >= at, w * np.exp(-(step - at) * DT / 1.5), 0.0)
    assert np.ptp(expected - weight) > 1e-3
    np.testing.assert_allclose(found.weight, expected[order], rtol=0, atol=1e-12)
    np.testing.assert_allclose(result.traces["post"]["I_syn"].values.T, current, rtol=0, atol=1e-11)


@pytest.mark.parametrize("name", RULES)
def test_rules(name: str) -> None:
    both(RULES[name], seed=len(name), threads=1)


@settings(max_examples=25 if JIT else 3, deadline=None, suppress_health_check=list(HealthCheck))
@given(rule=st.sampled_from(list(RULES.values())), seed=st.integers(0, 10**6), threads=st.integers(1, 3))
def test_drawn(rule: ss.plasticity.Plasticity, seed: int, threads: int) -> None:
    both(rule, seed, threads)


@pytest.mark.skipif(not JIT, reason="takes minutes in plain Python")
def test_long_silence() -> None:
    """Traces outlive many references: lags of seconds with time constants from 0.3 ms to 3 s."""
    rule = ss.STDP(A_plus=0.1, A_minus=0.1, w_max=1.0, tau_plus=0.3, tau_minus=3000.0)
    pre, post = [100, 9000, 40000], [103, 20000, 60000]
    found = imposed([pre], [post], rule).run(6500.0, dt=DT, progress=False).weights["plastic"].toarray()
    wanted = history(rule, 0.5, [s + 20 for s in pre], post, DT, 65000).weight
    np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-13)
