"""Every derivative rule of the table against central finite differences, relative deviation < 1e-7 (section
4.2.3)."""

from __future__ import annotations

import numpy as np
import pytest

from spikesim import learn
from spikesim.errors import InvalidValueError
from spikesim.learn.autodiff.rules import RULES
from spikesim.learn.autodiff.tape import apply

RNG = np.random.default_rng(42)
M, V, POSITIVE, UNIT = (
    RNG.normal(size=(3, 4)),
    RNG.normal(size=4),
    RNG.uniform(0.5, 2.0, (3, 4)),
    RNG.uniform(-0.9, 0.9, (3, 4)),
)
CLASSES = np.array([1, 3, 0])
T = RNG.uniform(0.1, 0.9, (3, 4))

IMAGES = RNG.normal(size=(2, 2, 5, 6))

CASES: dict[str, list[tuple[list, dict]]] = {
    "add": [([M, V], {}), ([M, 2.0], {}), ([M, RNG.normal(size=(3, 1))], {})],
    "subtract": [([M, V], {}), ([V, M], {})],
    "multiply": [([M, V], {}), ([M, M + 1.0], {})],
    "divide": [([M, POSITIVE], {}), ([V, POSITIVE], {})],
    "power": [([POSITIVE, V], {}), ([POSITIVE, 3.0], {})],
    "matmul": [
        ([M, M.T], {}),
        ([M, V], {}),
        ([V, M.T], {}),
        ([V, V], {}),
        ([RNG.normal(size=(2, 3, 4)), RNG.normal(size=(2, 4, 5))], {}),
        ([RNG.normal(size=(2, 3, 4)), RNG.normal(size=(4, 5))], {}),
        ([RNG.normal(size=4), RNG.normal(size=(2, 4, 5))], {}),
        ([RNG.normal(size=(2, 3, 4)), RNG.normal(size=4)], {}),
    ],
    "linear": [
        ([M, RNG.normal(size=(2, 4)), RNG.normal(size=2)], {}),
        ([M, RNG.normal(size=(2, 4))], {}),
        ([V, RNG.normal(size=(2, 4)), RNG.normal(size=2)], {}),
        ([RNG.normal(size=(2, 3, 4)), RNG.normal(size=(2, 4)), RNG.normal(size=2)], {}),
    ],
    "maximum": [([M, V], {})],
    "minimum": [([M, V], {})],
    "arctan2": [([M, POSITIVE], {})],
    "hypot": [([M, POSITIVE], {})],
    "logaddexp": [([M, V], {})],
    "prod": [
        ([M], {}),
        ([M], {"axis": 1}),
        ([np.array([[0.0, 2.0, 3.0], [0.0, 0.0, 1.0]])], {"axis": 1, "keepdims": True}),
    ],
    "sum": [([M], {}), ([M], {"axis": 0}), ([M], {"axis": (0, 1)}), ([M], {"axis": -1, "keepdims": True})],
    "mean": [([M], {}), ([M], {"axis": 0}), ([M], {"axis": -1, "keepdims": True})],
    "max": [([M], {}), ([M], {"axis": 1}), ([M], {"axis": 0, "keepdims": True})],
    "min": [([M], {}), ([M], {"axis": 1})],
    "cumsum": [([M], {"axis": 1}), ([M], {"axis": 0})],
    "reshape": [([M], {"shape": (2, 6)}), ([M], {"shape": -1})],
    "transpose": [([M], {}), ([RNG.normal(size=(2, 3, 4))], {"axes": (2, 0, 1)})],
    "getitem": [
        ([M], {"index": 1}),
        ([M], {"index": (slice(None), 2)}),
        ([M], {"index": np.array([0, 0, 2])}),
        ([M], {"index": (np.array([0, 0]), np.array([1, 1]))}),
        ([M], {"index": M > 0}),
        ([M], {"index": [1, 1]}),
    ],
    "where": [([M, V], {"condition": M > 0.1})],
    "clip": [([M], {"low": -0.5, "high": 0.5})],
    "astype": [([M], {"dtype": np.float64})],
    "concatenate": [([M, RNG.normal(size=(2, 4))], {"axis": 0}), ([M, RNG.normal(size=(3, 1))], {"axis": 1})],
    "stack": [([V, V + 1.0], {"axis": 0}), ([V, V + 1.0], {"axis": 1})],
    "nll": [([M], {"classes": CLASSES}), ([M], {"classes": CLASSES, "mean": True})],
    "cross_entropy": [([M], {"classes": CLASSES}), ([M], {"classes": CLASSES, "mean": True})],
    "bernoulli": [([POSITIVE / 2.1], {"t": T})],
    "bernoulli_logits": [([M], {"t": T})],
    "leaky_relu": [([M], {"slope": 0.1})],
    "softmax": [([M], {}), ([M], {"axis": 0})],
    "log_softmax": [([M], {}), ([M], {"axis": 0})],
    "lif_rate": [
        ([np.linspace(-2.0, 5.0, 41)], {"tau_m": 20.0, "t_ref": 2.0, "gamma": 0.05, "amplitude": 0.01}),
        ([np.linspace(-3.0, 5.0, 41)], {"tau_m": 10.0, "t_ref": 0.0, "gamma": 0.3, "amplitude": 1.0}),
        ([np.linspace(-2.0, 5.0, 41) + 0.03], {"tau_m": 20.0, "t_ref": 2.0, "gamma": 0.0, "amplitude": 0.01}),
    ],
}
CASES |= {
    "broadcast_to": [([V], {"shape": (3, 4)}), ([M[:, :1]], {"shape": (2, 3, 4)})],
    "put": [
        ([V], {"index": (slice(None), 1), "shape": (4, 3)}),
        ([V], {"index": np.array([0, 2, 2, 1]), "shape": (3,)}),
    ],
    "expected": [([M], {"t": T})],
    "conv2d": [
        ([IMAGES, RNG.normal(size=(3, 2, 3, 3)), RNG.normal(size=3)], {}),
        ([IMAGES, RNG.normal(size=(3, 2, 3, 2))], {"stride": 2, "padding": 1}),
        ([IMAGES, RNG.normal(size=(3, 2, 5, 6))], {}),  # more outputs than places
    ],
    "max_pool2d": [([IMAGES], {"k": 2, "stride": 2}), ([IMAGES], {"k": 3, "stride": 1})],
}
for name in ("log_probability", "log", "log2", "log10", "sqrt", "reciprocal", "log1p"):
    CASES[name] = [([POSITIVE], {})]
for name in ("arcsin", "arccos"):
    CASES[name] = [([UNIT], {})]
for name in RULES:
    CASES.setdefault(name, [([M], {})])


@pytest.mark.parametrize("name", list(RULES))
def test_rule_against_finite_differences(name):
    for values, options in CASES[name]:
        assert learn.gradcheck(lambda *args, o=options: apply(name, *args, **o), values, tolerance=1e-7)


def test_gradcheck_finds_a_wrong_derivative(monkeypatch):
    """The check can fail: a rule off by 1e-5 is caught."""
    rule = RULES["sin"]
    monkeypatch.setitem(RULES, "sin", rule._replace(derivatives=(lambda s, y, x: s * np.cos(x) * (1.0 + 1e-5),)))
    with pytest.raises(AssertionError, match="relative deviation"):
        learn.gradcheck(learn.sin, [V])
    assert not learn.gradcheck(learn.sin, [V], raises=False)


def test_equal_maxima_share_the_derivative():
    x = learn.Var([1.0, 3.0, 3.0])
    x.max().backward()
    assert x.grad.tolist() == [0.0, 0.5, 0.5]


def test_numpy_names_are_the_same_operations():
    from scipy import special

    x = learn.Var(M)
    for ufunc, name in (
        (np.exp, "exp"),
        (special.expit, "logistic"),
        (special.erf, "erf"),
        (np.abs, "absolute"),
    ):
        assert ufunc(x).creator.name == name
    assert np.add.reduce(x, axis=1).val == pytest.approx(M.sum(axis=1))
    assert np.sum(x, axis=0).val == pytest.approx(M.sum(axis=0)) and np.concatenate([x, x]).shape == (6, 4)
    assert (V @ learn.Var(M.T)).val == pytest.approx(V @ M.T)
    assert (1.0 - x).val == pytest.approx(1.0 - M) and (2.0**x).val == pytest.approx(2.0**M)


def test_precision_is_kept():
    x = learn.Var(M.astype(np.float32))
    y = (2.0 * np.tanh(x) + 1.0).mean()
    y.backward()
    assert y.dtype == np.float32 and x.grad.dtype == np.float32


def test_numpy_functions_mean_on_vars_what_they_mean_on_arrays():
    """Truth: NumPy on the values; names of its options and its defaults included."""
    x = np.random.default_rng(3).normal(size=(3, 4))
    v = learn.Var(x)
    for function in (
        lambda a: np.clip(a, a_min=-0.5, a_max=0.5),
        lambda a: np.clip(a, -0.5, None),
        lambda a: np.cumsum(a),
        lambda a: np.cumsum(a, axis=1),
        lambda a: np.sum(a, axis=(0, 1)),
        lambda a: np.mean(a, 1, keepdims=True),
        lambda a: np.max(a, axis=-1),
        lambda a: np.reshape(a, (2, 6)),
        lambda a: np.concatenate([a, a], 1),
        lambda a: np.stack([a, a], axis=-1),
        lambda a: np.add.reduce(a),
    ):
        assert np.array_equal(function(v).val, function(x))
        learn.gradcheck(function, v)


def test_a_power_of_zero():
    """d(a^b)/da = b a^(b-1): 0 for b = 0 and 1 for b = 1, at a = 0 too; as an array, a Var and a number."""
    for b, expected in ((0.0, 0.0), (1.0, 1.0), (2.0, 0.0)):
        for exponent in (b, np.array(b), learn.Var(b), np.array([b])):
            a = learn.Var([0.0])
            with np.errstate(all="raise"):
                (a**exponent).sum().backward()
            assert a.grad.tolist() == [expected]
    half = learn.Var(np.float32([0.0, 2.0]))
    (half**2.0).sum().backward()
    assert half.grad.dtype == np.float32 and half.grad.tolist() == [0.0, 4.0]


def test_axes_count_from_either_end_and_may_be_numpys_numbers():
    """Truth: NumPy; equal sides, so that a wrong order of axes has no wrong shape."""
    cube = np.random.default_rng(5).normal(size=(3, 3, 3))
    weights = np.random.default_rng(6).normal(size=(3, 3, 3))
    three = np.int64(2)
    for function in (
        lambda a: a.transpose(-1, 0, 1),
        lambda a: np.transpose(a, (0, -1, 1)),
        lambda a: np.transpose(a, (np.int64(-2), 0, 2)),
        lambda a: np.swapaxes(a, 0, -1),
        lambda a: np.moveaxis(a, -1, 0),
        lambda a: np.expand_dims(a, -1)[..., 0],
        lambda a: np.cumsum(a, axis=-2),
        lambda a: np.concatenate([a, 2.0 * a], axis=-2)[:, 1:4],
        lambda a: np.stack([a, 2.0 * a], axis=-1)[..., 1],
        lambda a: np.concatenate([a, 2.0 * a], axis=None)[20:47].reshape(3, 3, 3),
    ):
        v = learn.Var(cube)
        y = function(v)
        assert np.array_equal(y.val, function(cube))
        (y * weights).sum().backward()
        numeric = learn.finite_difference(lambda a, f=function: np.sum(f(a) * weights), cube, 1e-4)
        assert v.grad == pytest.approx(numeric, abs=1e-9)
    for name in ("sum", "mean", "prod", "max", "min", "var", "std"):
        f = getattr(np, name)
        for axis in (three, np.int64(-3), (np.int64(0), -1)):
            v = learn.Var(cube)
            assert np.allclose(f(v, axis=axis).val, f(cube, axis=axis), rtol=1e-14)
            learn.gradcheck(lambda a, f=f, axis=axis: f(a, axis=axis), cube)


def test_products_and_variances_by_numpys_names():
    a, b = np.random.default_rng(7).normal(size=(2, 3, 3))
    for function in (np.dot, np.outer):
        for left, right in ((learn.Var(a), b), (a, learn.Var(b)), (learn.Var(a), learn.Var(b))):
            assert np.allclose(function(left, right).val, function(a, b))
    learn.gradcheck(lambda x: np.dot(a, x), b)
    learn.gradcheck(lambda x: np.dot(x, b[0]), a)
    learn.gradcheck(lambda x: np.dot(2.0, x), a)
    learn.gradcheck(lambda x: np.var(x, axis=1, ddof=1), a)


@pytest.mark.parametrize(
    "index",
    [((0, 0), (1, 1)), range(0, 2), [0, 0], (0, 0), (range(2), (1, 1)), (slice(None), [1, 1]), ((2, 2), slice(None))],
)
def test_an_entry_picked_twice_gets_both(index):
    """Truth: a count of how often NumPy picks each entry."""
    x = learn.Var(M)
    x[index].sum().backward()
    count = np.zeros(M.size)
    np.add.at(count, np.arange(M.size).reshape(M.shape)[index].ravel(), 1.0)
    assert x.grad.tolist() == count.reshape(M.shape).tolist()


def test_a_var_picks_entries():
    x, k = learn.Var(M), learn.tensor([1, 1])
    x[k, learn.tensor(2)].sum().backward()
    assert x.grad[1, 2] == 2.0 and x.grad.sum() == 2.0
    assert ["a", "b"][learn.tensor(1)] == "b"
    with pytest.raises(TypeError, match="whole number"):
        ["a", "b"][learn.tensor(1.0)]


@pytest.mark.parametrize("name", list(RULES))
def test_every_rule_keeps_float32(name):
    for values, options in CASES[name]:
        given = {k: v.astype(np.float32) if k == "t" else np.float32 if k == "dtype" else v for k, v in options.items()}
        leaves = [learn.Var(np.asarray(v, dtype=np.float32)) for v in values]
        y = apply(name, *leaves, **given)
        assert y.dtype == np.float32, name
        op = y.creator
        for arg, g in op.derivatives(np.ones(y.shape, np.float32)):
            assert np.asarray(g).dtype == np.float32, (name, arg)


def test_edges_of_functions():
    """Where a derivative does not exist: PyTorch's choice, 0 where nothing is asked for."""

    def slopes(f, *values):
        leaves = [learn.Var(v) for v in values]
        f(*leaves).sum().backward()
        return [leaf.grad.tolist() for leaf in leaves]

    with np.errstate(all="ignore"):
        assert slopes(np.arctan2, 0.0, 0.0) == [0.0, 0.0]
        assert slopes(np.hypot, 0.0, 0.0) == [0.0, 0.0]
        assert slopes(np.logaddexp, np.inf, 1.0) == [1.0, 0.0]
        assert slopes(np.logaddexp, -np.inf, 1.0) == [0.0, 1.0]
        base, exponent = slopes(np.power, -2.0, 3.0)
        assert base == 12.0 and np.isnan(exponent)  # (-2)^b is not real beside b = 3
        assert slopes(np.power, 0.0, 2.0) == [0.0, 0.0]
        assert np.isnan(learn.Var(np.zeros((0,))).mean().val)
        assert np.isnan(learn.Var(np.zeros((0, 2))).mean(axis=0).val).all()


@pytest.mark.parametrize(
    "singular",
    [np.sqrt, np.log, np.reciprocal, lambda x: x**0.5, lambda x: 1.0 / x, lambda x: np.arcsin(1.0 + x), np.log2],
)
def test_what_was_not_selected_leaves_no_nan(singular):
    x = learn.Var([0.0, 0.25])
    with np.errstate(all="ignore"):
        y = learn.where(np.array([False, True]), singular(x), 0.0)
        y.sum().backward()
    assert x.grad[0] == 0.0 and not np.isnan(x.grad[0])


def test_two_of_three_axes_are_exchanged_and_other_lists_are_refused():
    cube, weights = np.random.default_rng(8).normal(size=(2, 3, 3, 3))
    v = learn.Var(cube)
    y = v.transpose(-1, 0)
    assert np.array_equal(y.val, np.swapaxes(cube, -1, 0))
    (y * weights).sum().backward()
    assert np.array_equal(v.grad, np.swapaxes(weights, -1, 0))
    for wrong in ((0, 0, 1), (0, 1, 3), (0,)):
        with pytest.raises(InvalidValueError, match="each of 3 axes once"):
            v.transpose(*wrong)


@pytest.mark.parametrize("name", ["max", "min"])
def test_nothing_has_no_extremum(name):
    with pytest.raises(InvalidValueError, match=f"nothing has no {name}imum"):
        getattr(learn.Var(np.zeros((0, 3))), name)()
