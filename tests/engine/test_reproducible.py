"""Truth: a run equals itself, to the bit, whatever it is divided into or watched by."""

from __future__ import annotations

import numpy as np
import pytest

import spikesim as ss
from spikesim.jit import JIT

from .networks import digest, everything

DURATION = 40.0 if JIT else 3.0
pytestmark = pytest.mark.filterwarnings("ignore::spikesim.SpikesimWarning")


@pytest.fixture(scope="module")
def whole() -> ss.Result:
    return everything().run(DURATION, threads=1, progress=False)


def test_all_kinds_of_neuron_fire(whole: ss.Result) -> None:
    if JIT:
        assert all(len(train.times) for train in whole.spikes.values())


@pytest.mark.parametrize("threads", [2, 3, 4, 8] if JIT else [2])
def test_threads(whole: ss.Result, threads: int) -> None:
    assert digest(everything().run(DURATION, threads=threads, progress=False)) == digest(whole)


def test_order_of_declaration(whole: ss.Result) -> None:
    assert digest(everything(reverse=True).run(DURATION, threads=2, progress=False)) == digest(whole)


@pytest.mark.parametrize("threads", [1, 2])
def test_pieces(whole: ss.Result, threads: int) -> None:
    sim = ss.Simulation(everything(), threads=threads)
    pieces = [0.1, 0.2, 0.7, 1.0]
    for piece in [*pieces, round(DURATION - sum(pieces), 9)]:
        result = sim.run(piece, progress=False)
    assert digest(result) == digest(whole)
    assert sim.time == DURATION


def test_single_steps() -> None:
    sim = ss.Simulation(everything(), threads=1)
    for _ in range(30):
        result = sim.run(0.1, progress=False)
    assert digest(result) == digest(everything().run(3.0, threads=1, progress=False))


def test_recording_changes_nothing(whole: ss.Result) -> None:
    net = everything()
    net.record(net["a"], "v", "I_syn", every=0.3)
    net.record(net["h"], "v", "m", "g_syn", "I_syn")
    assert digest(net.run(DURATION, threads=2, progress=False)) == digest(whole)


def test_subset_of_a_recording_is_its_slice() -> None:
    net, some = everything(), everything()
    net.record(net["a"], "v", "I_Alpha")
    some.record(some["a"][[3, 60, 140]], "v", "I_Alpha", every=0.5)
    full = net.run(3.0, threads=2, progress=False).traces["a"]
    part = some.run(3.0, threads=1, progress=False).traces["a"]
    for variable in ("v", "I_Alpha"):
        assert np.array_equal(part[variable].values, full[variable].values[4::5][:, [3, 60, 140]])
        assert np.array_equal(part[variable].times, full[variable].times[4::5])


def test_another_seed_differs_and_the_network_stays(whole: ss.Result) -> None:
    net = everything()
    other = net.run(DURATION, seed=7, threads=1, progress=False)
    assert other.stats["seed"] == 7
    assert digest(other) != digest(whole)
    assert digest(net.run(DURATION, threads=1, progress=False)) == digest(whole)


def test_two_networks_in_one_process(whole: ss.Result) -> None:
    one, two = ss.Simulation(everything(), threads=1), ss.Simulation(everything(seed=4), threads=1)
    for _ in range(2):
        a = one.run(DURATION / 2, progress=False)
        two.run(DURATION / 2, progress=False)
    assert digest(a) == digest(whole)


def test_late_start_is_the_same_train() -> None:
    """Clocks are integers: listed spikes and a constant drive give the same train a million seconds later."""

    def train(start: float) -> np.ndarray:
        net = ss.Network()
        source = net.population("source", 2, ss.SpikeTimes([[start + 1.3, start + 7.9], [start + 4.4]]))
        cell = net.population("cell", 1, ss.LIF(I_e=420.0))
        net.connect(source, cell, ss.all_to_all(), weight=200.0, delay=1.5, synapse=ss.Exponential(tau=2.0))
        net.record(cell, "spikes")
        result = ss.Simulation(net, start=start).run(100.0, progress=False)
        return np.round((result.spikes["cell"].times - start) / 0.1).astype(int)

    early = train(0.0)
    assert early.size > 2
    assert np.array_equal(train(1e9), early)
