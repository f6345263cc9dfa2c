"""Neurons: models, synapses, what is kept, chance, named inputs, gap junctions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

import spikesim as ss
from spikesim.synapses import Input, synapse

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
