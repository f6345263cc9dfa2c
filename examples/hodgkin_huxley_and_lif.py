"""Hodgkin-Huxley and LIF neurons under one input: only one of them models the spike (lecture notes 1.4).

The LIF is the notes' normalised one.  Its input is v_in = J / 0.065, because J = 0.065 uA/mm^2 is what the
Hodgkin-Huxley neuron needs to fire again and again; tau_m = t_ref = 7 ms give it similar rates.
"""

import argparse
from pathlib import Path

import numpy as np
from matplotlib import pyplot as plt

import spikesim as ss

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--out", type=Path, default=Path("."), help="folder of the picture")
parser.add_argument("--quick", action="store_true", help="the same, as it takes a second only")
options = parser.parse_args()
options.out.mkdir(parents=True, exist_ok=True)

J = np.array([-0.2, 0.0, 0.05, 0.1, 0.2, 0.4, 0.6])  # uA / mm^2
times = 150.0 * np.arange(J.size)  # ms

net = ss.Network()
hh = net.population("Hodgkin-Huxley", 1, ss.HodgkinHuxley())
lif = net.population("LIF", 1, ss.LIF.normalized(tau_m=7.0, t_ref=7.0))
net.inject(hh, ss.Steps(times, 1e4 * J))  # pA: 10^4 um^2 of membrane
net.inject(lif, ss.Steps(times, J / 0.065))
net.record(hh + lif, "spikes")
net.record(hh + lif, "v", every=0.02)
result = net.run(150.0 * J.size, dt=0.01, progress=False)

print("    J   Hodgkin-Huxley      LIF (Hz)")
for start, level in zip(times, J):
    rates = [t.count(start, start + 150.0) / 0.15 for t in (result.spikes["Hodgkin-Huxley"], result.spikes["LIF"])]
    print(f"{level:5.2f} {rates[0]:16.1f} {rates[1]:13.1f}")

figure, panels = plt.subplots(2, 2, figsize=(9.0, 4.8), layout="constrained", sharex="col", width_ratios=[2.2, 1.0])
rows = (("Hodgkin-Huxley", ss.plot.style.BLUE, "Potential (mV)"), ("LIF", ss.plot.style.COLOURS[1], "v"))
for (name, colour, label), row in zip(rows, panels):
    trace, spikes = result.traces[name]["v"], result.spikes[name]
    for panel, (start, stop) in zip(row, ((0.0, 1050.0), (720.0, 730.0))):
        ss.plot.style.dressed(panel)
        part = trace[0, start:stop]
        panel.plot(part.times, part.values[:, 0], color=colour, linewidth=0.8 if stop > 1000.0 else 1.4)
        panel.set_xlim(start, stop)
        if name == "LIF":
            panel.axhline(1.0, color=ss.plot.style.GREY, linewidth=0.8, linestyle=(0, (4, 3)))
            panel.set_ylim(-1.1, 1.4)
            panel.vlines(spikes.between(start, stop).times, 1.08, 1.3, color=colour, linewidth=0.8)
    row[0].set_ylabel(label)
    row[0].set_title(name, loc="left", fontsize=10)
panels[0, 1].set_title("0.72 to 0.73 s", loc="left", fontsize=10)
panels[1, 0].set_xlabel("Time (ms)")
panels[1, 1].set_xlabel("Time (ms)")
figure.savefig(options.out / "hodgkin_huxley_and_lif.png", dpi=150)
