"""Truth: quadrature (SciPy) of the linear membrane, one neuron after another; and how often a stimulus is asked."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.integrate import quad

import spikesim as ss
from spikesim.engine.clock.build import build
from spikesim.grid import Grid
from spikesim.program import propagator
from spikesim.program.program import Program

C, TAUS = 250.0, np.array([0.4, 10.0, 35.0])
TIMES = np.array([0.13, 1.02, 1.05, 1.0751, 2.5, 4.99, 7.7])
VALUES = np.array([0.0, 300.0, -200.0, 500.0, 100.0, 50.0, 80.0])


def response(stimulus: ss.Waveform, column: int | None, tau: float, t: float) -> float:
    """v(t) = integral of exp(-(t - s) / tau) I(s) / C ds."""

    def value(s: float) -> float:
        found = np.asarray(stimulus.value(np.array([s])))
        return float(np.exp(-(t - s) / tau) * (found[0] if column is None else found[0, column]) / C)

    edges = [0.0, *(b for b in stimulus.breaks() if 0.0 < b < t), t]
    return sum(quad(value, a, b, epsabs=1e-13, epsrel=1e-13)[0] for a, b in itertools.pairwise(edges))


def traces(stimulus: object, tau: object, duration: float, selection: object = slice(None)) -> ss.Traces:
    net = ss.Network()
    cells = net.population("cells", 3, ss.LIF(tau_m=tau, C_m=C, E_L=0.0, V_th=np.inf, V_reset=-1.0))
    net.inject(cells[selection], stimulus)
    net.record(cells, "v")
    return net.run(duration, progress=False).traces["cells"]["v"]


@pytest.mark.parametrize("wide", [False, True], ids=["one for all", "one a target"])
@pytest.mark.parametrize("tau", [10.0, TAUS], ids=["one tau", "own tau"])
@pytest.mark.parametrize("kind", ["waveform", "sine"])
def test_currents_that_change_anywhere_in_a_step(kind: str, tau: object, wide: bool) -> None:
    scale = np.array([1.0, -0.5, 2.0])
    if kind == "waveform":
        stimulus: object = ss.Waveform(TIMES, VALUES[:, None] * scale if wide else VALUES)
    else:
        stimulus = ss.Sine(300.0 * scale if wide else 300.0, 40.0, phase=0.3, start=1.0, stop=5.0)
    found = traces(stimulus, tau, 9.0)
    for k, t in itertools.product(range(3), (10, 12, 27, 89)):
        expected = response(stimulus, k if wide else None, float(np.broadcast_to(tau, 3)[k]), found.times[t])  # type: ignore[arg-type]
        assert found.values[t, k] == pytest.approx(expected, rel=1e-11, abs=1e-11)


def test_only_the_targets_feel_it() -> None:
    stimulus = ss.Waveform(TIMES, VALUES[:, None] * np.array([1.0, 3.0]))
    found = traces(stimulus, TAUS, 5.0, [2, 0])
    assert np.all(found.values[:, 1] == 0.0)
    assert found.values[-1, 2] == pytest.approx(response(stimulus, 0, TAUS[2], found.times[-1]), rel=1e-11)
    assert found.values[-1, 0] == pytest.approx(response(stimulus, 1, TAUS[0], found.times[-1]), rel=1e-11)


class Counted(ss.Waveform):
    """Counts how often it is asked."""

    def value(self, t: np.ndarray) -> np.ndarray:
        calls.append(np.size(t))
        return super().value(t)


calls: list[int] = []


@pytest.mark.parametrize("wide", [False, True])
def test_a_sampled_current_off_the_grid_is_asked_for_in_one_go(wide: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """At 44.1 kHz each step has four or five breaks: as many values, and no more questions, than samples."""
    times = np.arange(1.0, 40.0, 1 / 44.1)
    values = np.sin(times)
    net = ss.Network()
    cells = net.population("cells", 3, ss.LIF())
    net.inject(cells, Counted(times, np.stack([values] * 3, axis=1) if wide else values))
    exponentials = []
    expm = propagator.expm
    monkeypatch.setattr(propagator, "expm", lambda M: exponentials.append(M) or expm(M))
    engine = build(Program(net, Grid(0.1), 1), 1)
    calls.clear()
    engine.advance(400)
    assert len(calls) < 12 and sum(calls) < 8 * (times.size + 800)
    assert len(exponentials) < 100


def test_neurons_that_differ_in_their_constant_current_take_one_exponential(monkeypatch: pytest.MonkeyPatch) -> None:
    """Truth: the exponential of each neuron's own system."""
    net = ss.Network(seed=1)
    currents = np.linspace(100.0, 700.0, 500)
    cells = net.population("cells", 500, ss.LIF(I_e=currents))
    net.connect(cells, cells, ss.fixed_indegree(3), weight=10.0, delay=1.0, synapse=ss.Alpha(2.0))
    program = Program(net, Grid(0.1), 1)
    linear = program.cells[0].linear
    M = propagator.joint(linear, program.cells[0].ports)
    sizes = []
    expm = propagator.expm
    monkeypatch.setattr(propagator, "expm", lambda M: sizes.append(len(M)) or expm(M))
    found = propagator.propagator(M, 0.1)
    assert sizes == [1]
    np.testing.assert_allclose(found, [expm(m * 0.1) for m in M], rtol=1e-13, atol=1e-15)
    sizes.clear()
    mixed = M.copy()
    mixed[::2, 0, 0] *= 2.0  # two leaks, 500 currents
    np.testing.assert_allclose(
        propagator.propagator(mixed, 0.1), [expm(m * 0.1) for m in mixed], rtol=1e-13, atol=1e-15
    )
    assert sizes == [2]
    build(program, 1)
    assert sum(sizes) < 20
