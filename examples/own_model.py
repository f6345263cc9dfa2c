"""A neuron model of your own: the quadratic integrate-and-fire neuron, in a few lines, at compiled speed.

    tau dv/dt = v^2 + I,    v >= V_peak: spike, v = V_reset

Under constant I > 0 its interval is  T = tau / sqrt(I) (atan(V_peak / sqrt(I)) - atan(V_reset / sqrt(I))).
G. B. Ermentrout and N. Kopell, "Parabolic bursting in an excitable system coupled with a slow oscillation",
SIAM J. Appl. Math. 46:233-253 (1986).
"""

import argparse
from pathlib import Path
from typing import NamedTuple

import numpy as np
from matplotlib import pyplot as plt

import spikesim as ss
from spikesim.neurons import equation, model

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--out", type=Path, default=Path("."), help="folder of the picture")
parser.add_argument("--quick", action="store_true", help="a coarser step")
options = parser.parse_args()
options.out.mkdir(parents=True, exist_ok=True)


@model(states=("v",))
class QIF(NamedTuple):
    """Quadratic integrate-and-fire:  tau dv/dt = v^2 + I"""

    tau: float = 10.0
    V_peak: float = 100.0
    V_reset: float = -100.0

    @equation
    def slope(s, u, p):  # s: state, u: input (current, conductance), p: parameters
        (v,) = s
        return ((v * v + u.current) / p.tau,)

    @equation
    def margin(s, p):
        return s[0] - p.V_peak

    @equation
    def reset(s, p):
        return (p.V_reset,)


current = np.linspace(0.05, 4.0, 80)
net = ss.Network()
neurons = net.population("qif", current.size, QIF(), v=-1.0)
net.inject(neurons, ss.DC(current))
net.record(neurons, "spikes")
net.record(neurons[[4, 79]], "v", every=0.1)
dt = 0.02 if options.quick else 0.005
result = net.run(600.0, dt=dt, progress=False)

root = np.sqrt(current)
exact = 1000.0 * root / (10.0 * (np.arctan(100.0 / root) - np.arctan(-100.0 / root)))
rate = np.array([1000.0 / np.diff(train).mean() for train in result.spikes["qif"].lists()])
error = np.abs(rate / exact - 1.0).max()
print(f"Rates of {current.size} neurons at dt = {dt:g} ms: largest relative error {error:.1e}")
assert error < dt * exact.max() / 1000.0 + 1e-3  # one step an interval, and what is left of the window

figure, (left, right) = plt.subplots(1, 2, figsize=(9.0, 3.2), layout="constrained", width_ratios=[1.5, 1.0])
ss.plot.trace(result, "qif", neurons=[4, 79], start=0.0, stop=200.0, spikes=False, ax=left)
above = {"loc": "lower left", "bbox_to_anchor": (0.0, 1.0), "ncols": 2}
left.legend([f"I = {current[i]:.2f}" for i in (4, 79)], frameon=False, fontsize=8, **above)
left.set(ylim=(-30.0, 45.0), ylabel="v")
ss.plot.style.dressed(right)
right.plot(current, exact, color=ss.plot.style.BLUE, label="closed form")
right.plot(current[::4], rate[::4], "o", color=ss.plot.style.COLOURS[1], markersize=3.5, label="simulated")
right.set(xlabel="Input I", ylabel="Rate (Hz)")
right.legend(frameon=False, fontsize=8)
figure.savefig(options.out / "own_model.png", dpi=150)
