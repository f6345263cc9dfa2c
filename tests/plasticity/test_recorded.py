"""Weights over time: what is recorded is what the synapses were.  Truth: runs that end at each sample."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import spikesim as ss

from .imposed import imposed


def network(every: float) -> tuple[ss.Network, ss.Network]:
    rule = ss.STDP(A_plus=0.01, A_minus=0.012, w_max=1.0)
    made = [imposed([[10, 80, 150], [40, 120]], [[50, 130], [90, 170]], rule) for _ in range(2)]
    plastic = next(p for p in made[0].projections if p.name == "plastic")
    made[0].record(plastic, "w", every=every)
    return made[0], made[1]


@pytest.mark.parametrize("threads", [1, 2])
def test_weights_over_time(threads: int, tmp_path: Path) -> None:
    recorded, plain = network(5.0)
    result = recorded.run(22.0, threads=threads, progress=False)
    trace = result.traces["plastic"]["w"]
    np.testing.assert_array_equal(trace.times, [5.0, 10.0, 15.0, 20.0])
    assert trace.values.shape == (4, 4) and np.ptp(trace.values) > 0
    for time, weight in zip(trace.times, trace.values):
        sim = ss.Simulation(plain)
        sim.run(float(time), progress=False)
        assert weight.tobytes() == sim.synapses("plastic").weight.tobytes()
    recorded.run(22.0, out=tmp_path / "run.h5", progress=False)
    np.testing.assert_array_equal(ss.load(tmp_path / "run.h5").traces["plastic"]["w"].values, trace.values)


def test_pieces_and_states(tmp_path: Path) -> None:
    """Cut anywhere and gone on with from a file, the samples are the same."""
    recorded, _ = network(3.0)
    whole = recorded.run(20.0, progress=False).traces["plastic"]["w"]
    sim = ss.Simulation(recorded, out=tmp_path / "run.h5")
    sim.run(7.3, progress=False)
    sim.save(tmp_path / "run.state.h5")
    sim.close()
    again = ss.Simulation.resume(tmp_path / "run.h5", out=tmp_path / "run.h5", threads=2)
    trace = again.run(12.7, progress=False).traces["plastic"]["w"]
    again.close()
    np.testing.assert_array_equal(trace.times, whole.times)
    np.testing.assert_array_equal(trace.values, whole.values)


def test_refused() -> None:
    recorded, plain = network(5.0)
    kicks, plastic = plain.projections[0], plain.projections[1]
    with pytest.raises(ValueError, match="its weights do not change"):
        plain.record(kicks, "w", every=1.0)
    with pytest.raises(TypeError, match="every is missing"):
        plain.record(plastic, "w")
    with pytest.raises(LookupError, match="its weights are recorded"):
        plain.record(plastic, "v", every=1.0)
    with pytest.raises(ValueError, match="recorded already"):
        recorded.record(recorded.projections[1], "w", every=1.0)


def test_frozen() -> None:
    """learning=False: weights stand still, traces go on: pairs across the end of the pause count in full."""
    _, plain = network(5.0)
    sim = ss.Simulation(plain)
    sim.run(5.5, progress=False)
    sim.set("plastic", learning=False)
    before = sim.synapses("plastic").weight
    sim.run(6.0, progress=False)
    assert sim.synapses("plastic").weight.tobytes() == before.tobytes()
    sim.set("plastic", learning=True)
    sim.run(10.0, progress=False)
    assert np.all(sim.synapses("plastic").weight != before)
    with pytest.raises(TypeError, match="wanted True or False"):
        sim.set("plastic", learning=1)
