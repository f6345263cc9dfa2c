"""Spike times on a grid converge to the exact ones as the step falls; the order says how fast.

The event engine knows when a LIF neuron reaches its threshold to the last digits.  The clock engine stamps a
spike at the end of the step in which it falls: it is late by less than dt, and the neuron goes on from there,
so the error is of order 1, for any synapse.  A nonlinear neuron (Izhikevich) is followed by the event engine to
within its tolerance.
"""

import argparse
from pathlib import Path

import numpy as np
from matplotlib import pyplot as plt

import spikesim as ss

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--out", type=Path, default=Path("."), help="folder of the picture")
parser.add_argument("--quick", action="store_true", help="fewer steps")
options = parser.parse_args()
options.out.mkdir(parents=True, exist_ok=True)

STEPS = [0.1, 0.05, 0.02, 0.01, 0.005] + ([] if options.quick else [0.002, 0.001])
LIF = ss.LIF(tau_m=10.0, E_L=0.0, V_th=15.0, V_reset=0.0, t_ref=2.0, I_e=300.0)
CASES = {
    "LIF, Exponential": (LIF, ss.Exponential(tau=2.0), 400.0),
    "LIF, Alpha": (LIF, ss.Alpha(tau=2.0), 300.0),
    "LIF, Gamma(2)": (LIF, ss.Gamma(2, 3.0), 2000.0),
    "Izhikevich": (ss.Izhikevich(I_e=10.0), ss.Exponential(tau=2.0), 5.0),
}


def spikes(case, engine, dt=0.1):
    """Spike times of one neuron that gets twenty arrivals (multiples of 0.1 ms, known to both engines)."""
    model, synapse, weight = CASES[case]
    net = ss.Network()
    cell = net.population("cell", 1, model)
    source = net.population("source", 1, ss.SpikeTimes([np.round(np.arange(3.0, 100.0, 4.7), 1)]))
    net.connect(source, cell, ss.all_to_all(), weight=weight, delay=0.5, synapse=synapse)
    net.record(cell, "spikes")
    tolerance = {"rtol": 1e-11, "atol": 1e-12} if engine == "event" else {}
    return net.run(100.0, engine=engine, dt=dt, threads=1, progress=False, **tolerance).spikes["cell"].times


figure, axes = plt.subplots(figsize=(5.0, 3.8), layout="constrained")
for case, colour in zip(CASES, ss.plot.style.COLOURS):
    exact = spikes(case, "event")
    trains = [spikes(case, "clock", dt) for dt in STEPS]
    errors = np.array([np.abs(t[: exact.size] - exact[: t.size]).mean() for t in trains])
    order = np.polyfit(np.log(STEPS), np.log(errors), 1)[0]
    axes.loglog(STEPS, errors, "o-", color=colour, label=f"{case}: order {order:.2f}")
    print(f"{case}: {exact.size} spikes, mean error {errors[0]:.2e} ms at dt = {STEPS[0]:g} ms, order {order:.2f}")
    assert exact.size >= 3 and all(abs(t.size - exact.size) <= 1 for t in trains) and 0.7 < order < 1.4
axes.set(xlabel="Step dt (ms)", ylabel="Mean error of a spike time (ms)")
axes.legend(frameon=False, fontsize=8)
figure.savefig(options.out / "convergence.png", dpi=150)
