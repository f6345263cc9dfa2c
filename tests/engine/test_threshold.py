"""Who fires and for how long it rests, to the last bit.  Truth: closed forms of the membrane, without rounding."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

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


@ss.model(states=("v",))
class Follows(NamedTuple):
    """A leaky integrator that a spike does not move: it is over its threshold right after it."""

    t_ref: float = 1.0

    @ss.equation
    def slope(s, u, p):
        return ((u.current - s[0]) / 10.0,)

    @ss.equation
    def margin(s, p):
        return s[0] - 1.0

    @ss.equation
    def reset(s, p):
        return (s[0],)


@ss.model(states=("x",), clamped=())
class Falls(NamedTuple):
    """dx/dt = I - x^2, which a spike lifts by 1: from 2 it comes back to 1 within ln 1.5 of its refractory time."""

    t_ref: float = 0.2

    @ss.equation
    def slope(s, u, p):
        return (u.current - s[0] * s[0],)

    @ss.equation
    def margin(s, p):
        return s[0] - 1.0

    @ss.equation
    def reset(s, p):
        return (s[0] + 1.0,)


@pytest.mark.parametrize("hold", [True, False])
@pytest.mark.parametrize("engine", ["clock", "event"])
def test_over_the_threshold_after_a_reset(engine: str, hold: bool) -> None:
    """v = 2 (1 - exp(-t / 10)) is over 1 from 10 ln 2 on; a spike each t_ref from there (on the clock a step later)."""
    net = ss.Network()
    cell = net.population("cell", 1, Follows(hold=hold), v=0.0)
    net.inject(cell, ss.DC(2.0))
    net.record(cell, "spikes")
    times = net.run(20.0, engine=engine, progress=False).spikes["cell"].times
    first, apart = (10.0 * math.log(2.0), 1.0) if engine == "event" else (7.0, 1.1)
    np.testing.assert_allclose(times, np.arange(first, 20.0 + 1e-9, apart), atol=1e-9)


def test_over_the_threshold_when_released() -> None:
    """Of a nonlinear one: it fires when it is released, though it is about to fall through the threshold by itself."""
    net = ss.Network()
    cell = net.population("cell", 1, Falls(), x=0.0)
    net.inject(cell, ss.DC(2.0))
    net.record(cell, "spikes")
    times = net.run(5.0, engine="event", progress=False).spikes["cell"].times
    first = math.atanh(1.0 / math.sqrt(2.0)) / math.sqrt(2.0)  # x = sqrt(2) tanh(sqrt(2) t)
    np.testing.assert_allclose(times, first + 0.2 * np.arange(times.size), atol=1e-6)
    assert times.size == 22


def test_over_the_threshold_for_ever() -> None:
    """Without a refractory time there is no next spike time; the message says what to do."""
    net = ss.Network()
    net.population("cell", 1, Follows(t_ref=0.0), v=2.0)
    with pytest.raises(ss.errors.NumericalError, match=r"would fire for ever; .* give it a refractory time \(t_ref\)"):
        net.run(5.0, engine="event", progress=False)
