"""Truth: SciPy at a tolerance of 1e-12; the clock engine where it is exact; measured order where it is not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.integrate import solve_ivp

import spikesim as ss
from spikesim.jit import JIT
from spikesim.neurons.contract import Input

pytestmark = [] if JIT else [pytest.mark.skip(reason="takes minutes in plain Python")]

MODELS = {
    "AdEx": (ss.AdEx(V_peak=-20.0, t_ref=1.3, I_e=800.0), 100.0),
    "Izhikevich": (ss.Izhikevich(I_e=10.0), 100.0),
    "HodgkinHuxley": (ss.HodgkinHuxley(), 60.0),
    "TraubMiles": (ss.TraubMiles(I_e=300.0), 60.0),
}


def strong(model: Any) -> Any:
    """Hodgkin and Huxley's axon under a current of 10 uA/cm^2, whatever its area."""
    return model._replace(I_e=10.0 * model.C_m) if isinstance(model, ss.HodgkinHuxley) else model


def reference(model: Any, start: np.ndarray, stop: float) -> np.ndarray:
    """Spike times by SciPy's DOP853 at 1e-12."""
    cls = type(model)
    held = [state in cls.clamped for state in cls.states]
    t, s, spikes = 0.0, np.array(start), []

    def slope(t: float, s: np.ndarray) -> list[float]:
        return [float(v) for v in cls.slope(tuple(s), Input(0.0, 0.0), model)]

    def margin(t: float, s: np.ndarray) -> float:
        return float(cls.margin(tuple(s), model))

    margin.direction, margin.terminal = 1, cls.reset is not None  # type: ignore[attr-defined]
    while t < stop:
        path = solve_ivp(slope, (t, stop), s, method="DOP853", rtol=1e-12, atol=1e-13, events=margin)
        if cls.reset is None:
            return path.t_events[0]
        if not path.t_events[0].size:
            break
        t = path.t[-1]
        spikes.append(t)
        s = np.array([float(v) for v in cls.reset(tuple(path.y[:, -1]), model)])
        t_ref = getattr(model, "t_ref", 0.0)
        if t_ref:

            def waiting(t: float, s: np.ndarray) -> list[float]:
                return [0.0 if h else d for d, h in zip(slope(t, s), held)]

            s = solve_ivp(waiting, (t, t + t_ref), s, method="DOP853", rtol=1e-12, atol=1e-13).y[:, -1]
            t += t_ref
    return np.array(spikes)


@pytest.mark.parametrize("name", MODELS)
def test_spike_times_converge_to_scipy(name: str) -> None:
    model, stop = strong(MODELS[name][0]), MODELS[name][1]
    errors = []
    for rtol in (1e-5, 1e-7, 1e-9, 1e-11):
        net = ss.Network()
        cell = net.population("cell", 1, model)
        net.record(cell, "spikes")
        sim = ss.Simulation(net, engine="event", threads=1, rtol=rtol, atol=max(1e-2 * rtol, 1e-13))
        found = sim.run(stop, progress=False).spikes["cell"].times
        if not errors:
            expected = reference(model, sim.program.cells[0].initial[:, 0], stop)
            assert expected.size >= 2
        assert found.size == expected.size
        errors.append(np.abs(found - expected).max())
    assert errors[0] < 0.05
    assert errors[2] < 1e-5
    assert errors[3] < 1e-6
    assert errors[3] < 1e-3 * errors[0] + 1e-8


def test_conductance_synapses() -> None:
    """One spike onto a LIF through AMPA and an alpha conductance: v against SciPy."""
    net = ss.Network()
    cell = net.population("cell", 1, ss.LIF(V_th=1e9))
    source = net.population("source", 1, ss.SpikeTimes([[0.3]]))
    synapses = [ss.ConductanceExponential(2.0, 0.0), ss.ConductanceAlpha(3.0, -80.0), ss.Exponential(1.0)]
    for synapse, weight in zip(synapses, (40.0, 30.0, 100.0)):
        net.connect(source, cell, ss.all_to_all(), weight=weight, delay=0.77, synapse=synapse)
    net.record(cell, "v", "g_syn", "I_syn", every=0.5)
    traces = ss.Simulation(net, engine="event", rtol=1e-10, atol=1e-11).run(20.0, progress=False).traces["cell"]
    p = ss.LIF()

    def slope(t: float, s: np.ndarray) -> list[float]:
        x = t - 1.07
        g1, g2, i = 40 * np.exp(-x / 2), 30 * x / 3 * np.exp(1 - x / 3), 100 * np.exp(-x)
        return [(-(p.C_m / p.tau_m) * (s[0] - p.E_L) + g1 * (0 - s[0]) + g2 * (-80 - s[0]) + i) / p.C_m]

    times = traces["v"].times
    after = times[times > 1.07]
    path = solve_ivp(slope, (1.07, 20.0), [p.E_L], method="DOP853", rtol=1e-12, atol=1e-13, t_eval=after)
    assert np.abs(traces["v"].values[times > 1.07, 0] - path.y[0]).max() < 1e-8
    x = after - 1.07
    g = 40 * np.exp(-x / 2) + 30 * x / 3 * np.exp(1 - x / 3)
    assert np.abs(traces["g_syn"].values[times > 1.07, 0] - g).max() < 1e-12


STIMULI = {
    "DC": ss.DC(300.0, start=3.3, stop=41.2),
    "Steps": ss.Steps([1.0, 5.5, 20.1], [200.0, -100.0, 350.0]),
    "Waveform": ss.Waveform([2.03, 7.7, 30.0], [0.0, 500.0, -200.0]),
    "Sine": ss.Sine(200.0, 37.0, phase=0.3, offset=50.0, start=2.0, stop=33.3),
    "Noise": ss.Noise(100.0, 300.0, dt=0.5),
}


@pytest.mark.parametrize("kind", STIMULI)
def test_stimuli_against_the_clock_engine(kind: str) -> None:
    """Below threshold a LIF on the grid is exact at its samples: both engines give the same v."""
    net = ss.Network(seed=2)
    cells = net.population("cells", 3, ss.LIF(V_th=1e9, tau_m=np.array([5.0, 10.0, 30.0])))
    net.inject(cells, STIMULI[kind])
    net.record(cells, "v")
    exact = net.run(50.0, engine="event", progress=False).traces["cells"]["v"].values
    clock = net.run(50.0, engine="clock", progress=False).traces["cells"]["v"].values
    assert np.ptp(clock) > 1.0
    assert np.abs(exact - clock).max() < 1e-10


def test_crossings_under_a_sine() -> None:
    """Spikes of a driven LIF converge to those of the event engine as dt falls: order 1 of the grid."""
    net = ss.Network()
    cell = net.population("cell", 1, ss.LIF())
    net.inject(cell, ss.Sine(300.0, 20.0, offset=350.0))
    net.record(cell, "spikes")
    exact = net.run(200.0, engine="event", progress=False).spikes["cell"].times
    assert exact.size > 5
    for dt in (0.1, 0.01):
        late = net.run(200.0, dt=dt, progress=False).spikes["cell"].times - exact
        assert np.all(late > -1e-9)
        assert late.max() < dt * 2 * exact.size


def test_statistics_agree_with_the_clock_engine() -> None:
    """A balanced network at dt = 0.02: rates of both engines agree within sampling."""
    net = ss.Network(seed=5)
    lif = ss.LIF(tau_m=20.0, E_L=0.0, V_th=20.0, V_reset=10.0, t_ref=2.0)
    exc, inh = (net.population(name, n, lif, v=ss.uniform(0.0, 20.0)) for name, n in (("exc", 400), ("inh", 100)))
    net.background(exc + inh, rate=9000.0, weight=0.15, synapse=ss.Delta())
    net.connect(exc, exc + inh, ss.fixed_indegree(40), weight=0.3, delay=1.5, synapse=ss.Delta())
    net.connect(inh, exc + inh, ss.fixed_indegree(10), weight=-1.5, delay=1.5, synapse=ss.Delta())
    net.record(exc, "spikes")
    rates = [net.run(500.0, dt=0.02, engine=e, progress=False).spikes["exc"].rate() for e in ("event", "clock")]
    assert rates[0] > 5.0
    assert rates[0] == pytest.approx(rates[1], rel=0.08)


@pytest.mark.parametrize("rtol", [0.0, -1.0, 2.0, float("nan")])
def test_tolerances_are_checked(rtol: float) -> None:
    net = ss.Network()
    net.population("cell", 1, ss.LIF())
    with pytest.raises(ss.errors.InvalidValueError, match="rtol"):
        ss.Simulation(net, engine="event", rtol=rtol)


def test_delays_drawn_below_zero_are_refused() -> None:
    net = ss.Network()
    cells = net.population("cells", 50, ss.LIF())
    net.connect(cells, cells, ss.all_to_all(), weight=1.0, delay=ss.normal(1.0, 1.0), synapse=ss.Delta())
    with pytest.raises(ss.errors.InvalidValueError, match="delay"):
        net.run(1.0, engine="event", progress=False)
