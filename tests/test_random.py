"""Random numbers as functions.  Truth: Python's whole numbers, SciPy's quantiles."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special, stats

import spikesim as ss
from spikesim.random import Key, binomial, key, ndtri, quantile, subkey, unit, units, word, words

MASK = 2**64 - 1
U = np.concatenate(
    (10.0 ** np.arange(-300.0, 0.0, 3.7), np.linspace(0.001, 0.999, 97), 1.0 - 10.0 ** np.arange(-15.0, -1.0))
)


def mixed(x: int) -> int:
    """The finaliser of splitmix64 (variant 13 of Stafford)."""
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & MASK
    return x ^ (x >> 31)


def hashed(a: int, b: int, i: int) -> int:
    return mixed(mixed((a + i * 0x9E3779B97F4A7C15) & MASK) ^ b)


def test_a_word_is_the_hash_of_its_index() -> None:
    assert mixed(0x9E3779B97F4A7C15) == 0xE220A8397B1DCDAF  # the first number of splitmix64 from 0
    stream = key(3, "weights", 7)
    assert stream == key(3, "weights", 7) and stream != key(3, "weights", "7") and stream != key(4, "weights", 7)
    a, b = int(stream.a), int(stream.b)
    index = np.array([0, 1, 2, 1000, 2**40, 2**63 - 1])
    wanted = [hashed(a, b, int(i)) for i in index]
    assert words(stream, index).tolist() == wanted and [int(word(*stream, i)) for i in index] == wanted
    assert [int(k) for k in subkey(*stream, 5)] == [hashed(a, b, 5), hashed(b, a, 5)]
    exact = [((w >> 12) + 0.5) / 2.0**52 for w in wanted]
    assert units(stream, index).tolist() == exact and [unit(np.uint64(w)) for w in wanted] == exact
    assert 0.0 < unit(np.uint64(0)) < 2.0**-52 and 1.0 - 2.0**-52 < unit(np.uint64(MASK)) < 1.0


def test_quantiles_of_the_normal_law() -> None:
    """AS 241 to rounding, in its middle, its shoulders and its tails."""
    found = np.array([ndtri(u) for u in U])
    np.testing.assert_allclose(found, special.ndtri(U), rtol=2e-14, atol=1e-16)


@pytest.mark.parametrize(
    ("law", "twin"),
    [
        (ss.uniform(-2.0, 5.0), stats.uniform(-2.0, 7.0)),
        (ss.normal(1.5, 0.5), stats.norm(1.5, 0.5)),
        (ss.normal(1.0, 2.0, low=0.0, high=2.5), stats.truncnorm(-0.5, 0.75, 1.0, 2.0)),
        (ss.lognormal(2.0, 1.0), stats.lognorm(np.sqrt(np.log(1.25)), scale=2.0 / np.sqrt(1.25))),
    ],
    ids=lambda law: repr(law) if isinstance(law, ss.random.Distribution) else "scipy",
)
def test_laws(law: ss.random.Distribution, twin: object) -> None:
    u = np.linspace(0.001, 0.999, 25)
    wanted = twin.ppf(u)  # type: ignore[attr-defined]
    np.testing.assert_allclose([quantile(law.law, x) for x in u], wanted, rtol=1e-10, atol=1e-12)
    stream, index = Key(np.uint64(11), np.uint64(12)), np.array([5, 0, 7])
    np.testing.assert_allclose(law.sample(stream, index), twin.ppf(units(stream, index)), rtol=1e-10)  # type: ignore[attr-defined]
    assert law.median == pytest.approx(twin.median(), rel=1e-12)  # type: ignore[attr-defined]
    assert law.low <= law.range[0] < law.range[1] <= law.high


def test_what_lies_outside_is_not_drawn() -> None:
    """The cut log-normal law: P(x) / P(low ... high)."""
    law = ss.lognormal(2.0, 1.0, low=1.0, high=3.0)
    whole = stats.lognorm(np.sqrt(np.log(1.25)), scale=2.0 / np.sqrt(1.25))
    u = np.linspace(0.0, 1.0, 21)
    wanted = whole.ppf(whole.cdf(1.0) + u * (whole.cdf(3.0) - whole.cdf(1.0)))
    np.testing.assert_allclose([quantile(law.law, x) for x in u], wanted, rtol=1e-10)


@pytest.mark.parametrize(("n", "p"), [(1, 0.3), (5, 0.5), (20, 0.07), (6, 1.0), (300, 0.01)])
def test_binomial(n: int, p: float) -> None:
    u = np.linspace(0.0005, 0.9995, 40)
    assert [binomial(n, p, x) for x in u] == stats.binom.ppf(u, n, p).tolist()


def test_binomial_on_a_step() -> None:
    """The least k whose cumulative probability exceeds u, not equals it; never more than n."""
    assert [binomial(1, 0.5, u) for u in (np.nextafter(0.5, 0.0), 0.5, 1.0)] == [0.0, 1.0, 1.0]
