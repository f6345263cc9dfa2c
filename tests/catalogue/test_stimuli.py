"""B48 to B54: spike times, rates, currents."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import spikesim as ss
from spikesim.errors import InvalidTypeError, InvalidValueError

from .rows import DELTA, must_refuse, network, refusal, row, run

NAN, INF = float("nan"), float("inf")


def arrivals(times: Any, duration: float = 10.0, **how: Any) -> tuple[np.ndarray, ss.Result]:
    """When one source with these times is recorded to fire."""
    net = ss.Network()
    source = net.population("source", 1, ss.SpikeTimes([times]))
    net.record(source, "spikes")
    result = run(net, duration, **how)
    return result.spikes["source"].times, result


def background(rate: Any) -> Any:
    net, cells = network()
    return net.background(cells, rate=rate, weight=1.0, synapse=DELTA)


REFUSED = [
    refusal("B48", lambda: ss.SpikeTimes([[1.0, NAN]]), InvalidValueError, "neuron 0", "nan", "index 1"),
    refusal("B48", lambda: ss.SpikeTimes([[1.0], [INF]]), InvalidValueError, "neuron 1", "inf"),
    refusal("B48", lambda: ss.SpikeTimes([[-1.0]]), InvalidValueError, "neuron 0", "-1.0", ">= 0 ms"),
    refusal("B48", lambda: ss.SpikeTimes([1.0, 2.0]), InvalidTypeError, "flat list", "[[t, t, ...]]"),
    refusal("B48", lambda: ss.SpikeTimes([["1.0"]]), InvalidTypeError, "neuron 0"),
    *[refusal("B52", lambda r=r: ss.Poisson(r), InvalidValueError, "Poisson: rate", str(r)) for r in (NAN, -1.0, INF)],
    *[refusal("B52", lambda r=r: background(r), InvalidValueError, "background",
                       "rate", str(r)) for r in (NAN, -1.0, INF)],
    refusal("B52", lambda: background([1.0, 2.0, -3.0, 4.0]), InvalidValueError, "-3.0", "index 2"),
    refusal("B52", lambda: run(network(ss.Poisson(ss.normal(-5.0, 1.0)))[0]),
            InvalidValueError, "cells", "normal(-5, 1)"),
    refusal("B53", lambda: ss.Poisson(1e13), InvalidValueError, "Poisson: rate", "1e+09 Hz"),
    refusal("B54", lambda: ss.Steps([0.0, 1.0], [1.0]), InvalidValueError, "amplitudes", "(2,)", "(1,)"),
    refusal("B54", lambda: ss.Waveform([0.0, 1.0, 1.0], [1.0, 2.0, 3.0]), InvalidValueError, "ascend", "index 2"),
    refusal("B54", lambda: ss.Steps([0.0, NAN], [1.0, 2.0]), InvalidValueError, "times", "nan", "index 1"),
    refusal("B54", lambda: ss.DC(NAN), InvalidValueError, "DC: amplitude", "nan"),
    refusal("B54", lambda: ss.Noise(0.0, -1.0), InvalidValueError, "Noise: sd", ">= 0"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "error", "words"), REFUSED)
def test_refused(call: Any, error: type[Exception], words: tuple[str, ...]) -> None:
    must_refuse(call, error, words)


@row("B48")
@pytest.mark.parametrize("engine", ["clock", "event"])
def test_a_spike_at_zero(engine: str) -> None:
    """It is sent, and belongs to the recording."""
    assert arrivals([0.0, 1.0], engine=engine)[0].tolist() == [0.0, 1.0]


@row("B49")
def test_unsorted_times() -> None:
    """They are sorted, as the class says."""
    assert arrivals([3.0, 1.0, 2.0])[0].tolist() == [1.0, 2.0, 3.0]


@row("B50")
def test_times_off_the_grid() -> None:
    """Rounded to the nearest step, on record; exact without a grid."""
    times, result = arrivals([1.04, 2.0])
    assert times.tolist() == [1.0, 2.0] and result.stats["spike_times_rounded"] == {"source": pytest.approx(0.04)}
    times, result = arrivals([1.04, 2.0], engine="event")
    assert times.tolist() == [1.04, 2.0] and result.stats["spike_times_rounded"] == {}


@row("B51")
@pytest.mark.parametrize("engine", ["clock", "event"])
def test_two_spikes_in_one_step(engine: str) -> None:
    """Both arrive: twice the jump."""
    net, cells = network(ss.LIF(V_th=np.inf), 1)
    source = net.population("source", 1, ss.SpikeTimes([[1.0, 1.0]]))
    net.connect(source, cells, ss.all_to_all(), weight=3.0, delay=1.0, synapse=DELTA)
    net.record(source, "spikes")
    net.record(cells, "v")
    result = run(net, 2.0, engine=engine)
    assert result.spikes["source"].times.tolist() == [1.0, 1.0]
    assert result.traces["cells"]["v"].values[-1, 0] == pytest.approx(-64.0, rel=1e-12)


@row("B53")
@pytest.mark.parametrize("engine", ["clock", "event"])
def test_several_poisson_spikes_a_step(engine: str) -> None:
    """The rate is kept where rate dt is 5: a count of Poisson's law, within 5 standard deviations."""
    net, cells = network(ss.Poisson(50_000.0), 20)
    net.record(cells, "spikes")
    expected = 50_000.0 * 0.05 * 20
    assert abs(run(net, 50.0, engine=engine).spikes["cells"].count() - expected) < 5.0 * np.sqrt(expected)


@row("B54")
def test_currents_that_end_before_the_run() -> None:
    """The last value of a series holds; a DC ends at its stop.  C dV/dt = -g V + I, in closed form."""
    v = {}
    for name, stimulus in (
        ("steps", ss.Steps([0.0, 1.0], [100.0, 200.0])),
        ("wave", ss.Waveform([0.0, 1e-9], [200.0, 200.0])),
        ("dc", ss.DC(200.0, stop=5.0)),
    ):
        net, cells = network(ss.LIF(V_th=np.inf), 1)
        net.inject(cells, stimulus)
        net.record(cells, "v")
        v[name] = run(net, 300.0).traces["cells"]["v"].values[-1, 0] + 70.0
    assert v["steps"] == pytest.approx(8.0, rel=1e-9) and v["wave"] == pytest.approx(8.0, rel=1e-9)
    assert v["dc"] == pytest.approx(0.0, abs=1e-9)
