"""Section 2.1: regression and classification; linear regression by descent against the normal equations."""

import numpy as np
from beside import Page

from spikesim import learn

page = Page(__doc__)
rng = np.random.default_rng(1)
x = rng.uniform(-1.0, 1.0, (60, 2))
t = x @ np.array([[1.5], [-0.8]]) + 0.4 + rng.normal(0.0, 0.2, (60, 1))

# the normal equations, with the bias as the weight of a constant input 1: (X^T X) theta = X^T t
X = np.concatenate([x, np.ones((60, 1))], axis=1)
exact = np.linalg.solve(X.T @ X, X.T @ t).ravel()

# min over theta of E_x[L(f(x; theta), t)] by gradient descent on one Linear layer and the squared error
net = learn.Sequential(learn.Linear(2, 1, seed=0))
path = []
for _ in range(5):
    optimizer = learn.SGD(net.parameters(), lr=0.9, momentum=0.3)
    path.append(np.concatenate([net[0].weight.val.ravel(), net[0].bias.val]))
    history = learn.fit(net, (x, t), loss=learn.MSELoss(), optimizer=optimizer, epochs=40, batch_size=None)
found = np.concatenate([net[0].weight.val.ravel(), net[0].bias.val])

page.section("linear regression, 60 samples", "normal equ.", "descent")
for name, a, b in zip(("w_1", "w_2", "bias"), exact, found):
    page.row(name, a, b, within=1e-9, digits=".9f")
mean = np.mean([0.5 * float((net(row).item() - target) ** 2) for row, target in zip(x, t[:, 0])])
page.row("E is the mean of L over the data", mean, learn.evaluate(net, (x, t), learn.MSELoss())["loss"], within=1e-14)

page.section("classification: class indices and one-hot targets")
digits = learn.digits()
classes = digits.classes().val
table = {7: "[0 0 0 0 0 0 0 1 0 0]", 0: "[1 0 0 0 0 0 0 0 0 0]", 6: "[0 0 0 0 0 0 1 0 0 0]",
         5: "[0 0 0 0 0 1 0 0 0 0]", 4: "[0 0 0 0 1 0 0 0 0 0]", 9: "[0 0 0 0 0 0 0 0 0 1]"}  # fmt: skip
for digit, printed in table.items():
    ours = str(np.eye(10, dtype=int)[classes][np.flatnonzero(classes == digit)[0]])
    page.claim(f"{digit} -> {printed}", ours == printed, ours)
page.claim("the ten classes of CIFAR-10", learn.CIFAR10_CLASSES[:3] == ("airplane", "automobile", "bird"), "10")

left, right = page.panels(1, 2, size=(4.2, 3.2))
line = np.linspace(-1.0, 1.0, 2)
one = x[:25, 0]
level = t[:25, 0] - x[:25, 1] * found[1]  # at x_2 = 0
left.plot([one, one], [level, found[0] * one + found[2]], color="0.7", linewidth=0.8, zorder=1)
left.plot(one, level, "o", color="C0", markersize=4, label="target t (25 samples)")
left.plot(line, found[0] * line + found[2], color="C1", label="y = w x + b")
left.legend(frameon=False, loc="upper left")
left.set(xlabel="x", ylabel="t, y", title="regression: the squares of the grey distances")
shown = [np.flatnonzero(classes == d)[0] for d in table]
for k, (row, digit) in enumerate(zip(digits.arrays()[0][shown], table)):
    x0, y0 = k % 3 * 10, 13 - k // 3 * 13
    right.imshow(row.reshape(8, 8), cmap="gray_r", extent=(x0, x0 + 8, y0, y0 + 8))
    right.text(x0 + 4, y0 - 0.6, f"class {digit}", ha="center", va="top", fontsize=8)
right.set(title="classification: which of ten?", yticks=[], xticks=[], xlim=(-1, 29), ylim=(-3, 22))
right.spines[:].set_visible(False)
page.done()
