"""What a neuron model is: a small frozen value (its parameters) and a handful of pure functions.

========= ========================== ==================================================================
verb      arguments                  returns
========= ========================== ==================================================================
slope     state s, input u, param. p ds/dt, one entry a state: the differential equation, the specification
flow      s, u, p, dt                the state dt later under constant input u (optional; see `order`)
margin    s, p                       signed distance to threshold; a spike is where it reaches 0 from below
                                     (optional: a model without a threshold never fires)
hazard    s, p                       instead of a margin: spikes per ms, by chance (escape noise)
reset     s, p                       the state right after a spike (optional: without it the model makes
                                     its own spike, and an upward crossing of margin = 0 is recorded)
diffusion s, p                       one entry a state: the coefficient of dW, unit of the state per sqrt(ms), of
                                     a Wiener process of its own (Ito); optional: noise in the equation
rest      p                          the resting state, without input and with I_e = 0 (optional: found by
                                     root finding); never compiled
observe   s, u, p                    a dict of derived quantities that can be recorded, as in
                                     {"I_Na": ...} (optional); runs on arrays and is never compiled
========= ========================== ==================================================================

``s`` is a tuple of floats in the order of ``states``; ``u`` has the fields of :class:`Input`, and those that the
model names in ``inputs``; ``p`` has the parameters by name.  The same text is compiled into the loops, runs on arrays
and on a tape; so it has no ``if``, loop or index: select with :func:`spikesim.jit.where`, and take ``exp`` from
:mod:`spikesim.jit` (it vectorises).  Functions of yours that a verb calls are compiled with it.  Refractoriness,
clamping, recording and heterogeneity live in the loops: a model that has a parameter ``t_ref`` is held at its reset for
that long, unless it is made with ``hold=False``.
"""

from __future__ import annotations

import functools
import inspect
import math
from collections import namedtuple
from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, overload

import numpy as np

from ..docstrings import inherit
from ..errors import InvalidTypeError, UnknownParameterError, did_you_mean, warn
from ..keywords import named
from .equations import check_observed, check_result, compilable, evaluated
from .parameters import as_numbers, as_parameter, require
from .values import freeze_values
from .verbs import Verbs

__all__ = [
    "Input",
    "as_numbers",
    "as_parameter",
    "check_attributes",
    "check_verbs",
    "equation",
    "input_of",
    "is_model",
    "model",
    "models",
    "propagated",
    "require",
    "with_contract",
]


class Input(NamedTuple):
    """What a neuron feels from its synapses and electrodes: current (pA) + conductance (nS) towards 0 mV.

    The total current into the membrane at potential V is ``current - conductance * V``; a conductance synapse
    with reversal potential E adds ``g * E`` to ``current`` and ``g`` to ``conductance``.  Inputs that a model names
    stand beside them, under their names, and ``t`` is the time (ms).

    Parameters
    ----------
    current : float or array
        In pA.
    conductance : float or array
        In nS, towards 0 mV.
    t : float
        The time (ms).

    Examples
    --------
    >>> from spikesim.neurons import Input
    >>> Input(current=100.0).conductance
    0.0
    """

    current: Any = 0.0
    conductance: Any = 0.0
    t: Any = 0.0


@functools.cache
def input_of(inputs: tuple[str, ...]) -> Any:
    """Return the class of the input of models that name these: `Input`, or one with more fields."""
    names = ("current", "conductance", *inputs, "t")
    return namedtuple("Input", names, defaults=(0.0,) * len(names)) if inputs else Input


Model = TypeVar("Model", bound=type)

VERBS = {
    "slope": "slope(s, u, p)",
    "flow": "flow(s, u, p, dt)",
    "margin": "margin(s, p)",
    "hazard": "hazard(s, p)",
    "reset": "reset(s, p)",
    "diffusion": "diffusion(s, p)",
    "rest": "rest(p)",
    "observe": "observe(s, u, p)",
}
INTERPRETED = ("rest", "observe")  # never compiled
CONTRACT = ("states", "inputs", "order", "clamped", "positive", "nonnegative", "ordered", "unbounded", "fractions")
_registry: dict[str, type] = {}


if TYPE_CHECKING:  # type checkers know what this one does to the first argument of a verb
    from builtins import staticmethod as equation
else:

    def equation(function: Callable[..., Any]) -> staticmethod:
        """Mark one of the model's verbs: a plain function of (state, input, parameters).

        Parameters
        ----------
        function : function
            Of the arguments that the verb has; see :func:`model`.

        Returns
        -------
        staticmethod
            The same function.

        Examples
        --------
        >>> import spikesim as ss
        >>> from typing import NamedTuple
        >>> @ss.model(states=("v",))
        ... class Leaky(NamedTuple):
        ...     tau_m: float = 10.0
        ...     @ss.equation
        ...     def slope(s, u, p):
        ...         return (-s[0] / p.tau_m,)
        >>> Leaky.slope((5.0,), None, Leaky())
        (-0.5,)
        """
        return staticmethod(function)


@named
def models() -> dict[str, type]:
    """Return every model class that has been declared, by name.

    Returns
    -------
    dict of str to type
        Those of the package, and yours.

    Examples
    --------
    >>> import spikesim as ss
    >>> from spikesim.neurons import models
    >>> models()["LIF"] is ss.LIF
    True
    """
    return dict(_registry)


@named
def is_model(value: object) -> bool:
    """Whether `value` is an instance of a declared neuron model.

    Parameters
    ----------
    value : object
        Anything.

    Returns
    -------
    bool
        Of sources (:class:`Poisson`, :class:`SpikeTimes`) False: they have no equations.

    Examples
    --------
    >>> import spikesim as ss
    >>> from spikesim.neurons import is_model
    >>> is_model(ss.LIF()), is_model(ss.LIF), is_model(5)
    (True, False, False)
    """
    return getattr(type(value), "__spikesim_model__", False)


@overload
def model(cls: Model) -> Model: ...
@overload
def model(**contract: Any) -> Callable[[Model], Model]: ...
def model(cls: Any = None, **contract: Any) -> Any:
    """Declare a NamedTuple of parameters with equations to be a neuron model.

    The contract is given as class attributes, or as arguments: ``@model(states=("v",), order=2)`` (type checkers know
    no class attributes in a NamedTuple).

    Parameters
    ----------
    cls : type
        The NamedTuple; left out where the contract is given as arguments.
    **contract
        Its entries, below.

    Other Parameters
    ----------------
    states : tuple of str
        Names of the state variables.
    order : int or inf
        Order of convergence of `flow` under constant input; inf: exact (default 4 without a `flow`: the
        Runge-Kutta step that is supplied; else 1).
    clamped : tuple of str
        States held while refractory (default: ``("v",)`` where there is such a state, else all).
    inputs : tuple of str
        Inputs beyond current and conductance, read as ``u.name``; a stimulus goes there by
        ``net.inject(..., into="name")``.
    positive, nonnegative : tuple of str
        Parameters that must be > 0 or >= 0; ``tau*`` and ``C_m`` are always > 0 and ``t_ref`` >= 0.
    ordered : tuple of (str, str)
        Pairs (low, high) with low < high.
    unbounded : tuple of str
        Parameters that may be +inf (default ``("V_th",)``).
    fractions : tuple of str
        States that lie in 0 ... 1 (gates): what they start at is held to it.

    Returns
    -------
    type
        The same class; its values are models.

    Raises
    ------
    InvalidTypeError
        If a verb or an attribute of the contract is missing or wrong, or an equation does not return
        one value a state.
    UnknownParameterError
        If an equation names a parameter that the model does not have.

    Examples
    --------
    >>> import spikesim as ss
    >>> from typing import NamedTuple
    >>> @ss.model(states=("v",))
    ... class Leaky(NamedTuple):
    ...     tau_m: float = 10.0
    ...     V_th: float = 15.0
    ...     @ss.equation
    ...     def slope(s, u, p):
    ...         return ((u.current - s[0]) / p.tau_m,)
    ...     @ss.equation
    ...     def margin(s, p):
    ...         return s[0] - p.V_th
    ...     @ss.equation
    ...     def reset(s, p):
    ...         return (0.0,)
    >>> Leaky(tau_m=20.0)
    Leaky(tau_m=20.0, V_th=15.0)
    """
    if cls is None:
        return lambda declared: model(with_contract("model", declared, contract, CONTRACT))
    where = f"model {cls.__name__}"
    check_attributes(where, cls)
    check_verbs(where, cls, VERBS, ("slope",))
    if getattr(cls, "margin", None) is not None and getattr(cls, "hazard", None) is not None:
        raise InvalidTypeError(f"{where}: a spike comes by `margin` or by `hazard`; leave one out (set it to None)")
    if getattr(cls, "reset", None) is not None and not (getattr(cls, "margin", None) or getattr(cls, "hazard", None)):
        warn(f"{where}: has a `reset`, but neither `margin` nor `hazard`: it never fires; write a margin(s, p)")
    for key, value in _defaults(cls).items():
        if not hasattr(cls, key):
            setattr(cls, key, value)
    _check_names(where, cls)
    _check_equations(where, cls)
    inherit(cls, Verbs)
    freeze_values(cls)
    cls.__spikesim_model__ = True
    _registry[cls.__name__] = cls
    return cls


def propagated(cls: Any) -> bool:
    """Whether a model takes no step of its own, so that a propagator takes it wherever its equations are linear."""
    own = cls.inputs or (cls.flow is not None and not math.isinf(cls.order))
    fires = cls.reset is not None and cls.margin is not None
    only_noise = cls.diffusion is not None and cls.reset is cls.margin is cls.hazard is None
    return (fires or only_noise) and not own


def with_contract(what: str, cls: Any, contract: Mapping[str, Any], known: Collection[str]) -> Any:
    """Set the entries of a contract as attributes of a class, or refuse one that is not known."""
    for key, value in contract.items():
        if key not in known:
            raise UnknownParameterError(
                f"{what} {cls.__name__}: no entry {key!r} in the contract{did_you_mean(key, known)}"
            )
        setattr(cls, key, value)
    return cls


def _defaults(cls: Any) -> dict[str, Any]:
    return {
        "clamped": ("v",) if "v" in cls.states else cls.states,
        "positive": (),
        "nonnegative": (),
        "ordered": (),
        "unbounded": ("V_th",),
        "fractions": (),
        "inputs": (),
        "order": 1 if hasattr(cls, "flow") else 4,
        "source": False,
        "observed": (),
        "held": True,
        **dict.fromkeys(VERBS),
    }


def check_attributes(where: str, cls: Any) -> None:
    """Refuse what is no NamedTuple of numbers with names of states."""
    if not (isinstance(cls, type) and issubclass(cls, tuple) and hasattr(cls, "_fields")):
        base = cls.__mro__[1].__name__ if isinstance(cls, type) else type(cls).__name__
        raise InvalidTypeError(f"{where}: wanted a typing.NamedTuple of parameters, got {base}")
    states = getattr(cls, "states", None)
    if not (isinstance(states, tuple) and states and all(isinstance(s, str) for s in states)):
        hint = "; write the comma of a tuple of one" if isinstance(states, str) else ""
        raise InvalidTypeError(f'{where}: wanted states = ("v", ...), a tuple of names, got {states!r}{hint}')
    if len(set(states)) < len(states) or set(states) & set(cls._fields):
        raise InvalidTypeError(f"{where}: states {states} must differ from each other and from the parameters")
    inputs = getattr(cls, "inputs", ())
    if not (isinstance(inputs, tuple) and all(isinstance(i, str) and i.isidentifier() for i in inputs)):
        hint = "; write the comma of a tuple of one" if isinstance(inputs, str) else ""
        raise InvalidTypeError(f'{where}: wanted inputs = ("x", ...), a tuple of names, got {inputs!r}{hint}')
    if len({*inputs, *Input._fields}) < len(inputs) + len(Input._fields):
        raise InvalidTypeError(f"{where}: inputs {inputs} must differ from each other and from {Input._fields}")
    for field, default in getattr(cls, "_field_defaults", {}).items():
        if isinstance(default, bool) or not isinstance(default, (int, float)):
            raise InvalidTypeError(f"{where}: default of {field} must be a number, got {default!r}")


def check_verbs(where: str, cls: Any, verbs: Mapping[str, str], required: Collection[str]) -> None:
    """Refuse verbs that are missing, that take other arguments than in their form, or that cannot be compiled."""
    for verb, form in verbs.items():
        function = inspect.getattr_static(cls, verb, None)
        if function is None:
            if verb in required:
                raise InvalidTypeError(f"{where}: has no `{verb}`; write it as an @equation: {form}")
            continue
        if not isinstance(function, staticmethod):
            raise InvalidTypeError(f"{where}: {verb} must be marked @equation")
        got = len(inspect.signature(function.__func__).parameters)
        if got != form.count(",") + 1:
            raise InvalidTypeError(f"{where}: wanted {form}, got a function of {got} arguments")
        if verb not in INTERPRETED:
            compilable(f"{where}: {verb}", function.__func__)


def _check_names(where: str, cls: Any) -> None:
    """Refuse names in the contract's tables that are no states or parameters."""
    pairs = [name for pair in cls.ordered for name in pair]
    for key, names, known in (
        ("clamped", cls.clamped, cls.states),
        ("fractions", cls.fractions, cls.states),
        ("positive", cls.positive, cls._fields),
        ("nonnegative", cls.nonnegative, cls._fields),
        ("ordered", pairs, cls._fields),
    ):
        for name in names:
            if name not in known:
                raise InvalidTypeError(f"{where}: {key} names {name!r}{did_you_mean(name, known)}")


def _check_equations(where: str, cls: Any) -> None:
    """Evaluate the equations once (1 for a parameter without default), so that slips show at once."""
    p = tuple.__new__(cls, [float(cls._field_defaults.get(name, 1.0)) for name in cls._fields])
    s = tuple(np.float64(0.25) for _ in cls.states)
    kind = input_of(cls.inputs)
    u = kind(*(np.float64(0.0) for _ in kind._fields))
    arguments = {
        "slope": (s, u, p), "flow": (s, u, p, 0.1), "margin": (s, p), "hazard": (s, p), "reset": (s, p),
        "diffusion": (s, p), "observe": (s, u, p),
    }  # fmt: skip
    for verb, given in arguments.items():
        function = getattr(cls, verb)
        result = None if function is None else evaluated(where, verb, function, given, cls, p)
        if verb == "observe" and function is not None:
            cls.observed = check_observed(where, result, (*cls.states, *cls._fields))
        elif result is not None:
            check_result(where, verb, result, cls.states)
