"""Truth: the C library's exponential (right to 1 ulp), and known limits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from spikesim.jit import compiled, exp, expm1, exprel


def over(function: Callable[[Any], Any]) -> Callable[[np.ndarray], np.ndarray]:
    """A compiled loop that calls a function."""

    @compiled
    def loop(x, out):
        for k in range(x.size):
            out[k] = function(x[k])

    def called(x: Any) -> np.ndarray:
        x = np.asarray(x, np.float64)
        out = np.empty_like(x)
        loop(x, out)
        return out

    return called


@pytest.fixture(scope="module")
def arguments() -> np.ndarray:
    rng = np.random.default_rng(0)
    near = np.concatenate([s * 10.0 ** rng.uniform(-18, 0, 1000) for s in (1, -1)])
    halves = (np.arange(-40, 41) + 0.5) * np.log(2.0)  # where the remainder is greatest
    return np.concatenate([rng.uniform(-700, 700, 4000), rng.uniform(-5, 5, 4000), near, halves, [0.0]])


def test_exp(arguments: np.ndarray) -> None:
    found = over(exp)(arguments)
    assert np.max(np.abs(found / np.exp(arguments) - 1.0)) < 4e-16


def test_expm1(arguments: np.ndarray) -> None:
    x = arguments[arguments != 0.0]
    assert np.max(np.abs(over(expm1)(x) / np.expm1(x) - 1.0)) < 1.2e-15


def test_exprel(arguments: np.ndarray) -> None:
    x = arguments[arguments != 0.0]
    assert np.max(np.abs(over(exprel)(x) / (x / np.expm1(x)) - 1.0)) < 1e-14
    assert over(exprel)([0.0])[0] == 1.0


def test_limits() -> None:
    assert over(exp)([0.0, np.inf, 710.0, -np.inf, -800.0]).tolist() == [1.0, np.inf, np.inf, 0.0, 0.0]
    assert np.isnan(over(exp)([np.nan])[0])
    assert np.isnan(over(expm1)([np.nan])[0])
    assert over(expm1)([0.0, -800.0, -np.inf]).tolist() == [0.0, -1.0, -1.0]
    assert over(exprel)([800.0, -800.0]).tolist() == [0.0, 800.0]
