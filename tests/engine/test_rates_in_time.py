"""Trains that are on at times, and whose rate has steps.  Truth: the Poisson law of counts, in both engines."""

from __future__ import annotations

import numpy as np
import pytest

import spikesim as ss
from spikesim.errors import InvalidTypeError, InvalidValueError

ENGINES = ("clock", "event")


def arrivals(engine: str, seed: int = 1, **given) -> np.ndarray:
    """What arrives at each of 2000 leakless-in-effect neurons in each of 8 ms: v counts it."""
    net = ss.Network(seed=seed)
    cell = ss.LIF(tau_m=1e9, E_L=0.0, V_th=1e9, V_reset=0.0)
    cells = net.population("cells", 2000, cell, v=0.0)
    net.background(cells, weight=1.0, synapse=ss.Delta(), **given)
    net.record(cells, "v", every=1.0)
    v = net.run(8.0, engine=engine, progress=False).traces["cells"]["v"].values
    return np.diff(np.concatenate([np.zeros((1, 2000)), np.rint(v)]), axis=0)


@pytest.mark.parametrize("engine", ENGINES)
def test_counts_follow_the_rate(engine: str) -> None:
    """Mean and variance of the counts of each ms are the integral of the rate, also where a step lies within it."""
    rate = ss.Steps([1.0, 2.5, 4.0, 6.0], [1000.0, 3000.0, 0.0, 500.0])
    counts = arrivals(engine, rate=rate, start=1.5, stop=7.0)
    wanted = np.array([0.0, 0.5, 2.0, 3.0, 0.0, 0.0, 0.5, 0.0])
    n = counts.shape[1]
    assert np.all(np.abs(counts.mean(axis=1) - wanted) <= 5.0 * np.sqrt(wanted / n))
    assert np.all(np.abs(counts.var(axis=1) - wanted) <= 5.0 * np.sqrt((wanted + 2.0 * wanted**2) / n))
    assert np.all(counts[wanted == 0.0] == 0.0)


@pytest.mark.parametrize("engine", ENGINES)
def test_sources_are_on_at_times(engine: str) -> None:
    net = ss.Network(seed=2)
    net.record(net.population("p", 4000, ss.Poisson(rate=500.0, start=2.0, stop=5.0)), "spikes")
    spikes = net.run(10.0, engine=engine, progress=False).spikes["p"]
    assert 2.0 < spikes.times.min() and spikes.times.max() <= 5.0
    assert abs(spikes.count() - 6000) <= 5 * np.sqrt(6000)
    first = np.histogram(spikes.times, bins=[2.0 + 1e-9, 3.0 + 1e-9, 4.0 + 1e-9, 5.0 + 1e-9])[0]
    assert np.all(np.abs(first - 2000) <= 5 * np.sqrt(2000))


@pytest.mark.parametrize("engine", ENGINES)
def test_same_bits_in_pieces_and_after_another_rate(engine: str) -> None:
    """A run in pieces over the steps of a rate; and a rate that is set between them holds within the window."""
    net = ss.Network(seed=4)
    cells = net.population("cells", 300, ss.LIF(E_L=0.0, V_th=20.0, V_reset=0.0))
    rate = ss.Steps([0.0, 5.0, 20.0], [9000.0, 40000.0, 2000.0])
    net.background(cells, rate=rate, stop=28.0, weight=1.0, synapse=ss.Delta(), name="drive")
    net.record(cells, "spikes")
    whole = net.run(30.0, engine=engine, progress=False).spikes["cells"]
    with ss.Simulation(net, engine=engine) as sim:
        for piece in (3.0, 9.0, 18.0):
            sim.run(piece, progress=False)
    cut = sim.result().spikes["cells"]
    assert whole.count() > 100 and np.array_equal(whole.times, cut.times) and np.array_equal(whole.ids, cut.ids)
    with ss.Simulation(net, engine=engine) as sim:
        sim.run(10.0, progress=False)
        before = sim.result().spikes["cells"].count()
        sim.set("drive", rate=0.0)
        sim.run(20.0, progress=False)
    assert sim.result().spikes["cells"].count() - before <= 1


def test_times_and_rates_that_cannot_be() -> None:
    net = ss.Network()
    cells = net.population("cells", 2, ss.LIF())
    given = {"weight": 1.0, "synapse": ss.Delta()}
    with pytest.raises(InvalidValueError, match="Sine goes to -1 Hz; a Sine needs an offset"):
        net.background(cells, rate=ss.Sine(1.0, 5.0), **given)
    with pytest.raises(InvalidValueError, match="lists rates for 3 neurons, but there are 2"):
        net.background(cells, rate=ss.Steps([0.0], [[1.0, 2.0, 3.0]]), **given)
    with pytest.raises(InvalidTypeError, match="background of cells: rate: Noise is no rate"):
        net.background(cells, rate=ss.Noise(5.0, 1.0), **given)
    with pytest.raises(InvalidTypeError, match="SpikeTimes lists its spikes; connect a population of it"):
        net.background(cells, rate=ss.SpikeTimes([[1.0]]), **given)
    with pytest.raises(InvalidValueError, match="Hz"):
        net.background(cells, rate=ss.Steps([0.0], [-1.0]), **given)
    for window in ({"start": 3.0, "stop": 3.0}, {"start": -1.0}):
        with pytest.raises(InvalidValueError, match="stop must be after start"):
            net.background(cells, rate=1.0, **given, **window)
        with pytest.raises(InvalidValueError, match="stop must be after start"):
            ss.Poisson(1.0, **window)
    net.background(cells, rate=10.0, start=0.05, **given)
    with pytest.raises(InvalidValueError, match=r"start: 0\.05 ms is no multiple of dt"):
        net.run(1.0, progress=False)
    net.run(1.0, engine="event", progress=False)
