"""Truth: a run equals itself, to the bit, whatever it is divided into or watched by."""

from __future__ import annotations

import numpy as np
import pytest

import spikesim as ss
from spikesim.jit import JIT

from .networks import digest, everything

DURATION = 40.0 if JIT else 1.0
pytestmark = pytest.mark.filterwarnings("ignore::spikesim.SpikesimWarning")


def run(net: ss.Network, pieces: tuple[float, ...] = (DURATION,), threads: int = 1) -> ss.Result:
    sim = ss.Simulation(net, engine="event", threads=threads)
    for piece in pieces:
        result = sim.run(piece, progress=False)
    return result


@pytest.fixture(scope="module")
def whole() -> ss.Result:
    return run(everything())


def test_all_kinds_of_neuron_fire(whole: ss.Result) -> None:
    if JIT:
        assert all(len(train.times) for train in whole.spikes.values())


@pytest.mark.parametrize("threads", [2, 3, 8] if JIT else [2])
def test_threads(whole: ss.Result, threads: int) -> None:
    assert digest(run(everything(), threads=threads)) == digest(whole)


def test_order_of_declaration(whole: ss.Result) -> None:
    assert digest(run(everything(reverse=True), threads=2)) == digest(whole)


@pytest.mark.parametrize("threads", [1, 2])
def test_pieces(whole: ss.Result, threads: int) -> None:
    first = (0.1, 0.2, 0.5)
    assert digest(run(everything(), (*first, round(DURATION - sum(first), 9)), threads)) == digest(whole)


def test_recording_changes_nothing(whole: ss.Result) -> None:
    net = everything()
    net.record(net["a"], "v", "I_syn", every=0.3)
    net.record(net["h"], "v", "m", "g_syn", "I_syn")
    assert digest(run(net, threads=2)) == digest(whole)


def test_the_step_of_the_samples_changes_nothing(whole: ss.Result) -> None:
    result = everything().run(DURATION, dt=0.25, engine="event", progress=False)
    assert digest(result) == digest(whole)


def test_nothing_is_lost_or_sent_twice() -> None:
    """Every spike of a source arrives once at each of its targets: events = spikes x targets, v counts them."""
    net = ss.Network(seed=4)
    source = net.population("source", 20, ss.Poisson(40.0))
    cells = net.population("cells", 50, ss.LIF(tau_m=1e12, E_L=0.0, V_th=1e9, V_reset=0.0), v=0.0)
    net.connect(source, cells, ss.all_to_all(), weight=1.0, delay=ss.uniform(0.01, 3.0), synapse=ss.Delta())
    net.record(source, "spikes")
    net.record(cells, "v", every=500.0)
    result = net.run(500.0, dt=1.0, engine="event", threads=2 if JIT else 1, progress=False)
    early = np.count_nonzero(result.spikes["source"].times < 497.0)
    v = result.traces["cells"]["v"].values[0]
    assert early > 300
    assert np.all((np.rint(v) >= early) & (np.rint(v) <= result.spikes["source"].times.size))
    assert result.stats["synaptic_events"] == int(np.rint(v).sum())


def test_sources_are_poisson() -> None:
    """Exponential intervals (Kolmogorov-Smirnov), and counts whose variance is their mean."""
    from scipy.stats import kstest

    net = ss.Network(seed=9)
    source = net.population("source", 200, ss.Poisson(100.0))
    net.record(source, "spikes")
    spikes = net.run(1000.0, dt=1.0, engine="event", progress=False).spikes["source"]
    intervals = np.concatenate([np.diff(spikes.times[spikes.ids == k]) for k in range(200)])
    assert kstest(intervals, "expon", args=(0, 10.0)).pvalue > 1e-3
    counts = np.bincount(spikes.ids, minlength=200)
    assert abs(counts.mean() - 100.0) < 5 * (100.0 / 200) ** 0.5
    assert 0.7 < counts.var() / counts.mean() < 1.35
