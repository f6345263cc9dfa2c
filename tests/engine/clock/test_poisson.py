"""Truth: the Poisson law (SciPy), and the plain twin of the draws."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chisquare, poisson

import spikesim as ss
from spikesim.engine.clock.poisson import FEW, RUN, common, counts, draws, mixed_counts, run_length, settle
from spikesim.engine.clock.rates import RateClasses
from spikesim.jit import JIT
from spikesim.random import Key, key, words


def drawn(mean: float, first: int, n: int, seed: int = 1, each: bool = False) -> np.ndarray:
    rates = RateClasses()
    c = rates.one(mean)
    _, ptr, base, threshold, _ = rates.arrays()
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


@pytest.mark.parametrize("mean", [1e-15, 1e-12, 1e-10, 2.0**-32, 1e-9, 3e-8, 1e-5, 9e-4])
def test_rare_events_have_their_exact_law(mean: float) -> None:
    """P(N > k): the draws above the threshold, and the one that equals it with its chance."""
    rates = RateClasses()
    rates.one(mean)
    _, _, _, threshold, chance = rates.arrays()
    for k, tail in enumerate(poisson.sf(np.arange(threshold.size - 1), mean)):
        assert (2.0**32 - 1.0 - float(threshold[k]) + chance[k]) / 2.0**32 == pytest.approx(tail, rel=1e-6)
    assert poisson.sf(threshold.size - 1, mean) < 1e-15 and 0.0 < chance.min() <= chance.max() <= 1.0


def test_a_draw_that_equals_a_threshold_reaches_it_with_its_chance() -> None:
    threshold, chance = np.array([2**32 - 5, 2**32 - 1, 2**32 - 1], np.uint32), np.array([0.5, 0.3, 0.1])
    top, low = np.uint16(0xFFFF), np.int64(0xFFFF)
    assert [settle(top, low, threshold, chance, 3, u) for u in (0.05, 0.2, 0.4)] == [3, 2, 1]
    assert [settle(top, low - 4, threshold, chance, 1, u) for u in (0.4, 0.6)] == [1, 0]
    assert settle(top, low - 3, threshold, chance, 1, 0.99) == 1


def test_rare_background_counts_are_those_of_the_law() -> None:
    """Mean counts of 2e-7 a step, 5 x 10^7 draws; neurons with rates of their own beside frequent ones."""
    net = ss.Network(seed=3)
    n, steps = (20_000, 5000) if JIT else (10, 5)
    rate = np.where(np.arange(n) % 2, 2e-3, 20.0)
    source = net.population("source", n, ss.Poisson(rate=rate))
    net.record(source, "spikes")
    spikes = net.run(0.1 * steps).spikes["source"]
    rare = int(np.count_nonzero(spikes.ids % 2))
    expected = n / 2 * steps * 2e-7
    assert abs(rare - expected) < 4.5 * expected**0.5 + 1.0


def test_classes_of_several_populations_stand_one_after_another() -> None:
    """Truth: the mean counts of each neuron, looked up through group, pointer and base."""
    rates, means = (
        RateClasses(),
        [np.array([0.5, 2.0, 0.5]), np.array([7.0, 7.0]), np.array([2.0, 0.1]), np.array([3.0, 0.5])],
    )
    found = [rates.each(mean) for mean in means]
    group, ptr, base, threshold, _ = rates.arrays()
    for (at, c), mean in zip(found, means):
        classes = group[at : at + mean.size] if at >= 0 else np.full(mean.size, c)
        for k, wanted in zip(classes, mean):
            above = 1.0 - threshold[ptr[k] : ptr[k + 1]] / 2.0**32  # P(N > base), P(N > base + 1), ...
            assert base[k] + above.sum() == pytest.approx(wanted, abs=1e-6)


@pytest.mark.parametrize("lower", [0, 1, 1000, 0xFFFF])
@pytest.mark.parametrize("many", range(1, 8))
def test_levels_on_an_edge(lower: int, many: int) -> None:
    """Thresholds that a draw just reaches, equals and just misses, any number of them.  Truth: 32-bit whole numbers."""
    draw = np.arange(49, 54, dtype=np.uint16)
    whole = (draw.astype(np.int64) << 16) + lower
    threshold = np.sort(np.concatenate([whole[1:4] + k for k in (-1, 0, 1)]))[:many].astype(np.uint32)
    levels, few, out = np.zeros(FEW, np.uint16), np.zeros(RUN, np.uint8), np.zeros(draw.size, np.int32)
    counts(draw, np.int64(lower), threshold, np.int32(7), draw.size, levels, few, out)
    assert out.tolist() == (7 + np.searchsorted(threshold, whole, side="right")).tolist()


def test_neurons_of_several_classes_draw_each_from_its_own() -> None:
    """Truth: the thresholds of each class, 32-bit whole numbers."""
    rates, means, n = RateClasses(), [0.3, 40.0, 4.0], 60
    classes = np.array([rates.one(mean) for mean in means])
    _, ptr, base, threshold, _ = rates.arrays()
    group = classes[np.arange(n) % 3].astype(np.int32)
    draw, lower, out = np.random.default_rng(1).integers(0, 2**16, n).astype(np.uint16), 1234, np.zeros(n, np.int32)
    mixed_counts(draw, np.int64(lower), threshold, ptr, base, group, n, out)
    for k in range(n):
        levels = np.rint(2.0**32 * poisson.cdf(np.arange(120), means[k % 3]))
        assert out[k] == np.searchsorted(levels, (int(draw[k]) << 16) + lower, side="right")
