"""What one spike does, verb by verb.  Truth: the published rules, written down as numbers."""

from __future__ import annotations

import math
from types import SimpleNamespace as Seen
from typing import Any

import numpy as np
import pytest

import spikesim as ss
from spikesim.plasticity.dependence import power, soft
from spikesim.plasticity.pairs import Pairs, Triplets


def close(found: Any, *wanted: Any) -> None:
    """Compare what a verb returns, flat."""

    def flat(values: Any) -> list[float]:
        return [x for v in values for x in (flat(v) if isinstance(v, tuple) else [float(v)])]

    np.testing.assert_allclose(flat(found), wanted, rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("mu", [0.0, 0.4, 1.0, 2.0])
def test_dependence(mu: float) -> None:
    assert [power(u, mu) for u in (0.25, 0.7, 1.0)] == [pytest.approx(u**mu) for u in (0.25, 0.7, 1.0)]
    rule = Seen(w_min=-1.0, w_max=3.0, mu_plus=mu, mu_minus=0.5)
    assert soft(1.0, 0.25, rule) == pytest.approx(1.0 + 0.25 * 0.5**mu)
    assert soft(2.0, -0.25, rule) == pytest.approx(2.0 - 0.25 * math.sqrt(0.75))
    hard = Seen(w_min=-1.0, w_max=3.0, mu_plus=0.0, mu_minus=0.0)
    assert (soft(2.5, 1.0, hard), soft(-0.5, -1.0, hard), soft(1.0, 0.0, hard)) == (3.0, -1.0, 1.0)


def test_vogels() -> None:
    """w + eta (y - alpha) at a pre spike, alpha = 2 target tau; w + eta x at a post spike."""
    rule, s = ss.Vogels2011(eta=0.1, target=5.0, tau=20.0), Seen(w=2.0)
    pre, post = Seen(x=0.7), Seen(y=1.3)
    close(type(rule).on_pre(s, pre, post, rule), 2.0 + 0.1 * (1.3 - 0.2), 1.7)
    close(type(rule).on_post(s, pre, post, rule), 2.0 + 0.1 * 0.7, 2.3)


def test_clopath() -> None:
    """Depression by u_minus, potentiation by trace, v and u_plus; a spike moves both potentials towards its height."""
    rule, s, pre = ss.Clopath2010(t_spike=2.0), Seen(w=1.0), Seen(x=0.25)
    post = Seen(v=-40.0, u_minus=-60.0, u_plus=-65.0)
    low = Seen(v=-50.0, u_minus=-80.0, u_plus=-75.0)
    cls = type(rule)
    close(cls.on_pre(s, pre, post, rule), 1.0 - 14e-5 * 10.6, 0.25 + 1.0 / 15.0)
    close(cls.on_pre(s, pre, low, rule), 1.0, 0.25 + 1.0 / 15.0)
    u = [33.0 + (v - 33.0) * math.exp(-2.0 / tau) for v, tau in ((-60.0, 10.0), (-65.0, 7.0))]
    close(cls.on_post(s, pre, post, rule), 1.0 + 8e-5 * 0.25 * (33.0 + 45.3) * 5.6 * 2.0, *u)
    close((cls.active(post, rule), cls.active(low, rule)), 5.3 * 5.6, 0.0)
    close((cls.on_step(s, pre, post, rule, 0.1),), 1.0 + 0.1 * 8e-5 * 0.25 * 5.3 * 5.6)


def test_nearest_neighbours() -> None:
    for cls, after_pre, after_post in (
        (ss.PresynapticSTDP, (1.5,), (0.0, 1.0)),
        (ss.RestrictedSTDP, (1.0, 0.0), (0.0, 1.0)),
    ):
        rule = cls(A_plus=0.1, A_minus=0.2, w_max=1.0)
        s, post = Seen(w=0.5, x=0.5, y=0.25), Seen(y=0.25)
        close(cls.on_pre(s, Seen(), post, rule), 0.5 - 0.2 * 0.25, *after_pre)
        close(cls.on_post(s, Seen(), post, rule), 0.5 + 0.1 * 0.5, *after_post)


@pytest.mark.parametrize("nearest", [0.0, 1.0])
def test_pairs_and_triplets(nearest: float) -> None:
    """Pfister and Gerstner (2006); `nearest`: a trace begins again at each spike."""
    common = dict(A_plus=0.1, A_minus=0.2, A_pre=0.01, A_post=0.02, mu_plus=0.0, mu_minus=0.0, nearest=nearest,
                  tau_plus=20.0, tau_minus=30.0, w_min=0.0, w_max=9.0)  # fmt: skip
    s, pre, post = Seen(w=4.0), Seen(x=0.5, x2=0.75), Seen(y=0.25, y2=1.25)

    def after(trace: float) -> float:
        return 1.0 if nearest else trace + 1.0

    pairs = Pairs(**common)
    close(Pairs.on_pre(s, pre, post, pairs), 4.0 + 0.01 - 0.2 * 0.25, after(0.5))
    close(Pairs.on_post(s, pre, post, pairs), 4.0 + 0.02 + 0.1 * 0.5, after(0.25))
    rule = Triplets(**common, A3_plus=0.3, A3_minus=0.4, tau_x=100.0, tau_y=120.0)
    close(Triplets.on_pre(s, pre, post, rule), 4.0 + 0.01 - 0.25 * (0.2 + 0.4 * 0.75), after(0.5), after(0.75))
    close(Triplets.on_post(s, pre, post, rule), 4.0 + 0.02 + 0.5 * (0.1 + 0.3 * 1.25), after(0.25), after(1.25))
