"""What learns and what depresses."""

from __future__ import annotations

from typing import Any

import spikesim as ss

from .neurons import CUBA, Filling


def plastic(rule: Any, synapse: Any = None, weight: float = 0.5) -> ss.Network:
    net = ss.Network(seed=9)
    pre = net.population("pre", 60, ss.Poisson(20.0))
    post = net.population("post", 15, ss.LIF(**CUBA, I_e=190.0))
    into = ss.uniform(0.2 * weight, 1.2 * weight)
    net.connect(
        pre, post, ss.fixed_indegree(40), weight=into, delay=ss.uniform(0.5, 4.0), synapse=synapse or ss.Delta(),
        plasticity=rule, name="learns",
    )  # fmt: skip
    net.record(post, "spikes")
    return net


def stdp() -> ss.Network:
    return plastic(ss.STDP(A_plus=0.02, A_minus=0.021, w_max=1.0))


def stdp_soft() -> ss.Network:
    rule = ss.STDP(A_plus=2.0, A_minus=2.0, w_max=90.0, mu_plus=0.3, mu_minus=0.6, pairing="nearest")
    return plastic(rule, ss.Exponential(4.0), 40.0)


def stdp_normalised() -> ss.Network:
    return plastic(ss.STDP(A_plus=0.02, A_minus=0.021, w_max=1.0, w_total=18.0, every=10.0))


def triplets() -> ss.Network:
    return plastic(ss.TripletSTDP(A2_plus=0.005, A3_plus=0.02, A2_minus=0.007, A3_minus=0.001, w_max=1.0))


def reward() -> ss.Network:
    rewards = ((20.0, 0.01), (61.3, 0.02))
    return plastic(ss.RewardSTDP(A_plus=0.02, A_minus=0.02, w_max=1.0, rewards=rewards, baseline=1e-4))


def releases(learns: bool = True) -> ss.Network:
    """Sources that depress, facilitate, release by chance, and learn at the same time."""
    net = ss.Network(seed=13)
    pre = net.population("pre", 60, ss.Poisson(ss.uniform(5.0, 900.0)))  # (several spikes of one source in a step)
    post = net.population("post", 30, ss.LIF(**CUBA, I_e=170.0))
    onto, drawn = ss.Exponential(4.0), ss.uniform(10.0, 50.0)
    depressing = ss.TsodyksMarkram(U=ss.uniform(0.2, 0.8), tau_rec=200.0)
    facilitating = ss.TsodyksMarkram(U=0.1, tau_rec=50.0, tau_fac=300.0, tau_in=3.0)
    delay = ss.uniform(0.5, 4.0)
    net.connect(pre, post, ss.fixed_indegree(20), weight=30.0, delay=delay, synapse=onto, release=depressing, name="a")
    net.connect(post, post, ss.fixed_indegree(5), weight=drawn, delay=1.3, synapse=onto, release=facilitating, name="b")
    net.connect(pre, post, ss.fixed_indegree(9), weight=9.0, delay=2.0, synapse=onto,
                release=ss.QuantalRelease(4, 0.5, 30.0), name="c")  # fmt: skip
    rule = ss.STDP(A_plus=0.2, A_minus=0.21, w_max=10.0) if learns else None
    net.connect(pre, post, ss.fixed_indegree(30), weight=ss.uniform(0.0, 9.0), delay=delay, synapse=ss.Exponential(5.0),
                plasticity=rule, release=ss.StochasticRelease(0.4), name="learns")  # fmt: skip
    net.record(post, "spikes")
    net.record(post[:3], "v", "I_syn", every=0.5)
    return net


def vogels() -> ss.Network:
    return plastic(ss.Vogels2011(eta=0.02, target=8.0), ss.Exponential(4.0), 60.0)


def clopath() -> ss.Network:
    return plastic(
        ss.Clopath2010(theta_plus=-52.0, theta_minus=-66.0, w_max=90.0, A_LTP=1e-2), ss.Exponential(4.0), 60.0
    )


def nearest() -> ss.Network:
    return plastic(ss.RestrictedSTDP(A_plus=0.02, A_minus=0.021, w_max=1.0))


def told_late() -> ss.Network:
    """Rules of pairs whose synapses feel spikes of their targets late, after less and after more than the delays."""
    net = ss.Network(seed=9)
    pre = net.population("pre", 60, ss.Poisson(20.0))
    post = net.population("post", 150, ss.LIF(**CUBA, I_e=190.0))
    for name, share, indegree in (("learns", 0.7, 40), ("longer", 2.5, 20)):
        net.connect(
            pre, post, ss.fixed_indegree(indegree), weight=ss.uniform(0.1, 0.6), synapse=ss.Delta(), name=name,
            plasticity=ss.STDP(A_plus=0.02, A_minus=0.021, w_max=1.0), dendritic_delay=share,
            delay=ss.uniform(share, 4.0),
        )  # fmt: skip
    net.record(post, "spikes")
    return net


def dendritic() -> ss.Network:
    """Rules that feel spikes and potentials of their targets late."""
    net = ss.Network(seed=9)
    pre = net.population("pre", 60, ss.Poisson(20.0))
    post = net.population("post", 150, ss.LIF(**CUBA, I_e=190.0))
    given = {"delay": ss.uniform(0.7, 4.0), "dendritic_delay": 0.7}
    net.connect(
        pre, post, ss.fixed_indegree(40), weight=ss.uniform(0.1, 0.6), synapse=ss.Delta(),
        plasticity=ss.STDP(A_plus=0.02, A_minus=0.021, w_max=1.0), name="learns", **given,
    )  # fmt: skip
    net.connect(
        pre, post, ss.fixed_indegree(20), weight=ss.uniform(10.0, 70.0), synapse=ss.Exponential(4.0), name="voltage",
        plasticity=ss.Clopath2010(theta_plus=-52.0, theta_minus=-66.0, w_max=90.0, A_LTP=1e-2), **given,
    )  # fmt: skip
    net.record(post, "spikes")
    return net


def one_by_one() -> ss.Network:
    """Synapses whose spikes may not be added up, that learn, with backgrounds of two kinds, and with a release."""
    net = ss.Network(seed=19)
    pre = net.population("pre", 60, ss.Poisson(40.0))
    post = net.population("post", 40, ss.LIF(**CUBA, I_e=150.0))
    onto, given = ss.NMDASaturating(g=3.0), {"delay": ss.uniform(0.5, 4.0), "weight": ss.uniform(0.1, 0.9)}
    net.connect(
        pre, post, ss.fixed_indegree(20), synapse=onto, plasticity=ss.STDP(A_plus=0.02, A_minus=0.021, w_max=1.0),
        name="learns", **given,
    )  # fmt: skip
    net.connect(
        post, post, ss.fixed_indegree(5), synapse=Filling(), plasticity=ss.Vogels2011(eta=0.02, target=8.0, w_max=1.0),
        release=ss.TsodyksMarkram(0.5, 100.0), name="releases", **given,
    )  # fmt: skip
    net.background(post, rate=400.0, weight=0.3, synapse=onto)
    net.background(post[:30], rate=ss.GammaTrain(300.0, shape=2.0), weight=0.01, synapse=Filling())
    net.record(post, "spikes")
    net.record(post[:3], "Filling.open", every=0.5)
    return net
