"""Truth: the kernels of the notes 1.6, s(t) = sum over spikes of weight h(t - t_p), and their areas."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pytest
from scipy.linalg import expm

import spikesim as ss
from spikesim.neurons.contract import input_of
from spikesim.synapses import Input, equation
from spikesim.synapses import synapse as declared

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
    traces = net.run(4.0, engine="event", progress=False).traces["cell"]
    expected = traces["g_syn"].values * (-80.0 - traces["v"].values)
    assert traces["g_syn"].values.max() > 1.0
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


@dataclass(frozen=True)
class Coupled(ss.synapses.contract.Synapse):
    """Two states that feed each other."""

    rates: tuple[tuple[float, float], tuple[float, float]]
    label = "Coupled"

    @property
    def matrix(self) -> np.ndarray:
        return np.array(self.rates)

    @property
    def gain(self) -> float:
        return 2.0

    def psc(self, t: object) -> np.ndarray:
        t = np.asarray(t, np.float64)
        values = [self.gain * expm(self.matrix * age)[-1, 0] if age >= 0 else 0.0 for age in t.ravel()]
        return np.reshape(values, t.shape)


@pytest.mark.parametrize(
    "rates", [((-0.3, 0.1), (0.2, -0.4)), ((-0.5, 0.0), (0.5, -1 / 9)), ((-0.1, -0.4), (0.4, -0.1))]
)
def test_a_filter_of_any_matrix(rates: tuple[tuple[float, float], tuple[float, float]]) -> None:
    """Truth: the matrix exponential (SciPy)."""
    synapse = Coupled(rates)
    trace = recorded(synapse, synapse)  # type: ignore[arg-type]
    np.testing.assert_allclose(trace.values[:, 0], summed(synapse, trace.times), rtol=0, atol=1e-12)  # type: ignore[arg-type]
    nonlinear = ss.Network()  # another part of the loop advances filters of nonlinear neurons
    source = nonlinear.population("source", 1, ss.SpikeTimes([TIMES]))
    cell = nonlinear.population("cell", 1, ss.HodgkinHuxley())
    nonlinear.connect(source, cell, ss.all_to_all(), weight=WEIGHT, delay=DELAY, synapse=synapse)
    nonlinear.record(cell, synapse)
    trace = nonlinear.run(60.0, progress=False).traces["cell"]["I_Coupled"]
    np.testing.assert_allclose(trace.values[:, 0], summed(synapse, trace.times), rtol=0, atol=1e-12)  # type: ignore[arg-type]


TAUS = np.array([2.0, 10.0, 50.0])


@pytest.mark.parametrize("engine", ["clock", "event"])
@pytest.mark.parametrize("silent", [False, True])
@pytest.mark.parametrize("taus", [TAUS, TAUS[1:2], 10.0], ids=["each its own", "one neuron", "one for all"])
def test_what_refractoriness_keeps_decays_with_each_neurons_own_time_constant(
    taus: object, silent: bool, engine: str
) -> None:
    """v = w exp(-(t - s) / tau_m) from the release on, for a jump w at s while refractory: as if nothing held it."""
    net = ss.Network()
    n = np.size(taus)
    model = ss.LIF(E_L=0.0, V_reset=0.0, V_th=15.0, t_ref=5.0, tau_m=taus, C_m=100.0)
    cells = net.population("cells", n, model)
    first, later = (
        net.population("first", 1, ss.SpikeTimes([[1.0]])),
        net.population("later", 1, ss.SpikeTimes([[2.0]])),
    )
    kept = ss.Delta(refractory_input=True)
    net.connect(first, cells, ss.all_to_all(), weight=20.0, delay=1.0, synapse=kept)
    net.connect(later, cells, ss.all_to_all(), weight=3.0, delay=1.0, synapse=kept)
    if silent:  # with a conductance the neurons are integrated another way
        net.connect(first, cells, ss.all_to_all(), weight=0.0, delay=1.0, synapse=ss.ConductanceExponential(5.0, 0.0))
    net.record(cells, "v", "spikes")
    result = net.run(12.0, engine=engine, progress=False)
    assert result.spikes["cells"].times.tolist() == [2.0] * n
    v = result.traces["cells"]["v"]
    after = v.times > 7.05
    expected = 3.0 * np.exp(-(v.times[after, None] - 3.0) / np.atleast_1d(taus))
    np.testing.assert_allclose(v.values[after], expected, rtol=1e-6 if silent else 1e-12)
    assert np.all(v.values[(v.times > 2.05) & (v.times < 6.95)] == 0.0)


@ss.model(states=("v",), clamped=())
class Free(NamedTuple):
    """A membrane that nothing holds while its t_ref runs."""

    tau_m: float = 10.0
    t_ref: float = 5.0
    bend: float = 0.0

    @ss.equation
    def slope(s, u, p):
        return ((-s[0] - p.bend * s[0] * s[0] * s[0]) / p.tau_m,)

    @ss.equation
    def margin(s, p):
        return s[0] - 15.0

    @ss.equation
    def reset(s, p):
        return (0.0 * s[0],)

    @ss.equation
    def rest(p):
        return (0.0,)


@pytest.mark.parametrize("kept", [False, True])
@pytest.mark.parametrize("bend", [0.0, 1e-30], ids=["linear", "nonlinear"])
def test_a_jump_is_added_where_nothing_is_held(bend: float, kept: bool) -> None:
    net = ss.Network()
    cell = net.population("cell", 1, Free(bend=bend))
    first, later = (
        net.population("first", 1, ss.SpikeTimes([[1.0]])),
        net.population("later", 1, ss.SpikeTimes([[2.0]])),
    )
    for source, weight in ((first, 20.0), (later, 3.0)):
        synapse = ss.Delta(refractory_input=kept)
        net.connect(source, cell, ss.all_to_all(), weight=weight, delay=1.0, synapse=synapse)
    net.record(cell, "v")
    v = net.run(10.0, progress=False).traces["cell"]["v"]
    expected = np.where(v.times > 2.95, 3.0 * np.exp(-(v.times - 3.0) / 10.0), 0.0)
    np.testing.assert_allclose(v.values[v.times > 2.05, 0], expected[v.times > 2.05], rtol=1e-6, atol=1e-12)


@declared
class Saturating(NamedTuple):
    """A current that saturates: 10 s / (1 + s) pA."""

    tau: float = 5.0
    states = ("s",)

    @equation
    def slope(f, p):
        return (-f[0] / p.tau,)

    @equation
    def jump(f, w, p):
        return (f[0] + w,)

    @equation
    def input(f, v, p):
        return Input(10.0 * f[0] / (1.0 + f[0]), 0.0)


@ss.model
class Felt(NamedTuple):
    """A leak that tells what it feels."""

    tau: float = 10.0
    states = ("v",)

    @ss.equation
    def slope(s, u, p):
        return (-s[0] / p.tau + (u.current - u.conductance * s[0]) / 100.0,)

    @ss.equation
    def margin(s, p):
        return s[0] - 1e9

    @ss.equation
    def reset(s, p):
        return (0.0,)

    @ss.equation
    def observe(s, u, p):
        return {"felt": u.current - u.conductance * s[0]}


def test_a_current_that_is_no_linear_filter_is_recorded_as_one() -> None:
    value = Saturating()
    assert value.general and not value.conducts and ss.MgNMDA().conducts
    net = ss.Network()
    source = net.population("source", 1, ss.SpikeTimes([TIMES]))
    cell = net.population("cell", 1, Felt())
    net.connect(source, cell, ss.all_to_all(), weight=1.5, delay=DELAY, synapse=value)
    net.record(cell, value, "I_syn", "felt", "g_syn")
    traces = net.run(30.0, progress=False).traces["cell"]
    times = traces["I_syn"].times
    ages = times[:, None] - np.array(TIMES)[None, :] - DELAY
    s = 1.5 * np.where(ages >= -1e-9, np.exp(-ages / 5.0), 0.0).sum(axis=1)
    for name in ("I_Saturating", "I_syn", "felt"):
        np.testing.assert_allclose(traces[name].values[:, 0], 10.0 * s / (1.0 + s), atol=1e-6, err_msg=name)
    assert traces["I_Saturating"].unit == "pA" and not traces["g_syn"].values.any()


def test_what_is_felt_of_a_conductance_that_is_no_linear_filter() -> None:
    value = ss.MgNMDA(tau=20.0)
    net = ss.Network()
    source = net.population("source", 1, ss.SpikeTimes([TIMES]))
    cell = net.population("cell", 1, Felt())
    net.connect(source, cell, ss.all_to_all(), weight=2.0, delay=DELAY, synapse=value)
    net.record(cell, value, "I_syn", "felt", "v")
    traces = net.run(30.0, progress=False).traces["cell"]
    g, v = traces["g_MgNMDA"].values, traces["v"].values
    assert g.max() > 0.05
    np.testing.assert_allclose(traces["I_syn"].values, g * (value.E_rev - v), atol=1e-9)
    np.testing.assert_allclose(traces["felt"].values, traces["I_syn"].values, atol=1e-9)


@pytest.mark.parametrize("engine", ["clock", "event"])
def test_what_refractoriness_keeps_of_a_nonlinear_model_comes_when_it_ends(engine: str) -> None:
    """From then on v follows its own equation from V_reset and the jump: SciPy, 1e-6 mV at 0.1 ms."""
    from scipy.integrate import solve_ivp

    model = ss.EIF(t_ref=2.0)
    net = ss.Network()
    cell = net.population("cell", 1, model, v=-65.0)
    kept = ss.Delta(refractory_input=True)
    for time, jump in ((1.0, 30.0), (2.0, 5.0)):
        source = net.population(f"source {time}", 1, ss.SpikeTimes([[time]]))
        net.connect(source, cell, ss.all_to_all(), weight=jump, delay=1.0, synapse=kept)
    net.record(cell, "v", "spikes")
    result = net.run(12.0, engine=engine, progress=False)
    (spike,) = result.spikes["cell"].times
    v = result.traces["cell"]["v"]
    begin = spike + model.t_ref
    after = v.times > begin + 1e-9
    u = input_of(ss.EIF.inputs)(0.0)
    exact = solve_ivp(
        lambda t, y: ss.EIF.slope((y[0],), u, model), (begin, 12.0), [model.V_reset + 5.0], "DOP853",
        t_eval=v.times[after], rtol=1e-12, atol=1e-12,
    ).y[0]  # fmt: skip
    np.testing.assert_allclose(v.values[after, 0], exact, atol=1e-6)
