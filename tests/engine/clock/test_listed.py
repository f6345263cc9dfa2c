"""Truth: a source that lists its times spikes at all of them that are not before the start."""

from __future__ import annotations

import pytest

import spikesim as ss


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("start", [0.0, 5.0])
def test_a_spike_listed_at_the_start_is_delivered(start: float, threads: int) -> None:
    net = ss.Network()
    source = net.population("s", 2, ss.SpikeTimes([[start, start + 1.0], [start]]))
    cell = net.population("c", 1, ss.LIF(V_th=1e9))
    net.connect(source, cell, ss.all_to_all(), weight=2.0, delay=0.3, synapse=ss.Delta())
    net.record(source, "spikes")
    net.record(cell, "v")
    with ss.Simulation(net, start=start, threads=threads) as sim:
        sim.run(0.5, progress=False)
        result = sim.run(1.0, progress=False)
    assert result.spikes["s"].times.tolist() == pytest.approx([start, start, start + 1.0])
    assert result.spikes["s"].ids.tolist() == [0, 1, 0]
    v = result.traces["c"]["v"].values[:, 0] + 70.0
    assert v[1] == pytest.approx(0.0, abs=1e-12) and v[2] == pytest.approx(4.0, abs=1e-9)
    assert sim.stats["spikes"] == 3 and sim.stats["synaptic_events"] == 3
