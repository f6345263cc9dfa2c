"""Chapter 3 and section 4.2.2: finite differences, backprop by hand, one step by hand.

Truths: the notes' numbers (the network of the lost figure is rebuilt in the checklist's recipe), hand
formulas.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from spikesim import learn

X = np.array([0.6, 1.0])
A, M, B, T = np.array([0.655, -0.182]), np.array([[0.279], [0.099]]), np.array([-1.035]), np.array([1.0])


def output(theta):
    """The 2-2-1 network of section 3.1.2 with logistic nodes; theta is theta_1."""
    w = np.array([[theta, 0.897], [-0.376, -0.153]])
    return learn.forward(X, [w, M], [A, B], ["logistic", "logistic"])[0][-1]


def cross_entropy(theta):
    return -float(np.log(output(theta)[0]))  # t = 1


def test_finite_differences_of_the_notes():
    assert output(-0.509)[0] == pytest.approx(0.301, abs=5e-4) and cross_entropy(-0.509) == pytest.approx(
        1.201, abs=5e-4
    )
    assert output(-0.409)[0] == pytest.approx(0.302, abs=5e-4) and cross_entropy(-0.409) == pytest.approx(
        1.198, abs=5e-4
    )
    # the notes print y = 0.302 for -0.609, a slip: their own E = 1.204 means 0.300
    assert output(-0.609)[0] == pytest.approx(0.300, abs=5e-4) and cross_entropy(-0.609) == pytest.approx(
        1.204, abs=5e-4
    )
    assert learn.finite_difference(cross_entropy, -0.509, step=0.1) == pytest.approx(-0.029242, abs=5e-7)
    assert round(float(learn.finite_difference(cross_entropy, -0.509, step=0.1)), 4) == -0.0292


def test_backprop_of_the_same_network():
    w = np.array([[-0.509, 0.897], [-0.376, -0.153]])
    g = learn.backprop(X, [w, M], [A, B], ["logistic"] * 2, lambda y: y - T, at="z")
    assert g.weights[0][0, 0] == pytest.approx(-0.029251, abs=5e-7)
    assert g.weights[0][0, 0] == pytest.approx(learn.finite_difference(cross_entropy, -0.509, step=1e-4), rel=1e-7)


def test_central_differences_are_of_second_order():
    exact = np.cos(0.7)
    errors = [abs(float(learn.finite_difference(np.sin, 0.7, step=h)) - exact) for h in (1e-2, 5e-3)]
    assert errors[0] / errors[1] == pytest.approx(4.0, rel=1e-3)


def random_network(sizes, activations, batch, rng):
    weights = [rng.normal(size=s) for s in pairwise(sizes)]
    biases = [rng.normal(size=n) for n in sizes[1:]]
    return weights, biases, rng.normal(size=(batch, sizes[0])), rng.normal(size=(batch, sizes[-1]))


def test_3_4_2_network_by_the_notes_formulas():
    rng = np.random.default_rng(0)
    (w, m), (a, b), x, t = random_network((3, 4, 2), None, 1, rng)
    x, t = x[0], t[0]
    h, _ = learn.forward(x, [w, m], [a, b], ["logistic", "logistic"])
    d_beta = (h[2] - t) * h[2] * (1 - h[2])  # dE/dbeta for E = 1/2 ||y - t||^2
    by_hand_m41 = d_beta[0] * h[1][3]
    slope_1 = h[1][0] * (1 - h[1][0])
    by_hand_w21 = x[1] * slope_1 * sum(d_beta[j] * m[0, j] for j in range(2))
    wv, mv = learn.Var(w), learn.Var(m)
    y = learn.logistic(learn.logistic(x @ wv + a) @ mv + b)
    e = 0.5 * ((y - t) ** 2).sum()
    e.backward()
    assert mv.grad[3, 0] == pytest.approx(by_hand_m41, rel=1e-14)
    assert wv.grad[1, 0] == pytest.approx(by_hand_w21, rel=1e-14)


@pytest.mark.parametrize("batch", [1, 7])
@pytest.mark.parametrize("activation", ["logistic", "tanh", "relu", "arctan", "softplus"])
def test_explicit_backprop_equals_tape_and_differences(batch, activation):
    rng = np.random.default_rng(1)
    activations = [activation, activation, "positive"]
    weights, biases, x, t = random_network((4, 5, 3, 2), activations, batch, rng)
    g = learn.backprop(x, weights, biases, activations, lambda y: (y - t) / batch)
    vw, vb = [learn.Var(w) for w in weights], [learn.Var(b) for b in biases]
    h = x
    for w, b, kind in zip(vw, vb, activations):
        h = learn.apply(kind, h @ w + b)
    learn.MSELoss()(h, t).backward()
    for mine, var in zip(g.weights + g.biases, vw + vb):
        assert mine == pytest.approx(var.grad, rel=1e-12, abs=1e-14)

    def error(w0):
        y = learn.forward(x, [w0, *weights[1:]], biases, activations)[0][-1]
        return 0.5 * np.mean(np.sum((y - t) ** 2, axis=1))

    assert g.weights[0] == pytest.approx(learn.finite_difference(error, weights[0], 1e-5), rel=1e-7, abs=1e-9)


def test_both_conventions_are_one_network():
    """W x + b of section 1.7 (a Linear stores it) and h W + b of chapter 3."""
    net = learn.Sequential(learn.Linear(3, 4, seed=1), learn.Logistic(), learn.Linear(4, 2, seed=2))
    weights, biases = learn.as_rows(net)
    x = np.random.default_rng(0).normal(size=(5, 3))
    assert net(x).val == pytest.approx(learn.forward(x, weights, biases, ["logistic", "positive"])[0][-1], abs=1e-15)
    first = net[0]
    columns = first.weight.val @ x.T + first.bias.val[:, None]
    augmented = learn.augmented(first.weight, first.bias) @ np.concatenate([x.T, np.ones((1, 5))])
    assert first(x).val.T == pytest.approx(columns, abs=1e-15) and augmented == pytest.approx(columns, abs=1e-15)


def test_tiny_network_by_hand():
    """Section 4.2.2: E = d(c(b(a(X))), T), one step W <- W - kappa dE/dW with numbers worked out on paper."""
    x, t, w, kappa = np.array([[1.0, 2.0]]), np.array([[0.0]]), learn.Var([[0.5], [-0.25]]), 0.1
    z = x @ w  # 0.5 - 0.5 = 0
    y = learn.logistic(z)  # 1/2
    e = learn.MSELoss()(y, t)  # 1/8
    assert (z.item(), y.item(), e.item()) == (0.0, 0.5, 0.125)
    e.zero_grad()
    e.backward()
    assert w.grad.tolist() == [[0.125], [0.25]]  # y (y - t)(1 - y) x
    w.val = w.val - kappa * w.grad
    assert w.tolist() == [[0.4875], [-0.275]]


def test_algorithm_2_learns_xor():
    x, t = learn.xor().arrays()
    net = learn.Sequential(
        learn.Linear(2, 4, init="normal", seed=3), learn.Tanh(), learn.Linear(4, 1, seed=4), learn.Logistic()
    )
    cost = learn.BCELoss()
    for _ in range(400):
        y = net(x)
        loss = cost(y, t)
        loss.zero_grad()
        loss.backward()
        with learn.no_grad():
            for theta in net.parameters():
                theta -= 1.0 * theta.grad
    assert ((net(x).val > 0.5) == (t > 0.5)).all() and loss.item() < 0.05
