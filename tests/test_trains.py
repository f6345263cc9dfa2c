"""SpikeTrains and Traces against numbers worked out by hand and against loops that share no code."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

import spikesim.errors as errors
from spikesim.trains import SpikeTrains, Traces


@pytest.fixture
def trains() -> SpikeTrains:
    return SpikeTrains.from_lists([[10.0, 20.0, 40.0], [], [20.0, 100.0], [0.0, 50.0]], stop=100.0, name="exc")


def test_sorted_by_time_then_id(trains: SpikeTrains) -> None:
    assert trains.times.tolist() == [0, 10, 20, 20, 40, 50, 100]
    assert trains.ids.tolist() == [3, 0, 0, 2, 0, 3, 2]
    assert len(trains) == trains.count() == 7


def test_rates_by_hand(trains: SpikeTrains) -> None:
    assert trains.rate() == 7 / 4 / 0.1
    assert trains.rates().tolist() == [30, 0, 20, 20]
    assert trains.counts(10.0, 40.0).tolist() == [2, 0, 1, 0]  # 10 excluded, 40 included
    assert trains[:2].rate(0.0, 50.0) == 3 / 2 / 0.05


def test_windows_add_up(trains: SpikeTrains) -> None:
    edges = [0.0, 10.0, 20.0, 55.5, 100.0]
    assert sum(trains.count(a, b) for a, b in itertools.pairwise(edges)) == trains.count()


def test_intervals_by_hand(trains: SpikeTrains) -> None:
    assert trains.isi().tolist() == [10, 20, 80, 50]
    cvs = trains.cvs()  # neuron 0: intervals 10, 20: mean 15, sd 5
    assert cvs[0] == pytest.approx(1 / 3, rel=1e-15) and np.isnan(cvs[1:]).all()
    assert trains.cv() == cvs[0]
    assert math.isnan(trains[1:].cv())


def test_intervals_against_a_loop() -> None:
    rng = np.random.default_rng(1)
    lists = [np.sort(rng.uniform(0, 1000, n)) for n in rng.integers(0, 9, 300)]
    trains = SpikeTrains.from_lists(lists, stop=1000.0)
    assert np.allclose(trains.isi(), np.concatenate([np.diff(x) for x in lists]), rtol=0, atol=0)
    expected = [np.std(np.diff(x)) / np.mean(np.diff(x)) if len(x) > 2 else np.nan for x in lists]
    np.testing.assert_allclose(trains.cvs(), expected, rtol=1e-12)
    assert all(np.array_equal(a, b) for a, b in zip(trains.lists(), lists))


def test_selection(trains: SpikeTrains) -> None:
    part = trains[[3, 0], 5.0:50.0]
    assert part.times.tolist() == [10, 20, 40, 50] and part.ids.tolist() == [0, 0, 0, 3]
    assert (part.start, part.stop, part.size) == (5.0, 50.0, 4)
    assert part.counts().tolist() == [1, 3]  # in the order asked for
    assert trains[-1].times.tolist() == [0, 50]
    assert trains[np.array([True, False, False, True])].ids.tolist() == [3, 0, 0, 0, 3]
    with pytest.raises(errors.IndexRangeError, match="neuron 4 is outside 0"):
        trains[4]
    with pytest.raises(errors.IndexRangeError, match="neuron 1 was not recorded"):
        part[1]
    with pytest.raises(errors.InvalidValueError, match="within the recording"):
        trains.between(0.0, 200.0)


def test_convolution_by_hand(trains: SpikeTrains) -> None:
    t = np.array([0.0, 20.0, 60.0])
    s = trains.convolve(lambda lag: np.where(lag >= 0, np.exp(-lag / 10.0), 0.0), t)
    assert s.shape == (3, 4)
    assert s[1, 0] == pytest.approx(1 + math.exp(-1), rel=1e-15)
    assert s[2, 3] == pytest.approx(math.exp(-6) + math.exp(-1), rel=1e-15)
    assert s[0].tolist() == [0, 0, 0, 1]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (dict(times=[1.0, np.nan]), "finite numbers, got .*nan.* at index 1"),
        (dict(times=[2.0, 1.0]), "not sorted by time, then id, at index 1"),
        (dict(times=[1.0, 1.0], ids=[1, 0]), "not sorted"),
        (dict(ids=[0, 5]), "id 5 at index 1 is outside 0 ... 2"),
        (dict(ids=[-1, 0]), "id -1 at index 0"),
        (dict(ids=[0]), "as many times as ids, got 2 and 1"),
        (dict(ids=[0.5, 1.0]), "wanted int64, got float64"),
        (dict(stop=1.5), "outside the recording"),
        (dict(times=[[1.0, 2.0]]), "1 dimension"),
    ],
)
def test_refused(change: dict, message: str) -> None:
    good = dict(times=[1.0, 2.0], ids=[0, 1], size=3, start=0.0, stop=10.0)
    SpikeTrains(**good)
    with pytest.raises(errors.SpikesimError, match=message):
        SpikeTrains(**(good | change))


def test_frozen(trains: SpikeTrains) -> None:
    with pytest.raises(ValueError):
        trains.times[0] = 1.0
    with pytest.raises(AttributeError):
        trains.size = 3  # type: ignore[misc]


def test_empty_has_no_rate(trains: SpikeTrains) -> None:
    with pytest.raises(errors.InvalidValueError, match="empty"):
        trains.rate(5.0, 5.0)
    with pytest.raises(errors.InvalidValueError, match="empty"):
        trains[[]].rate()


def test_traces() -> None:
    traces = Traces([1.0, 2.0, 3.0], [[1, 2], [3, 4], [5, 6]], [7, 2], "v", "mV", "exc")
    part = traces[2, 1.0:3.0]
    assert part.times.tolist() == [2, 3] and part.values.tolist() == [[4], [6]] and part.ids.tolist() == [2]
    assert traces[:].ids.tolist() == [2, 7]
    assert traces[[7, 2]].values.tolist() == [[1, 2], [3, 4], [5, 6]]
    with pytest.raises(errors.IndexRangeError, match="not recorded"):
        traces[3]
    with pytest.raises(errors.InvalidValueError, match="shape"):
        Traces([1.0], [[1, 2]], [1], "v")
