"""What is trained is what runs: a model made a network sends the very spikes of the model, and comes back from it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import spikesim as ss
from spikesim import learn
from spikesim.errors import InvalidTypeError, InvalidValueError
from spikesim.learn.spikes.operation import as_array, no_grad

AREA = ss.Exponential(5.0, normalize="area")
FAST = ss.LIF.normalized(tau_m=10.0)
x, y = learn.digits().arrays()


def coded() -> Any:
    return learn.Sequential(
        learn.Latency(steps=25),
        learn.Spiking(40, FAST, AREA, recurrent=True, delays=True, max_delay=6.0, learn=("tau_m",), seed=1, gain=5.0),
        learn.Readout(10, seed=2, gain=4.0),
    )


def driven() -> Any:
    return learn.Sequential(
        learn.Linear(64, 40, seed=1), learn.Spiking(40, FAST, None, steps=25), learn.Readout(10, seed=2, gain=4.0)
    )


def hidden(model: Any, samples: np.ndarray) -> np.ndarray:
    with no_grad():
        for layer in list(model)[:-1]:
            samples = layer(samples)
    return as_array(samples)


@pytest.mark.parametrize("make", [coded, driven])
def test_a_thousand_digits(make: Any) -> None:
    """0 differing spikes after training in float32, and the same outputs to rounding."""
    model = make().astype(np.float32)
    optimizer = learn.Adam(model.parameters(), lr=5e-3)
    history = learn.fit(
        model, (x[:640], y[:640]), loss=learn.CrossEntropyLoss(), optimizer=optimizer, epochs=2, batch_size=32
    )
    assert history["accuracy"][-1] > 0.4
    model.eval()
    run = learn.run_network(model, x[:1000])
    spikes = hidden(model, x[:1000])
    assert spikes.sum() > 10_000
    assert int((spikes != run.spikes["layer 1"]).sum()) == 0
    with no_grad():
        np.testing.assert_allclose(run.outputs, as_array(model(x[:1000])), rtol=0.0, atol=1e-12)


def test_there_and_back() -> None:
    """Weights, delays, parameters and biases of a network of one copy come back as a model of the same outputs."""
    model = coded().astype(np.float32).eval()
    with no_grad():
        out = as_array(model(x[:20]))
    model[1].bias.val = np.linspace(-0.1, 0.1, 40)
    with no_grad():
        out = as_array(model(x[:20]))
    net = model.to_network()
    assert {name: p.size for name, p in net.populations.items()} == {"input": 64, "layer 1": 40, "readout": 10}
    back = learn.from_network(net, dt=1.0).eval()
    with no_grad():
        np.testing.assert_array_equal(as_array(back(model[0](x[:20]))), out)


def test_adapted_weights_come_back() -> None:
    """STDP may go on with a trained network; its weights are a model again."""
    model = coded().eval()
    model(x[:2])
    net = model.to_network(x[:1])
    plastic = ss.Network(seed=1)
    source = plastic.population("input", 64, net["input"].model)
    out = plastic.population("readout", 10, FAST)
    W = np.full((10, 64), 3.0)
    plastic.connect(
        source, out, ss.from_matrix(W), delay=1.0, synapse=AREA, name="w",
        plasticity=ss.STDP(A_plus=0.05, A_minus=0.02, w_max=10.0),
    )  # fmt: skip
    result = plastic.run(25.0, dt=1.0, progress=False)
    back = learn.from_network(plastic, dt=1.0, weights=result.weights)
    assert not np.array_equal(back[0].weights(), W)
    np.testing.assert_array_equal(back[0].weights(), result.weights["w"].toarray())


@pytest.mark.parametrize("read", ["max", "last", "exponential", "count", "first"])
def test_outputs_by_every_reading(read: str) -> None:
    neuron = FAST if read in ("count", "first") else None
    model = learn.Sequential(
        learn.Latency(steps=20),
        learn.Spiking(30, FAST, AREA, seed=1, gain=8.0),
        learn.Readout(5, neuron, read=read, seed=3, gain=5.0),
    ).eval()
    with no_grad():
        out = as_array(model(x[:10]))
    assert np.ptp(out) > 0.0
    np.testing.assert_allclose(learn.run_network(model, x[:10]).outputs, out, atol=1e-12)


def test_what_has_no_network_is_refused() -> None:
    model = learn.Sequential(learn.Spiking(4, FAST, AREA, n_in=3), learn.ReLU(), learn.Readout(2, n_in=4))
    with pytest.raises(InvalidTypeError, match="layer 1 is ReLU"):
        model.to_network()
    model = learn.Sequential(learn.Spiking(4, FAST, AREA, n_in=3), learn.Readout(2, n_in=4, dt=0.5))
    with pytest.raises(InvalidValueError, match="wanted one dt"):
        model.to_network()
    model = learn.Sequential(learn.Spiking(4, FAST, AREA), learn.Readout(2))
    with pytest.raises(InvalidValueError, match="no weights yet"):
        model.to_network()
    model = learn.Sequential(learn.Spiking(4, FAST, AREA, n_in=3), learn.Readout(2, n_in=4))
    with pytest.raises(InvalidValueError, match="other than 0 and 1"):
        model.to_network(np.full((1, 5, 3), 0.5))


def test_a_network_that_is_no_row_is_refused() -> None:
    net = ss.Network()
    a = net.population("a", 3, ss.SpikeTimes([[1.0], [2.0], [3.0]]))
    b, c = net.population("b", 2, FAST), net.population("c", 2, FAST)
    for target in (b, c):
        net.connect(a, target, ss.all_to_all(), weight=1.0, delay=1.0, synapse=AREA)
    with pytest.raises(InvalidValueError, match="2 projections lead on from 'a'"):
        learn.from_network(net)
