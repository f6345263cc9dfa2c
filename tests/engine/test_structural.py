"""Synapses that come and go.  Truths: networks that were described so, runs in which nothing changed, arithmetic."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import spikesim as ss
from spikesim.engine.protocol import state
from spikesim.errors import InvalidTypeError, InvalidValueError, StateError, UnknownNameError

from .cases import CASES, NETWORKS
from .test_checkpoint import after

ENGINES = ("clock", "event")
CHANGED = ("STDP", "reward", "releases", "Clopath", "nearest neighbours", "dendritic delay", "LIF drawn", "triplets")
QUICK = ("STDP", "reward")


def relay(delay: float = 3.0, more: bool = False) -> ss.Network:
    """A spike at 5 ms on its way to cell 0 (`more`: also to cell 1, later)."""
    net = ss.Network(seed=1)
    source = net.population("source", 2, ss.SpikeTimes([[5.0], [5.0, 20.0]]))
    cells = net.population("cells", 3, ss.LIF(tau_m=1e6, E_L=0.0, V_reset=0.0, V_th=1e3), v=0.0)
    pairs = ss.from_pairs([0, 0], [0, 1]) if more else ss.from_pairs([0], [0])
    delays = [delay, 8.0] if more else delay
    net.connect(source, cells, pairs, weight=1.0, delay=delays, synapse=ss.Delta(), name="wire")
    net.record(cells, "v", every=1.0)
    return net


def v_at(sim: ss.Simulation, until: float) -> np.ndarray:
    sim.run(until - sim.time, progress=False)
    return np.round(sim.state["cells"]["v"], 3)


@pytest.mark.parametrize("engine", ENGINES)
def test_what_is_on_its_way_through_a_deleted_synapse_does_not_arrive(engine: str) -> None:
    sim = ss.Simulation(relay(more=True), engine=engine)
    sim.run(6.0, progress=False)
    left = sim.disconnect("wire", lambda pre, post, weight: post == 0)
    assert (left.pre.tolist(), left.post.tolist(), left.delay.tolist()) == ([0], [1], [8.0])
    assert v_at(sim, 12.9).tolist() == [0.0, 0.0, 0.0]
    assert v_at(sim, 14.0).tolist() == [0.0, 1.0, 0.0]


@pytest.mark.parametrize("engine", ENGINES)
def test_a_created_synapse_takes_what_is_on_its_way(engine: str) -> None:
    """The spike of 5 ms has not arrived everywhere: over a delay of 2 ms it comes at 7, over 0.5 ms it has passed."""
    sim = ss.Simulation(relay(), engine=engine)
    sim.run(6.0, progress=False)
    now = sim.connect("wire", pre=[0, 0], post=[1, 2], delay=[2.0, 0.5])
    assert now.post.tolist() == [0, 1, 2] and now.weight.tolist() == [1.0, 1.0, 1.0]
    assert v_at(sim, 6.9).tolist() == [0.0, 0.0, 0.0]
    assert v_at(sim, 7.5).tolist() == [0.0, 1.0, 0.0]
    assert v_at(sim, 9.0).tolist() == [1.0, 1.0, 0.0]


@pytest.mark.parametrize("engine", ENGINES)
def test_a_source_without_synapses_gets_one(engine: str) -> None:
    """Its spike of 5 ms is over; that of 20 ms arrives."""
    sim = ss.Simulation(relay(), engine=engine)
    sim.run(6.0, progress=False)
    sim.connect("wire", ss.from_pairs([1], [2]), weight=0.25, delay=4.0)
    assert v_at(sim, 23.9).tolist() == [1.0, 0.0, 0.0]
    assert v_at(sim, 24.5).tolist() == [1.0, 0.0, 0.25]


def two_groups(some: slice, rule: Any, weight: Any) -> ss.Network:
    """A network whose targets fire by themselves; the synapses of `some` pairs of a drawn list."""
    rng = np.random.default_rng(4)
    pre, post = np.divmod(rng.choice(30 * 12, 200, replace=False), 12)
    delay = rng.integers(5, 40, 200) / 10
    net = ss.Network(seed=8)
    a = net.population("a", 30, ss.Poisson(40.0))
    b = net.population("b", 12, ss.LIF(V_th=ss.normal(-55.0, 2.0, low=-60.0, high=-50.0), I_e=420.0))
    net.connect(a, b, ss.from_pairs(pre[some], post[some]), weight=np.asarray(weight)[some], delay=delay[some],
                synapse=ss.Exponential(3.0), plasticity=rule, name="learns")  # fmt: skip
    net.record(b, "spikes")
    net.record(b, "v", every=1.0)
    return net


RULES = {
    "static": None,
    "STDP": ss.STDP(A_plus=0.02, A_minus=0.021, w_max=50.0),
    "own": ss.RestrictedSTDP(A_plus=0.02, A_minus=0.021, w_max=50.0),
}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("rule", sorted(RULES))
def test_changed_at_the_start_is_described_so(rule: str, engine: str) -> None:
    """Bits: half of the synapses described and half created at the start, or all described and half deleted."""
    weight = np.linspace(0.1, 40.0, 200)
    whole, half = (two_groups(some, RULES[rule], weight) for some in (slice(None), slice(0, None, 2)))
    expected = {n: after(ss.Simulation(net, engine=engine), 60.0) for n, net in (("whole", whole), ("half", half))}
    table = ss.Simulation(whole, engine=engine).synapses("learns")
    grown = ss.Simulation(half, engine=engine)
    there = grown.synapses("learns")
    new = ~np.isin(table.weight, there.weight)
    grown.connect("learns", pre=table.pre[new], post=table.post[new], weight=table.weight[new], delay=table.delay[new])
    shrunk = ss.Simulation(whole, engine=engine, threads=2)
    shrunk.disconnect("learns", new)
    assert np.array_equal(grown.synapses("learns").weight, table.weight)
    assert after(grown, 60.0) == expected["whole"]
    assert after(shrunk, 60.0) == expected["half"]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("rule", sorted(RULES))
def test_untouched_synapses_and_neurons_keep_their_bits(rule: str, engine: str) -> None:
    """What arrives at the other neurons, and what is learnt there, is what it would have been."""
    net = two_groups(slice(None), RULES[rule], np.linspace(0.1, 40.0, 200))
    quiet, changed = ss.Simulation(net, engine=engine), ss.Simulation(net, engine=engine, threads=2)
    quiet.run(40.3, progress=False)
    changed.run(40.3, progress=False)
    touched = changed.synapses("learns").post < 4
    changed.disconnect("learns", np.flatnonzero(touched))
    changed.connect("learns", pre=[0, 1, 0, 29], post=[0, 3, 2, 2], weight=3.7, delay=1.5)
    assert not np.array_equal(state(quiet.engine)["spikes/when"], np.zeros(0)), "nothing is on its way"
    first, second = (sim.run(60.0, progress=False) for sim in (quiet, changed))
    other = [(s.times[s.ids >= 4], s.ids[s.ids >= 4]) for s in (first.spikes["b"], second.spikes["b"])]
    assert other[0][0].size > 15
    assert all(np.array_equal(x, y) for x, y in zip(*other))
    assert np.array_equal(*(r.traces["b"]["v"].values[:, 4:] for r in (first, second)))
    assert not np.array_equal(*(r.traces["b"]["v"].values[:, :4] for r in (first, second)))
    kept, now = quiet.synapses("learns"), changed.synapses("learns")
    assert np.array_equal(kept.weight[kept.post >= 4], now.weight[now.post >= 4])


@pytest.mark.parametrize(
    ("name", "engine"),
    [pytest.param(*case, marks=[pytest.mark.slow] * (case[0] not in QUICK)) for case in CASES if case[0] in CHANGED],
)
def test_going_on_after_changes(name: str, engine: str, tmp_path: Path) -> None:
    """Bits for any number of threads, and from a state saved after synapses came and went twice."""
    net = NETWORKS[name][0]()
    recorded = {probe.projection.name for probe in net.weight_probes}
    some = [p.name for p in net.projections if p.name not in recorded][:2]
    assert some
    rng = np.random.default_rng(2)
    where: dict[Any, Any] = {}

    def change(sim: ss.Simulation, k: int) -> None:
        for projection in some:
            n = sim.synapses(projection).pre.size
            chosen = where.setdefault((projection, k), rng.random(n) < 0.2)
            sim.disconnect(projection, chosen)
            sim.connect(projection, ss.fixed_total(25), weight=0.4, delay=ss.uniform(1.0, 4.0))

    sims = [ss.Simulation(net, engine=engine, threads=threads) for threads in (1, 3)]
    for sim in sims:
        sim.run(17.3, progress=False)
        change(sim, 0)
        sim.run(6.1, progress=False)
        change(sim, 1)
    assert state(sims[0].engine).difference(state(sims[1].engine)) is None
    sims[0].save(tmp_path / "state.h5")
    again = ss.Simulation.resume(tmp_path / "state.h5", threads=2)
    (branch,) = sims[1].branch(1)
    assert state(again.engine).difference(state(sims[0].engine)) is None
    expected = after(sims[0], 12.7)
    assert sum(map(len, expected)) > 16
    for sim in (sims[1], again, branch):
        assert after(sim, 12.7) == expected
        for projection in some:
            assert all(map(np.array_equal, sim.synapses(projection), sims[0].synapses(projection)))


def test_rules_draw_anew_and_describe_what_is_left_out() -> None:
    net = ss.Network(seed=2)
    a, b = net.population("a", 40, ss.Poisson(10.0)), net.population("b", 20, ss.LIF())
    net.connect(
        a, b, ss.fixed_indegree(4), weight=ss.normal(5.0, 1.0), delay=1.5, synapse=ss.Exponential(2.0), name="w"
    )
    with ss.Simulation(net) as sim:
        start = sim.synapses("w")
        first = sim.connect("w", ss.fixed_indegree(3))
        second = sim.connect("w", ss.fixed_indegree(3))
        assert [t.pre.size for t in (start, first, second)] == [80, 140, 200]
        assert np.unique(second.weight).size == 200
        assert set(second.delay.tolist()) == {1.5}
        assert np.bincount(second.post).tolist() == [10] * 20
        third = sim.connect("w", ss.all_to_all(), weight=1.0, allow_multapses=False)
        pairs = third.post * 40 + third.pre
        assert np.unique(pairs).size == 800
        assert third.pre.size == 800 + 200 - np.unique(second.post * 40 + second.pre).size
        empty = sim.disconnect("w", np.ones(third.pre.size, bool))
        assert empty.pre.size == 0 == sim.weights["w"].nnz
        sim.run(20.0, progress=False)
        assert sim.connect("w", pre=[3], post=[4]).weight.size == 1
        result = sim.run(20.0, progress=False)
    assert result.weights["w"].nnz == 1
    again = ss.Simulation(net)
    again.connect("w", ss.fixed_indegree(3))
    assert all(map(np.array_equal, again.connect("w", ss.fixed_indegree(3)), second))


def test_weights_set_before_are_kept() -> None:
    sim = ss.Simulation(two_groups(slice(None), None, np.ones(200)))
    sim.set_weights("learns", np.arange(200.0))
    before = sim.synapses("learns")
    now = sim.disconnect("learns", np.arange(50))
    assert np.array_equal(now.weight, before.weight[50:])
    sim.set_weights("learns", 2.0)
    assert set(sim.connect("learns", pre=[0], post=[0], weight=1.0, delay=1.0).weight.tolist()) == {1.0, 2.0}


def test_in_a_callback_as_between_pieces() -> None:
    def grow(sim: ss.Simulation) -> None:
        sim.disconnect("learns", lambda pre, post, weight: weight < 2.0)
        sim.connect("learns", ss.fixed_total(5), weight=2.5, delay=1.0)

    net = two_groups(slice(None), RULES["STDP"], np.linspace(0.1, 40.0, 200))
    called, pieces = ss.Simulation(net), ss.Simulation(net, threads=2)
    result = called.run(60.0, every=(20.0, grow), progress=False)
    for _ in range(3):
        other = pieces.run(20.0, progress=False)
        grow(pieces)
    assert np.array_equal(result.spikes["b"].times, other.spikes["b"].times)
    assert all(map(np.array_equal, called.synapses("learns"), pieces.synapses("learns")))


def test_mistakes_are_refused_and_nothing_changes() -> None:
    net = two_groups(slice(None), RULES["STDP"], np.linspace(0.1, 40.0, 200))
    sim = ss.Simulation(net)
    engine = sim.engine
    calls: list[tuple[Any, type, str]] = [
        (lambda: sim.connect("learn", pre=[0], post=[0]), UnknownNameError, "learns"),
        (lambda: sim.connect("learns"), InvalidTypeError, "a rule of connection, or pre= and post="),
        (lambda: sim.connect("learns", pre=[0]), InvalidTypeError, "pre= and post="),
        (lambda: sim.connect("learns", ss.all_to_all(), pre=[0], post=[0]), InvalidTypeError, "got rule, pre, post"),
        (lambda: sim.connect("learns", pre=[0], post=[0]), InvalidTypeError, "weight is missing"),
        (lambda: sim.connect("learns", pre=[0], post=[0], weight=1.0), InvalidTypeError, "delay is missing"),
        (lambda: sim.connect("learns", pre=[30], post=[0], weight=1.0, delay=1.0), InvalidValueError, "0 ... 29"),
        (lambda: sim.connect("learns", pre=[0], post=[0], weight=60.0, delay=1.0), InvalidValueError, "w_max = 50"),
        (lambda: sim.connect("learns", pre=[0], post=[0], weight=1.0, delay=0.03), InvalidValueError, "dt"),
        (lambda: sim.connect("learns", pre=[0], post=[0], weight=[1.0, 2.0], delay=1.0), InvalidValueError, "shape"),
        (lambda: sim.connect("learns", [0], weight=1.0, delay=1.0), InvalidTypeError, "a rule of connection such as"),
        (lambda: sim.disconnect("learns", np.ones(3, bool)), InvalidValueError, "mask of 3"),
        (lambda: sim.disconnect("learns", [200]), InvalidValueError, "position 200"),
        (lambda: sim.disconnect("learns", "all"), InvalidTypeError, "a mask or positions of 200 synapses"),
        (lambda: sim.disconnect("learns", lambda pre, post, weight: weight), InvalidTypeError, "a mask or positions"),
    ]
    for call, kind, words in calls:
        with pytest.raises(kind, match=words):
            call()
    assert sim.engine is engine
    sim.disconnect("learns", np.zeros(0, int))
    assert sim.engine is engine, "nothing was deleted, nothing is built anew"
    sim.close()
    with pytest.raises(StateError, match="closed"):
        sim.disconnect("learns", [0])


def test_recorded_weights_are_refused() -> None:
    net = two_groups(slice(None), RULES["STDP"], np.linspace(0.1, 40.0, 200))
    net.record(next(iter(net.projections)), "w", every=5.0)
    with pytest.raises(InvalidValueError, match=r"one column a synapse.*sim.synapses"):
        ss.Simulation(net).disconnect("learns", [0])


def test_who_is_asked_which_synapses_changes_nothing() -> None:
    """What a function changed while it is asked would be lost."""
    net = ss.Network(seed=1)
    cells = net.population("cells", 4, ss.LIF())
    net.connect(cells, cells, ss.all_to_all(), weight=0.5, delay=1.0, synapse=ss.Delta(), name="all")
    with ss.Simulation(net) as sim:
        for meddling in (lambda: sim.disconnect("all", [0]), lambda: sim.run(1.0), lambda: sim.set_weights("all", 1.0)):
            with pytest.raises(StateError, match="running"):
                sim.disconnect("all", lambda pre, post, weight, act=meddling: (act(), [1])[1])
        assert sim.synapses("all").pre.size == 16 and sim.time == 0.0
        assert sim.disconnect("all", lambda pre, post, weight: pre == post).pre.size == 12  # it is idle again


@pytest.mark.parametrize("nobody", [[], np.zeros(0, bool), np.zeros(0, int), lambda pre, post, weight: []])
def test_nobody_is_chosen_of_none(nobody: Any) -> None:
    net = ss.Network(seed=1)
    cells = net.population("cells", 2, ss.LIF())
    net.connect(cells, cells, ss.one_to_one(), weight=0.5, delay=1.0, synapse=ss.Delta(), name="ring")
    with ss.Simulation(net) as sim:
        assert sim.disconnect("ring", [0, 1]).pre.size == 0
        assert sim.disconnect("ring", nobody).pre.size == 0


@pytest.mark.parametrize("plasticity", [None, ss.STDP(A_plus=0.01, A_minus=0.01, w_max=2.0)], ids=["static", "learns"])
def test_weights_that_do_not_fit_are_refused(plasticity: Any) -> None:
    net = ss.Network(seed=1)
    cells = net.population("cells", 4, ss.LIF())
    net.connect(
        cells, cells, ss.all_to_all(), weight=0.5, delay=1.0, synapse=ss.Delta(), plasticity=plasticity, name="all"
    )
    with ss.Simulation(net) as sim:
        for weight, kind, words in (
            ([1.0, 2.0], InvalidValueError, r"16 \(one a synapse\), got shape \(2,\)"),
            (np.nan, InvalidValueError, "finite"),
            (np.ones((4, 4)), InvalidValueError, r"\(4, 4\)"),
            ("heavy", InvalidTypeError, "'heavy'"),
        ):
            with pytest.raises(kind, match=words):
                sim.set_weights("all", weight)
        assert set(sim.synapses("all").weight.tolist()) == {0.5}
        sim.set_weights("all", np.linspace(0.0, 1.5, 16))
        assert sim.synapses("all").weight.sum() == 12.0
    with pytest.raises(StateError, match="closed"):
        sim.set_weights("all", 1.0)
