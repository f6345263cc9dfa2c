"""A population of neurons with escape noise that adapts in waves (Pozzorini et al. 2015; NEST's `gif_population`).

100 generalised integrate-and-fire neurons (Mensi et al. 2012, J. Neurophysiol. 107:1756) excite each other. What a
spike leaves, currents and a higher threshold of up to 640 ms, silences the population after each burst.
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

#: Rate (Hz) and Fano factor of the population's count in 5 ms, from 500 to 2000 ms; mean of four runs.
ORIGINAL = {"rate": 10.02, "fano": 34.01}

cell = ss.GIF(
    C_m=83.1, g_L=3.7, E_L=-67.0, Delta_V=1.4, V_T=-39.6, t_ref=4.0, V_reset=-36.7, lambda_0=0.001, q_stc_1=56.7,
    q_stc_2=-6.9, tau_stc_1=57.8, tau_stc_2=218.2, q_sfa_1=11.7, q_sfa_2=1.8, tau_sfa_1=53.8, tau_sfa_2=640.0,
)  # fmt: skip
rates, fanos = [], []
for seed in range(6):
    net = ss.Network(seed=seed)
    cells = net.population("cells", 100, cell)
    noise = net.population("noise", 50, ss.Poisson(10.0))
    excites = {"delay": 1.0, "synapse": ss.Exponential(10.0)}
    net.connect(cells, cells, ss.fixed_probability(0.3), weight=30.0, **excites)
    # (one generator sends each of its targets a train of its own in NEST: 50 times 10 Hz)
    net.background(cells, rate=50 * 10.0, weight=20.0, synapse=ss.Exponential(10.0))
    net.record(cells, "spikes")
    result = net.run(2000.0, progress=False)
    late = result.spikes["cells"].times
    counts = np.histogram(late[late > 500.0], np.arange(500.0, 2000.1, 5.0))[0]
    rates.append(counts.sum() / 100 / 1.5)
    fanos.append(counts.var() / counts.mean())
for key, found in (("rate", rates), ("fano", fanos)):
    print(f"{key}: {np.mean(found):.2f} +- {np.std(found) / 6**0.5:.2f}, the original {ORIGINAL[key]:.2f}")
    assert abs(np.mean(found) / ORIGINAL[key] - 1.0) < 0.08

plt.style.use(ss.plot.LIGHT)
figure, (above, below) = plt.subplots(2, 1, figsize=(8.0, 5.0), layout="constrained", sharex=True)
ss.plot.raster(result, ax=above).set_xlabel("")
ss.plot.rate(result, ax=below)
figure.savefig(options.out / "gif_population.png", dpi=150)
