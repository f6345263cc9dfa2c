"""f-I curves of a population whose neurons all differ, by `ss.worlds`: one network, one current a world.

The neurons' time constants, capacitances and thresholds are drawn; each neuron's curve is that of its own numbers,

    rate = 1 / (t_ref + tau_m ln(R I / (R I - (V_th - E_L))))  where R I > V_th - E_L,  else 0,      R = tau_m / C_m

On a grid an interval is long by less than dt, which is what is seen of the difference.
"""

import argparse
from pathlib import Path

import numpy as np
from matplotlib import pyplot as plt

import spikesim as ss

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--out", type=Path, default=Path("."), help="folder of the picture")
parser.add_argument("--quick", action="store_true", help="fewer neurons and currents")
options = parser.parse_args()
options.out.mkdir(parents=True, exist_ok=True)

NEURONS, WORLDS, DURATION, DT = (60, 12, 2_000.0, 0.1) if options.quick else (400, 40, 5_000.0, 0.1)
currents = np.linspace(100.0, 900.0, WORLDS)  # pA

rng = np.random.default_rng(1)
tau_m, C_m = rng.lognormal(np.log(15.0), 0.3, NEURONS), rng.normal(250.0, 30.0, NEURONS)  # ms, pF
V_th = rng.normal(-52.0, 2.0, NEURONS)  # mV
lif = ss.LIF(tau_m=tau_m, C_m=C_m, E_L=-65.0, V_th=V_th, V_reset=-65.0, t_ref=2.0)

net = ss.Network(seed=1)
cells = net.population("cells", NEURONS, lif)
net.record(cells, "spikes")
with ss.worlds(net, WORLDS, dt=DT, vary={"cells.I_e": currents}) as worlds:
    results = worlds.run(DURATION)

rates = np.empty((WORLDS, NEURONS))  # Hz, of whole intervals
for rate, result in zip(rates, results):
    for i, times in enumerate(result.spikes["cells"].lists()):
        rate[i] = 1e3 * (times.size - 1) / np.ptp(times) if times.size > 1 else 0.0

drive = currents[:, None] * tau_m / C_m  # mV
with np.errstate(divide="ignore", invalid="ignore"):
    period = 2.0 + tau_m * np.log(drive / (drive - (V_th + 65.0)))
wanted = np.where(drive > V_th + 65.0, 1e3 / period, 0.0)
seen = wanted > 2e3 / DURATION  # slower ones fire once or twice
longer = 1e3 / rates[seen] - 1e3 / wanted[seen]  # ms
print(f"{seen.sum()} points of {NEURONS} curves: intervals are long by {longer.min():.3f} to {longer.max():.3f} ms")
assert -1e-6 < longer.min() and longer.max() < DT + 1e-6

figure, panel = plt.subplots(figsize=(6.4, 3.8), layout="constrained")
shades = plt.get_cmap("viridis")((tau_m.argsort().argsort()) / NEURONS)
for i in range(NEURONS):
    panel.plot(currents, rates[:, i], color=shades[i], lw=0.7, alpha=0.6)
panel.plot(currents, rates.mean(axis=1), color="black", lw=2.0, label="mean of the population")
panel.set(xlabel="Current (pA)", ylabel="Rate (Hz)", xlim=(currents[0], currents[-1]), ylim=(0.0, None))
panel.set_title(f"f-I curves of {NEURONS} neurons, dark: short time constants", loc="left", fontsize=10)
panel.legend(frameon=False, loc="upper left")
figure.savefig(options.out / "fi_curves.png", dpi=150)
