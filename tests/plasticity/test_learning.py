"""Truth: what the papers found that these rules do to many synapses."""

from __future__ import annotations

import numpy as np
import pytest

import spikesim as ss
from spikesim import learn, published
from spikesim.jit import JIT

from .imposed import DT, imposed

pytestmark = pytest.mark.skipif(not JIT, reason="takes hours in plain Python")


def song(
    mu: float, rate: float = 40.0, seconds: float = 400.0, inputs: int = 1000, A: float = 0.005
) -> tuple[np.ndarray, float]:
    """Song, Miller and Abbott (2000): one neuron, Poisson inputs; return the weights in units of the largest, its rate.

    Their cell and synapses, with 400 of 1,000 inputs that are 2.5 times as strong, and steps of weight twice theirs.
    """
    g_leak, scale = 250.0 / 20.0, 1000 / inputs
    g_max, g_in = 0.015 * g_leak * scale, 0.05 * g_leak * scale
    net = ss.Network(seed=8)
    exc = net.population("exc", inputs, ss.Poisson(rate))
    inh = net.population("inh", inputs // 5, ss.Poisson(10.0))
    cell = net.population("cell", 1, ss.LIF(tau_m=20.0, E_L=-70.0, V_th=-54.0, V_reset=-60.0, t_ref=0.0))
    rule = ss.STDP(A_plus=A * g_max, A_minus=1.05 * A * g_max, w_max=g_max, mu_plus=mu, mu_minus=mu)
    net.connect(
        exc, cell, ss.all_to_all(), weight=ss.uniform(0.0, g_max), delay=0.5, plasticity=rule,
        synapse=ss.ConductanceExponential(tau=5.0, E_rev=0.0), name="learning",
    )  # fmt: skip
    net.connect(
        inh, cell, ss.all_to_all(), weight=g_in, delay=0.5, synapse=ss.ConductanceExponential(tau=5.0, E_rev=-70.0)
    )
    net.record(cell, "spikes")
    result = net.run(1000.0 * seconds, dt=0.5, threads=1, progress=False)
    return result.weights["learning"].toarray()[0] / g_max, result.spikes["cell"].rate(start=500.0 * seconds)


@pytest.mark.slow
def test_additive_weights_become_all_or_nothing() -> None:
    """Song, Miller and Abbott (2000), figures 2 and 3: two heaps of weights, the strong one smaller at higher input
    rates, so that twice the input makes the neuron fire hardly faster."""
    share = []
    rates = []
    for rate in (15.0, 30.0):
        weights, fired = song(0.0, rate, 600.0)
        heights = np.histogram(weights, 5, (0.0, 1.0))[0] / weights.size
        assert heights[0] + heights[4] > 0.75 and heights[2] < 0.06
        assert heights[4] > 2 * heights[3]
        share.append(heights[4])
        rates.append(fired)
    assert share[1] < 0.6 * share[0]
    assert rates[1] < 1.4 * rates[0]


@pytest.mark.slow
def test_multiplicative_weights_stay_together() -> None:
    """Soft bounds: one narrow heap near 1 / (1 + A_minus / A_plus) (Rubin, Lee and Sompolinsky 2001, equation 12)."""
    weights, _ = song(1.0, 15.0, 150.0, A=0.01)
    assert abs(weights.mean() - 1 / 2.05) < 0.02 and weights.std() < 0.05


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_reward_finds_the_synapse_that_earned_it(sign: float) -> None:
    """100 synapses, rewards half a second after pairs of one of them: its weight moves most, up or (punished) down."""
    rng = np.random.default_rng(2)
    steps, n = 2_000_000, 10  # 200 s
    pre, post = ([np.unique(rng.integers(2, steps - 10_000, 400)) for _ in range(n)] for _ in range(2))
    arrivals = pre[3] + 20
    lags = post[6][:, None] - arrivals
    paired = post[6][((lags >= 0) & (lags <= 200)).any(axis=1)]
    assert 8 < paired.size < 40
    rewards = [((step + 5000) * DT, sign * 0.01) for step in paired]
    rule = ss.RewardSTDP(A_plus=0.1, A_minus=0.1, w_min=-10.0, w_max=10.0, tau_c=1000.0, tau_d=50.0, rewards=rewards)
    change = imposed(pre, post, rule, weight=0.0).run(steps * DT, dt=DT, progress=False).weights["plastic"].toarray()
    assert np.unravel_index(np.argmax(sign * change), change.shape) == (6, 3)
    others = np.delete(change.ravel(), 63)
    assert sign * change[6, 3] > 4 * others.std()


def test_competing_neurons_recognise_digits() -> None:
    """60 neurons that have seen every image once, without its label, name two thirds of new ones (chance: a tenth)."""
    images, labels = learn.digits(train=True).arrays()
    new, truth = learn.digits(train=False).arrays()
    layer = published.Competition(60, 64, seed=2).learn(images)
    names = published.names_of(layer.respond(images), labels, 10)
    assert np.mean(published.votes(layer.respond(new), names, 10) == truth) > 0.66
    np.testing.assert_allclose(layer.fields.sum(axis=1), 0.2 * 64, rtol=0.05)


def test_competing_neurons_find_clusters() -> None:
    """Three kinds of pattern and three neurons: each neuron takes one kind, whatever the seed."""
    rng = np.random.default_rng(0)
    kinds = rng.permutation(np.repeat(np.arange(3), 60))
    patterns = np.kron(np.eye(3), np.ones(8))[kinds] + 0.1 * rng.random((180, 24))
    for seed in range(3):
        fired = published.Competition(3, 24, seed=seed, step=0.002).learn(patterns).respond(patterns)
        table = np.zeros((3, 3), int)
        np.add.at(table, (kinds, fired.argmax(axis=1)), 1)
        assert sorted(table.argmax(axis=1)) == [0, 1, 2] and table.max(axis=1).sum() > 0.95 * kinds.size


def test_patterns_are_checked() -> None:
    for wrong in (np.ones((3, 5)), np.ones(4), -np.ones((3, 4))):
        with pytest.raises(ValueError, match=r"patterns must have shape \(n, 4\) and values >= 0"):
            published.Competition(2, 4).learn(wrong)
