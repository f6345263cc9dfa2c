"""Rules that no other simulator has.  Truth: their sums over all spikes, written out."""

from __future__ import annotations

import math

import numpy as np

import spikesim as ss
from spikesim.jit import JIT

from .imposed import DT, imposed

STEPS = 3000 if JIT else 400


def trains(seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    pre, post = (np.unique(rng.integers(20, STEPS - 50, STEPS // 40)) for _ in range(2))
    return pre, post[np.diff(post, prepend=-9) > 2]


def left(earlier: np.ndarray, step: int, tau: float) -> float:
    """What spikes up to a step have left."""
    return float(np.exp(-(step - earlier[earlier <= step]) * DT / tau).sum())


def test_bcm() -> None:
    """w <- w + eta x (y / tau_y - theta) at each spike of the target; theta grows by rate / (rho_0 tau_theta)."""
    rule = ss.BCM(eta=0.3, target=20.0, w_max=50.0, w_min=-50.0)
    pre, post = trains(1)
    found = imposed([pre], [post], rule, delay=2.0).run(STEPS * DT, dt=DT, progress=False).weights["plastic"][0, 0]
    w, rates = 0.5, []
    for k, step in enumerate(post):
        rate = left(post[:k], step, 100.0) / 100.0
        past = sum(r * math.exp(-(step - s) * DT / 1000.0) for r, s in zip(rates, post))
        w += 0.3 * left(pre + 20, step, 20.0) * (rate - past / (1e-3 * 20.0 * 1000.0))
        rates.append(rate)
    assert abs(w - 0.5) > 0.01
    assert abs(found - w) < 1e-12


def test_homeostatic_scaling() -> None:
    """w <- w exp(beta T (rho_0 - a)) every T, with a the rate that a trace of the target measures."""
    rule = ss.HomeostaticScaling(beta=2e-4, target=30.0, w_max=50.0, tau=200.0)
    pre, post = trains(2)
    found = imposed([pre], [post], rule, delay=2.0).run(STEPS * DT, dt=DT, progress=False).weights["plastic"][0, 0]
    w = 0.5
    for step in range(100, STEPS + 1, 100):
        w *= math.exp(2e-4 * 10.0 * (30.0 - 1e3 * left(post, step, 200.0) / 200.0))
    assert abs(w - 0.5) > 1e-3
    assert abs(found - w) < 1e-12
