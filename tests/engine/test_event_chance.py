"""Neurons that fire by chance, on the event engine.  Truth: closed forms of intervals, time rescaling, the clock."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pytest
from scipy import stats

import spikesim as ss
from spikesim.jit import JIT

compiled_only = pytest.mark.skipif(not JIT, reason="too many steps for plain Python")


@ss.model(states=("x",))
class Ramp(NamedTuple):
    """The hazard is base + rise x, and x the time since the neuron was free: closed forms for all intervals."""

    base: float = 0.05
    rise: float = 0.0
    t_ref: float = 0.0

    @ss.equation
    def slope(s, u, p):
        return (1.0 + 0.0 * s[0],)

    @ss.equation
    def hazard(s, p):
        return p.base + p.rise * s[0]

    @ss.equation
    def reset(s, p):
        return (0.0,)


def intervals(result: ss.Result, count: int) -> np.ndarray:
    """The first intervals of each neuron, as many of all."""
    train, found = result.spikes["cells"], []
    for i in range(result.stats["neurons"]):
        times = train.times[train.ids == i]
        assert times.size > count
        found.append(np.diff(times[: count + 1]))
    return np.concatenate(found)


@compiled_only
@pytest.mark.parametrize(
    ("model", "law"),
    [
        (Ramp(), stats.expon(scale=20.0)),
        (Ramp(t_ref=3.0), stats.expon(loc=3.0, scale=20.0)),
        (Ramp(0.0, 0.01), stats.rayleigh(scale=10.0)),
        (Ramp(0.0, 0.01, t_ref=2.0), stats.rayleigh(loc=2.0, scale=10.0)),
    ],
    ids=["constant", "constant, refractory", "linear", "linear, refractory"],
)
def test_intervals_have_their_law(model: Ramp, law: Any) -> None:
    """Exponential for a constant hazard, Rayleigh's for a linear one: Kolmogorov-Smirnov, and no correlation."""
    net = ss.Network(seed=1)
    net.record(net.population("cells", 300, model, x=0.0), "spikes")
    found = intervals(net.run(1000.0, engine="event", progress=False), 20)
    assert found.min() > model.t_ref
    assert stats.kstest(found, law.cdf).pvalue > 0.01
    serial = found.reshape(300, 20)
    assert abs(stats.pearsonr(serial[:, :-1].ravel(), serial[:, 1:].ravel())[0]) < 4.0 / np.sqrt(6000.0)


@compiled_only
def test_the_integral_of_the_hazard_is_exponential() -> None:
    """Time rescaling (Brown et al. 2002): under jumps and currents, from v between spikes."""
    net = ss.Network(seed=2)
    cells = net.population("cells", 60, ss.StochasticLIF(I_e=250.0, t_ref=2.0))
    net.background(cells, rate=300.0, weight=40.0, synapse=ss.Exponential(4.0))
    net.background(cells, rate=100.0, weight=2.0, synapse=ss.Delta())
    net.record(cells, "spikes")
    net.record(cells, "v", every=0.02)
    result = net.run(600.0, dt=0.02, engine="event", progress=False)
    trace, train, p = result.traces["cells"]["v"], result.spikes["cells"], ss.StochasticLIF()
    found = []
    for i in range(60):
        rates = ss.StochasticLIF.hazard((trace.values[:, i],), p)
        times = train.times[train.ids == i]
        for begin, end in zip(times[:-1] + 2.0, times[1:]):
            own = (trace.times > begin) & (trace.times < end)
            found.append(rates[own].sum() * 0.02)
    assert len(found) > 500
    # of the first spikes of each neuron alone the law is free of the end of the run; here it is 2 % at most
    assert np.mean(found) == pytest.approx(1.0, abs=0.02 + 3.0 / np.sqrt(len(found)))
    assert stats.kstest(found, stats.expon.cdf).statistic < 0.02 + 1.6 / np.sqrt(len(found))


@compiled_only
def test_rates_are_those_of_the_clock_engine() -> None:
    def rate(**settings: Any) -> float:
        net = ss.Network(seed=5)
        cells = net.population("cells", 200, ss.GIF(I_e=120.0))
        net.background(cells, rate=500.0, weight=20.0, synapse=ss.Exponential(3.0))
        net.record(cells, "spikes")
        return float(net.run(1000.0, progress=False, **settings).spikes["cells"].times.size)

    event, clock = rate(engine="event"), rate(dt=0.05)
    assert event > 500 and abs(event - clock) < 4.0 * np.sqrt(event + clock)


def test_another_seed_is_another_draw() -> None:
    def times(seed: int) -> np.ndarray:
        net = ss.Network(seed=seed)
        net.record(net.population("cells", 10, Ramp(), x=0.0), "spikes")
        return net.run(60.0, engine="event", progress=False).spikes["cells"].times

    assert np.array_equal(times(1), times(1))
    assert not np.array_equal(times(1)[:5], times(2)[:5])


def test_a_moved_state_raises_the_hazard() -> None:
    """It is 1000 a ms from 5 ms on, by a spike into a named state: one spike within 0.1 ms."""
    net = ss.Network(seed=1)
    cells = net.population("cells", 20, Ramp(base=0.0, rise=1.0, t_ref=50.0), x=-1000.0)
    train = net.population("train", 1, ss.SpikeTimes([[4.0]]))
    net.connect(train, cells, ss.all_to_all(), weight=2000.0, delay=1.0, synapse=ss.Delta(to="x"))
    net.record(cells, "spikes")
    times = net.run(8.0, engine="event", progress=False).spikes["cells"].times
    assert times.size == 20 and times.min() > 5.0 and times.max() < 5.1
