"""Truth: the run that went on without a break.  A state is a value: any workers go on from it to the same bits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import spikesim as ss
from spikesim.engine.clock.build import build
from spikesim.engine.clock.engine import ClockEngine
from spikesim.engine.protocol import restore, state
from spikesim.errors import StateError
from spikesim.grid import Grid
from spikesim.program.program import Changes, Program

from ..cases import drives, learning, neurons

CASES = {
    "currents, drawn delays": neurons.lif_drawn,
    "jumps kept while refractory": neurons.lif_kept_delta,
    "cascades": neurons.lif_alpha_gamma,
    "adaptation": neurons.adex,
    "conductances, gates": neurons.traub_miles,
    "sources": drives.sources,
    "held noise": drives.stimuli,
    "plastic, soft": learning.stdp_soft,
    "plastic, rewarded": learning.reward,
    "triplets": learning.triplets,
}


def made(net: ss.Network, threads: int = 1, start: int = 0) -> ClockEngine:
    return build(Program(net, Grid(0.1), net.seed, start=start), threads)


def on(engine: ClockEngine, steps: int) -> list[Any]:
    """Everything that happens in the next steps, and the state after them."""
    batches, end = [], engine.step + steps
    while engine.step < end:
        batches.append(engine.advance(end - engine.step))
    parts = [np.concatenate([b.when for b in batches]), np.concatenate([b.ids for b in batches])]
    parts += [np.concatenate([b.samples[k][1] for b in batches]) for k in range(len(batches[0].samples))]
    return [*(p.tolist() for p in parts), state(engine), engine.spikes, engine.events]


@pytest.mark.parametrize("name", CASES)
def test_any_workers_go_on_from_a_state(name: str) -> None:
    net = CASES[name]()
    whole, two = made(net), made(net, threads=2)
    on(whole, 300), on(two, 300)
    here = state(two)
    assert here.difference(state(whole)) is None
    branch, again = two.fork(), two.rebuilt(two.program)
    other = made(net, threads=3)
    restore(other, here)
    truth = on(whole, 250)
    assert len(truth[0]) > 1
    for engine in (branch, other, again, two):
        assert on(engine, 250) == truth
    back = made(net)
    restore(back, here.copy())
    assert state(back).difference(here) is None


def test_a_state_before_the_first_step() -> None:
    """What is due at the very start is still to come, in all engines made from it."""
    net = drives.sources()
    first = made(net)
    other = made(net, threads=2)
    restore(other, state(first))
    fork = first.fork()
    truth = on(first, 60)
    assert truth[0][0] == 0  # a spike that is listed at 0
    assert on(other, 60) == truth and on(fork, 60) == truth


def test_many_worlds_on_the_same_synapses() -> None:
    net = neurons.lif_delta()
    engine = made(net)
    on(engine, 100)
    bundles = engine.workers[0].bundles
    branches = [engine.fork() for _ in range(3)]
    assert all(branch.workers[0].bundles is bundles for branch in branches)
    branches[0].arenas[0]["x"][:] += 1e-9
    results = [on(branch, 200) for branch in branches]
    assert results[1] == results[2] == on(engine, 200)
    assert results[0][-3].difference(results[1][-3]) is not None


def test_changed_numbers_on_the_same_synapses() -> None:
    """Other parameters from a state on: what a network with these, put into that state, does."""
    net = neurons.lif_exponential()
    engine = made(net, threads=2)
    on(engine, 200)
    model = net["i"].model._replace(I_e=300.0, V_th=-52.0)
    changed = engine.program.changed(Changes(models={"i": model}))
    other = engine.rebuilt(changed)
    for before, after in zip(engine.workers, other.workers):
        assert all(a is b for a, b in zip(before.bundles, after.bundles))
    fresh = build(changed, 1)
    restore(fresh, state(engine))
    assert on(other, 200) == on(fresh, 200)
    assert other.spikes != engine.spikes


def test_changed_weights_are_built_and_the_rest_is_not() -> None:
    net = neurons.lif_drawn()
    engine = made(net)
    on(engine, 150)
    (wiring,) = engine.program.wirings
    weights = 0.5 * wiring.edges()[2]
    other = engine.rebuilt(engine.program.changed(Changes(weights={wiring.name: weights})))
    assert np.allclose(np.sort(other.workers[0].bundles[0].weight), np.sort(weights))
    assert on(other, 200)[0] != on(engine, 200)[0]


def test_another_network_is_refused() -> None:
    engine = made(neurons.lif_delta())
    with pytest.raises(StateError, match="it is of another network"):
        restore(made(neurons.adex()), state(engine))
    with pytest.raises(StateError, match="population 'cells' is not the same"):
        made(drives.sources()).rebuilt(engine.program)
    larger = ss.Network(seed=1)
    larger.population("cells", 5, ss.LIF())
    smaller = ss.Network(seed=1)
    smaller.population("cells", 4, ss.LIF())
    with pytest.raises(StateError, match="4 numbers where this network has 5"):
        restore(made(larger), state(made(smaller)))


def test_flights_that_need_more_room_than_there_is() -> None:
    """A source of 20,000 spikes a step: the room for flights grows, and the state is the same for any growth."""
    net = ss.Network(seed=1)
    source = net.population("s", 2000, ss.Poisson(20_000.0))
    cells = net.population("c", 2, ss.LIF(V_th=1e9))
    net.connect(source, cells, ss.all_to_all(), weight=1.0, delay=3.0, synapse=ss.Exponential(2.0))
    one, two = made(net), made(net, threads=2)
    assert on(one, 45) == on(two, 45)
    fresh = made(net)
    restore(fresh, state(one))
    assert len(state(one)["spikes/id"]) > 4096
    assert on(fresh, 40) == on(two, 40)
