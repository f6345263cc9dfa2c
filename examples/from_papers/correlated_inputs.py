"""Two processes with the same pairs and other triples (Kuhn, Aertsen, Rotter 2003; NEST's `cross_check_mip_corrdet`).

Copies of a mother train (MIP), or trains of their own with one in common (SIP): pairs of trains of rate r have the
covariance density c r delta(tau), and so a correlogram with bins of width b has, over a time T,

    T b r^2 + T c r     in the middle,          T b r^2     on its flanks.

NEST's example (r = 50 Hz, c = 1/2, b = 10 ms, T = 100 s) gave 4802 and 2350.  A neuron that counts its inputs hears the
difference: the many coincidences of SIP are rarer and larger (Kuhn et al., Neural Comput. 15:67, figure 3).
"""

import argparse
from pathlib import Path

import numpy as np
from matplotlib import pyplot as plt

import spikesim as ss

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--out", type=Path, default=Path("."), help="folder of the picture")
parser.add_argument("--quick", action="store_true", help="shorter")
options = parser.parse_args()
options.out.mkdir(parents=True, exist_ok=True)

RATE, C, BIN, TRAINS, T = 50.0, 0.5, 10.0, 20, 100_000.0  # Hz, -, ms, -, ms
LAGS = np.arange(-9, 10)

plt.style.use(ss.plot.LIGHT)
figure, (left, right) = plt.subplots(1, 2, figsize=(9.0, 3.4), layout="constrained")
for method, shift in (("MIP", -0.2), ("SIP", 0.2)):
    net = ss.Network(seed=3)
    inputs = net.population("inputs", TRAINS, ss.Correlated(RATE, C, method=method))
    net.record(inputs, "spikes")
    spikes = net.run(T, engine="event", progress=False).spikes["inputs"]

    # the correlogram of two trains: pairs by their difference in time
    first, second = (spikes.times[spikes.ids == i] for i in (0, 1))
    edges = (np.append(LAGS, LAGS[-1] + 1) - 0.5) * BIN
    places = np.searchsorted(second, first[:, None] + edges[None, :])
    pairs = np.diff(places, axis=1).sum(axis=0)
    flank, middle = T / 1000.0 * BIN / 1000.0 * RATE**2, T / 1000.0 * C * RATE
    print(f"{method}: {pairs[9]} in the middle, {np.delete(pairs, 9).mean():.0f} on the flanks", end="; ")
    print(f"theory {flank + middle:.0f} and {flank:.0f}; NEST's example 4802 and 2350")
    # counts of a train vary by sqrt(T r), and what is in common varies with them
    assert abs(pairs[9] - flank - middle) <= 5.0 * np.sqrt(flank + middle) + 0.03 * (flank + middle)
    assert abs(np.delete(pairs, 9).mean() - flank) <= 0.06 * flank
    left.bar((LAGS + shift) * BIN, pairs, 0.38 * BIN, label=method)

    # how many of the trains fire within 5 ms: the same mean and variance, other tails
    counts = np.histogram(spikes.times, np.arange(0.0, T + 1.0, 5.0))[0]
    mean = TRAINS * RATE * 0.005
    variance = mean * (1.0 + (TRAINS - 1) * C)
    third = np.mean((counts - counts.mean()) ** 3)
    triples = C * C if method == "MIP" else C
    wanted = mean * (1.0 + 3.0 * (TRAINS - 1) * C + (TRAINS - 1) * (TRAINS - 2) * triples)
    print(f"     variance {counts.var():.1f} of {variance:.1f}, third cumulant {third:.0f} of {wanted:.0f}")
    assert abs(counts.var() / variance - 1.0) < 0.1 and abs(third / wanted - 1.0) < 0.2
    number, times = np.unique(counts, return_counts=True)
    right.semilogy(number, times, ".", label=method)
left.axhline(flank, color="0.4", linewidth=0.8, linestyle="--", label="chance")
left.set(xlabel="Difference of times (ms)", ylabel="Pairs")
right.set(xlabel=f"Spikes of {TRAINS} trains in 5 ms", ylabel="Windows")
left.legend(frameon=False, fontsize=8)
figure.savefig(options.out / "correlated_inputs.png", dpi=150)
