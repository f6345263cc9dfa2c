"""Section 6.2: exploding gradients; weights 8 and biases -4 keep every input current at 0, and each layer doubles."""

import numpy as np
from beside import Page

from spikesim import learn

page = Page(__doc__)


def chain(w, b, layers=5, z1=0.0):
    """Return the input currents of a chain of logistic nodes, with gradients; dE/dz of the last is 1."""
    currents = [learn.Var(z1)]
    for _ in range(layers - 1):
        currents.append(learn.logistic(currents[-1]) * w + b)
    currents[-1].backward()
    return currents


page.section("w = 8, b = -4, five layers")
z = chain(8.0, -4.0)
for k, current in enumerate(z):
    page.row(f"input current z({k + 1})", 0.0, current.item(), within=0.0)
page.row("a layer's factor: 1/4 x 8", 2.0, z[3].grad / z[4].grad, within=0.0)
page.row("dE/dz(1) / dE/dz(5)", 16.0, z[0].grad / z[4].grad, within=0.0)

page.section("more layers, and other weights with the bias -w/2 that keeps z at 0")
page.row("30 layers: 2^29", 2.0**29, chain(8.0, -4.0, layers=30)[0].grad, within=0.0, digits=".0f")
page.row("w = 4: neither grows nor shrinks", 1.0, chain(4.0, -2.0)[0].grad, within=0.0)
page.row("w = 2: vanishes, 2^-4", 0.0625, chain(2.0, -1.0)[0].grad, within=0.0)
page.claim(
    "rare: off the sweet spot (b = 0) it vanishes", chain(8.0, 0.0)[0].grad < 0.01, f"{chain(8.0, 0.0)[0].grad:.2g}"
)

left, right = page.panels(1, 2, size=(4.0, 3.1))
for w in (8.0, 6.0, 4.0, 2.0):
    left.semilogy(
        np.arange(1, 11), [abs(v.grad) for v in chain(w, -w / 2, layers=10)], "o-", markersize=4, label=f"w = {w:g}"
    )
left.set(xlabel="layer", ylabel=r"$\partial E/\partial z$ relative to the last layer", title="b = -w/2: every z is 0")
biases = np.linspace(-8.0, 0.0, 321)
for w in (8.0, 6.0, 4.0):
    right.semilogy(biases, [abs(chain(w, b)[0].grad) for b in biases], label=f"w = {w:g}")
right.axhline(1.0, color="0.7", linewidth=0.8)
right.set(
    xlabel="bias b",
    ylabel=r"$|\partial E/\partial z^{(1)}|$, 5 layers",
    ylim=(1e-7, 1e2),
    title="only in the sweet spot",
)
page.done()
