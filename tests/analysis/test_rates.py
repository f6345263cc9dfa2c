"""Counts and rates in bins: numbers by hand, and loops that share no code."""

from __future__ import annotations

import numpy as np
import pytest

from spikesim import errors
from spikesim.analysis import binned_counts, instantaneous_rate, population_counts, population_rate
from spikesim.trains import SpikeTrains


def test_bins_are_closed_on_the_right_and_lose_no_spike() -> None:
    """0.3 / 0.1 = 2.9999999999999996: edges must survive rounding."""
    trains = SpikeTrains.from_lists([[0.0, 0.1, 0.2, 0.3, 0.7, 1.0]], stop=1.0)
    centres, counts = population_counts(trains, 0.1)
    # the spike at the very start of the recording belongs to the first bin
    np.testing.assert_array_equal(counts, [2, 1, 1, 0, 0, 0, 1, 0, 0, 1])
    np.testing.assert_allclose(centres, np.arange(0.05, 1.0, 0.1))


@pytest.mark.parametrize("start", [0.0, 123.4])
def test_bins_on_a_fine_grid_far_from_zero_hold_exactly_one_spike_each(start: float) -> None:
    steps = np.arange(1, 10_001)
    trains = SpikeTrains(start + steps * 0.1, np.zeros(10_000, np.int64), 1, start, start + 1000.0)
    np.testing.assert_array_equal(population_counts(trains, 0.1)[1], np.ones(10_000))


def test_binned_counts_equal_a_loop_and_follow_the_recorded_neurons() -> None:
    rng = np.random.default_rng(0)
    times, ids = np.sort(rng.uniform(0.0, 100.0, 500)), rng.integers(0, 10, 500)
    trains = SpikeTrains(times, ids, 10, 0.0, 100.0)
    twin = np.zeros((10, 14), np.int64)
    for t, i in zip(times, ids):
        if t <= 98.0:
            twin[i, int(np.ceil(t / 7.0)) - 1] += 1
    np.testing.assert_array_equal(binned_counts(trains, 7.0).toarray(), twin)
    np.testing.assert_array_equal(binned_counts(trains[[8, 2]], 7.0).toarray(), twin[[8, 2]])


def test_population_rate_is_spikes_per_neuron_and_second() -> None:
    trains = SpikeTrains.from_lists([[5.0, 6.0], [5.5], [], []], stop=20.0)
    np.testing.assert_allclose(population_rate(trains, 10.0)[1], [3 / 4 / 0.010, 0.0])
    # only the recorded neurons count
    np.testing.assert_allclose(population_rate(trains[:2], 10.0)[1], [3 / 2 / 0.010, 0.0])


def test_instantaneous_rate_keeps_a_constant_rate_up_to_the_edges_and_the_area_of_a_spike() -> None:
    each = SpikeTrains.from_lists([np.arange(1.0, 201.0)], stop=200.0)
    np.testing.assert_allclose(instantaneous_rate(each, sigma=10.0)[1], 1000.0, rtol=1e-12)
    one = SpikeTrains.from_lists([[100.0]], stop=200.0)
    t, rate = instantaneous_rate(one, sigma=5.0)
    assert rate.sum() / 1000.0 == pytest.approx(1.0, rel=1e-8)
    assert rate.max() == pytest.approx(1000.0 / (5.0 * np.sqrt(2 * np.pi)), rel=1e-4)
    assert t[rate.argmax()] == 99.5  # the centre of (99, 100]


def test_bad_bins_are_refused() -> None:
    trains = SpikeTrains.from_lists([[1.0]], stop=20.0)
    for bad in (0.0, -1.0, np.nan, np.inf):
        with pytest.raises(errors.InvalidValueError, match="bin must be > 0 ms"):
            population_rate(trains, bad)
    with pytest.raises(errors.InvalidValueError, match="longer than the window"):
        population_rate(trains, 21.0)
    with pytest.raises(errors.InvalidTypeError, match="wanted SpikeTrains"):
        population_rate([1.0], 1.0)  # type: ignore[arg-type]
