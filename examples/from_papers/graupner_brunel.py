"""Plasticity by calcium: change against time difference (Graupner and Brunel 2012, PNAS 109:3991, figure 2, DP).

    tau rho' = -rho (1 - rho)(rho_s - rho) + g_p (1 - rho) [c > th_p] - g_d rho [c > th_d] + noise

60 pairs of spikes at 1 Hz.  Calcium c of a synapse jumps by 1, 13.7 ms after a presynaptic spike, and by 2 at one of
the target, and decays in 20 ms: the sum of a trace of the source and one of the target.  After the pairs a synapse is
up (rho > rho_s), and 5 times as strong, or down; half were up.  Theory: a diffusion while c is above its thresholds.
"""

import argparse
from pathlib import Path
from typing import NamedTuple

import numpy as np
from matplotlib import pyplot as plt
from scipy.stats import norm

import spikesim as ss
from spikesim.jit import where

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--out", type=Path, default=Path("."), help="folder of the picture")
parser.add_argument("--quick", action="store_true", help="fewer time differences, of 100 synapses each")
options = parser.parse_args()
options.out.mkdir(parents=True, exist_ok=True)


@ss.plasticity(pre={"x": "tau_Ca"}, post={"y": "tau_Ca"})
class Calcium(NamedTuple):
    """The equation above, of w = rho, with the parameters of the paper's curve DP; times in ms."""

    tau: float = 150_000.0
    tau_Ca: float = 20.0
    every: float = 0.5

    @ss.equation
    def on_step(s, pre, post, p, dt, z):
        c = 1.0 * pre.x + 2.0 * post.y
        up, down = where(c > 1.3, 1.0, 0.0), where(c > 1.0, 1.0, 0.0)
        drift = -s.w * (1.0 - s.w) * (0.5 - s.w) + 321.808 * (1.0 - s.w) * up - 200.0 * s.w * down
        noise = 2.8284 * (12.0 * (up + down) * dt / p.tau) ** 0.5 * (z[0] - 0.5)  # of many steps: normal
        return s.w + dt / p.tau * drift + noise

    @ss.equation
    def active(post, p):
        return post.y - 1e-3  # (a presynaptic spike alone is not above any threshold)


D, pairs, many = 13.7, 60, 100 if options.quick else 400
differences = np.arange(-60.0, 61.0, 20.0 if options.quick else 5.0)  # ms, of the target behind the source
n, starts = differences.size, 200.0 + 1000.0 * np.arange(pairs)
net = ss.Network(seed=1)
pre = net.population("pre", n * many, ss.SpikeTimes([starts - d for d in differences for _ in range(many)]))
kicks = net.population("kicks", n, ss.SpikeTimes([starts - 0.1] * n))
post = net.population("post", n, ss.LIF(tau_m=10.0, C_m=1e6, E_L=0.0, V_reset=0.0, V_th=10.0, t_ref=0.0), v=0.0)
net.connect(kicks, post, ss.one_to_one(), weight=30.0, delay=0.1, synapse=ss.Delta())
rho = np.tile([0.0, 1.0], n * many // 2)
net.connect(pre, post, ss.from_pairs(np.arange(n * many), np.arange(n * many) // many), weight=rho, delay=D,
            synapse=ss.Exponential(2.0), plasticity=Calcium(), name="rho")  # fmt: skip
with ss.Simulation(net) as sim:
    sim.run(1000.0 * pairs + 200.0, progress=False)
    after = sim.synapses("rho").weight.reshape(n, -1, 2) > 0.5

t, strength, wanted = np.arange(0.0, 1000.0, 0.01), np.zeros(n), np.zeros(n)
for k, d in enumerate(differences):
    c = sum(C * np.exp(-(t - at) / 20.0) * (t >= at) for C, at in ((1.0, 200.0 - d + D), (2.0, 200.0)))
    up, down = 321.808 * np.mean(c > 1.3), 200.0 * np.mean(c > 1.0)
    mean, left = up / (up + down), np.exp(-(up + down) * 1000.0 * pairs / 150_000.0)
    sd = 2.8284 * np.sqrt((up / 321.808 + down / 200.0) / (2.0 * (up + down)) * (1.0 - left**2))
    expected = sum(norm.sf(0.5, mean + (at - mean) * left, sd) for at in (0.0, 1.0))
    strength[k], wanted[k] = ((2.0 + 4.0 * p) / 6.0 for p in (after[k].mean(axis=0).sum(), expected))
    print(f"{d:+.0f} ms: {strength[k]:.3f}, theory {wanted[k]:.3f}")
assert np.abs(strength - wanted).max() < (0.25 if options.quick else 0.15)
assert strength[differences < -15.0].mean() < 0.95 < 1.03 < strength[differences > 5.0].mean()  # figure 2: LTD, LTP

plt.style.use(ss.plot.LIGHT)
figure, ax = plt.subplots(figsize=(5.5, 3.6), layout="constrained")
ax.legend(ax.plot(differences, wanted, "-", differences, strength, "o"), ["theory", "simulated synapses"])
ax.set(xlabel="Time difference (ms)", ylabel="Strength / strength before")
figure.savefig(options.out / "graupner_brunel.png", dpi=150)
