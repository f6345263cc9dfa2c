"""Segments of a sequence: the spikes and gradients of the whole, in the memory of a part."""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pytest

import spikesim as ss
from spikesim import learn
from spikesim.errors import InvalidTypeError, InvalidValueError

RNG = np.random.default_rng(5)
AREA = ss.Exponential(5.0, normalize="area")
LIF = ss.LIF.normalized()
EACH = {"delays": RNG.uniform(1, 9, (4, 6)), "recurrent_delays": RNG.uniform(1, 9, (4, 4)), "recurrent": True}

FIRST: dict[str, dict[str, Any]] = {
    "plain": {},
    "attached": {"reset": "attached"},
    "recurrent": {"recurrent": True, "recurrent_delays": 3.0, "delays": 2.0},
    "each its delay, everything learns": EACH | {"learn": ("tau_m", "C_m", "V_th", "synapse.tau", "V_reset")},
    "learnt delays": {"delays": True, "max_delay": 12.0},
    "delays of axons": {"delays": RNG.uniform(1, 9, 6)},
    "truncated": {"truncate": 10, "recurrent": True},
}


def gradients(make: Any, options: dict[str, Any], kind: Any = np.float64) -> tuple[Any, dict[str, Any]]:
    """The output, and the gradients of all that learns, and of the input."""
    rng = np.random.default_rng(1)
    x = (rng.random((5, 43, 6)) < 0.3).astype(kind)
    layers = (
        learn.Spiking(4, LIF, AREA, n_in=6, seed=3, gain=4.0, **options),
        learn.Spiking(3, LIF, AREA, seed=4, gain=4.0),
        learn.Readout(2, LIF, AREA, seed=5, read="max"),
    )
    model = make(*layers)
    out = model.train()(below := learn.Var(x))
    (out * rng.normal(size=(5, 2))).sum().backward()
    return out.detach().numpy(), {name: np.array(p.grad) for name, p in model.named_parameters()} | {"x": below.grad}


@pytest.mark.parametrize("every", [1, 4, 10, 43])
@pytest.mark.parametrize("case", FIRST)
def test_gradients_are_those_of_the_whole(case: str, every: int) -> None:
    """Segments shorter than the delays, such as do not divide the steps, and one that holds them all."""
    out, whole = gradients(learn.Sequential, FIRST[case])
    parts_out, parts = gradients(lambda *layers: learn.Checkpointed(*layers, every=every), FIRST[case])
    np.testing.assert_allclose(parts_out, out, rtol=1e-13)
    assert parts.keys() == whole.keys()
    for name, value in whole.items():
        scale = np.abs(value).max()
        assert scale > 0.0, name
        np.testing.assert_allclose(parts[name], value, atol=1e-12 * scale, rtol=0.0, err_msg=name)


def test_currents() -> None:
    """The first layer without synapses: a current for all the time, and one a step; the same gradients to the bit."""
    for shape in ((3, 5), (3, 50, 5)):
        x = np.random.default_rng(1).uniform(0.5, 2.0, shape)
        found = []
        for make in (learn.Sequential, lambda *layers: learn.Checkpointed(*layers, every=7)):
            model = make(learn.Spiking(5, LIF, None, steps=50, learn=("tau_m",)), learn.Readout(2, n_in=5, seed=5))
            below = learn.Var(x)
            (model(below) * np.arange(1.0, 3.0)).sum().backward()
            found.append([np.array(p.grad) for p in model.parameters()] + [np.array(below.grad)])
        for whole, parts in zip(*found):
            assert np.abs(whole).max() > 0.0
            np.testing.assert_allclose(parts, whole, rtol=1e-12)


def test_memory() -> None:
    """The most that is held beside the input where the steps are a thousand (32 segments of 32): less than an eighth,
    and than a tenth of the four numbers a neuron and step that a layer alone keeps."""
    x = learn.SpikeBatch.from_dense((np.random.default_rng(1).random((8, 1024, 20)) < 0.02).astype(np.float64))
    most = []
    for make in (learn.Sequential, lambda *layers: learn.Checkpointed(*layers, every=32)):
        layers = [learn.Spiking(100, LIF, AREA, n_in=20, seed=1), learn.Spiking(100, LIF, AREA, n_in=100, seed=2)]
        model = make(*layers, learn.Readout(2, LIF, AREA, n_in=100, seed=3))
        model(x[:1]).sum().backward()  # compiled
        tracemalloc.start()
        model(x).sum().backward()
        most.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert most[1] < most[0] / 8.0
    assert most[1] < 0.1 * 4 * 8 * (8 * 1024 * 202)


def test_simulator() -> None:
    """In a model of encoder and stack: its network sends its spikes."""
    layers = learn.Spiking(6, LIF, AREA, n_in=4, seed=1, gain=4.0), learn.Readout(2, n_in=6, seed=2)
    model = learn.Sequential(learn.Latency(steps=30), learn.Checkpointed(*layers, every=8))
    x = np.random.default_rng(2).uniform(size=(3, 4))
    run = learn.run_network(model, x)
    assert run.spikes["layer 1"].sum() > 5
    np.testing.assert_array_equal(run.outputs, learn.predict(model, x))


def test_refused() -> None:
    """What cannot go through segments is named, with what to do."""
    layer, readout = learn.Spiking(3, LIF, AREA, n_in=2, seed=1), learn.Readout(2, n_in=3, seed=2)
    with pytest.raises(InvalidTypeError, match="layer 1, Dropout: wanted Spiking layers"):
        learn.Checkpointed(layer, learn.Dropout(0.1), readout, every=5)
    with pytest.raises(InvalidTypeError, match=r"AdEx is no linear model.*use a Sequential"):
        learn.Checkpointed(learn.Spiking(3, ss.AdEx(), ss.Exponential(5.0)), every=5)
    with pytest.raises(InvalidTypeError, match="fused=False"):
        learn.Checkpointed(learn.Spiking(3, LIF, AREA, fused=False), every=5)
    with pytest.raises(InvalidValueError, match="wanted it first"):
        learn.Checkpointed(layer, learn.Spiking(3, LIF, None), every=5)
    with pytest.raises(InvalidTypeError, match="wanted it at the end"):
        learn.Checkpointed(layer, readout, layer, every=5)
    with pytest.raises(InvalidValueError, match="every = 0"):
        learn.Checkpointed(layer, every=0)
    with pytest.raises(InvalidValueError, match="spikes of 3 units, wanted 4"):
        learn.Checkpointed(layer, learn.Readout(2, n_in=4), every=5)(np.ones((1, 10, 2)))


@pytest.mark.parametrize("kind", ["sequential", "checkpointed", "tape"])
@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda x: np.where(np.arange(4) == 1, np.nan, x), "40 of its numbers are NaN or infinite"),
        (lambda x: x[:, :0], "one step at least"),
    ],
    ids=["NaN", "no steps"],
)
def test_input_that_says_nothing_is_refused(kind: str, change: Any, words: str) -> None:
    layers = [learn.Spiking(3, ss.LIF.normalized(), ss.Exponential(5.0), n_in=4, seed=1, fused=kind != "tape")]
    layers.append(learn.Readout(2, seed=2))
    model = learn.Checkpointed(*layers, every=5) if kind == "checkpointed" else learn.Sequential(*layers)
    with pytest.raises(InvalidValueError, match=words):
        model(change(np.ones((2, 20, 4))))


@pytest.mark.parametrize("bad", [np.full((2, 5, 3), np.inf), np.zeros((2, 0, 3))], ids=["infinite", "no steps"])
def test_currents_that_say_nothing_are_refused(bad: np.ndarray) -> None:
    with pytest.raises(InvalidValueError, match=r"infinite|one step"):
        learn.Spiking(3, ss.LIF.normalized(), synapse=None)(bad)
