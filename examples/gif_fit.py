"""A generalised integrate-and-fire neuron fitted to spikes: what current moves, what threshold adapts, found again.

A cell whose parameters are hidden hears one fluctuating current again and again (Mensi et al. 2012 measured so).  Each
candidate of scipy.optimize.differential_evolution is a world: the same wiring and current, parameters of its own.  What
is compared is the rate in the course of time, over all repetitions.
"""

import argparse
from pathlib import Path

import numpy as np
from matplotlib import pyplot as plt
from scipy.ndimage import gaussian_filter1d
from scipy.optimize import differential_evolution

import spikesim as ss

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--out", type=Path, default=Path("."), help="folder of the picture")
parser.add_argument("--quick", action="store_true", help="fewer generations")
options = parser.parse_args()
options.out.mkdir(parents=True, exist_ok=True)

HIDDEN = {"V_T": -48.0, "q_sfa_1": 6.0, "q_stc_1": 40.0}  # mV, mV, pA
BOUNDS = {"V_T": (-55.0, -40.0), "q_sfa_1": (0.0, 15.0), "q_stc_1": (0.0, 100.0)}
REPEATS, DURATION, BIN = 100, 1_000.0, 5.0  # ms

times = np.arange(0.0, DURATION, 1.0)
noise = gaussian_filter1d(np.random.default_rng(4).standard_normal(times.size), 10.0)
net = ss.Network(seed=1)
cell = net.population("cell", REPEATS, ss.GIF(Delta_V=2.0, q_stc_2=0.0, q_sfa_2=0.0))
net.inject(cell, ss.Waveform(times, 130.0 + 90.0 * noise / noise.std()))
net.record(cell, "spikes")


def rates(seed, candidates):
    """Rate (Hz) in the course of time of each candidate, a row each; `candidates`: a column a world."""
    vary = {f"cell.{name}": values for name, values in zip(BOUNDS, candidates)}
    with ss.worlds(net, candidates.shape[1], seeds=[seed] * candidates.shape[1], vary=vary) as many:
        results = many.run(DURATION, progress=False)
    counts = [np.histogram(r.spikes["cell"].times, np.arange(0.0, DURATION + BIN, BIN))[0] for r in results]
    return gaussian_filter1d(np.array(counts) * 1000.0 / (REPEATS * BIN), 1.5, axis=1)


measured = rates(7, np.array([[value] for value in HIDDEN.values()]))[0]  # other noise than that of the fit
found = differential_evolution(
    lambda candidates: np.mean((rates(1, candidates) - measured) ** 2, axis=1),
    list(BOUNDS.values()), maxiter=8 if options.quick else 20, popsize=6, rng=3, vectorized=True, updating="deferred",
    polish=False,
)  # fmt: skip
for name, value in zip(BOUNDS, found.x):
    print(f"{name}: {value:.1f}, hidden {HIDDEN[name]:g}")
fitted = rates(1, found.x[:, None])[0]
unexplained = np.mean((fitted - measured) ** 2) / np.var(measured)
print(f"{100.0 * (1.0 - unexplained):.1f} % of the rate's variance in time is explained")
assert unexplained < 0.05 and all(abs(x - HIDDEN[n]) < 0.2 * np.ptp(BOUNDS[n]) for n, x in zip(BOUNDS, found.x))

figure, axes = plt.subplots(figsize=(7.0, 3.2), layout="constrained")
ss.plot.style.dressed(axes)
at = np.arange(0.0, DURATION, BIN) + BIN / 2
axes.plot(at, measured, color="0.6", linewidth=3.0, label="hidden cell")
axes.plot(at, fitted, linewidth=1.2, label="fitted cell")
axes.set(xlabel="Time (ms)", ylabel="Rate (Hz)")
axes.set_title("A GIF neuron fitted to the spikes of another", loc="left", fontsize=10)
axes.legend(frameon=False)
figure.savefig(options.out / "gif_fit.png", dpi=150)
