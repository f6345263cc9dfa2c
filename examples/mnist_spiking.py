"""MNIST by spiking neurons: 784-256-10, surrogate gradients, a few epochs with one cycle of the learning rate.

Give --mnist a folder with the four IDX files; without it the 8x8 digits of the package are learnt.  --wide: 512
neurons, images shifted by a pixel, dropout.
L. Smith and N. Topin, arXiv:1708.07120 (2018).
"""

import argparse
from pathlib import Path

import numpy as np
from matplotlib import pyplot as plt

import spikesim as ss
from spikesim import learn

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--out", type=Path, default=Path("."), help="folder of the picture")
parser.add_argument("--quick", action="store_true", help="fewer epochs")
parser.add_argument("--mnist", type=Path, help="folder of MNIST's four files")
parser.add_argument("--wide", action="store_true", help="512 neurons, shifted images, dropout, smooth labels")
options = parser.parse_args()
options.out.mkdir(parents=True, exist_ok=True)

if options.mnist:
    data, test = learn.mnist(options.mnist), learn.mnist(options.mnist, train=False)
else:
    data, test = learn.digits(train=True), learn.digits(train=False)
(x, classes), (held, truth) = data.arrays(), test.arrays()
mean, scale = x.mean(), x.std()
x, held = (x - mean) / scale, (held - mean) / scale
hidden, steps, epochs, rate, smooth = (512, 8, 15, 6e-3, 0.05) if options.wide else (256, 12, 5, 4e-3, 0.0)
if not options.mnist:
    epochs = 12

lif, synapse = ss.LIF.normalized(tau_m=10.0, t_ref=1.0), ss.Exponential(5.0, normalize="area")
layers = [
    learn.Linear(x.shape[1], hidden, seed=1),
    *([learn.Dropout(0.15, seed=3)] if options.wide else []),  # of currents: a neuron keeps still for all the steps
    learn.Spiking(hidden, lif, None, steps=steps, bias=False),
    learn.Readout(10, lif, synapse, n_in=hidden, gain=2.0, seed=2),
]
model = learn.Sequential(*layers).astype(np.float32)
shift = learn.shift(1)
loader = learn.DataLoader(
    (x, classes),
    (256 if options.wide else 128) if options.mnist else 32,
    transform=(lambda images, rng: shift(images + mean / scale, rng) - mean / scale) if options.wide else None,
)
history = learn.fit(
    model, loader, loss=learn.CrossEntropyLoss(label_smoothing=smooth), epochs=epochs,
    optimizer=learn.Adam(model.parameters(), lr=rate), schedule=learn.one_cycle(epochs), progress=False,
)  # fmt: skip
score = learn.accuracy(learn.predict(model, held), truth)
print(f"{score:.2%} of {len(held):,} test images after {epochs} epochs in {sum(history['seconds']):.0f} s")
assert score > (0.975 if options.mnist else 0.85 if options.wide else 0.9)

run = learn.run_network(model, held[:50])  # in the simulator: the very same spikes
assert (run.outputs.argmax(axis=1) == learn.predict(model, held[:50]).argmax(axis=1)).all()
plt.style.use(ss.plot.LIGHT)
figure, (left, right) = plt.subplots(1, 2, figsize=(9.0, 3.5), layout="constrained")
history.plot(left)
right.imshow(run.spikes["layer 1"].sum(axis=1)[np.argsort(truth[:50], kind="stable")], aspect="auto", cmap="magma_r")
right.set(xlabel="Hidden neuron", ylabel="Image, by class", title="Spikes in the simulator")
figure.savefig(options.out / "mnist_spiking.png", dpi=120)
