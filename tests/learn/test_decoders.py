"""The Neural Engineering Framework.  Truths: the normal equations, the tuning curve, the law 1/n of the error."""

from __future__ import annotations

import numpy as np
import pytest

import spikesim as ss
from spikesim import learn
from spikesim.errors import InvalidValueError


def test_decoders_solve_the_normal_equations():
    rng = np.random.default_rng(1)
    A, F = rng.random((40, 6)), rng.normal(size=(40, 2))
    s = 0.2 * A.max()
    D = learn.decoders(A, F, noise=0.2)
    assert A.T @ (F - A @ D) == pytest.approx(40 * s**2 * D, abs=1e-12)
    assert learn.decoders(A, F, noise=0.0) == pytest.approx(np.linalg.pinv(A) @ F)
    with pytest.raises(InvalidValueError, match="wanted"):
        learn.decoders(A, F[:3])


def test_tuning_curves_are_as_asked_for():
    model = learn.nef(lambda x: x, 50, max_rates=(200.0, 400.0), radius=2.0, seed=3)
    x = np.array([[-2.0], [2.0]])
    rates = 100.0 * model[1](model[0](x)).val
    assert np.all((rates.max(axis=0) > 199.9) & (rates.max(axis=0) < 400.1))
    neuron = ss.LIF.normalized()
    assert rates == pytest.approx(np.asarray(neuron.rate(model[0](x).val)))


def test_the_error_of_representation_falls_with_the_number_of_neurons():
    x = np.linspace(-1.0, 1.0, 201)[:, None]

    def error(n):
        return np.mean(
            [np.sqrt(np.mean((learn.nef(lambda v: v, n, noise=0.02, seed=s)(x).val - x) ** 2)) for s in range(8)]
        )

    assert error(200) < 0.35 * error(25)


def test_a_product_is_decoded_and_runs_in_spikes():
    model = learn.nef(lambda x: x[:, 0] * x[:, 1], 300, dimensions=2, seed=1)
    x = np.array([[0.5, 0.6], [-0.6, 0.5], [0.3, 0.0]])
    wanted = x[:, 0] * x[:, 1]
    assert model(x).val[:, 0] == pytest.approx(wanted, abs=0.06)
    assert learn.run_spiking(model, x, 200.0).scores[:, 0] == pytest.approx(wanted, abs=0.1)
    for wrong in ({"max_rates": (200.0, 500.0)}, {"n": 0}):
        with pytest.raises(InvalidValueError):
            learn.nef(lambda x: x, **{"n": 5, **wrong})
