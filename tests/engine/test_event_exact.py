"""Truth: an independent simulator at 40 digits (tests/engine/exact.py) and closed forms at 40 digits."""

from __future__ import annotations

import math

import mpmath as mp
import numpy as np
import pytest
from scipy import special
from scipy.optimize import brentq

import spikesim as ss
from spikesim import learn
from spikesim.jit import JIT

from . import exact

LIF = {"tau_m": 10.0, "C_m": 250.0, "E_L": 0.0, "V_th": 15.0, "V_reset": 1.0, "t_ref": 1.7}
KINDS = {
    "delta": (ss.Delta(), exact.Port(-1, 1.0, 1), 4.0),
    "half": (ss.Exponential(5.0), exact.Port(0, 5.0, 1), 700.0),
    "equal": (ss.Exponential(10.0), exact.Port(0, 10.0, 1), 400.0),
    "near": (ss.Exponential(10.0 + 1e-9), exact.Port(0, 10.0 + 1e-9, 1), 400.0),
    "slow": (ss.Exponential(60.0), exact.Port(0, 60.0, 1), 150.0),
    "fast": (ss.Exponential(0.3), exact.Port(0, 0.3, 1), 6000.0),
    "alpha": (ss.Alpha(2.0), exact.Port(1, 2.0, mp.e), 800.0),
    "alpha, near": (ss.Alpha(10.0 - 1e-7), exact.Port(1, 10.0 - 1e-7, mp.e), 250.0),
    "alpha, slow": (ss.Alpha(40.0), exact.Port(1, 40.0, mp.e), 150.0),
    "gamma 2": (ss.Gamma(2, 3.0), exact.Port(2, 3.0, 1 / mp.mpf(3)), 4500.0),
    "gamma 4": (ss.Gamma(4, 12.0), exact.Port(4, 12.0, 1 / mp.mpf(12)), 9000.0),
}


def run(kinds: list[str], arrivals: list[tuple[float, int, float]], stop: float, **changed: float) -> ss.Result:
    """One neuron, one source a port, arrivals as weighted synapses of their own."""
    net = ss.Network()
    v = changed.pop("v", 0.0)
    cell = net.population("cell", 1, ss.LIF(**{**LIF, **changed}), v=v)
    for port, kind in enumerate(kinds):
        own = [(t, w) for t, p, w in arrivals if p == port]
        if own:
            source = net.population(f"source {port}", len(own), ss.SpikeTimes([[t - 0.125] for t, _ in own]))
            pre = np.arange(len(own))
            weight = np.array([w for _, w in own])
            net.connect(source, cell, ss.from_pairs(pre, 0 * pre), weight=weight, delay=0.125, synapse=KINDS[kind][0])
    net.record(cell, "spikes")
    net.record(cell, "v", every=stop)
    return net.run(stop, dt=stop, engine="event", threads=1, progress=False)


def drawn(rng: np.random.Generator, kinds: list[str], n: int, stop: float) -> list[tuple[float, int, float]]:
    """Arrivals on no decimal grid, some together (multiples of 2^-20: a delay of 1/8 is exact)."""
    times = np.sort(np.rint(rng.uniform(0.2, stop - 1, n) * 2**20) / 2**20)
    times[1::7] = times[0::7][: times[1::7].size]
    ports = rng.integers(0, len(kinds), n)
    return [(float(t), int(p), float(rng.normal(0.4, 1.0) * KINDS[kinds[p]][2])) for t, p in zip(times, ports)]


@pytest.mark.parametrize(
    "kinds",
    [[k] for k in KINDS]
    + [["delta", "half", "alpha"], ["equal", "near", "fast", "delta"], ["gamma 2", "slow", "alpha, near", "gamma 4"]],
    ids="+".join,
)
def test_spike_times_at_40_digits(kinds: list[str]) -> None:
    rng = np.random.default_rng(sum(map(ord, "".join(kinds))))
    stop = 60.0
    arrivals = drawn(rng, kinds, 60, stop)
    I_e = 330.0
    spikes, v = exact.simulate(exact.Neuron(**LIF, I_e=I_e), [KINDS[k][1] for k in kinds], arrivals, stop)
    result = run(kinds, arrivals, stop, I_e=I_e)
    found = result.spikes["cell"].times
    assert len(spikes) >= 2
    assert found.size == len(spikes)
    assert np.abs(found - spikes).max() < 1e-11
    assert abs(result.traces["cell"]["v"].values[0, 0] - float(v)) < 1e-11


def peak_height(kind: str, weight: float) -> mp.mpf:
    """Largest v after one arrival in a neuron at rest at 0, at 40 digits."""
    port = KINDS[kind][1]
    neuron = exact.Neuron(**{**LIF, "V_th": 1e9})
    state = [mp.mpf(0)] * (port.n + 2)
    state[1] = mp.mpf(weight)
    while True:
        c = exact.series(neuron, [port], state, mp.mpf(0), False)
        derivative = [k * a for k, a in enumerate(c[0])][1:]
        if exact.polynomial(derivative, mp.mpf(exact.PIECE)) < 0:
            top = exact.halve(lambda t, d=derivative: -exact.polynomial(d, t), mp.mpf(0), mp.mpf(exact.PIECE))
            return exact.polynomial(c[0], top)
        state = [exact.polynomial(row, mp.mpf(exact.PIECE)) for row in c]


@pytest.mark.parametrize("kind", [k for k in KINDS if k != "delta"])
def test_grazing_peaks(kind: str) -> None:
    """A peak 1e-9 mV above threshold is a spike, one as much below is none."""
    weight = 2.0 * KINDS[kind][2]
    peak = peak_height(kind, weight)
    arrival = [(0.5, 0, weight)]
    below, above = float(peak * (1 + mp.mpf("1e-9") / peak)), float(peak - mp.mpf("1e-9"))
    assert run([kind], arrival, 200.0, V_th=below).spikes["cell"].times.size == 0
    found = run([kind], arrival, 200.0, V_th=above).spikes["cell"].times
    port = KINDS[kind][1]
    spikes, _ = exact.simulate(exact.Neuron(**{**LIF, "V_th": above}), [port], arrival, 100.0)
    assert found.size == len(spikes) == 1
    # where v is within its last bits of the threshold for a time, so is the crossing
    slope = math.sqrt(2e-9 * 0.05)
    assert abs(found[0] - spikes[0]) < max(1e-9, 2e-14 / slope)


def test_two_crossings_in_a_moment() -> None:
    """v rises over threshold and falls below it within microseconds: excitation and inhibition nearly together."""
    arrivals = [(1.0, 0, 4.0e6), (1.0 + 2**-12, 0, -4.0e6)]
    neuron = exact.Neuron(**{**LIF, "V_th": 3.9, "t_ref": 0.0})
    spikes, _ = exact.simulate(neuron, [KINDS["fast"][1]], arrivals, 3.0)
    found = run(["fast"], arrivals, 3.0, V_th=3.9, t_ref=0.0).spikes["cell"].times
    assert len(spikes) == found.size == 1
    assert abs(found[0] - spikes[0]) < 1e-12


@pytest.mark.filterwarnings("ignore:LIF. t_ref")  # 1e-7 ms is meant
@pytest.mark.parametrize("t_ref", [0.0, 1e-7, 0.123456789, 7.1])
def test_right_after_refractoriness(t_ref: float) -> None:
    """A strong slow current fires the neuron again as soon as it is released."""
    arrivals = [(0.25, 0, 20000.0), (4.0, 0, 20000.0)]
    spikes, _ = exact.simulate(exact.Neuron(**{**LIF, "t_ref": t_ref}), [KINDS["slow"][1]], arrivals, 8.0)
    found = run(["slow"], arrivals, 8.0, t_ref=t_ref).spikes["cell"].times
    assert found.size == len(spikes) > 1
    assert np.abs(found - spikes).max() < 1e-12


def test_inputs_at_the_same_time() -> None:
    """They add up before the threshold is tested: +20 and -20 mV together are no spike, +20 mV alone is one."""
    together = [(2.0, 0, 20.0), (2.0, 0, -20.0)]
    assert run(["delta"], together, 5.0).spikes["cell"].times.size == 0
    assert run(["delta"], [(2.0, 0, 8.0), (2.0, 0, 8.0)], 5.0).spikes["cell"].times.tolist() == [2.0]
    assert run(["delta"], [(2.0, 0, 20.0), (2.0 + 2**-40, 0, -20.0)], 5.0).spikes["cell"].times.tolist() == [2.0]


def test_delta_while_refractory() -> None:
    """Dropped up to the release; with refractory_input it decays with tau_m and is added at the release."""
    arrivals = [(1.0, 0, 20.0), (1.5, 0, 5.0), (4.0, 0, 1.0)]
    trace = run(["delta"], arrivals, 6.0, t_ref=2.0).traces["cell"]["v"].values[0, 0]
    assert trace == pytest.approx((1.0 * math.exp(-0.1) + 1.0) * math.exp(-0.2), rel=1e-15)
    net = ss.Network()
    cell = net.population("cell", 1, ss.LIF(**{**LIF, "t_ref": 2.0}), v=0.0)
    source = net.population("s", 1, ss.SpikeTimes([[0.5]]))
    net.connect(source, cell, ss.all_to_all(), weight=20.0, delay=0.5, synapse=ss.Delta())
    net.connect(source, cell, ss.all_to_all(), weight=5.0, delay=1.0, synapse=ss.Delta(refractory_input=True))
    net.record(cell, "v", every=3.5)
    v = net.run(3.5, dt=0.5, engine="event", progress=False).traces["cell"]["v"].values[0, 0]
    assert v == pytest.approx((1.0 + 5.0 * math.exp(-0.15)) * math.exp(-0.05), rel=1e-15)


def test_a_single_digit_of_delay_and_refractoriness_counts() -> None:
    """A chain of Delta synapses: spikes at the sums of their odd delays, to the bit."""
    delays = [0.1234567890123, 1e-5, 3.3333333333333335, math.pi]
    net = ss.Network()
    chain = [net.population("0", 1, ss.SpikeTimes([[0.7]]))]
    for k, delay in enumerate(delays):
        chain.append(net.population(str(k + 1), 1, ss.LIF(**LIF)))
        net.connect(chain[k], chain[k + 1], ss.all_to_all(), weight=16.0, delay=delay, synapse=ss.Delta())
        net.record(chain[-1], "spikes")
    result = net.run(10.0, engine="event", progress=False)
    t = 0.7
    for k, delay in enumerate(delays):
        t += delay
        assert result.spikes[str(k + 1)].times.tolist() == [t]


def test_tuning_curve_of_the_normalised_lif() -> None:
    """Notes 1.4: G(v_in) with relative error < 1e-6 (here 1e-12), nothing at v_in <= 1."""
    v_in = np.concatenate(([-3.0, 0.0, 1.0], 1.0 + np.geomspace(1e-9, 19.0, 60)))
    model = ss.LIF.normalized(v_in=v_in)
    net = ss.Network()
    cells = net.population("cells", v_in.size, model, v=0.0)
    net.record(cells, "spikes")
    spikes = net.run(5000.0, dt=1.0, engine="event", threads=1, progress=False).spikes["cells"]
    for k, drive in enumerate(v_in):
        times = spikes.times[spikes.ids == k]
        if drive <= 1:
            assert times.size == 0
            continue
        interval = float(-20 * mp.log(1 - 1 / mp.mpf(drive)))
        digit = 20.0 * 4e-16 * drive / (drive - 1.0)  # what the last digit of the drive is worth
        assert abs(times[0] - interval) <= 4e-15 * interval + digit
        rate = 1000.0 / np.diff(times[:20]).mean()
        assert rate == pytest.approx(1000 / (2 + interval), rel=1e-12 + digit / interval)


def test_voltage_of_the_normalised_lif() -> None:
    """Notes 1.4: v(t) = v_in (1 - exp(-t / tau)) to 1e-12."""
    net = ss.Network()
    cells = net.population("cells", 3, ss.LIF.normalized(v_in=np.array([0.3, 0.999, 1.0])), v=0.0)
    net.record(cells, "v", every=0.37)
    trace = net.run(370.0, dt=0.37, engine="event", progress=False).traces["cells"]["v"]
    reference = [[float(mp.mpf(v) * -mp.expm1(-mp.mpf(t) / 20)) for v in (0.3, 0.999, 1.0)] for t in trace.times]
    assert np.abs(trace.values - reference).max() < 1e-14


@pytest.mark.parametrize(
    "synapse", [ss.Exponential(7.3, normalize="area"), ss.Gamma(3, 2.1), ss.Alpha(4.4, normalize="area")]
)
def test_charge_of_a_spike_is_its_weight(synapse: ss.Synapse) -> None:
    """Notes 1.7: the current is weight times a kernel of area 1 (to 1e-12); a perfect integrator collects it."""
    net = ss.Network()
    tau_m = 1e9  # (a leak of 1e-9 / ms over 400 ms: corrected below)
    cell = net.population("cell", 1, ss.LIF(tau_m=tau_m, C_m=1.0, E_L=0.0, V_th=1e9, V_reset=0.0), v=0.0)
    source = net.population("source", 1, ss.SpikeTimes([[0.1]]))
    net.connect(source, cell, ss.all_to_all(), weight=1.0, delay=0.1, synapse=synapse)
    net.record(cell, "v", every=400.0)
    v = net.run(400.0, dt=400.0, engine="event", progress=False).traces["cell"]["v"].values[0, 0]
    # v = int g(s) exp(-(T - s) / tau_m) ds = exp(-T / tau_m) E[exp(s / tau_m)]
    tau, n = synapse.tau, synapse.n
    T = 400.0 - 0.2
    expected = math.exp(-T / tau_m) * (1.0 - tau / tau_m) ** -(n + 1)
    assert v == pytest.approx(expected, rel=1e-12)


if not JIT:
    pytestmark = pytest.mark.skip(reason="takes minutes in plain Python")


def test_what_the_clock_engine_loses_after_a_crossing_is_of_order_one() -> None:
    """Intervals of a regular train are longer by about dt there, and no more; docs/explained/engines.md says so."""

    def eighth(dt: float, engine: str) -> float:
        net = ss.Network()
        cell = net.population("cell", 1, ss.AdEx(I_e=800.0, t_ref=0.0))
        net.record(cell, "spikes")
        return float(net.run(450.0, dt=dt, engine=engine, progress=False).spikes["cell"].times[7])

    exact = eighth(0.1, "event")
    late = [eighth(dt, "clock") - exact for dt in (0.2, 0.1, 0.05, 0.025)]
    assert all(0.0 < x < 8 * 1.5 * dt + 0.3 for x, dt in zip(late, (0.2, 0.1, 0.05, 0.025)))
    assert late[0] > late[1] > late[2] > late[3] and late[3] < 0.25 * late[0]


#: Integral of the response to a spike of weight 1 from its arrival on, by the regularised incomplete gamma function.
INTEGRALS = {
    "one stage": (ss.Exponential(5.0), lambda t: 5.0 * special.gammainc(1, np.maximum(t, 0.0) / 5.0)),
    "two stages": (ss.Alpha(3.0), lambda t: math.e * 3.0 * special.gammainc(2, np.maximum(t, 0.0) / 3.0)),
    "three stages": (ss.Gamma(2, 2.0), lambda t: special.gammainc(3, np.maximum(t, 0.0) / 2.0)),
}


@pytest.mark.parametrize("current", [0.0, 0.05])
@pytest.mark.parametrize("threshold", [1.0, math.inf])
@pytest.mark.parametrize("kind", INTEGRALS)
def test_a_neuron_without_leak(kind: str, threshold: float, current: float) -> None:
    """What it has taken in is an integral; it fires whenever that passes a multiple of the threshold, or never."""
    synapse, integral = INTEGRALS[kind]
    arrivals, weight = np.arange(2.0, 90.0, 3.0), 1.3 if kind != "three stages" else 6.0
    net = ss.Network()
    cell = net.population("cell", 1, learn.IntegrateAndFire(gain=0.1, V_th=threshold, I_e=current))
    source = net.population("source", 1, ss.SpikeTimes([arrivals - 1.0]))
    net.connect(source, cell, ss.all_to_all(), weight=weight, delay=1.0, synapse=synapse)
    net.record(cell, "spikes", "v", every=10.0)
    result = net.run(100.0, engine="event", progress=False)

    def taken(t: float) -> float:
        return float(0.1 * (current * t + weight * np.sum(integral(t - arrivals))))

    n = int(taken(100.0)) if threshold == 1.0 else 0
    exact = [brentq(lambda t: taken(t) - k, 0.0, 100.0, xtol=1e-13) for k in range(1, n + 1)]  # noqa: B023
    assert threshold == math.inf or n > 5
    np.testing.assert_allclose(result.spikes["cell"].times, exact, rtol=0.0, atol=1e-9)
    v = result.traces["cell"]["v"]
    left = [taken(t) % 1.0 if n else taken(t) for t in v.times]
    np.testing.assert_allclose(v.values[:, 0], left, atol=1e-10)
