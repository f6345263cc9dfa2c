"""From rates to spikes.  Truths: closed forms with their bounds over a finite window; the rate network itself."""

from __future__ import annotations

import numpy as np
import pytest

import spikesim as ss
from spikesim import learn
from spikesim.errors import InvalidTypeError, InvalidValueError
from spikesim.learn.stages import read_chain

from .mnist_folder import needs_mnist

DT, TAU, DELAY = 0.1, 5.0, 1.0


def network(*widths, unit=learn.LIFRate, seed=1):
    """A random rate network of float64."""
    layers = []
    for k, (a, b) in enumerate(zip(widths, widths[1:])):
        layers += [learn.Linear(a, b, seed=seed + k, dtype=np.float64), unit()]
    return learn.Sequential(*layers[:-1])


def hard_outputs(model, x):
    """What the rate network gives with the tuning curve of the spiking neuron."""
    return read_chain(model, calibration=np.atleast_2d(x)).drives(np.atleast_2d(x))[-1]


def window_bound(model, x, start, stop, copies=1):
    """How far the mean of the read-out's input over a window may be from the rate network's output.

    A spike adds f(u) = F(stop - u) - F(start - u) to the integral, F the distribution function of the PSC and u its
    arrival: one hump of height < 1.  The sum of a hump over an even train differs from rate * area by at most its
    height; the spikes before time 0 are missing, rate * tau e^(-(start - delay)/tau) in all; and on the grid an
    interval T is between T and T + dt.
    """
    chain = read_chain(model, calibration=x)
    (stage,) = chain.stages
    r = stage.rate(stage.drive(x)) / 1000.0
    missing = r * TAU * np.exp(-(start - DELAY) / TAU)
    return ((1.0 / copies + missing) / (stop - start) + r * r * DT) @ np.abs(
        1000.0 * stage.amplitude * chain.weight
    ).T


@pytest.mark.parametrize("unit", [learn.LIFRate, learn.ReLU])
@pytest.mark.parametrize("duration", [60.0, 400.0])
def test_mean_filtered_input_is_the_rate_layers(unit, duration):
    """Closed form with its bound, which falls with the window: of every unit alone, and of all together."""
    model, x = network(5, 40, 41, unit=unit), np.random.default_rng(1).random((7, 5))
    model[2].weight.val = np.concatenate([np.eye(40), np.ones((1, 40)) / 40.0])
    run = learn.run_spiking(model, x, duration, after=20.0, tau_s=TAU, delay=DELAY, dt=DT)
    off, bound = np.abs(run.scores - hard_outputs(model, x)), window_bound(model, x, 20.0, duration)
    assert (off <= bound).all() and np.median(bound / run.scores.max()) < 15.0 / (duration - 20.0)


def test_firing_rates_are_the_tuning_curve():
    """LIF.rate: a count over T is within one of rate T, but for the grid; from the first ms on (stationary)."""
    model, x = network(3, 50, 2), np.random.default_rng(2).random((4, 3))
    drive = x @ model[0].weight.val.T + model[0].bias.val
    expected = np.asarray(ss.LIF.normalized(tau_m=20.0, t_ref=2.0).rate(drive))
    for duration in (20.0, 500.0):
        got = learn.run_spiking(model, x, duration, after=0.0).rates["layer 1"]
        assert (got[expected == 0.0] == 0.0).all() and (expected > 20.0).any()
        assert (np.abs(got - expected) <= 1000.0 / duration + expected**2 * DT / 1000.0 + 1e-9).all()


def test_integrate_and_fire_is_relu_on_any_grid():
    """Soft reset: the count is floor(rate T) whatever dt is, and never fires below 0."""
    current = np.array([-1.0, 0.0, 0.0137, 0.5, 1.0, 3.3])
    for dt in (0.1, 1.0):
        net = ss.Network()
        cells = net.population("cells", current.size, learn.IntegrateAndFire(gain=0.1, I_e=current))
        net.record(cells, "spikes")
        counts = net.run(1005.0, dt=dt, progress=False).spikes["cells"].rates() * 1.005
        np.testing.assert_allclose(counts, np.floor(100.5 * np.maximum(current, 0.0)), atol=1e-9)


def test_a_batch_is_copies_side_by_side():
    """Bit for bit: three samples in one network are three networks of one sample."""
    model, x = network(4, 30, 3), np.random.default_rng(3).random((3, 4))
    together = learn.run_spiking(model, x, 50.0, start="rest")
    for k in range(3):
        alone = learn.run_spiking(model, x[k], 50.0, start="rest")
        np.testing.assert_array_equal(alone.integrals[:, 0], together.integrals[:, k])
    apart = learn.run_spiking(model, x, 50.0, start="rest", batch_size=2)
    np.testing.assert_array_equal(apart.integrals, together.integrals)


def test_copies_of_a_unit_divide_the_error():
    """Closed form: k neurons in turn are one even train of k times the rate, each spike a k-th; r dt for the grid."""
    model, x = network(5, 40, 6, unit=learn.ReLU), np.random.default_rng(4).random((6, 5))
    exact, bound = hard_outputs(model, x), window_bound(model, x, 20.0, 100.0, copies=8)
    runs = [
        learn.run_spiking(model, x, 100.0, after=20.0, tau_s=TAU, delay=DELAY, dt=DT, copies=k)
        for k in (1, 8)
    ]
    errors = [np.sqrt(np.mean((run.scores - exact) ** 2)) for run in runs]
    assert (np.abs(runs[1].scores - exact) <= bound).all() and errors[1] < errors[0] / 3.0


def test_poisson_input_has_the_law_of_shot_noise():
    """Closed form: mean W x + b, variance of the mean over T sum_j W_j^2 x_j / (rate T); chi-squared over 400 outputs."""
    model, x = learn.Sequential(learn.Linear(20, 40, seed=5, dtype=np.float64)), np.full((10, 20), 0.7)
    run = learn.run_spiking(model, x, 520.0, after=20.0, input="poisson", input_rate=500.0, tau_s=2.0, seed=7)
    sd = np.sqrt((model[0].weight.val ** 2) @ x[0] / (0.5 * 500.0))
    z = (run.scores - learn.predict(model, x)) / sd
    assert abs(z.mean()) < 0.4 and 0.85 < np.sqrt(np.mean(z**2)) < 1.15


def test_samples_may_be_injected():
    """Without samples the network waits for them: injected pixels are those that were given."""
    model, x = network(4, 20, 3), np.array([0.2, 0.9, 0.0, 0.5])
    given, waiting = learn.to_network(model, x, input="regular", start="rest"), learn.to_network(model)
    waiting.inject(waiting["input"], ss.DC(x))
    trains = []
    for net in (given, waiting):
        for name in ("input", "layer 1"):
            net.record(net[name], "spikes")
        trains.append(net.run(200.0, progress=False).spikes)
    assert trains[0]["layer 1"].count() > 50
    for name in ("input", "layer 1"):
        np.testing.assert_array_equal(trains[0][name].times, trains[1][name].times)
        np.testing.assert_array_equal(trains[0][name].ids, trains[1][name].ids)
    np.testing.assert_allclose(trains[0]["input"].rates(), 200.0 * x, atol=5.0)


@pytest.mark.slow
def test_engines_agree():
    """The clock engine's scores tend to those of the exact one as dt falls."""
    model, x = network(4, 25, 3), np.random.default_rng(6).random((3, 4))
    exact = learn.run_spiking(model, x, 200.0, engine="event").scores
    off = [np.abs(learn.run_spiking(model, x, 200.0, dt=dt).scores - exact).max() for dt in (0.5, 0.1, 0.02)]
    assert off[2] < 0.4 * off[0] and off[2] < 0.02 * np.abs(exact).max()


@pytest.fixture(scope="module")
def trained_on_digits():
    model = learn.Sequential(
        learn.Linear(64, 128, seed=1),
        learn.LIFRate(),
        learn.Dropout(0.2, seed=3),
        learn.Linear(128, 10, seed=2),
    )
    optimizer = learn.Adam(model.parameters(), lr=3e-3)
    learn.fit(
        model,
        learn.digits(True),
        loss=learn.CrossEntropyLoss(),
        optimizer=optimizer,
        epochs=30,
        schedule=learn.cosine(30),
    )
    return model


def test_digits_lose_at_most_half_a_point(trained_on_digits):
    """The rate network itself: 360 test images, 100 ms."""
    x, classes = learn.digits(False).arrays()
    rate = learn.accuracy(learn.predict(trained_on_digits, x), classes)
    run = learn.run_spiking(trained_on_digits, x, 100.0)
    assert rate > 0.9 and run.accuracy(classes) >= rate - 0.005
    assert run.accuracy(classes, 5.0) < run.accuracy(classes)  # and it takes time
