"""Truth: a run equals itself, to the bit, when its state is copied, restored to other workers, or rebuilt."""

from __future__ import annotations

import numpy as np
import pytest

import spikesim as ss
from spikesim.engine.event.engine import EventEngine, build
from spikesim.engine.protocol import restore, state
from spikesim.grid import Grid
from spikesim.jit import JIT
from spikesim.program.program import Changes, Program

from ..networks import everything

STEPS = 150 if JIT else 8


def engine(threads: int = 1, net: ss.Network | None = None) -> EventEngine:
    net = everything() if net is None else net
    return build(Program(net, Grid(0.1), net.seed, exact=True), threads)


def spikes(made: EventEngine, steps: int = STEPS) -> tuple[bytes, bytes]:
    end = made.step + steps
    times, ids = [], []
    while made.step < end:
        batch = made.advance(end - made.step)
        times.append(batch.when)
        ids.append(batch.ids)
    return np.concatenate(times).tobytes(), np.concatenate(ids).tobytes()


@pytest.mark.parametrize("before", [0, STEPS])
def test_a_fork_goes_on_as_the_original(before: int) -> None:
    first = engine()
    if before:
        spikes(first, before)
    copy = first.fork()
    assert state(copy) == state(first)
    told = spikes(first)
    assert len(told[0]) > 0
    assert spikes(copy) == told
    assert state(copy).difference(state(first)) is None


@pytest.mark.parametrize("workers", [1, 3])
def test_a_state_goes_on_with_any_number_of_workers(workers: int) -> None:
    two = engine(2)
    spikes(two)
    kept = state(two)
    told = spikes(two)
    other = engine(workers)
    spikes(other, 7)  # wherever it stands
    restore(other, kept)
    assert state(other).difference(kept) is None
    assert spikes(other) == told
    assert state(other).difference(state(two)) is None


def test_rebuilt_with_the_same_numbers_is_the_same() -> None:
    first = engine()
    spikes(first)
    again = first.rebuilt(first.program.changed(Changes()))
    assert all(a is b for w, v in zip(first.workers, again.workers) for a, b in zip(w.tables.bundles, v.tables.bundles))
    assert state(again).difference(state(first)) is None
    assert spikes(again) == spikes(first)


def test_rebuilt_with_another_parameter() -> None:
    """Truth: the closed form.  A leak to a new rest, from the value at the change."""
    net = ss.Network(seed=1)
    cells = net.population("cells", 2, ss.LIF(tau_m=10.0, C_m=200.0, E_L=-70.0, V_th=-50.0), v=-70.0)
    net.record(cells, "v")
    first = engine(net=net)
    first.advance(50)
    model = ss.LIF(tau_m=10.0, C_m=200.0, E_L=-70.0, V_th=-50.0, I_e=200.0)
    other = first.rebuilt(first.program.changed(Changes(models={"cells": model})))
    (_, values), *_ = other.advance(100).samples
    t = 0.1 * np.arange(1, 101)
    np.testing.assert_allclose(values[:, 0], -70.0 + 10.0 * (1.0 - np.exp(-t / 10.0)), rtol=0, atol=1e-12)
    (_, untouched), *_ = first.advance(100).samples
    assert np.all(untouched == -70.0)
