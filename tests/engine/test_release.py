"""What arrives of a projection with a release.  Truth: the recurrence times the weight, spike by spike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pytest

import spikesim as ss
from spikesim.jit import exp
from spikesim.random import Key, key, words
from spikesim.synapses import equation, release
from spikesim.synapses.release import resting

TIMES = [[3.0, 20.5, 21.0, 60.0, 90.3], [0.0, 10.0, 10.0, 80.0], [], [47.1]]
WEIGHTS = np.array([[2.0, 0.5], [3.0, 1.25], [1.0, 1.0], [0.75, 4.0]])
DELAYS = np.array([[1.5, 3.2], [2.0, 2.0], [1.0, 1.0], [0.7, 4.1]])
ENGINES = pytest.mark.parametrize("engine", ["clock", "event"])


@release
class Depression(NamedTuple):
    """One of a user's own."""

    tau: float = 50.0
    U: float = 0.4
    states = ("x",)

    @equation
    def between(s, dt, p):
        return (1.0 - (1.0 - s[0]) * exp(-dt / p.tau),)

    @equation
    def on_spike(s, p):
        return (s[0] - p.U * s[0],), p.U * s[0]


def factors(value: Any, times: Sequence[float], stream: Any = None, source: int = 0) -> list[float]:
    """The share of each of these spikes of one source."""
    cls, s, last, found = type(value), resting("here", value, value), 0.0, []
    for count, t in enumerate(times):
        arguments: tuple[Any, ...] = (cls.between(s, t - last, value), value)
        if cls.draws:
            own = Key(words(stream, np.array(source)), words(Key(stream.b, stream.a), np.array(source)))
            arguments += (tuple((words(own, cls.draws * count + np.arange(cls.draws)) >> np.uint64(12)) / 2.0**52),)
        s, factor = cls.on_spike(*arguments)
        found.append(float(factor))
        last = t
    return found


def network(value: Any, synapse: Any, weight: Any = None, **more: Any) -> ss.Network:
    net = ss.Network(seed=3)
    sources = net.population("sources", 4, ss.SpikeTimes(TIMES))
    cells = net.population("cells", 2, ss.LIF(V_th=1e9, tau_m=20.0))
    from_, to = np.repeat(np.arange(4), 2), np.tile([0, 1], 4)
    net.connect(
        sources, cells, ss.from_pairs(from_, to), weight=WEIGHTS.ravel() if weight is None else weight,
        delay=DELAYS.ravel(), synapse=synapse, release=value, name="p", **more,
    )  # fmt: skip
    net.record(cells, "v", every=0.1)
    return net


def expected(value: Any, at: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """v of both cells: jumps that decay with 20 ms (v rests at -70 mV)."""
    v = np.full((at.size, 2), -70.0)
    for source, times in enumerate(TIMES):
        shares = factors(value, times, key(3, "release", "p"), source)
        for t, share in zip(times, shares):
            for k in range(2):
                since = at - t - DELAYS[source, k]
                v[:, k] += share * weight[source, k] * np.where(since > -1e-9, np.exp(-since / 20.0), 0.0)
    return v


ALL = [
    ss.TsodyksMarkram(U=0.5, tau_rec=80.0),
    ss.TsodyksMarkram(U=0.1, tau_rec=30.0, tau_fac=200.0),
    ss.TsodyksMarkram(U=0.6, tau_rec=30.0, tau_fac=20.0, tau_in=5.0),
    ss.StochasticRelease(0.5),
    ss.QuantalRelease(5, 0.4, 30.0, 50.0),
    Depression(),
]


@ENGINES
@pytest.mark.parametrize("constant", [False, True])
@pytest.mark.parametrize("value", ALL, ids=repr)
def test_a_spike_transmits_its_share(value: Any, constant: bool, engine: str) -> None:
    """Truth: the verbs in plain Python, and the sum of all jumps in closed form, at 1e-12."""
    net = network(value, ss.Delta(), 1.5 if constant else None)
    found = net.run(120.0, engine=engine, progress=False, threads=2).traces["cells"]["v"]
    wanted = expected(value, found.times, np.full((4, 2), 1.5) if constant else WEIGHTS)
    apart = np.ones(found.times.size, bool)
    if engine == "event":  # where a sample and an arrival are the same time, t + delay is rounded to either side
        arrivals = np.concatenate([np.add.outer(times, DELAYS[k]).ravel() for k, times in enumerate(TIMES)])
        apart = np.abs(found.times[:, None] - arrivals).min(axis=1) > 1e-9
        assert apart.sum() > 1150
    np.testing.assert_allclose(found.values[apart], wanted[apart], rtol=0, atol=1e-12 * 70)


@ENGINES
def test_each_source_has_its_own_numbers(engine: str) -> None:
    """An array of one a source is four projections of one source each."""
    U = np.array([0.2, 0.4, 0.6, 0.9])
    together = network(ss.TsodyksMarkram(U=U, tau_rec=80.0), ss.Exponential(3.0)).run(
        120.0, engine=engine, progress=False
    )
    net = ss.Network(seed=3)
    sources = net.population("sources", 4, ss.SpikeTimes(TIMES))
    cells = net.population("cells", 2, ss.LIF(V_th=1e9, tau_m=20.0))
    for k in range(4):
        net.connect(
            sources[[k]], cells, ss.from_pairs([0, 0], [0, 1]), weight=WEIGHTS[k], delay=DELAYS[k],
            synapse=ss.Exponential(3.0), release=ss.TsodyksMarkram(U=U[k], tau_rec=80.0), name=f"from {k}",
        )  # fmt: skip
    net.record(cells, "v", every=0.1)
    apart = net.run(120.0, engine=engine, progress=False)
    np.testing.assert_allclose(
        together.traces["cells"]["v"].values, apart.traces["cells"]["v"].values, rtol=0, atol=1e-11
    )


def test_a_synapse_that_learns_transmits_a_share_of_its_weight() -> None:
    """Truth: a rule whose steps are 0 leaves the fixed synapses; one that learns does so as without a release."""
    value = ss.TsodyksMarkram(U=0.5, tau_rec=80.0)
    still = ss.STDP(A_plus=0.0, A_minus=0.0, w_max=10.0)
    fixed, learning = (
        network(value, ss.Delta(), **more).run(120.0, progress=False).traces["cells"]["v"].values
        for more in ({}, {"plasticity": still})
    )
    np.testing.assert_array_equal(fixed, learning)


@ENGINES
def test_the_first_spike_is_right_at_any_time(engine: str) -> None:
    """A source that has been silent transmits U, after 5 ms and after 100 s; NEST's first spike does not."""
    for t in (5.0, 1e5):
        net = ss.Network()
        source, cell = net.population("source", 1, ss.SpikeTimes([[t]])), net.population("cell", 1, ss.LIF(V_th=1e9))
        share = ss.TsodyksMarkram(U=0.3, tau_rec=800.0, tau_fac=500.0)
        net.connect(source, cell, ss.all_to_all(), weight=10.0, delay=1.0, synapse=ss.Delta(), release=share)
        net.record(cell, "v", every=1.0)
        sim = ss.Simulation(net, dt=1.0, engine=engine)
        trace = sim.run(t + 2.0, progress=False).traces["cell"]["v"]
        assert trace.values[np.searchsorted(trace.times, t + 1.0 - 1e-6), 0] == pytest.approx(-67.0, abs=1e-12)


@ENGINES
def test_what_is_fed_is_released(engine: str) -> None:
    """Spikes of a closed loop transmit what listed ones do."""
    times = [2.0, 5.0, 5.0, 9.0, 30.0]
    found = []
    for listed in (True, False):
        net = ss.Network()
        source = net.population("source", 1, ss.SpikeTimes([times]) if listed else ss.SpikeInput())
        cell = net.population("cell", 1, ss.LIF(V_th=1e9))
        value = ss.TsodyksMarkram(U=0.5, tau_rec=20.0)
        net.connect(source, cell, ss.all_to_all(), weight=10.0, delay=2.5, synapse=ss.Delta(), release=value)
        net.record(cell, "v", every=0.5)
        sim = ss.Simulation(net, dt=0.5, engine=engine)
        for k in range(100):
            fed = [] if listed else [0] * times.count(0.5 * k)
            sim.step(0.5, spikes=None if listed else {"source": fed})
        found.append(sim.result().traces["cell"]["v"].values)
    np.testing.assert_allclose(found[0], found[1], rtol=0, atol=1e-12)


def test_the_state_has_its_place() -> None:
    """Canonical entries: one a source; they can be set."""
    from spikesim.engine.protocol import state

    sim = ss.Simulation(network(ss.TsodyksMarkram(U=0.5, tau_rec=80.0), ss.Delta()), threads=2)
    sim.run(50.0, progress=False)
    entries = state(sim.engine)
    assert entries["synapses/p/release/x"].shape == (4,)
    assert entries["synapses/p/release/x"][2] == 1.0 and entries["synapses/p/emitted/count"].tolist() == [3, 3, 0, 1]
    assert entries["synapses/p/release/x"][3] == 0.5
    assert entries["synapses/p/flights/factor"].tolist() == [0.5]  # the spike at 47.1 ms is still on its way


def test_both_engines_transmit_the_same() -> None:
    """Spikes at times of the grid, by chance too: the factors are those of the clock engine, draw by draw."""
    found = []
    for engine in ("clock", "event"):
        net = network(ss.QuantalRelease(5, 0.4, 30.0, 50.0), ss.Exponential(3.0))
        run = net.run(120.0, dt=0.1, engine=engine, progress=False, threads=2)
        found.append(run.traces["cells"]["v"].values[5::10])
    np.testing.assert_allclose(*found, rtol=0, atol=1e-10)
