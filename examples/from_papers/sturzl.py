"""How a scorpion finds its prey (Sturzl, Kempter and van Hemmen 2000, Phys. Rev. Lett. 84:5668; Brian 2's example).

A wave in the sand reaches eight legs one after the other.  Each has a noisy receptor and a command neuron, which its
own receptor excites and the three of the opposite legs inhibit 0.7 ms later: who hears the wave first fires most.  The
sum of the directions of the legs, weighted by spikes, points to the prey.
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

#: Where the prey seems to be (degrees), and the spikes of all command neurons; mean of six runs.
ORIGINAL = {"angle": 140.5, "spikes": 408.0}

T, DT, PREY = 500.0, 0.1, np.deg2rad(144.0)
legs = np.deg2rad(22.5 + 45.0 * np.arange(8))
late = 25.0 / 50.0 * (1.0 - np.cos(PREY - legs))  # ms: 2.5 cm at 50 m/s
runs = 6


def wave(t, rng):
    """A sum of waves of 150 to 450 Hz, as the sand carries them."""
    f = np.arange(150.0, 451.0)
    share = np.exp(-((f - 300.0) ** 2) / (2.0 * 50.0**2))
    phases = 2.0 * np.pi * rng.random(f.size)
    total = sum(s * np.cos(2.0 * np.pi * g * t / 1000.0 + phase) for s, g, phase in zip(share, f, phases))
    return total / share.sum()


angles, spikes = [], []
for seed in range(runs):
    rng = np.random.default_rng(seed)
    t = np.arange(0.0, T + DT, DT)
    felt = np.where(t[:, None] >= late, wave(t[:, None] - late, rng), 0.0)
    net = ss.Network(seed=seed)
    unit = {"C_m": 1.0, "tau_m": 1.0, "E_L": 0.0, "V_th": 1.0, "V_reset": 0.0}
    receptors = net.population("receptors", 8, ss.LIF(**unit, t_ref=1.0, I_e=1.0, hold=False), v=0.0)
    net.inject(receptors, ss.Waveform(t, felt))
    net.inject(receptors, ss.WhiteNoise(0.01 * np.sqrt(2.0)))
    commands = net.population("commands", 8, ss.LIF(**unit, t_ref=0.0), v=0.0)
    alpha = ss.Gamma(1, 1.001)  # an alpha function of area 1
    net.connect(receptors, commands, ss.one_to_one(), weight=7.0 * 1.001, delay=0.1, synapse=alpha)
    opposite = ss.from_function(lambda pre, post, _: np.abs((post - pre) % 8 - 4) <= 1)
    net.connect(receptors, commands, opposite, weight=-2.0 * 1.001, delay=0.7, synapse=alpha)
    net.record(commands, "spikes")
    result = net.run(T, dt=DT, progress=False)
    counts = np.bincount(result.spikes["commands"].ids, minlength=8)
    angles.append(np.rad2deg(np.angle(np.sum(counts * np.exp(1j * legs)))) % 360.0)
    spikes.append(counts.sum())
print(f"angle: {np.mean(angles):.1f} degrees (true: 144), the original {ORIGINAL['angle']:.1f}")
print(f"spikes: {np.mean(spikes):.1f}, the original {ORIGINAL['spikes']:.1f}")
assert abs(np.mean(angles) - 144.0) < 10.0 and abs(np.mean(angles) - ORIGINAL["angle"]) < 10.0
assert abs(np.mean(spikes) / ORIGINAL["spikes"] - 1.0) < 0.1

plt.style.use(ss.plot.LIGHT)
figure, ax = plt.subplots(figsize=(4.5, 4.9), subplot_kw={"projection": "polar"}, layout="constrained")
ring = np.append(np.arange(8), 0)
ax.plot(legs[ring], counts[ring] / T * 1000.0, "o-", label="rates of command neurons (Hz)")
ax.plot([PREY, PREY], [0.0, counts.max() / T * 1000.0], label="prey")
ax.plot(np.deg2rad(angles[-1:] * 2), [0.0, counts.max() / T * 1000.0], "--", label="estimate")
figure.legend(loc="outside lower center", ncols=3)
figure.savefig(options.out / "sturzl.png", dpi=150)
