"""A few coincidences among thousands of inputs (Rossant, Leijon, Magnusson and Brette 2011, J. Neurosci. 31:17193).

4000 excitatory and 1000 inhibitory trains of 1 Hz balance each other.  In the second population 15 of the excitatory
spikes come together, 40 times a second, with the same mean rate in all: less than 1 % of the synapses decide how
often the neuron fires (figure 14; Brian 2's `Rossant_et_al_2011bis`, there of one neuron each).  V goes on while
refractory.
"""

import argparse
from pathlib import Path

import numpy as np
from matplotlib import pyplot as plt

import spikesim as ss

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--out", type=Path, default=Path("."), help="folder of the picture")
parser.add_argument("--quick", action="store_true", help="fewer neurons")
options = parser.parse_args()
options.out.mkdir(parents=True, exist_ok=True)

#: Rates (Hz) of 200 neurons each, in 1 s.
ORIGINAL = {"independent": 3.808, "coincident": 12.44}

E_L, TAU_M, TAU_E, TAU_I = -65.0, 5.0, 3.0, 10.0  # mV, ms
N_E, N_I, TOGETHER, EVENTS = 4000, 1000, 15, 40.0  # inputs, spikes, Hz
w_e = 0.5 / (TAU_M / TAU_E) ** (TAU_M / (TAU_E - TAU_M))  # so that one spike moves V by 0.5 mV
w_i = -N_E * w_e * TAU_E / (N_I * TAU_I)  # so that the mean stays at E_L
neurons = 300 if options.quick else 2000

net = ss.Network(seed=1)
# C_m = tau_m: a current of 1 is 1 mV
cell = ss.LIF(tau_m=TAU_M, C_m=TAU_M, E_L=E_L, V_th=-55.0, V_reset=E_L, t_ref=5.0, hold=False)
for name, rate in (("independent", float(N_E)), ("coincident", N_E - TOGETHER * EVENTS)):
    cells = net.population(name, neurons, cell, v=E_L)
    net.background(cells, rate=rate, weight=w_e, synapse=ss.Exponential(TAU_E))
    net.background(cells, rate=float(N_I), weight=w_i, synapse=ss.Exponential(TAU_I))
    net.record(cells, "spikes")
    net.record(cells[:1], "v")
net.background(net["coincident"], rate=EVENTS, weight=TOGETHER * w_e, synapse=ss.Exponential(TAU_E))
result = net.run(1000.0, progress=False)

plt.style.use(ss.plot.LIGHT)
figure, axes = plt.subplots(2, 1, figsize=(8.0, 4.5), layout="constrained", sharex=True, sharey=True)
for ax, (name, wanted) in zip(axes, ORIGINAL.items()):
    found = result.spikes[name].rate()
    print(f"{name}: {found:.2f} Hz, the original {wanted:.2f} Hz")
    counts = np.bincount(result.spikes[name].ids, minlength=neurons)
    assert abs(found - wanted) < 4.0 * counts.std() * (1.0 / neurons + 1.0 / 400.0) ** 0.5
    trace = result.traces[name]["v"]
    ax.plot(trace.times, trace.values[:, 0], linewidth=0.7)
    for t in result.spikes[name].lists()[0]:
        ax.plot([t, t], [-55.0, -35.0], color="C3", linewidth=0.9)
    ax.set(ylabel="Potential (mV)", title=f"{name} inputs: {found:.1f} Hz")
axes[1].set_xlabel("Time (ms)")
figure.savefig(options.out / "rossant.png", dpi=150)
