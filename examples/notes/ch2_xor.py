"""Section 2.1: XOR, the mapping that needs a hidden layer; the smallest net, two hidden units, from many seeds."""

import numpy as np
from beside import Page

from spikesim import learn

page = Page(__doc__)
data = learn.xor()
x, t = data.arrays()


def network(seed):
    """The 2-2-1 network of logistic units."""
    learn.manual_seed(seed)
    return learn.Sequential(
        learn.Linear(2, 2, init="default"), learn.Logistic(), learn.Linear(2, 1, init="default"), learn.Logistic()
    )


def trained(seed):
    net = network(seed)
    optimizer = learn.SGD(net.parameters(), lr=1.0, momentum=0.9)
    history = learn.fit(net, data, loss=learn.BCELoss(), optimizer=optimizer, epochs=400, batch_size=None)
    return net, history, int(np.sum((net(x).val > 0.5) == t))


seeds = range(4 if page.quick else 20)
results = [trained(seed) for seed in seeds]
solved = np.mean([right == 4 for *_, right in results])

page.section("XOR with two hidden units")
best = next(net for net, _, right in results if right == 4)
for (a, b), target, y in zip(x, t[:, 0], best(x).val[:, 0]):
    page.row(f"A = {a:.0f}, B = {b:.0f}: target | output y in [0, 1]", target, y, within=0.1)
page.claim(
    "all four right from at least 90 % of the seeds", solved >= 0.9 or page.quick, f"{solved:.0%} of {len(results)}"
)

flat = learn.Sequential(learn.Linear(2, 1, seed=0), learn.Logistic())  # no hidden layer
learn.fit(
    flat, data, loss=learn.BCELoss(), optimizer=learn.Adam(flat.parameters(), lr=0.1), epochs=400, batch_size=None
)
page.row(
    "without a hidden layer: E stays at ln 2", np.log(2.0), learn.evaluate(flat, data, learn.BCELoss())["loss"], 1e-3
)

left, right = page.panels(1, 2, size=(4.0, 3.3))
for _, history, number in results:
    left.semilogy(np.arange(1, len(history) + 1), history.loss, color="C0" if number == 4 else "C1", linewidth=0.8)
left.axhline(np.log(2.0), color="0.6", linestyle=":")
left.set(xlabel="epoch", ylabel="cross entropy", title=f"{len(results)} seeds (orange: caught in a local minimum)")
grid = np.linspace(-0.3, 1.3, 160)
gx, gy = np.meshgrid(grid, grid)
surface = right.contourf(gx, gy, best(np.stack([gx.ravel(), gy.ravel()], 1)).val.reshape(gx.shape), 20, cmap="RdBu_r")
for value, marker in ((0.0, "o"), (1.0, "s")):
    points = x[t[:, 0] == value]
    right.plot(points[:, 0], points[:, 1], marker, color="k", markerfacecolor="w", label=f"target {value:.0f}")
right.set(xlabel="A", ylabel="B", title="output y(A, B)", aspect="equal")
right.legend(loc="center", frameon=True)
page.figure.colorbar(surface, ax=right, ticks=[0, 0.5, 1])
page.done()
