"""A rule with several parameters, from event to event.  Truth: the sum written out by hand."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import pytest

import spikesim as ss
from spikesim.engine import rules
from spikesim.plasticity import plasticity


@plasticity
class Weighed(NamedTuple):
    """Every verb has a parameter of its own."""

    up: float = 0.25
    down: float = 0.125
    told: float = 0.5
    tau: float = 10.0
    pre = {"x": "tau"}
    post = {"y": "tau"}

    @ss.equation
    def on_pre(s: Any, pre: Any, post: Any, p: Any) -> Any:
        return s.w - p.down * post.y, pre.x + 1.0

    @ss.equation
    def on_post(s: Any, pre: Any, post: Any, p: Any) -> Any:
        return s.w + p.up * pre.x, post.y + 1.0

    @ss.equation
    def on_event(s: Any, pre: Any, post: Any, p: Any, amount: Any) -> Any:
        return s.w + p.told * amount


@plasticity
class Other(NamedTuple):
    """The same but for one verb."""

    up: float = 0.25
    down: float = 0.125
    told: float = 0.5
    tau: float = 10.0
    pre = {"x": "tau"}
    post = {"y": "tau"}

    @ss.equation
    def on_pre(s: Any, pre: Any, post: Any, p: Any) -> Any:
        return s.w - 2.0 * p.down * post.y, pre.x + 1.0

    @ss.equation
    def on_post(s: Any, pre: Any, post: Any, p: Any) -> Any:
        return s.w + p.up * pre.x, post.y + 1.0

    @ss.equation
    def on_event(s: Any, pre: Any, post: Any, p: Any, amount: Any) -> Any:
        return s.w + p.told * amount


@pytest.mark.parametrize("engine", ["clock", "event"])
def test_each_verb_has_its_parameter_and_weights_are_recorded(engine: str) -> None:
    """Arrivals at 2 and 6, a spike at 4, an event at 8; the weight at 1, 3, 5, ..."""
    net = ss.Network()
    source = net.population("source", 1, ss.SpikeTimes([[1.0, 5.0]]))
    kick = net.population("kick", 1, ss.SpikeTimes([[3.0]]))
    cell = net.population("cell", 1, ss.LIF())
    net.connect(kick, cell, ss.one_to_one(), weight=39.0, delay=1.0, synapse=ss.Delta())
    synapses = net.connect(
        source, cell, ss.one_to_one(), weight=1.0, delay=1.0, synapse=ss.Exponential(2.0), plasticity=Weighed(),
        name="own",
    )  # fmt: skip
    net.record(synapses, "w", every=1.0)
    net.record(cell, "spikes")
    with ss.Simulation(net, engine=engine, threads=1) as sim:
        sim.run(8.0, progress=False)
        sim.reward(3.0, "own")
        result = sim.run(2.0, progress=False)
    assert result.spikes["cell"].times.tolist() == pytest.approx([4.0])
    w = result.traces["own"]["w"]
    after_post = 1.0 + 0.25 * math.exp(-0.2)
    after_pre = after_post - 0.125 * math.exp(-0.2)
    wanted = {1.0: 1.0, 3.0: 1.0, 5.0: after_post, 7.0: after_pre, 9.0: after_pre + 1.5, 10.0: after_pre + 1.5}
    assert {t: w.values[list(w.times).index(t), 0] for t in wanted} == pytest.approx(wanted, rel=1e-12)


def test_rules_are_known_by_their_verbs() -> None:
    """Another verb, another key; the same rule again, the same."""
    keys = [rules.register(cls) for cls in (Weighed, Other, Weighed)]
    assert keys[0] == keys[2]
    assert keys[0].split(":")[1] != keys[1].split(":")[1]
