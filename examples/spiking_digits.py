"""Handwritten digits by spiking neurons: trained by surrogate gradients, run in the simulator spike by spike.

E. Neftci, H. Mostafa and F. Zenke, "Surrogate gradient learning in spiking neural networks", IEEE Signal Process. Mag.
36 (2019) 51.
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

x, classes = learn.digits(train=True).arrays()
held, truth = learn.digits(train=False).arrays()
model = learn.SpikingClassifier(hidden=(100,), steps=25, code="latency", lr=5e-3, epochs=8 if options.quick else 25)
model.fit(x, classes)

# the same digits in the simulator: the very same spikes, hence the same classes
few = 60 if options.quick else 360
run = model.simulate(held[:few])
predicted = model.predict(held[:few])
assert (run.outputs.argmax(axis=1) == predicted).all()
score = model.score(held, truth)
print(f"{score:.1%} of 360 test images; {run.spikes['layer 1'].sum(axis=(1, 2)).mean():.0f} hidden spikes an image")
assert score > 0.85

# one image: an ordinary network, recorded as any other
net = model.model_.to_network(model._scaled(held[3:4]))
net.record(net["input"], "spikes")
net.record(net["layer 1"], "spikes")
net.record(net["readout"], "v", every=1.0)
result = net.run(25.0, dt=1.0, progress=False)

figure, (left, middle, right) = plt.subplots(1, 3, figsize=(11.0, 3.3), layout="constrained")
model.history_.plot(left)
ss.plot.raster(result, ax=middle)
middle.set_title(f"A {truth[3]}: pixels by latency, hidden neurons", loc="left", fontsize=10)
v = result.traces["readout"]["v"]
for digit in range(10):
    right.plot(v.times, v.values[:, digit], linewidth=2.0 if digit == truth[3] else 0.8)
    right.annotate(str(digit), (v.times[-1] + 0.3, v.values[-1, digit]), fontsize=7, va="center")
right.set(xlabel="Time (ms)", ylabel="v of the read-out")
figure.savefig(options.out / "spiking_digits.png", dpi=120)
