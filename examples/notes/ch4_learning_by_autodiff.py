"""Sections 4.2.1 to 4.2.3: Algorithm 1 (gradient descent), the net of three operations, Algorithm 2, matrix AD."""

import numpy as np
from beside import Page

from spikesim import learn

page = Page(__doc__)


def algorithm_1(E, v, k, epochs, zero=True):
    """Gradient descent using AD: the lines of Algorithm 1, and the path of v."""
    cost = E(v)  # construct an expression graph for E
    path = [v.val.copy()]
    for _ in range(epochs):
        cost.evaluate()
        if zero:
            cost.zero_grad()
        cost.backward()
        v.val = v.val - k * v.grad
        path.append(v.val.copy())
    return np.array(path)


page.section("Algorithm 1", "minimum")
parabola = algorithm_1(lambda v: (v - 3.0) ** 2, learn.Var(-1.0), 0.1, 100)
page.row("min (v - 3)^2 from v = -1, k = 0.1", 3.0, parabola[-1], within=1e-8)
scale = np.array([1.0, 4.0])
bowl = algorithm_1(lambda v: (scale * (v - 1.0) ** 2).sum(), learn.Var([-1.0, 2.5]), 0.1, 100)
page.row("a bowl in two dimensions: distance from (1, 1)", 0.0, np.abs(bowl[-1] - 1.0).max(), within=1e-8)
forgot = algorithm_1(lambda v: (v - 3.0) ** 2, learn.Var(-1.0), 0.1, 100, zero=False)
page.claim("without setting gradients to zero it does not settle", abs(forgot[-1] - 3.0) > 0.1, f"v = {forgot[-1]:.3f}")

page.section(
    "the (very) small network of 4.2.2: a = identity, b = . W, c = logistic, d = mean 1/2 ||y - T||^2", "by hand"
)
X, T = np.array([[1.0, 2.0], [-1.0, 0.5]]), np.array([[1.0], [0.0]])
W = learn.Var([[0.1], [-0.2]])
a, b, c, d = learn.Identity(), lambda z: z @ W, learn.Logistic(), learn.MSELoss()
E = d(c(b(a(X))), T)
E.zero_grad()
E.backward()
y = 1.0 / (1.0 + np.exp([0.3, 0.2]))  # z = (0.1 - 0.4, -0.1 - 0.1) = (-0.3, -0.2)
delta = (y - [1.0, 0.0]) * y * (1.0 - y) / 2.0
page.row("E", 0.25 * np.sum((y - [1.0, 0.0]) ** 2), E.item(), within=1e-16, digits=".8f")
for k in range(2):
    page.row(f"W_{k + 1} after W <- W - κ grad_W E, κ = 0.5", W.val[k, 0] - 0.5 * X[:, k] @ delta,
             (W.val - 0.5 * W.grad)[k, 0], within=1e-16, digits=".8f")  # fmt: skip

page.section("Algorithm 2: XOR")
net = learn.Sequential(learn.Linear(2, 8, seed=3), learn.Tanh(), learn.Linear(8, 1, seed=4), learn.Logistic())
X, T = learn.xor().arrays()
Cost, kappa, losses = learn.BCELoss(), 0.5, []
for _ in range(300):
    y = net(X)
    loss = Cost(y, T)
    loss.zero_grad()
    loss.backward()
    for theta in net.parameters():
        theta.val = theta.val - kappa * theta.grad
    losses.append(loss.item())
page.row("rows of the table right", 4, np.sum((net(X).val > 0.5) == T), within=0)

page.section("4.2.3 matrix AD, s = dL/d(output)", "formula")
rng = np.random.default_rng(0)
A, B, s = learn.Var(rng.normal(size=(3, 4))), learn.Var(rng.normal(size=(4, 2))), rng.normal(size=(3, 2))
(A @ B).backward(s)
page.row("A . B: A gets s B^T, largest deviation", 0.0, np.abs(A.grad - s @ B.val.T).max(), within=0.0)
page.row("A . B: B gets A^T s", 0.0, np.abs(B.grad - A.val.T @ s).max(), within=0.0)
P, bias, s = learn.Var(rng.normal(size=(3, 4))), learn.Var(rng.normal(size=4)), rng.normal(size=(3, 4))
(P + bias).backward(s)
page.row("P + bias: P gets s", 0.0, np.abs(P.grad - s).max(), within=0.0)
page.row("... and the bias, broadcast over a batch, its sum", 0.0, np.abs(bias.grad - s.sum(axis=0)).max(), within=0.0)

left, right = page.panels(1, 2, size=(4.0, 3.0))
learn.plots.level_curves(lambda u, v: (u - 1) ** 2 + 4 * (v - 1) ** 2, (-1.5, 2.5), (-0.5, 3.0), bowl, ax=left)
left.set(xlabel="$v_1$", ylabel="$v_2$", title="Algorithm 1")
right.semilogy(losses)
right.set(xlabel="epoch", ylabel="cross entropy", title="Algorithm 2: XOR")
page.done()
