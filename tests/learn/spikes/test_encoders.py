"""Encoders: what they are meant to send, counted.  Batches of spikes: lists and arrays say the same."""

from __future__ import annotations

import numpy as np
import pytest

from spikesim import learn
from spikesim.errors import InvalidTypeError, InvalidValueError
from spikesim.learn.spikes.surrogate import SURROGATES, as_surrogate, slope


def test_latency() -> None:
    """One spike a source above theta; the larger, the earlier; logarithmic as the leaky integrator has it."""
    x = np.array([[1.0, 0.5, 0.02, 0.005]])
    batch = learn.Latency(steps=10)(x)
    dense = batch.dense()[0]
    assert dense.sum(axis=0).tolist() == [1, 1, 1, 0]
    assert dense.argmax(axis=0)[:3].tolist() == [0, 5, 9]
    times = learn.Latency(steps=30, tau=5.0, theta=0.2)(np.array([[0.9, 0.3, 0.21]])).dense()[0].argmax(axis=0)
    assert (
        times.tolist()
        == np.rint(5.0 * np.log(np.array([0.9, 0.3, 0.21]) / (np.array([0.9, 0.3, 0.21]) - 0.2))).tolist()
    )


def test_rates() -> None:
    """Counts of Poisson spikes within 5 standard deviations; regular ones to one spike; a new draw each time."""
    x = np.array([[0.0, 0.25, 1.0]])
    code = learn.PoissonCode(steps=4000, max_rate=200.0, seed=3)
    n = code(x).dense()[0].sum(axis=0)
    p = 0.2 * x[0]
    assert np.all(np.abs(n - 4000 * p) <= 5.0 * np.sqrt(4000 * p * (1.0 - p)))
    assert not np.array_equal(code(x).dense(), code(x).dense())
    np.testing.assert_array_equal(
        learn.PoissonCode(steps=50, seed=1)(x).dense(), learn.PoissonCode(steps=50, seed=1)(x).dense()
    )
    even = learn.Regular(steps=100, max_rate=200.0)(x).dense()[0]
    assert np.all(np.abs(even.sum(axis=0) - 20.0 * x[0]) <= 1.0)
    gaps = np.diff(np.flatnonzero(even[:, 2]))
    assert set(gaps) == {5}


def test_population() -> None:
    """The source whose centre is nearest is first; every value has some."""
    x = np.array([[0.0, 0.5], [1.0, 0.3]])
    dense = learn.Population(centres=5, steps=20)(x).dense()
    assert dense.shape == (2, 20, 10)
    first = np.where(dense.any(axis=1), dense.argmax(axis=1), 99).reshape(2, 2, 5).argmin(axis=2)
    assert first.tolist() == [[0, 2], [4, 1]]


def test_delta() -> None:
    """Ups minus downs follow the signal to theta."""
    t = np.linspace(0.0, 6.0, 200)
    x = np.sin(t)[None, :, None]
    dense = learn.DeltaCode(theta=0.1)(x).dense()[0]
    rebuilt = x[0, 0, 0] + 0.1 * np.cumsum(dense[:, 0] - dense[:, 1])
    assert np.abs(rebuilt - x[0, :, 0]).max() <= 0.1 + 1e-9


def test_batches() -> None:
    rng = np.random.default_rng(0)
    x = (rng.random((4, 9, 5)) < 0.3).astype(float)
    batch = learn.SpikeBatch.from_dense(x)
    np.testing.assert_array_equal(batch.dense(), x)
    sample, step, unit = np.nonzero(x)
    shuffled = rng.permutation(len(sample))
    again = learn.SpikeBatch(sample[shuffled], step[shuffled], unit[shuffled], x.shape)
    np.testing.assert_array_equal(again.dense(), x)
    np.testing.assert_array_equal(again[[2, 0]].dense(), x[[2, 0]])
    np.testing.assert_array_equal(again[1:3].dense(), x[1:3])
    times = again.times(1, dt=0.5)
    assert [list(t) for t in times] == [list((np.flatnonzero(x[1, :, k]) + 1) * 0.5) for k in range(5)]
    layer = learn.Spiking(3, synapse=learn.Readout(1).synapse, n_in=5, seed=1, gain=9.0)
    np.testing.assert_array_equal(layer(batch).detach().numpy(), layer(x).detach().numpy())


@pytest.mark.parametrize("name", SURROGATES)
def test_surrogates(name: str) -> None:
    """1 at the threshold, symmetric, falling."""
    x = np.linspace(0.0, 3.0, 100)
    s = slope(as_surrogate("test", name), x)
    assert s[0] == 1.0
    np.testing.assert_array_equal(s, slope(as_surrogate("test", name), -x))
    assert np.all(np.diff(s) <= 0.0)


def test_mistakes() -> None:
    with pytest.raises(InvalidValueError, match=r"ranges over \[0, 255\]"):
        learn.Latency(steps=5)(np.array([[0.0, 255.0]]))
    with pytest.raises(InvalidValueError, match="NaN"):
        learn.Latency(steps=5)(np.array([[np.nan]]))
    with pytest.raises(InvalidValueError, match=r"step\[0\] = 9 .* wanted 0 ... 8"):
        learn.SpikeBatch([0], [9], [0], shape=(1, 9, 1))
    with pytest.raises(InvalidTypeError, match="whole numbers"):
        learn.SpikeBatch([0], [1.5], [0], shape=(1, 9, 1))
    with pytest.raises(InvalidValueError, match="encoder"):
        learn.Spiking(3, synapse=learn.Readout(1).synapse)(np.zeros((4, 5)))


def test_regular_spikes_at_the_highest_rate() -> None:
    """One in each step and none behind the last; at half of it every second one."""
    batch = learn.Regular(steps=4, max_rate=1000.0)(np.array([[1.0, 0.5]]))
    assert batch.dense()[0].T.tolist() == [[1.0] * 4, [1.0, 0.0, 1.0, 0.0]] and len(batch.step) == 6
