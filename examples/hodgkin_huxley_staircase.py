"""A Hodgkin-Huxley neuron under a staircase of input, with its gates (lecture notes 1.3).

The notes' J is in uA per mm^2; the default neuron has 10^4 um^2 of membrane, so J = 0.1 is 1000 pA.  They
say: around -120 mV at J = -0.2, regular action potentials from 0.1 on, faster with more.
A. L. Hodgkin and A. F. Huxley, J. Physiol. 117:500-544 (1952).
"""

import argparse
from pathlib import Path

import numpy as np
from matplotlib import pyplot as plt

import spikesim as ss

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--out", type=Path, default=Path("."), help="folder of the picture")
parser.add_argument("--quick", action="store_true", help="shorter stairs")
options = parser.parse_args()
options.out.mkdir(parents=True, exist_ok=True)

J = np.array([-0.2, 0.0, 0.05, 0.1, 0.2, 0.4, 0.6])  # uA / mm^2
stair = 100.0 if options.quick else 150.0  # ms
times = stair * np.arange(J.size)
neuron = ss.HodgkinHuxley()

net = ss.Network()
cell = net.population("cell", 1, neuron)
net.inject(cell, ss.Steps(times, 1e4 * J))
net.record(cell, "spikes")
net.record(cell, "v", "m", "h", "n", every=0.1)
result = net.run(stair * J.size, dt=0.01, progress=False)
trains, traces = result.spikes["cell"], result.traces["cell"]

print("    J  rate (Hz)  v at the end (mV)")
for start, level in zip(times, J):
    train = trains.between(start + 0.2 * stair, start + stair).times
    rate = 1000.0 / np.diff(train).mean() if train.size > 1 else 0.0
    last = traces["v"][0, start : start + stair].values[-1, 0]
    print(f"{level:5.2f} {rate:10.1f} {last:18.1f}")

figure = plt.figure(figsize=(9.0, 6.2), layout="constrained")
panels = figure.subplot_mosaic("vv;JJ;gg;it", height_ratios=[2.0, 0.8, 1.2, 1.8])
time = traces["v"].times
panels["v"].plot(time, traces["v"].values[:, 0], color=ss.plot.style.BLUE, linewidth=0.7)
panels["v"].set_ylabel("Potential (mV)")
panels["J"].step([*times, times[-1] + stair], [*J, J[-1]], where="post", color=ss.plot.style.GREY)
panels["J"].set_ylabel("J (µA/mm²)")
for gate, colour in zip("mhn", ss.plot.style.COLOURS):
    panels["g"].plot(time, traces[gate].values[:, 0], color=colour, linewidth=0.6)
panels["g"].set(xlabel="Time (ms)", ylabel="m, h, n")
for name in "vJg":
    ss.plot.style.dressed(panels[name])
    panels[name].set_xlim(0.0, time[-1])
    panels[name].tick_params(labelbottom=name == "g")
ss.plot.gating(neuron, ax=(panels["i"], panels["t"]))
figure.savefig(options.out / "hodgkin_huxley_staircase.png", dpi=150)
