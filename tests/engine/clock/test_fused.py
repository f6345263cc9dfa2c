"""Truth: the row operations of `propagate`, the plain twin of the one-pass kernels: the same bits."""

from __future__ import annotations

from typing import Any

import pytest

import spikesim as ss
from spikesim.engine.clock import fuse
from spikesim.jit import JIT

NEURONS, DURATION, SPIKES = (700, 60.0, 500) if JIT else (20, 6.0, 3)


def network(model: Any, synapses: list[Any], neurons: int = NEURONS) -> ss.Network:
    """Excitation and inhibition by the same synapses, driven from outside through the first; some cells inhibited."""
    net = ss.Network(seed=3)
    cells = net.population("cells", neurons, model, v=ss.uniform(-60.0, -45.0))
    for k, synapse in enumerate(synapses):
        strong = 1.0 if isinstance(synapse, ss.Delta) else 3.0 if synapse.E_rev is not None else 40.0
        for sign in (1.0, -1.0) if synapse.E_rev is None else (1.0,):
            rule = ss.fixed_indegree(12)
            net.connect(cells, cells, rule, weight=sign * strong, delay=1.5, synapse=synapse, name=f"{k} {sign}")
    if synapses:
        net.background(cells, rate=4000.0, weight=0.25 * strong, synapse=synapses[-1])
    net.record(cells, "spikes")
    return net


LIF = ss.LIF(E_L=-60.0, V_th=-50.0, V_reset=-60.0, t_ref=3.0, I_e=80.0)
CASES = {
    "alone": (ss.LIF(I_e=400.0), []),
    "one current": (LIF, [ss.Exponential(5.0)]),
    "two currents": (LIF, [ss.Exponential(5.0), ss.Exponential(10.0)]),
    "three currents": (LIF, [ss.Exponential(2.0), ss.Exponential(5.0), ss.Exponential(10.0)]),
    "jumps": (LIF, [ss.Delta()]),
    "a current and jumps": (LIF, [ss.Delta(), ss.Exponential(5.0)]),
    "conductances": (LIF, [ss.ConductanceExponential(10.0, E_rev=-80.0), ss.ConductanceExponential(5.0, E_rev=0.0)]),
    "three conductances": (LIF, [ss.ConductanceExponential(tau, E_rev=0.0) for tau in (3.0, 5.0, 8.0)]),
    "all three": (LIF, [ss.Delta(), ss.Exponential(5.0), ss.ConductanceExponential(5.0, E_rev=0.0)]),
}


def final(net: ss.Network, threads: int) -> tuple[list[bytes], list[int], int]:
    sim = ss.Simulation(net, threads=threads)
    sim.run(DURATION, progress=False)
    engine = sim.engine
    fused = [int(f) for worker in engine.workers for f in worker.tables["part"]["fused"]]
    return [arena["x"].tobytes() for arena in engine.arenas], fused, sim.stats["spikes"]


@pytest.mark.parametrize("name", CASES)
def test_same_bits_as_row_operations(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    net = network(*CASES[name])
    state, fused, spikes = final(net, 2)
    assert all(fused)
    assert spikes > SPIKES
    monkeypatch.setattr(fuse, "_few_of_one_stage", lambda *_: False)
    plain, fused, again = final(net, 2)
    assert not any(fused)
    assert (plain, again) == (state, spikes)
