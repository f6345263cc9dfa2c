"""A volley that keeps itself together (Diesmann, Gewaltig and Aertsen 1999, Nature 402:529; Brian 2's example).

Ten groups of 100 noisy neurons, each connected to all of the next.  A volley of 85 spikes, 1 ms wide, is sharpened
within a few groups to nearly 100 spikes within a fraction of a millisecond, and goes on so; one of 40 spikes, 3 ms
wide, dies.  The current of a spike is an alpha function made of two filters, the first of which noise and spikes
reach:

    tau_m dv/dt = -(v - E_L) + x,    tau_psp dx/dt = y - x,    dy/dt = -y / tau_psp + mu + sigma xi
"""

import argparse
from pathlib import Path
from typing import NamedTuple

import numpy as np
from matplotlib import pyplot as plt

import spikesim as ss

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--out", type=Path, default=Path("."), help="folder of the picture")
parser.add_argument("--quick", action="store_true", help="the same: it is quick")
options = parser.parse_args()
options.out.mkdir(parents=True, exist_ok=True)
#: Spikes, their mean time and their sd (ms) in the fifth and the last group; mean of four runs.
ORIGINAL = {"spikes 4": 106.0, "time 4": 52.92, "sd 4": 0.5876, "spikes 9": 108.2, "time 9": 55.52, "sd 9": 0.803}


@ss.model(states=("v", "x", "y"), clamped=())
class Filtered(NamedTuple):
    """The neuron above; v goes on while refractory."""

    tau_m: float = 10.0  # ms
    tau_psp: float = 0.325
    E_L: float = -70.0  # mV
    V_th: float = -55.0
    mu: float = 25.27  # mV/ms
    sigma: float = 39.24  # mV/sqrt(ms)
    t_ref: float = 1.0

    @ss.equation
    def slope(s, u, p):
        v, x, y = s
        return ((p.E_L - v + x) / p.tau_m, (y - x) / p.tau_psp, p.mu - y / p.tau_psp)

    @ss.equation
    def diffusion(s, p):
        return (0.0, 0.0, p.sigma)

    @ss.equation
    def margin(s, p):
        return s[0] - p.V_th

    @ss.equation
    def reset(s, p):
        return (p.E_L, s[1], s[2])


plt.style.use(ss.plot.LIGHT)
figure, axes = plt.subplots(1, 2, figsize=(9.0, 4.0), layout="constrained", sharey=True)
for ax, (n, sd) in zip(axes, ((85, 1.0), (40, 3.0))):
    net = ss.Network(seed=2)
    volley = net.population("volley", n, ss.PulsePackets([50.0], n=1, sd=sd))
    chain = net.population("chain", 1000, Filtered(), v=ss.uniform(-70.0, -55.0), x=0.0, y=0.0)
    link = {"weight": 4.86, "delay": 0.01, "synapse": ss.Delta(to="y")}
    net.connect(volley, chain[:100], ss.all_to_all(), **link)
    net.connect(chain, chain, ss.from_function(lambda pre, post, _: post // 100 == pre // 100 + 1), **link)
    net.record(chain, "spikes")
    spikes = net.run(75.0, dt=0.01, progress=False).spikes["chain"]
    for group in (0, 4, 9):
        t = spikes.times[(spikes.ids // 100 == group) & (spikes.times > 50.0)]
        t = t[np.abs(t - np.median(t)) < 5.0]
        print(f"{n} spikes, sd {sd} ms; group {group}: {t.size} spikes at {t.mean():.2f} ms, sd {t.std():.3f} ms")
        for key, found, tol in (("spikes", t.size, 8.0), ("time", t.mean(), 0.3), ("sd", t.std(), 0.2)):
            assert n != 85 or group == 0 or abs(found - ORIGINAL[f"{key} {group}"]) < tol
    ax.plot(spikes.times, spikes.ids / 100.0, ".", markersize=1.5)
    ax.set(xlabel="Time (ms)", xlim=(35.0, 75.0), title=f"{n} spikes, {sd:g} ms wide")
axes[0].set_ylabel("Group")
assert t.size < 20  # the weak volley has not come through: what is left is chance
figure.savefig(options.out / "diesmann.png", dpi=150)
