"""Distances of spike trains: closed forms, limits, and twins that integrate or enumerate the definitions."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from scipy import integrate

from spikesim import errors
from spikesim.analysis import isi_distance, spike_distance, van_rossum, victor_purpura
from spikesim.trains import SpikeTrains


def some(seed: int, n: int, stop: float = 100.0) -> np.ndarray:
    return np.sort(np.random.default_rng(seed).uniform(0.0, stop, n))


# ---- van Rossum


@pytest.mark.parametrize("shift", [1e-9, 0.1, 3.0, 1000.0])
def test_van_rossum_of_one_spike_moved_is_the_closed_form(shift: float) -> None:
    """D^2 = 1 - exp(-|d|/tau); at 1e-9 ms a difference of large sums would have no digit left."""
    distance = van_rossum(np.array([50.0]), np.array([50.0 + shift]), tau=7.0)
    moved = 50.0 + shift - 50.0
    assert distance[0] ** 2 == pytest.approx(-math.expm1(-moved / 7.0), rel=1e-12)


def test_van_rossum_of_one_spike_missing_is_one_half() -> None:
    assert van_rossum(np.array([50.0]), np.zeros(0))[0] ** 2 == pytest.approx(0.5, rel=1e-15)
    assert van_rossum(np.zeros(0), np.zeros(0))[0] == 0.0


def test_van_rossum_equals_the_double_sum_over_spikes() -> None:
    """Twin: D^2 = 1/2 sum_ij s_i s_j exp(-|t_i - t_j|/tau) over the pooled, signed spikes."""
    a, b = some(1, 23), some(2, 17)
    t, s = np.concatenate([a, b]), np.repeat([1.0, -1.0], [23, 17])
    double = 0.5 * (s[:, None] * s * np.exp(-np.abs(t[:, None] - t) / 12.0)).sum()
    assert van_rossum(a, b, tau=12.0)[0] == pytest.approx(math.sqrt(double), rel=1e-12)


# ---- Victor-Purpura


def purpura_table(a: np.ndarray, b: np.ndarray, cost: float) -> float:
    """Twin: the full table of cheapest edits, as in the paper."""
    table = np.zeros((a.size + 1, b.size + 1))
    table[:, 0], table[0] = np.arange(a.size + 1), np.arange(b.size + 1)
    for i in range(a.size):
        for j in range(b.size):
            move = table[i, j] + cost * abs(a[i] - b[j])
            table[i + 1, j + 1] = min(table[i, j + 1] + 1.0, table[i + 1, j] + 1.0, move)
    return table[-1, -1]


@pytest.mark.parametrize("cost", [0.0, 0.001, 0.05, 0.3, 2.0, 50.0])
def test_victor_purpura_equals_the_full_table(cost: float) -> None:
    for seed in range(40):
        rng = np.random.default_rng(seed)
        a, b = some(seed, rng.integers(0, 12)), some(seed + 1000, rng.integers(0, 12))
        b[: b.size // 3] = rng.permutation(np.concatenate([a, b]))[: b.size // 3]  # some spikes in common
        b.sort()
        assert victor_purpura(a, b, cost)[0] == pytest.approx(purpura_table(a, b, cost), abs=1e-12)


def test_victor_purpura_limits() -> None:
    """q -> 0: difference of counts; q -> inf: spikes that are not in both."""
    a, b = some(3, 30), np.sort(np.concatenate([some(3, 30)[:12], some(4, 8)]))
    assert victor_purpura(a, b, 0.0)[0] == 10.0
    assert victor_purpura(a, b, 1e9)[0] == pytest.approx(18.0 + 8.0, abs=1e-12)


# ---- ISI- and SPIKE-distance


def profile_twin(a: np.ndarray, b: np.ndarray, start: float, stop: float) -> tuple[float, float]:
    """Twin: the instantaneous values by their definition at one time, integrated by quadrature."""

    def around(own: np.ndarray, other: np.ndarray, t: float) -> tuple[float, float]:
        ends = [start, stop]
        if other.size > 1:
            ends = [min(start, 2 * other[0] - other[1]), max(stop, 2 * other[-1] - other[-2])]
        others = np.concatenate([other, ends])

        def gap(spike: float) -> float:
            return float(np.abs(others - spike).min())

        before, after = own[own <= t], own[own > t]
        if before.size and after.size:
            x = after[0] - before[-1]
            return x, (gap(before[-1]) * (after[0] - t) + gap(after[0]) * (t - before[-1])) / x
        edge, near = (after[0] - start, after) if after.size else (stop - before[-1], before[::-1])
        return max(edge, abs(near[1] - near[0])) if near.size > 1 else edge, gap(near[0])

    def both(t: float) -> tuple[float, float]:
        (xa, sa), (xb, sb) = around(a, b, t), around(b, a, t)
        return abs(xa - xb) / max(xa, xb), (sa * xb + sb * xa) / (2 * ((xa + xb) / 2) ** 2)

    knots = np.unique(np.concatenate([[start], a, b, [stop]]))
    total = [
        sum(integrate.quad(lambda t, k=k: both(t)[k], p + 1e-13, q - 1e-13)[0] for p, q in pairwise(knots))
        for k in (0, 1)
    ]
    return total[0] / (stop - start), total[1] / (stop - start)


@pytest.mark.parametrize(("n", "m"), [(1, 1), (1, 5), (2, 1), (4, 7), (9, 3)])
def test_isi_and_spike_distance_equal_the_integral_of_their_definition(n: int, m: int) -> None:
    a, b = some(n, n), some(100 + m, m)
    isi, spike = profile_twin(a, b, 0.0, 100.0)
    assert isi_distance(a, b, 0.0, 100.0)[0] == pytest.approx(isi, abs=1e-10)
    assert spike_distance(a, b, 0.0, 100.0)[0] == pytest.approx(spike, abs=1e-10)


def test_isi_and_spike_distance_of_trains_worked_out_by_hand() -> None:
    """Two trains on 0 ... 1 with their profiles computed on paper, edges and a common spike included."""
    a, b = np.array([0.2, 0.4, 0.6]), np.array([0.1, 0.4, 0.5, 0.6])
    width = np.diff([0.0, 0.1, 0.2, 0.4, 0.5, 0.6, 1.0])
    isi = np.array([0.1 / 0.3, 0.1 / 0.3, 0.1 / 0.3, 0.1 / 0.2, 0.1 / 0.2, 0.0])
    assert isi_distance(a, b, 0.0, 1.0)[0] == pytest.approx(float(isi @ width), abs=1e-14)
    x, y = np.array([0.2, 0.2, 0.2, 0.2, 0.2, 0.4]), np.array([0.3, 0.3, 0.3, 0.1, 0.1, 0.4])
    # gaps: 0.1, 0, 0 for a (0.2 is 0.1 from 0.1) and 0.1, 0, 0.1, 0 for b; held before the first spike
    s_a = np.array([[0.1, 0.1], [0.1, 0.1], [0.1, 0.0], [0.0, 0.0], [0.0, 0.0], [0.0, 0.0]])
    s_b = np.array([[0.1, 0.1], [0.1, 0.2 / 3], [0.2 / 3, 0.0], [0.0, 0.1], [0.1, 0.0], [0.0, 0.0]])
    profile = (s_a.mean(axis=1) * y + s_b.mean(axis=1) * x) / (0.5 * (x + y) ** 2)
    assert spike_distance(a, b, 0.0, 1.0)[0] == pytest.approx(float(profile @ width), abs=1e-14)


def test_distances_of_silent_and_of_equal_trains() -> None:
    a = some(5, 20)
    for distance in (isi_distance, spike_distance):
        assert distance(a, a, 0.0, 100.0)[0] == 0.0
        assert distance(np.zeros(0), np.zeros(0), 0.0, 100.0)[0] == 0.0
        assert 0.0 < distance(a, np.zeros(0), 0.0, 100.0)[0] <= 1.0
    # a regular train against silence: intervals 10 and 100, everywhere
    regular = np.arange(0.0, 101.0, 10.0)
    assert isi_distance(regular, np.zeros(0), 0.0, 100.0)[0] == pytest.approx(0.9, abs=1e-14)


def test_distances_are_given_neuron_by_neuron_and_are_symmetric() -> None:
    a = SpikeTrains.from_lists([some(1, 5), [], some(2, 7)], stop=100.0)
    b = SpikeTrains.from_lists([some(3, 4), some(4, 2), []], stop=100.0)
    for distance in (van_rossum, victor_purpura, isi_distance, spike_distance):
        each = distance(a, b)
        assert each.shape == (3,)
        np.testing.assert_allclose(each, distance(b, a), rtol=1e-12)
        parameters = (0.0, 100.0) if distance in (isi_distance, spike_distance) else ()
        alone = [distance(x, y, *parameters)[0] for x, y in zip(a.lists(), b.lists())]
        np.testing.assert_array_equal(each, alone)


def test_refusals_say_what_is_wrong() -> None:
    a, b = SpikeTrains.from_lists([[1.0]], stop=5.0), SpikeTrains.from_lists([[1.0], [2.0]], stop=5.0)
    with pytest.raises(errors.InvalidValueError, match="1 neurons in a and 2 in b"):
        van_rossum(a, b)
    with pytest.raises(errors.InvalidValueError, match="tau must be > 0 ms"):
        van_rossum(a, a, tau=math.nan)
    with pytest.raises(errors.InvalidValueError, match="cost must be >= 0"):
        victor_purpura(a, a, cost=-1.0)
    with pytest.raises(errors.InvalidValueError, match="outside the window"):
        spike_distance(np.array([7.0]), np.array([1.0]), 0.0, 5.0)


def test_trains_from_before_zero() -> None:
    """The distance does not depend on where time is counted from: D^2 = 1 - exp(-d / tau) for one spike moved by d."""
    a, b = np.array([-400.0, -390.0]), np.array([-400.0, -388.0])
    assert van_rossum(a, b, tau=1.0)[0] == pytest.approx(np.sqrt(1.0 - np.exp(-2.0)), rel=1e-9)
    assert van_rossum(a, b, tau=1.0)[0] == pytest.approx(van_rossum(a + 400.0, b + 400.0, tau=1.0)[0], rel=1e-12)


@pytest.mark.parametrize("window", [(0.0, np.inf), (-np.inf, 10.0)])
def test_a_window_without_end_is_refused(window: tuple[float, float]) -> None:
    """Its mean would be NaN."""
    with pytest.raises(errors.InvalidValueError, match="finite"):
        isi_distance(np.array([1.0, 4.0]), np.array([2.0]), *window)
