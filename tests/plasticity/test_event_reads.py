"""Rules that read the target's state at arrivals, on the event engine.  Truth: a loop over events in plain Python."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
import pytest

import spikesim as ss
from spikesim.testing import check_plasticity

SPAN, N_PRE, N_POST, N = 200.0, 3, 3, 12
TAU, C, E_L, V_TH, TAU_S, KICK = 12.0, 200.0, -70.0, -50.0, 1.5, 39.0


@ss.plasticity(synapse={"x": "tau_x"}, pre={"a": "tau"}, post={"c": "tau_c"}, reads=("v",))
class Voltage(NamedTuple):
    """After Brader, Senn and Fusi (2007): an arrival finds a potential, and calcium that spikes of the target left."""

    eta: float = 1.0
    theta: float = -69.5
    limit: float = 2.5
    tau: float = 20.0
    tau_c: float = 30.0
    tau_x: float = 100.0
    w_min: float = 0.0
    w_max: float = 80.0

    @ss.equation
    def on_pre(s, pre, post, p):
        change = p.eta * (post.v - p.theta) * (post.c < p.limit) - 0.5 * pre.a
        return (s.w + change + 0.1 * s.x, s.x + (post.v > p.theta)), (pre.a + 1.0,)


def network(rule: Any, seed: int = 1, grid: float = 0.0) -> ss.Network:
    """Drawn trains, pairs (multapses included) and weights; neurons fire when they are kicked, and only then."""
    rng = np.random.default_rng(seed)

    def times(n: int, size: int) -> list[np.ndarray]:
        found = [np.sort(rng.uniform(1.0, SPAN, size)) for _ in range(n)]
        return [np.unique(np.rint(t / grid) * grid) if grid else t for t in found]

    def delays(low: float, high: float, size: int) -> np.ndarray:
        found = rng.uniform(low, high, size)
        return np.rint(found / grid) * grid if grid else found

    net = ss.Network(seed=5)
    sources = net.population("pre", N_PRE, ss.SpikeTimes(times(N_PRE, 25)))
    kicks = net.population("kicks", N_POST, ss.SpikeTimes(times(N_POST, 12)))
    cell = ss.LIF(t_ref=0.0, tau_m=TAU, C_m=C, E_L=E_L, V_th=V_TH, V_reset=E_L)
    cells = net.population("post", N_POST, cell, v=E_L)
    net.connect(kicks, cells, ss.one_to_one(), weight=KICK, delay=0.45, synapse=ss.Delta())
    pre, post = rng.integers(0, N_PRE, N), rng.integers(0, N_POST, N)
    net.connect(
        sources, cells, ss.from_pairs(pre, post), weight=rng.uniform(20.0, 60.0, N), delay=delays(0.5, 6.0, N),
        synapse=ss.Exponential(tau=TAU_S), plasticity=rule, name="plastic",
    )  # fmt: skip
    net.record(sources + cells + kicks, "spikes")
    return net


def told(weights: np.ndarray, found: Any, trains: dict[str, list[np.ndarray]], rule: Voltage) -> np.ndarray:
    """The weights at SPAN, one neuron after the other."""
    w, x, seen = weights.copy(), np.zeros(N), np.zeros(N)
    a = np.zeros(N)
    for cell in range(N_POST):
        mine = np.flatnonzero(found.post == cell)
        events = [(t + found.delay[k], 0, k) for k in mine for t in trains["pre"][found.pre[k]]]
        events += [(t + 0.45, 1, -1) for t in trains["kicks"][cell]]
        v, current, c, now = E_L, 0.0, 0.0, 0.0
        for t, kind, k in sorted(event for event in events if event[0] <= SPAN):
            m, s = math.exp((now - t) / TAU), math.exp((now - t) / TAU_S)
            v = E_L + (v - E_L) * m + current / C * (s - m) / (1.0 / TAU - 1.0 / TAU_S)
            current, c, now = current * s, c * math.exp((now - t) / rule.tau_c), t
            if kind:
                assert v + KICK >= V_TH
                v, c = E_L, c + 1.0
                continue
            a[k] *= math.exp((seen[k] - t) / rule.tau)
            x[k] *= math.exp((seen[k] - t) / rule.tau_x)
            current += w[k]
            change = rule.eta * (v - rule.theta) * (c < rule.limit) - 0.5 * a[k] + 0.1 * x[k]
            w[k], x[k], seen[k] = min(max(w[k] + change, rule.w_min), rule.w_max), x[k] + (v > rule.theta), t
            a[k] += 1.0
    return w


@pytest.mark.parametrize("threads", [1, 2])
def test_a_loop_over_events(threads: int) -> None:
    """Weights to 1e-11."""
    rule = Voltage()
    with ss.Simulation(network(rule), engine="event", threads=threads) as sim:
        start = sim.synapses("plastic").weight.copy()
        result = sim.run(SPAN, progress=False)
        found = sim.synapses("plastic")
    sizes = {"pre": N_PRE, "kicks": N_POST, "post": N_POST}
    spikes = result.spikes
    trains = {name: [spikes[name].times[spikes[name].ids == i] for i in range(n)] for name, n in sizes.items()}
    assert [t.size for t in trains["post"]] == [np.sum(t + 0.45 <= SPAN) for t in trains["kicks"]]
    wanted = told(start, found, trains, rule)
    np.testing.assert_allclose(found.weight, wanted, rtol=1e-11, atol=1e-13)
    assert np.abs(wanted - start).min() > 0.1 and np.sum((wanted > 0.0) & (wanted < rule.w_max)) > N // 2


def test_the_clock_converges() -> None:
    """It finds the potential of a step before: half the error at half the step (nothing arrives when a kick does)."""

    def weights(engine: str, dt: float = 0.05) -> np.ndarray:
        with ss.Simulation(network(Voltage(limit=1e9, theta=-75.0, eta=0.05), grid=0.1), dt=dt, engine=engine) as sim:
            sim.run(SPAN + 10.0, progress=False)  # (all has arrived)
            return np.array(sim.synapses("plastic").weight)

    right = weights("event")
    coarse, fine = (np.abs(weights("clock", dt) - right).max() for dt in (0.05, 0.025))
    assert 1e-3 < coarse < 2.0 and 1.6 < coarse / fine < 2.4


def test_any_state_of_any_neuron() -> None:
    """What a nonlinear neuron is sampled at where spikes arrive: to what the tolerance allows."""

    state = ss.AdEx().states[1]

    @ss.plasticity(reads=("v", state))
    class Sees(NamedTuple):
        @ss.equation
        def on_pre(s, pre, post, p):
            return s.w + post[0] + 1000.0 * post[1]

    arrivals = np.array([3.0, 7.5, 20.0, 21.0, 60.0])
    net = ss.Network(seed=1)
    source = net.population("source", 1, ss.SpikeTimes([arrivals - 1.0]))
    cell = net.population("cell", 1, ss.AdEx(I_e=700.0))
    silent = ss.Exponential(tau=2.0)
    net.connect(source, cell, ss.one_to_one(), weight=0.0, delay=1.0, synapse=silent, plasticity=Sees(), name="sees")
    net.connect(source, cell, ss.one_to_one(), weight=50.0, delay=0.3, synapse=ss.Exponential(tau=4.0))
    net.record(cell, "spikes")
    net.record(cell, "v", every=0.5)
    net.record(cell, state, every=0.5)
    with ss.Simulation(net, engine="event", rtol=1e-11, atol=1e-12) as sim:
        result = sim.run(80.0, progress=False)
        found = sim.synapses("sees").weight[0]
    traces = result.traces["cell"]
    at = np.searchsorted(traces["v"].times, arrivals)
    assert np.array_equal(traces["v"].times[at], arrivals) and result.spikes["cell"].times.size > 0
    change = traces["v"].values[at, 0] + 1000.0 * traces[state].values[at, 0]
    assert found == pytest.approx(change.sum(), rel=1e-8)


def test_the_battery() -> None:
    check_plasticity(Voltage())


def test_what_is_not_known_there_is_refused_by_name() -> None:
    @ss.plasticity(reads=("v",))
    class AtSpikes(NamedTuple):
        @ss.equation
        def on_post(s, pre, post, p):
            return s.w + 0.01 * (post.v > -60.0)

    @ss.plasticity(pre={"x": "tau"}, reads=("v",))
    class AllTheTime(NamedTuple):
        tau: float = 20.0

        @ss.equation
        def on_pre(s, pre, post, p):
            return s.w + 0.001 * post.v, pre.x + 1.0

        @ss.equation
        def on_step(s, pre, post, p, dt):
            return s.w + dt * post[0] * pre.x

    for rule, words in (
        (AtSpikes(), r"projection 'plastic': .*AtSpikes.* its on_post reads v of the target, .* use engine=.clock"),
        (AllTheTime(), r"its on_step reads v of the target"),
        (ss.Clopath2010(w_max=1000.0), r"its trace '\w+' follows a state of the target all the time"),
    ):
        with pytest.raises(ss.SpikesimError, match=words):
            network(rule).run(1.0, engine="event", progress=False)
    net = ss.Network()
    sources, cells = net.population("a", 1, ss.SpikeTimes([[1.0]])), net.population("b", 1, ss.LIF())
    net.connect(sources, cells, ss.one_to_one(), weight=1.0, delay=2.0, synapse=ss.Exponential(tau=2.0),
                plasticity=Voltage(), dendritic_delay=0.5, name="late")  # fmt: skip
    with pytest.raises(ss.SpikesimError, match=r"'late': .* when a dendritic_delay has passed"):
        net.run(1.0, engine="event", progress=False)
