"""A bad argument is answered in words of the package.  Truth: the calls of the reference, each argument replaced.

`arguments` says what is tried.  Wrong are: an error that is not the package's, at once or later, a process that dies or
hangs, a warning of NumPy's, NaN in what is returned, and a refusal of what NumPy, a file or another machine may give.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from code_blocks import ROOT

import spikesim as ss
from spikesim import learn
from spikesim.errors import IndexRangeError, InvalidTypeError, InvalidValueError, MemoryLimitError, NumericalError
from spikesim.grid import Grid
from spikesim.keywords import named
from spikesim.record import Layout

#: By what their full names begin with: a little of what is called most, and takes no compiler.
FEW = ("spikesim.uniform", "spikesim.Alpha", "spikesim.DC", "spikesim.all_to_all", "spikesim.learn.Parameter.s")
#: What was audited whole and is held to it.
ALL = [
    ("spikesim.Network.inject", "spikesim.Network.population", "spikesim.Network.connect"),
    ("spikesim.Exponential", "spikesim.Alpha", "spikesim.Gamma", "spikesim.DoubleExponential", "spikesim.SpikeTrains"),
    ("spikesim.STDP", "spikesim.BCM", "spikesim.DC", "spikesim.Steps", "spikesim.Sine"),
    ("spikesim.all_to_all", "spikesim.fixed_", "spikesim.from_pairs", "spikesim.uniform", "spikesim.normal"),
]


def audit(prefixes: tuple[str, ...]) -> dict[str, Any]:
    env = {**os.environ, "PYTHONPATH": str(ROOT), "MPLBACKEND": "agg"}
    call = [sys.executable, str(ROOT / "tests" / "arguments.py"), *prefixes]
    run = subprocess.run(call, env=env, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr[-2000:]
    return json.loads(run.stdout)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a bad call is made in a child that is forked")
@pytest.mark.parametrize(
    "prefixes", [FEW, *(pytest.param(each, marks=pytest.mark.slow) for each in ALL)], ids=lambda prefixes: prefixes[0]
)
def test_what_is_called_most(prefixes: tuple[str, ...]) -> None:
    found = audit(prefixes)
    assert len(found["seen"]) >= len(prefixes) and found["calls"] > 25 * found["arguments"] > 0
    assert found["faults"] == []


def test_the_audit_sees_faults() -> None:
    """What is no fault of the package's is one when it comes from Python: the check of the check."""
    from arguments import nans, of

    assert of(InvalidValueError("x")) == "" and "ValueError: x" in of(ValueError("x"))
    assert of(ValueError("of the example"), later=True) == ""
    assert nans({"a": [np.array([1.0, np.nan])], "b": float("nan")}) == 2


def data() -> learn.Dataset:
    return learn.Dataset([[1.0], [2.0]], [0, 1])


def events() -> learn.EventBatch:
    return learn.EventBatch([1.0], [0], [0, 1], 1, 5.0)


def spiking(**how: Any) -> learn.Spiking:
    return learn.Spiking(2, ss.LIF.normalized(), ss.Exponential(5.0), n_in=3, seed=1, **how)


def trains() -> ss.SpikeTrains:
    return ss.SpikeTrains.from_lists([[1.0, 4.0], [2.0]], stop=10.0)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: trains().count("a"), InvalidTypeError, "start must be a time"),
        (lambda: ss.analysis.cv(1.0), InvalidTypeError, "cv: trains: wanted SpikeTrains, got float 1.0"),
        (lambda: ss.Network().run(1.0, progress="a"), InvalidTypeError, "progress: wanted True or False or None"),
        (lambda: ss.all_to_all("no"), InvalidTypeError, "allow_autapses: wanted True or False, got str 'no'"),
        (lambda: ss.AMPA(normalize=np.ones(3)), InvalidValueError, 'normalize must be "peak" or "area"'),
        (lambda: ss.Result.of({}, {}, start=0.0, stop=float("nan"), dt=0.1), InvalidValueError, "stop must be finite"),
        (lambda: ss.analysis.correlations(trains(), bin=True), InvalidTypeError, "bin: wanted one number, got bool"),
        (lambda: ss.analysis.correlations(trains(), sample=2.5), InvalidTypeError, "sample: wanted a whole number"),
        (lambda: learn.Dropout(0.5, seed=1.5), InvalidTypeError, "seed: wanted a whole number or None"),
        (lambda: learn.Spiking(2, gain=float("nan")), InvalidValueError, "gain: wanted one number, got nan"),
        (lambda: learn.Spiking(2, None, ss.Exponential(5.0), recurrent_delays=2.0), InvalidValueError, "recurrent=Tr"),
        (lambda: ss.DoubleExponential(1e300, 5.0), InvalidValueError, "tau_rise and tau_decay must be less"),
        (lambda: ss.Exponential(5.0).psc("a"), InvalidTypeError, "psc: t: wanted a number or an array"),
        (lambda: ss.DC(1.0).value([np.nan]), InvalidValueError, "value: t must be a number, got nan"),
        (lambda: learn.Dataset([[1.0, 2.0], [3.0]], [0, 1]), InvalidTypeError, "lists of unequal lengths"),
        (lambda: learn.EventBatch([1.0], [0.5], [0, 1], 1, 5.0), InvalidValueError, "unit: wanted whole numbers"),
        (lambda: ss.SpikeTrains([1.0], [0], 10**18, 0.0, 5.0), InvalidValueError, "size must be a number of neurons"),
        (lambda: ss.worlds(ss.Network(), 10**18), InvalidValueError, "worlds: n must be a whole number from 0"),
        (lambda: learn.Var([1.0]).sum("a"), InvalidTypeError, "sum: axis: wanted a whole number or a tuple of them"),
        (lambda: learn.Var([1.0]).sum(7), IndexRangeError, "sum: arguments of shape (1,) do not fit: axis 7"),
        (lambda: learn.Var([1.0]).astype("foo"), InvalidTypeError, "Var.astype: dtype: wanted dtype, got str 'foo'"),
        (lambda: learn.GRU(3, 5, seed=1).start(1.0), InvalidTypeError, "GRU.start: x: wanted Var, got float 1.0"),
        (lambda: [*learn.ReLU().named_modules(3)], InvalidTypeError, "named_modules: prefix: wanted a string"),
        (lambda: data().batch([5]), IndexRangeError, "batch: index: wanted a list of samples, 0 ... 1"),
        (lambda: data().subset("a"), InvalidTypeError, "subset: index: wanted an array of whole numbers"),
        (lambda: events().trains(-1), InvalidValueError, "EventBatch.trains: sample must be a whole number from 0"),
        (lambda: spiking().set_weights([[np.nan] * 3] * 2), InvalidValueError, "weights must be finite, got nan"),
        (lambda: spiking().set_weights([[1.0] * 3] * 2, recurrent=[[1.0]]), InvalidValueError, "has none of these"),
        (lambda: spiking(learn=("tau_m", "tau_m")), InvalidValueError, "learn names 'tau_m' twice"),
        (lambda: ss.Traces([1.0], ["a"], [1]), InvalidTypeError, "values: wanted float64"),
        (lambda: learn.SGD([learn.Var(1.0)], lr="a"), InvalidTypeError, "SGD: lr: wanted one number, got str 'a'"),
        (lambda: learn.Var([1.0]) + 1j, InvalidTypeError, "wanted real numbers, got complex128 1j"),
        (lambda: setattr(learn.Var([1.0]), "val", [1j]), InvalidTypeError, "wanted real numbers, got complex128"),
        (lambda: learn.finite_difference(lambda x: x * x, 1j), InvalidTypeError, "wanted real numbers, got complex"),
        (lambda: learn.finite_difference(np.sum, None), InvalidTypeError, "theta: wanted an array of numbers, got"),
        (lambda: learn.finite_difference(np.sum, [1.0, np.inf]), InvalidValueError, "wanted finite numbers, got inf"),
        (lambda: learn.finite_difference(np.sum, 1.0, np.inf), InvalidValueError, "step must be finite"),
        (lambda: learn.gradcheck(lambda x: x * x, np.array([1j])), InvalidTypeError, "wanted real numbers, got compl"),
        (lambda: learn.MSELoss()(learn.Var([1.0]), np.array([1j])), InvalidTypeError, "wanted real numbers, got comp"),
        (lambda: learn.Dropout(0.5, seed=1)(1j), InvalidTypeError, "wanted real numbers, got complex128 1j"),
        (lambda: learn.Tanh()(np.array([1j])), InvalidTypeError, "wanted real numbers, got complex128"),
        (lambda: learn.from_numpy(np.array([1j])), InvalidTypeError, "wanted real numbers, got complex128"),
        (lambda: learn.exponential(1e300)(5), NumericalError, "exponential: 1e+300^5 is beyond the largest float"),
        (lambda: learn.step_decay(1, 1e300)(5), NumericalError, "step_decay: 1e+300^5 is beyond the largest float"),
        (lambda: learn.cosine(3, floor=10**400), InvalidValueError, "floor: wanted one number, got an integer of 401"),
        (lambda: ss.LIF(tau_m=10**5000), InvalidValueError, "tau_m must be one number, got an integer of 5001 dig"),
        (lambda: learn.Linear(2, 10**5000), InvalidValueError, "n_out: wanted a number that is not as large"),
        (lambda: learn.split("a", 0.2), InvalidTypeError, "data: wanted a Dataset or a pair (inputs, targets), got s"),
        (lambda: learn.split(data(), np.nan), InvalidValueError, "split: fractions must be finite, got nan"),
        (lambda: ss.plot.delays([1e300], dt=0.1), InvalidValueError, "whole steps below 2^53"),
        (lambda: ss.plot.delays([1.0], dt=np.inf), InvalidValueError, "delays: dt must be finite, got inf"),
        (lambda: ss.NMDASaturating(alpha=-1.0), InvalidValueError, "parameter alpha must be >= 0, got -1.0"),
        (lambda: Layout(Grid(0.1), "a", {}, {}), InvalidTypeError, "start_step: wanted a whole number"),
        (lambda: Layout(Grid(0.1), 0, 3.0, {}), InvalidTypeError, "populations: wanted a mapping"),
        (lambda: ss.Network().run(1.0, every=(1.0, lambda: 0)), InvalidTypeError, "every: the function is called with"),
        (lambda: ss.Network().run(1.0, stop=lambda a, b: 0), InvalidTypeError, "missing a required argument: 'b'"),
        (lambda: learn.DataLoader(data(), transform=1.0), InvalidTypeError, "transform: wanted a function"),
    ],
)  # fmt: skip
def test_words(call: Any, error: type, words: str) -> None:
    """Kinds that were found: no number, a flag, a word, times, lists that read memory which is not theirs."""
    with pytest.raises(error) as caught:
        call()
    assert words in str(caught.value)


@pytest.mark.parametrize(("outputs", "classes"), [((4, 4), [0, 1, 2]), ((3, 4), [0, 1, 4]), ((3, 4), [0, -1, 2])])
def test_classes_that_do_not_fit_read_no_memory(outputs: tuple[int, int], classes: list[int]) -> None:
    """The loops of the cross entropy check nothing: as many rows as classes, each one of the outputs."""
    with pytest.raises(InvalidValueError, match="cross entropy: classes: wanted"):
        learn.CrossEntropyLoss().of_classes(np.ones(outputs), np.array(classes))


def test_an_error_of_a_layer_of_the_users_comes_through() -> None:
    class Own(learn.Module):
        def forward(self, x: Any) -> Any:
            raise KeyError("mine")

    with pytest.raises(KeyError, match="mine") as found:
        learn.Sequential(Own())(1.0)
    assert type(found.value) is KeyError


@pytest.mark.parametrize(("room", "done"), [("runs", []), ("network", ["a"])])
def test_a_number_is_refused_before_the_work_is_done(room: str, done: list[str]) -> None:
    """But by what only describes, whose own words about a number come first."""
    made = []

    def work(n: int) -> None:
        made.append(n)

    work.__module__ = f"spikesim.{room}.work"
    with pytest.raises(InvalidTypeError, match="n: wanted a whole number, got str 'a'"):
        named(work)("a")  # type: ignore[arg-type]
    assert made == done


def test_single_precision_is_the_decimal_that_it_shows() -> None:
    assert ss.LIF(t_ref=np.float32(1.7)).t_ref == 1.7 and ss.LIF(hold=np.bool_(True)) == ss.LIF()


def test_an_argument_too_large_for_memory_is_named() -> None:
    with pytest.raises((InvalidValueError, MemoryLimitError, NumericalError), match="n_out"):
        learn.Linear(2, 10**18)


@pytest.mark.parametrize("kind", [ValueError, TypeError, KeyError, ZeroDivisionError, IndexError])
@pytest.mark.parametrize("engine", ["clock", "event"])
def test_an_error_of_a_callback_comes_through(kind: type[Exception], engine: str) -> None:
    """Unchanged: it is the user's own."""

    def fails(sim: Any) -> bool:
        raise kind("mine")

    net = ss.Network(seed=1)
    net.population("cells", 2, ss.LIF())
    with pytest.raises(kind, match="mine") as found:
        net.run(20.0, engine=engine, stop=fails, progress=False)
    assert type(found.value) is kind
