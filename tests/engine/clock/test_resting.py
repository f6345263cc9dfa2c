"""Truth: the loop that steps every neuron; letting those at rest sleep gives the same bits.

A sample of one neuron's state, once, makes the engine step them all.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pytest

import spikesim as ss
from spikesim.engine.clock import resting
from spikesim.engine.clock.records import NONE
from spikesim.jit import JIT
from spikesim.neurons import equation, model
from spikesim.published import fly_brain, synthetic_connectome

from ..cases.neurons import fly

T, SPIKES = (200.0, 200) if JIT else (8.0, 3)


@model(states=("v", "g"), clamped=("v", "g"))
class Normalised(NamedTuple):
    """tau_m dv/dt = g - v, at rest at 0, where v and g run down to"""

    tau_m: float = 5.0
    tau_g: float = 2.0
    t_ref: float = 1.0

    @equation
    def slope(s, u, p):
        return ((s[1] - s[0] + u.current) / p.tau_m, -s[1] / p.tau_g)

    @equation
    def margin(s, p):
        return s[0] - 1.0

    @equation
    def reset(s, p):
        return (-0.5, 0.25 * s[1])


def driven(kind: Any = None) -> ss.Network:
    """Trains that move v and g of cells that move each other; refractory times differ."""
    net = ss.Network(seed=5)
    cells = net.population("brain", 200, Normalised(t_ref=np.arange(200) % 7 * 0.1) if kind is None else kind)
    trains = net.population("trains", 40, ss.Poisson(80.0))
    late = net.population("zz", 3, ss.SpikeTimes([[0.0, 5.0], [0.0], [33.3, 33.4, 33.5]]))
    for pre, weight in ((trains, 1.3), (late, 0.9)):
        net.connect(pre, cells, ss.fixed_probability(0.1), weight=weight, delay=1.7, synapse=ss.Delta())
    kinds = {"weight": ss.uniform(-0.5, 3.0), "delay": ss.uniform(1.2, 3.0), "synapse": ss.Delta(to="g")}
    net.connect(trains + cells, cells, ss.fixed_probability(0.05), **kinds)
    net.record(cells + trains + late, "spikes")
    return net


def stepped(net: ss.Network) -> ss.Network:
    net.record(net["brain"][:1], "v", every=T)
    return net


def outcome(net: ss.Network, *pieces: float, threads: int = 1, sleeps: bool = True) -> tuple[np.ndarray, ...]:
    """All spikes and the state at the end."""
    sim = ss.Simulation(net, dt=0.1, threads=threads)
    assert all((own["do_rest"] != NONE) == sleeps for own in sim.engine._rooms)
    for piece in pieces:
        sim.run(piece, progress=False)
    trains = sim.result().spikes
    found = [a for name in sorted(trains) for a in (trains[name].times, trains[name].ids)]
    return (*found, *(np.array(place.get()) for _, place in sorted(sim.engine.places.items())))


def assert_same(first: tuple[np.ndarray, ...], second: tuple[np.ndarray, ...]) -> None:
    assert first[0].size > SPIKES
    assert len(first) == len(second)
    for a, b in zip(first, second):
        assert a.tobytes() == b.tobytes()


@pytest.mark.parametrize("build", [fly, driven])
def test_the_same_bits_as_stepping_all(build: Any) -> None:
    wanted = outcome(stepped(build()), T, sleeps=False)
    assert_same(wanted, outcome(build(), T))
    assert_same(wanted, outcome(build(), 0.1, T / 5, 0.5, T / 2, round(T - 0.6 - T / 5 - T / 2, 6)))


@pytest.mark.parametrize("threads", [2, 3])
def test_the_same_bits_on_threads(threads: int) -> None:
    """Of which one may have sources only, where nobody sleeps."""
    assert_same(outcome(driven(), T), outcome(driven(), T, threads=threads))


@pytest.mark.parametrize("room", [1, 30, 200])
def test_more_arrivals_than_there_is_room_for(room: int, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = outcome(driven(), T)
    monkeypatch.setattr(resting, "EVENTS", room)
    assert_same(wanted, outcome(driven(), T))


def test_who_sleeps() -> None:
    """At the end of what was given, all sleep again; only those who were reached woke."""
    c = synthetic_connectome(3000, 20_000)
    net = fly_brain(c, activate=c.ids[:2])
    sim = ss.Simulation(net, dt=0.1, threads=1)
    sim.run(100.0, progress=False)
    slot = sim.engine._rooms[0]["slot"]
    reached = np.isin(np.arange(3000), c.post[np.isin(c.pre, np.unique(sim.result().spikes["brain"].ids))])
    awake = np.flatnonzero(slot >= 0)
    assert 10 < awake.size < 300
    assert np.all(reached[awake[awake > 1]])
    sim.set("activation", rate=0.0)
    for _ in range(8):
        sim.run(500.0, progress=False)
    assert np.all(sim.state["brain"]["g"] == 0.0)  # not a slow denormal number
    sim.run(2.0, progress=False)
    assert np.all(sim.engine._rooms[0]["slot"] == -1)


@pytest.mark.parametrize("kind", [None, Normalised(t_ref=0.0)])
def test_who_may_sleep(kind: Any) -> None:
    """Cells that are moved by jumps alone."""
    assert ss.Simulation(driven(kind), dt=0.1, threads=1).engine._rooms[0]["do_rest"] != NONE


@pytest.mark.parametrize("what", ["background", "current", "filter", "release", "neurons"])
def test_who_never_sleeps(what: str) -> None:
    """What flows in at all times, or has a loop of its own, is stepped."""
    net = driven()
    trains, cells = net["trains"], net["brain"]
    given: dict[str, Any] = {"rule": ss.fixed_indegree(2), "weight": 1.0, "delay": 2.0}
    if what == "background":
        net.background(cells, rate=10.0, weight=0.1, synapse=ss.Delta())
    elif what == "current":
        net.inject(cells[:3], ss.DC(0.1))
    elif what == "filter":
        net.connect(trains, cells, synapse=ss.Exponential(3.0), **given)
    elif what == "release":
        net.connect(trains, cells, synapse=ss.Delta(), release=ss.TsodyksMarkram(0.5, 100.0), **given)
    else:
        net.population("others", 3, ss.LIF())
    assert ss.Simulation(net, dt=0.1, threads=1).engine._rooms[0]["do_rest"] == NONE


def test_parameters_that_differ_are_stepped() -> None:
    net = driven(Normalised(tau_m=np.linspace(4.0, 6.0, 200)))
    assert ss.Simulation(net, dt=0.1, threads=1).engine._rooms[0]["do_rest"] == NONE
