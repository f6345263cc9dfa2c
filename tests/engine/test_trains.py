"""Renewal and common trains, packets, rates of time.  Truth: closed laws (renewal theory, SciPy), in both engines."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from scipy import integrate, stats

import spikesim as ss
from spikesim.errors import InvalidValueError
from spikesim.jit import JIT

ENGINES = ("clock", "event")
N, T = (400, 5000.0) if JIT else (20, 200.0)


def fired(source: object, engine: str, n: int = N, until: float = T, seed: int = 1, **run: object) -> ss.SpikeTrains:
    net = ss.Network(seed=seed)
    net.record(net.population("in", n, source), "spikes")
    return net.run(until, engine=engine, progress=False, **run).spikes["in"]


def each(spikes: ss.SpikeTrains, n: int = N) -> list[np.ndarray]:
    order = np.lexsort((spikes.times, spikes.ids))
    return np.split(spikes.times[order], np.cumsum(np.bincount(spikes.ids, minlength=n))[:-1])


def counts(spikes: ss.SpikeTrains, width: float, n: int = N, until: float = T) -> np.ndarray:
    """Spikes of each neuron in each window, (n, windows)."""
    edges = np.arange(0.0, until + 0.5 * width, width) + 1e-9
    return np.stack([np.histogram(train, edges)[0] for train in each(spikes, n)])


def close(found: float, wanted: float, error: float) -> bool:
    return abs(found - wanted) <= 5.0 * error


@pytest.mark.parametrize("shape", [0.5, 1.0, 4.0])
def test_intervals_are_of_gamma_law(shape: float) -> None:
    """Kolmogorov-Smirnov on the event engine, which rounds nothing; independent of each other."""
    spikes = fired(ss.GammaTrain(40.0, shape), "event")
    intervals = np.concatenate([np.diff(train)[1:31] for train in each(spikes)])  # (few: long ones are not left out)
    law = stats.gamma(shape, scale=25.0 / shape)
    assert stats.kstest(intervals, law.cdf).pvalue > 1e-3
    serial = np.concatenate([np.stack([a[:-1], a[1:]], 1) for a in (np.diff(t) for t in each(spikes)) if len(a) > 1])
    assert close(np.corrcoef(serial.T)[0, 1], 0.0, 1.0 / np.sqrt(len(serial)))


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("shape", [0.5, 4.0])
def test_renewal_counts(engine: str, shape: float) -> None:
    """CV 1 / sqrt(shape); Fano factor 1 / shape + (1 - 1 / shape^2) / (6 mean) (Cox 1962, 4.5); flat from the start."""
    rate, width = 40.0, 500.0
    found = counts(fired(ss.GammaTrain(rate, shape), engine), width)
    mean = rate * width / 1000.0
    assert close(found.mean(), mean, np.sqrt(mean / shape / found.size))
    wanted = 1.0 / shape + (1.0 - 1.0 / shape**2) / (6.0 * mean)
    assert close(found.var() / found.mean(), wanted, wanted * np.sqrt(2.5 / found.size))
    early = counts(fired(ss.GammaTrain(rate, shape), engine, until=20.0), 5.0, until=20.0)
    assert np.all(np.abs(early.sum(axis=0) - N * 0.2) <= 5.0 * np.sqrt(N * 0.2 * max(1.0, 1.0 / shape)))


@pytest.mark.parametrize("engine", ENGINES)
def test_first_spikes_are_of_equilibrium(engine: str) -> None:
    """The time to the first spike has the density (1 - F) / mean."""
    law = stats.gamma(4.0, scale=25.0 / 4.0)
    first = np.array([train[0] for train in each(fired(ss.GammaTrain(40.0, 4.0), engine, dt=0.01, until=300.0))])

    def cumulative(t: np.ndarray) -> np.ndarray:
        return np.array([integrate.quad(law.sf, 0.0, x)[0] / 25.0 for x in np.atleast_1d(t)])

    assert stats.kstest(first, cumulative).pvalue > 1e-3


@pytest.mark.parametrize(
    "source", [ss.GammaTrain(50.0, 3.0), ss.Correlated(30.0, 0.3), ss.Poisson(ss.Sine(30.0, 7.0, offset=40.0))]
)
def test_the_clock_rounds_the_times_of_the_event_engine(source: object) -> None:
    """Both use up the same intervals: a spike on the clock is the exact one, at the end of its step."""
    n, until = (20, 500.0) if JIT else (5, 60.0)
    clock, event = (each(fired(source, engine, n=n, until=until), n) for engine in ENGINES)
    assert sum(train.size for train in event) > 3
    for rounded, exact in zip(clock, event):
        assert np.array_equal(np.rint(rounded / 0.1), np.ceil(exact / 0.1 - 1e-6))


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("method", ["MIP", "SIP"])
def test_correlation_of_counts(engine: str, method: str) -> None:
    """c for every pair, each train Poisson; third cumulants: of MIP c^2 mean, of SIP c mean."""
    rate, c, width = 50.0, 0.3, 20.0
    found = counts(fired(ss.Correlated(rate, c, method=method), engine, n=30, until=4 * T), width, 30, 4 * T)
    mean, windows = rate * width / 1000.0, found.shape[1]
    assert close(found.mean(), mean, np.sqrt(mean * c / windows))
    assert close(found.var(axis=1).mean() / mean, 1.0, 2.0 * np.sqrt((2.0 + 1.0 / mean) / windows))
    pairs = np.corrcoef(found)[np.triu_indices(30, 1)]
    assert close(pairs.mean(), c, 1.5 / np.sqrt(windows))
    d = found - mean
    triple = np.mean([np.mean(d[i] * d[i + 1] * d[i + 2]) for i in range(0, 30, 3)])
    assert close(triple, mean * (c * c if method == "MIP" else c), 2.0 / np.sqrt(windows))


@pytest.mark.parametrize("engine", ENGINES)
def test_shared_is_one_train(engine: str) -> None:
    """All neurons fire at the same times, whatever they are divided into; of a source's law."""
    listed = ss.SpikeTimes([[3.0, 9.0]])
    for source in (ss.Poisson(80.0), ss.GammaTrain(80.0, 9.0), ss.PulsePackets([50.0], 4, 5.0), listed):
        spikes = fired(ss.shared(source), engine, n=5, until=500.0, threads=2)
        first, *others = each(spikes, 5)
        assert first.size and all(np.array_equal(first, other) for other in others)
    cv = ss.analysis.cv(fired(ss.shared(ss.GammaTrain(80.0, 9.0)), engine, n=1, until=10 * T))
    assert close(cv, 1.0 / 3.0, 1.0 / 3.0 * np.sqrt(1.0 / (0.8 * T)))


RATES = {
    "sine": ss.Sine(30.0, 10.0, phase=0.5, offset=40.0),
    "waveform": ss.Waveform([10.03, 60.0, 75.0, 130.0], [0.0, 90.0, 0.0, 50.0]),
    "steps": ss.Steps([0.0, 30.0, 60.0, 100.0], [20.0, 0.0, 90.0, 10.0]),
    "window": ss.DC(60.0, start=20.0, stop=90.0),
}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", RATES)
@pytest.mark.parametrize("shape", [1.0, 6.0])
def test_rates_of_time(engine: str, name: str, shape: float) -> None:
    """PSTH in 5 ms bins: the integral of the rate by SciPy; operational time turns spikes into a steady process."""
    n, until = 10 * N, 150.0
    rate = RATES[name]
    source = ss.Poisson(rate) if shape == 1.0 else ss.GammaTrain(rate, shape)
    spikes = fired(source, engine, n=n, until=until, seed=3)
    edges = np.arange(0.0, until + 1.0, 5.0)
    found = np.histogram(spikes.times, edges + 1e-9)[0]
    breaks = [b for b in rate.breaks() if b < until]
    wanted = np.array([
        integrate.quad(lambda t: rate.value(np.array([t]))[0], a, b, points=[x for x in breaks if a < x < b] or None)[0]
        for a, b in pairwise(edges)
    ]) * n / 1000.0  # fmt: skip
    assert np.all(np.abs(found - wanted) <= 5.0 * np.sqrt(wanted + 1e-9) + 1e-6)
    if engine == "event":
        fine = np.linspace(0.0, until, 150_001)
        area = integrate.cumulative_trapezoid(rate.value(fine), fine, initial=0.0) / 1000.0
        intervals = np.concatenate([np.diff(np.interp(t, fine, area))[:2] for t in each(spikes, n)[:N] if t.size > 2])
        if area[-1] > 5.0:
            assert stats.kstest(intervals, stats.gamma(shape, scale=1.0 / shape).cdf).pvalue > 1e-4


@pytest.mark.parametrize("engine", ENGINES)
def test_a_rate_of_each_neuron(engine: str) -> None:
    """A table of time and neuron, as a source and as a background of some neurons."""
    table = np.random.default_rng(2).uniform(0.0, 4000.0, (3, 50))
    rate = ss.Waveform([0.0, 20.0, 40.0], table)
    wanted = (np.trapezoid if hasattr(np, "trapezoid") else np.trapz)(table, dx=20.0, axis=0) / 1000.0
    found = np.bincount(fired(ss.Poisson(rate), engine, n=50, until=40.0).ids, minlength=50)
    assert stats.chi2.sf(np.sum((found - wanted) ** 2 / wanted), 50) > 1e-4
    net = ss.Network(seed=2)
    cells = net.population("cells", 80, ss.LIF(tau_m=1e9, E_L=0.0, V_th=1e9, V_reset=0.0), v=0.0)
    net.background(cells[20:70], rate=rate, weight=1.0, synapse=ss.Delta())
    net.record(cells, "v", every=40.0)
    v = net.run(40.0, engine=engine, progress=False).traces["cells"]["v"].values[0]
    assert np.all(np.abs(v[[*range(20), *range(70, 80)]]) < 1e-3)
    assert stats.chi2.sf(np.sum((v[20:70] - wanted) ** 2 / wanted), 50) > 1e-4


@pytest.mark.parametrize("engine", ENGINES)
def test_packets_are_normal(engine: str) -> None:
    """n spikes about each time, normal with the given sd, cut to the window; nothing before 0."""
    spikes = fired(ss.PulsePackets([40.0, 100.0], 5, 3.0, stop=100.0), engine, until=200.0)
    first = spikes.times[spikes.times < 70.0]
    assert first.size == 5 * N and spikes.times.max() <= 100.0
    assert stats.kstest(first, stats.norm(40.0, 3.0).cdf).pvalue > 1e-4
    assert close(spikes.count() - first.size, 2.5 * N, np.sqrt(1.25 * N))
    assert np.all(np.bincount(fired(ss.PulsePackets([50.0], 3, 1.0), engine, until=100.0).ids) == 3)
    assert fired(ss.PulsePackets([1.0], 50, 5.0), engine, until=50.0).times.min() >= 0.0


@pytest.mark.parametrize("engine", ENGINES)
def test_a_background_of_any_source(engine: str) -> None:
    """Mean, variance and covariance of what arrives, in windows that begin when it is on."""
    net = ss.Network(seed=5)
    cells = net.population("cells", 300, ss.LIF(tau_m=1e9, E_L=0.0, V_th=1e9, V_reset=0.0), v=0.0)
    net.background(cells, rate=ss.Correlated(300.0, 0.25), weight=1.0, synapse=ss.Delta(), start=50.0, stop=150.0)
    net.record(cells, "v", every=10.0)
    v = net.run(200.0, engine=engine, progress=False).traces["cells"]["v"].values
    d = np.diff(v, axis=0)
    assert np.all(np.abs(v[4]) < 1e-3) and np.all(np.abs(v[-1] - v[14]) < 1e-3)
    total = v[-1]
    assert close(total.mean(), 30.0, np.sqrt(30.0 * 0.25 + 30.0 / 300))
    assert close(total.var(), 30.0 * 0.75, 3.0 * 22.5 * np.sqrt(2.0 / 300))
    assert d[5:14].var(axis=0).mean() > 1.0


@pytest.mark.parametrize("engine", ENGINES)
def test_other_rates_from_a_moment_on(engine: str) -> None:
    """`set` and branches with other seeds: the new rate holds, and a common train stays common, on any threads."""
    net = ss.Network(seed=6)
    net.record(net.population("one", 40, ss.shared(ss.Poisson(200.0))), "spikes")
    net.record(net.population("some", 40, ss.Correlated(100.0, 0.5)), "spikes")
    net.record(net.population("gamma", 200, ss.GammaTrain(100.0, 4.0)), "spikes")
    sim = ss.Simulation(net, engine=engine, threads=2)
    sim.run(333.3, progress=False)
    (other,) = sim.branch(1, seeds=[9])
    sim.set("one", rate=50.0)
    sim.set("some", rate=ss.Waveform([0.0, 1333.3], [10.0, 10.0]))
    sim.set("gamma", rate=20.0)

    def after(result: ss.Result, name: str) -> tuple[np.ndarray, np.ndarray]:
        spikes = result.spikes[name]
        late = spikes.times > 333.35
        return spikes.times[late], spikes.ids[late]

    for run, rates in ((sim, (50.0, 10.0, 20.0)), (other, (200.0, 100.0, 100.0))):
        result = run.run(1000.0, progress=False)
        times, ids = after(result, "one")
        assert np.all(np.bincount(ids, minlength=40) == len(set(times))) or engine == "clock"
        assert len(set(np.bincount(ids, minlength=40))) == 1
        assert close(times.size / 40, rates[0], np.sqrt(rates[0]))
        times, _ = after(result, "some")
        assert close(times.size / 40, rates[1], np.sqrt(rates[1]))
        assert len(set(times)) <= 2.0 * rates[1] + 5.0 * np.sqrt(2.0 * rates[1])  # spikes of the mother
        times, _ = after(result, "gamma")
        assert close(times.size / 200, rates[2], np.sqrt(rates[2] / 4.0 / 200) + 0.1)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_background_of_another_kind_from_a_moment_on(engine: str) -> None:
    """From a number to a sine, to correlated trains, to a number."""
    net = ss.Network(seed=7)
    cells = net.population("cells", 400, ss.LIF(tau_m=1e9, E_L=0.0, V_th=1e9, V_reset=0.0), v=0.0)
    net.background(cells, rate=100.0, weight=1.0, synapse=ss.Delta(), name="b")
    net.record(cells, "v", every=100.0)
    with ss.Simulation(net, engine=engine) as sim:
        for rate in (100.0, ss.Sine(200.0, 10.0, offset=200.0), ss.Correlated(50.0, 0.01, method="SIP"), 400.0):
            sim.set("b", rate=rate)
            sim.run(100.0, progress=False)
        v = sim.result().traces["cells"]["v"].values
    found = np.diff(np.concatenate([np.zeros((1, 400)), v]), axis=0).mean(axis=1)
    assert np.all(np.abs(found - [10.0, 20.0, 5.0, 40.0]) <= 5.0 * np.sqrt([0.025, 0.05, 0.06, 0.1]))


WINDOWED = [ss.Poisson(50.0), ss.GammaTrain(50.0, 2.0), ss.Correlated(50.0, 0.2), ss.PulsePackets([20.0], 2, 5.0)]


@pytest.mark.parametrize("kind", WINDOWED, ids=lambda kind: type(kind).__name__)
@pytest.mark.parametrize("name", ["start", "stop"])
def test_windows_are_on_the_grid(kind: Any, name: str) -> None:
    """Of every source, plain, shared or of a background, on the clock; the event engine takes any time."""
    source = kind._replace(**{name: 10.04})
    says = rf"{type(kind).__name__}: {name}: 10\.04 ms is no multiple of dt = 0\.1 ms; .* are 10 or 10\.1 ms"
    with pytest.raises(InvalidValueError, match="population 'in': " + says):
        fired(source, "clock", n=2, until=20.0)
    if not isinstance(kind, ss.Correlated):
        with pytest.raises(InvalidValueError, match="population 'in': Shared: " + says.split(": ", 1)[1]):
            fired(ss.shared(source), "clock", n=2, until=20.0)
    times = fired(source, "event", n=200, until=40.0).times
    assert np.all(times >= 10.04) if name == "start" else np.all(times < 10.04)
    times = fired(kind._replace(**{name: 10.0}), "clock", n=200, until=40.0).times
    assert times.size and (np.all(times >= 10.0) if name == "start" else np.all(times <= 10.0))
    net = ss.Network()
    cells = net.population("cells", 2, ss.LIF())
    if source.trains:
        net.background(cells, rate=source, weight=1.0, synapse=ss.Delta(), name="b")
        with pytest.raises(InvalidValueError, match="background 'b': rate: " + says):
            net.run(1.0)


@pytest.mark.parametrize("rate", [50.0, ss.GammaTrain(50.0, 2.0), ss.Sine(5.0, 10.0, offset=5.0)], ids=repr)
def test_windows_of_backgrounds_are_on_the_grid(rate: Any) -> None:
    net = ss.Network()
    cells = net.population("cells", 2, ss.LIF())
    net.background(cells, rate=rate, weight=1.0, synapse=ss.Delta(), name="b", start=10.04)
    with pytest.raises(InvalidValueError, match=r"background 'b': start: 10\.04 ms is no multiple"):
        net.run(1.0)
    net.run(1.0, engine="event")


def test_a_background_is_on_where_both_windows_are() -> None:
    """Its own, and that of the trains it is made of: where they meet."""
    net = ss.Network(seed=5)
    cells = net.population("cells", 300, ss.LIF(tau_m=1e9, E_L=0.0, V_th=1e9, V_reset=0.0), v=0.0)
    trains = ss.GammaTrain(500.0, 2.0, start=20.0, stop=60.0)
    net.background(cells, rate=trains, weight=1.0, synapse=ss.Delta(), start=40.0, stop=80.0)
    net.record(cells, "v", every=10.0)
    got = np.diff(net.run(100.0, progress=False).traces["cells"]["v"].values.mean(axis=1))
    assert np.all(np.abs(got[[0, 1, 2, 6, 7, 8]]) < 1e-3) and np.all(got[3:5] > 4.0)
