"""Stimuli. Truth: the equations at the top of spikesim/network/stimulus.py, said once more in plain Python."""
# ruff: noqa: E501  (a row of a table is one line)

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spikesim.errors import SpikesimError
from spikesim.grid import Grid
from spikesim.network import DC, Noise, Sine, Steps, Waveform
from spikesim.random import normal

T = np.arange(0.0, 30.0, 0.25)


def _steps(times, amplitudes):
    def plain(t):
        current = 0.0
        for begin, amplitude in zip(times, amplitudes):
            if t >= begin:
                current = amplitude
        return current

    return plain


def _line(times, values):
    def plain(t):
        if t < times[0]:
            return 0.0
        for (a, b), (x, y) in zip(pairwise(times), pairwise(values)):
            if a <= t < b:
                return x + (y - x) * (t - a) / (b - a)
        return values[-1]

    return plain


CURRENTS = [
    (DC(3.0), lambda t: 3.0, []),
    (DC(3.0, start=5.0, stop=10.0), lambda t: 3.0 if 5 <= t < 10 else 0.0, [5, 10]),
    (DC(-3.0, start=5.0), lambda t: -3.0 if t >= 5 else 0.0, [5]),
    (Steps([2.0, 4.0, 9.0], [1.0, -2.0, 0.5]), _steps([2, 4, 9], [1, -2, 0.5]), [2, 4, 9]),
    (Steps(7, 3), _steps([7], [3]), [7]),
    (Waveform([2.0, 6.0, 8.0], [1.0, 5.0, -1.0]), _line([2, 6, 8], [1, 5, -1]), [2, 6, 8]),
    (
        Sine(2.0, 100.0, phase=0.5, offset=1.0, start=3.0, stop=20.0),
        lambda t: 1.0 + 2.0 * math.sin(2 * math.pi * 0.1 * (t - 3) + 0.5) if 3 <= t < 20 else 0.0,
        [3, 20],
    ),
]


@pytest.mark.parametrize(("stimulus", "plain", "breaks"), CURRENTS, ids=lambda x: type(x).__name__)
def test_the_current_is_its_equation(stimulus, plain, breaks):
    assert np.allclose(stimulus.value(T), [plain(t) for t in T], rtol=1e-14, atol=1e-14)
    assert [b for b in stimulus.breaks() if b] == breaks
    assert stimulus.targets is None and stimulus.value(T).shape == T.shape


LISTED = [
    (DC([1.0, 2.0, 3.0], stop=9.0), [DC(a, stop=9.0) for a in (1.0, 2.0, 3.0)]),
    (Steps([2.0, 4.0], [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]), [Steps([2.0, 4.0], [a, a + 3]) for a in (1.0, 2.0, 3.0)]),
    (Waveform([2.0, 4.0], [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]), [Waveform([2.0, 4.0], [a, a + 3]) for a in (1.0, 2.0, 3.0)]),
    (Sine(1.0, [10.0, 20.0, 30.0], offset=[1.0, 2.0, 3.0]), [Sine(1.0, 10.0 * a, offset=a) for a in (1.0, 2.0, 3.0)]),
]  # fmt: skip


@pytest.mark.parametrize(("listed", "each"), LISTED, ids=lambda x: type(x).__name__)
def test_one_amplitude_a_target_is_one_stimulus_a_target(listed, each):
    assert listed.targets == 3
    assert np.array_equal(listed.value(T), np.stack([one.value(T) for one in each], axis=1))


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 50), min_size=1, unique=True).map(sorted), st.data())
def test_piecewise_constant_currents_are_constant_between_their_breaks(times, data):
    amplitudes = data.draw(st.lists(st.floats(-1e3, 1e3), min_size=len(times), max_size=len(times)))
    current = Steps(times, amplitudes)
    assert current.piecewise_constant
    begins = np.concatenate(([0.0], current.breaks(), [60.0]))
    for a, b in pairwise(begins):
        if a < b:
            assert np.ptp(current.value(np.linspace(a, b, 5, endpoint=False))) == 0.0


def test_noise_keeps_its_numbers():
    noise = Noise([1.0, 2.0], 3, dt=0.5)
    assert (noise.mean.tolist(), noise.sd, noise.dt, noise.targets) == ([1.0, 2.0], 3.0, 0.5, 2)
    assert noise.piecewise_constant and not Sine(1.0, 1.0).piecewise_constant


def test_arrays_are_copied_and_frozen():
    times, values = np.array([1.0, 2.0]), np.array([3.0, 4.0])
    current = Waveform(times, values)
    times[0], values[0] = -1.0, np.nan
    assert current.value(np.array([1.0]))[0] == 3.0
    with pytest.raises(ValueError):
        current.values[0] = 0.0
    with pytest.raises(AttributeError):
        DC(1.0).amplitude = 2.0


BAD = [
    (lambda: DC(np.nan), ValueError, r"DC: amplitude must be finite, got nan"),
    (
        lambda: DC([1.0, np.inf, np.inf]),
        ValueError,
        r"DC: amplitude must be finite, got inf at index 1 \(2 such",
    ),
    (lambda: DC("1"), TypeError, r"DC: amplitude: .*got str '1'"),
    (lambda: DC(None), TypeError, r"DC: amplitude: .*got NoneType"),
    (lambda: DC(True), TypeError, r"DC: amplitude: .*got bool"),
    (
        lambda: DC(normal(1.0, 1.0)),
        TypeError,
        r"DC: amplitude must be a number or an array, got the distribution",
    ),
    (lambda: DC(1.0, start=-1.0), ValueError, r"DC: start must be >= 0, got -1\.0"),
    (lambda: DC(1.0, start=np.inf), ValueError, r"DC: start must be finite, got inf"),
    (lambda: DC(1.0, start=[1.0, 2.0]), TypeError, r"DC: start must be one number, got list"),
    (
        lambda: DC(1.0, start=5.0, stop=5.0),
        ValueError,
        r"DC: stop must be after start, got start = 5\.0 and stop = 5",
    ),
    (lambda: DC(1.0, stop=np.nan), ValueError, r"DC: stop must be finite, got nan"),
    (lambda: Steps([], []), ValueError, r"Steps: times must hold at least one time"),
    (
        lambda: Steps([1.0, 3.0, 2.0], [1.0] * 3),
        ValueError,
        r"Steps: times must ascend, got 2\.0 after 3\.0 ms at index 2",
    ),
    (
        lambda: Steps([1.0, 1.0], [1.0] * 2),
        ValueError,
        r"Steps: times must ascend, got 1\.0 after 1\.0 ms at index 1",
    ),
    (lambda: Steps([-1.0, 1.0], [1.0] * 2), ValueError, r"Steps: times must be >= 0, got -1\.0 at index 0"),
    (lambda: Steps([1.0, np.nan], [1.0] * 2), ValueError, r"Steps: times must be finite, got nan at index 1"),
    (
        lambda: Steps([1.0, 2.0], [1.0]),
        ValueError,
        r"Steps: amplitudes: wanted one a time, shape \(2,\).*got shape \(1,\)",
    ),
    (lambda: Steps([1.0], np.ones((1, 2, 2))), ValueError, r"Steps: amplitudes: .*got shape \(1, 2, 2\)"),
    (
        lambda: Steps([1.0, 2.0], [1.0, np.nan]),
        ValueError,
        r"Steps: amplitudes must be finite, got nan at index 1",
    ),
    (
        lambda: Steps([1.0, 2.0], [[1.0, 2.0], [1.0]]),
        TypeError,
        r"Steps: amplitudes: wanted an array of numbers",
    ),
    (
        lambda: Waveform([0.0, 1.0], ["a", "b"]),
        TypeError,
        r"Waveform: values: wanted an array of numbers, got list",
    ),
    (
        lambda: Waveform([0.0, 1.0], [[0.0, 1.0], [np.inf, 1.0]]),
        ValueError,
        r"must be finite, got inf at index \(1, 0\)",
    ),
    (lambda: Sine(1.0, -1.0), ValueError, r"Sine: frequency must be >= 0, got -1\.0"),
    (lambda: Sine([1.0, 2.0], [1.0, 2.0, 3.0]), ValueError, r"Sine: .*amplitude has 2, frequency has 3"),
    (lambda: Noise(0.0, -1.0), ValueError, r"Noise: sd must be >= 0, got -1\.0"),
    (lambda: Noise(0.0, [1.0, -1.0]), ValueError, r"Noise: sd must be >= 0, got -1\.0 at index 1 \(1 such"),
    (lambda: Noise(0.0, 1.0, dt=0.0), ValueError, r"Noise: dt must be > 0, got 0\.0"),
    (lambda: Noise(0.0, 1.0, dt=np.nan), ValueError, r"Noise: dt must be finite, got nan"),
    (lambda: Noise([0.0] * 2, [1.0] * 3), ValueError, r"Noise: .*mean has 2, sd has 3"),
]


@pytest.mark.parametrize(("make", "error", "match"), BAD)
def test_bad_stimuli(make, error, match):
    with pytest.raises(error, match=match) as caught:
        make()
    assert isinstance(caught.value, SpikesimError)


OFF_GRID = [
    (
        DC(1.0, start=0.25),
        r"x: DC: time 0 at which the current changes: 0\.25 ms is no multiple of dt = 0\.1 ms",
    ),
    (DC(1.0, stop=0.25), r"x: DC: time 1 .*0\.25 ms"),
    (
        Steps([0.1, 0.2, 0.35], [1.0] * 3),
        r"x: Steps: time 2 .*0\.35 ms .*nearest valid values are 0\.3 or 0\.4 ms",
    ),
    (Sine(1.0, 1.0, start=0.05), r"x: Sine: time 0 .*0\.05 ms"),
    (Noise(0.0, 1.0, dt=0.15), r"x: Noise: dt: 0\.15 ms is no multiple"),
    (Noise(0.0, 1.0, dt=0.05), r"x: Noise: dt: 0\.05 ms is no multiple"),
]


@pytest.mark.parametrize(("stimulus", "match"), OFF_GRID)
def test_jumps_off_the_grid_are_refused(stimulus, match):
    with pytest.raises(ValueError, match=match):
        stimulus.on_grid(Grid(0.1), "x")
    stimulus.on_grid(Grid(0.05), "x")


def test_a_waveform_may_have_its_samples_anywhere():
    Waveform([0.0, 1 / 3], [0.0, 1.0]).on_grid(Grid(0.1), "x")


def test_a_waveform_of_one_current_a_target_is_that_of_each() -> None:
    times, values = np.array([2.0, 3.5, 9.0]), np.array([[1.0, -4.0], [3.0, 0.5], [-2.0, 7.0]])
    t = np.concatenate([np.linspace(0.0, 12.0, 241), times, np.nextafter(times, 0.0), np.nextafter(times, 99.0)])
    alone = [Waveform(times, column).value(t) for column in values.T]
    np.testing.assert_allclose(Waveform(times, values).value(t), np.transpose(alone), rtol=0, atol=1e-14)
    assert Waveform([3.0], [[1.0, 2.0]]).value(np.array([0.0, 3.0, 4.0])).tolist() == [[0, 0], [1, 2], [1, 2]]
