"""Rules of chance: uniform random numbers of each synapse, whatever cuts a run, and what they make expressible."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pytest
from scipy import stats

import spikesim as ss
from spikesim.engine.chance import SALT, SERIES
from spikesim.errors import InvalidTypeError
from spikesim.plasticity import plasticity
from spikesim.plasticity.declared import MOST_DRAWS
from spikesim.random import subkey, unit, word
from spikesim.testing import check_plasticity


@plasticity
class Switch(NamedTuple):
    """A binary synapse (Fusi 2002): each presynaptic spike potentiates or depresses it, with a chance each."""

    up: float = 0.3
    down: float = 0.1
    tau: float = 15.0
    w_min: float = 0.0
    w_max: float = 1.0
    post = {"y": "tau"}
    draws = 2

    @ss.equation
    def on_pre(s: Any, pre: Any, post: Any, p: Any, z: Any) -> Any:
        rises = z[0] < p.up * post.y
        falls = z[1] < p.down
        return s.w + (1.0 - s.w) * rises - s.w * falls * (1.0 - rises)


@plasticity
class Shown(NamedTuple):
    """The weight is the last number that was drawn; a variable has the one before."""

    tau: float = 20.0
    synapse = {"before": None}
    pre = {"x": "tau"}

    @ss.equation
    def on_pre(s: Any, pre: Any, post: Any, p: Any, z: Any) -> Any:
        return (z[0], s.w), pre.x + 1.0

    @ss.equation
    def on_event(s: Any, pre: Any, post: Any, p: Any, amount: Any, z: Any) -> Any:
        return (z[0] + amount, s.before)


@plasticity
class Wander(NamedTuple):
    """Noise in the synapse: a random walk of the weight, towards 0.5 (the noise of Graupner and Brunel 2012)."""

    tau_w: float = 100.0
    sigma: float = 0.05

    @ss.equation
    def on_step(s: Any, pre: Any, post: Any, p: Any, dt: Any, z: Any) -> Any:
        noise = (12.0 * dt) ** 0.5 * (z[0] - 0.5)  # of variance dt
        return s.w + (0.5 - s.w) * dt / p.tau_w + p.sigma * noise


@pytest.mark.parametrize("rule", [Switch(), Shown(), Wander()], ids=lambda rule: type(rule).__name__)
def test_the_loop_over_events_and_the_same_bits(rule: Any) -> None:
    """On one thread and on two, in pieces, from states; each synapse by the numbers that are its own."""
    check_plasticity(rule, weight=ss.uniform(0.2, 0.8), duration=40.0)


def shown(engine: str = "event", seed: int = 1) -> ss.Network:
    net = ss.Network(seed=seed)
    source = net.population("source", 50, ss.SpikeTimes([[1.0, 3.0]] * 50))
    cells = net.population("cells", 200, ss.LIF())
    net.connect(
        source, cells, ss.all_to_all(), weight=0.5, delay=1.0, synapse=ss.Exponential(2.0), plasticity=Shown(),
        name="shown",
    )  # fmt: skip
    return net


def test_numbers_are_uniform_and_independent() -> None:
    """Of 10 000 synapses: the last number and the one before, Kolmogorov and Smirnov, correlation, neighbours."""
    with ss.Simulation(shown(), engine="event") as sim:
        sim.run(10.0, progress=False)
        last = sim.synapses("shown").weight
        before = sim.engine.places["synapses/shown/synapse before"].get()
    for drawn in (last, before):
        assert stats.kstest(drawn, "uniform").pvalue > 0.001 and np.unique(drawn).size == 10_000
        assert abs(np.corrcoef(drawn[1:], drawn[:-1])[0, 1]) < 0.04
    assert abs(np.corrcoef(last, before)[0, 1]) < 0.04


def test_both_engines_draw_the_same_and_seeds_differ() -> None:
    def drawn(engine: str, seed: int) -> np.ndarray:
        with ss.Simulation(shown(seed=seed), engine=engine) as sim:
            sim.run(10.0, progress=False)
            return np.asarray(sim.synapses("shown").weight)

    one = drawn("clock", 1)
    assert one.tobytes() == drawn("event", 1).tobytes()
    assert np.all(one != drawn("clock", 2))
    with ss.Simulation(shown(), engine="clock") as sim:
        a, b, c = sim.branch(3, seeds=[1, 5, 1])
        found = []
        for branch in (a, b, c):
            branch.run(10.0, progress=False)
            found.append(branch.synapses("shown").weight)
    assert found[0].tobytes() == found[2].tobytes() and np.all(found[0] != found[1])


def test_the_stationary_state_of_a_random_walk() -> None:
    """dw = (w0 - w) dt / tau + sigma dW has the variance sigma^2 tau / 2 (of this scheme: / (1 - dt / 2 tau))."""
    net = ss.Network(seed=4)
    source = net.population("source", 100, ss.SpikeTimes([[]] * 100))
    cells = net.population("cells", 100, ss.LIF())
    net.connect(
        source, cells, ss.all_to_all(), weight=0.5, delay=1.0, synapse=ss.Exponential(2.0), name="walk",
        plasticity=Wander(tau_w=5.0),
    )  # fmt: skip
    with ss.Simulation(net, dt=0.5) as sim:
        sim.run(50.0, progress=False)
        w = sim.synapses("walk").weight
    wanted = 0.05 * np.sqrt(5.0 / 2.0 / (1.0 - 0.5 / 10.0))
    assert abs(w.mean() - 0.5) < 0.005 and abs(w.std() / wanted - 1.0) < 0.04


def test_mistakes() -> None:
    with pytest.raises(InvalidTypeError, match="must be from 1 to 4, got 5"):

        @plasticity
        class Many(NamedTuple):
            eta: float = 1.0
            draws = 5

            @ss.equation
            def on_pre(s: Any, pre: Any, post: Any, p: Any, z: Any) -> Any:
                return s.w + z[0]

    with pytest.raises(InvalidTypeError, match="0, or an equation that takes them"):

        @plasticity
        class None_(NamedTuple):
            eta: float = 1.0
            draws = 1

            @ss.equation
            def on_pre(s: Any, pre: Any, post: Any, p: Any) -> Any:
                return s.w

    with pytest.raises(InvalidTypeError, match="the new pre depends on the synapse"):

        @plasticity
        class Traced(NamedTuple):
            tau: float = 1.0
            pre = {"x": "tau"}

            @ss.equation
            def on_pre(s: Any, pre: Any, post: Any, p: Any, z: Any) -> Any:
                return s.w, pre.x + z[0]


@pytest.mark.parametrize("n", range(1, MOST_DRAWS + 1))
def test_a_verb_gets_the_next_numbers_of_its_synapse(n: int) -> None:
    """The k-th number is unit(word(stream of the synapse, k)), whoever asks for it and how many at a time."""
    stream, which, at = 12345.0, 77.0, np.uint64(9)
    a, b = subkey(np.uint64(stream), SALT, np.uint64(which))
    with np.errstate(over="ignore"):
        found = SERIES[n](stream, which, at)
        assert found == tuple(unit(word(a, b, at + np.uint64(k))) for k in range(n))


def test_synapses_of_a_pair_draw_from_far_apart() -> None:
    """Each begins 2^40 numbers after the one before, and counts exactly from there."""
    net = ss.Network()
    source, cells = net.population("source", 3, ss.SpikeTimes([[]] * 3)), net.population("cells", 4, ss.LIF())
    pre, post = [2, 0, 2, 2, 1, 0], [1, 3, 1, 1, 3, 3]
    net.connect(
        source, cells, ss.from_pairs(pre, post), weight=0.5, delay=[1.0, 1.0, 2.0, 3.0, 1.0, 1.0],
        synapse=ss.Exponential(2.0), plasticity=Switch(), name="switch",
    )  # fmt: skip
    with ss.Simulation(net, engine="event", threads=1) as sim:
        (learner,) = sim.engine.workers[0].tables.wired.learners
        which, drawn = learner.chance().values()
    of = {pair: sorted(drawn[which == pair]) for pair in np.unique(which)}
    assert of == {3.0: [0.0, 2.0**40], 7.0: [0.0], 9.0: [0.0, 2.0**40, 2.0**41]}
    assert np.all(drawn + 1.0 - drawn == 1.0)
