"""Post-synaptic currents as filters: fast AMPA, slow NMDA, equal areas (lecture notes 1.6).

    h(t) = k t^n exp(-t / tau_s),  k = 1 / (n! tau_s^(n + 1))  makes the area 1
    a(t) = sum of delta(t - t_p)   becomes   s(t) = (a * h)(t) = sum of h(t - t_p)

Time constants of AMPA and NMDA: A. Destexhe, Z. F. Mainen and T. J. Sejnowski, "Kinetic models of synaptic
transmission", in Methods in Neuronal Modeling (1998), the decay of their two-state models.
"""

import argparse
from pathlib import Path

import numpy as np
from matplotlib import pyplot as plt

import spikesim as ss

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--out", type=Path, default=Path("."), help="folder of the picture")
parser.add_argument("--quick", action="store_true", help="the same, as it takes a second only")
options = parser.parse_args()
options.out.mkdir(parents=True, exist_ok=True)

fast = ss.Exponential(ss.AMPA().tau, normalize="area")
slow = ss.Exponential(ss.NMDA().tau, normalize="area")
orders = [(f"n = {n}", ss.Gamma(n, 10.0)) for n in range(4)]
for name, synapse in (("AMPA", fast), ("NMDA", slow), *orders):
    t = np.linspace(0.0, 40.0 * synapse.tau, 400_001)
    h = synapse.psc(t)
    print(f"{name}: area {np.trapezoid(h, t):.6f}, peak at {t[h.argmax()]:.2f} ms")

# one spike train into two cells that never fire; the simulated currents against the sum of filters
train = np.sort(np.random.default_rng(4).choice(np.arange(1, 6000), 24, replace=False)) * 0.1
net = ss.Network()
source = net.population("source", 1, ss.SpikeTimes([train]))
for name, synapse in (("AMPA", fast), ("NMDA", slow)):
    cell = net.population(name, 1, ss.LIF(V_th=np.inf))
    net.connect(source, cell, ss.one_to_one(), weight=1.0, delay=0.1, synapse=synapse)
    net.record(cell, "I_syn")
net.record(source, "spikes")
result = net.run(1000.0, progress=False)

figure, panels = plt.subplots(1, 3, figsize=(10.5, 3.2), layout="constrained")
ss.plot.psc(("AMPA (fast)", fast), ("NMDA (slow)", slow), log=True, ax=panels[0])
panels[0].set_title("Two receptors, equal areas", loc="left", fontsize=10)
panels[0].set_yscale("log")
panels[0].set_ylim(1e-5, 0.5)
ss.plot.psc(*orders, ax=panels[1])
panels[1].set_title("Orders n, tau_s = 10 ms", loc="left", fontsize=10)
ss.plot.style.dressed(panels[2])
for name, synapse, colour in (
    ("AMPA", fast, ss.plot.style.COLOURS[0]),
    ("NMDA", slow, ss.plot.style.COLOURS[1]),
):
    current = result.traces[name]["I_syn"]
    after = current.times - 0.1 + 1e-10  # a delay of 0.1 ms; a hair later, so that rounding drops no arrival
    expected = result.spikes["source"].convolve(synapse, after)[:, 0]
    error = np.abs(current.values[:, 0] - expected).max()
    print(f"{name}: simulated against the sum of filters, largest difference {error:.1e} pA")
    assert error < 1e-10
    panels[2].plot(current.times, current.values[:, 0], color=colour, label=name, linewidth=1.0)
panels[2].vlines(train, -0.035, -0.015, color=ss.plot.style.GREY, linewidth=0.8)
panels[2].set(xlabel="Time (ms)", ylabel="Current (pA)")
panels[2].set_title("A spike train, filtered", loc="left", fontsize=10)
panels[2].legend(frameon=False, fontsize=8)
figure.savefig(options.out / "psc_filters.png", dpi=150)
