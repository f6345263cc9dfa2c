"""Section 2.3: losses.  Truths: closed forms, the notes' example, the gradients y - t of the pairings."""

from __future__ import annotations

import numpy as np
import pytest

from spikesim import learn
from spikesim.errors import InvalidTypeError, InvalidValueError

RNG = np.random.default_rng(3)


def test_squared_error_of_the_notes():
    y, t = learn.Var(RNG.normal(size=(5, 3))), RNG.normal(size=(5, 3))
    e = learn.MSELoss()(y, t)
    assert e.item() == pytest.approx(np.mean([0.5 * np.linalg.norm(a - b) ** 2 for a, b in zip(y.val, t)]), rel=1e-14)
    e.backward()
    assert y.grad == pytest.approx((y.val - t) / 5, rel=1e-14)
    assert learn.MSELoss(half=False)(y, t).item() == pytest.approx(np.mean((y.val - t) ** 2), rel=1e-14)
    assert learn.MSELoss(reduction="none")(y, t).shape == (5,)
    assert learn.MSELoss(reduction="sum")(y, t).item() == pytest.approx(5 * e.item())


def test_bernoulli_value_and_pairing():
    z = learn.Var(RNG.normal(size=(6, 1)))
    t = RNG.integers(0, 2, (6, 1)).astype(float)
    y = 1 / (1 + np.exp(-z.val))
    expected = -np.mean(t * np.log(y) + (1 - t) * np.log(1 - y))
    for loss, out in (
        (learn.BCELoss(), learn.Logistic()(z)),
        (learn.BCEWithLogitsLoss(), z),
        (learn.BCELoss(), learn.Logistic()(z) * 1.0),
    ):
        z.grad = None
        e = loss(out, t)
        e.backward()
        assert e.item() == pytest.approx(expected, rel=1e-13)
        assert z.grad == pytest.approx((y - t) / 6, rel=1e-11)


def test_bernoulli_is_finite_at_0_and_1():
    for y0, t0, big in ((0.0, 1.0, True), (1.0, 0.0, True), (0.0, 0.0, False), (1.0, 1.0, False)):
        y = learn.Var([[y0]])
        e = learn.BCELoss()(y, [[t0]])
        e.backward()
        assert np.isfinite(e.item()) and np.isfinite(y.grad).all()
        assert (e.item() > 100.0) is big


@pytest.mark.parametrize("size", [1e4, -1e4])
def test_pairings_at_large_z(size):
    """|z| = 1e4: E = |z| where wrong, 0 where right; dE/dz = y - t to the last digit."""
    z = learn.Var([[size]])
    for t in (0.0, 1.0):
        z.grad = None
        e = learn.BCELoss()(learn.Logistic()(z), [[t]])
        e.backward()
        wrong = (size > 0) != (t > 0)
        assert e.item() == (1e4 if wrong else 0.0)
        assert z.grad.item() == (size > 0) - t
    z = learn.Var([[size, 0.0, -size]])
    for loss, out in (
        (learn.CrossEntropyLoss(), z),
        (learn.CategoricalCrossEntropyLoss(), learn.Softmax()(z)),
        (learn.NLLLoss(), learn.LogSoftmax()(z)),
    ):
        z.grad = None
        e = loss(out, np.array([1]))
        e.backward()
        assert e.item() == 1e4
        assert z.grad.tolist() == [[float(size > 0), -1.0, float(size < 0)]]


def test_categorical_example_of_the_notes():
    y = [0.2, 0.1, 0.4, 0.3]
    assert learn.CategoricalCrossEntropyLoss()(y, [0, 0, 1, 0]).item() == pytest.approx(0.9163, abs=5e-5)
    assert learn.CategoricalCrossEntropyLoss()([y], np.array([2])).item() == pytest.approx(-np.log(0.4), rel=1e-15)
    assert np.isfinite(learn.CategoricalCrossEntropyLoss()([0.0, 1.0], [1, 0]).item())


def test_cross_entropy_is_log_softmax_and_nll():
    z, c = learn.Var(RNG.normal(size=(7, 4)) * 5), RNG.integers(0, 4, 7)
    a = learn.CrossEntropyLoss()(z, c)
    a.backward()
    ga, z.grad = z.grad.copy(), None
    b = learn.NLLLoss()(learn.LogSoftmax(dim=1)(z), c)
    b.backward()
    assert a.item() == pytest.approx(b.item(), abs=1e-12) and ga == pytest.approx(z.grad, abs=1e-12)
    t = learn.one_hot(c, 4)
    assert ga == pytest.approx((learn.softmax(z).val - t) / 7, abs=1e-15)
    assert learn.CrossEntropyLoss()(z, t).item() == pytest.approx(a.item(), abs=1e-12)
    assert learn.NLLLoss()(learn.log_softmax(z), t).item() == pytest.approx(a.item(), abs=1e-12)


def test_mistakes_are_named():
    with pytest.raises(InvalidValueError, match=r"\(4, 1\) and target of shape \(4,\)"):
        learn.MSELoss()(np.zeros((4, 1)), np.zeros(4))
    with pytest.raises(InvalidValueError, match=r"class 7 of sample 1 \(1 such\), wanted 0 \.\.\. 2"):
        learn.NLLLoss()(np.zeros((3, 3)), np.array([0, 7, 1]))
    with pytest.raises(InvalidTypeError, match="must be integers"):
        learn.CrossEntropyLoss()(np.zeros((3, 3)), np.zeros(3))
    with pytest.raises(InvalidValueError, match=r"range over \[-1, 2\]"):
        learn.BCELoss()(np.array([-1.0, 2.0]), np.array([0.0, 1.0]))
    with pytest.raises(InvalidValueError, match="reduction"):
        learn.MSELoss(reduction="max")


@pytest.mark.parametrize("y", [-0.25, 1.25])
def test_what_is_no_probability_is_refused(y):
    """By either end alone."""
    with pytest.raises(InvalidValueError, match=r"wanted probabilities in \[0, 1\]"):
        learn.BCELoss()(learn.Var([[0.5, y]]), [[1.0, 0.0]])


@pytest.mark.parametrize("classes", [2, 3, 5])
def test_hinge_of_any_number_of_classes(classes):
    """sum over wrong classes of max(0, 1 - right + wrong) / (K - 1), by hand, for two samples and for one."""
    scores = np.random.default_rng(1).normal(size=(2, classes))
    wanted = [
        sum(max(0.0, 1.0 - row[0] + x) for x in row[1:]) / (classes - 1) for row in scores
    ]  # fmt: skip
    assert learn.HingeLoss()(scores, [0, 0]).item() == pytest.approx(np.mean(wanted))
    assert learn.HingeLoss()(scores[:1], [0]).item() == pytest.approx(wanted[0])


def test_hinge_of_classes_along_the_last_axis():
    """Scores (samples, steps, classes), a class each: by hand."""
    scores = np.random.default_rng(2).normal(size=(2, 3, 5))
    t = np.random.default_rng(3).integers(0, 5, (2, 3))
    wanted = np.empty((2, 3))
    for i, j in np.ndindex(2, 3):
        row, right = scores[i, j], scores[i, j, t[i, j]]
        wanted[i, j] = sum(max(0.0, 1.0 - right + row[k]) for k in range(5) if k != t[i, j]) / 4
    np.testing.assert_allclose(learn.HingeLoss(reduction="none")(scores, t).numpy(), wanted, rtol=1e-12)


def test_weights_that_are_no_numbers_are_refused_in_words() -> None:
    for loss in (learn.HingeLoss, learn.CrossEntropyLoss):
        with pytest.raises(InvalidTypeError, match="weight: wanted one number a class, got 'a'"):
            loss(weight="a")


@pytest.mark.parametrize("make", [lambda: learn.HingeLoss(margin=-1.0), lambda: learn.HuberLoss(delta=0.0)])
def test_a_margin_or_delta_without_meaning_is_refused(make) -> None:
    with pytest.raises(InvalidValueError, match=r"(margin|delta) must be >"):
        make()
