"""B01 to B18: parameters of neurons.  Every declared model is walked, so that a new one cannot escape."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pytest
import scipy.linalg

import spikesim as ss
from spikesim.errors import (
    InvalidTypeError,
    InvalidValueError,
    NumericalError,
    UnitWarning,
    UnknownParameterError,
)
from spikesim.neurons import models

from .rows import connect, must_refuse, network, refusal, row, run

BUILT_IN = {name: cls for name, cls in models().items() if cls.__module__.startswith("spikesim")}
PARAMETERS = [(name, p) for name, cls in sorted(BUILT_IN.items()) for p in cls._fields]
NAN = float("nan")


def one_bad(value: float, size: int = 1000) -> np.ndarray:
    array = np.full(size, 1.0)
    array[size // 2] = value
    return array


def positive(name: str, parameter: str) -> bool:
    declared = getattr(BUILT_IN[name], "positive", ())
    return parameter.startswith("tau") or parameter == "C_m" or parameter in declared


@row("B01")
@pytest.mark.parametrize(("name", "parameter"), PARAMETERS)
def test_nan(name: str, parameter: str) -> None:
    """Alone or one of many: the name, the index, the count."""
    make = BUILT_IN[name]
    must_refuse(lambda: make(**{parameter: NAN}), InvalidValueError, (make.__name__, parameter, "nan"))
    words = (parameter, "nan", "at index 500", "1 such")
    must_refuse(lambda: make(**{parameter: one_bad(NAN)}), InvalidValueError, words)


@row("B02")
@pytest.mark.parametrize(("name", "parameter"), PARAMETERS)
def test_infinite(name: str, parameter: str) -> None:
    """Only what is declared unbounded may be +inf (a threshold that is never reached), and nothing -inf."""
    make = BUILT_IN[name]
    must_refuse(lambda: make(**{parameter: -np.inf}), InvalidValueError, (parameter, "-inf"))
    if parameter not in make.unbounded:
        must_refuse(lambda: make(**{parameter: np.inf}), InvalidValueError, (parameter, "inf", "finite"))


@row("B03")
@pytest.mark.parametrize(("name", "parameter"), [pair for pair in PARAMETERS if positive(*pair)])
@pytest.mark.parametrize("value", [0.0, -1.0])
def test_not_positive(name: str, parameter: str, value: float) -> None:
    """Time constants, capacitances, and what else must be > 0."""
    must_refuse(lambda: BUILT_IN[name](**{parameter: value}), InvalidValueError, (parameter, "must be > 0", str(value)))


@row("B03")
def test_slope_factors_and_leaks() -> None:
    """Those of the exponential models too."""
    for parameter in ("Delta_T", "g_L"):
        must_refuse(lambda p=parameter: ss.AdEx(**{p: 0.0}), InvalidValueError, (parameter, "> 0"))


REFUSED = [
    refusal("B04", lambda: ss.LIF(t_ref=-1.0), InvalidValueError, "LIF", "t_ref", ">= 0", "-1.0"),
    refusal("B05", lambda: run(network(ss.LIF(t_ref=0.25))[0]),
            InvalidValueError, "cells", "t_ref", "0.25", "0.2 or 0.3"),
    refusal("B06", lambda: run(network(ss.LIF(t_ref=0.05))[0]), InvalidValueError, "t_ref", "0.05", "0.1"),
    refusal("B07", lambda: ss.LIF(V_reset=-50.0, V_th=-50.0),
            InvalidValueError, "V_reset = -50.0", "V_th = -50.0", "below"),
    refusal("B07", lambda: ss.AdEx(V_reset=10.0), InvalidValueError, "V_reset", "V_peak"),
    refusal("B11", lambda: ss.LIF(tau_mem=10.0),
            UnknownParameterError, "'tau_mem'", "did you mean 'tau_m'", "V_th=-55.0"),
    refusal("B11", lambda: ss.LIF(V_m=-60.0), UnknownParameterError, "'V_m'", "v=-60.0"),
    refusal("B13", lambda: network(ss.LIF(tau_m=[1.0, 2.0])), InvalidValueError, "cells", "tau_m", "4", "(2,)"),
    refusal("B13", lambda: ss.LIF(tau_m=[[1.0, 2.0]]), InvalidValueError, "tau_m", "(1, 2)"),
    refusal("B14", lambda: ss.LIF(tau_m="10"), InvalidTypeError, "tau_m", "str", "'10'"),
    refusal("B14", lambda: ss.LIF(tau_m=None), InvalidTypeError, "tau_m", "NoneType"),
    refusal("B14", lambda: ss.LIF(tau_m=True), InvalidTypeError, "tau_m", "bool"),
    refusal("B14", lambda: ss.LIF(tau_m=1 + 2j), InvalidTypeError, "tau_m", "complex"),
    refusal("B14", lambda: ss.LIF(tau_m=np.array([1.0, None])), InvalidTypeError, "tau_m", "object"),
    refusal("B14", lambda: ss.LIF(tau_m=Decimal("10")), InvalidTypeError, "tau_m", "Decimal"),
    refusal("B18", lambda: network("LIFF"), InvalidTypeError, "cells", "'LIFF'", "did you mean 'LIF'"),
    refusal("B18", lambda: network(ss.LIF), InvalidTypeError, "class", "LIF(...)"),
    refusal("B18", lambda: network("iaf_psc_exp"), InvalidTypeError, "iaf_psc_exp", "ss.Exponential(tau)"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "error", "words"), REFUSED)
def test_refused(call: Any, error: type[Exception], words: tuple[str, ...]) -> None:
    must_refuse(call, error, words)


@row("B05")
def test_listed_refractory_times_are_rounded_on_record() -> None:
    """The nearest step, and by how much at most."""
    stats = run(network(ss.LIF(t_ref=[2.0, 2.04, 1.0, 1.5]))[0]).stats
    assert stats["t_ref_rounded"] == {"cells": pytest.approx(0.04)}


@row("B08")
def test_started_above_threshold() -> None:
    """It fires in the first step; on the grid if it is still above at its end (from -54.9 the leak takes it below)."""
    for engine, v, times in (
        ("clock", -20.0, [0.1] * 4),
        ("clock", -54.9, []),
        ("event", -20.0, [0.0] * 4),
        ("event", -55.0, [0.0] * 4),
    ):
        net, cells = network(v=v)
        net.record(cells, "spikes")
        assert run(net, 1.0, engine=engine).spikes["cells"].times.tolist() == times


@row("B09")
def test_a_step_longer_than_the_time_constant() -> None:
    """Exact for a linear model; of others finite, or an error that names neuron and time."""
    net, cells = network(ss.LIF(tau_m=1.0, I_e=100.0, t_ref=0.0), v=-60.0)
    net.record(cells, "v")
    target = -70.0 + 100.0 * 1.0 / 250.0
    found = run(net, 10.0, dt=5.0).traces["cells"]["v"].values[:, 0]
    np.testing.assert_allclose(found, target + (-60.0 - target) * np.exp([-5.0, -10.0]), rtol=1e-12)
    for model in (ss.AdEx(), ss.Izhikevich(), ss.HodgkinHuxley(), ss.TraubMiles()):
        net, cells = network(model)
        net.record(cells, "v")
        try:
            assert np.all(np.isfinite(run(net, 50.0, dt=5.0).traces["cells"]["v"].values))
        except NumericalError as error:
            assert "cells" in str(error) and "dt" in str(error)


@row("B10")
def test_equal_time_constants() -> None:
    """tau_m = tau_syn and near it: the matrix exponential, smoothly."""
    tau_m, t = 10.0, 20.0

    def v(tau: float) -> float:
        net, cells = network(ss.LIF(tau_m=tau_m, V_th=np.inf), 1)
        source = net.population("source", 1, ss.SpikeTimes([[1.0]]))
        net.connect(source, cells, ss.all_to_all(), weight=100.0, delay=1.0, synapse=ss.Exponential(tau))
        net.record(cells, "v")
        return run(net, 2.0 + t).traces["cells"]["v"].values[-1, 0] + 70.0

    for off in (0.0, 1e-16, 1e-12, 1e-9, 1e-6, 1e-3):
        tau = tau_m * (1.0 + off)
        M = np.array([[-1.0 / tau_m, 1.0 / 250.0], [0.0, -1.0 / tau]])
        assert v(tau) == pytest.approx((scipy.linalg.expm(M * t) @ [0.0, 100.0])[0], rel=1e-11)


@row("B12")
@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: ss.LIF(tau_m=0.01), "tau_m = 0.01 ms .* did you give seconds"),
        (lambda: ss.LIF(E_L=-0.07, V_th=-0.05, V_reset=-0.07), "mV.* did you give volts"),
        (lambda: ss.LIF(C_m=2.5e-10), "C_m = 2.5e-10 pF .* did you give farads"),
        (lambda: ss.Exponential(0.002), "Exponential: tau = 0.002 ms .* seconds"),
        (lambda: connect(weight=-45000.0), "weight = 45000 mV"),
    ],
)
def test_units(call: Any, words: str) -> None:
    """One warning, at the user's line."""
    with pytest.warns(UnitWarning, match=words) as caught:
        call()
    assert len(caught) == 1 and "catalogue" in caught[0].filename


@row("B15")
def test_every_kind_of_number() -> None:
    """Whole numbers, other precisions, byte orders, strides, read-only: the same neuron."""
    wanted = ss.LIF(tau_m=10.0)
    for value in (10, np.float32(10), np.int16(10), np.array(10.0), np.uint8(10), np.float64(10.0)):
        assert ss.LIF(tau_m=value) == wanted
    taus = np.array([10.0, 20.0, 30.0])
    frozen = taus.copy()
    frozen.setflags(write=False)
    wanted = ss.LIF(tau_m=taus)
    for values in ([10, 20, 30], taus.astype(">f8"), np.repeat(taus, 2)[::2], frozen, taus.astype(np.float32)):
        assert ss.LIF(tau_m=values) == wanted
    taus[0] = 99.0  # a description keeps its own copy
    assert wanted.tau_m[0] == 10.0


@row("B16")
def test_nan_in_what_a_neuron_starts_with() -> None:
    """When it is given."""
    must_refuse(lambda: network(v=NAN), InvalidValueError, ("cells", "v", "nan"))
    must_refuse(lambda: network(v=[1.0, 2.0, NAN, 4.0]), InvalidValueError, ("v", "nan", "index 2"))


@row("B16")
def test_nan_between_two_pieces_of_a_run() -> None:
    """What is set between pieces of a run is checked as what is described."""
    sim = ss.Simulation(network()[0], threads=1)

    def assign() -> None:
        sim.state["cells"]["v"] = np.array([NAN] * 4)

    must_refuse(assign, InvalidValueError, ("cells", "v", "nan"))


@row("B17")
@pytest.mark.parametrize("engine", ["clock", "event"])
def test_overflow_of_an_exponential(engine: str) -> None:
    """Finite, or an error that names the neuron and the time."""
    net, cells = network(ss.AdEx(I_e=1e9), v=1e3)
    net.record(cells, "spikes", "v")
    try:
        assert np.all(np.isfinite(run(net, 5.0, engine=engine).traces["cells"]["v"].values))
    except NumericalError as error:
        assert "cells" in str(error) and "ms" in str(error)
