"""Truth: a run equals itself, to the bit: spikes and weights, for any number of threads and any cut into pieces."""

from __future__ import annotations

import numpy as np
import pytest

import spikesim as ss
from spikesim.jit import JIT

DURATION = 300.0 if JIT else 8.0
SIZE = 80 if JIT else 12


def learning(reverse: bool = False) -> ss.Network:
    """Recurrent, with delays and weights drawn, four rules at once, and one projection that does not learn."""
    net = ss.Network(seed=11)
    for name, size in sorted({"e": SIZE, "i": SIZE // 4}.items(), reverse=reverse):
        net.population(name, size, ss.LIF(tau_m=10.0), v=ss.uniform(-70.0, -55.0))
    noise = net.population("noise", SIZE, ss.Poisson(40.0))
    e, i = net["e"], net["i"]
    net.background(e + i, rate=8000.0, weight=32.0, synapse=ss.Exponential(tau=2.0))
    delay, drawn = ss.uniform(0.3, 4.0), ss.uniform(1.0, 30.0)
    fast, bounds = ss.Exponential(tau=2.0), {"w_min": 0.0, "w_max": 40.0}
    pairs = ss.STDP(A_plus=1.0, A_minus=1.1, mu_plus=0.4, mu_minus=0.4, **bounds)
    summed = ss.STDP(A_plus=1.0, A_minus=0.9, **bounds, w_total=200.0, every=20.0)
    triplets = ss.TripletSTDP(A2_plus=0.1, A3_plus=0.3, A2_minus=0.2, A3_minus=0.1, w_max=2.0)
    rewarded = ss.RewardSTDP(A_plus=1.0, A_minus=1.0, tau_c=50.0, rewards=[(5.0, 0.05), (100.0, 0.05)], **bounds)
    some = ss.fixed_probability(0.2)
    net.connect(e, e, some, weight=drawn, delay=delay, synapse=fast, plasticity=pairs)
    net.connect(noise, e, some, weight=drawn, delay=delay, synapse=fast, plasticity=summed)
    net.connect(noise, i, some, weight=0.5, delay=1.5, synapse=ss.Delta(), plasticity=triplets)
    net.connect(e, i, some, weight=drawn, delay=delay, synapse=fast, plasticity=rewarded)
    net.connect(i, e, some, weight=-60.0, delay=0.1, synapse=fast)
    net.record(e + i, "spikes")
    return net


def state(result: ss.Result) -> list[bytes]:
    """All spikes and all weights."""
    spikes = [a.tobytes() for n in "ei" for a in (result.spikes[n].times, result.spikes[n].ids)]
    return spikes + [result.weights[name].toarray().tobytes() for name in sorted(result.weights)]


@pytest.fixture(scope="module")
def whole() -> list[bytes]:
    result = learning().run(DURATION, threads=1, progress=False)
    assert result.spikes["e"].count() > (500 if JIT else 0)
    return state(result)


@pytest.mark.parametrize("threads", [2, 3])
def test_threads(whole: list[bytes], threads: int) -> None:
    assert state(learning(reverse=threads == 3).run(DURATION, threads=threads, progress=False)) == whole


@pytest.mark.parametrize("threads", [1, 2])
def test_pieces(whole: list[bytes], threads: int) -> None:
    """A look at the weights in between changes nothing either, and an earlier result keeps what it showed."""
    sim = ss.Simulation(learning(), threads=threads)
    first = sim.run(3.3, progress=False)
    for piece in (0.1, 0.1, 1.5):
        sim.run(piece, progress=False)
        sim.synapses("e to i")
    early = learning().run(3.3, progress=False)
    assert state(sim.run(round(DURATION - 5.0, 9), progress=False)) == whole
    assert np.array_equal(first.weights["e to e"].toarray(), early.weights["e to e"].toarray())


def test_other_projections_change_nothing() -> None:
    """A faster projection elsewhere shortens the stretch between two meetings of threads; no weight notices."""
    plain, more = learning(), learning()
    for net in (plain, more):
        net.population("other", 5, ss.LIF(I_e=500.0))
    more.connect(more["other"], more["other"], ss.all_to_all(), weight=1.0, delay=0.1, synapse=ss.Delta(), name="x")
    one, two = (net.run(DURATION / 4, threads=2, progress=False) for net in (plain, more))
    for name in plain.run(0.1, progress=False).weights:
        assert np.array_equal(one.weights[name].toarray(), two.weights[name].toarray())
