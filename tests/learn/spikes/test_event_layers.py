"""Layers of exact gradients.  Truths: the event engine's spikes; central differences with the spikes' order kept."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import spikesim as ss
from spikesim import learn
from spikesim.errors import InvalidTypeError, InvalidValueError, UnknownNameError

SAMPLES, N_IN, HIDDEN, T = 3, 5, 7, 40.0


def build() -> learn.Sequential:
    """Refractory neurons of two kinds, delays, biases that are not 0, a synapse with another normalisation."""
    layers = (
        learn.TimeCode(T, last=30.0, always=(12.0,)),
        learn.ExactSpiking(
            HIDDEN, ss.LIF.normalized(t_ref=2.0), n_in=N_IN + 1, init=(2.5, 1.0), bias=True, seed=1, threads=1
        ),
        learn.ExactSpiking(
            4, ss.LIF.normalized(tau_m=10.0, t_ref=1.0), ss.Exponential(8.0), n_in=HIDDEN, init=(1.2, 0.5), bias=True,
            delay=1.5, seed=2, threads=1,
        ),
        learn.ExactReadout(3, n_in=4, read="exponential", seed=3),
    )  # fmt: skip
    rng = np.random.default_rng(4)
    for layer in layers[1:3]:
        layer.bias.val = rng.uniform(0.0, 0.6, layer.n)
    return learn.Sequential(*layers)


def values() -> np.ndarray:
    return np.random.default_rng(0).uniform(0.0, 1.0, (SAMPLES, N_IN))


def passed(model: Any, x: np.ndarray) -> tuple[list[Any], Any]:
    """The spikes of each layer, and a loss of all of them."""
    spikes = [model[0](x)]
    for layer in list(model)[1:3]:
        spikes.append(layer(spikes[-1]))
    y = model[3](spikes[-1])
    loss = (y * np.array([1.0, -2.0, 0.5])).sum() + sum((0.1 * np.sin(s.times)).sum() for s in spikes[1:])
    return spikes, loss


@pytest.fixture(scope="module")
def found() -> Any:
    model = build()
    spikes, loss = passed(model, values())
    loss.backward()
    return model, spikes, [np.array(p.grad) for p in model.parameters()]


def test_the_spikes_are_the_event_engines(found: Any) -> None:
    model, spikes, _ = found
    assert min(np.diff(spikes[1].ptr)) >= 10 and min(np.diff(spikes[2].ptr)) >= 20
    net = learn.to_network(model, values())
    for name in ("layer 1", "layer 2"):
        net.record(net[name], "spikes")
    result = net.run(T, engine="event", progress=False)
    for name, sent in (("layer 1", spikes[1]), ("layer 2", spikes[2])):
        trains = result.spikes[name]
        sample, unit = np.divmod(np.asarray(trains.ids), sent.n)
        order = np.lexsort((np.asarray(trains.times), sample))
        np.testing.assert_array_equal(unit[order], sent.unit)
        np.testing.assert_array_equal(sample[order], sent.sample())
        np.testing.assert_allclose(np.asarray(trains.times)[order], sent.values(), rtol=0.0, atol=1e-11)


def test_the_outputs_are_weighted_means_of_the_engines_potential(found: Any) -> None:
    model, _, _ = found
    net = learn.to_network(model, values())
    net.record(net["readout"], "v", every=0.01)
    trace = net.run(T, dt=0.01, engine="event", progress=False).traces["readout"]["v"]
    weights = np.exp(-np.asarray(trace.times) / T)
    mean = (weights @ np.asarray(trace.values) / weights.sum()).reshape(SAMPLES, 3)
    np.testing.assert_allclose(model(values()).detach().numpy(), mean, rtol=2e-3, atol=1e-4)


@pytest.mark.parametrize("k", range(6))
def test_central_differences(found: Any, k: int) -> None:
    """Of order 4: weights and biases of all layers."""
    model, spikes, gradients = found
    p, h = list(model.parameters())[k], 2e-5
    start, scale = np.array(p.val), np.abs(gradients[k]).max()
    assert scale > 0.0
    places = list(np.ndindex(start.shape))
    for place in places[:: max(1, len(places) // 5)]:
        total = 0.0
        for shift, factor in ((-2, 1.0), (-1, -8.0), (1, 8.0), (2, -1.0)):
            moved = start.copy()
            moved[place] += shift * h
            p.val = moved
            again, loss = passed(model, values())
            for one, other in zip(again[1:], spikes[1:]):
                np.testing.assert_array_equal(one.unit, other.unit)  # as many, in the same order
            total += factor * loss.item()
        p.val = start
        assert abs(gradients[k][place] - total / (12.0 * h)) <= 1e-7 * scale


def test_the_same_gradients_as_of_the_network() -> None:
    """learn.gradients of the network that the layer stands for."""
    layer = learn.ExactSpiking(4, ss.LIF.normalized(t_ref=2.0), n_in=3, init=(5.0, 1.0), seed=5)
    batch = learn.TimeCode(30.0, last=20.0)([[0.9, 0.6, 0.2]])
    sent = layer(batch)
    np.sin(sent.times).sum().backward()
    net = ss.Network()
    source = net.population("in", 3, ss.SpikeTimes(batch.trains(0)))
    cells = net.population("cells", 4, layer.neuron)
    net.connect(source, cells, ss.all_to_all(), weight=layer.weights(), delay=1.0, synapse=layer.synapse, name="w")
    exact = learn.gradients(net, lambda run: np.sin(run["cells"].times).sum(), ["w.weight"], duration=30.0)
    assert len(sent.unit) >= 4
    np.testing.assert_allclose(np.array(layer.weight.grad), exact["w.weight"] * layer.unit, rtol=1e-9, atol=1e-12)


def test_any_number_of_threads_gives_the_same_bits() -> None:
    x, grads = np.random.default_rng(1).uniform(size=(100, 4)), []
    for threads in (1, 2, 3):
        layer = learn.ExactSpiking(20, n_in=4, init=(2.0, 1.0), seed=1, threads=threads)
        sent = layer(learn.TimeCode(30.0)(x))
        (sent.times * np.arange(len(sent.unit))).sum().backward()
        grads.append((sent.values().tobytes(), np.array(layer.weight.grad).tobytes()))
    assert grads[0] == grads[1] == grads[2]


def test_more_spikes_than_there_was_room_for() -> None:
    """Closed form of a constant current: t_ref + tau ln(I / (I - 1)) apart."""
    layer = learn.ExactSpiking(1, ss.LIF.normalized(tau_m=10.0, t_ref=1.0), n_in=1, init=(0.0, 0.0), bias=True)
    layer.bias.val = np.array([2.0])
    sent = layer(learn.EventBatch([], [], [0, 0], n=1, duration=200.0))
    unit = layer.biases()[0]
    times = 10.0 * np.log(unit / (unit - 1.0)) + np.arange(30) * (1.0 + 10.0 * np.log(unit / (unit - 1.0)))
    np.testing.assert_allclose(sent.values(), times[times < 200.0], rtol=1e-12)
    assert len(sent.unit) > 4


def test_grazing_spikes_are_clipped() -> None:
    layer = learn.ExactSpiking(1, n_in=1, init=(8.0, 0.0), limit=1.0)
    sent = layer(learn.TimeCode(30.0)([[1.0]]))
    sent.times.sum().backward()
    assert layer.clipped == len(sent.unit) > 0


def test_yin_yang_is_learnt() -> None:
    """A small network, few samples, by the time of the first spike."""
    x, classes = learn.yin_yang(1500, seed=1).arrays()
    lif = ss.LIF.normalized(t_ref=1.0)
    code = learn.TimeCode(60.0, last=30.0, always=(18.0,))
    hidden = learn.ExactSpiking(60, lif, n_in=5, init=(1.5, 0.78), seed=1)
    out = learn.ExactSpiking(3, lif, n_in=60, init=(0.45, 0.1), seed=2)
    loss = learn.FirstSpikeLoss(tau_0=0.5)
    optimizer = learn.Adam([*hidden.parameters(), *out.parameters()], lr=1e-2)
    for _ in range(8):
        for k in range(0, len(x), 32):
            optimizer.zero_grad()
            loss(out(hidden(code(x[k : k + 32]))).first(), classes[k : k + 32]).backward()
            optimizer.step()
    held, truth = learn.yin_yang(300, seed=2).arrays()
    times = out(hidden(code(held))).first().detach().numpy()
    assert (times.argmin(axis=1) == truth).mean() > 0.75  # a third by chance; 0.64 by the best straight lines


@pytest.mark.parametrize(
    ("wrong", "error", "words"),
    [
        (lambda: learn.TimeCode(10.0, first=5.0, last=2.0), InvalidValueError, "first < last"),
        (lambda: learn.TimeCode(10.0)([[1.5]]), InvalidValueError, r"\[0, 1\]"),
        (lambda: learn.EventBatch([2.0, 1.0], [0, 0], [0, 2], n=1, duration=5.0), InvalidValueError, "sort them"),
        (lambda: learn.EventBatch([9.0], [0], [0, 1], n=1, duration=5.0), InvalidValueError, "beyond the run"),
        (lambda: learn.EventBatch([1.0], [3], [0, 1], n=1, duration=5.0), InvalidValueError, "sources beyond"),
        (lambda: learn.EventBatch([1.0], [0], [0, 2], n=1, duration=5.0), InvalidValueError, "rise from 0 to 1"),
        (lambda: learn.ExactSpiking(2, n_in=3)([[1.0]]), InvalidTypeError, "TimeCode"),
        (lambda: learn.ExactSpiking(2, n_in=3)(learn.TimeCode(9.0)([[1.0]])), InvalidValueError, "1 sources, wanted 3"),
        (lambda: learn.ExactSpiking(2, ss.HodgkinHuxley(), n_in=3), InvalidTypeError, "no linear neuron"),
        (lambda: learn.ExactSpiking(2, synapse=ss.Delta(), n_in=3), InvalidTypeError, "wanted a LIF"),
        (lambda: learn.ExactSpiking(2, ss.LIF(tau_m=[9.0, 8.0]), n_in=3), InvalidValueError, "one membrane time"),
        (lambda: learn.ExactReadout(2, n_in=3, read="max"), UnknownNameError, "read = 'max'"),
    ],
)
def test_mistakes(wrong: Any, error: Any, words: str) -> None:
    with pytest.raises(error, match=words):
        wrong()
