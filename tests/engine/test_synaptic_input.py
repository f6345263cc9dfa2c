"""Truth: the kernels of the notes 1.6, s(t) = sum over spikes of weight h(t - t_p), and their areas."""

from __future__ import annotations

import numpy as np
import pytest

import spikesim as ss

TIMES = [1.0, 3.5, 3.5, 12.2]
DELAY, WEIGHT = 1.5, -2.5


def recorded(synapse: ss.Exponential, variable: object, duration: float = 60.0, **lif: float) -> ss.Traces:
    net = ss.Network()
    source = net.population("source", 1, ss.SpikeTimes([TIMES]))
    cell = net.population("cell", 1, ss.LIF(V_th=np.inf, **lif))
    net.connect(source, cell, ss.all_to_all(), weight=WEIGHT, delay=DELAY, synapse=synapse)
    net.record(cell, variable, "v")
    traces = net.run(duration, progress=False).traces["cell"]
    return traces[next(name for name in traces if name != "v")]


def summed(synapse: ss.Exponential, t: np.ndarray) -> np.ndarray:
    ages = t[:, None] - np.array(TIMES)[None, :] - DELAY
    ages[np.abs(ages) < 1e-9] = 0.0
    return WEIGHT * synapse.psc(ages).sum(axis=1)


@pytest.mark.parametrize(
    "synapse",
    [ss.Exponential(2.0), ss.Exponential(5.0, normalize="area"), ss.Alpha(1.5), *(ss.Gamma(n, 2.0) for n in range(6))],
    ids=repr,
)
def test_current_is_the_sum_of_kernels(synapse: ss.Exponential) -> None:
    trace = recorded(synapse, synapse)
    assert trace.unit == "pA"
    np.testing.assert_allclose(trace.values[:, 0], summed(synapse, trace.times), rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", ["I_syn", "I_Gamma"])
def test_recorded_by_name(name: str) -> None:
    synapse = ss.Gamma(2, 2.0)
    trace = recorded(synapse, name)
    np.testing.assert_allclose(trace.values[:, 0], summed(synapse, trace.times), rtol=0, atol=1e-12)


def test_conductance_and_its_current() -> None:
    synapse = ss.ConductanceAlpha(2.0, E_rev=-80.0)
    conductance = recorded(synapse, "g_syn")
    assert conductance.unit == "nS"
    np.testing.assert_allclose(conductance.values[:, 0], summed(synapse, conductance.times), rtol=0, atol=1e-12)
    net = ss.Network()
    source = net.population("source", 1, ss.SpikeTimes([TIMES]))
    cell = net.population("cell", 1, ss.LIF(V_th=np.inf))
    net.connect(source, cell, ss.all_to_all(), weight=2.0, delay=DELAY, synapse=synapse)
    net.record(cell, "v", "I_syn", "g_syn")
    traces = net.run(30.0, progress=False).traces["cell"]
    expected = traces["g_syn"].values * (-80.0 - traces["v"].values)
    np.testing.assert_allclose(traces["I_syn"].values, expected, atol=1e-12)


@pytest.mark.parametrize("n", range(4))
def test_charge_of_a_spike_is_its_weight(n: int) -> None:
    """All charge that enters a membrane without leak stays in it: C_m dV = weight (area-normalised, notes 1.7)."""
    net = ss.Network()
    source = net.population("source", 1, ss.SpikeTimes([[1.0]]))
    cell = net.population("cell", 1, ss.LIF(tau_m=1e15, C_m=1.0, E_L=0.0, V_th=np.inf, V_reset=-1.0))
    net.connect(source, cell, ss.all_to_all(), weight=0.7, delay=1.0, synapse=ss.Gamma(n, 1.0))
    net.record(cell, "v")
    v = net.run(80.0, progress=False).traces["cell"]["v"].values[-1, 0]
    assert v == pytest.approx(0.7, abs=1e-12)


def test_a_synapse_that_is_not_there() -> None:
    with pytest.raises(ss.SpikesimError, match=r"AMPA.*I_Exponential"):
        recorded(ss.Exponential(2.0), "I_AMPA")


def test_two_synapses_of_one_kind_are_told_apart() -> None:
    fast, slow = ss.Exponential(2.0), ss.Exponential(20.0)
    net = ss.Network()
    source = net.population("source", 1, ss.SpikeTimes([TIMES]))
    cell = net.population("cell", 1, ss.LIF(V_th=np.inf))
    for k, synapse in enumerate((slow, fast)):
        net.connect(source, cell, ss.all_to_all(), weight=WEIGHT, delay=DELAY, synapse=synapse, name=str(k))
    net.record(cell, "I_Exponential", "I_Exponential_2", "I_syn")
    traces = net.run(40.0, progress=False).traces["cell"]
    t = traces["I_syn"].times
    np.testing.assert_allclose(traces["I_Exponential"].values[:, 0], summed(fast, t), atol=1e-12)
    np.testing.assert_allclose(traces["I_Exponential_2"].values[:, 0], summed(slow, t), atol=1e-12)
    np.testing.assert_allclose(traces["I_syn"].values[:, 0], summed(slow, t) + summed(fast, t), atol=1e-12)
