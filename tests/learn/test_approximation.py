"""Section 2.2: the constructive proof.  Truths: its own error bound, its limit."""

from __future__ import annotations

import numpy as np
import pytest

from spikesim import learn
from spikesim.errors import InvalidValueError


def wave(x):
    return np.sin(2.0 * np.pi * x)


def test_step_and_piece():
    x = np.array([-1.0, 0.0, 0.2, 0.5, 0.50001, 1.0])
    assert learn.step(x, 0.2).tolist() == [0, 0, 0, 1, 1, 1]
    assert learn.piece(x, 0.2, 0.3).tolist() == [0, 0, 0, 1, 0, 0]
    assert learn.step(x, 0.2, 7.0) == pytest.approx(1 / (1 + np.exp(-7 * (x - 0.2))), rel=1e-14)


@pytest.mark.parametrize("N", [10, 40, 160])
def test_error_is_within_the_bound(N):
    net = learn.construct_uat(wave, N)
    assert [p.shape for p in net.parameters()] == [(2 * N, 1), (2 * N,), (1, 2 * N), (1,)]
    assert learn.sup_error(net, wave) <= 2.0 * np.pi / N + 1e-12


def test_error_halves_when_n_doubles():
    errors = [learn.sup_error(learn.construct_uat(wave, n), wave) for n in (50, 100, 200)]
    assert errors[0] / errors[1] == pytest.approx(2.0, rel=0.01) and errors[1] / errors[2] == pytest.approx(
        2.0, rel=0.01
    )


def test_steep_logistic_units_tend_to_the_steps():
    x = np.linspace(0.0, 1.0, 1001)
    away = np.min(np.abs(x[:, None] - np.linspace(0, 1, 21)), axis=1) > 0.01
    limit = learn.construct_uat(wave, 20)(x[:, None]).val
    gaps = [
        np.abs(learn.construct_uat(wave, 20, w)(x[:, None]).val - limit)[away].max() for w in (300.0, 1000.0, 3000.0)
    ]
    assert gaps[0] > gaps[1] > gaps[2] and gaps[2] < 1e-10
    assert learn.sup_error(learn.construct_uat(wave, 200, 2e4), wave) <= 2.0 * np.pi / 200


def test_pieces_grow_exponentially_with_the_dimension():
    assert [learn.pieces_needed(1.0, 0.1, d) for d in (1, 2, 3)] == [10, 100, 1000]


def test_bad_input_is_named():
    with pytest.raises(InvalidValueError, match="N = 0"):
        learn.construct_uat(wave, 0)
    with pytest.raises(InvalidValueError, match=r"f\(0\) = inf"), np.errstate(divide="ignore"):
        learn.construct_uat(lambda x: 1 / x, 4)
