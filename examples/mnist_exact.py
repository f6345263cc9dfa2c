"""MNIST by exact gradients (EventProp): a spike a pixel, neurons that learn when to fire, no time step, no surrogate.

784-350-10: the brighter a pixel, the earlier its spike (20 levels: equal times are one event); the class whose output
has the largest mean potential is the answer.  Give --mnist a folder with the four IDX files; without it the 8x8 digits
of the package are learnt.
T. Wunderlich and C. Pehle, Sci. Rep. 11:12829 (2021): 97.6 %.
"""

import argparse
import time
from pathlib import Path

import numpy as np
from matplotlib import pyplot as plt

import spikesim as ss
from spikesim import learn

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--out", type=Path, default=Path("."), help="folder of the picture")
parser.add_argument("--mnist", type=Path, help="folder of MNIST's four files")
parser.add_argument("--epochs", type=int, default=6)
parser.add_argument("--quick", action="store_true", help="fewer neurons and epochs")
options = parser.parse_args()
options.out.mkdir(parents=True, exist_ok=True)

if options.mnist:
    data, test = learn.mnist(options.mnist), learn.mnist(options.mnist, train=False)
else:
    data, test = learn.digits(train=True), learn.digits(train=False)
(x, classes), (held, truth) = data.arrays(), test.arrays()
x, held = np.round(20.0 * x / x.max()) / 20.0, np.round(20.0 * held / x.max()) / 20.0
pixels = x.shape[1]
hidden, batch, epochs = (350, 64, options.epochs) if options.mnist else (100, 16, 8 if options.quick else 20)

lif = ss.LIF.normalized(tau_m=20.0, t_ref=0.0)
share = 784.0 / pixels * (1.0 if options.mnist else 0.4)  # of fewer pixels each counts more
# first weights of a spread far above their mean: else all neurons fire together, and tell nothing apart for long
model = learn.Sequential(
    learn.TimeCode(30.0, last=20.0, theta=0.05),
    learn.ExactSpiking(hidden, lif, n_in=pixels, init=(0.02 * share, 0.3 * share**0.5), limit=30.0, seed=1),
    learn.ExactReadout(10, lif, n_in=hidden, init=(0.2, 0.37), seed=2),
)
loss, optimizer, rate = learn.CrossEntropyLoss(), learn.Adam(model.parameters()), learn.one_cycle(epochs, rise=0.1)
rng, begun, losses = np.random.default_rng(0), time.process_time(), []
for epoch in range(epochs):
    parts = np.array_split(rng.permutation(len(x)), len(x) // batch)
    for k, part in enumerate(parts):
        optimizer.lr = 2e-2 * rate(epoch + (k + 0.5) / len(parts))
        optimizer.zero_grad()
        error = loss(model(x[part]) * 2.0, classes[part])
        error.backward()
        optimizer.step()
        losses.append(error.item())
    print(
        f"epoch {epoch + 1}: loss {np.mean(losses[-len(parts) :]):.3f}, {time.process_time() - begun:.0f} s of CPU time"
    )
score = learn.accuracy(learn.predict(model, held, 500), truth)
spikes = len(model[1](model[0](held[:500])).unit) / min(500, len(held)) / hidden
print(f"{score:.2%} of {len(held):,} test images; {spikes:.2f} spikes a hidden neuron and image")
assert score > (0.97 if options.mnist else 0.75)

# the first image in the simulator: the very same spikes
net = model.to_network(held[:1])
net.record(net["input"], "spikes")
net.record(net["layer 1"], "spikes")
result = net.run(30.0, engine="event", progress=False)
assert np.allclose(result.spikes["layer 1"].times, model[1](model[0](held[:1])).values(), atol=1e-9)
figure, (left, right) = plt.subplots(1, 2, figsize=(9.0, 3.5), layout="constrained")
left.plot(np.convolve(losses, np.full(50, 0.02), "valid"))
left.set(xlabel="Update", ylabel="Loss (mean of 50)", yscale="log")
ss.plot.raster(result, ax=right)
right.set_title(f"A {truth[0]} in the event engine", loc="left", fontsize=10)
figure.savefig(options.out / "mnist_exact.png", dpi=120)
