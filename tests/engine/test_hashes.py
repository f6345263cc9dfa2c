"""The same spikes from the same seeds as release 0.1: a hash of what each of these networks does.

Truth: what release 0.1 gave.  A hash changes only where a fault was mended, and is then named here with the fault.
Steps and ids are hashed as they are, times between steps to a picosecond, samples to 1e-7 (bits may depend on the
machine).

Added since, with what they gave at first: releases, equations, fly; rules of pairs and releases on the event engine.

New since, with the values of its first day: noise, trains.

New since, with the values of their first day: delays that are dendritic in part; gap junctions; moves; chance; the fly
on the event engine; inputs.

Changed since: Traub-Miles, AdEx, Izhikevich, whose v is given and whose other states now start steady at it.

``python tests/engine/test_hashes.py`` prints them, with hashes of all bits beside.
"""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

import spikesim as ss
from spikesim.synapses import Input, synapse

STORED = Path(__file__).with_name("hashes.json")
CUBA = {"tau_m": 20.0, "C_m": 200.0, "E_L": -60.0, "V_th": -50.0, "V_reset": -60.0, "t_ref": 5.0}


def recurrent(model: Any, excitation: Any, inhibition: Any, weights: tuple[float, float], drive: float, **start: Any):
    """400 neurons, a fifth of them inhibitory, sparse and random."""
    net = ss.Network(seed=11)
    e, i = net.population("e", 320, model, **start), net.population("i", 80, model, **start)
    net.connect(e, e + i, ss.fixed_probability(0.08), weight=weights[0], delay=1.0, synapse=excitation)
    net.connect(i, e + i, ss.fixed_probability(0.08), weight=weights[1], delay=0.6, synapse=inhibition)
    if drive:
        net.inject(e + i, ss.DC(drive))
    net.record(e + i, "spikes")
    net.record(e[:3], "v", every=0.5)
    return net


def lif_exponential() -> ss.Network:
    model = ss.LIF(**CUBA, I_e=220.0)
    return recurrent(model, ss.Exponential(5.0), ss.Exponential(10.0), (30.0, -100.0), 0.0, v=ss.uniform(-60, -50))


def lif_delta() -> ss.Network:
    net = recurrent(ss.LIF(**CUBA), ss.Delta(), ss.Delta(), (0.4, -1.5), 0.0, v=ss.uniform(-60, -50))
    net.background(net["e"] + net["i"], rate=6000.0, weight=0.3, synapse=ss.Delta())
    return net


def lif_kept_delta() -> ss.Network:
    kept = ss.Delta(refractory_input=True)
    return recurrent(ss.LIF(**CUBA, I_e=230.0), kept, kept, (0.4, -1.5), 0.0, v=ss.uniform(-60, -50))


def lif_alpha_gamma() -> ss.Network:
    model = ss.LIF(**CUBA, I_e=220.0)
    return recurrent(model, ss.Alpha(2.0), ss.Gamma(3, 1.5), (40.0, -300.0), 0.0, v=ss.uniform(-60, -50))


def lif_conductance() -> ss.Network:
    ampa, gaba = ss.ConductanceExponential(5.0, 0.0), ss.ConductanceAlpha(4.0, -80.0)
    return recurrent(ss.LIF(**CUBA, I_e=220.0), ampa, gaba, (2.0, 10.0), 0.0, v=ss.uniform(-60, -50))


def lif_drawn() -> ss.Network:
    drawn = CUBA | {"V_th": ss.normal(-50.0, 1.0, low=-55.0, high=-45.0), "t_ref": 2.0}
    net = ss.Network(seed=4)
    a = net.population("a", 300, ss.LIF(**drawn, I_e=ss.uniform(150.0, 260.0)), v=ss.uniform(-60, -50))
    delay = ss.normal(1.5, 0.75, low=0.1)
    net.connect(a, a, ss.fixed_indegree(30), weight=ss.normal(5.0, 2.0), delay=delay, synapse=ss.Exponential(3.0))
    net.record(a, "spikes")
    net.record(a[[1, 7]], "v", "I_syn", every=1.0)
    return net


def hodgkin_huxley() -> ss.Network:
    return recurrent(ss.HodgkinHuxley(), ss.Exponential(3.0), ss.Alpha(3.0), (200.0, -400.0), 1000.0)


def traub_miles() -> ss.Network:
    ampa, gaba = ss.ConductanceExponential(5.0, 0.0), ss.ConductanceExponential(10.0, -80.0)
    return recurrent(ss.TraubMiles(), ampa, gaba, (3.0, 30.0), 100.0, v=ss.uniform(-70, -55))


def adex() -> ss.Network:
    return recurrent(ss.AdEx(), ss.Exponential(3.0), ss.Exponential(8.0), (20.0, -60.0), 700.0, v=ss.uniform(-70, -60))


def izhikevich() -> ss.Network:
    return recurrent(ss.Izhikevich(), ss.Delta(), ss.Delta(), (0.5, -1.0), 8.0, v=ss.uniform(-65, -55))


def sources() -> ss.Network:
    net = ss.Network(seed=6)
    poisson = net.population("poisson", 40, ss.Poisson(ss.uniform(5.0, 200.0)))
    listed = net.population("listed", 2, ss.SpikeTimes([[0.0, 3.0, 3.0, 40.0], [12.5]]))
    cells = net.population("cells", 60, ss.LIF(I_e=300.0))
    net.connect(poisson, cells, ss.fixed_outdegree(20), weight=40.0, delay=1.5, synapse=ss.Exponential(2.0))
    net.connect(listed, cells, ss.all_to_all(), weight=400.0, delay=0.7, synapse=ss.Alpha(1.0))
    net.record(poisson + listed + cells, "spikes")
    return net


def stimuli() -> ss.Network:
    net = ss.Network(seed=8)
    cells = net.population("cells", 30, ss.LIF(I_e=200.0))
    other = net.population("other", 10, ss.HodgkinHuxley())
    net.inject(cells[:10], ss.Sine(200.0, 40.0, start=5.0, stop=90.0))
    net.inject(cells[5:20], ss.Steps([0.0, 20.0, 60.0], [150.0, 250.0, 50.0]))
    net.inject(cells[15:], ss.Waveform([0.0, 33.3, 77.7], [0.0, 400.0, 100.0]))
    net.inject(cells, ss.Noise(20.0, 80.0, dt=1.0))
    net.inject(other, ss.DC(np.linspace(0.0, 15.0, 10), start=10.0, stop=80.0))
    net.record(cells + other, "spikes")
    net.record(cells[:2] + other[:2], "v", every=0.7)
    return net


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


def gap_junctions() -> ss.Network:
    """Between neurons of one kind, and of two; with resets and without, with and without synapses."""
    net = ss.Network(seed=15)
    cells = net.population("cells", 200, ss.LIF(**CUBA, I_e=ss.uniform(180.0, 260.0)), v=ss.uniform(-60, -50))
    other = net.population("other", 70, ss.TraubMiles(I_e=ss.uniform(100.0, 300.0)), v=ss.uniform(-70, -60))
    net.couple(cells, cells, ss.fixed_probability(0.05), conductance=ss.uniform(0.0, 1.0))
    net.couple(cells[:50], other, ss.fixed_indegree(2), conductance=0.5)
    net.couple(other, other, ss.from_pairs(np.arange(69), np.arange(1, 70)), conductance=np.linspace(0.0, 3.0, 69))
    net.connect(cells, cells + other, ss.fixed_indegree(8), weight=10.0, delay=0.5, synapse=ss.Exponential(3.0))
    net.connect(other, cells, ss.fixed_indegree(4), weight=0.5, delay=1.0, synapse=ss.Delta())
    net.record(cells + other, "spikes")
    net.record(cells[:3] + other[:3], "v", every=0.5)
    return net


@synapse(states=("open",))
class Filling(NamedTuple):
    """A spike opens a share of what is closed: its jumps may not be added up."""

    tau: float = 8.0

    @ss.equation
    def slope(f, p):
        return (-f[0] / p.tau,)

    @ss.equation
    def jump(f, w, p):
        return (f[0] + w * (1.0 - f[0]),)

    @ss.equation
    def input(f, v, p):
        return Input(0.0, 50.0 * f[0])


def equations() -> ss.Network:
    """Synapses that are no linear filters, and spikes that move another state than v."""
    net = ss.Network(seed=14)
    pre = net.population("pre", 50, ss.Poisson(60.0))
    post = net.population("post", 40, ss.LIF(**CUBA, I_e=60.0))
    other = net.population("other", 20, ss.AdEx(I_e=600.0))
    onto = ss.MgNMDA(tau=50.0)
    net.connect(pre, post + other, ss.fixed_indegree(20), weight=ss.uniform(0.5, 1.5), delay=1.3, synapse=onto)
    net.connect(pre, post, ss.fixed_indegree(10), weight=0.5, delay=0.7, synapse=ss.NMDASaturating(g=12.0))
    net.connect(post, post, ss.fixed_indegree(8), weight=ss.uniform(0.0, 0.5), delay=1.0, synapse=Filling(),
                release=ss.TsodyksMarkram(0.5, 100.0))  # fmt: skip
    net.connect(pre, other, ss.fixed_indegree(10), weight=4.0, delay=ss.uniform(0.3, 2.0), synapse=ss.Delta(to="w"))
    net.background(post, rate=300.0, weight=0.2, synapse=onto)
    net.record(post + other, "spikes")
    return net


def brunel() -> ss.Network:
    from spikesim import published

    return published.brunel(neurons=500)


def microcircuit() -> ss.Network:
    from spikesim import published

    return published.microcircuit(scale=0.02)


def fly() -> ss.Network:
    """Arrivals in a state that is held while refractory, a refractory time a neuron."""
    from spikesim import published

    brain = published.synthetic_connectome(300, 9000)
    brain = replace(brain, weight=3.0 * brain.weight)  # so few neurons need stronger synapses to go on
    return published.fly_brain(brain, activate=brain.ids[:15], silence=brain.ids[20:25])


def moves() -> ss.Network:
    """Arrivals in states of nonlinear neurons, one of them held, and of linear ones that differ."""
    from spikesim.published import FlyNeuron

    net = ss.Network(seed=16)
    pre = net.population("pre", 50, ss.Poisson(60.0))
    other = net.population("other", 30, ss.AdEx(I_e=600.0))
    cells = net.population("cells", 40, FlyNeuron(tau_g=ss.uniform(4.0, 6.0)))
    net.connect(pre, other, ss.fixed_indegree(10), weight=4.0, delay=ss.uniform(0.3, 2.0), synapse=ss.Delta(to="w"))
    net.connect(pre, cells, ss.fixed_indegree(10), weight=8.0, delay=1.1, synapse=ss.Delta(to="g"))
    net.connect(other, cells, ss.fixed_indegree(5), weight=5.0, delay=0.7, synapse=ss.Delta())
    net.background(cells, rate=300.0, weight=1.0, synapse=ss.Delta(to="g"))
    net.record(other + cells, "spikes")
    net.record(other[:2] + cells[:2], "v", every=0.5)
    return net


def chance() -> ss.Network:
    """Neurons that fire by chance."""
    net = ss.Network(seed=17)
    cells = net.population("cells", 100, ss.StochasticLIF(I_e=260.0))
    other = net.population("other", 40, ss.GIF(I_e=120.0))
    given = {"weight": ss.uniform(10.0, 40.0), "delay": 1.1}
    net.connect(cells, cells + other, ss.fixed_indegree(10), synapse=ss.Exponential(3.0), **given)
    net.connect(other, cells, ss.fixed_indegree(5), weight=-2.0, delay=0.7, synapse=ss.Delta())
    net.background(other, rate=300.0, weight=-1.0, synapse=ss.Delta(to="gamma_1"))
    net.record(cells + other, "spikes")
    net.record(cells[:2] + other[:2], "v", every=0.5)
    return net


@ss.model(states=("v", "a"), inputs=("light", "touch"))
class Sensing(NamedTuple):
    """A quadratic neuron that feels light beside its current, and is the less excitable the more it is touched."""

    t_ref: float = 2.0

    @ss.equation
    def slope(s, u, p):
        v = s[0]
        return ((v * v - 1.0) / 4.0 + u.light + 0.01 * u.current - s[1], (u.touch - s[1]) / 20.0)

    @ss.equation
    def margin(s, p):
        return s[0] - 5.0

    @ss.equation
    def reset(s, p):
        return (-2.0, s[1])


def inputs() -> ss.Network:
    """Stimuli of all kinds into named inputs, of some neurons."""
    net = ss.Network(seed=18)
    cells = net.population("cells", 50, Sensing(), v=ss.uniform(-2.0, 0.0), a=0.0)
    net.inject(cells[:40], ss.Noise(0.4, 0.3, dt=1.0), into="light")
    net.inject(cells[20:], ss.Sine(0.5, 40.0, start=5.0, stop=90.0), into="light")
    net.inject(cells[10:], ss.Waveform([0.0, 30.0, 80.0], [0.0, 0.5, 0.1]), into="touch")
    net.inject(cells, ss.DC(15.0, start=20.0))
    net.connect(cells, cells, ss.fixed_indegree(8), weight=4.0, delay=ss.uniform(0.3, 2.0), synapse=ss.Exponential(3.0))
    net.record(cells, "spikes")
    net.record(cells[:3] + cells[48:], "v", every=0.5)
    return net


def noise() -> ss.Network:
    net = ss.Network(seed=12)
    linear = net.population("linear", 80, ss.GLIF(delta_theta=2.0, delta_I_1=-20.0))
    other = net.population("other", 40, ss.EIF())
    chance = net.population("chance", 150, ss.GIF(I_e=120.0))
    net.inject(linear[:60], ss.OrnsteinUhlenbeck(280.0, 100.0, 4.0))
    net.inject(other, ss.OrnsteinUhlenbeck(np.linspace(50.0, 200.0, 40), 150.0, 6.0))
    net.inject(linear[20:] + other + chance, ss.WhiteNoise(150.0))
    net.connect(linear, other + chance, ss.fixed_probability(0.1), weight=30.0, delay=1.0, synapse=ss.Exponential(3.0))
    net.record(linear + other + chance, "spikes")
    net.record(linear[:2] + other[:2] + chance[:2], "v", every=0.5)
    return net


def layer() -> ss.Network:
    """Places, rules and numbers of distance; trains and sources that are on at times, a rate with steps."""
    net = ss.Network(seed=14)
    cells = net.population("cells", 400, ss.LIF(), positions=ss.lattice((20, 20), extent=(1.0, 1.0)))
    source = net.population("source", 50, ss.Poisson(30.0, start=15.0, stop=80.0), positions=ss.uniform_positions())
    near = ss.fixed_probability(0.8 * ss.gaussian(0.15), boundary="torus")
    given = {"delay": 0.5 + ss.distance / 0.3, "synapse": ss.Exponential(3.0)}
    net.connect(cells, cells, near, weight=20.0 - 30.0 * ss.distance, **given)
    net.connect(source, cells, ss.fixed_outdegree(40, kernel=ss.exponential(0.2)), weight=60.0, **given)
    rate = ss.Steps([0.0, 20.0, 60.0], [8000.0, 12000.0, 5000.0])
    net.background(cells, rate=rate, start=5.0, stop=90.0, weight=20.0, synapse=ss.Exponential(3.0))
    net.record(cells + source, "spikes")
    net.record(cells[:3], "v", every=0.5)
    return net


def trains() -> ss.Network:
    """Renewal trains, common ones, rates of time, packets; as sources and as backgrounds, of some neurons."""
    net = ss.Network(seed=15)
    wave = ss.Waveform([0.0, 30.3, 60.0], np.linspace(0.0, 300.0, 120).reshape(3, 40))
    sources = {
        "bursty": ss.GammaTrain(ss.uniform(20.0, 200.0), 0.4, start=5.0),
        "regular": ss.GammaTrain(ss.Sine(60.0, 20.0, offset=80.0), 7.0),
        "mother": ss.Correlated(60.0, 0.3, stop=80.0),
        "partly": ss.Correlated(ss.Steps([0.0, 40.0], [50.0, 90.0]), 0.2, method="SIP"),
        "one": ss.shared(ss.GammaTrain(100.0, 3.0)),
        "waves": ss.Poisson(wave),
        "packets": ss.PulsePackets([20.0, 60.0], 2, 3.0),
    }
    cells = net.population("cells", 60, ss.LIF(I_e=300.0))
    onto = {"synapse": ss.Exponential(2.0)}
    for name, source in sources.items():
        made = net.population(name, 40, source)
        net.connect(made, cells, ss.fixed_outdegree(10), weight=40.0, delay=1.5, **onto)
        net.record(made, "spikes")
    net.background(cells[5:50], rate=ss.Sine(3000.0, 30.0, offset=3000.0), weight=15.0, **onto, name="sine")
    net.background(cells[:25], rate=ss.Correlated(500.0, 0.1), start=10.0, weight=30.0, **onto, name="common")
    net.background(cells, rate=ss.GammaTrain(200.0, 5.0), weight=0.2, synapse=ss.Delta(), name="gamma")
    net.record(cells, "spikes")
    net.record(cells[:3], "v", every=0.5)
    return net


BOTH, CLOCK = ("clock", "event"), ("clock",)
NETWORKS: dict[str, tuple[Callable[[], ss.Network], tuple[str, ...]]] = {
    "LIF exponential": (lif_exponential, BOTH),
    "LIF delta": (lif_delta, BOTH),
    "LIF delta kept": (lif_kept_delta, BOTH),
    "LIF alpha gamma": (lif_alpha_gamma, BOTH),
    "LIF conductance": (lif_conductance, BOTH),
    "LIF drawn": (lif_drawn, BOTH),
    "Hodgkin-Huxley": (hodgkin_huxley, BOTH),
    "Traub-Miles": (traub_miles, CLOCK),
    "AdEx": (adex, CLOCK),
    "Izhikevich": (izhikevich, BOTH),
    "sources": (sources, BOTH),
    "stimuli": (stimuli, BOTH),
    "STDP": (stdp, BOTH),
    "STDP soft": (stdp_soft, BOTH),
    "STDP normalised": (stdp_normalised, CLOCK),
    "triplets": (triplets, BOTH),
    "reward": (reward, CLOCK),
    "noise": (noise, CLOCK),
    "releases": (releases, BOTH),
    "released": (functools.partial(releases, learns=False), BOTH),
    "Vogels": (vogels, CLOCK),
    "Clopath": (clopath, CLOCK),
    "nearest neighbours": (nearest, BOTH),
    "dendritic delay": (dendritic, CLOCK),
    "gap junctions": (gap_junctions, CLOCK),
    "equations": (equations, CLOCK),
    "Brunel": (brunel, BOTH),
    "microcircuit": (microcircuit, CLOCK),
    "layer": (layer, BOTH),
    "fly": (fly, BOTH),
    "moves": (moves, BOTH),
    "chance": (chance, BOTH),
    "inputs": (inputs, BOTH),
    "trains": (trains, BOTH),
}
CASES = [(name, engine) for name, (_, engines) in NETWORKS.items() for engine in engines]


def hashes(name: str, engine: str, threads: int = 1) -> tuple[str, str, int]:
    """Return (hash of rounded numbers, hash of all bits, spikes) of 100 ms."""
    result = NETWORKS[name][0]().run(100.0, engine=engine, threads=threads, progress=False)
    rounded, bits = hashlib.sha256(), hashlib.sha256()
    spikes = 0

    def put(values: np.ndarray, unit: float) -> None:
        bits.update(np.ascontiguousarray(values).tobytes())
        rounded.update((np.round(values / unit) + 0.0).tobytes() if unit else values.tobytes())

    for population in sorted(result.spikes):
        train = result.spikes[population]
        spikes += train.times.size
        put(train.times, 1e-9)
        put(train.ids, 0)
        for variable in sorted(result.traces[population]) if population in result.traces else ():
            put(result.traces[population][variable].values, 1e-7)
    for projection in sorted(result.weights):
        if projection == "learns":
            put(result.weights[projection].toarray(), 1e-9)
    return rounded.hexdigest()[:24], bits.hexdigest()[:24], spikes


@pytest.mark.parametrize(("name", "engine"), CASES)
def test_the_same_spikes_as_before(name: str, engine: str) -> None:
    """Truth: release 0.1."""
    found, _, spikes = hashes(name, engine, threads=2 if name in ("LIF drawn", "STDP") else 1)
    assert spikes > 30
    assert found == json.loads(STORED.read_text())[f"{name}, {engine}"]


if __name__ == "__main__":
    print(json.dumps({f"{name}, {engine}": hashes(name, engine) for name, engine in CASES}, indent=1))
