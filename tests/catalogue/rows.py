"""How a row of the catalogue is written: what is called, the error, and the words that its message must hold."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import spikesim as ss
from spikesim.errors import SpikesimError

ROWS = [f"B{k:02d}" for k in range(1, 85)]

DELTA = ss.Delta()


def row(number: str) -> pytest.MarkDecorator:
    """Mark a test as one of a row."""
    assert number in ROWS
    return pytest.mark.row(number)


def refusal(number: str, call: Callable[[], Any], error: type[Exception], *words: str) -> Any:
    """A case of :func:`must_refuse`."""
    return pytest.param(call, error, words, marks=row(number), id=f"{number} {' '.join(words)[:40]}")


def must_refuse(call: Callable[[], Any], error: type[Exception], words: tuple[str, ...]) -> None:
    """The call raises an error of the package that is the built-in one too, and its message holds all the words."""
    with pytest.raises(error) as caught:
        call()
    assert isinstance(caught.value, SpikesimError)
    message = str(caught.value)
    assert not [word for word in words if word not in message], message


def network(model: Any = None, size: int = 4, **start: Any) -> tuple[ss.Network, Any]:
    """A network of one population "cells"."""
    net = ss.Network(seed=3)
    return net, net.population("cells", size, ss.LIF() if model is None else model, **start)


def connect(rule: Any = None, size: int = 4, **how: Any) -> ss.Network:
    """The same, connected to itself."""
    net, cells = network(size=size)
    given = {"weight": 1.0, "delay": 1.0, "synapse": DELTA} | how
    net.connect(cells, cells, rule or ss.all_to_all(), **given)
    return net


def run(net: ss.Network, duration: Any = 1.0, **how: Any) -> ss.Result:
    """A short run without a bar."""
    return net.run(duration, **{"progress": False, "threads": 1, **how})


def busy(seed: int = 3, size: int = 40) -> ss.Network:
    """A recurrent network that fires, with noise, drawn weights and delays: whatever is lost shows in its spikes."""
    net = ss.Network(seed=seed)
    cells = net.population("cells", size, ss.LIF(I_e=ss.normal(400.0, 50.0)), v=ss.uniform(-70.0, -55.0))
    weight, delay = ss.normal(40.0, 5.0), ss.uniform(0.5, 3.0)
    net.connect(cells, cells, ss.fixed_indegree(8), weight=weight, delay=delay, synapse=ss.Exponential(2.0))
    net.background(cells, rate=2000.0, weight=20.0, synapse=ss.Exponential(2.0))
    net.record(cells, "spikes")
    return net


def same(a: ss.Result, b: ss.Result) -> bool:
    """Whether two results hold the same spikes, bit for bit."""
    pairs = [(a.spikes[name], b.spikes[name]) for name in a.spikes]
    return all(np.array_equal(x.times, y.times) and np.array_equal(x.ids, y.ids) for x, y in pairs)
