"""Every derivative rule of the table against central finite differences, relative deviation < 1e-7 (section
4.2.3)."""

from __future__ import annotations

import numpy as np
import pytest

from spikesim import learn
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
    "nll": [([M], {"classes": CLASSES})],
    "cross_entropy": [([M], {"classes": CLASSES})],
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
for name in ("log", "log2", "log10", "sqrt", "reciprocal", "log1p"):
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
