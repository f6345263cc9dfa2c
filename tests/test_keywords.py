"""A call that does not fit says what there is.  Truth: the signatures themselves, walked over every public callable."""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import types
from typing import Any

import pytest

import spikesim as ss
from spikesim import analysis, learn, plot, published, testing
from spikesim.errors import FrozenError, InvalidTypeError, UnknownParameterError, did_you_mean
from spikesim.network.network import Network
from spikesim.neurons import models

PUBLIC = {
    **{name: getattr(ss, name) for name in ss.__all__ if callable(getattr(ss, name))},
    **{f"Network.{name}": getattr(Network, name) for name in ("connect", "background", "inject", "run", "summary")},
    **{name: getattr(analysis, name) for name in analysis.__all__ if inspect.isfunction(getattr(analysis, name))},
    **{
        name: f
        for room in (published, testing)
        for name, f in ((name, getattr(room, name)) for name in room.__all__)
        if inspect.isfunction(f)
    },
    **{f"plot.{name}": getattr(plot, name) for name in plot.__all__ if inspect.isfunction(getattr(plot, name))},
    **{
        f"{cls.__name__}.{name}": getattr(cls, name)
        for cls in (ss.Result, ss.Simulation, ss.SpikeTrains, ss.Traces)
        for name, verb in vars(cls).items()
        if name[0] != "_" and (inspect.isfunction(verb) or isinstance(verb, classmethod))
    },
    **models(),
}
#: Values and decorators of errors and results, which a user does not call; models() are built-in ones.
NOT_CALLED = {"SpikesimError", "SpikesimWarning", "UnitWarning", "Population", "Selection", "Result", "SpikeTrains",
              "Traces", "Input", "model", "equation", "release", "synapse"}  # fmt: skip
CALLED = sorted(set(PUBLIC) - NOT_CALLED)


@pytest.mark.parametrize("name", CALLED)
def test_an_unknown_keyword_names_what_there_is(name: str) -> None:
    """Whatever is called: the callable, the keyword, and every parameter."""
    target = PUBLIC[name]
    known = [p for p in inspect.signature(target).parameters if p not in ("self", "initial", "variables")]
    with pytest.raises(UnknownParameterError, match="no_such_thing") as caught:
        target(**{"no_such_thing": 1.0})
    message = str(caught.value)
    assert isinstance(caught.value, TypeError) and isinstance(caught.value, KeyError)
    assert message.startswith(name.removeprefix("plot.").split(".")[0])
    assert all(parameter in message for parameter in known)


#: Where what a user calls stands; `jit`, `random` and `errors` are helpers of who extends the package.
ROOMS = ["", "analysis", "export", "formats", "learn", "learn.nn", "learn.optim", "learn.plots", "neurons",
         "plasticity", "plot", "published", "record", "report", "runs", "synapses", "testing"]  # fmt: skip
#: What the package makes and hands out: nobody calls these, except to copy what was handed out.
HANDED_OUT = {
    "Comparison", "Connectome", "Correlations", "Correlogram", "Difference", "Gradients", "Graph", "Input", "Layout",
    "NetworkRun", "Parameter", "Population", "PopulationStatistics", "ProbeLayout", "Recording", "Reference", "Regime",
    "Result", "Selection", "Size", "Spectrum", "SpikeTrains", "SpikingRun", "Statistics", "Tensor", "Traces", "Var",
}  # fmt: skip
#: What is derived from or decorates: its constructor is that of the class that a user writes.
DERIVED_FROM = {"Op", "Plasticity", "Sink", "Synapse", "equation"}


def answered(call: Any, *first: Any) -> bool:
    """Whether a call with a keyword that nothing has is refused by the package."""
    try:
        call(*first, no_such_thing=1)
    except ss.SpikesimError as error:
        return isinstance(error, (InvalidTypeError, UnknownParameterError)) and "no_such_thing" in str(error)
    except TypeError:
        return False
    return False


def takes_any(call: Any) -> bool:
    """Whether its keywords are not known before: names of states, parameters or columns."""
    return any(p.kind is p.VAR_KEYWORD for p in inspect.signature(call).parameters.values())


@pytest.mark.parametrize("room", ROOMS)
def test_no_call_is_answered_by_python(room: str) -> None:
    """Every function and constructor of every room.  By rule not: kernels, equations, what is handed out."""
    module = importlib.import_module(f"spikesim.{room}".rstrip("."))
    named = {name: getattr(module, name) for name in module.__all__ if name not in HANDED_OUT | DERIVED_FROM}
    called = {
        name: value
        for name, value in named.items()
        if callable(value) and str(getattr(value, "__module__", "")).startswith("spikesim")
        if not (isinstance(value, type) and issubclass(value, BaseException)) and not takes_any(value)
    }
    assert called or room in ("formats",)
    assert [name for name, value in called.items() if not answered(value)] == []


@pytest.mark.parametrize(
    "cls",
    [ss.Network, ss.Simulation, ss.Result, ss.SpikeTrains, ss.runs.Worlds, ss.runs.Table, published.Competition,
     learn.Dataset, learn.DataLoader, learn.History, learn.RateClassifier, learn.RateRegressor,
     learn.SpikingClassifier],
    ids=lambda cls: cls.__name__,
)  # fmt: skip
def test_no_method_is_answered_by_python(cls: type) -> None:
    """Of what a user calls by name; tensors and modules, whose methods are operations, keep Python's words."""
    found = {
        name: getattr(cls, name)
        for name in dir(cls)
        if name[0] != "_"
        and isinstance(inspect.getattr_static(cls, name), (types.FunctionType, classmethod))
        and getattr(cls, name).__module__.startswith("spikesim")
    }
    bound = {name for name in found if isinstance(inspect.getattr_static(cls, name), classmethod)}
    wrong = [
        name
        for name, verb in found.items()
        if not (takes_any(verb) or name == "require_idle" or answered(verb, *([] if name in bound else [object()])))
    ]
    assert found and wrong == []


@pytest.mark.parametrize("name", sorted(models()))
def test_models_show_their_parameters(name: str) -> None:
    """As help() and Shift-Tab show them: names and defaults."""
    cls = models()[name]
    shown = inspect.signature(cls).parameters
    hold = {"hold": True} if "t_ref" in cls._fields else {}
    assert tuple(shown) == (*cls._fields, *hold)
    defaults = {key: p.default for key, p in shown.items() if p.default is not p.empty}
    assert defaults == {**cls._field_defaults, **hold}


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: ss.Exponential(tau_syn=2.0), "Exponential: no parameter 'tau_syn'; did you mean 'tau'?"),
        (lambda: ss.DC(amp=3.0), "DC: no parameter 'amp'; did you mean 'amplitude'?"),
        (lambda: ss.fixed_indegree(K=3), "fixed_indegree: no parameter 'K'; did you mean 'k'?"),
        (lambda: ss.Network().run(10.0, thread=1), "Network.run: no parameter 'thread'; did you mean 'threads'?"),
        (lambda: ss.LIF(V_m=-60.0), "LIF: no parameter 'V_m'; the membrane potential is the state v"),
        (lambda: ss.STDP(A_plus=1.0, A_minus=1.0), "STDP: w_max is missing; call it as STDP(*, A_plus"),
        (lambda: ss.Network().connect(1, 2), "Network.connect: rule, delay and synapse are missing"),
        (lambda: ss.Gamma(1, 2.0, n=3), "Gamma: n is given twice"),
        (lambda: ss.Alpha(1.0, "peak", 3), "Alpha: at most 2 values without a name, got 3"),
    ],
)
def test_words(call: Any, words: str) -> None:
    """The nearest name, what is missing, how it is called."""
    with pytest.raises(InvalidTypeError if " no parameter" not in words else UnknownParameterError) as caught:
        call()
    assert str(caught.value).startswith(words)
    assert "all it as" in str(caught.value)


def test_an_error_inside_is_its_own() -> None:
    """A TypeError of what is called is not taken for a wrong call."""
    with pytest.raises(InvalidTypeError, match="Exponential: tau must be one number"):
        ss.Exponential(tau="3")


@pytest.mark.parametrize("value", [ss.LIF(), ss.DC(1.0), ss.Delta(), ss.fixed_indegree(3), ss.Alpha(tau=2.0)])
def test_values_are_frozen(value: Any) -> None:
    """Every field, with what to do instead."""
    fields = getattr(value, "_fields", None) or [f.name for f in dataclasses.fields(value)]
    with pytest.raises((FrozenError, dataclasses.FrozenInstanceError)):
        setattr(value, fields[0], 1.0)


def test_where_it_is_found_here() -> None:
    """Names of other simulators."""
    assert "ss.Alpha(tau)" in did_you_mean("iaf_psc_alpha", models())
    net = ss.Network()
    with pytest.raises(InvalidTypeError, match=r"ss\.Exponential\(tau\)"):
        net.population("a", 1, "iaf_psc_exp")
    with pytest.raises(FrozenError, match=r"LIF\(tau_m=10, \.\.\.\)"):
        ss.LIF().tau_m = 10  # type: ignore[misc]


def test_what_is_missing_beside_any_number_of_values_is_named() -> None:
    with pytest.raises(
        InvalidTypeError, match=r"Checkpointed: every is missing; call it as Checkpointed\(\*layers, every\)"
    ):
        learn.Checkpointed(learn.Spiking(2, ss.LIF.normalized(), ss.Exponential(5.0), n_in=2, seed=1))


def test_what_the_package_offers_is_completed() -> None:
    assert {"Simulation", "worlds", "load"} <= set(dir(ss)) == set(ss.__all__)
