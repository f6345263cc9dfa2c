"""A threshold that follows the potential (Platkiewicz and Brette 2011, PLoS Comput. Biol. 7:e1001129, figure 5E, F).

    tau dv/dt = E_L - v + mu + sigma I,    tau_h dtheta/dt = v_T + a [v - V_i]+ - theta,    v > theta: a spike

Inactivation of sodium raises the threshold with the potential, so that what rises fast fires early: the threshold of
a spike falls with the slope of v before it.  The line is the paper's theory; figures are those of Brian 2's example.
"""

import argparse
from pathlib import Path
from typing import NamedTuple

import numpy as np
from matplotlib import pyplot as plt

import spikesim as ss
from spikesim.jit import where

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--out", type=Path, default=Path("."), help="folder of the picture")
parser.add_argument("--quick", action="store_true", help="the same: it is quick")
options = parser.parse_args()
options.out.mkdir(parents=True, exist_ok=True)

#: Rate (Hz), mean threshold (mV), and the slope of threshold by slope of v (ms); mean of two runs.
ORIGINAL = {"rate": 6.21, "threshold": -47.36, "by slope": -0.9312}

V_T, V_I, TAU, TAU_H, A = -55.0, -63.0, 5.0, 5.0, 5.0 / 6.0


@ss.model(states=("v", "theta"), clamped=())
class Inactivating(NamedTuple):
    """The neuron above; v and theta go on while refractory."""

    E_L: float = -70.0
    t_ref: float = 5.0

    @ss.equation
    def slope(s, u, p):
        v, theta = s
        return ((p.E_L - v + u.current) / TAU, (V_T + A * where(v > V_I, v - V_I, 0.0) - theta) / TAU_H)

    @ss.equation
    def margin(s, p):
        return s[0] - s[1]

    @ss.equation
    def reset(s, p):
        return (p.E_L, s[1])


net = ss.Network(seed=1)
cells = net.population("cells", 200, Inactivating(), v=-70.0, theta=V_T)
net.inject(cells, ss.OrnsteinUhlenbeck(mean=15.0, sd=6.0 / np.sqrt(0.5), tau=5.0))
net.record(cells, "spikes", "v", "theta")
result = net.run(1000.0, dt=0.02, progress=False)
spikes, v = result.spikes["cells"], result.traces["cells"]["v"].values
# v in the 5 ms before each spike; the sample at its time is after the reset
ends = np.round(spikes.times / 0.02).astype(int) - 1
before = np.stack([v[e - 249 : e, i] for e, i in zip(ends, spikes.ids) if e > 250])
slopes, thresholds = np.polyfit(0.02 * np.arange(249), before.T, 1)[0], before[:, -1]
trend = np.polyfit(slopes[slopes > 0.5], thresholds[slopes > 0.5], 1)[0]
found = {"rate": spikes.rate(), "threshold": thresholds.mean(), "by slope": trend}
for key, tolerance in (("rate", 0.8), ("threshold", 0.3), ("by slope", 0.4)):
    print(f"{key}: {found[key]:.3f}, the original {ORIGINAL[key]:.3f}")
    assert abs(found[key] - ORIGINAL[key]) < tolerance

# the paper's theory: the slope s (mV/ms) of v at which the threshold is h (mV), from an equation solved on a grid
h, s = np.meshgrid(np.linspace(-55.0, -20.0, 4000), np.linspace(0.5, 4.0, 50))
x = s * TAU_H
off = A * x * np.exp((V_I - h) / x) - h * (1.0 - A) - A * (x + V_I) + V_T
line = h[0][np.abs(off).argmin(axis=1)]
plt.style.use(ss.plot.LIGHT)
figure, (left, right) = plt.subplots(1, 2, figsize=(10.0, 3.6), layout="constrained")
for trace in result.traces["cells"].values():
    left.plot(trace.times, trace.values[:, 0])
left.set(xlabel="Time (ms)", ylabel="v, threshold (mV)", xlim=(0.0, 300.0))
right.plot(slopes, thresholds, ".", s[:, 0], line, "k", markersize=2)
right.set(xlabel="Slope of v (mV/ms)", ylabel="Threshold (mV)", xlim=(0.5, 4.0))
figure.savefig(options.out / "platkiewicz.png", dpi=150)
