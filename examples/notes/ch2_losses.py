"""Section 2.3: squared error, cross entropy, categorical cross entropy, and the activation each one goes with."""

import numpy as np
from beside import Page

from spikesim import learn

page = Page(__doc__)


def slope(loss, activation, z, t):
    """Return dE/dz through the activation."""
    z = learn.Var(z)
    loss(activation(z), t).backward()
    return z.grad


rng = np.random.default_rng(0)
y, t = rng.normal(size=(8, 3)), rng.normal(size=(8, 3))
page.section("squared error, L = 1/2 ||y - t||^2, E its mean over N = 8 samples", "wanted")
page.row("E", np.mean([0.5 * np.sum((a - b) ** 2) for a, b in zip(y, t)]), learn.MSELoss()(y, t).item(), 1e-15)
off = np.abs(slope(learn.MSELoss(), learn.Identity(), y, t) - (y - t) / 8).max()
page.row("dE/dy = (y - t)/N, linear output: largest deviation", 0.0, off, within=1e-16)

page.section("Bernoulli cross entropy, L = -(t ln y + (1 - t) ln(1 - y)), with logistic", "wanted")
page.row("y = 0.8, t = 1: -ln 0.8", -np.log(0.8), learn.BCELoss()([0.8], [1.0]).item(), within=1e-15)
page.row("y = 0.8, t = 0: -ln 0.2", -np.log(0.2), learn.BCELoss()([0.8], [0.0]).item(), within=1e-15)
z, binary = rng.normal(size=(8, 1)) * 3, rng.integers(2, size=(8, 1)).astype(float)
off = np.abs(slope(learn.BCELoss(), learn.Logistic(), z, binary) - (learn.logistic(z).val - binary) / 8).max()
page.row("dE/dz = (y - t)/N through the logistic: deviation", 0.0, off, within=1e-16)
edge = learn.Var(np.array([[0.0], [1.0]]))
E = learn.BCELoss()(edge, [[1.0], [0.0]])
E.backward()
page.claim(
    "finite at y = 0 and 1, value and gradient",
    np.isfinite(E.item()) and np.isfinite(edge.grad).all(),
    f"E {E.item():.4g}",
)
steep = slope(learn.BCELoss(), learn.Logistic(), np.array([[1e4], [-1e4]]), [[0.0], [1.0]]).ravel()
page.claim("right at |z| = 1e4: dE/dz = (y - t)/2", np.array_equal(steep, [0.5, -0.5]), f"{steep}")

page.section("categorical cross entropy, L = -sum_k t_k ln y_k, with SoftMax")
printed = [0.2, 0.1, 0.4, 0.3]
ours = learn.CategoricalCrossEntropyLoss()(printed, [0, 0, 1, 0]).item()
page.row("y = [0.2, 0.1, 0.4, 0.3], class 3: -ln 0.4", 0.9163, ours, within=5e-5)
z, classes = rng.normal(size=(8, 4)), rng.integers(4, size=8)
off = slope(learn.CategoricalCrossEntropyLoss(), learn.Softmax(), z, np.eye(4)[classes])
off = np.abs(off - (learn.softmax(z).val - np.eye(4)[classes]) / 8).max()
page.row("dE/dz = (y - t)/N through SoftMax: deviation", 0.0, off, within=1e-16)
two = learn.NLLLoss()(learn.LogSoftmax()(z), classes).item()
page.row("CrossEntropy of z = NLL of LogSoftmax", two, learn.CrossEntropyLoss()(z, classes).item(), within=1e-15)

left, right = page.panels(1, 2, size=(3.9, 3.0))
y = np.linspace(0.001, 0.999, 500)
for target in (0.0, 1.0):
    left.plot(y, learn.BCELoss(reduction="none")(y, np.full(500, target)).val, label=f"cross entropy, t = {target:.0f}")
left.plot(y, learn.MSELoss(reduction="none")(y[:, None], np.ones((500, 1))).val, "--", label="squared error, t = 1")
left.set(xlabel="output y", ylabel="L(y, t)", ylim=(0, 5), title="loss against output")
z = np.linspace(-8.0, 8.0, 400)[:, None]
for loss, style in ((learn.BCELoss("sum"), "-"), (learn.MSELoss("sum"), "--")):
    right.plot(z, slope(loss, learn.Logistic(), z, np.ones_like(z)), style, label=type(loss).__name__)
right.set(xlabel="input current z", ylabel="dL/dz, t = 1", title="through the logistic")
page.done()
