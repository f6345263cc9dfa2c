"""What is refused, warned of or done nothing with, in the words a user reads.  Truth: what each value means."""

from __future__ import annotations

import re
import warnings
from typing import Any

import numpy as np
import pytest
import scipy.sparse

import spikesim as ss
from spikesim.errors import (
    FrozenError,
    IndexRangeError,
    InvalidTypeError,
    InvalidValueError,
    SpikesimError,
    SpikesimWarning,
    UnitWarning,
    UnknownNameError,
)
from spikesim.grid import Grid

DELTA = ss.Delta()


def network(model: Any = None, size: int = 3, **start: Any) -> tuple[ss.Network, Any]:
    net = ss.Network(seed=1)
    return net, net.population("cells", size, model or ss.LIF(), **start)


def connected(weight: Any, synapse: Any = DELTA, rule: Any = None) -> ss.Network:
    net, cells = network()
    net.connect(cells, cells, rule or ss.all_to_all(), weight=weight, delay=1.0, synapse=synapse)
    return net


def damaged() -> Any:
    W = scipy.sparse.csr_array(np.ones((3, 3)))
    W.indices[3] = 10**6
    return W


def recorded(variable: Any = "v", target: Any = None) -> None:
    net, cells = network()
    projection = net.connect(cells, cells, ss.all_to_all(), weight=1.0, delay=1.0, synapse=DELTA)
    net.record(projection if target == "projection" else cells, variable)


def run(model: Any, duration: Any = 1.0, **how: Any) -> ss.Result:
    net, cells = network(model)
    net.record(cells, "spikes")
    return net.run(duration, progress=False, **how)


def assigned(thing: Any, name: str, value: Any) -> None:
    setattr(thing, name, value)


MASKED = np.ma.array([1.0, -1.0, 2.0], mask=[False, True, False])
REFUSED = [
    # one number
    (lambda: Grid(np.complex128(0.1)), InvalidTypeError, r"dt must be a time step in ms, got complex128"),
    (lambda: run(None, np.complex128(10)), InvalidTypeError, "duration must be a time in ms, got complex128"),
    (lambda: run(None, 1e-300), InvalidValueError, r"duration: the minimum is 0\.1 ms"),
    (lambda: ss.normal(np.complex128(1), 1.0), InvalidTypeError, "normal: mean must be one number, got complex128"),
    (lambda: ss.LIF(tau_m=np.True_), InvalidTypeError, "LIF: parameter tau_m: .*got bool"),
    (lambda: ss.LIF(tau_m=10**400), InvalidValueError, "LIF: parameter tau_m must be one number, got an integer"),
    (lambda: ss.LIF(tau_m=np.ma.masked), InvalidValueError, "LIF: parameter tau_m: a value is masked"),
    (lambda: ss.LIF(tau_m=[1.0, [2.0, 3.0]]), InvalidTypeError, "tau_m: .*lists of unequal lengths"),
    (lambda: network(ss.HodgkinHuxley(), m=2.0), InvalidValueError, r"initial m must be in 0 \.\.\. 1"),
    (lambda: network(ss.TraubMiles(), h=[0.1, 0.2, -1.0]), InvalidValueError, "initial h .* got -1.0 at index 2"),
    (lambda: network(ss.HodgkinHuxley(), n=ss.normal(5.0, 0.1))[0].run(1.0), InvalidValueError, "initial n must be in"),
    (lambda: network(v="rand()*mV"), InvalidTypeError, r"initial v: .*'rand\(\)\*mV'.*ss\.uniform"),
    # masked values and damaged matrices
    (lambda: ss.LIF(tau_m=MASKED), InvalidValueError, r"tau_m: a value is masked at index 1 \(1 such\)"),
    (lambda: ss.SpikeTimes([MASKED]), InvalidValueError, "SpikeTimes: neuron 0: a value is masked at index 1"),
    (lambda: ss.from_matrix(MASKED[None]), InvalidValueError, "from_matrix: W: a value is masked at index 1"),
    (lambda: ss.from_pairs(MASKED.astype(int), [0, 1, 2]), InvalidValueError, "from_pairs: pre_ids: a value is masked"),
    (lambda: ss.from_matrix(damaged()), InvalidValueError, r"entry 3 stands in column 1000000, but there are 3 \("),
    (lambda: ss.from_matrix([[1.0, 2.0], [1.0]]), InvalidTypeError, "from_matrix: W: .*unequal lengths"),
    # rates
    (lambda: run(ss.Poisson([1.0, -2.0, 3.0])), InvalidValueError, "rate must be >= 0 Hz, got -2.0 at index 1"),
    (lambda: run(ss.Poisson(ss.normal(-5.0, 1.0))), InvalidValueError, r"got -\d.*drawn from rate = normal.*low="),
    (lambda: run(ss.Poisson(ss.normal(-5.0, 1.0)), engine="event"), InvalidValueError, r"got -\d.*drawn from rate"),
    (lambda: ss.Poisson(1e13), InvalidValueError, r"Poisson: rate must be at most 1e\+09 Hz, got 1"),
    # weights that single precision cannot hold
    (lambda: connected(ss.uniform(0.0, 1e39)), InvalidValueError, r"weight: uniform.* draws values up to 1e\+39"),
    (lambda: connected(ss.normal(0.0, 1e-60)), InvalidValueError, "weight: .* draws nothing above 8.*e-60"),
    # refractory times beyond the counter
    (lambda: run(ss.LIF(t_ref=3e8)), InvalidValueError, r"t_ref = 300000000\.0 ms is more than 2147483646 steps"),
    (lambda: run(ss.AdEx(t_ref=[1.0, 3e8, 1.0])), InvalidValueError, r"t_ref = 300000000\.0 ms is more than"),
    # what is looked for in another place
    (lambda: list(ss.Network()), InvalidTypeError, r"not iterable.*net\.populations\.values\(\)"),
    (lambda: assigned(ss.Network(), "seed", "x"), InvalidTypeError, "Network: seed must be a whole number"),
    (lambda: assigned(ss.Simulation(ss.Network()), "dt", 0.2), FrozenError, r"Simulation\(net, dt=0\.2\)"),
    (lambda: assigned(connected(1.0).projections[0], "weight", 2.0), FrozenError, r"weight cannot .*net\.connect"),
    (lambda: recorded("weight"), UnknownNameError, r"no variable 'weight'.*result\.weights"),
    (lambda: recorded("w", "projection"), InvalidValueError, r"result\.weights\['cells to cells'\]"),
    (lambda: network()[0].population("cells", 3, ss.LIF()), InvalidValueError, r"name is taken.*ss\.Network\(\)"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "error", "match"), REFUSED)
def test_refused(call: Any, error: type, match: str) -> None:
    """The object, the parameter, the value, its index, what to do."""
    with pytest.raises(error, match=match):
        call()


WARNED = [
    (lambda: ss.Exponential(0.002), r"Exponential: tau = 0\.002 ms is below .*seconds"),
    (lambda: ss.AMPA(tau=0.005), r"AMPA: tau = 0\.005 ms .*seconds"),
    (lambda: ss.STDP(A_plus=0.1, A_minus=0.1, w_max=1.0, tau_plus=0.02), r"STDP: tau_plus = 0\.02 ms .*seconds"),
    (lambda: Grid(0.0001), r"dt = 0\.0001 ms .*seconds"),
    (lambda: connected(45.0), r"projection 'cells to cells': weight = 45 mV is above 40 mV.*pA"),
    (lambda: connected(-45000.0), r"weight = 45000 mV is above"),
    (lambda: connected(-20.0, ss.ConductanceExponential(5.0, -85.0)), r"weight = -20 nS .*-85 mV, says whether"),
    (lambda: connected(ss.normal(-2.0, 0.1), ss.GABA_A()), "weight = -2 nS"),
    (lambda: connected(None, ss.GABA_A(), ss.from_matrix(np.diag([1.0, -3.0, 1.0]))), r"weight = -3 nS \(1 such\)"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "match"), WARNED)
def test_warned(call: Any, match: str) -> None:
    """One warning, at the line of the user's."""
    with pytest.warns(SpikesimWarning, match=match) as caught:
        call()
    assert len(caught) == 1 and caught[0].filename == __file__


def test_a_background_of_kilohertz() -> None:
    """0.01 Hz a neuron would be a spike in a hundred seconds."""
    net, cells = network()
    with pytest.warns(SpikesimWarning, match=r"background 'bg': rate = 0\.01 Hz is below 0\.1 Hz; did you give kHz"):
        net.background(cells, rate=0.01, weight=1.0, synapse=DELTA, name="bg")


@pytest.mark.parametrize("engine", ["clock", "event"])
@pytest.mark.parametrize("model", [ss.LIF(tau_m=ss.uniform(5.0, 10.0)), ss.AdEx(a=ss.uniform(1.0, 2.0))])
def test_nobody_is_there(engine: str, model: Any) -> None:
    """Empty populations and selections take part in everything, and nothing happens."""
    net, cells = network()
    nobody = net.population("nobody", 0, model)
    for empty in (nobody, cells[[]]):
        net.background(empty, rate=1000.0, weight=100.0, synapse=ss.Exponential(2.0))
        net.inject(empty, ss.DC(1000.0))
        net.inject(empty, ss.Noise(0.0, 1000.0))
        net.connect(empty, cells, ss.all_to_all(), weight=1.0, delay=1.0, synapse=DELTA)
        net.connect(cells, empty, ss.all_to_all(), weight=1.0, delay=1.0, synapse=ss.Alpha(3.0))
        net.record(empty, "spikes", "v")
        if engine == "clock":
            net.inject(empty, ss.OrnsteinUhlenbeck(0.0, 1000.0, 5.0))
            net.inject(empty, ss.WhiteNoise(1000.0))
            net.connect(cells, empty, ss.all_to_all(), weight=1.0, delay=1.0, synapse=ss.MgNMDA())
    net.record(cells, "spikes")
    result = net.run(5.0, progress=False, engine=engine)
    assert [i.name for i in net.injections[:1]] == ["stimulus of nobody"] and str(cells[[]]) == "cells"
    assert result.spikes["cells"].count() == result.spikes["nobody"].count() == 0
    assert result.traces["nobody"]["v"].values.shape == (50, 0)


def test_a_step_in_single_precision() -> None:
    """The nearest short decimal: 0.1, of which 2 ms is a multiple."""
    assert Grid(np.float32(0.1)).dt == 0.1
    assert Grid(0.1).steps(np.float32(0.3), "t") == 3
    assert Grid(np.array(0.1, np.float32)).dt == 0.1
    assert run(None, np.float32(0.3), dt=np.float32(0.1)).stop == 0.3
    net = ss.Network()
    net.record(net.population("cells", 1, ss.LIF()), "v", every=np.float32(0.3))
    assert net.run(0.9, progress=False).traces["cells"]["v"].times.tolist() == [0.3, 0.6, 0.9]


def test_drawn_weights_are_on_record() -> None:
    """They are kept in single precision, and the result says so; numbers are kept as they are."""
    assert connected(ss.uniform(0.0, 1.0)).run(0.1, progress=False).stats["weights_rounded"] == {
        "cells to cells": 2.0**-24
    }
    assert connected(0.1).run(0.1, progress=False).stats["weights_rounded"] == {}


@pytest.mark.parametrize("kind", [scipy.sparse.csr_array, scipy.sparse.csc_array, scipy.sparse.coo_array])
def test_entries_of_one_place_are_summed(kind: Any) -> None:
    """As everywhere in SciPy: two entries at (0, 1) are one synapse of both."""
    W = kind(scipy.sparse.coo_array(((1.0, 2.0, 5.0), ((0, 0, 2), (1, 1, 0))), shape=(3, 3)))
    rule = ss.from_matrix(W)
    assert (rule.post.tolist(), rule.pre.tolist(), rule.values.tolist()) == ([0, 2], [1, 0], [3.0, 5.0])


def test_tab_completes_names() -> None:
    """As IPython asks: of populations, of what was recorded."""
    net, cells = network()
    net.record(cells, "spikes", "v")
    result = net.run(0.1, progress=False)
    assert net._ipython_key_completions_() == result.spikes._ipython_key_completions_() == ["cells"]
    assert result.traces["cells"]._ipython_key_completions_() == ["v"]


def test_an_unrecorded_neuron() -> None:
    """Which ones were."""
    net, cells = network()
    net.record(cells[:1], "v")
    with pytest.raises(IndexRangeError, match=r"neuron 2 was not recorded .*ids 0 \.\.\. 0 \(1 of them\)"):
        net.run(0.1, progress=False).traces["cells"]["v"][2]


def test_windows_of_a_trace_share_no_sample() -> None:
    """start < t <= stop, as for spikes: 50 of 1 ms each, and none lost."""
    net, cells = network()
    net.record(cells, "v", every=1.0)
    trace = net.run(100.0, progress=False).traces["cells"]["v"]
    first, second = trace[:, 0.0:50.0], trace[:, 50.0:100.0]
    assert (len(first), len(second), len(trace)) == (50, 50, 100)
    assert (first.times[-1], second.times[0]) == (50.0, 51.0)


def test_drawn_delays_that_are_cut_off_are_told() -> None:
    """More than the tail of a law at or below 0: each becomes one step, which is said."""
    with pytest.warns(ss.SpikesimWarning, match=r"delay \(ms\): 5\d% of what uniform"):
        delayed(ss.uniform(-1.0, 0.8))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        delayed(ss.normal(1.5, 0.75))


@pytest.mark.parametrize(
    "delay", [0.0015, ss.uniform(0.001, 0.002), ss.normal(0.0015, 0.0001), np.full((5, 5), 0.002)], ids=str
)
def test_delays_in_seconds_are_warned_of(delay: object) -> None:
    with pytest.warns(UnitWarning, match=r"delay \(ms\) = 0\.00\d+ ms is below 0\.005 ms; did you give seconds"):
        delayed(delay)


@pytest.mark.parametrize("delay", [0.1, 0.01, ss.uniform(0.0, 3.0), np.full((5, 5), 0.002) + np.eye(5)], ids=str)
def test_short_delays_are_not_warned_of(delay: object) -> None:
    """Nor is one among others."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        delayed(delay)


def delayed(delay: object) -> None:
    net = ss.Network()
    cells = net.population("cells", 5, ss.LIF())
    net.connect(cells, cells, ss.all_to_all(), weight=1.0, delay=delay, synapse=ss.Delta())


def test_what_is_given_in_the_place_of_another() -> None:
    """A release, a rule of plasticity, a model: the message says where it belongs, and shows it as it is written."""
    net = ss.Network()
    cells = net.population("cells", 3, ss.LIF())
    given = {"weight": 1.0, "delay": 1.0, "synapse": ss.Delta()}
    release, rule = ss.TsodyksMarkram(), ss.STDP(A_plus=0.1, A_minus=0.1, w_max=1.0)

    def connect(**other: Any) -> None:
        net.connect(cells, cells, ss.all_to_all(), **{**given, **other})

    for place in ("plasticity", "synapse"):
        with pytest.raises(InvalidTypeError, match=rf"{place}: .*TsodyksMarkram\(U=0\.5, tau_rec.* give release= \["):
            connect(**{place: release})
    for place in ("release", "synapse"):
        with pytest.raises(InvalidTypeError, match=rf"{place}: .*STDP\(A_plus=0\.1.* give plasticity= \["):
            connect(**{place: rule})
    for what in (lambda: ss.Poisson(ss.LIF()), lambda: ss.LIF(tau_m=ss.LIF()), lambda: ss.DC(ss.LIF())):
        with pytest.raises(InvalidTypeError, match=r"got LIF LIF\(tau_m=10\.0"):  # a model is no list of numbers
            what()
    for rate in (ss.LIF(), ss.LIF, ss.Poisson):
        with pytest.raises(InvalidTypeError, match=r"rate: wanted a number \(Hz\).* or a source \(Poisson, GammaTrain"):
            net.background(cells, rate=rate, weight=1.0, synapse=ss.Delta())
    assert not net.projections and not net.backgrounds


def test_rates_beyond_all_neurons_are_warned_of() -> None:
    for make in (ss.Poisson, lambda rate: ss.GammaTrain(rate, 2.0), lambda rate: ss.Correlated(rate, 0.1)):
        with pytest.warns(UnitWarning, match=r"rate = 1e\+07 Hz is above 1e\+06 Hz; did you give mHz"):
            make(1e7)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: ss.Correlated(10.0, 0.1, method="mip"), "got 'mip'; did you mean 'MIP'?"),
        (lambda: ss.Alpha(2.0, normalize="Area"), "got 'Area'; did you mean 'area'?"),
        (lambda: ss.Simulation(ss.Network(), engine="Clock"), "got 'Clock'; did you mean 'clock'?"),
        (lambda: ss.Network().to_sonata("x", "OBI"), "got 'OBI'; did you mean 'obi'?"),
        (lambda: ss.Correlated([10.0, 3.0], 0.1), "got list [10.0, 3.0]"),
        (lambda: ss.published.synthetic_connectome(-1), "n must be a whole number from 2 to"),
    ],
)
def test_what_was_meant(call: Any, says: str) -> None:
    with pytest.raises(SpikesimError, match=re.escape(says)):
        call()
