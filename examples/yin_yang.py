"""Yin-Yang by exact gradients: neurons learn when to fire, the class whose output fires first is the answer.

No time step, no surrogate: the spikes are those of the event engine, the derivatives of their times exact (EventProp).
T. Wunderlich and C. Pehle, Sci. Rep. 11:12829 (2021); data: L. Kriener, J. Goeltz and M. Petrovici, NICE (2022).
"""

import argparse
from pathlib import Path

import numpy as np
from matplotlib import pyplot as plt

import spikesim as ss
from spikesim import learn

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--out", type=Path, default=Path("."), help="folder of the picture")
parser.add_argument("--quick", action="store_true", help="a smaller network, fewer samples and epochs")
parser.add_argument("--seeds", type=int, default=1, help="how many trainings; their mean is printed")
options = parser.parse_args()
options.out.mkdir(parents=True, exist_ok=True)
SAMPLES, HIDDEN, EPOCHS = (1500, 60, 8) if options.quick else (5000, 200, 40)


def train(seed):
    """Return the trained model, and the share of 1,000 other points that it has right."""
    x, classes = learn.yin_yang(SAMPLES, seed=seed).arrays()
    lif = ss.LIF.normalized(tau_m=20.0, t_ref=1.0)
    model = learn.Sequential(
        learn.TimeCode(60.0, last=30.0, always=(18.0,)),  # four coordinates, and a spike that tells the time
        learn.ExactSpiking(HIDDEN, lif, n_in=5, init=(1.5, 0.78), seed=3 * seed + 1),
        learn.ExactSpiking(3, lif, n_in=HIDDEN, init=(0.5, 0.1), seed=3 * seed + 2),
    )
    loss = learn.FirstSpikeLoss(tau_0=0.5)
    optimizer = learn.Adam(model.parameters(), lr=1e-2 if options.quick else 5e-3)
    rng = np.random.default_rng(seed)
    for _ in range(EPOCHS):
        for batch in np.array_split(rng.permutation(SAMPLES), SAMPLES // 32):
            optimizer.zero_grad()
            loss(model(x[batch]).first(), classes[batch]).backward()
            optimizer.step()
        optimizer.lr *= 0.92
    held, truth = learn.yin_yang(1000, seed=seed + 1000).arrays()
    return model, float((model(held).first().detach().numpy().argmin(axis=1) == truth).mean())


found = [train(seed) for seed in range(options.seeds)]
model, score = found[0][0], np.mean([right for _, right in found])
print(f"{score:.2%} right, mean of {options.seeds}: {', '.join(f'{right:.1%}' for _, right in found)}")
assert score > (0.75 if options.quick else 0.97)

# the answers over the disc, and one point in the simulator: the very same spikes
grid = np.stack(np.meshgrid(*[np.linspace(0.0, 1.0, 60 if options.quick else 120)] * 2), axis=-1).reshape(-1, 2)
grid = grid[np.hypot(*(grid - 0.5).T) <= 0.5]
times = model(np.concatenate([grid, 1.0 - grid], axis=1)).first().detach().numpy()
point = np.array([[0.3, 0.62, 0.7, 0.38]])
net = model.to_network(point)
for name in ("layer 1", "layer 2"):
    net.record(net[name], "spikes")
result = net.run(60.0, engine="event", progress=False)
assert np.allclose(np.asarray(result.spikes["layer 2"].times), model(point).values(), atol=1e-9)

figure, (left, right) = plt.subplots(1, 2, figsize=(9.5, 4.0), layout="constrained")
left.scatter(*grid.T, c=times.argmin(axis=1), cmap="viridis", s=4)
left.plot(*point[0, :2], "o", color="w", markeredgecolor="k")
left.set(aspect="equal", title=f"Who fires first: {score:.1%} right", xlabel="x", ylabel="y")
ss.plot.raster(result, ax=right)
right.set_title("The white point, in the event engine", loc="left", fontsize=10)
figure.savefig(options.out / "yin_yang.png", dpi=120)
