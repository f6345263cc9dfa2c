"""Section 1.5 (and G of 1.4): activation functions.  Truths: the notes' numbers, closed forms, limits,
LIF.rate."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special

from spikesim import learn
from spikesim.errors import InvalidValueError
from spikesim.neurons.lif import LIF

Z = [0.6, 3.4, -1.2, 0.05]


def test_softmax_of_the_notes():
    y = learn.Softmax()(Z).val
    assert y == pytest.approx([0.05498, 0.90420, 0.00909, 0.03172], abs=5e-6)
    assert np.sum(y) == pytest.approx(1.0, abs=1e-15)
    assert y == pytest.approx([0.06, 0.9, 0.009, 0.031], abs=0.0051)  # the notes print 0.06 for 0.055, 0.031 for 0.0317


def test_one_hot_of_the_notes():
    assert learn.OneHot()(Z).tolist() == [0.0, 1.0, 0.0, 0.0]
    assert learn.OneHot()([[2.0, 2.0], [0.0, 1.0]]).tolist() == [
        [1.0, 0.0],
        [0.0, 1.0],
    ]  # the first of equals


def test_no_overflow_at_1e4():
    with np.errstate(all="raise", under="ignore"):
        z = np.array([1e4, 0.0, -1e4])
        assert learn.Softmax()(z).tolist() == [1.0, 0.0, 0.0]
        assert learn.LogSoftmax()(z).tolist() == [0.0, -1e4, -2e4]
        assert learn.Logistic()(z).tolist() == [1.0, 0.5, 0.0]
        assert learn.Softplus()(z).tolist() == [1e4, pytest.approx(np.log(2.0)), 0.0]


@pytest.mark.parametrize(
    "activation",
    [
        learn.Logistic(),
        learn.Threshold(),
        learn.Tanh(scaled=True),
        learn.Arctan(scaled=True),
        learn.Erf(scaled=True),
    ],
    ids=repr,
)
def test_sigmoidal_functions_tend_to_0_and_1(activation):
    low, middle, high = activation([-1e9, 0.0, 1e9]).tolist()
    assert low == pytest.approx(0.0, abs=1e-8) and high == pytest.approx(1.0, abs=1e-8)
    assert middle == (0.0 if isinstance(activation, learn.Threshold) else pytest.approx(0.5))
    grid = activation(np.linspace(-5.0, 5.0, 101)).val
    assert np.all(np.diff(grid) >= 0.0)


@pytest.mark.parametrize(
    ("activation", "value", "slope"),
    [
        (learn.Logistic(), lambda z: 1 / (1 + np.exp(-z)), lambda z: special.expit(z) * special.expit(-z)),
        (learn.Tanh(), np.tanh, lambda z: 1 / np.cosh(z) ** 2),
        (learn.Arctan(), np.arctan, lambda z: 1 / (1 + z**2)),
        (learn.Erf(), special.erf, lambda z: 2 / np.sqrt(np.pi) * np.exp(-(z**2))),
        (learn.ReLU(), lambda z: np.maximum(0, z), lambda z: np.where(z > 0, 1.0, 0.0)),
        (learn.LeakyReLU(0.2), lambda z: np.where(z > 0, z, 0.2 * z), lambda z: np.where(z > 0, 1.0, 0.2)),
        (learn.Softplus(), lambda z: np.log(1 + np.exp(z)), special.expit),
        (learn.Identity(), lambda z: z, np.ones_like),
        (learn.Threshold(), lambda z: np.where(z > 0, 1.0, 0.0), np.zeros_like),
    ],
    ids=lambda a: repr(a) if isinstance(a, learn.Module) else "",
)
def test_values_and_slopes(activation, value, slope):
    z = learn.Var(np.linspace(-4.0, 4.0, 24))
    y = activation(z)
    assert y.val == pytest.approx(value(z.val), rel=1e-14, abs=1e-15)
    y.sum().backward()
    assert z.grad == pytest.approx(slope(z.val), rel=1e-12, abs=1e-15)


def test_hard_lif_rate_is_the_tuning_curve():
    v = np.array([-1.0, 0.0, 1.0, 1.0 + 1e-9, 1.5, 2.0, 5.0, 20.0, 1e6])
    expected = LIF.normalized(tau_m=20.0, t_ref=2.0).rate(v)
    assert np.array_equal(learn.LIFRate(gamma=0.0, amplitude=1.0)(v).val, expected)
    assert learn.LIFRate(gamma=0.0)(v).val == pytest.approx(0.01 * expected, rel=1e-15)
    assert expected[5] == pytest.approx(1000.0 / (2.0 - 20.0 * np.log(0.5)))  # the notes' G(2), in Hz


def test_smooth_lif_rate():
    """The formula of the soft LIF, in 40 digits; to the hard curve as gamma -> 0."""
    import mpmath

    v, gamma = np.array([-20.0, -1.0, 0.0, 0.2, 0.6, 0.99, 1.0, 1.2, 3.0, 50.0]), 0.05
    got = learn.LIFRate(tau_m=20.0, t_ref=2.0, gamma=gamma, amplitude=1.0)(v).val
    with mpmath.workdps(300):
        for x, r in zip(v, got):
            j = gamma * mpmath.log1p(mpmath.exp((mpmath.mpf(float(x)) - 1) / mpmath.mpf(gamma)))
            assert r == pytest.approx(float(1000 / (2 + 20 * mpmath.log1p(1 / j))), rel=1e-10)
    hard = learn.LIFRate(gamma=0.0, amplitude=1.0)
    away = np.array([0.5, 1.5, 4.0])
    errors = [
        np.abs(learn.LIFRate(gamma=g, amplitude=1.0)(away).val - hard(away).val).max() for g in (0.1, 0.01, 0.001)
    ]
    assert errors[0] > errors[1] > errors[2] and errors[2] < 0.2


def test_lif_rate_of_a_neuron_and_bad_parameters():
    neuron = LIF(tau_m=15.0, t_ref=3.0)
    assert (learn.LIFRate.of(neuron).tau_m, learn.LIFRate.of(neuron).t_ref) == (15.0, 3.0)
    with pytest.raises(InvalidValueError, match="tau_m = -1"):
        learn.LIFRate(tau_m=-1.0)
    with pytest.raises(InvalidValueError, match=r"gamma = nan"):
        learn.LIFRate(gamma=float("nan"))


def test_float32_stays_float32():
    z = learn.Var(np.linspace(-2, 3, 7, dtype=np.float32))
    functions = [
        learn.Logistic(),
        learn.ReLU(),
        learn.LIFRate(),
        learn.Softmax(),
        learn.Tanh(),
        learn.LeakyReLU(),
    ]
    functions += [learn.Arctan(True), learn.Erf(), learn.Softplus(), learn.Threshold()]
    for activation in functions:
        z.grad = None
        y = activation(z)
        y.sum().backward()
        assert y.dtype == z.grad.dtype == np.float32, activation
