"""Correlation, correlograms, synchrony and spectra: closed forms with derived bounds, and naive twins."""

from __future__ import annotations

import math

import numpy as np
import pytest

from spikesim.analysis import chi, correlations, correlogram, mean_correlation, spectrum, synchrony
from spikesim.errors import InvalidValueError
from spikesim.trains import SpikeTrains, Traces


def poisson(neurons: int, rate: float, stop: float, seed: int) -> SpikeTrains:
    rng = np.random.default_rng(seed)
    n = rng.poisson(neurons * rate * stop / 1000.0)
    times, ids = np.sort(rng.uniform(0.0, stop, n)), rng.integers(0, neurons, n)
    return SpikeTrains(times, ids, neurons, 0.0, stop)


def test_correlations_equal_numpy_and_skip_neurons_without_variance() -> None:
    trains = poisson(6, 40.0, 2000.0, seed=1)
    trains = SpikeTrains.from_lists([*trains.lists(), [], np.arange(5.0, 2001.0, 5.0)], stop=2000.0)
    found = correlations(trains, bin=10.0)
    counts = [np.histogram(t, np.arange(0.0, 2001.0, 10.0))[0] for t in trains.lists()[:6]]
    np.testing.assert_array_equal(found.ids, range(6))
    np.testing.assert_allclose(found.matrix, np.corrcoef(counts), atol=1e-12)
    assert found.pairs.size == 15
    assert found.mean == pytest.approx(np.corrcoef(counts)[np.triu_indices(6, 1)].mean(), abs=1e-12)


def test_shared_spikes_give_the_known_correlation() -> None:
    """Two trains, each its own Poisson spikes and a share c in common: correlation c, sd ~ 1/sqrt(bins)."""
    shared, own = poisson(1, 30.0, 1e5, 1), poisson(2, 70.0, 1e5, 2)
    trains = SpikeTrains.from_lists([np.concatenate([t, shared.times]) for t in own.lists()], stop=1e5)
    assert mean_correlation(trains, bin=5.0) == pytest.approx(0.3, abs=4 / math.sqrt(2e4))


def test_the_sample_is_drawn_without_replacement_and_depends_on_the_seed_only() -> None:
    trains = poisson(50, 20.0, 1000.0, 3)
    a, b, c = (correlations(trains, sample=10, seed=s) for s in (0, 0, 1))
    assert np.unique(a.ids).size == 10
    np.testing.assert_array_equal(a.ids, b.ids)
    assert not np.array_equal(a.ids, c.ids)


def test_correlogram_equals_the_loop_over_pairs() -> None:
    rng = np.random.default_rng(4)
    a, b = np.sort(rng.integers(0, 500, 60) * 0.5), np.sort(rng.integers(0, 500, 80) * 0.5)
    found = correlogram(a, b, window=20.0, bin=2.0)
    twin = np.zeros(21, int)
    for s in a:
        for t in b:
            at = math.floor((t - s) / 2.0 + 0.5)  # all lags are multiples of 0.5: exact
            if -10 <= at <= 10:
                twin[at + 10] += 1
    np.testing.assert_array_equal(found.counts, twin)
    np.testing.assert_array_equal(found.lags, np.arange(-20.0, 21.0, 2.0))


def test_correlogram_finds_a_fixed_delay_and_leaves_self_pairs_out() -> None:
    a = poisson(1, 20.0, 50_000.0, 5).times
    found = correlogram(a, a + 7.0, window=30.0, bin=1.0)
    assert found.lags[found.counts.argmax()] == 7.0
    assert found.counts.max() >= a.size
    own = correlogram(a, window=30.0)
    assert own.counts[30] == 2 * np.sum(np.diff(a) < 0.5)  # only near neighbours, in both directions
    # a Poisson train: 20 Hz at every lag, each bin holds ~1000 pairs
    assert own.rate.mean() == pytest.approx(20.0, rel=4 / math.sqrt(own.counts.sum() / 2))


def test_chi_of_equal_and_of_independent_neurons() -> None:
    """chi = 1 when all do the same, 1/sqrt(N) in the mean when independent (sd of chi^2 ~ sqrt(2/T)/N)."""
    x = np.random.default_rng(6).normal(size=(20_000, 1))
    assert chi(np.repeat(x, 7, axis=1)) == pytest.approx(1.0, rel=1e-12)
    independent = np.random.default_rng(7).normal(size=(20_000, 25))
    assert chi(independent) ** 2 == pytest.approx(1 / 25, abs=4 * math.sqrt(2 / 20_000) / 25)
    traces = Traces(np.arange(20_000.0), independent, np.arange(25), "v", "mV")
    assert chi(traces) == chi(independent)
    for constant in (1.0, 0.1, -70.1):  # (the variance of equal numbers is not 0 by rounding)
        assert math.isnan(chi(np.full((10, 3), constant)))
    one = np.column_stack([x[:, 0], np.full(len(x), -70.1)])  # one that varies, one that does not: chi^2 = 1/4 / (1/2)
    assert chi(one) == pytest.approx(math.sqrt(0.5), rel=1e-9)
    with pytest.raises(InvalidValueError, match="got nan at time 3 of neuron 1"):
        chi(np.where(np.arange(20).reshape(10, 2) == 7, np.nan, 1.0))


def test_chi_of_spikes_equals_chi_of_their_binned_counts() -> None:
    trains = poisson(12, 50.0, 1000.0, 8)
    counts = [np.histogram(t, np.arange(0.0, 1001.0, 5.0))[0] for t in trains.lists()]
    assert chi(trains, bin=5.0) == pytest.approx(chi(np.transpose(counts)), rel=1e-10)


def test_synchrony_of_independent_neurons_is_one_and_of_n_equal_ones_n() -> None:
    """var/mean of a Poisson count is 1 (sd sqrt(2/bins)); of n copies n."""
    independent = poisson(20, 10.0, 60_000.0, 9)
    assert synchrony(independent) == pytest.approx(1.0, abs=4 * math.sqrt(2 / 20_000))
    copies = SpikeTrains.from_lists([poisson(1, 10.0, 60_000.0, 10).times] * 8, stop=60_000.0)
    assert synchrony(copies) == pytest.approx(8.0, rel=0.05)


def test_spectrum_of_poisson_neurons_is_flat_at_twice_the_rate_over_n() -> None:
    """Mean over m segments and frequencies: relative error ~ 1/sqrt(bins)."""
    found = spectrum(poisson(40, 15.0, 100_000.0, 11), bin=1.0, segment=500.0)
    inner = slice(2, -1)  # beyond the removed mean and before the one-sided end
    assert found.power[inner].mean() == pytest.approx(2 * 15.0 / 40, rel=4 / math.sqrt(50_000))
    np.testing.assert_allclose(np.diff(found.frequencies), 2.0)


def test_spectrum_finds_an_oscillation_and_its_variance() -> None:
    """A sine of amplitude A has variance A^2/2: the integral of the density."""
    t = np.arange(0.0, 10_000.0)
    values = 3.0 * np.sin(2 * np.pi * 0.040 * t)[:, None] + np.zeros((1, 4))
    found = spectrum(Traces(t, values, np.arange(4), "v", "mV"), segment=1000.0)
    assert found.peak == 40.0
    assert found.power.sum() * 1.0 == pytest.approx(4.5, rel=1e-3)


def test_a_window_of_whole_bins() -> None:
    """The outermost bins are centred on the window, or it is refused with the nearest ones."""
    train = np.array([10.0, 12.0])
    assert correlogram(train, window=0.3, bin=0.1).lags[[0, -1]].tolist() == pytest.approx([-0.3, 0.3])
    with pytest.raises(ValueError, match=r"window must be a multiple of bin.*nearest are 10 and 15 ms"):
        correlogram(train, window=12.0, bin=5.0)
