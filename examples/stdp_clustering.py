"""Unsupervised learning: neurons that compete under STDP find the clusters of points in the plane.

Each coordinate is told by a row of inputs with bell-shaped tuning curves.  Nobody says which point belongs where: a
neuron that fires draws its weights towards the point that it has just seen (`spikesim.published.Competition`).
S. M. Bohte, H. La Poutre and J. N. Kok, "Unsupervised clustering with spiking neurons by sparse temporal coding and
multilayer RBF networks", IEEE Trans. Neural Networks 13:426-435 (2002): the task and the code of the inputs.
"""

import argparse
from pathlib import Path

import numpy as np
from matplotlib import pyplot as plt

from spikesim import plot, published

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--out", type=Path, default=Path("."), help="folder of the picture")
parser.add_argument("--quick", action="store_true", help="fewer points")
parser.add_argument("--seed", type=int, default=3)
options = parser.parse_args()
options.out.mkdir(parents=True, exist_ok=True)

rng = np.random.default_rng(7)
centres = np.array([[0.2, 0.25], [0.75, 0.2], [0.5, 0.55], [0.2, 0.8], [0.8, 0.8]])
truth = rng.permutation(np.repeat(np.arange(5), 150 if options.quick else 400))
points = centres[truth] + rng.normal(0.0, 0.06, (truth.size, 2))
preferred = np.linspace(0.0, 1.0, 16)
code = np.exp(-0.5 * ((points[:, :, None] - preferred) / 0.08) ** 2).reshape(truth.size, 32)

untaught = published.Competition(5, 32, seed=options.seed, step=0.002)
layer = untaught.learn(code)
figure, panels = plt.subplots(1, 2, figsize=(8.6, 4.3), layout="constrained", sharey=True)
for title, state, panel in zip(("Before", "After"), (untaught, layer), panels):
    fired = state.respond(code)
    winner = fired.argmax(axis=1)
    counts = np.zeros((5, 5), int)
    np.add.at(counts, (winner, truth), 1)
    purity = counts.max(axis=1).sum() / truth.size
    shared = np.sum(counts.max(axis=0) < 0.5 * counts.sum(axis=0)) + 5 - np.unique(counts.argmax(axis=1)).size
    print(f"{title} learning, {truth.size} points: purity {purity:.1%}, {shared} clusters have no neuron of their own")
    where = state.fields if state is layer else np.ones((5, 32))
    x, y = (np.average(np.tile(preferred, (5, 1)), axis=1, weights=w**3) for w in (where[:, :16], where[:, 16:]))
    panel.scatter(*points.T, s=9, c=np.array(plot.style.COLOURS)[winner], linewidths=0)
    if state is layer:
        panel.plot(x, y, "kx", markersize=9, markeredgewidth=2.5, label="what the weights say")
        panel.legend(loc="upper center", fontsize=8)
    plot.style.dressed(panel)
    panel.set(xlabel="x", xlim=(-0.05, 1.05), ylim=(-0.05, 1.05), aspect="equal")
    panel.set_title(f"{title} learning: the neuron that fires most", loc="left", fontsize=10)
panels[0].set_ylabel("y")
assert purity > 0.95 and shared == 0
distance = np.linalg.norm(np.stack([x, y], axis=1)[:, None] - centres, axis=2).min(axis=0)
print(f"distance of each centre to the nearest weight vector: at most {distance.max():.2f} (clusters: sd 0.06)")
figure.savefig(options.out / "stdp_clustering.png", dpi=150)
