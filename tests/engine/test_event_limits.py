"""Truth: closed forms, SciPy, the clock engine.  What is hard: any filter, short steps, huge numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from scipy.linalg import expm

import spikesim as ss
from spikesim.errors import NumericalError
from spikesim.jit import JIT
from spikesim.synapses.contract import Synapse

compiled_only = pytest.mark.skipif(not JIT, reason="too many steps for plain Python")


@dataclass(frozen=True)
class Any2(Synapse):
    """Two filter states that decay and feed each other as they like."""

    lines: tuple[tuple[float, float], tuple[float, float]]
    label = "Any2"

    @property
    def matrix(self) -> np.ndarray:
        return np.array(self.lines)

    @property
    def gain(self) -> float:
        return 1.0

    def psc(self, t: np.ndarray) -> np.ndarray:
        return np.array([expm(self.matrix * s)[1, 0] if s >= 0 else 0.0 for s in np.atleast_1d(t)])


@pytest.mark.parametrize("rows", [((-1 / 2, 0.0), (1 / 2, -1 / 9)), ((-0.3, 0.1), (0.2, -0.4))])
def test_a_filter_of_any_matrix(rows: tuple) -> None:
    """I_syn to 1e-12 of expm, v of a leak to the tolerance of its steps."""
    net = ss.Network()
    source = net.population("source", 1, ss.SpikeTimes([[1.0, 4.5]]))
    cell = net.population("cell", 1, ss.LIF(tau_m=10.0, C_m=250.0, E_L=-70.0, V_th=0.0), v=-70.0)
    synapse = Any2(rows)
    net.connect(source, cell, ss.all_to_all(), weight=100.0, delay=0.5, synapse=synapse)
    net.record(cell, "v", "I_syn", every=1.0)
    found = net.run(30.0 if JIT else 8.0, engine="event", progress=False).traces["cell"]
    t = found["v"].times
    exact = 100.0 * (synapse.psc(t - 1.5) + synapse.psc(t - 5.0))
    np.testing.assert_allclose(found["I_syn"].values[:, 0], exact, rtol=0, atol=1e-11)
    joint = np.zeros((3, 3))
    joint[1:, 1:], joint[0, 0], joint[0, 2] = rows, -0.1, 1 / 250.0

    def response(s: float) -> float:
        return 100.0 * expm(joint * s)[0, 1] if s > 0 else 0.0

    v = [-70.0 + response(s - 1.5) + response(s - 5.0) for s in t]
    np.testing.assert_allclose(found["v"].values[:, 0], v, rtol=0, atol=1e-6)


@compiled_only
def test_a_filter_that_rises_at_once_is_seen() -> None:
    """A rise of 0.01 ms into a neuron that rested and had long steps: v to the tolerance, at all times."""
    rows = ((-100.0, 0.0), (100.0, -1 / 9))
    joint = np.zeros((3, 3))
    joint[1:, 1:], joint[0, 0], joint[0, 2] = rows, -0.1, 1 / 250.0
    net = ss.Network()
    source = net.population("source", 1, ss.SpikeTimes([[1.0, 4.0]]))
    cell = net.population("cell", 1, ss.LIF(tau_m=10.0, C_m=250.0, E_L=-70.0, V_th=0.0), v=-70.0)
    net.connect(source, cell, ss.all_to_all(), weight=100.0, delay=1.0, synapse=Any2(rows))
    net.record(cell, "v", every=1.0)
    v = net.run(20.0, engine="event", progress=False).traces["cell"]["v"]
    exact = [-70.0 + sum(100.0 * expm(joint * (t - s))[0, 1] for s in (2.0, 5.0) if t > s) for t in v.times]
    np.testing.assert_allclose(v.values[:, 0], exact, rtol=0, atol=1e-4)


@compiled_only
@pytest.mark.parametrize(
    "model",
    [
        ss.AdEx(I_e=800.0),
        ss.AdEx(Delta_T=2.0, V_peak=20.0, I_e=800.0),
        ss.AdEx(Delta_T=1.5, I_e=800.0),
        ss.AdEx(Delta_T=0.5, I_e=800.0),
    ],
    ids=["default", "V_peak=20", "Delta_T=1.5", "Delta_T=0.5"],
)
def test_upswings_shorter_than_the_spacing_of_times(model: ss.AdEx) -> None:
    """Runs for 2 s; as many spikes as the clock engine at 0.01 ms in the first 300 ms, at its times to its step."""
    net = ss.Network()
    cell = net.population("cell", 1, model)
    net.record(cell, "spikes")
    found = net.run(2000.0, engine="event", progress=False).spikes["cell"].times
    clock = net.run(300.0, dt=0.01, progress=False).spikes["cell"].times
    early = found[found <= 300.0]
    assert found.size > 20
    assert abs(early.size - clock.size) <= 1
    n = min(early.size, clock.size, 5)
    assert np.abs(early[:n] - clock[:n]).max() < 0.1


@pytest.mark.parametrize("weight", [-1e308, 1e308])
def test_numbers_that_grow_too_large_are_named(weight: float) -> None:
    net = ss.Network()
    source = net.population("source", 1, ss.SpikeTimes([[1.0, 1.5, 2.0]]))
    cell = net.population("cell", 3, ss.LIF(), v=-70.0)
    net.connect(source, cell[[1]], ss.all_to_all(), weight=weight, delay=0.5, synapse=ss.Exponential(5.0))
    net.record(cell, "v")
    with pytest.raises(NumericalError, match=r"neuron 1 of 'cell'.* ms"):
        net.run(10.0, engine="event", progress=False)


def test_weight_0_changes_no_bit() -> None:
    def times(weight: float | None) -> bytes:
        net = ss.Network(seed=2)
        source = net.population("source", 5, ss.Poisson(200.0))
        cells = net.population("cells", 4, ss.LIF(I_e=450.0), v=-70.0)
        net.connect(source, cells, ss.all_to_all(), weight=20.0, delay=0.5, synapse=ss.Exponential(5.0))
        if weight is not None:
            for synapse in (ss.Exponential(5.0),):
                net.connect(source, cells, ss.all_to_all(), weight=weight, delay=0.7, synapse=synapse)
        net.record(cells, "spikes")
        return net.run(100.0 if JIT else 20.0, engine="event", progress=False).spikes["cells"].times.tobytes()

    assert len(times(None)) > 0
    assert times(0.0) == times(None)


@compiled_only
def test_what_is_too_stiff_ends_with_an_error() -> None:
    net = ss.Network()
    source = net.population("source", 1, ss.SpikeTimes([[1.0]]))
    cell = net.population("cell", 1, ss.LIF(V_th=np.inf))
    net.connect(
        source, cell, ss.all_to_all(), weight=1e12, delay=0.5, synapse=ss.ConductanceExponential(5.0, E_rev=0.0)
    )
    with pytest.raises(NumericalError, match="stiff"):
        net.run(10.0, engine="event", progress=False)


@pytest.mark.parametrize("start", [0.0, 5.0])
def test_a_spike_listed_at_the_start_is_sent(start: float) -> None:
    net = ss.Network()
    source = net.population("source", 1, ss.SpikeTimes([[start, start + 1.0]]))
    net.record(source, "spikes")
    with ss.Simulation(net, engine="event", start=start) as sim:
        sim.run(0.5, progress=False)
        found = sim.run(1.5, progress=False).spikes["source"].times
    np.testing.assert_array_equal(found, [start, start + 1.0])
