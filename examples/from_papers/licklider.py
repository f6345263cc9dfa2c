"""Pitch by delay lines (Licklider 1951, Experientia 7:128; Brian 2's `licklider`).

An ear hears a tone that rises, sin^3 of the phase 2 pi (200 + 200 t) t with t in s, and fires in step with it.  300
neurons get each spike twice, at once and later by 1/f, f from 50 to 1000 Hz: the one whose delay is a period gets
both together.  The frequency at a time is the derivative of the phase, 200 + 400 t, not the 200 + 200 t in the
formula; places of multiples of the period, lower tones, answer too, as pitch is ambiguous by octaves.
"""

import argparse
from pathlib import Path

import numpy as np
from matplotlib import pyplot as plt

import spikesim as ss

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--out", type=Path, default=Path("."), help="folder of the picture")
parser.add_argument("--quick", action="store_true", help="the same: it is quick")
options = parser.parse_args()
options.out.mkdir(parents=True, exist_ok=True)

#: Coincidences, the share of them at the tone or one below it, and the line of pitch by time (Hz, Hz/s); two runs.
ORIGINAL = {"spikes": 2540.0, "share": 0.7369, "offset": 200.4, "slope": 401.9}

DT, T, NEURONS = 0.02, 500.0, 300
t = np.arange(0.0, T + DT, DT)
s = t / 1000.0
net = ss.Network(seed=1)
unit = {"C_m": 1.0, "tau_m": 1.0, "E_L": 0.0, "V_th": 1.0, "V_reset": 0.0}  # tau_m = 1 ms, R = 1
ears = net.population("ears", 2, ss.LIF(**unit, t_ref=2.0), v=0.0)  # two, whose noise differs
net.inject(ears, ss.Waveform(t, 5.0 * np.sin(2.0 * np.pi * (200.0 + 200.0 * s) * s) ** 3))
detectors = net.population("detectors", NEURONS, ss.LIF(**unit, t_ref=0.0), v=0.0)
net.inject(ears + detectors, ss.WhiteNoise(0.1 * np.sqrt(2.0)))
tones = 50.0 * 20.0 ** (np.arange(NEURONS) / (NEURONS - 1.0))  # Hz
lines = np.concatenate([np.zeros(NEURONS), 1000.0 / tones]) + DT
pairs = ss.from_pairs(np.repeat([0, 1], NEURONS), np.tile(np.arange(NEURONS), 2))
# (in Brian what arrives decays for a step before it is looked at, and two halves make 0.98)
net.connect(ears, detectors, pairs, weight=0.5 * np.exp(-DT), delay=lines, synapse=ss.Delta())
net.record(detectors, "spikes")
spikes = net.run(T, dt=DT, progress=False).spikes["detectors"]

heard = tones[spikes.ids]
true = 200.0 + 400.0 * spikes.times / 1000.0
ratio = true / heard  # 1, 2, 3 ...: how many periods the delay is
window = spikes.times > 30.0
octaves = np.abs(ratio - np.round(ratio)) / ratio < 0.05
first = window & (np.abs(ratio - 1.0) < 0.1)
slope, offset = np.polyfit(spikes.times[first] / 1000.0, heard[first], 1)
found = {"spikes": spikes.count(), "share": octaves[window].mean(), "offset": offset, "slope": slope}
for key, tolerance in (("spikes", 250.0), ("share", 0.05), ("offset", 6.0), ("slope", 15.0)):
    print(f"{key}: {found[key]:.2f}, the original {ORIGINAL[key]:.2f}")
    assert abs(found[key] - ORIGINAL[key]) < tolerance

plt.style.use(ss.plot.LIGHT)
figure, ax = plt.subplots(figsize=(7.0, 4.0), layout="constrained")
ax.semilogy(spikes.times, heard, "k.", markersize=1.5)
for k in (1, 2, 3):
    ax.plot(t, (200.0 + 400.0 * s) / k, linewidth=0.8, label=f"tone / {k}")
ax.set(xlabel="Time (ms)", ylabel="1 / delay (Hz)")
ax.legend(frameon=False, fontsize=8)
figure.savefig(options.out / "licklider.png", dpi=150)
