"""Backgrounds that a part adds itself at the end of a step.  Truth: those that arrive when the next one begins."""

from __future__ import annotations

from typing import Any

import pytest

import spikesim as ss
from spikesim.engine.clock import records
from spikesim.jit import JIT

NEURONS, PIECES = (700, (7.3, 0.1, 12.6)) if JIT else (20, (1.3, 0.1, 0.6))

LIF = ss.LIF(E_L=-60.0, V_th=-50.0, V_reset=-60.0, t_ref=3.0, I_e=80.0)
CASES: dict[str, tuple[Any, Any]] = {
    "in one pass": (LIF, ss.Exponential(5.0)),
    "by operations": (LIF, ss.Alpha(2.0)),
    "conductances": (LIF, ss.ConductanceExponential(5.0, E_rev=0.0)),
    "jumps": (LIF, ss.Delta()),
}


def network(model: Any, synapse: Any) -> ss.Network:
    """Cells that excite each other, and a group beside them, each with a background."""
    net = ss.Network(seed=3)
    cells, others = net.population("cells", NEURONS, model), net.population("others", NEURONS // 7, model)
    strong = 1.0 if isinstance(synapse, ss.Delta) else 4.0 if synapse.E_rev is not None else 60.0
    net.connect(cells, cells, ss.fixed_indegree(5), weight=0.3 * strong, delay=1.5, synapse=synapse)
    net.connect(cells, others, ss.fixed_indegree(5), weight=strong, delay=0.7, synapse=synapse)
    net.background(cells, rate=3000.0, weight=0.25 * strong, synapse=synapse)
    net.background(others, rate=900.0, weight=0.5 * strong, synapse=synapse)
    net.record(cells, "spikes")
    net.record(others[:2], "v", every=0.1)
    return net


def states(net: ss.Network, threads: int) -> tuple[list[list[bytes]], set[int], int]:
    """Return all states after each piece, the kinds of the backgrounds and the spikes."""
    sim, found = ss.Simulation(net, threads=threads), []
    for piece in PIECES:
        sim.run(piece, progress=False)
        found.append([arena["x"].tobytes() for arena in sim.engine.arenas])
    kinds = {int(k) for worker in sim.engine.workers for k in worker.tables["background"]["jump"]}
    return found, kinds, sim.stats["spikes"]


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("name", CASES)
def test_the_same_bits_as_when_they_come_at_the_beginning(
    name: str, threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    net = network(*CASES[name])
    found, kinds, spikes = states(net, threads)
    ahead, currents = int(records.AHEAD), int(records.CURRENTS)
    linear = name in ("in one pass", "by operations")
    assert (ahead in kinds) == linear
    monkeypatch.setattr(records, "AHEAD", records.CURRENTS)
    other, kinds, again = states(net, threads)
    assert (found, spikes) == (other, again) and ahead not in kinds
    assert kinds == {int(records.JUMPS) if name == "jumps" else currents}
