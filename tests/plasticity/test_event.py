"""On the event engine.  Truth: an independent sum over all pairs of spikes (pairs.py), at times off any grid."""

from __future__ import annotations

import math

import numpy as np
import pytest

import spikesim as ss
from spikesim.jit import JIT

from .pairs import bounded, trace
from .test_naive_twin import RULES

SPAN, N_PRE, N_POST, N = (300.0 if JIT else 40.0), 3, 4, 14


def network(rule: ss.plasticity.Plasticity, seed: int = 1) -> ss.Network:
    """Drawn trains, pairs (multapses included), weights and delays; neurons fire when they are kicked."""
    rng = np.random.default_rng(seed)
    net = ss.Network(seed=5)
    sources = net.population("pre", N_PRE, ss.SpikeTimes([np.sort(rng.uniform(0, SPAN, 25)) for _ in range(N_PRE)]))
    kicks = net.population("kicks", N_POST, ss.SpikeTimes([np.sort(rng.uniform(0, SPAN, 25)) for _ in range(N_POST)]))
    cells = net.population("post", N_POST, ss.LIF(t_ref=0.0))
    net.connect(kicks, cells, ss.one_to_one(), weight=39.0, delay=0.37, synapse=ss.Delta())
    pre, post = rng.integers(0, N_PRE, N), rng.integers(0, N_POST, N)
    net.connect(
        sources, cells, ss.from_pairs(pre, post), weight=rng.uniform(0.0, 1.0, N), delay=rng.uniform(0.1, 6.0, N),
        synapse=ss.Exponential(tau=1.5), plasticity=rule, name="plastic",
    )  # fmt: skip
    net.record(sources + cells, "spikes")
    net.record(cells, "I_syn", every=0.1)
    return net


@pytest.mark.parametrize("name", [name for name in RULES if name != "rewarded"])
def test_the_sum_over_all_pairs(name: str) -> None:
    """Weights, and all that was transmitted, to 1e-12."""
    rule = RULES[name]
    law = rule.law
    with ss.Simulation(network(rule), engine="event", threads=2) as sim:
        start = sim.synapses("plastic").weight.copy()
        result = sim.run(SPAN, progress=False)
        found = sim.synapses("plastic")
    fired = {
        side: [result.spikes[side].times[result.spikes[side].ids == i] for i in range(size)]
        for side, size in (("pre", N_PRE), ("post", N_POST))
    }
    samples = result.traces["post"]["I_syn"]
    current = np.zeros(samples.values.shape)
    for k, (pre, post, w, delay) in enumerate(zip(found.pre, found.post, start, found.delay)):
        arrivals = fired["pre"][pre] + delay
        before: list[list[float]] = [[], []]
        for t, kind in sorted([(t, 0) for t in arrivals if t <= SPAN] + [(t, 1) for t in fired["post"][post]]):
            mine, other = before[kind], before[1 - kind]
            size, own, sign, alone = (
                ((law.A_minus, law.tau_minus), (law.A3_minus, law.tau_x), -1.0, law.A_pre) if kind == 0
                else ((law.A_plus, law.tau_plus), (law.A3_plus, law.tau_y), 1.0, law.A_post)
            )  # fmt: skip
            if kind == 0:
                current[:, post] += np.where(samples.times >= t, w * np.exp((t - samples.times) / 1.5), 0.0)
            strength = size[0] + own[0] * trace(mine, t, own[1], 1.0, law.nearest)
            change = alone + sign * strength * trace(other, t, size[1], 1.0, law.nearest)
            w = bounded(w, change, law)
            mine.append(t)
        assert found.weight[k] == pytest.approx(w, abs=1e-12)
    assert sum(times.size for times in fired["post"]) > N_POST * (20 if JIT else 10)
    assert np.abs(found.weight - start).max() > 1e-3
    np.testing.assert_allclose(samples.values, current, rtol=0, atol=1e-11)


def test_weights_are_read_set_frozen_and_recorded() -> None:
    net = network(RULES["additive"])
    net.record(net.projections[1], "w", every=10.0)
    sim = ss.Simulation(net, engine="event", threads=1)
    first = sim.run(SPAN / 2, progress=False).weights["plastic"].toarray()
    sim.set("plastic", learning=False)
    again = sim.run(10.0, progress=False).weights["plastic"].toarray()
    np.testing.assert_array_equal(first, again)
    sim.set("plastic", learning=True)
    sim.weights["plastic"] = 0.5
    assert np.all(sim.synapses("plastic").weight == 0.5)
    result = sim.run(10.0, progress=False)
    recorded = result.traces["plastic"]["w"]
    np.testing.assert_array_equal(recorded.times, np.arange(10.0, SPAN / 2 + 21.0, 10.0))
    np.testing.assert_array_equal(recorded.values[-1], sim.synapses("plastic").weight)
    assert np.ptp(recorded.values[-1]) > 0.0


def recurrent(size: int) -> ss.Network:
    """Neurons that learn from one another: the order of arrivals and spikes of a window matters."""
    net = ss.Network(seed=11)
    cells = net.population("cells", size, ss.LIF(tau_m=10.0), v=ss.uniform(-70.0, -55.0))
    net.background(cells, rate=8000.0, weight=32.0, synapse=ss.Exponential(tau=2.0))
    pairs = ss.STDP(A_plus=1.0, A_minus=1.1, mu_plus=0.4, mu_minus=0.4, w_max=40.0)
    net.connect(
        cells, cells, ss.fixed_probability(0.2), weight=ss.uniform(1.0, 30.0), delay=ss.uniform(0.3, 4.0),
        synapse=ss.Exponential(tau=2.0), plasticity=pairs, name="learns",
    )  # fmt: skip
    net.connect(cells, cells, ss.fixed_probability(0.2), weight=-20.0, delay=0.1, synapse=ss.Exponential(tau=2.0))
    net.record(cells, "spikes")
    return net


def test_the_same_bits() -> None:
    """Truth: one thread, one piece; and a loop over the pairs of spikes that were recorded."""
    duration, size = (200.0, 80) if JIT else (8.0, 12)

    def run(threads: int, pieces: int) -> tuple[ss.Result, ss.Simulation]:
        sim = ss.Simulation(recurrent(size), engine="event", threads=threads)
        for _ in range(pieces):
            result = sim.run(duration / pieces, progress=False)
        return result, sim

    result, sim = run(1, 1)
    train, weights = result.spikes["cells"], sim.synapses("learns")
    for threads, pieces in ((3, 1), (2, 4)):
        other, again = run(threads, pieces)
        assert other.spikes["cells"].times.tobytes() == train.times.tobytes()
        assert again.synapses("learns").weight.tobytes() == weights.weight.tobytes()
    if not JIT:
        return
    start = ss.Simulation(recurrent(size), engine="event", threads=1).synapses("learns").weight
    law = sim.program.projections[[p.name for p in sim.program.projections].index("learns")].plasticity.law
    fired = [train.times[train.ids == i] for i in range(size)]
    rng = np.random.default_rng(3)
    for k in rng.integers(0, start.size, 40):
        w, x, y, last = start[k], 0.0, 0.0, 0.0
        arrivals = fired[weights.pre[k]] + weights.delay[k]
        events = [(t, 0) for t in arrivals if t <= duration] + [(t, 1) for t in fired[weights.post[k]]]
        for t, kind in sorted(events):
            x, y = x * math.exp((last - t) / law.tau_plus), y * math.exp((last - t) / law.tau_minus)
            w = bounded(w, law.A_plus * x if kind else -law.A_minus * y, law)
            x, y, last = x + (1 - kind), y + kind, t
        assert weights.weight[k] == pytest.approx(w, abs=1e-11)
