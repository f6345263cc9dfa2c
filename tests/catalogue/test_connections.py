"""B26 to B47: rules of connection, delays, weights, plasticity."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.sparse

import spikesim as ss
from spikesim.errors import (
    InvalidTypeError,
    InvalidValueError,
    MemoryLimitError,
    NumericalError,
    SpikesimWarning,
    UnknownNameError,
)

from .rows import DELTA, busy, connect, must_refuse, network, refusal, row, run, same

NAN, INF = float("nan"), float("inf")


def between(n_pre: int, n_post: int, rule: Any, **how: Any) -> ss.Network:
    net = ss.Network()
    pre, post = net.population("pre", n_pre, ss.LIF()), net.population("post", n_post, ss.LIF())
    net.connect(pre, post, rule, **({"weight": 1.0, "delay": 1.0, "synapse": DELTA} | how))
    return net


def stdp(**how: Any) -> Any:
    return ss.STDP(**({"A_plus": 0.1, "A_minus": 0.1, "w_max": 2.0} | how))


def one_bad(bad: float, n: int = 10**6) -> np.ndarray:
    values = np.ones(n)
    values[n // 2] = bad
    return values


def listed(**how: Any) -> ss.Network:
    many = np.zeros(10**6, int)
    return between(1, 1, ss.from_pairs(many, many), **how)


def sparse(value: float) -> Any:
    return scipy.sparse.csr_array(np.array([[1.0, 2.0], [value, 0.0]]))


REFUSED = [
    refusal("B26", lambda: ss.Network()["exc"], UnknownNameError, "'exc'", "none"),
    refusal("B26", lambda: network()[0]["cell"], UnknownNameError, "'cell'", "did you mean 'cells'"),
    refusal("B26", lambda: run(connect()).weights["cells to cell"], UnknownNameError, "did you mean 'cells to cells'"),
    refusal("B26", lambda: ss.Simulation(connect(), threads=1).synapses("x"),
            UnknownNameError, "'x'", "cells to cells"),
    refusal("B27", lambda: connect(delay=NAN), InvalidValueError, "cells to cells", "delay", "nan", "finite"),
    refusal("B28", lambda: connect(delay=INF), InvalidValueError, "delay", "inf", "finite"),
    refusal("B28", lambda: run(connect(delay=1e9)), (InvalidValueError, MemoryLimitError), "cells to cells", "delay"),
    refusal("B29", lambda: connect(delay=-1.0), InvalidValueError, "delay", "> 0", "-1.0"),
    refusal("B30", lambda: connect(delay=0.0), InvalidValueError, "delay", "> 0", "0.0"),
    refusal("B30", lambda: run(connect(delay=0.05)), InvalidValueError, "delay", "0.05", "0.1 ms"),
    refusal("B31", lambda: run(connect(delay=1.55)), InvalidValueError, "delay", "1.55", "1.5 or 1.6 ms"),
    refusal("B32", lambda: listed(delay=one_bad(NAN)), InvalidValueError, "delay", "nan", "index 500000", "1 such"),
    refusal("B32", lambda: listed(delay=one_bad(-1.0)), InvalidValueError, "delay", "-1.0", "index 500000"),
    refusal("B33", lambda: connect(weight=NAN), InvalidValueError, "weight", "nan", "finite"),
    refusal("B33", lambda: connect(weight=INF), InvalidValueError, "weight", "inf"),
    refusal("B33", lambda: listed(weight=one_bad(NAN)), InvalidValueError, "weight", "nan", "index 500000"),
    refusal("B33", lambda: ss.normal(NAN, 1.0), InvalidValueError, "normal: mean", "nan"),
    refusal("B34", lambda: between(2, 3, ss.all_to_all(), weight=np.ones(5)), InvalidValueError, "(5,)", "(3, 2)"),
    refusal("B34", lambda: between(2, 3, ss.all_to_all(), weight=np.ones((2, 3))), InvalidValueError, "transposed"),
    refusal("B34", lambda: between(2, 3, ss.fixed_indegree(1), weight=np.ones(3)),
            InvalidValueError, "draws", "from_pairs"),
    refusal("B34", lambda: between(2, 3, ss.from_matrix(np.ones((2, 3)))), InvalidValueError, "matrix"),
    *[refusal("B38", lambda k=k: ss.fixed_indegree(k), error, "fixed_indegree: k", str(k))
      for k, error in ((-1, InvalidValueError), (1.5, InvalidTypeError), (NAN, InvalidTypeError),
                       (True, InvalidTypeError))],
    refusal("B39", lambda: connect(ss.fixed_indegree(5, allow_multapses=False)), InvalidValueError, "only 4", "k <= 4"),
    refusal("B39", lambda: connect(ss.fixed_indegree(4, False, False)), InvalidValueError, "only 3", "k <= 3"),
    refusal("B39", lambda: connect(ss.fixed_total(17, allow_multapses=False)), InvalidValueError, "16 pairs"),
    *[refusal("B40", lambda p=p: ss.fixed_probability(p), InvalidValueError, "fixed_probability: p", str(p))
      for p in (-0.1, 1.1, NAN)],
    refusal("B41", lambda: run(between(10**6, 10**6, ss.fixed_total(2**36))),
            MemoryLimitError, "are needed", "pre to post"),
    refusal("B41", lambda: run(between(10**6, 2**20, ss.fixed_indegree(2**20))),
            MemoryLimitError, "are needed", "pre to post"),
    refusal("B42", lambda: between(2, 3, ss.one_to_one()), InvalidValueError, "2 sources", "3 targets"),
    refusal("B43", lambda: between(2, 3, ss.from_pairs([0, 2], [0, 0])),
            InvalidValueError, "pre_ids", "got 2", "pair 1"),
    refusal("B43", lambda: ss.from_pairs([0, -1], [0, 0]), InvalidValueError, "pre_ids", "got -1", "pair 1"),
    refusal("B43", lambda: ss.from_pairs([0, 0.5], [0, 0]), InvalidTypeError, "pre_ids", "integers", "float"),
    refusal("B43", lambda: ss.from_pairs([0, 0], [1, 1], allow_multapses=False), InvalidValueError, "pair 1", "(0, 1)"),
    refusal("B44", lambda: ss.from_matrix(sparse(NAN)), InvalidValueError, "W", "nan", "[1, 0]"),
    refusal("B46", lambda: connect(weight=3.0, plasticity=stdp()), InvalidValueError, "w_max = 2", "3"),
    refusal("B46", lambda: stdp(tau_plus=0.0), InvalidValueError, "STDP", "tau_plus", "> 0"),
    refusal("B46", lambda: stdp(w_min=3.0), InvalidValueError, "w_min = 3.0", "w_max = 2.0"),
    refusal("B46", lambda: stdp(A_plus=NAN), InvalidValueError, "A_plus", "nan"),
    refusal("B46", lambda: stdp(mu_plus=-1.0), InvalidValueError, "mu_plus", ">= 0"),
    refusal("B46", lambda: ss.TripletSTDP(A2_plus=-1.0, A3_plus=1.0, A2_minus=1.0, A3_minus=1.0, w_max=1.0),
            InvalidValueError, "A2_plus", ">= 0"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "error", "words"), REFUSED)
def test_refused(call: Any, error: type[Exception], words: tuple[str, ...]) -> None:
    must_refuse(call, error, words)


@row("B31")
def test_rounded_delays_are_on_record() -> None:
    """How many, and by how much at most."""
    net = between(1, 2, ss.from_pairs([0, 0], [0, 1]), delay=[1.5, 1.54])
    assert run(net).stats["delays_rounded"] == {"pre to post": [1, pytest.approx(0.04)]}


@row("B32")
def test_no_partial_projection_is_left() -> None:
    """A refused call leaves the network as it was, and usable."""
    net, cells = network()
    for bad in ({"delay": [[1.0] * 4] * 3 + [[1.0, 1.0, NAN, 1.0]]}, {"weight": NAN}, {"synapse": None}):
        with pytest.raises(ValueError if "synapse" not in bad else TypeError):
            net.connect(cells, cells, ss.all_to_all(), **({"weight": 1.0, "delay": 1.0, "synapse": DELTA} | bad))
    assert net.projections == []
    run(net)


@row("B35")
@pytest.mark.parametrize("engine", ["clock", "event"])
def test_weight_zero(engine: str) -> None:
    """Allowed, and without an effect on anybody's spikes."""
    silent = busy()
    cells = silent["cells"]
    silent.connect(cells, cells, ss.all_to_all(), weight=0.0, delay=1.0, synapse=ss.Exponential(2.0), name="silent")
    a, b = (run(net, 100.0, engine=engine).spikes["cells"] for net in (busy(), silent))
    assert a.count() > 20 and np.array_equal(a.ids, b.ids)
    np.testing.assert_allclose(a.times, b.times, rtol=0.0, atol=1e-9)


@row("B36")
def test_the_sign_of_a_conductance() -> None:
    """A conductance is positive: its reversal potential says whether it excites.  Currents may have either sign."""
    with pytest.warns(SpikesimWarning, match=r"weight = -20 nS.*reversal potential, -85 mV"):
        connect(weight=-20.0, synapse=ss.ConductanceExponential(5.0, -85.0))
    connect(weight=-20.0, synapse=ss.Exponential(5.0))


@row("B37")
@pytest.mark.parametrize(
    ("engine", "weight"),
    [("clock", 1e308), ("clock", -1e308), ("event", 1e308), ("event", -1e308)],
)
@pytest.mark.parametrize("synapse", [ss.Delta(), ss.Exponential(5.0)])
@pytest.mark.filterwarnings("ignore::spikesim.UnitWarning")
def test_weights_that_overflow(engine: str, weight: float, synapse: Any) -> None:
    """Finite, or an error that names the neuron and the time; never NaN or inf in what is recorded."""
    net, cells = network(ss.LIF(V_th=np.inf), 1)
    source = net.population("source", 1, ss.SpikeTimes([[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]]))
    net.connect(source, cells, ss.all_to_all(), weight=weight, delay=1.0, synapse=synapse)
    net.record(cells, "v")
    try:
        assert np.all(np.isfinite(run(net, 50.0, engine=engine).traces["cells"]["v"].values))
    except NumericalError as error:
        assert "cells" in str(error) and "ms" in str(error)


@row("B43")
def test_multapses() -> None:
    """A pair that is listed twice makes two synapses."""
    s = ss.Simulation(between(1, 1, ss.from_pairs([0, 0], [0, 0]), weight=[1.0, 2.0]), threads=1).synapses(
        "pre to post"
    )
    assert sorted(s.weight.tolist()) == [1.0, 2.0]


@row("B44")
def test_zeros_order_and_duplicates_of_a_sparse_matrix() -> None:
    """Stored zeros are no synapses unless kept; entries of one place are summed; any order is right."""
    assert ss.from_matrix(sparse(0.0)).pre.size == 2
    stored = scipy.sparse.csr_array(([1.0, 0.0], ([0, 1], [1, 0])), shape=(2, 2))
    assert ss.from_matrix(stored).pre.size == 1 and ss.from_matrix(stored, keep_zeros=True).pre.size == 2
    twice = scipy.sparse.coo_array(([2.0, 1.0, 2.0], ([1, 0, 1], [0, 1, 0])), shape=(2, 2))
    found = run(between(2, 2, ss.from_matrix(twice), weight=None)).weights["pre to post"].toarray()
    assert found.tolist() == [[0.0, 1.0], [4.0, 0.0]]


@row("B45")
def test_connected_after_a_run() -> None:
    """The next run is that of a network described in one go; a simulation that exists does not see it."""
    grown, whole = busy(), busy()
    run(grown, 20.0)
    before = ss.Simulation(grown, threads=1)
    for net in (grown, whole):
        cells = net["cells"]
        net.connect(cells, cells, ss.all_to_all(), weight=5.0, delay=20.0, synapse=ss.Alpha(3.0), name="later")
    assert same(run(grown, 60.0), run(whole, 60.0))
    assert same(before.run(60.0, progress=False), run(busy(), 60.0))


@row("B47")
@pytest.mark.parametrize(
    "bad", [{"U": -0.1}, {"U": 1.1}, {"U": NAN}, {"tau_rec": 0.0}, {"tau_rec": -1.0}, {"tau_fac": -1.0}]
)
def test_short_term_plasticity(bad: dict[str, float]) -> None:
    """U in 0 ... 1, tau_rec > 0, tau_fac >= 0."""
    TsodyksMarkram = ss.TsodyksMarkram
    with pytest.raises(InvalidValueError, match=f"TsodyksMarkram.*{next(iter(bad))}"):
        TsodyksMarkram(**({"U": 0.5, "tau_rec": 800.0, "tau_fac": 0.0} | bad))
