"""Two LIF neurons, and a network from a weight matrix, against a reference in NumPy (lecture notes 1.7).

    tau_s ds_i/dt = -s_i,          an arriving spike of neuron j:  s_i <- s_i + w_ij / tau_s
    tau_m dv_i/dt = s_i + b_i - v_i,    v_i >= 1: spike, v_i = 0 for t_ref
    so that z = W x + b, with x the filtered spike trains; W has a row a target

The reference below shares nothing with the package.  Between two steps its solution is exact.
"""

import argparse
from pathlib import Path

import numpy as np
from matplotlib import pyplot as plt

import spikesim as ss

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--out", type=Path, default=Path("."), help="folder of the picture")
parser.add_argument("--quick", action="store_true", help="a shorter run")
options = parser.parse_args()
options.out.mkdir(parents=True, exist_ok=True)
TAU_M, TAU_S, T_REF, DELAY, DT = 20.0, 5.0, 2.0, 1.5, 0.1  # ms
DURATION = 200.0 if options.quick else 1000.0


def simulated(W, b):
    """Times, v, z and spikes by spikesim."""
    net = ss.Network()
    cells = net.population("cells", len(b), ss.LIF.normalized(TAU_M, T_REF, v_in=b))
    synapse = ss.Exponential(TAU_S, normalize="area")
    net.connect(cells, cells, ss.from_matrix(W), delay=DELAY, synapse=synapse)
    net.record(cells, "spikes")
    net.record(cells, "v", "I_syn", every=DT)
    result = net.run(DURATION, dt=DT, progress=False)
    traces = result.traces["cells"]
    return traces["v"].times, traces["v"].values, traces["I_syn"].values + b, result.spikes["cells"]


def reference(W, b):
    """v at every step and the (step, neuron) of every spike, by a plain loop over steps."""
    steps, delay, dormant = round(DURATION / DT), round(DELAY / DT), round(T_REF / DT)
    decay_m, decay_s = np.exp(-DT / TAU_M), np.exp(-DT / TAU_S)
    # v(DT) = v decay_m + b (1 - decay_m) + s * gain: the solution for s decaying within the step
    gain = TAU_S / (TAU_M - TAU_S) * (decay_m - decay_s)
    v, s, held = np.zeros(len(b)), np.zeros(len(b)), np.zeros(len(b), int)
    fired, voltages, spikes = np.zeros((steps, len(b))), [], []
    for k in range(steps):
        v = np.where(held > 0, 0.0, v * decay_m + b * (1.0 - decay_m) + s * gain)
        held = np.maximum(held - 1, 0)
        s = s * decay_s + (W @ fired[k - delay] / TAU_S if k >= delay else 0.0)
        fired[k] = v >= 1.0
        v[fired[k] > 0.0], held[fired[k] > 0.0] = 0.0, dormant
        voltages.append(v.copy())
        spikes += [(k + 1, i) for i in np.flatnonzero(fired[k])]
    return np.array(voltages), spikes


rng = np.random.default_rng(2)
pair = np.array([[0.0, -2.0], [4.0, 0.0]]), np.array([1.3, 0.9])
many = rng.normal(0.0, 1.5, (40, 40)) * (rng.random((40, 40)) < 0.25), rng.uniform(0.8, 1.6, 40)
for name, (W, b) in (("matrix of 40", many), ("two neurons", pair)):
    times, v, z, trains = simulated(W, b)
    v_reference, spikes = reference(W, b)
    same = spikes == list(zip(np.rint(trains.times / DT).astype(int).tolist(), trains.ids.tolist()))
    x = trains.convolve(ss.Gamma(0, TAU_S), times - DELAY + 1e-11)  # a hair later: rounding drops no arrival
    errors = np.abs(v - v_reference).max(), np.abs(z - (x @ W.T + b)).max()
    print(f"{name}: {len(spikes)} spikes, the same: {same}; v differs by {errors[0]:.1e}, z by {errors[1]:.1e}")
    assert same and max(errors) < 1e-10

figure, panels = plt.subplots(1, 3, figsize=(10.5, 3.2), layout="constrained", width_ratios=[1.4, 1.4, 1.0])
for panel, values, label in ((panels[0], v, "v"), (panels[1], z, "z = W x + b")):
    ss.plot.style.dressed(panel).set(xlabel="Time (ms)", ylabel=label, xlim=(0.0, 120.0))
    for i in range(2):
        panel.plot(times, values[:, i], color=ss.plot.style.COLOURS[i], label=f"neuron {i}")
panels[0].legend(frameon=False, fontsize=8, ncols=2, loc="lower left", bbox_to_anchor=(0.0, 1.0))
ss.plot.weights(many[0], ax=panels[2])
figure.savefig(options.out / "weight_matrix.png", dpi=150)
