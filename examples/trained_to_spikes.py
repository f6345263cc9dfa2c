"""Train with rates, run in spikes: handwritten digits by a network of LIF neurons.

A unit of the trained network fires at the rate G(W x + b) of the LIF neuron (lecture notes 1.4); the spiking
network has one neuron for it, PSCs of area 1 (1.6, 1.7), and classes are read from the mean filtered input.
E. Hunsberger and C. Eliasmith, "Training spiking deep networks for neuromorphic hardware", arXiv:1611.05141.
"""

import argparse
from pathlib import Path

from matplotlib import pyplot as plt

import spikesim as ss
from spikesim import learn

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--out", type=Path, default=Path("."), help="folder of the picture")
parser.add_argument("--quick", action="store_true", help="fewer epochs")
options = parser.parse_args()
options.out.mkdir(parents=True, exist_ok=True)

epochs = 20 if options.quick else 40
rate = learn.Sequential(
    learn.Linear(64, 128, seed=1), learn.LIFRate(tau_m=20.0, t_ref=2.0), learn.Linear(128, 10, seed=2)
)
learn.fit(
    rate,
    learn.digits(train=True),
    loss=learn.CrossEntropyLoss(),
    optimizer=learn.Adam(rate.parameters(), lr=5e-3),
    epochs=epochs,
    schedule=learn.cosine(epochs),
    progress=False,
)
x, classes = learn.digits(train=False).arrays()
by_rate = learn.accuracy(learn.predict(rate, x), classes)

# 360 images side by side, for 100 ms
run = learn.run_spiking(rate, x, 100.0)
print(f"360 test images: {by_rate:.1%} by rates, {run.accuracy(classes):.1%} in spikes after 100 ms")
print(f"{run.rates['layer 1'].mean():.0f} spikes per second and neuron")
assert run.accuracy(classes) >= by_rate - 0.01

# one image: an ordinary network, recorded as any other
net = learn.to_network(rate, x[3])
net.record(net["layer 1"], "spikes")
net.record(net["readout"], "v", "I_syn", every=0.5)
result = net.run(100.0, progress=False)

figure, axes = plt.subplots(1, 3, figsize=(11.0, 3.2), layout="constrained")
left, middle, right = axes
ss.plot.raster(result, ax=left)
left.set_title(f"Hidden neurons, the image of a {classes[3]}", loc="left", fontsize=10)
v = result.traces["readout"]["v"]
begun = v.times > 5.0
for digit in range(10):
    mean = v.values[begun, digit] / v.times[begun]
    middle.plot(v.times[begun], mean, linewidth=2.0 if digit == classes[3] else 0.8)
    middle.annotate(str(digit), (v.times[-1] + 1.0, mean[-1]), fontsize=7, va="center")
middle.set(xlabel="Time (ms)", ylabel="Mean output")
middle.set_title("Read-out of the ten classes", loc="left", fontsize=10)
right.plot(run.times, [100.0 * run.accuracy(classes, t) for t in run.times], label="in spikes")
right.axhline(100.0 * by_rate, color="0.5", linestyle="--", label="by rates")
right.set(xlabel="Time (ms)", ylabel="Right of 360 test images (%)", ylim=(50.0, 100.0))
right.set_title("What a longer look brings", loc="left", fontsize=10)
right.legend(frameon=False, fontsize=8, loc="lower right")
for ax in axes[1:]:
    ss.plot.style.dressed(ax)
figure.savefig(options.out / "trained_to_spikes.png", dpi=150)
