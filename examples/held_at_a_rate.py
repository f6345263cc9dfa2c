"""A population held at a rate by a controller: the network runs, is looked at, and is fed, every ten milliseconds.

The controller is proportional and integral:  I = k_p e + k_i sum(e) dt,  e = wanted rate - measured rate.  Half way the
inhibition that all neurons receive doubles; the current follows, and the rate comes back.
"""

import argparse
from pathlib import Path

import numpy as np
from matplotlib import pyplot as plt

import spikesim as ss

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--out", type=Path, default=Path("."), help="folder of the picture")
parser.add_argument("--quick", action="store_true", help="a shorter run")
options = parser.parse_args()
options.out.mkdir(parents=True, exist_ok=True)

WANTED, EVERY, K_P, K_I = 20.0, 10.0, 2.0, 0.03  # Hz, ms, pA/Hz, pA/(Hz ms)
duration = 2_000.0 if options.quick else 6_000.0

net = ss.Network(seed=2)
cells = net.population("cells", 400, ss.LIF(tau_m=20.0), v=ss.uniform(-70.0, -55.0))
net.background(cells, rate=1_500.0, weight=0.4, synapse=ss.Delta(), name="excitation")
net.background(cells, rate=1_000.0, weight=-0.4, synapse=ss.Delta(), name="inhibition")

sim = ss.Simulation(net)
rate, total, current, seen = WANTED, 0.0, 0.0, []
while sim.time < duration:
    if sim.time == duration / 2:
        sim.set("inhibition", rate=2_000.0)
    fired = sim.step(EVERY, current={"cells": max(current, 0.0)})["cells"]
    rate += 0.2 * (1000.0 * fired.size / (cells.size * EVERY) - rate)  # what the controller sees: smoothed
    total += (WANTED - rate) * EVERY
    current = K_P * (WANTED - rate) + K_I * total
    seen.append((sim.time, rate, current))

times, rates, currents = np.array(seen).T
settled = [rates[(times > end - duration / 8) & (times <= end)].mean() for end in (duration / 2, duration)]
print(f"held at {settled[0]:.2f} Hz, and at {settled[1]:.2f} Hz with twice the inhibition; wanted {WANTED:g} Hz")
assert np.allclose(settled, WANTED, rtol=0.1)

plt.style.use(ss.plot.LIGHT)
figure, (above, below) = plt.subplots(2, 1, figsize=(7.0, 4.2), sharex=True, layout="constrained")
for axes in (above, below):
    axes.axvline(duration / 2, color="0.6", linewidth=0.8)
above.plot(times, rates, linewidth=1.0)
above.axhline(WANTED, linestyle=":", color="0.4")
above.set(ylabel="Rate (Hz)", ylim=(0.0, None), xlim=(0.0, duration))
above.set_title("A population held at 20 Hz; the inhibition doubles at the line", loc="left", fontsize=10)
below.plot(times, currents, linewidth=1.0)
below.set(xlabel="Time (ms)", ylabel="Current (pA)")
figure.savefig(options.out / "held_at_a_rate.png", dpi=150)
