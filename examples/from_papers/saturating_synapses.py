"""NMDA receptors that saturate, a synapse each (Brian 2's `nonlinear`; Wang 1999, J. Neurosci. 19:9587, eq. 6).

    dx/dt = -x / tau + w at each spike,    dg/dt = -g / tau + alpha x (1 - g)

Two sources of 100 Hz with weights 1 and 10 onto one neuron: with ten times the transmitter the second opens not even
three times as many channels, since what is open cannot be opened.
"""

import argparse
from pathlib import Path
from typing import NamedTuple

import numpy as np
from matplotlib import pyplot as plt

import spikesim as ss
from spikesim.synapses import Input

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--out", type=Path, default=Path("."), help="folder of the picture")
parser.add_argument("--quick", action="store_true", help="the same: it is quick")
options = parser.parse_args()
options.out.mkdir(parents=True, exist_ok=True)

#: Open channels of both synapses at some times (ms).
ORIGINAL = {
    "g0 100": 0.4604, "g0 200": 0.4605, "g0 500": 0.4605, "g1 100": 0.9122, "g1 200": 0.9122, "g1 500": 0.9122,
}  # fmt: skip


@ss.synapse(states=("x", "g"))
class Saturating(NamedTuple):
    """The equations above; synapses of different `source` have channels of their own."""

    source: int
    tau: float = 10.0  # ms
    alpha: float = 0.1  # 1/ms

    @ss.equation
    def slope(f, p):
        x, g = f
        return (-x / p.tau, -g / p.tau + p.alpha * x * (1.0 - g))

    @ss.equation
    def jump(f, w, p):
        return (f[0] + w, f[1])

    @ss.equation
    def input(f, v, p):
        return Input(0.0, f[1])  # nS, towards 0 mV


net = ss.Network()
first = np.arange(10.1, 600.0, 10.0)  # (Brian counts a step from its beginning)
sources = net.population("sources", 2, ss.SpikeTimes([first - 0.1, first - 5.1]))
cell = net.population("cell", 1, ss.LIF(tau_m=10.0, C_m=100.0, V_th=np.inf))
kinds = [Saturating(source=k) for k in (0, 1)]
for k, weight in ((0, 1.0), (1, 10.0)):
    net.connect(sources[k : k + 1], cell, ss.all_to_all(), weight=weight, delay=0.1, synapse=kinds[k])
net.record(cell, "v", *kinds)
traces = net.run(600.0, progress=False).traces["cell"]

plt.style.use(ss.plot.LIGHT)
figure, ax = plt.subplots(figsize=(7.0, 3.2), layout="constrained")
names = [name for name in traces if name != "v"]
for k, name in enumerate(names):
    g = traces[name].values[:, 0]
    ax.plot(traces[name].times, g, label=f"channels, weight {(1, 10)[k]}")
    for at in (100, 200, 500):
        found, wanted = g[np.searchsorted(traces[name].times, at - 0.05)], ORIGINAL[f"g{k} {at}"]
        print(f"synapse {k} at {at} ms: {found:.4f}, the original {wanted:.4f}")
        assert abs(found - wanted) < 0.01
above = ax.twinx()
above.plot(traces["v"].times, traces["v"].values[:, 0], color="0.4", linewidth=0.8)
above.set_ylabel("Potential (mV)")
ax.set(xlabel="Time (ms)", ylabel="Open channels (of 1)")
ax.legend(frameon=False, fontsize=8)
figure.savefig(options.out / "saturating_synapses.png", dpi=150)
