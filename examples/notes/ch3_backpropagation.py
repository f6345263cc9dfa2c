"""Section 3.2: error backpropagation on the 3-4-2 network, by the notes' formulas, against the tape."""

from itertools import pairwise

import numpy as np
from beside import Page

from spikesim import learn

page = Page(__doc__)
rng = np.random.default_rng(11)
x, t = rng.normal(size=3), np.array([1.0, 0.0])
W, a = rng.normal(size=(3, 4)), rng.normal(size=4)  # input x hidden, the convention of chapter 3
M, b = rng.normal(size=(4, 2)), rng.normal(size=2)

# the forward pass: input currents alpha of the hidden nodes, beta of the outputs
alpha = x @ W + a
h = 1.0 / (1.0 + np.exp(-alpha))
beta = h @ M + b
y = 1.0 / (1.0 + np.exp(-beta))
dE_dbeta = (y - t) * y * (1.0 - y)  # E = 1/2 ||y - t||^2 through the logistic
dh = h * (1.0 - h)

tape = {name: learn.Var(value, name=name) for name, value in {"W": W, "a": a, "M": M, "b": b}.items()}
hidden = learn.logistic(x @ tape["W"] + tape["a"])
E = learn.MSELoss()((learn.logistic(hidden @ tape["M"] + tape["b"])).reshape(1, 2), t[None])
E.backward()

page.section("the 3-4-2 network", "formula", "tape")
page.row("dE/dM_41 = dE/dbeta_1 h_4", dE_dbeta[0] * h[3], tape["M"].grad[3, 0], within=1e-16, digits=".10f")
by_hand = x[1] * dh[0] * (dE_dbeta[0] * M[0, 0] + dE_dbeta[1] * M[0, 1])
page.row("dE/dW_21 = x_2 h_1' (dE/dbeta . M_1)", by_hand, tape["W"].grad[1, 0], within=1e-16, digits=".10f")
dE_dalpha = dh * (dE_dbeta @ M.T)  # the notes' boxed line: Hadamard product with grad_beta E . M^T
off = np.abs(np.outer(x, dE_dalpha) - tape["W"].grad).max()
page.row("all of W: x^T grad_alpha E, largest deviation", 0.0, off, within=1e-15)
g = learn.backprop(x, [W, M], [a, b], ["logistic"] * 2, lambda y: y - t)
off = max(np.abs(g.weights[0] - tape["W"].grad).max(), np.abs(g.biases[1] - tape["b"].grad).max())
page.row("learn.backprop, layer by layer: deviation", 0.0, off, within=1e-15)
page.slip("the summary wants grad_z(l) E from grad_z(l+1) E; its sentence has the index l+1 on both sides")

page.section("a deep net 5-7-6-4-3, a batch of 16 rows", "wanted")
sizes, activations = (5, 7, 6, 4, 3), ["tanh", "logistic", "relu", "logistic"]
weights = [rng.normal(size=s) for s in pairwise(sizes)]
biases = [rng.normal(size=n) for n in sizes[1:]]
X, T = rng.normal(size=(16, 5)), rng.normal(size=(16, 3))
g = learn.backprop(X, weights, biases, activations, lambda y: (y - T) / 16)


def cost(*theta):
    """E of the batch, from the four weight matrices."""
    rows = X
    for w, bias, name in zip(theta, biases, activations):
        rows = getattr(learn, name)(rows @ w + bias)
    return learn.MSELoss()(rows, T)


matrices = [learn.Var(w) for w in weights]
cost(*matrices).backward()
off = max(np.abs(m.grad - w).max() / np.abs(w).max() for m, w in zip(matrices, g.weights))
page.row("relative deviation from the tape", 0.0, off, within=1e-14)
page.claim("tape against central differences, relative 1e-7", learn.gradcheck(cost, weights))
page.claim("section 1.7 writes W x, chapter 3 h W: Linear has (n_out, n_in)", learn.Linear(5, 7).weight.shape == (7, 5))

network, graph, left, right = page.panels(1, 4, size=(3.4, 3.7))
learn.draw_network([tape["W"], tape["M"]], ax=network)
network.set_title("the 3-4-2 network: $W$, then $M$")
alpha_1, M_1 = learn.Var(alpha[0], name="α₁"), [learn.Var(v, name=f"M₁{'₁₂'[j]}") for j, v in enumerate(M[0])]
h_1 = learn.logistic(alpha_1)
ys = [learn.logistic(h_1 * m) for m in M_1]
learn.draw_graph(ys[0] + ys[1], {"h₁": h_1, "y₁": ys[0], "y₂": ys[1]}, ax=graph)
graph.set_title(r"on what $E$ depends through $\alpha_1$")
reach = np.abs(tape["W"].grad).max()
image = left.imshow(tape["W"].grad, cmap="RdBu", vmin=-reach, vmax=reach)
left.set(title=r"$\partial E/\partial W$", xlabel="hidden node", ylabel="input", xticks=[], yticks=[])
page.figure.colorbar(image, ax=left, shrink=0.6)
for k, (m, w) in enumerate(zip(matrices, g.weights)):
    right.plot(w.ravel(), m.grad.ravel(), ".", label=f"$W^{{({k + 1})}}$")
right.axline((0, 0), slope=1, color="0.7", linewidth=0.8, zorder=0)
right.set(xlabel="by the formulas of section 3.2", ylabel="by the tape", title="the deep net")
page.done()
