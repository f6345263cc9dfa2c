"""Losses of spikes.  Truths: their formulas by NumPy; central differences; silent neurons that wake up."""

from __future__ import annotations

import numpy as np
import pytest

import spikesim as ss
from spikesim import learn
from spikesim.errors import InvalidValueError


def test_first_spike() -> None:
    t = np.array([[3.0, 4.0, 9.0], [7.0, 2.0, 2.5]])
    y = np.array([0, 2])
    logits = -t / 0.5
    own = t[[0, 1], y]
    wanted = np.log(np.exp(logits - logits[[0, 1], y][:, None]).sum(axis=1)) + 3e-3 * np.expm1(own / 6.4)
    np.testing.assert_allclose(learn.FirstSpikeLoss(reduction="none")(t, y).numpy(), wanted, rtol=1e-12)
    assert learn.gradcheck(lambda v: learn.FirstSpikeLoss()(v, y), [t])


def test_rate_penalty_wakes_silent_neurons() -> None:
    layer = learn.Spiking(10, ss.LIF.normalized(), ss.Exponential(5.0, normalize="area"), n_in=5, seed=0, gain=0.05)
    x = np.random.default_rng(0).random((8, 40, 5)) < 0.2
    penalty = learn.RatePenalty(low=2.0, high=6.0)
    optimizer = learn.Adam(layer.parameters(), lr=0.05)
    assert layer(x).detach().numpy().sum() == 0
    for _ in range(60):
        optimizer.zero_grad()
        penalty(layer(x)).backward()
        optimizer.step()
    mean = layer(x).detach().numpy().sum(axis=1).mean(axis=0)
    assert np.all(mean > 1.0) and np.all(mean < 8.0)


def test_rate_penalty_of_numbers() -> None:
    """By hand: mean over neurons of the squares of what a mean count is below low, or above high; no graph for data."""
    S = np.zeros((2, 5, 3))
    S[:, :4, 1], S[0, :, 2], S[1, 0, 2] = 1.0, 1.0, 1.0  # mean counts 0, 4, 3
    for low, high, wanted in ((1.0, 3.0, (1.0 + 1.0 + 0.0) / 3), (3.5, np.inf, (12.25 + 0.25) / 3), (0.0, 4.0, 0.0)):
        found = learn.RatePenalty(low=low, high=high)(S)
        assert found.item() == pytest.approx(wanted) and not found.requires_grad
        spikes = learn.Var(S)
        assert learn.RatePenalty(low=low, high=high)(spikes).requires_grad and spikes.requires_grad
    assert learn.RatePenalty(low=1.0, high=3.0, weight=0.5)(S).item() == pytest.approx(1.0 / 3)


def test_mistakes() -> None:
    with pytest.raises(InvalidValueError, match="0 <= low <= high"):
        learn.RatePenalty(low=2.0, high=1.0)
    with pytest.raises(InvalidValueError, match="tau_0 = 0"):
        learn.FirstSpikeLoss(tau_0=0.0)
