"""Reliable spikes of neurons that need not be leaky (Brette and Guigon 2003, Neural Comput. 15:279, figure 10D, E).

    tau dv/dt = I v + 1 + noise,    I = 1/2 + 3 p B(t),    v > 1: v = 0

All neurons hear the same signal B between -1 and 1, each by its own factor p, and have a little noise of their own.
Where p is large enough for the drive to stop now and then, the noise is forgotten and spikes come at the same times
in all; neurons with small p drift apart.  Rates are those of Brian 2's `Brette_Guigon_2003`.
"""

import argparse
from pathlib import Path
from typing import NamedTuple

import numpy as np
from matplotlib import pyplot as plt
from scipy.signal import lfilter

import spikesim as ss

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--out", type=Path, default=Path("."), help="folder of the picture")
parser.add_argument("--quick", action="store_true", help="the same: it is quick")
options = parser.parse_args()
options.out.mkdir(parents=True, exist_ok=True)

#: Rates (Hz) of the hundred neurons of smallest and of largest p, over 4 s; mean of four runs.
ORIGINAL = {"deaf": 37.44, "attentive": 36.31}


@ss.model(states=("v",), inputs=("B",))
class Anti(NamedTuple):
    """The neuron above; B is an input of its own."""

    p: float
    tau: float = 33.0  # ms
    sigma: float = 0.02

    @ss.equation
    def slope(s, u, p):
        return ((s[0] * (0.5 + 3.0 * p.p * u.B) + 1.0) / p.tau,)

    @ss.equation
    def diffusion(s, p):
        return (p.sigma * (2.0 / p.tau) ** 0.5,)

    @ss.equation
    def margin(s, p):
        return s[0] - 1.0

    @ss.equation
    def reset(s, p):
        return (0.0,)


N, T, DT, KEEP = 500, 4000.0, 0.1, np.exp(-0.1 / 20.0)
t, rates = np.arange(0.0, T + DT, DT), []
for seed in range(4):
    kicks = np.random.default_rng(seed).normal(size=t.size)
    x = lfilter([np.sqrt(1.0 - KEEP**2)], [1.0, -KEEP], kicks)  # an Ornstein-Uhlenbeck process of variance 1
    net = ss.Network(seed=seed)
    cells = net.population("cells", N, Anti(p=np.arange(N) / N), v=ss.uniform(0.0, 1.0))
    net.inject(cells, ss.Waveform(t, np.tanh(x)), into="B")
    net.record(cells, "spikes")
    spikes = net.run(T, dt=DT, progress=False).spikes["cells"]
    rates.append([spikes[part].rate() for part in (slice(0, 100), slice(400, 500))])

# how many spikes of a neuron have one of its neighbour's within 2 ms
pairs = [spikes[k : k + 2].lists() for k in range(0, N, 20)]
agreement = [(np.abs(a[:, None] - b).min(axis=1) < 2.0).mean() for a, b in pairs]
print(f"Rates {np.mean(rates, axis=0).round(2)} Hz, the original {list(ORIGINAL.values())} Hz")
assert np.abs(np.mean(rates, axis=0) / list(ORIGINAL.values()) - 1.0).max() < 0.06
deaf, attentive = np.mean(agreement[:5]), np.mean(agreement[-5:])
print(f"Spikes shared with a neighbour: {deaf:.2f} where p < 0.2, {attentive:.2f} where p > 0.8")
assert attentive > 0.7 > 0.4 > deaf
plt.style.use(ss.plot.LIGHT)
figure, ax = plt.subplots(figsize=(8.0, 4.0), layout="constrained")
ax.plot(spikes.times, spikes.ids / N, "k.", markersize=0.5)
ax.plot(t, 1.1 + 0.08 * np.tanh(x), linewidth=0.8)
ax.set(xlabel="Time (ms)", ylabel="p; above: B", xlim=(1000.0, 2000.0))
figure.savefig(options.out / "brette_guigon.png", dpi=150)
