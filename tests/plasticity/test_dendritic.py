"""The dendritic share of the delay.  Truth: direct sums over all pairs, and the same pairs by other delays."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pytest

import spikesim as ss
from spikesim.jit import JIT

from .imposed import DT, imposed
from .pairs import history

STEPS = 3000 if JIT else 600
WINDOW = {"tau_plus": 17.0, "tau_minus": 34.0}
STDP = ss.STDP(A_plus=0.02, A_minus=0.021, w_max=1.0, mu_plus=0.3, mu_minus=0.6, **WINDOW)
TRIPLETS = ss.TripletSTDP(A2_plus=0.005, A3_plus=0.02, A2_minus=0.007, A3_minus=0.003, w_max=1.0, **WINDOW)


@ss.plasticity
class Own(NamedTuple):
    """STDP by pairs, in equations."""

    A_plus: float = 0.02
    A_minus: float = 0.021
    w_max: float = 1.0
    w_min: float = 0.0
    tau_plus: float = 17.0
    tau_minus: float = 34.0
    pre = {"x": "tau_plus"}
    post = {"y": "tau_minus"}

    @ss.equation
    def on_pre(s, pre, post, p):
        return s.w - p.A_minus * post.y, pre.x + 1.0

    @ss.equation
    def on_post(s, pre, post, p):
        return s.w + p.A_plus * pre.x, post.y + 1.0


@ss.plasticity
class Seen(NamedTuple):
    """The sum of what arrivals and spikes see of the target: its potential, and that through a filter."""

    tau: float = 5.0
    post = {"u": ("v", "tau")}
    reads = ("v",)

    @ss.equation
    def on_pre(s, pre, post, p):
        return s.w + post.v + 3.0 * post.u


def trains(seed: int) -> tuple[list[np.ndarray], list[np.ndarray]]:
    rng = np.random.default_rng(seed)
    pre = [np.unique(rng.integers(5, STEPS - 100, STEPS // 50)) for _ in range(4)]
    post = [np.unique(rng.integers(20, STEPS - 100, STEPS // 50)) for _ in range(3)]
    return pre, [steps[np.diff(steps, prepend=-9) > 2] for steps in post]


@pytest.mark.parametrize("rule", [STDP, TRIPLETS, Own()], ids=["STDP", "triplets", "own"])
@pytest.mark.parametrize("behind", [0, 1, 6, 15])
def test_sums_over_all_pairs(rule: Any, behind: int) -> None:
    """Arrivals at delay - d, spikes at d, and what happened is shown d later; to 1e-12."""
    pre, post = trains(behind)
    delay = 15
    net = imposed(pre, post, rule, delay=1.5, dendritic_delay=round(behind * DT, 9))
    found = net.run(STEPS * DT, dt=DT, progress=False).weights["plastic"].toarray()
    paired = ss.STDP(A_plus=0.02, A_minus=0.021, w_max=1.0, **WINDOW) if isinstance(rule, Own) else rule
    for i, arrivals in enumerate(pre):
        for j, spikes in enumerate(post):
            told = history(paired, 0.5, arrivals + delay - behind, spikes + behind, DT, STEPS - behind)
            assert abs(found[j, i] - told.weight) < 1e-12, (i, j)


@pytest.mark.parametrize("rule", [STDP, Own()], ids=["STDP", "own"])
@pytest.mark.parametrize("behind", [0, 1, 6, 15])
def test_the_same_sums_from_event_to_event(rule: Any, behind: int) -> None:
    """At multiples of 1/8 ms, so that arrivals and late spikes at one time are, too; to 1e-12."""
    dt, delay, steps = 0.125, 15, 600
    pre, post = trains(behind)
    pre, post = [t[t < steps - 100] for t in pre], [t[t < steps - 100] for t in post]
    net = ss.Network(seed=5)
    sources = net.population("pre", len(pre), ss.SpikeTimes([(t * dt).tolist() for t in pre]))
    kicks = net.population("kicks", len(post), ss.SpikeTimes([((t - 1) * dt).tolist() for t in post]))
    cells = net.population("post", len(post), ss.LIF(t_ref=0.0))
    net.connect(kicks, cells, ss.one_to_one(), weight=1000.0, delay=dt, synapse=ss.Delta(), name="kicks")
    net.connect(sources, cells, ss.all_to_all(), weight=0.5, delay=delay * dt, synapse=ss.Exponential(2.0),
                plasticity=rule, dendritic_delay=behind * dt, name="plastic")  # fmt: skip
    net.record(cells, "spikes", "I_syn", every=dt)
    result = net.run(steps * dt, dt=dt, engine="event", progress=False)
    found, current = result.weights["plastic"].toarray(), result.traces["post"]["I_syn"].values
    paired = ss.STDP(A_plus=0.02, A_minus=0.021, w_max=1.0, **WINDOW) if isinstance(rule, Own) else rule
    arrived = np.zeros((steps + 1, len(post)))
    for i, arrivals in enumerate(pre):
        for j, spikes in enumerate(post):
            told = history(paired, 0.5, arrivals + delay - behind, spikes + behind, dt, steps - behind)
            assert abs(found[j, i] - told.weight) < 1e-12, (i, j)
            np.add.at(arrived[:, j], arrivals + delay, told.transmitted)
    assert sum(map(len, post)) == result.spikes["post"].times.size > 10
    for k in range(1, steps + 1):
        arrived[k] += arrived[k - 1] * np.exp(-dt / 2.0)
    np.testing.assert_allclose(current, arrived[1:], rtol=0, atol=1e-12)


@pytest.mark.parametrize("behind", [0, 7])
def test_what_an_arrival_transmits(behind: int) -> None:
    """The weight that it found at the synapse comes to the soma d later: at `delay` in all, whatever d is."""
    pre, post = trains(3)
    delay = 15
    net = imposed(pre[:1], post[:1], STDP, delay=1.5, dendritic_delay=round(behind * DT, 9))
    result = net.run(STEPS * DT, dt=DT, progress=False)
    told = history(STDP, 0.5, pre[0] + delay - behind, post[0] + behind, DT, STEPS)
    current, step = 0.0, np.exp(-DT / 2.0)
    expected = np.zeros(STEPS)
    arriving = dict(zip((pre[0] + delay).tolist(), told.transmitted))
    for k in range(1, STEPS + 1):
        current = current * step + arriving.get(k, 0.0)
        expected[k - 1] = current
    np.testing.assert_allclose(result.traces["post"]["I_syn"].values[:, 0], expected, rtol=0, atol=1e-12)


def test_potentials_come_late_too() -> None:
    """A rule that reads v, and a filter of it, has them of 2 d before the arrival at the soma."""
    behind, delay = 6, 15
    pre, post = trains(4)

    def run(share: int) -> tuple[ss.Result, float]:
        net = imposed(pre[:1], post[:1], Seen(), delay=1.5, dendritic_delay=round(share * DT, 9), weight=0.0)
        net.record(net["post"], "v")
        result = net.run(STEPS * DT, dt=DT, progress=False)
        return result, float(result.weights["plastic"].toarray()[0, 0])

    result, found = run(behind)
    v = np.concatenate(([ss.LIF().E_L], result.traces["post"]["v"].values[:, 0]))
    rate, u, filtered = DT / 5.0, v[0], [v[0]]
    e = np.exp(-rate)
    q = (1.0 - e) / rate
    for k in range(1, v.size):
        u = e * u + (q - e) * v[k - 1] + (1.0 - q) * v[k]
        filtered.append(u)
    total = 0.0
    for step in pre[0] + delay:
        at = max(step - 2 * behind - 1, 0)
        total += v[at] + 3.0 * filtered[at]
    assert abs(found - total) < 1e-9 * abs(total)
    assert abs(run(0)[1] - total) > 1.0


def test_without_plasticity_it_makes_no_difference() -> None:
    def spikes(share: float) -> np.ndarray:
        net = ss.Network(seed=2)
        cells = net.population("cells", 50, ss.LIF(I_e=400.0), v=ss.uniform(-65.0, -50.0))
        net.connect(cells, cells, ss.fixed_indegree(5), weight=20.0, delay=1.5, synapse=ss.Exponential(3.0),
                    dendritic_delay=share)  # fmt: skip
        net.record(cells, "spikes")
        return net.run(50.0, progress=False).spikes["cells"].times

    assert spikes(0.0).size > 50
    assert np.array_equal(spikes(0.0), spikes(1.5))


def network(**given: Any) -> ss.Network:
    net = ss.Network()
    source = net.population("source", 3, ss.SpikeTimes([[1.0], [2.0], [3.0]]))
    cells = net.population("cells", 2, ss.LIF(), positions=np.zeros((2, 1)))
    net.connect(source, cells, ss.all_to_all(), synapse=ss.Delta(), weight=0.5, plasticity=STDP,
                **{"delay": 1.0, "dendritic_delay": 0.5, **given})  # fmt: skip
    return net


def test_mistakes() -> None:
    with pytest.raises(ValueError, match=r"= 1\.5 ms is a share of the delay, of which the shortest is 1"):
        network(dendritic_delay=1.5)
    with pytest.raises(ValueError, match=r"dendritic_delay .* must be >= 0, got -1"):
        network(dendritic_delay=-1.0)
    with pytest.raises(TypeError, match=r"dendritic_delay .* must be one number"):
        network(dendritic_delay=[0.5, 0.1])
    with pytest.raises(ValueError, match=r"shortest is 0 ms; give a smaller one, or bound the distribution with low="):
        network(delay=ss.normal(2.0, 0.1))
    network(delay=ss.normal(2.0, 0.1, low=0.5))
    with pytest.raises(ValueError, match=r"dendritic_delay: 0\.25 ms is no multiple of dt"):
        network(dendritic_delay=0.25).run(5.0)


def test_a_network_says_it() -> None:
    assert "(0.5 dendritic)" in str(network())
    assert network().run(5.0, progress=False).description["projections"][0]["dendritic_delay"] == 0.5
