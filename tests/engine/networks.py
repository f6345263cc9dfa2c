"""A network with every kind of neuron, synapse, source and stimulus, small enough for every test."""

from __future__ import annotations

import hashlib

import numpy as np

import spikesim as ss


def everything(*, reverse: bool = False, seed: int = 3, scale: int = 1) -> ss.Network:
    """Declare populations in alphabetical order or the reverse; nothing may depend on it."""
    net = ss.Network(seed=seed)
    models = {
        "a": (150, ss.LIF(V_th=ss.normal(-55, 1, low=-60, high=-50)), {"v": ss.uniform(-70.0, -56.0)}),
        "b": (30, ss.LIF(), {"v": ss.uniform(-70.0, -56.0)}),
        "h": (20, ss.HodgkinHuxley(), {}),
        "p": (25, ss.Poisson(ss.uniform(5.0, 300.0)), {}),
        "s": (3, ss.SpikeTimes([[0.0, 1.0, 5.0, 5.0], [2.5, 7.0], [3.3]]), {}),
        "t": (20, ss.TraubMiles(), {}),
        "x": (15, ss.AdEx(), {}),
        "z": (15, ss.Izhikevich(), {}),
    }
    for name in sorted(models, reverse=reverse):
        size, model, start = models[name]
        net.population(name, size if name == "s" else size * scale, model, **start)
    a, b, h, p, s, t, x, z = (net[name] for name in "abhpstxz")
    net.background(a + b, rate=9000.0, weight=20.0, synapse=ss.Exponential(tau=2.0))
    net.background(h, rate=2000.0, weight=3.0, synapse=ss.ConductanceExponential(tau=2.0, E_rev=0.0))
    delay = ss.normal(1.5, 0.7, low=0.1)
    fast = ss.Exponential(tau=2.0)
    net.connect(a, a + b, ss.fixed_probability(0.2), weight=ss.normal(30, 3), delay=delay, synapse=fast)
    delay = ss.uniform(0.1, 2)
    net.connect(b, a + b, ss.fixed_probability(0.2), weight=ss.normal(-90, 3), delay=delay, synapse=ss.Alpha(1.0))
    net.connect(a, h + t, ss.fixed_indegree(10), weight=5.0, delay=1.0, synapse=ss.ConductanceAlpha(1.0, 0.0))
    net.connect(a, x + z, ss.fixed_total(250), weight=0.5, delay=1.0, synapse=ss.Delta())
    net.connect(p, a, ss.fixed_outdegree(10), weight=50.0, delay=0.3, synapse=ss.Gamma(2, 3.0))
    area = ss.Exponential(tau=2.0, normalize="area")
    net.connect(s, b, ss.all_to_all(), weight=100.0, delay=2.0, synapse=area)
    net.inject(h + t, ss.Sine(300.0, 20.0, start=5.0, stop=30.0))
    net.inject(a[:20], ss.Noise(10.0, 50.0, dt=0.5))
    net.inject(x, ss.Waveform([0, 3.33, 20], [0, 500, 700.0]))
    net.inject(z, ss.Steps([0, 10.0], [8.0, 12.0]))
    net.inject(b, ss.DC(np.linspace(0, 100, b.size)))
    net.record(a + b + h + p + s + t + x + z, "spikes")
    return net


def digest(result: ss.Result) -> str:
    """Return a hash of every spike."""
    found = hashlib.sha256()
    for name in sorted(result.spikes):
        found.update(result.spikes[name].times.tobytes())
        found.update(result.spikes[name].ids.tobytes())
    return found.hexdigest()
