"""Synapses whose spikes may not be added up, with a background and with plasticity.

Truth: a loop that tells one synapse of one spike after the other, in plain Python, by weights that sums over all pairs
of spikes give (tests/plasticity/pairs.py), and by backgrounds that a linear filter has counted.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
import pytest
from engine.cases.neurons import Filling

import spikesim as ss
from spikesim.jit import JIT
from spikesim.neurons.contract import Input
from spikesim.testing import check_plasticity

from .imposed import imposed, steps_of
from .pairs import history
from .test_naive_twin import RULES

DT, TAU, WEIGHT = 0.1, 7.0, 0.3
BOTH = pytest.mark.parametrize("engine", ["clock", "event"])


@ss.synapse(states=("x", "n"))
class Mixing(NamedTuple):
    """A spike moves x towards its weight by that share: which of two comes first matters; n counts weights."""

    tau: float = TAU

    @ss.equation
    def slope(f: Any, p: Any) -> Any:
        return (-f[0] / p.tau, 0.0)

    @ss.equation
    def jump(f: Any, w: Any, p: Any) -> Any:
        return (f[0] + w * (w - f[0]), f[1] + w)

    @ss.equation
    def input(f: Any, v: Any, p: Any) -> Any:
        return Input(0.0, 0.1 * f[0])  # (so little that neurons fire when they are kicked, and only then)


def counts(train: Any, steps: int, targets: int) -> np.ndarray:
    """How often the background of this name comes at the steps 0 ... `steps`, of each target: what a filter adds up."""
    fades = math.exp(-DT / 1e3)
    net = ss.Network(seed=5)
    cells = net.population("post", targets, ss.LIF(V_th=1e9))
    net.background(cells, rate=train, weight=1.0, synapse=ss.Exponential(tau=1e3), name="around")
    net.record(cells, "I_syn")
    current = net.run(steps * DT, progress=False).traces["post"]["I_syn"].values
    at_once = np.rint((np.rint(current[0]) - current[0]) / (1.0 - fades))  # came at 0, before the first sample
    found = current - fades * np.vstack([at_once, current[:-1]])
    assert np.abs(found - np.rint(found)).max() < 1e-9
    return np.rint(np.vstack([at_once, found])).astype(int)


@pytest.mark.parametrize("train", [400.0, ss.GammaTrain(300.0, shape=3.0)], ids=["Poisson", "gamma"])
@pytest.mark.parametrize("name", ["additive", "power law", "triplet", "rewarded"])
def test_the_loop_on_the_clock(name: str, train: Any) -> None:
    """x at every step: by classical Runge-Kutta twice a step.

    Of the spikes of a step first those of the background, then by emission, source, spike, and place in the list.
    """
    rng, rule = np.random.default_rng(len(name)), RULES[name]
    steps, n_pre, n_post, n = (1500 if JIT else 120), 3, 4, 14
    pre_steps = [np.sort(rng.integers(0, steps - 60, 25)).tolist() for _ in range(n_pre)]
    wanted = [np.unique(rng.integers(2, steps - 1, 25)).tolist() for _ in range(n_post)]
    pre, post = rng.integers(0, n_pre, n), rng.integers(0, n_post, n)
    weight, delay = rng.uniform(0.0, 1.0, n), rng.integers(1, 40, n)
    net = imposed(
        pre_steps, wanted, rule, weight=weight, delay=delay * DT, connect=ss.from_pairs(pre, post), synapse=Mixing()
    )
    cells = net["post"]
    net.background(cells, rate=train, weight=WEIGHT, synapse=Mixing(), name="around")
    net.record(cells, "Mixing.x", "Mixing.n")
    result = net.run(steps * DT, progress=False)
    assert steps_of(result) == wanted
    traces = result.traces["post"]
    drawn = counts(train, steps, n_post)
    arrivals: list[list[tuple[int, int, int, int, int, float]]] = [[] for _ in range(n_post)]
    for k in range(n):
        at = [s + int(delay[k]) for s in pre_steps[pre[k]]]
        sent = history(rule, float(weight[k]), at, wanted[post[k]], DT, steps).transmitted
        arrivals[post[k]] += [
            (a, a - int(delay[k]), int(pre[k]), spike, k, w) for spike, (a, w) in enumerate(zip(at, sent))
        ]
    z = -0.5 * DT / TAU
    step = (1.0 + z + z**2 / 2 + z**3 / 6 + z**4 / 24) ** 2
    for i in range(n_post):
        x = n_ = 0.0
        due = sorted(arrivals[i])
        for t in range(steps + 1):
            x *= step
            for w in [WEIGHT] * drawn[t, i] + [w for at, *_, w in due if at == t]:
                x, n_ = x + w * (w - x), n_ + w
            if t == 0:
                continue
            assert traces["Mixing.x"].values[t - 1, i] == pytest.approx(x, abs=1e-12)
            assert traces["Mixing.n"].values[t - 1, i] == pytest.approx(n_, abs=1e-10)
    assert drawn.sum() > 10 and max(drawn.max(), 2) >= 2


def around(every: float, span: float, targets: int) -> list[np.ndarray]:
    """When the background of this name comes on the event engine: where a current that it feeds jumped."""
    tau = 50.0
    net = ss.Network(seed=5)
    cells = net.population("post", targets, ss.LIF(V_th=1e9))
    net.background(cells, rate=60.0, weight=1.0, synapse=ss.Exponential(tau=tau), name="around")
    net.record(cells, "I_syn", every=every)
    trace = net.run(span, engine="event", progress=False).traces["post"]["I_syn"]
    before = np.vstack([np.zeros((1, targets)), trace.values[:-1]])
    more = trace.values - before * math.exp(-every / tau)
    assert np.all((np.abs(more) < 1e-9) | ((more <= 1.0) & (more > math.exp(-every / tau) - 1e-12)))  # one at most
    return [trace.times[more[:, i] > 0.5] + tau * np.log(more[more[:, i] > 0.5, i]) for i in range(targets)]


@pytest.mark.skipif(not JIT, reason="takes minutes in plain Python")
@pytest.mark.parametrize("name", ["additive", "power law", "triplet"])
def test_the_loop_on_the_event_engine(name: str) -> None:
    """x at every ms, to the tolerance at which it is integrated; n, which does not change between spikes, to 1e-10."""
    rng, rule, span, n_pre, n_post, n = np.random.default_rng(len(name)), RULES[name], 150.0, 3, 4, 14
    net = ss.Network(seed=5)
    sources = net.population("pre", n_pre, ss.SpikeTimes([np.sort(rng.uniform(0, span, 25)) for _ in range(n_pre)]))
    kicks = net.population("kicks", n_post, ss.SpikeTimes([np.sort(rng.uniform(0, span, 25)) for _ in range(n_post)]))
    cells = net.population("post", n_post, ss.LIF(t_ref=0.0))
    net.connect(kicks, cells, ss.one_to_one(), weight=999.0, delay=0.37, synapse=ss.Delta())
    pre, post = rng.integers(0, n_pre, n), rng.integers(0, n_post, n)
    weight, delay = rng.uniform(0.0, 1.0, n), rng.uniform(0.1, 6.0, n)
    net.connect(
        sources, cells, ss.from_pairs(pre, post), weight=weight, delay=delay, synapse=Mixing(), plasticity=rule,
        name="plastic",
    )  # fmt: skip
    net.background(cells, rate=60.0, weight=WEIGHT, synapse=Mixing(), name="around")
    net.record(sources + cells, "spikes")
    net.record(cells, "Mixing.x", "Mixing.n", every=1.0)
    sim = ss.Simulation(net, engine="event", rtol=1e-11, atol=1e-13, threads=2)
    result = sim.run(span, progress=False)
    fired = {
        side: [result.spikes[side].times[result.spikes[side].ids == i] for i in range(size)]
        for side, size in (("pre", n_pre), ("post", n_post))
    }
    traces, drawn = result.traces["post"], around(0.1, span, n_post)
    for i in range(n_post):
        told = [(float(t), WEIGHT) for t in drawn[i]]
        for k in np.flatnonzero(post == i):
            at = [float(t + delay[k]) for t in fired["pre"][pre[k]]]
            found = history(rule, float(weight[k]), at, fired["post"][i].tolist(), 1.0, 10**9)  # type: ignore[arg-type]
            told += list(zip(at, found.transmitted))
        x = n_ = now = 0.0
        events = sorted(
            [(t, 0, w) for t, w in told if t <= span] + [(float(t), 1, 0.0) for t in traces["Mixing.x"].times]
        )
        for t, sampled, w in events:
            x, now = x * math.exp((now - t) / TAU), t
            if sampled:
                row = int(np.searchsorted(traces["Mixing.x"].times, t))
                assert traces["Mixing.x"].values[row, i] == pytest.approx(x, abs=1e-8)
                assert traces["Mixing.n"].values[row, i] == pytest.approx(n_, abs=1e-10)
            else:
                x, n_ = x + w * (w - x), n_ + w
        assert len(drawn[i]) > 3 and sum(1 for _, s, _ in events if not s) > 30


@ss.plasticity.plasticity
class Hebb(NamedTuple):
    """Weights grow with what the other side has left, and shrink with each arrival."""

    tau: float = 12.0
    w_max: float = 1.0
    pre = {"a": "tau"}
    post = {"b": "tau"}

    @ss.equation
    def on_pre(s: Any, pre: Any, post: Any, p: Any) -> Any:
        return (0.95 * s.w + 0.02 * post.b,), (pre.a + 1.0,)

    @ss.equation
    def on_post(s: Any, pre: Any, post: Any, p: Any) -> Any:
        return (s.w + 0.1 * pre.a,), (post.b + 1.0,)


@pytest.mark.parametrize("synapse", [Mixing(), ss.NMDASaturating(g=3.0)], ids=["Mixing", "NMDASaturating"])
@pytest.mark.parametrize("rule", [Hebb(), RULES["additive"], RULES["rewarded"]], ids=["Hebb", "pairs", "rewarded"])
def test_the_battery(rule: Any, synapse: Any) -> None:
    given: dict[str, Any] = {} if JIT else {"duration": 6.0, "engines": ("clock",)}  # (the event engine takes minutes)
    check_plasticity(rule, synapse=synapse, weight=ss.uniform(0.2, 0.8), **given)


@BOTH
def test_the_law_of_a_background(engine: str) -> None:
    """What opens at a rate r by a share w of the closed, and closes with tau, is open for r w / (1 / tau + r w)."""

    n, span = (400, 200.0) if JIT else (10, 10.0)
    net = ss.Network(seed=8)
    cells = net.population("cells", n, ss.LIF())
    net.background(cells, rate=900.0, weight=0.25, synapse=Filling(tau=5.0))
    net.record(cells, "Filling.open", every=20.0 if JIT else 1.0)
    found = net.run(span, dt=0.05, engine=engine, progress=False).traces["cells"]["Filling.open"].values[2:].ravel()
    rate = 0.9 * 0.25
    assert found.mean() == pytest.approx(rate / (0.2 + rate), abs=5.0 * found.std() / math.sqrt(found.size) + 3e-3)
    assert 0.05 < found.std() < 0.4
