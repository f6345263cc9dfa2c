"""Section 3.1.2: the gradient by finite differences, on the notes' network of logistic units with cross entropy.

The figure of the network is lost; this 2-2-1 net gives back every number that the notes print for it.
"""

import numpy as np
from beside import Page

from spikesim import learn

page = Page(__doc__)
x, t = np.array([0.6, 1.0]), 1.0
a, M, b = np.array([0.655, -0.182]), np.array([[0.279], [0.099]]), np.array([-1.035])
logistic = ["logistic", "logistic"]


def weights(theta):
    """W is input x hidden, as in chapter 3; theta_1 is its first entry."""
    return [np.array([[theta, 0.897], [-0.376, -0.153]]), M]


def output(theta):
    return learn.forward(x, weights(theta), [a, b], logistic)[0][-1][0]


def E(theta):
    return learn.BCELoss()([output(theta)], [t]).item()


page.section("the network of section 3.1.2")
for theta, y, cost in ((-0.509, 0.301, 1.201), (-0.409, 0.302, 1.198), (-0.609, 0.300, 1.204)):
    page.row(f"y at theta_1 = {theta}", y, output(theta), within=5e-4, digits=".3f")
    page.row(f"E({theta})", cost, E(theta), within=5e-4, digits=".3f")
page.slip("y = 0.302 for theta_1 = -0.609; their own E = 1.204 = -ln y means y = 0.300")
central = float(learn.finite_difference(E, -0.509, step=0.1))
page.row("dE/dtheta_1 by central differences, step 0.1", -0.0292, central, within=5e-5, digits=".6f")
page.row("... with all digits", -0.029242, central, within=5e-7, digits=".6f")

page.section("the same derivative exactly: backpropagation (section 3.2) and automatic differentiation", "wanted")
by_hand = learn.backprop(x, weights(-0.509), [a, b], logistic, lambda y: y - t, at="z").weights[0][0, 0]
page.row("backprop", -0.029251, by_hand, within=5e-7, digits=".6f")
W = learn.Var(weights(-0.509)[0])
cost = learn.BCELoss()(learn.logistic(learn.logistic(x @ W + a) @ M + b), [t])
cost.backward()
page.row("backprop | automatic differentiation", by_hand, W.grad[0, 0], within=1e-16, digits=".12f")
theta = -0.509
for _ in range(3):
    theta -= 1.0 * float(learn.finite_difference(E, theta, step=0.1))
page.claim("theta_1 <- theta_1 - k (-0.0292) lowers E (three steps, k = 1)", E(theta) < E(-0.509), f"{E(theta):.4f}")

left, right = page.panels(1, 2, size=(4.0, 3.1))
line = np.linspace(-0.7, -0.3, 81)
left.plot(line, [E(v) for v in line], label=r"$E(\theta_1)$")
left.plot([-0.609, -0.409], [E(-0.609), E(-0.409)], "o-", label=f"slope {central:.4f} over ±0.1")
left.axvline(-0.509, color="0.7", linestyle=":")
left.locator_params(axis="x", nbins=5)
left.set(xlabel=r"$\theta_1$", ylabel="cross entropy E", title="central differences")
steps = np.logspace(-12, -0.5, 60)
errors = [abs(float(learn.finite_difference(E, -0.509, step=h)) / by_hand - 1.0) for h in steps]
right.loglog(steps, np.maximum(errors, 1e-13), ".", label="relative error")
right.loglog(steps[25:], errors[-1] * (steps[25:] / steps[-1]) ** 2, "--", label="order 2")
right.axvline(0.1, color="0.7", linestyle=":")
right.set(xlabel=r"step $\Delta\theta$", title="truncation on the right, rounding on the left")
page.done()
