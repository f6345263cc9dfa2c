"""What drives them: sources, stimuli, trains, noise, places; published networks."""

from __future__ import annotations

import numpy as np

import spikesim as ss


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


def brunel() -> ss.Network:
    from spikesim import published

    return published.brunel(neurons=500)


def microcircuit() -> ss.Network:
    from spikesim import published

    return published.microcircuit(scale=0.02)
