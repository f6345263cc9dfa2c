"""Truth: closed forms and SciPy quadrature of the linear membrane under each stimulus."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from scipy.integrate import quad, solve_ivp

import spikesim as ss
from spikesim.neurons.contract import Input

TAU, C = 10.0, 250.0


def membrane(stimulus: object, duration: float = 30.0, n: int = 1, dt: float = 0.1, **lif: object) -> np.ndarray:
    net = ss.Network()
    parameters = {"tau_m": TAU, "C_m": C, "E_L": 0.0, "V_th": np.inf, "V_reset": -1.0, **lif}
    cell = net.population("cell", n, ss.LIF(**parameters))
    net.inject(cell, stimulus)
    net.record(cell, "v")
    return net.run(duration, dt=dt, progress=False).traces["cell"]["v"].values


def convolved(stimulus: object, t: float, points: list[float]) -> float:
    """v(t) = integral of exp(-(t - s) / tau) I(s) / C ds."""

    def value(s: float) -> float:
        return float(np.exp(-(t - s) / TAU) * np.asarray(stimulus.value(np.array([s]))).ravel()[0] / C)

    edges = [0.0, *[p for p in points if 0 < p < t], t]
    return sum(quad(value, a, b, epsabs=1e-13, epsrel=1e-13)[0] for a, b in itertools.pairwise(edges))


@pytest.mark.parametrize(
    ("stimulus", "points"),
    [
        (ss.DC(500.0, start=3.0, stop=12.0), [3.0, 12.0]),
        (ss.Steps([0.0, 5.0, 9.1], [100.0, -300.0, 700.0]), [5.0, 9.1]),
        (ss.Waveform([1.234, 5.0, 17.77], [0.0, 800.0, -200.0]), [1.234, 5.0, 17.77]),
        (ss.Sine(400.0, 35.0, phase=0.3, offset=50.0, start=2.0, stop=21.3), [2.0, 21.3]),
    ],
    ids=["DC", "Steps", "Waveform", "Sine"],
)
def test_exact_for_the_linear_membrane(stimulus: ss.DC, points: list[float]) -> None:
    v = membrane(stimulus)[:, 0]
    for k in (0, 9, 12, 49, 50, 90, 120, 177, 213, 299):
        assert v[k] == pytest.approx(convolved(stimulus, 0.1 * (k + 1), points), abs=2e-11)


def test_one_amplitude_a_target() -> None:
    amplitudes = np.array([0.0, 100.0, -50.0])
    v = membrane(ss.DC(amplitudes), n=3)
    t = 0.1 * np.arange(1, 301)
    np.testing.assert_allclose(v, amplitudes * TAU / C * (1 - np.exp(-t / TAU))[:, None], atol=1e-12)
    table = membrane(ss.Steps([0.0, 10.0], [amplitudes, 2 * amplitudes]), n=3)
    np.testing.assert_allclose(table[:100], v[:100], atol=1e-12)
    assert table[-1, 1] > 1.5 * v[-1, 1]
    sines = membrane(ss.Sine(amplitudes, np.array([5.0, 20.0, 80.0])), n=3)
    single = membrane(ss.Sine(100.0, 20.0))
    np.testing.assert_allclose(sines[:, 1], single[:, 0], atol=1e-11)


def test_parameters_a_neuron_and_a_waveform() -> None:
    """Neurons that differ in tau_m each have their own exact response."""
    taus = np.array([5.0, 10.0, 20.0])
    waveform = ss.Waveform([1.234, 5.0, 17.77], [0.0, 800.0, -200.0])
    v = membrane(waveform, n=3, tau_m=taus, C_m=np.full(3, C))
    single = membrane(waveform)
    np.testing.assert_allclose(v[:, 1], single[:, 0], atol=1e-11)
    assert not np.allclose(v[:, 0], v[:, 2])


def test_part_of_a_population() -> None:
    net = ss.Network()
    cell = net.population("cell", 5, ss.LIF(V_th=np.inf, E_L=0.0, V_reset=-1.0))
    net.inject(cell[[3, 1]], ss.DC(np.array([100.0, 50.0])))
    net.record(cell, "v")
    v = net.run(5.0, progress=False).traces["cell"]["v"].values[-1]
    assert v[0] == v[2] == v[4] == 0.0
    assert v[3] == pytest.approx(2 * v[1])


def test_nonlinear_neuron_under_a_sine() -> None:
    """Hodgkin-Huxley below threshold against SciPy: the mean of the current over a step is of second order."""
    hh, sine = ss.HodgkinHuxley(), ss.Sine(150.0, 50.0)

    def simulated(dt: float) -> float:
        net = ss.Network()
        cell = net.population("cell", 1, hh)
        net.inject(cell, sine)
        net.record(cell, "v")
        return float(net.run(30.0, dt=dt, progress=False).traces["cell"]["v"].values[-1, 0])

    def slope(t: float, y: np.ndarray) -> list[float]:
        u = Input(float(sine.value(np.array([t]))[0]), 0.0)
        return [float(d) for d in type(hh).slope(tuple(y), u, hh)]

    start = [float(s) for s in type(hh).rest(hh)]
    exact = solve_ivp(slope, (0, 30.0), start, rtol=1e-11, atol=1e-11, method="DOP853").y[0, -1]
    errors = np.abs([simulated(dt) - exact for dt in (0.05, 0.025)])
    assert errors[1] < 1e-3
    assert np.log2(errors[0] / errors[1]) == pytest.approx(2.0, abs=0.2)


def test_noise_has_its_moments_and_holds() -> None:
    """Var V of a membrane under held noise: sd^2 (tau/C)^2 (1 - q) / (1 + q), q = exp(-dt_noise / tau)."""
    v = membrane(ss.Noise(100.0, 300.0, dt=1.0), duration=400.0, n=400)[1000:]
    q = np.exp(-1.0 / TAU)
    assert v.mean() == pytest.approx(100.0 * TAU / C, abs=0.02 * 300 * TAU / C)
    assert v[9::10].var() == pytest.approx((300.0 * TAU / C) ** 2 * (1 - q) / (1 + q), rel=0.05)


def test_white_noise_of_two_neurons_is_independent() -> None:
    v = membrane(ss.Noise(0.0, 300.0, dt=0.1), duration=2000.0, n=2)
    assert abs(np.corrcoef(v.T)[0, 1]) < 0.3


def test_no_current_at_all() -> None:
    """A current that is 0, or has not begun, leaves neurons alone: the tables of a batch without entries."""
    net = ss.Network()
    cells = net.population("cells", 4, ss.LIF(E_L=-70.0))
    net.inject(cells, ss.DC(np.zeros(4)))
    net.inject(cells, ss.DC(100.0, start=50.0))
    net.record(cells, "v", every=1.0)
    v = net.run(20.0, dt=0.1, progress=False).traces["cells"]["v"].values
    assert np.all(v == -70.0)


def test_noise_is_held_for_its_interval() -> None:
    """Without a leak v rises by the current: the same rise in all steps of an interval, another in the next."""
    v = membrane(ss.Noise(0.0, 300.0, dt=0.5), duration=2.5, n=3, tau_m=1e15)
    rise = np.diff(np.concatenate((np.zeros((1, 3)), v)), axis=0).reshape(5, 5, 3)
    assert np.ptp(rise, axis=1).max() < 1e-12 and np.abs(np.diff(rise[:, 0], axis=0)).min() > 1e-6
    assert len(np.unique(rise[:, 0].round(9))) == 15


@pytest.mark.parametrize("engine", ["clock", "event"])
@pytest.mark.parametrize("n", [1, 2, 3])
def test_amplitudes_of_few_targets(n: int, engine: str) -> None:
    """tau I / C (1 - exp(-t / tau)), each its own."""
    amplitudes = np.array([100.0, -50.0, 30.0])[:n]
    net = ss.Network()
    cells = net.population("cells", n, ss.LIF(tau_m=TAU, C_m=C, E_L=0.0, V_th=np.inf, V_reset=-1.0))
    net.inject(cells, ss.DC(amplitudes))
    net.record(cells, "v", every=1.0)
    v = net.run(3.0, engine=engine, progress=False).traces["cells"]["v"]
    np.testing.assert_allclose(v.values, amplitudes * TAU / C * (1 - np.exp(-v.times[:, None] / TAU)), atol=1e-12)


@pytest.mark.parametrize("stimulus", [ss.WhiteNoise, lambda sd: ss.OrnsteinUhlenbeck(10.0, sd, 5.0)])
@pytest.mark.parametrize("model", [ss.LIF(V_th=np.inf), ss.EIF()], ids=["linear", "nonlinear"])
def test_noise_listed_a_neuron_is_the_same_noise(stimulus: Any, model: Any) -> None:
    """The same sd for each does what one sd for all does; another sd, as much more of the same noise."""

    def v(sd: Any) -> np.ndarray:
        net = ss.Network(seed=2)
        cells = net.population("cells", 3, model)
        net.inject(cells, stimulus(sd))
        net.record(cells, "v")
        return net.run(1.5, progress=False).traces["cells"]["v"].values

    one, silent = v(200.0), v(0.0)
    assert np.ptp(one[-1]) > 1e-3
    np.testing.assert_allclose(v(np.full(3, 200.0)), one, atol=1e-11)
    mixed = v(np.array([200.0, 100.0, 0.0]))
    np.testing.assert_allclose(mixed[:, [0, 2]], np.stack([one[:, 0], silent[:, 2]], axis=1), atol=1e-11)
    half = silent[:, 1] + 0.5 * (one[:, 1] - silent[:, 1])
    np.testing.assert_allclose(mixed[:, 1], half, atol=1e-10 if isinstance(model, ss.LIF) else 1e-2)
