"""The exact gradient of a spike time: how a delay and a weight move it, and the loss landscape of a delay.

Two spikes meet in a LIF neuron: the later the second arrives, the later it fires.
T. Wunderlich and C. Pehle, "Event-based backpropagation can compute exact gradients for spiking neural networks",
Sci. Rep. 11:12829 (2021).
"""

import argparse
from pathlib import Path

import numpy as np
from matplotlib import pyplot as plt

import spikesim as ss
from spikesim import learn

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--out", type=Path, default=Path("."), help="folder of the picture")
parser.add_argument("--quick", action="store_true", help="fewer points")
options = parser.parse_args()
options.out.mkdir(parents=True, exist_ok=True)

TARGET = 12.0  # ms: when it shall fire


def build(delay: float, weight: float = 28.0) -> ss.Network:
    net = ss.Network()
    inputs = net.population("inputs", 2, ss.SpikeTimes([[2.0], [2.0]]))
    cell = net.population("cell", 1, ss.LIF.normalized(tau_m=20.0))
    synapse = ss.Exponential(5.0, normalize="area")
    net.connect(inputs[:1], cell, ss.all_to_all(), weight=weight, delay=1.0, synapse=synapse, name="first")
    net.connect(inputs[1:], cell, ss.all_to_all(), weight=weight, delay=delay, synapse=synapse, name="second")
    return net


def loss(run):
    return 0.5 * ((run["cell"].first() - TARGET) ** 2).sum()


plt.style.use(ss.plot.LIGHT)
figure, (left, right) = plt.subplots(1, 2, figsize=(9.0, 3.4), layout="constrained")

# the potential, and where the spike goes when the second input comes 1 ms later
for delay, color in ((6.0, "C0"), (7.0, "C1")):
    net = build(delay)
    net.record(net["cell"], "v", every=0.1)
    trace = net.run(30.0, engine="event", progress=False).traces["cell"]["v"]
    left.plot(trace.times, trace.values[:, 0], color=color, label=f"second delay {delay:g} ms")
g = learn.gradients(build(6.0), lambda run: run["cell"].first().sum(), ["second.delay", "second.weight"], duration=30.0)
left.annotate("", (g.loss + g["second.delay"], 1.02), (g.loss, 1.02), arrowprops={"arrowstyle": "->", "color": "k"})
left.set(xlabel="Time (ms)", ylabel="v", title=f"dt/dd = {g['second.delay']:.3f}, dt/dw = {g['second.weight']:.3f} ms")
left.legend(frameon=False, fontsize=8)

# the landscape, with tangents
delays = np.linspace(1.0, 16.0, 31 if options.quick else 151)
values, slopes = np.array(
    [
        (g.loss, g["second.delay"])
        for g in (learn.gradients(build(d), loss, ["second.delay"], duration=40.0) for d in delays)
    ]
).T
right.plot(delays, values)
for k in range(3, len(delays), 4 if options.quick else 20):
    span = delays[k] + np.array([-0.7, 0.7])
    right.plot(span, values[k] + slopes[k] * (span - delays[k]), color="C1", linewidth=1.0)
right.set(xlabel="Delay of the second input (ms)", ylabel="Loss", title=f"It shall fire at {TARGET:g} ms")

# descend
delay = 3.0
for _ in range(40):
    delay -= 0.5 * learn.gradients(build(delay), loss, ["second.delay"], duration=40.0)["second.delay"]
reached = learn.gradients(build(delay), loss, [], duration=40.0)
right.plot(delay, reached.loss, "o", color="k")
print(f"a delay of {delay:.4f} ms: the spike comes at {reached.times['cell'][0]:.6f} ms, wanted {TARGET:g}")
figure.savefig(options.out / "spike_time_gradient.png", dpi=120)
assert abs(reached.times["cell"][0] - TARGET) < 1e-3
