"""Sources, the Nernst equation, and values in the wrong unit."""

from __future__ import annotations

import copy
import pickle
import re
import warnings
from typing import Any

import numpy as np
import pytest

from spikesim.errors import InvalidTypeError, InvalidValueError, UnitWarning
from spikesim.network import Network, Noise, Sine, Steps, Waveform
from spikesim.neurons import (
    LIF,
    AdEx,
    Correlated,
    GammaTrain,
    HodgkinHuxley,
    Poisson,
    PulsePackets,
    SpikeTimes,
    is_source,
    nernst,
    shared,
)
from spikesim.random import uniform


def test_ragged_spike_times_are_refused() -> None:
    """A list within the times of one neuron; a flat list of numbers of any kind is told how to be written."""
    with pytest.raises(InvalidTypeError, match=r"SpikeTimes: neuron 0: .* lists of unequal lengths"):
        SpikeTimes([[1.0, [2.0]]])
    for flat in ([1, 2.5], np.array([1.0, 2.0]), [np.array(1.0)]):
        with pytest.raises(InvalidTypeError, match="flat list of numbers"):
            SpikeTimes(flat)


def test_spike_times_are_kept_sorted_and_whole() -> None:
    """One array a neuron, sorted, repeated times kept, neurons without spikes allowed."""
    given = np.array([2.0, 1.0])
    source = SpikeTimes([[3, 1.5, 1.5], [], given])
    assert [t.tolist() for t in source.times] == [[1.5, 1.5, 3.0], [], [1.0, 2.0]]
    assert source.size == 3 and given.tolist() == [2.0, 1.0]
    assert all(t.dtype == np.float64 and not t.flags.writeable for t in source.times)
    assert source == SpikeTimes([[1.5, 3.0, 1.5], (), (1, 2)]) != SpikeTimes([[1.5], [], []])
    assert hash(source) == hash(pickle.loads(pickle.dumps(source))) and copy.deepcopy(source) == source


@pytest.mark.parametrize(
    "times, error, match",
    [
        ([[1.0, np.nan]], InvalidValueError, "neuron 0: times must be finite, got nan at index 1"),
        ([[], [np.inf]], InvalidValueError, "neuron 1"),
        ([[1.0, -0.5, -2.0]], InvalidValueError, r"-0.5 at index 1 \(2 such"),
        ([1.0, 2.0], InvalidTypeError, r"\[\[t, t"),
        ([["a"]], InvalidTypeError, "neuron 0"),
        ([[True]], InvalidTypeError, "neuron 0"),
        ([[[1.0]]], InvalidTypeError, "shape"),
        ([[1.0], None], InvalidTypeError, "neuron 1"),
        ("12", InvalidTypeError, "str"),
        (3.0, InvalidTypeError, "float"),
    ],
)
def test_bad_spike_times(times: Any, error: type, match: str) -> None:
    """Refused, with the neuron and the first bad index."""
    with pytest.raises(error, match=match):
        SpikeTimes(times)


def test_poisson() -> None:
    """A rate is a number, one a neuron, or drawn; it is finite and not negative."""
    drawn = uniform(1.0, 2.0)
    assert Poisson(8).rate == 8.0 and Poisson([1, 2]).rate.tolist() == [1.0, 2.0]
    assert Poisson(drawn).rate is drawn and Poisson(0.0).rate == 0.0
    assert Poisson([1.0, 2.0]) == Poisson(np.array([1.0, 2.0])) != Poisson(1.0)
    assert pickle.loads(pickle.dumps(Poisson([1.0, 2.0]))) == Poisson([1.0, 2.0])
    for bad in (-1.0, np.nan, np.inf, [1.0, -2.0], [[1.0]]):
        with pytest.raises(InvalidValueError, match="rate"):
            Poisson(bad)
    for bad in ("5", None, True):
        with pytest.raises(InvalidTypeError, match="rate"):
            Poisson(bad)
    with pytest.raises(AttributeError, match="frozen"):
        Poisson(1.0).rate = 2.0
    assert is_source(Poisson(1.0)) and is_source(SpikeTimes([])) and not is_source(LIF()) and not is_source(3)


def test_sources_of_trains_are_values() -> None:
    """Equal, hashed, pickled and changed as others are; what they are made of says their law."""
    for source in (
        GammaTrain(20.0, 3.0), GammaTrain([1.0, 2.0], 0.5, start=3.0), Correlated(5.0, 0.2, method="SIP"),
        PulsePackets([3.0, 1.0], 4, 1.0), shared(Poisson(3.0)), shared(SpikeTimes([[1.0, 2.0]])),
    ):  # fmt: skip
        assert is_source(source) and source == pickle.loads(pickle.dumps(source)) and hash(source) == hash(source)
        assert source != GammaTrain(20.0, 4.0)
        with pytest.raises(AttributeError, match="frozen"):
            source.start = 2.0
    assert GammaTrain(20.0, 3.0)._replace(rate=4.0).rate == 4.0 == shared(Poisson(3.0))._replace(rate=4.0).rate
    (mother,) = Correlated(5.0, 0.25).trains
    assert (mother.scale, mother.common, mother.copy) == (4.0, True, 0.25)
    assert [(t.scale, t.common) for t in Correlated(5.0, 0.25, method="SIP").trains] == [(0.25, True), (0.75, False)]
    assert [t.common for c in (0.0, 1.0) for t in Correlated(5.0, c).trains] == [False, True]


@pytest.mark.parametrize(
    ("make", "match"),
    [
        (lambda: GammaTrain(-1.0, 2.0), "rate must be >= 0 Hz"),
        (lambda: GammaTrain(1.0, 0.0), "shape must be > 0"),
        (lambda: GammaTrain(1.0, float("nan")), "shape"),
        (lambda: GammaTrain(1.0, 2.0, start=5.0, stop=5.0), "stop must be after start"),
        (lambda: GammaTrain(Sine(2.0, 3.0, offset=1.0), 2.0), "Sine goes to -1 Hz; a Sine needs an offset"),
        (lambda: Poisson(Waveform([0.0, 1.0], [1.0, -3.0])), "Waveform goes to -3 Hz"),
        (lambda: Poisson(Noise(5.0, 1.0)), "Noise is no rate"),
        (lambda: Correlated(1.0, 1.5), "c, the correlation of counts, must lie in 0 ... 1"),
        (lambda: Correlated(1.0, 1e-6), 'use method="SIP"'),
        (lambda: Correlated(1.0, 0.5, method="sip"), 'must be "MIP" or "SIP"'),
        (lambda: Correlated([1.0, 2.0], 0.5), "neurons that hear one train have one rate"),
        (
            lambda: Correlated(Steps([0.0], [[1.0, 2.0]]), 0.5),
            "one rate: wanted a number, or a function of time",
        ),
        (lambda: shared(Poisson([1.0, 2.0])), "neurons that hear one train have one rate"),
        (lambda: shared(Correlated(1.0, 0.5)), "are common already"),
        (lambda: shared(SpikeTimes([[1.0], [2.0]])), "times of one train, got those of 2"),
        (lambda: shared(Poisson), "wanted a source such as"),
        (lambda: shared(LIF()), "wanted a source such as"),
        (lambda: PulsePackets([-1.0], 2, 1.0), "finite and >= 0 ms"),
        (lambda: PulsePackets([[1.0]], 2, 1.0), "shape"),
        (lambda: PulsePackets([1.0], 2.5, 1.0), "n must be a whole number"),
        (lambda: PulsePackets([1.0], -2, 1.0), "n must be from 0"),
        (lambda: PulsePackets([1.0], 2, -1.0), "sd must be >= 0"),
        (lambda: PulsePackets(5.0, 2), "sd is missing"),
    ],
)
def test_sources_that_cannot_be(make: Any, match: str) -> None:
    """Refused where they are made: what, where, got, wanted."""
    with pytest.raises((InvalidTypeError, InvalidValueError), match=re.escape(match)):
        make()


def test_a_rate_listed_for_others() -> None:
    with pytest.raises(InvalidValueError, match="rate of Poisson lists values for 2 neurons, but size is 3"):
        Network().population("p", 3, Poisson(Steps([0.0], [[1.0, 2.0]])))


def test_nernst() -> None:
    """Textbook numbers of the squid axon (Hodgkin 1951: K 400/20, Na 50/440 mmol/l), and signs."""
    assert nernst(1, 20.0, 400.0, temperature=6.3) == pytest.approx(-72.1, abs=0.1)
    assert nernst(1, 440.0, 50.0, temperature=6.3) == pytest.approx(52.4, abs=0.1)
    assert nernst(-1, 2.0, 1.0) == -nernst(1, 2.0, 1.0) == 2 * nernst(-2, 2.0, 1.0)
    assert nernst(1, np.e, 1.0, temperature=20.0) == pytest.approx(25.26, abs=0.005)
    assert nernst(2, np.array([1.0, 2.0]), 1.0).shape == (2,)
    for bad in ({"z": 0}, {"z": 1.5}, {"outside": 0.0}, {"inside": -1.0}, {"temperature": -300.0}):
        with pytest.raises(InvalidValueError):
            nernst(**{"z": 1, "outside": 1.0, "inside": 2.0, **bad})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "make, match",
    [
        (lambda: LIF(tau_m=0.02), "seconds"),
        (lambda: LIF(t_ref=0.002), "t_ref = 0.002 ms .* seconds"),
        (lambda: LIF(tau_m=np.array([10.0, 0.01])), "tau_m = 0.01"),
        (lambda: LIF(E_L=-0.07, V_th=-0.05, V_reset=-0.07), "volts"),
        (lambda: LIF(C_m=250e-12), "farads"),
        (lambda: AdEx(tau_w=0.03), "tau_w"),
    ],
)
def test_values_in_another_unit_warn(make: Any, match: str) -> None:
    """SI numbers are allowed but said to look wrong, at the caller's line."""
    with pytest.warns(UnitWarning, match=match) as caught:
        make()
    assert caught[0].filename == __file__


def test_usual_values_do_not_warn() -> None:
    """The normalised LIF, no refractory time, and cells given per mm^2 are all in order."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        LIF(), LIF(t_ref=0.0), LIF.normalized(), LIF(E_L=0.0, V_th=20.0, V_reset=10.0)
        HodgkinHuxley(C_m=0.01, g_L=0.003, g_K=0.36, g_Na=1.2)
