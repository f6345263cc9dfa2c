"""Every rule of the package passes the battery, and one's own; what is wrong is found.  Truth: a plain loop."""

from __future__ import annotations

from math import inf
from typing import Any, NamedTuple

import pytest

import spikesim as ss
from spikesim.errors import InvalidValueError
from spikesim.jit import JIT, exp, where
from spikesim.testing import check_plasticity

pytestmark = pytest.mark.skipif(not JIT, reason="takes minutes in plain Python")

STDP = {"A_plus": 0.01, "A_minus": 0.012, "w_max": 1.0}


@ss.plasticity
class Everything(NamedTuple):
    """All that a rule may have: variables that decay and that do not, traces of both kinds, steps, a third factor."""

    eta: float
    tau: float = 15.0
    tau_u: float = 30.0
    tau_c: float = 50.0
    every: float = 0.7
    w_min: float = -inf
    synapse = {"c": "tau_c", "n": None}
    pre = {"x": "tau", "z": "tau_c"}
    post = {"y": "tau", "u": ("v", "tau_u")}
    reads = ("v",)

    @ss.equation
    def on_pre(s, pre, post, p):
        return (s.w - p.eta * post.y, s.c + 1e-3 * (post.u + 65.0), s.n + 1.0), (pre.x + 1.0, 1.0)

    @ss.equation
    def on_post(s, pre, post, p):
        return (s.w + p.eta * pre.x * pre.z / (1.0 + s.n), s.c + 0.1 * post.v, s.n), (
            where(post.y > 1.0, 1.0, post.y + 0.7),
            post.u,
        )

    @ss.equation
    def on_step(s, pre, post, p, dt):
        return s.w * exp(-1e-3 * dt) + 1e-4 * dt * post.v, s.c, s.n

    @ss.equation
    def active(post, p):
        return post.y

    @ss.equation
    def on_event(s, pre, post, p, amount):
        return s.w + amount * s.c, 0.0, s.n


@ss.plasticity
class Events(NamedTuple):
    """All that a rule may have on both engines: the same without steps and states."""

    eta: float
    tau: float = 15.0
    tau_c: float = 50.0
    synapse = {"c": "tau_c", "n": None}
    pre = {"x": "tau", "z": "tau_c"}
    post = {"y": "tau"}

    @ss.equation
    def on_pre(s, pre, post, p):
        return (s.w - p.eta * post.y, s.c + 1e-3, s.n + 1.0), (pre.x + 1.0, 1.0)

    @ss.equation
    def on_post(s, pre, post, p):
        return (s.w + p.eta * pre.x * pre.z / (1.0 + s.n), s.c + 0.1, s.n), where(post.y > 1.0, 1.0, post.y + 0.7)

    @ss.equation
    def on_event(s, pre, post, p, amount):
        return s.w + amount * s.c, 0.0, s.n


@ss.plasticity
class Steps(NamedTuple):
    """Steps of one's own, where targets are active, of what decays and what is drawn."""

    eta: float
    every: float
    tau: float = 15.0
    w_max: float = 1.0
    synapse = {"c": "tau"}
    post = {"y": "tau"}

    @ss.equation
    def on_pre(s, pre, post, p):
        return s.w, s.c + post.y

    @ss.equation
    def on_step(s, pre, post, p, dt, z):
        return s.w + p.eta * dt * (s.c - z[0]), s.c

    @ss.equation
    def active(post, p):
        return post.y - 0.1


@ss.plasticity
class OnlyArrivals(NamedTuple):
    """No traces at all."""

    eta: float = 0.01

    @ss.equation
    def on_pre(s, pre, post, p):
        return s.w + p.eta


@pytest.mark.parametrize(
    "rule",
    [
        ss.Vogels2011(eta=0.1, target=5.0),
        ss.Vogels2011(eta=-0.1, target=5.0, w_min=-inf, w_max=0.0),
        ss.PresynapticSTDP(**STDP, mu_plus=0.3, mu_minus=0.6),
        ss.RestrictedSTDP(**STDP),
        ss.BCM(eta=1.0, target=20.0, w_max=2.0),
        ss.HomeostaticScaling(beta=1e-4, target=30.0, w_max=3.0),
        ss.Clopath2010(w_max=3.0, theta_plus=-60.0),
        ss.Clopath2010(w_max=3.0, t_spike=1.0),
        Everything(eta=0.02),
        Events(eta=0.02),
        Steps(eta=0.01, every=2.5),
        Steps(eta=0.01, every=0.1),
        OnlyArrivals(),
        ss.STDP(**STDP),
        ss.STDP(**STDP, mu_plus=0.3, mu_minus=1.0, A_pre=-0.001, A_post=0.002, pairing="nearest"),
        ss.TripletSTDP(A2_plus=0.005, A3_plus=0.02, A2_minus=0.007, A3_minus=0.001, w_max=1.0),
        ss.STDP(**STDP, w_total=1.0, every=2.0),
        ss.RewardSTDP(**STDP, baseline=1e-3, rewards=[(15.0, 0.01)]),
    ],
    ids=lambda rule: type(rule).__name__,
)
def test_rules(rule: Any) -> None:
    check_plasticity(rule)


def test_which_engine_refuses() -> None:
    """By name, with what is in the way; the battery leaves it out."""
    cases: list[tuple[Any, str]] = [(Everything(eta=0.02), "its trace .u. follows a state of the target")]
    for rule, why in cases:
        net = ss.Network()
        a = net.population("a", 2, ss.LIF())
        net.connect(a, a, ss.all_to_all(), weight=0.5, delay=1.0, synapse=ss.Delta(), plasticity=rule)
        with pytest.raises(InvalidValueError, match=f'{why}.*engine="clock"'):
            ss.Simulation(net, engine="event")


def test_what_is_no_rule() -> None:
    with pytest.raises(AssertionError, match="wanted a value"):
        check_plasticity(ss.LIF())


def test_a_wrong_equation_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The battery can fail: an engine that ran other equations than the rule says."""
    from spikesim.engine import rules

    rule, key = OnlyArrivals(eta=0.02), rules.register(OnlyArrivals)
    monkeypatch.setattr(OnlyArrivals, "on_pre", staticmethod(lambda s, pre, post, p: s.w + 1.001 * p.eta))
    monkeypatch.setattr(rules, "register", lambda cls: key)
    with pytest.raises(AssertionError, match="the loop over its events gives"):
        check_plasticity(rule)
