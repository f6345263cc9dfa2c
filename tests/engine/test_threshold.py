"""Who fires and for how long it rests, to the last bit.  Truth: closed forms of the membrane, without rounding."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import spikesim as ss

#: What is beside the jump: nothing, thresholds of their own, filters in one pass, and too many of them for one pass.
BESIDE: dict[str, tuple[Any, list[Any]]] = {
    "one threshold": (15.0, []),
    "a threshold each": (np.array([15.0, 15.0]), []),
    "with a filter": (15.0, [ss.Exponential(2.0)]),
    "with many filters": (15.0, [ss.Exponential(float(tau)) for tau in (2, 3, 4, 5)]),
}


@pytest.mark.parametrize("engine", ["clock", "event"])
@pytest.mark.parametrize("beside", BESIDE)
def test_on_the_threshold_is_over_it(beside: str, engine: str) -> None:
    """A jump from 0 to V_th fires; one to the number below does not."""
    threshold, silent = BESIDE[beside]
    net = ss.Network()
    cells = net.population("cells", 2, ss.LIF(E_L=0.0, V_reset=0.0, V_th=threshold), v=0.0)
    source = net.population("source", 1, ss.SpikeTimes([[1.0]]))
    weight = np.array([15.0, np.nextafter(15.0, 0.0)])
    net.connect(source, cells, ss.from_pairs([0, 0], [0, 1]), weight=weight, delay=1.0, synapse=ss.Delta())
    for synapse in silent:
        net.connect(source, cells, ss.all_to_all(), weight=0.0, delay=1.0, synapse=synapse, name=f"{synapse!r}")
    net.record(cells, "spikes")
    train = net.run(3.0, engine=engine, progress=False).spikes["cells"]
    assert (train.times.tolist(), train.ids.tolist()) == ([2.0], [0])


@pytest.mark.parametrize("t_ref", [np.array([0.0, 0.1, 0.5, 2.0]), np.full(4, 0.5), 0.5], ids=["own", "listed", "one"])
@pytest.mark.parametrize("engine", ["clock", "event"])
def test_refractory_times(t_ref: Any, engine: str) -> None:
    """Under a constant current towards 2 V_th the interval is tau_m ln 2 (on the clock: the step after) + t_ref."""
    net = ss.Network()
    model = ss.LIF(tau_m=2.0, C_m=100.0, E_L=0.0, V_reset=0.0, V_th=15.0, I_e=1500.0, t_ref=t_ref)
    cells = net.population("cells", 4, model, v=0.0)
    net.record(cells, "spikes")
    train = net.run(8.0, engine=engine, progress=False).spikes["cells"]
    for i, rest in enumerate(np.broadcast_to(t_ref, 4)):
        rise = 2.0 * math.log(2.0) if engine == "event" else 1.4
        expected = np.arange(rise, 8.0 + 1e-9, rise + rest)
        np.testing.assert_allclose(train.times[train.ids == i], expected, atol=1e-9)


@pytest.mark.parametrize("engine", ["clock", "event"])
def test_without_a_leak(engine: str) -> None:
    """v rises by gain I_e t, jumps, and loses V_th at a spike: it is over 1 at 6.75 and 16.75 ms."""
    net = ss.Network()
    cell = net.population("cell", 1, ss.learn.IntegrateAndFire(gain=0.1, V_th=1.0, I_e=1.0))
    source = net.population("source", 1, ss.SpikeTimes([[1.0]]))
    net.connect(source, cell, ss.all_to_all(), weight=0.325, delay=1.0, synapse=ss.Delta())
    net.record(cell, "v", "spikes", every=0.5)
    result = net.run(18.0, engine=engine, progress=False)
    v = result.traces["cell"]["v"]
    expected = 0.1 * v.times + 0.325 * (v.times > 1.95)
    np.testing.assert_allclose(v.values[:, 0], expected - np.floor(expected), atol=1e-12)
    late = [6.8, 16.8] if engine == "clock" else [6.75, 16.75]
    np.testing.assert_allclose(result.spikes["cell"].times, late, atol=1e-9)
