"""Bursts of a whole network, by synapses that tire (Tsodyks, Uziel and Markram 2000, J. Neurosci. 20:RC50, figure 1).

400 excitatory and 100 inhibitory neurons, half of which fire by themselves. Excitatory synapses depress; when they
have recovered, one spark can set off a burst of most, which empties them. Figures are those of Brian 2's
`Tsodyks_Uziel_Markram_2000` at a step of 0.1 ms, where U and the time constants are drawn for each synapse; here they
are drawn for each source, since a release belongs to it.
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

#: How often (Hz) more than a tenth fire within 5 ms, mostly not many more, and rates (Hz), over 4.2 s; one run.
ORIGINAL = {"bursts": 3.572, "exc": 8.293, "inh": 24.44}


def drawn(mean, low, high=np.inf):
    """A normal distribution whose sd is half its mean, cut."""
    return ss.normal(mean, 0.5 * abs(mean), low=low, high=high)


depressing = ss.TsodyksMarkram(U=drawn(0.5, 0.1, 0.9), tau_rec=drawn(800.0, 5.0), tau_in=3.0)
facilitating = ss.TsodyksMarkram(
    U=drawn(0.04, 0.001, 0.07), tau_rec=drawn(100.0, 5.0), tau_fac=drawn(1000.0, 5.0), tau_in=3.0
)
bursts, exc_rates, inh_rates = [], [], []
for seed in range(4):
    net = ss.Network(seed=seed)
    # C_m = tau_m: a current of 1 is 1 mV
    cell = {"tau_m": 30.0, "C_m": 30.0, "E_L": 0.0, "V_th": 15.0, "V_reset": 13.5, "I_e": ss.uniform(14.5, 15.5)}
    exc = net.population("exc", 400, ss.LIF(**cell, t_ref=3.0))
    inh = net.population("inh", 100, ss.LIF(**cell, t_ref=2.0))
    for pre, post, A, release in (
        (exc, exc, 1.8, depressing),
        (exc, inh, 7.2, facilitating),
        (inh, exc, -5.4, depressing),
        (inh, inh, -7.2, facilitating),
    ):
        weight = drawn(A, min(0.2 * A, 2.0 * A), max(0.2 * A, 2.0 * A))
        link = {"weight": weight, "delay": 0.1, "synapse": ss.Exponential(3.0), "release": release}
        net.connect(pre, post, ss.fixed_probability(0.1), **link)
    net.record(exc + inh, "spikes")
    result = net.run(5100.0, progress=False)
    times = np.concatenate([result.spikes[name].times for name in ("exc", "inh")])
    # more than a tenth of all within 5 ms, 50 ms after the last
    active = np.convolve(np.histogram(times, np.arange(900.0, 5100.5))[0] / 500.0, np.ones(5), "same")
    up = np.flatnonzero((active[1:] > 0.1) & (active[:-1] <= 0.1))
    bursts.append((1 + np.sum(np.diff(up) > 50) if up.size else 0) / 4.2)
    exc_rates.append(result.spikes["exc"].rate(start=900.0))
    inh_rates.append(result.spikes["inh"].rate(start=900.0))
for (key, wanted), found in zip(ORIGINAL.items(), (bursts, exc_rates, inh_rates)):
    print(f"{key}: {np.mean(found):.2f} Hz (runs {np.round(found, 2)}), the original {wanted:.2f} Hz")
    assert abs(np.mean(found) / wanted - 1.0) < 0.35

plt.style.use(ss.plot.LIGHT)
figure, (above, below) = plt.subplots(2, 1, figsize=(8.0, 5.0), layout="constrained", sharex=True)
ss.plot.raster(result, ax=above).set_xlabel("")
below.plot(np.arange(900.0, 5100.0), active)
below.set(xlabel="Time (ms)", ylabel="Share that fires in 5 ms")
figure.savefig(options.out / "tsodyks_uziel_markram.png", dpi=150)
