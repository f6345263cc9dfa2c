"""Section 6.1: vanishing gradients; slopes of the logistic, the deep chain, and gradient norms over the layers."""

import numpy as np
from beside import Page

from spikesim import learn

page = Page(__doc__)


def slope(z):
    """Return sigma(z) and sigma'(z) of the logistic."""
    point = learn.Var(z)
    y = learn.logistic(point)
    y.backward()
    return y.item(), float(point.grad)


page.section("one output node")
for z, y, dy in ((5.0, 0.9933, 0.0066), (0.1, 0.525, 0.249), (4.0, 0.982, 0.0177)):
    page.row(f"σ({z:g})", y, slope(z)[0], within=5e-4, digits=".6f")
    page.row(f"σ'({z:g})", dy, slope(z)[1], within=5e-4, digits=".6f")
page.row('"almost 40 times bigger"', 40.0, slope(0.1)[1] / slope(5.0)[1], within=3.0)
page.row("0.0177 x 0.01, the factor on W^T", 0.000177, slope(4.0)[1] * 0.01, within=5e-7)
page.row("steepest slope, at z = 0", 0.25, slope(0.0)[1], within=0.0)

page.section("the deep chain: dE/dz(1) = (y - t) W4 σ'(z4) W3 σ'(z3) W2 σ'(z2) W1 σ'(z1)", "formula", "tape")
rng = np.random.default_rng(3)
W, b, t = rng.normal(size=4) * 1.5, rng.normal(size=5) * 0.5, 1.0
currents = [learn.Var(0.3)]
for k in range(4):
    currents.append(learn.logistic(currents[-1]) * W[k] + b[k])
y = learn.logistic(currents[-1])
learn.BCELoss()(y, t).backward()
product = y.item() - t
page.row("dE/dz(5) = y - t", product, currents[4].grad, within=1e-16, digits=".12f")
for k in range(3, -1, -1):
    product *= W[k] * slope(currents[k].item())[1]
    page.row(f"dE/dz({k + 1})", product, currents[k].grad, within=1e-16, digits=".12f")

page.section("a deep network, 4 nodes a layer: norm of grad_z E, first layer over last", "before", "ratio")


def deep(activation, depth=12, init="default"):
    learn.manual_seed(2)
    layers = [part for _ in range(depth) for part in (learn.Linear(4, 4, init=init), activation)]
    return learn.Sequential(*layers, learn.Linear(4, 1))


x, t = rng.normal(size=(200, 4)), rng.normal(size=(200, 1))
cases = {"logistic": (learn.Logistic(), "default"), "tanh": (learn.Tanh(), "default")}
cases |= {"ReLU": (learn.ReLU(), "he"), "LIF rate": (learn.LIFRate(gamma=0.3), None)}
norms = {}
for name, (activation, init) in cases.items():
    net = deep(activation, init=init)
    norms[name] = learn.layer_gradient_norms(net, x, t, learn.MSELoss())
    page.row(f"{name}", norms[name][-1], norms[name][0] / norms[name][-1], digits=".3g")
net = deep(cases["logistic"][0])
matrices = [layer.weight.val for layer in net if isinstance(layer, learn.Linear)]
ratios = norms["logistic"][:-1] / norms["logistic"][1:]
limits = [0.25 * np.linalg.norm(w, 2) for w in matrices[1:]]
page.claim(
    "each layer shrinks it by at least 1/4 ||W||: ratios within the bound",
    np.all(ratios <= np.array(limits) * (1 + 1e-12)),
)
page.claim("the logistic's gradient vanishes", norms["logistic"][0] < 1e-6 * norms["logistic"][-1])

left, right = page.panels(1, 2, size=(4.2, 3.2))
z = learn.Var(np.linspace(-8, 8, 400))
y = learn.logistic(z)
y.sum().backward()
left.plot(z.val, y.val, label="σ(z)")
left.plot(z.val, z.grad, label="σ'(z), at most 1/4")
left.plot([5, 4, 0.1], [slope(v)[1] for v in (5.0, 4.0, 0.1)], "ko", markersize=4, label="z = 0.1, 4, 5")
left.set(xlabel="input current z", title="slope of the logistic")
for name, values in norms.items():
    learn.plots.gradient_norms(values, ax=right, label=name)
right.set(title="12 hidden layers of 4 nodes")
page.done()
