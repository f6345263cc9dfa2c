"""What a pulse packet does to a neuron, and the theory of it (Goedeke and Diesmann 2008; NEST's `pulsepacket`).

A packet of n spikes whose times are normal with sd sigma moves the potential by, on average,

    U(t) = n integral  N(s; t0, sigma) PSP(t - s - delay) ds,

where PSP is the response to one spike of a current w exp(-t / tau_s), tau_s = 2 ms, w = 45.6 pA.  (The original
convolves the response to its alpha current in the same way.)  New J. Phys. 10:015007, section 3.
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

SPIKES, DELAY, WEIGHT, CENTRE, DT = 100, 1.5, 45.6, 60.0, 0.1  # ms, pA, ms, ms
TAU_M, C_M, TAU_S = 20.0, 250.0, 2.0  # ms, pF, ms
neurons = 100 if options.quick else 1000


def simulated(sigma, engine):
    """Return the potentials (mV above rest) of neurons that get a packet each."""
    net = ss.Network(seed=7)
    packets = net.population("packets", neurons, ss.PulsePackets([CENTRE], n=SPIKES, sd=sigma))
    model = ss.LIF(tau_m=TAU_M, C_m=C_M, E_L=0.0, V_th=1e9, V_reset=0.0)
    cells = net.population("cells", neurons, model)
    net.connect(packets, cells, ss.one_to_one(), weight=WEIGHT, delay=DELAY, synapse=ss.Exponential(TAU_S))
    net.record(cells, "v")
    return net.run(200.0, dt=DT, engine=engine, progress=False).traces["cells"]["v"]


def theory(t, sigma):
    """The convolution, by sums over a fine grid, and the variance of a neuron: of independent spikes."""
    s = np.arange(-6.0 * sigma, 6.0 * sigma + 1e-9, sigma / 200.0)
    density = np.exp(-0.5 * (s / sigma) ** 2)
    density /= density.sum()
    after = t[:, None] - CENTRE - DELAY - s[None, :]
    course = np.exp(-after / TAU_M) - np.exp(-after / TAU_S)
    psp = np.where(after > 0.0, WEIGHT / C_M / (1.0 / TAU_S - 1.0 / TAU_M) * course, 0.0)
    return SPIKES * psp @ density, SPIKES * (psp**2 @ density - (psp @ density) ** 2)


plt.style.use(ss.plot.LIGHT)
figure, axes = plt.subplots(1, 3, figsize=(10.0, 3.0), layout="constrained", sharey=True)
for ax, sigma in zip(axes, (2.0, 10.0, 20.0)):
    for engine in ("clock", "event"):
        trace = simulated(sigma, engine)
        mean = trace.values.mean(axis=1)
        wanted, variance = theory(trace.times, sigma)
        # (five standard errors, and where there is hardly a spike a few of them; on the grid times are rounded)
        assert np.all(np.abs(mean - wanted) <= 5.0 * np.sqrt(variance / neurons) + 0.003 * wanted.max())
        print(f"sigma = {sigma:g} ms, {engine}: peak {mean.max():.3f} mV, theory {wanted.max():.3f} mV")
    ax.plot(trace.times, trace.values[:, :5], color="0.8", linewidth=0.7)
    ax.plot(trace.times, mean, label="mean of the neurons")
    ax.plot(trace.times, wanted, "--", label="convolution")
    ax.set(title=f"sigma = {sigma:g} ms", xlabel="Time (ms)", xlim=(20.0, 160.0))
axes[0].set_ylabel("Potential above rest (mV)")
axes[0].legend(frameon=False, fontsize=8)
figure.savefig(options.out / "pulse_packet.png", dpi=150)
