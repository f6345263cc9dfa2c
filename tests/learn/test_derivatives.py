"""Second derivatives and Jacobians.  Truths: closed forms, and central differences of the first derivatives."""

from __future__ import annotations

import numpy as np
import pytest

from spikesim import learn
from spikesim.errors import InvalidValueError, StateError
from spikesim.learn.autodiff.rules import RULES
from spikesim.learn.autodiff.tape import apply

from .test_rules import CASES

ONCE = {"lif_rate", "conv2d", "max_pool2d"}


@pytest.mark.parametrize("name", [n for n in RULES if n not in ONCE])
def test_every_rule_can_be_differentiated_twice(name):
    """The directional second derivative by the tape and by central differences of the first."""
    rule = RULES[name]
    if rule.again == ():
        pytest.skip("has no second derivative, and says so")
    rng = np.random.default_rng(3)
    for values, options in CASES[name]:
        values = [np.array(v, dtype=float) for v in values]
        weights = np.cos(1.0 + np.arange(np.size(apply(name, *values, **options)._val)))

        def first(arrays, create_graph=False, weights=weights, options=options):
            leaves = [learn.Var(a) for a in arrays]
            y = (apply(name, *leaves, **options).reshape(-1) * weights).sum()
            return leaves, learn.grad(y, leaves, create_graph=create_graph)

        directions = [rng.normal(size=v.shape) for v in values]
        leaves, slopes = first(values, create_graph=True)
        total = sum((g * d).sum() for g, d in zip(slopes, directions))
        if not total.requires_grad:  # linear: no second derivative at all
            second = [np.zeros(v.shape) for v in values]
        else:
            second = [g.detach().val for g in learn.grad(total, leaves)]
        h = 1e-5
        up = first([v + h * d for v, d in zip(values, directions)])[1]
        down = first([v - h * d for v, d in zip(values, directions)])[1]
        for got, a, b in zip(second, up, down):
            numeric = (a.val - b.val) / (2.0 * h)
            assert got == pytest.approx(numeric, abs=2e-6 * max(1.0, np.max(np.abs(numeric), initial=0.0))), options


@pytest.mark.parametrize("name", sorted(ONCE))
def test_what_has_no_second_derivative_says_so(name):
    values, options = CASES[name][0]
    leaves = [learn.Var(v) for v in values]
    y = apply(name, *leaves, **options).sum()
    assert len(learn.grad(y, leaves)) == len(leaves)
    with pytest.raises(StateError, match=f"{name} has no second derivative"):
        learn.grad(y, leaves, create_graph=True)


def test_gradients_leave_the_vars_alone():
    x = learn.Var([1.0, 2.0])
    y = (x * x).sum()
    assert learn.grad(y, x).val.tolist() == [2.0, 4.0] and x._grad is None
    other = learn.Var(3.0)
    assert learn.grad(y, [x, other])[1].val == 0.0
    with pytest.raises(InvalidValueError, match="scalar"):
        learn.grad(x * x, x)
    with pytest.raises(StateError, match="require grad"):
        learn.grad(x.detach(), x)


def test_jacobian_and_hessian():
    A = np.random.default_rng(0).normal(size=(3, 2))
    assert learn.jacobian(lambda x: A @ x, [1.0, -1.0]) == pytest.approx(A)
    z = np.array([0.2, -0.4, 1.0])
    p = np.exp(z) / np.exp(z).sum()
    assert learn.jacobian(learn.softmax, z) == pytest.approx(np.diag(p) - np.outer(p, p))
    H = learn.hessian(lambda v: 100.0 * (v[1] - v[0] ** 2) ** 2 + (1.0 - v[0]) ** 2, [1.0, 1.0])  # Rosenbrock
    assert H == pytest.approx(np.array([[802.0, -400.0], [-400.0, 200.0]]))
    assert learn.hessian(lambda v: learn.CrossEntropyLoss()(v.reshape(1, 3), np.array([1])), z) == pytest.approx(
        np.diag(p) - np.outer(p, p)
    )
    third = learn.grad(learn.grad(learn.grad(learn.sin(x := learn.Var(0.3)), x, None, True), x, None, True), x)
    assert third.item() == pytest.approx(-np.cos(0.3))


def test_a_gradient_penalty_is_learnt():
    """d/dw of |dE/dx|^2 through a network, against finite differences."""
    net = learn.Sequential(learn.Linear(2, 4, seed=1), learn.Tanh(), learn.Linear(4, 1, seed=2))
    x = np.random.default_rng(1).normal(size=(3, 2))

    def penalty():
        v = learn.Var(x)
        g = learn.grad(net(v).sum(), v, create_graph=True)
        return (g * g).sum()

    penalty().backward()
    weight = net[0].weight
    numeric = learn.finite_difference(lambda: penalty().detach(), weight)
    assert np.asarray(weight.grad) == pytest.approx(numeric, abs=1e-8)
