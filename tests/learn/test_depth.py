"""Sections 6.1 and 6.2: vanishing and exploding gradients.  Truths: the notes' numbers, the product
formula."""

from __future__ import annotations

import numpy as np
import pytest

from spikesim import learn


def sigma(z):
    return learn.Logistic()(learn.Var(float(z)))


def slope(z):
    v = learn.Var(float(z))
    learn.logistic(v).backward()
    return float(v.grad)


def test_slopes_of_the_notes():
    assert sigma(5).item() == pytest.approx(0.993307, abs=5e-7) and slope(5) == pytest.approx(0.006648, abs=5e-7)
    assert sigma(0.1).item() == pytest.approx(0.524979, abs=5e-7) and slope(0.1) == pytest.approx(0.249376, abs=5e-7)
    assert sigma(4).item() == pytest.approx(0.982014, abs=5e-7) and slope(4) == pytest.approx(0.017663, abs=5e-7)
    assert slope(0.1) / slope(5) == pytest.approx(37.51, abs=5e-3)  # "almost 40 times"
    assert slope(4) * 0.01 == pytest.approx(0.000177, abs=5e-7)
    assert slope(0) == 0.25 == max(slope(z) for z in np.linspace(-5, 5, 101))


def chain(weights, biases):
    layers = []
    for w, b in zip(weights, biases):
        layer = learn.Linear(1, 1, dtype=np.float64)
        layer.weight.val, layer.bias.val = [[w]], [b]
        layers += [layer, learn.Logistic()]
    return learn.Sequential(*layers)


def test_product_formula_of_the_deep_chain():
    """dE/dz1 = (y - t) W4 s'(z4) W3 s'(z3) W2 s'(z2) W1 s'(z1) for five nodes in a row, E cross entropy."""
    rng = np.random.default_rng(0)
    w, b = rng.normal(size=5), rng.normal(size=5)
    net = chain(w, b)
    norms = learn.layer_gradient_norms(net, np.array([[0.7]]), np.array([[1.0]]), learn.BCELoss())
    h, z = np.array([[0.7]]), []
    for wk, bk in zip(w, b):
        z.append(float(h.item() * wk + bk))
        h = sigma(z[-1]).val.reshape(1, 1)
    expected = [abs(h.item() - 1.0)]
    for k in (3, 2, 1, 0):
        expected.insert(0, expected[0] * abs(w[k + 1]) * slope(z[k]))
    assert norms == pytest.approx(expected, rel=1e-13)
    assert all(p.grad.sum() == 0.0 for p in net.parameters())  # left as they were


def test_exploding_factor_is_exactly_16():
    """W = 8, b = -4, all input currents 0: a factor 8/4 = 2 a layer, 2^4 over four."""
    net = chain([8.0] * 5, [-4.0] * 5)
    norms = learn.layer_gradient_norms(net, np.array([[0.5]]), np.array([[1.0]]), learn.BCELoss())
    assert norms[0] == 16.0 * norms[4] and norms.tolist() == [8.0, 4.0, 2.0, 1.0, 0.5]


def deep(activation, depth=8, seed=0):
    layers = []
    for k in range(depth):
        layers += [learn.Linear(4, 4, seed=100 * seed + k), activation()]
    return learn.Sequential(*layers)


def test_norms_shrink_with_depth():
    """Four nodes a layer: successive norms shrink by at least ||W||_2 / 4."""
    rng = np.random.default_rng(1)
    x, t = rng.normal(size=(1, 4)), rng.normal(size=(1, 4))
    for seed in range(5):
        net = deep(learn.Logistic, seed=seed)
        norms = learn.layer_gradient_norms(net, x, t, learn.MSELoss())
        bounds = [np.linalg.norm(net[2 * k + 2].weight.val, 2) / 4.0 for k in range(7)]
        assert np.all(norms[:-1] / norms[1:] <= np.array(bounds) * (1 + 1e-12))
        assert norms[0] < 1e-4 * norms[-1]


def test_relu_and_lif_rates_vanish_less():
    rng = np.random.default_rng(1)
    x, t = rng.normal(size=(20, 4)), rng.normal(size=(20, 4))

    def ratio(activation):
        runs = [learn.layer_gradient_norms(deep(activation, seed=s), x, t, learn.MSELoss()) for s in range(20)]
        return np.median([n[0] / n[-1] for n in runs if n[-1] > 0.0])  # a layer of dead ReLUs passes nothing

    assert ratio(learn.ReLU) > 10.0 * ratio(learn.Logistic) and ratio(learn.LIFRate) > 10.0 * ratio(learn.Logistic)


def test_norms_are_plotted():
    import matplotlib

    matplotlib.use("Agg")
    ax = learn.plots.gradient_norms([1.0, 2.0, 4.0], label="logistic")
    assert list(ax.lines[0].get_ydata()) == [1.0, 2.0, 4.0] and ax.get_yscale() == "log"
