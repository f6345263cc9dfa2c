"""Truth: the Poisson law (SciPy), and the plain twin of the draws."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chisquare, poisson

from spikesim.engine.clock.poisson import FEW, RUN, common, counts, draws, mixed_counts, run_length
from spikesim.engine.clock.rates import RateClasses
from spikesim.jit import JIT
from spikesim.random import Key, key, words


def drawn(mean: float, first: int, n: int, seed: int = 1, each: bool = False) -> np.ndarray:
    rates = RateClasses()
    c = rates.one(mean)
    _, ptr, base, threshold = rates.arrays()
    stream = key(seed, "test")
    buffer, out = np.zeros(RUN // 4 + 2, np.uint64), np.zeros(n, np.int32)
    at = 0
    while at < n:
        m = run_length(first + at, n - at)
        shift = draws(stream.a, stream.b, first + at, m, buffer)
        draw, lower = buffer.view(np.uint16)[shift : shift + m], common(stream.a, stream.b, first + at)
        if each:
            mixed_counts(draw, lower, threshold, ptr, base, np.full(m, c, np.int32), m, out[at:])
        else:
            levels, few = np.zeros(FEW, np.uint16), np.zeros(RUN, np.uint8)
            counts(draw, lower, threshold[ptr[c] : ptr[c + 1]], base[c], m, levels, few, out[at:])
        at += m
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


@pytest.mark.parametrize("mean", [1e-4, 0.8, 2.3, 60.0, 5000.0])
def test_plain_twin(mean: float) -> None:
    """count = #{k: draw >= 2^32 P(N <= k)}; upper halves four a word, lower halves one a run."""
    n, first = (5000 if JIT else 300), 3
    stream = key(1, "test")
    i = np.arange(first, first + n)
    half = np.uint64(0xFFFF)
    own = (words(stream, i // 4) >> (np.uint64(16) * (i % 4).astype(np.uint64))) & half
    draw = (own << np.uint64(16)) | (words(Key(stream.b, stream.a), i // RUN) & half)
    levels = np.rint(2.0**32 * poisson.cdf(np.arange(0, int(mean + 12 * mean**0.5 + 30)), mean))
    expected = np.searchsorted(levels, draw, side="right")
    assert np.array_equal(drawn(mean, first, n), expected)
    assert np.array_equal(drawn(mean, first, n, each=True), expected)


def test_any_division_draws_the_same() -> None:
    whole = drawn(1.7, 0, 200)
    for cut in (1, 2, 3, 64, 101):
        parts = np.concatenate([drawn(1.7, 0, cut), drawn(1.7, cut, 200 - cut)])
        assert np.array_equal(parts, whole)


def test_neurons_that_share_a_lower_half_are_as_good_as_independent() -> None:
    """Var(sum over a run) = RUN Var(N), the sum of many runs has the law of independent counts (rare events too)."""
    for mean in (1e-5, 1.6):
        n = RUN * (4000 if JIT else 40)
        sums = drawn(mean, 0, n).reshape(-1, RUN).sum(axis=1)
        expected = RUN * mean
        spread = (2 * expected**2 + expected) / len(sums)  # variance of the sample variance of a Poisson number
        assert abs(sums.mean() - expected) < 4.5 * (expected / len(sums)) ** 0.5
        assert abs(sums.var(ddof=1) - expected) < 4.5 * spread**0.5
