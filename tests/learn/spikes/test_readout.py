"""What a Readout gives in training, a sum over the spikes, against each step gone through."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import spikesim as ss
from spikesim import learn

AREA = ss.Exponential(5.0, normalize="area")
LIF = ss.LIF.normalized(tau_m=10.0)
IN_MV = ss.LIF(tau_m=15.0, I_e=200.0)
SPREAD = ss.LIF.normalized(tau_m=np.array([5.0, 10.0, 20.0]))

CASES: dict[str, tuple[Any, Any, dict[str, Any]]] = {
    "plain": (LIF, AREA, {}),
    "one delay": (LIF, AREA, {"delays": 4.0}),
    "delta": (LIF, ss.Delta(), {}),
    "in mV": (IN_MV, ss.Exponential(3.0), {"dt": 0.5}),
    "without bias": (LIF, AREA, {"bias": False}),
    "each its time constant": (SPREAD, AREA, {}),
    "delays of axons": (LIF, AREA, {"delays": np.arange(1.0, 8.0)}),
}


def outputs(stack: Any, layer: learn.Readout, kind: Any) -> list[np.ndarray]:
    """The outputs, and the gradients by input and parameters."""
    x = learn.Var((np.random.default_rng(1).random((6, 20, 7)) < 0.3).astype(kind))
    for p in layer.parameters():
        p.zero_grad()
    y = stack(x)
    (y * np.random.default_rng(2).normal(size=(6, 3)).astype(kind)).sum().backward()
    return [np.array(a) for a in (y.val, x.grad, *(p.grad for p in layer.parameters()))]


@pytest.mark.parametrize("read", ["mean", "last", "exponential", "max"])
@pytest.mark.parametrize("case", CASES)
def test_sums_are_those_of_the_steps(case: str, read: str) -> None:
    neuron, synapse, options = CASES[case]
    layer = learn.Readout(3, neuron, synapse, n_in=7, read=read, seed=1, **options)
    if layer.bias is not None:
        layer.bias.val = np.array([0.5, -1.0, 2.0])
    by_step = learn.Checkpointed(layer, every=20)  # it keeps each step of its one segment
    for a, b in zip(outputs(layer, layer, np.float64), outputs(by_step, layer, np.float64), strict=True):
        assert np.abs(b).max() > 0.0
        np.testing.assert_allclose(a, b, atol=1e-13 * np.abs(b).max(), rtol=0.0)
    x = (np.random.default_rng(1).random((6, 20, 7)) < 0.3).astype(float)
    np.testing.assert_array_equal(learn.predict(layer, x), learn.predict(by_step, x))  # in use: to the bit


def test_sources_are_met_in_training() -> None:
    """A layer that was not told its number of sources takes it from the first batch."""
    x = learn.Var((np.random.default_rng(1).random((6, 20, 7)) < 0.3).astype(float))
    y, told = learn.Readout(3, LIF, AREA, seed=1)(x), learn.Readout(3, LIF, AREA, n_in=7, seed=1)(x)
    np.testing.assert_array_equal(y.val, told.val)


def test_half_precision_stays() -> None:
    """A float32 model gives float32, whatever is made of doubles on the way."""
    layer = learn.Readout(3, LIF, AREA, n_in=7, seed=1).astype(np.float32)
    found = outputs(layer, layer, np.float32)
    assert {a.dtype for a in found} == {np.dtype(np.float32)}


HIDDEN: dict[str, Any] = {
    "current": lambda **o: learn.Spiking(5, LIF, None, steps=20, **o),
    "spikes": lambda **o: learn.Spiking(5, ss.LIF.normalized(t_ref=2.0), AREA, n_in=5, gain=4.0, seed=3, **o),
    "attached": lambda **o: learn.Spiking(5, LIF, AREA, n_in=5, gain=4.0, reset="attached", seed=3, **o),
    "truncated": lambda **o: learn.Spiking(5, LIF, AREA, n_in=5, gain=4.0, truncate=7, seed=3, **o),
    "delays learn": lambda **o: learn.Spiking(5, LIF, AREA, n_in=5, gain=4.0, delays=True, seed=3, **o),
    "recurrent": lambda **o: learn.Spiking(5, LIF, AREA, n_in=5, gain=4.0, recurrent=True, seed=3, **o),
    "learns tau": lambda **o: learn.Spiking(5, LIF, AREA, n_in=5, gain=4.0, learn=("tau_m",), seed=3, **o),
}


def two_layers(case: str, joined: bool, kind: Any = np.float64, **options: Any) -> list[np.ndarray]:
    """Outputs and gradients of a hidden layer and a Readout, in a Sequential or one after the other."""
    layers = [HIDDEN[case](**options), learn.Readout(3, LIF, AREA, n_in=5, seed=1, **options)]
    model = learn.Sequential(*layers).astype(kind)
    rng = np.random.default_rng(5)
    values = 2.0 * rng.random((40, 5)) if case == "current" else 1.0 * (rng.random((40, 20, 5)) < 0.3)
    x = learn.Var(values.astype(kind))
    y = model(x) if joined else layers[1](layers[0](x))
    (y * np.random.default_rng(2).normal(size=(40, 3)).astype(kind)).sum().backward()
    return [np.array(a) for a in (y.val, x.grad, *(p.grad for p in model.parameters()))]


@pytest.mark.parametrize("case", HIDDEN)
def test_a_layer_taken_in_gives_the_same(case: str) -> None:
    """In a Sequential the spikes of the layer before are summed where they are made, and never stand in memory."""
    for a, b in zip(two_layers(case, True), two_layers(case, False), strict=True):
        assert np.abs(b).max() > 0.0
        np.testing.assert_allclose(a, b, atol=1e-12 * np.abs(b).max(), rtol=0.0)
    for one, three in zip(two_layers(case, True, np.float32, threads=1), two_layers(case, True, np.float32, threads=3)):
        np.testing.assert_array_equal(one, three)


def test_a_layer_of_ones_own_is_asked_itself() -> None:
    """A subclass with a forward of its own, or one put on the layer, is not passed over."""

    class Counting(learn.Spiking):
        calls = 0

        def forward(self, x: Any) -> Any:
            self.calls += 1
            return super().forward(x)

    hidden = Counting(5, LIF, AREA, n_in=5, seed=3)
    model = learn.Sequential(hidden, learn.Readout(3, LIF, AREA, n_in=5, seed=1))
    model(learn.Var(np.ones((2, 20, 5))))
    assert hidden.calls == 1
