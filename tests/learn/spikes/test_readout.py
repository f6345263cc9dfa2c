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
