"""From rates to spikes.  Truths: closed forms with bounds over a finite window; the rate network itself."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

import spikesim as ss
from spikesim import learn
from spikesim.errors import InvalidTypeError, InvalidValueError
from spikesim.learn.convert.stages import read_chain

from .mnist_folder import needs_mnist

DT, TAU, DELAY = 0.1, 5.0, 1.0


def network(*widths, unit=learn.LIFRate, seed=1):
    """A random rate network of float64."""
    layers = []
    for k, (a, b) in enumerate(pairwise(widths)):
        layers += [learn.Linear(a, b, seed=seed + k, dtype=np.float64), unit()]
    return learn.Sequential(*layers[:-1])


def hard_outputs(model, x):
    """What the rate network gives with the tuning curve of the spiking neuron."""
    return read_chain(model, calibration=np.atleast_2d(x)).drives(np.atleast_2d(x))[-1]


def window_bound(model, x, start, stop, copies=1):
    """How far the mean of the read-out's input over a window may be from the rate network's output.

    A spike that arrives at u adds f(u) = F(stop - u) - F(start - u) to the integral, F the distribution
    function of the PSC: one hump of height < 1.  The sum of a hump over an even train differs from rate *
    area by at most its height; the spikes before time 0 are missing, rate * tau e^(-(start - delay)/tau) in
    all; and on the grid an interval T is between T and T + dt.
    """
    chain = read_chain(model, calibration=x)
    (stage,) = chain.stages
    r = stage.rate(stage.drive(x)) / 1000.0
    missing = r * TAU * np.exp(-(start - DELAY) / TAU)
    return ((1.0 / copies + missing) / (stop - start) + r * r * DT) @ np.abs(1000.0 * stage.amplitude * chain.weight).T


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
    """LIF.rate: a count over T is within one of rate T, but for the grid; from the first ms on."""
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
    """Closed form: k neurons in turn are an even train of k times the rate, each spike a k-th."""
    model, x = network(5, 40, 6, unit=learn.ReLU), np.random.default_rng(4).random((6, 5))
    exact, bound = hard_outputs(model, x), window_bound(model, x, 20.0, 100.0, copies=8)
    runs = [learn.run_spiking(model, x, 100.0, after=20.0, tau_s=TAU, delay=DELAY, dt=DT, copies=k) for k in (1, 8)]
    errors = [np.sqrt(np.mean((run.scores - exact) ** 2)) for run in runs]
    assert (np.abs(runs[1].scores - exact) <= bound).all() and errors[1] < errors[0] / 3.0


def test_poisson_input_has_the_law_of_shot_noise():
    """Closed form: mean W x + b, variance of the mean over T sum_j W_j^2 x_j / (rate T); 400 outputs."""
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


def trained(data, *layers, epochs, lr=2e-3, batch_size=32):
    model = learn.Sequential(*layers)
    learn.fit(
        model,
        data,
        loss=learn.CrossEntropyLoss(),
        optimizer=learn.Adam(model.parameters(), lr=lr),
        epochs=epochs,
        batch_size=batch_size,
        schedule=learn.cosine(epochs),
    )
    return model


@pytest.mark.slow
def test_digits_lose_at_most_half_a_point():
    """The rate network itself: 360 test images, 100 ms."""
    x, classes = learn.digits(False).arrays()
    model = trained(
        learn.digits(True),
        learn.Linear(64, 256, seed=11),
        learn.LIFRate(gamma=0.02),
        learn.Linear(256, 10, seed=12),
        epochs=20,
        lr=4e-3,
    )
    rate = learn.accuracy(learn.predict(model, x), classes)
    run = learn.run_spiking(model, x, 100.0)
    assert rate > 0.9 and run.accuracy(classes) >= rate - 0.005
    assert run.accuracy(classes, 5.0) < run.accuracy(classes) - 0.05  # and it takes time
    assert 5.0 < run.rates["layer 1"].mean() < 100.0


@pytest.mark.parametrize("unit", [learn.LIFRate, learn.ReLU])
def test_deep_networks_with_all_that_may_stand_in_them(unit):
    """The rate network itself: two hidden layers, Dropout, Linear after Linear, a log-softmax at the end."""
    model = trained(
        learn.digits(True),
        learn.Linear(64, 96, seed=1),
        unit(),
        learn.Dropout(0.1, seed=2),
        learn.Sequential(learn.Linear(96, 48, seed=3), unit()),
        learn.Linear(48, 20, seed=4),
        learn.Linear(20, 10, seed=5),
        epochs=12,
        lr=3e-3,
    )
    model.append(learn.LogSoftmax())
    x, classes = learn.digits(False).arrays()
    run = learn.run_spiking(model, x, 150.0)
    assert set(run.rates) == {"layer 1", "layer 2"} and run.rates["layer 2"].shape == (360, 48)
    rate = learn.accuracy(learn.predict(model, x), classes)
    assert run.accuracy(classes) >= rate - 0.015
    np.testing.assert_allclose(np.exp(run.outputs).sum(axis=1), 1.0, rtol=1e-9)
    assert rate > 0.85 and np.mean(run.classes == np.argmax(hard_outputs(model, x), axis=1)) > 0.97


def test_estimators_are_converted_with_their_scaling():
    """RateClassifier's own predictions, on inputs far from (0, 1)."""
    task = learn.yin_yang(300, seed=1)
    x, t = task.arrays()
    x = 40.0 * x - 7.0
    classifier = learn.RateClassifier(hidden=(60,), epochs=30, seed=1).fit(x, t)
    run = learn.run_spiking(classifier, x, 200.0)
    assert np.mean(classifier.classes_[run.classes] == classifier.predict(x)) > 0.95
    regressor = learn.RateRegressor(hidden=(60,), epochs=30, seed=1).fit(x, 5.0 * x[:, 0] + 100.0)
    scores = learn.run_spiking(regressor, x, 200.0).scores[:, 0]
    assert np.corrcoef(scores, regressor.predict(x))[0, 1] > 0.99
    assert abs(np.mean(scores - regressor.predict(x))) < 0.02 * np.ptp(scores)


def test_the_universal_approximation_in_spikes():
    """Theorem: 2N steep LIF neurons are within max|f'|/N, and one grid step in t_ref, of f."""
    x = ((np.arange(160) + 0.5) / 160)[:, None]
    target = np.sin(2.0 * np.pi * x)
    for N in (8, 32):
        net = learn.spiking_uat(lambda x: np.sin(2.0 * np.pi * x), N)
        assert np.abs(learn.predict(net, x) - target).max() <= 2.0 * np.pi / N + 1e-3
        run = learn.run_spiking(net, x, 100.0, dt=0.02, start="rest", batch_size=160)
        assert np.abs(run.scores - target).max() <= 2.0 * np.pi / N + 0.02 / 2.0 + 0.01
    with pytest.raises(InvalidValueError, match="t_ref = 0"):
        learn.spiking_uat(np.sin, 4, t_ref=0.0)


def test_it_is_an_ordinary_network(tmp_path):
    """Recorded to a file and read again like any other; the run reads v as the integral of its input."""
    model, x = network(4, 20, 3), np.array([0.2, 0.9, 0.4, 0.5])
    net = learn.to_network(model, x)
    net.record(net["readout"], "v", "I_syn", every=DT)
    result = net.run(50.0, dt=DT, out=tmp_path / "run.h5", progress=False)
    traces = ss.load(tmp_path / "run.h5").traces["readout"]
    np.testing.assert_array_equal(traces["v"].values, result.traces["readout"]["v"].values)
    I = traces["I_syn"].values + model[2].bias.val
    # between samples I decays from just after the arrivals: a rectangle is too high by the part dt / 2 tau
    np.testing.assert_allclose(np.sum(I, axis=0) * DT, traces["v"].values[-1], rtol=0.03, atol=0.05)


class Branches(learn.Module):
    def __init__(self):
        self.parts = learn.ModuleList([learn.Linear(4, 4), learn.Linear(4, 4)])

    def forward(self, x):
        return self.parts[0](x) + self.parts[1](x)


class Skipping(learn.Module):
    def __init__(self):
        self.first, self.second, self.out = learn.Linear(4, 4), learn.Linear(4, 4), learn.Linear(4, 2)

    def forward(self, x):
        h = learn.relu(self.first(x))
        return self.out(h + learn.relu(self.second(h)))


class Squared(learn.Module):
    def __init__(self):
        self.out = learn.Linear(4, 2)

    def forward(self, x):
        return self.out(x * x)


class Images(learn.Module):
    """Convolution, normalisation, mean pooling, two branches, a scale of its own."""

    def __init__(self):
        learn.manual_seed(4)
        self.conv, self.norm = learn.Conv2d(1, 3, 3, stride=1, padding=1), learn.BatchNorm2d(3)
        self.rate, self.pool = learn.LIFRate(gamma=0.0), learn.AvgPool2d(2)
        self.branches, self.hidden = Branches(), learn.Linear(27, 4)
        self.out = learn.Linear(4, 2)

    def forward(self, x):
        h = self.pool(self.rate(2.0 * self.norm(self.conv(x))))
        h = learn.relu(self.branches(self.hidden(h.reshape(len(h), -1))) - 0.1)
        return learn.log_softmax(self.out(h))


def test_any_module_whose_tape_is_a_chain_is_read_off_it():
    """The chain's hard rates are the module's own outputs, to rounding; its parts need not be Linear."""
    model, rng = Images(), np.random.default_rng(2)
    x = rng.random((20, 1, 6, 6))
    model(x), model(x)  # running means
    model.eval()
    chain = read_chain(model, calibration=x.reshape(20, -1), shape=(1, 6, 6))
    assert [s.size for s in chain.stages] == [108, 4] and chain.n_in == 36
    z = chain.drives(x.reshape(20, -1))[-1]
    expected = model(x).val
    assert z - np.log(np.exp(z).sum(-1, keepdims=True)) == pytest.approx(expected, abs=1e-12)
    model.train()
    assert learn.to_network(model, x).populations["layer 1"].size == 20 * 108 and model.training


def test_a_convolution_network_runs_in_spikes():
    model, x = Images(), np.random.default_rng(2).random((6, 1, 6, 6))
    model(x), model(x)
    model.eval()
    run = learn.run_spiking(model, x, 400.0, dt=0.1)
    spread = np.std(read_chain(model, calibration=x.reshape(6, -1), shape=(1, 6, 6)).drives(x.reshape(6, -1))[-1])
    z = read_chain(model, calibration=x.reshape(6, -1), shape=(1, 6, 6)).drives(x.reshape(6, -1))[-1]
    assert np.max(np.abs(run.scores - z)) < 0.15 * max(spread, 0.2)
    assert run.outputs.sum() == pytest.approx(model(x).val.sum(), rel=0.05)


def test_samples_that_are_mixed_are_refused():
    class Mixing(learn.Module):
        def __init__(self):
            self.out = learn.Linear(4, 2)

        def forward(self, x):
            return self.out(x - x.mean(axis=0, keepdims=True))

    with pytest.raises(InvalidValueError, match="the other samples of its batch"):
        learn.to_network(Mixing(), np.ones(4))


BEFORE, AFTER = (learn.Linear(4, 5), learn.LIFRate()), learn.Linear(5, 2)


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (
            learn.Sequential(learn.Linear(4, 5), learn.Softmax(), AFTER),
            r"layer 2 \(Linear\) comes after Softmax",
        ),
        (learn.Sequential(learn.Linear(4, 5), learn.Tanh(), AFTER), "layer 1 is Tanh, for which there is no"),
        (learn.Sequential(*BEFORE, learn.Linear(5, 5), learn.LeakyReLU(), AFTER), "layer 3 is LeakyReLU"),
        (learn.ModuleList([learn.Linear(4, 2)]), "ModuleList: has no forward"),
        (Skipping(), "reads 2 layers of rate units at once"),
        (learn.Sequential(Branches(), learn.Tanh(), learn.Linear(4, 2)), "tanh of what depends on the input"),
        (Squared(), "multiply of what depends on the input"),
        (learn.Sequential(*BEFORE), "ends in spiking neurons, without a Linear"),
        (learn.Sequential(learn.LIFRate(), learn.Linear(4, 2)), "has no Linear before it"),
    ],
)
def test_what_has_no_spiking_form_is_named(model, message):
    with pytest.raises(InvalidTypeError, match=message):
        learn.to_network(model, np.ones(4))


def test_bad_arguments_are_named():
    model, x = network(4, 5, 2), np.ones((2, 4))
    for options, message in (
        ({"x": np.ones(3)}, r"x of shape \(1, 3\), wanted \(n, 4\)"),
        ({"x": [[1.0, np.nan, 0.0, 0.0]]}, r"x\[0, 1\] = nan"),
        ({"x": -x, "input": "regular"}, r"x\[0, 0\] = -1 \(8 negative entries\)"),
        ({"input": "poisson"}, "needs the samples"),
        ({"x": x, "input": "rates"}, "got 'rates'"),
        ({"x": x, "start": "warm"}, "got 'warm'"),
        ({"x": x, "copies": 0}, "copies must be a whole number >= 1"),
        ({"x": x, "max_rate": 0.0}, "max_rate = 0.0"),
    ):
        with pytest.raises(InvalidValueError, match=message):
            learn.to_network(model, **options)
    with pytest.raises(InvalidValueError, match="averaging from 15 ms on in a run of 10 ms"):
        learn.run_spiking(model, x, 10.0)
    model[0].weight.val[1, 2] = np.inf
    with pytest.raises(InvalidValueError, match=r"layer 0: weight\[1, 2\] = inf"):
        learn.to_network(model, x)


@pytest.mark.slow
@needs_mnist
def test_mnist_loses_at_most_a_fifth_of_a_point(mnist_folder):
    """The rate network itself: 784-256-10, 2,000 test images, 100 ms."""
    model = trained(
        learn.mnist(mnist_folder),
        learn.Linear(784, 256, seed=1),
        learn.LIFRate(),
        learn.Linear(256, 10, seed=2),
        epochs=3,
        batch_size=128,
    )
    x, classes = learn.mnist(mnist_folder, train=False).subset(slice(0, 2000)).arrays()
    rate = learn.accuracy(learn.predict(model, x), classes)
    run = learn.run_spiking(model, x, 100.0)
    assert rate > 0.95 and run.accuracy(classes) >= rate - 0.002
