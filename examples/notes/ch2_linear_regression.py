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
line = np.linspace(-1.0, 1.0, 50)
left.plot(x[:, 0], t[:, 0] - x[:, 1] * found[1], "o", markersize=3.5, label="samples, less $w_2 x_2$")
left.plot(line, found[0] * line + found[2], label="linear regression")
left.set(xlabel="$x_1$", ylabel="t", title="regression: y, t in a range of values")
shown = [np.flatnonzero(classes == d)[0] for d in table]
tiles = np.pad(digits.arrays()[0][shown].reshape(2, 3, 8, 8), ((0, 0), (0, 0), (1, 1), (1, 1)))
right.imshow(tiles.transpose(0, 2, 1, 3).reshape(20, 30), cmap="gray_r")
right.set(title="classification: " + ", ".join(str(d) for d in table), yticks=[], xticks=[])
right.spines[:].set_visible(False)
page.done()
