"""Synapses that tire and synapses that warm up (Tsodyks, Pawelzik and Markram 1998, Neural Comput. 10:821, figure 1).

A regular train through a depressing synapse (20 Hz) and through a facilitating one (20 and 70 Hz): at 70 Hz the latter
grows and then tires too.  Between spikes the resources that were used come back with tau_rec, after a time tau_in in
use; the release has this exactly, and so has the membrane.  The maxima are those of Brian 2's
`Tsodyks_Pawelzik_Markram_1998` at a step of 0.01 ms.
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

#: The first and the last maximum (mV) of each panel.
ORIGINAL = {
    "A first": 0.9134, "A last": 0.1273, "B first": 1.054, "B last": 9.868, "C first": 1.054, "C last": 16.47,
}  # fmt: skip

depressing = ss.TsodyksMarkram(U=0.6, tau_rec=800.0, tau_in=3.0)
facilitating = ss.TsodyksMarkram(U=0.03, tau_rec=130.0, tau_fac=530.0, tau_in=1.5)
#: tau_m (ms), R (GOhm), synaptic strength (pA), release, end of the train (ms), rate (Hz)
PANELS = {
    "A": (40.0, 0.1, 250.0, depressing, 1100.0, 20.0),
    "B": (60.0, 1.0, 1540.0, facilitating, 1100.0, 20.0),
    "C": (60.0, 1.0, 1540.0, facilitating, 375.0, 70.0),
}

plt.style.use(ss.plot.LIGHT)
figure, axes = plt.subplots(3, 1, figsize=(7.0, 6.0), layout="constrained")
for ax, (panel, (tau_m, R, strength, release, stop, rate)) in zip(axes, PANELS.items()):
    net = ss.Network()
    train = net.population("train", 1, ss.SpikeTimes([np.arange(100.0, stop, 1000.0 / rate).round(1)]))
    cell = net.population("cell", 1, ss.LIF(tau_m=tau_m, C_m=tau_m / R, E_L=0.0, V_th=np.inf, V_reset=0.0))
    # what is in use falls off with tau_in, and is the current
    current = ss.Exponential(release.tau_in)
    net.connect(train, cell, ss.one_to_one(), weight=strength, delay=0.1, synapse=current, release=release)
    net.record(cell, "v")
    trace = net.run(stop + 100.0, progress=False).traces["cell"]["v"]
    v = trace.values[:, 0]
    peaks = v[1:-1][(v[1:-1] > v[:-2]) & (v[1:-1] >= v[2:])]
    for which, peak in (("first", peaks[0]), ("last", peaks[-1])):
        wanted = ORIGINAL[f"{panel} {which}"]
        print(f"{panel}, {which} maximum: {peak:.3f} mV, the original {wanted:.3f} mV")
        assert abs(peak / wanted - 1.0) < 0.01
    ax.plot(trace.times, v)
    ax.set(ylabel="Potential (mV)", title=f"{panel}: {'depression' if panel == 'A' else 'facilitation'}, {rate:g} Hz")
axes[-1].set_xlabel("Time (ms)")
figure.savefig(options.out / "tsodyks_pawelzik_markram.png", dpi=150)
