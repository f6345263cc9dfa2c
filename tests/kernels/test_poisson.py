"""Truth: the Poisson law (SciPy), and the plain twin of the packed draws."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chisquare, poisson

from spikesim.compiler.rates import RateClasses
from spikesim.jit import JIT
from spikesim.kernels.poisson import counts, draws, mixed_counts
from spikesim.random import key, words


def drawn(mean: float, first: int, n: int, seed: int = 1, each: bool = False) -> np.ndarray:
    rates = RateClasses()
    c = rates.one(mean)
    _, ptr, base, threshold = rates.arrays()
    stream = key(seed, "test")
    buffer, out = np.zeros(n // 2 + 4, np.uint64), np.zeros(n, np.int32)
    shift = draws(stream.a, stream.b, first, n, buffer)
    draw = buffer.view(np.uint32)[shift : shift + n]
    if each:
        mixed_counts(draw, threshold, ptr, base, np.full(n, c, np.int32), n, out)
    else:
        counts(draw, threshold[ptr[c] : ptr[c + 1]], base[c], n, out)
    return out


@pytest.mark.parametrize("mean", [1e-9, 0.01, 0.8, 2.3, 17.0, 300.0, 9000.0])
def test_law(mean: float) -> None:
    n = 200_000 if JIT else 2000
    found = drawn(mean, 0, n)
    low, high = int(poisson.ppf(1e-3, mean)), int(poisson.ppf(1 - 1e-3, mean))
    edges = np.arange(low, high + 1)
    expected = n * np.diff(np.concatenate(([0.0], poisson.cdf(edges, mean), [1.0])))
    observed = np.histogram(found, np.concatenate(([-0.5], edges + 0.5, [1e9])))[0]
    keep = expected > 5
    observed = np.append(observed[keep], observed[~keep].sum())
    expected = np.append(expected[keep], expected[~keep].sum())
    if expected[-1] < 1:
        assert observed[-1] <= 3
        observed, expected = observed[:-1], expected[:-1] * observed[:-1].sum() / expected[:-1].sum()
    if len(observed) > 1:
        assert chisquare(observed, expected).pvalue > 1e-4


@pytest.mark.parametrize("mean", [0.8, 2.3, 60.0])
def test_plain_twin(mean: float) -> None:
    """count = #{k: draw >= 2^32 P(N <= k)}, two draws a word."""
    n, first = (5000 if JIT else 300), 3
    stream = key(1, "test")
    i = np.arange(first, first + n)
    draw = (words(stream, i // 2) >> (np.uint64(32) * (i % 2).astype(np.uint64))) & np.uint64(0xFFFFFFFF)
    levels = np.rint(2.0**32 * poisson.cdf(np.arange(0, int(mean + 12 * mean**0.5 + 30)), mean))
    expected = np.searchsorted(levels, draw, side="right")
    assert np.array_equal(drawn(mean, first, n), expected)
    assert np.array_equal(drawn(mean, first, n, each=True), expected)


def test_any_division_draws_the_same() -> None:
    whole = drawn(1.7, 0, 200)
    for cut in (1, 2, 3, 64, 101):
        parts = np.concatenate([drawn(1.7, 0, cut), drawn(1.7, cut, 200 - cut)])
        assert np.array_equal(parts, whole)
