"""Unsupervised learning: neurons that compete under STDP grow receptive fields of handwritten digits.

Pixels fire at random with rates after their brightness; a spike of a neuron strengthens the inputs that have just
arrived and weakens the others (`spikesim.published.Competition`).  Labels are used afterwards only, to name neurons.
P. U. Diehl and M. Cook, "Unsupervised learning of digit recognition using spike-timing-dependent plasticity",
Front. Comput. Neurosci. 9:99 (2015).
"""

import argparse
from pathlib import Path

import numpy as np
from matplotlib import pyplot as plt

from spikesim import learn, published

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--out", type=Path, default=Path("."), help="folder of the picture")
parser.add_argument("--quick", action="store_true", help="every image once instead of three times")
options = parser.parse_args()
options.out.mkdir(parents=True, exist_ok=True)

images, labels = learn.digits(train=True).arrays()
test, truth = learn.digits(train=False).arrays()
order = np.concatenate([np.random.default_rng(k).permutation(len(images)) for k in range(1 if options.quick else 3)])

layer = published.Competition(100, 64, seed=1).learn(images[order])
names = published.names_of(layer.respond(images), labels, 10)
answers = published.votes(layer.respond(test), names, 10)
accuracy = np.mean(answers == truth)
print(f"100 neurons, {order.size} images shown without labels")
print(f"accuracy {accuracy:.1%} on {truth.size} new images (chance 10 %)")
assert accuracy > 0.7

figure, (left, right) = plt.subplots(1, 2, figsize=(9.4, 4.8), layout="constrained")
tiles = layer.fields[np.argsort(names, kind="stable")].reshape(10, 10, 8, 8)
tiles = np.pad(tiles, ((0, 0), (0, 0), (0, 1), (0, 1))).transpose(0, 2, 1, 3).reshape(90, 90)
left.imshow(tiles[:-1, :-1], cmap="gray_r")
left.set_title("Weights onto 100 neurons, in the order of their names", loc="left", fontsize=10)
left.set_axis_off()
confusion = np.zeros((10, 10), int)
np.add.at(confusion, (truth, answers), 1)
right.imshow(confusion, cmap="Blues")
for (row, column), count in np.ndenumerate(confusion):
    right.text(column, row, count or "", ha="center", va="center", fontsize=8, color="w" if count > 20 else "k")
right.set(xlabel="Answer", ylabel="Digit", xticks=range(10), yticks=range(10))
right.set_title(f"{accuracy:.0%} of {truth.size} new images are recognised", loc="left", fontsize=10)
figure.savefig(options.out / "stdp_receptive_fields.png", dpi=150)
