"""Trains through synapses: the filter on a grid equals the sum of kernels."""

from __future__ import annotations

import numpy as np
import pytest

from spikesim import errors
from spikesim.analysis import convolve, filtered
from spikesim.synapses.conductance import ConductanceAlpha
from spikesim.synapses.delta import Delta
from spikesim.synapses.gamma import Alpha, Exponential, Gamma
from spikesim.trains import SpikeTrains


@pytest.mark.parametrize(
    "synapse",
    [Exponential(5.0), Alpha(3.0), Gamma(4, 2.5), ConductanceAlpha(2.0, 0.0)],
    ids=lambda s: type(s).__name__,
)
def test_filter_equals_the_sum_of_kernels(synapse: object) -> None:
    """Spikes on and off the grid, at the start, several at once."""
    rng = np.random.default_rng(0)
    lists = [np.sort(rng.uniform(0, 200, 30)), [0.0, 10.0, 10.0, 55.3], [], [200.0]]
    trains = SpikeTrains.from_lists(lists, stop=200.0)
    found = filtered(trains, synapse, every=0.5)  # type: ignore[arg-type]
    assert found.times.size == 401
    exact = sum(
        np.where(found.times[:, None] >= t, synapse.psc(found.times[:, None] - t), 0.0)  # type: ignore[attr-defined]
        * (np.arange(4) == k)
        for k, train in enumerate(lists)
        for t in train
    )
    np.testing.assert_allclose(found.values, exact, atol=1e-10 * np.max(exact))
    np.testing.assert_allclose(convolve(trains, synapse, found.times), exact, atol=1e-12 * np.max(exact))  # type: ignore[arg-type]


def test_filter_follows_the_selected_neurons_and_the_start_of_the_recording() -> None:
    trains = SpikeTrains.from_lists([[12.0], [14.0], [16.0]], start=10.0, stop=20.0)
    found = filtered(trains[[2, 0]], Exponential(2.0), every=1.0)
    np.testing.assert_array_equal(found.ids, [2, 0])
    assert found.times[0] == 10.0
    np.testing.assert_allclose(found.values[-1], np.exp([-(20.0 - 16.0) / 2.0, -(20.0 - 12.0) / 2.0]))


def test_delta_is_no_filter() -> None:
    with pytest.raises(errors.InvalidTypeError, match="wanted a synapse with a current or a conductance"):
        filtered(SpikeTrains.from_lists([[1.0]], stop=2.0), Delta())
