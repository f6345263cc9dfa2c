"""The tuning curve of the LIF neuron, simulated and by its formula (lecture notes 1.4).

    G(v_in) = 1 / (t_ref - tau_m ln(1 - 1 / v_in))  for v_in > 1,  else 0;      tau_m = 20 ms, t_ref = 2 ms

On a grid a spike is seen at the end of its step, so an interval is long by less than dt and the rate low by
less than a fraction dt G.
"""

import argparse
from pathlib import Path

import numpy as np
from matplotlib import pyplot as plt

import spikesim as ss

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--out", type=Path, default=Path("."), help="folder of the picture")
parser.add_argument("--quick", action="store_true", help="fewer neurons")
options = parser.parse_args()
options.out.mkdir(parents=True, exist_ok=True)

neuron = ss.LIF.normalized(tau_m=20.0, t_ref=2.0)
v_in = np.append(np.linspace(0.0, 1.0, 5), np.geomspace(1.02, 20.0, 20 if options.quick else 60))


def simulated(dt):
    """One neuron a drive; the rate is that of its intervals."""
    net = ss.Network()
    neurons = net.population("neurons", v_in.size, neuron._replace(I_e=v_in))
    net.record(neurons, "spikes")
    trains = net.run(400.0, dt=dt, progress=False).spikes["neurons"].lists()
    return np.array([1000.0 / np.diff(train).mean() if train.size > 1 else 0.0 for train in trains])


exact, steps = neuron.rate(v_in), (0.1, 0.01)
rates = [simulated(dt) for dt in steps]

figure, (left, right) = plt.subplots(1, 2, figsize=(9.0, 3.4), layout="constrained")
ss.plot.tuning_curve(neuron, measured=(v_in, rates[0]), ax=left)
left.set_title("Tuning curve", loc="left", fontsize=10)
ss.plot.style.dressed(right)
for dt, rate, colour in zip(steps, rates, ss.plot.style.COLOURS):
    firing = exact > 0.0
    error = 1.0 - rate[firing] / exact[firing]
    bound = dt * exact[firing] / 1000.0
    right.loglog(v_in[firing], error, ".", color=colour, label=f"dt = {dt:g} ms")
    right.loglog(v_in[firing], bound, color=colour, linewidth=0.9, label="bound dt G")
    print(f"dt = {dt:g} ms: largest relative error {error.max():.2e}, of its bound {(error / bound).max():.3f}")
    assert np.all(rate[~firing] == 0.0) and np.all((error >= -1e-12) & (error <= bound))
right.set(xlabel="Input v_in (threshold = 1)", ylabel="Relative error")
right.set_title("What the grid costs", loc="left", fontsize=10)
right.set_xticks([1.0, 2.0, 5.0, 10.0, 20.0], ["1", "2", "5", "10", "20"])
right.legend(frameon=False, fontsize=8)
figure.savefig(options.out / "tuning_curve.png", dpi=150)
