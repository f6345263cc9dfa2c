"""CV, CV2, LV and Fano: closed forms of regular, Poisson and gamma processes, and naive twins."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest

from spikesim import errors
from spikesim.analysis import cv, cv2, cv2s, cvs, fano, fanos, lv, lvs
from spikesim.trains import SpikeTrains


def renewal(shape: float, neurons: int, spikes: int, seed: int) -> SpikeTrains:
    """Gamma renewal processes of mean interval 10 ms (shape 1: Poisson)."""
    gaps = np.random.default_rng(seed).gamma(shape, 10.0 / shape, (neurons, spikes))
    return SpikeTrains.from_lists(list(np.cumsum(gaps, axis=1)))


def test_a_regular_train_has_no_variability() -> None:
    trains = SpikeTrains.from_lists([np.arange(10.0, 1001.0, 10.0)] * 3, stop=1000.0)
    assert cv(trains) == cv2(trains) == lv(trains) == fano(trains, 50.0) == 0.0


def test_poisson_process_has_one_of_each_within_four_standard_errors() -> None:
    """Of m = 100,000 intervals: sd(CV) ~ 1/sqrt(m) (delta method), sd(CV2), sd(LV) below; 4 sigma."""
    trains = renewal(1.0, 1, 100_000, seed=1)
    m = len(trains)
    assert cv(trains) == pytest.approx(1.0, abs=4 / math.sqrt(m))
    # x = (I' - I)/(I' + I) is uniform on (-1, 1): var(2|x|) = 1/3, var(3 x^2) = 4/5; neighbours share an
    # interval, which at most triples the variance of the mean
    assert cv2(trains) == pytest.approx(1.0, abs=4 * math.sqrt(3 * (1 / 3) / m))
    assert lv(trains) == pytest.approx(1.0, abs=4 * math.sqrt(3 * (4 / 5) / m))


@pytest.mark.parametrize("shape", [0.5, 2.0, 5.0])
def test_gamma_process_has_the_known_cv_and_lv(shape: float) -> None:
    """CV = 1/sqrt(k), LV = 3/(2k + 1) (Shinomoto et al. 2003)."""
    trains = renewal(shape, 1, 100_000, seed=2)
    assert cv(trains) == pytest.approx(1 / math.sqrt(shape), rel=0.02)
    assert lv(trains) == pytest.approx(3 / (2 * shape + 1), rel=0.02)


def test_a_change_of_rate_raises_cv_but_hardly_lv() -> None:
    gaps = np.concatenate([np.full(100, 5.0), np.full(100, 50.0)])
    trains = SpikeTrains.from_lists([np.cumsum(gaps)])
    assert cv(trains) == pytest.approx(np.std(gaps[1:]) / np.mean(gaps[1:]), rel=1e-12)
    # one change among 198 neighbouring pairs of intervals
    assert lv(trains) == pytest.approx(3 * (45 / 55) ** 2 / 198, rel=1e-9)
    assert cv2(trains) == pytest.approx(2 * (45 / 55) / 198, rel=1e-9)


def test_measures_equal_naive_loops_neuron_by_neuron() -> None:
    rng = np.random.default_rng(3)
    trains = SpikeTrains.from_lists([np.sort(rng.uniform(0, 500, n)) for n in (0, 1, 2, 3, 4, 40)], stop=500.0)
    for k, times in enumerate(trains.lists()):
        gaps = np.diff(times)
        if gaps.size < 2:
            assert all(math.isnan(measure(trains)[k]) for measure in (cvs, cv2s, lvs))
            continue
        contrast = [(q - p) / (q + p) for p, q in pairwise(gaps)]
        assert cvs(trains)[k] == pytest.approx(np.std(gaps) / np.mean(gaps), rel=1e-12)
        assert cv2s(trains)[k] == pytest.approx(np.mean([2 * abs(c) for c in contrast]), rel=1e-12)
        assert lvs(trains)[k] == pytest.approx(np.mean([3 * c * c for c in contrast]), rel=1e-12)
    counts = [np.histogram(t, np.arange(0, 501, 50))[0] for t in trains.lists()]
    for k, n in enumerate(counts[1:], 1):
        assert fanos(trains, 50.0)[k] == pytest.approx(np.var(n, ddof=1) / np.mean(n), rel=1e-12)
    assert math.isnan(fanos(trains, 50.0)[0])


def test_fano_of_known_counts() -> None:
    """Counts 1, 3, 2, 2: mean 2, unbiased variance 2/3."""
    times = [5.0, 11.0, 12.0, 13.0, 21.0, 22.0, 31.0, 40.0]
    assert fano(SpikeTrains.from_lists([times], stop=40.0), 10.0) == pytest.approx(1 / 3, rel=1e-15)


def test_no_spikes_give_nan_and_too_few_windows_an_error() -> None:
    trains = SpikeTrains.from_lists([[], [3.0]], stop=10.0)
    assert math.isnan(cv(trains)) and math.isnan(lv(trains)) and math.isnan(cv2(trains))
    with pytest.raises(errors.InvalidValueError, match="at least 2 windows"):
        fano(trains, 6.0)
