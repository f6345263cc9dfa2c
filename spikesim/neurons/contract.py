"""What a neuron model is: a small frozen value (its parameters) and a handful of pure functions.

======== =============================== =================================================================
verb     arguments                       returns
======== =============================== =================================================================
slope    state s, input u, parameters p  ds/dt, one entry a state: the differential equation, the specification
flow     s, u, p, dt                     the state dt later under constant input u (optional; see `order`)
margin   s, p                            signed distance to threshold; a spike is where it reaches 0 from below
reset    s, p                            the state right after a spike (optional: without it the model makes
                                         its own spike, and an upward crossing of margin = 0 is recorded)
rest     p                               the resting state without input (optional: found by root finding)
======== =============================== =================================================================

``s`` is a tuple of floats in the order of ``states``; ``u`` has the two fields of :class:`Input`; ``p`` has the
parameters by name.  The same text is compiled into the loops, runs on arrays and on a tape; so it has no ``if``, loop or
index: select with :func:`spikesim.jit.where`, and take ``exp`` from :mod:`spikesim.jit` (it vectorises).
Refractoriness, clamping, recording and heterogeneity live in the loops: a model that has a parameter ``t_ref`` is held at
its reset for that long.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

import numpy as np

from ..errors import InvalidTypeError, InvalidValueError, UnknownParameterError, did_you_mean

__all__ = ["Input", "Parameter", "equation", "is_model", "model", "models"]


class Input(NamedTuple):
    """What a neuron feels from its synapses and electrodes: current (pA) + conductance (nS) towards 0 mV.

    The total current into the membrane at potential V is ``current - conductance * V``; a conductance synapse
    with reversal potential E adds ``g * E`` to ``current`` and ``g`` to ``conductance``.
    """

    current: Any = 0.0
    conductance: Any = 0.0


class Parameter:
    """Anything that stands for one value a neuron and is drawn later: the distributions derive from it."""


Model = TypeVar("Model", bound=type)

VERBS = ("slope", "flow", "margin", "reset", "rest")
_registry: dict[str, type] = {}


def equation(function: Callable[..., Any]) -> staticmethod:
    """Mark one of the model's verbs: a plain function of (state, input, parameters)."""
    return staticmethod(function)


def models() -> dict[str, type]:
    """Return every model class that has been declared, by name."""
    return dict(_registry)


def is_model(value: object) -> bool:
    """Whether `value` is an instance of a declared neuron model."""
    return getattr(type(value), "__spikesim_model__", False)


def model(cls: Model) -> Model:
    """Declare a NamedTuple of parameters with equations to be a neuron model.

    Class attributes of the contract
    --------------------------------
    states : tuple of str
        Names of the state variables.
    order : int
        Order of convergence of `flow` under constant input (default 4: the Runge-Kutta step that is
        supplied when there is no `flow`).
    clamped : tuple of str
        States held while refractory (default: ``("v",)`` where there is such a state, else all).
    positive, nonnegative : tuple of str
        Parameters that must be > 0 or >= 0; ``tau*`` and ``C_m`` are always > 0 and ``t_ref`` >= 0.
    ordered : tuple of (str, str)
        Pairs (low, high) with low < high.
    unbounded : tuple of str
        Parameters that may be +inf (default ``("V_th",)``).

    Raises
    ------
    InvalidTypeError
        If a verb or an attribute of the contract is missing or is no function.
    """
    where = f"model {cls.__name__}"
    if not (issubclass(cls, tuple) and hasattr(cls, "_fields")):
        raise InvalidTypeError(f"{where}: wanted a typing.NamedTuple of parameters, got {cls.__mro__[1].__name__}")
    states = getattr(cls, "states", None)
    if not (isinstance(states, tuple) and states and all(isinstance(s, str) for s in states)):
        raise InvalidTypeError(f'{where}: wanted states = ("v", ...), a tuple of names, got {states!r}')
    for verb in ("slope", "margin"):
        if not callable(getattr(cls, verb, None)):
            raise InvalidTypeError(f"{where}: has no `{verb}`; write it as an @equation")
    names = cls._fields
    for field, default in getattr(cls, "_field_defaults", {}).items():
        if not isinstance(default, (int, float, bool)):
            raise InvalidTypeError(f"{where}: default of {field} must be a number, got {default!r}")
    attributes: dict[str, Any] = {
        "clamped": ("v",) if "v" in states else states,
        "positive": (),
        "nonnegative": (),
        "ordered": (),
        "unbounded": ("V_th",),
        "order": 4 if not hasattr(cls, "flow") else 1,
        "source": False,
    }
    for key, value in attributes.items():
        if not hasattr(cls, key):
            setattr(cls, key, value)
    for verb in VERBS:
        if not hasattr(cls, verb):
            setattr(cls, verb, None)
    make = cls.__new__

    def __new__(kind: type, *args: Any, **kwargs: Any) -> Any:
        for key in kwargs:
            if key not in names:
                raise UnknownParameterError(f"{kind.__name__}: no parameter {key!r}{did_you_mean(key, names)}")
        if len(args) > len(names):
            raise InvalidTypeError(f"{kind.__name__}: at most {len(names)} parameters, got {len(args)}")
        raw = make(kind, *args, **kwargs)
        return tuple.__new__(kind, _checked(kind, raw))

    cls.__new__ = __new__  # type: ignore[assignment]
    cls._replace = lambda self, **changed: type(self)(**{**self._asdict(), **changed})  # type: ignore[attr-defined]
    cls._make = classmethod(lambda cls, values: cls(*values))  # type: ignore[attr-defined]
    cls.__eq__ = _equal  # type: ignore[assignment]
    cls.__ne__ = lambda self, other: not _equal(self, other)  # type: ignore[assignment]
    cls.__hash__ = _hash  # type: ignore[assignment]
    cls.__spikesim_model__ = True  # type: ignore[attr-defined]
    _registry[cls.__name__] = cls
    return cls


def _equal(self: tuple, other: object) -> bool:
    return type(self) is type(other) and all(np.array_equal(a, b) for a, b in zip(self, other))  # type: ignore[arg-type]


def _hash(self: tuple) -> int:
    return hash((type(self).__name__, *(v.tobytes() if isinstance(v, np.ndarray) else v for v in self)))


def _checked(cls: type, values: tuple) -> list[Any]:
    """Return the parameters as floats, float64 arrays or distributions, or say what is wrong with them."""
    fields: dict[str, Any] = {}
    positive = set(cls.positive) | {f for f in cls._fields if f.startswith("tau") or f == "C_m"}  # type: ignore[attr-defined]
    nonnegative = set(cls.nonnegative) | {"t_ref"}  # type: ignore[attr-defined]
    for name, value in zip(cls._fields, values):  # type: ignore[attr-defined]
        where = f"{cls.__name__}: parameter {name}"
        value = as_parameter(where, value, infinite=name in cls.unbounded)  # type: ignore[attr-defined]
        if not isinstance(value, Parameter):
            if name in positive:
                require(where, value, np.asarray(value) > 0, "> 0")
            elif name in nonnegative:
                require(where, value, np.asarray(value) >= 0, ">= 0")
        fields[name] = value
    for low, high in cls.ordered:  # type: ignore[attr-defined]
        a, b = fields[low], fields[high]
        if isinstance(a, Parameter) or isinstance(b, Parameter):
            continue
        if np.ndim(a) and np.ndim(b) and len(a) != len(b):
            raise InvalidValueError(f"{cls.__name__}: {low} has {len(a)} values and {high} {len(b)}; give one a neuron to both")
        bad = np.flatnonzero(~(np.asarray(a) < np.asarray(b)))
        if bad.size:
            at = f" at index {bad[0]}" if np.ndim(a) or np.ndim(b) else ""
            raise InvalidValueError(
                f"{cls.__name__}: {low} must be below {high}{at}, got {low} = {_at(a, bad[0])!r} and {high} = {_at(b, bad[0])!r}"
            )
    return [fields[name] for name in cls._fields]  # type: ignore[attr-defined]


def _at(value: Any, index: int) -> float:
    return float(value[index]) if np.ndim(value) else float(value)


def as_parameter(where: str, value: Any, *, infinite: bool = False) -> Any:
    """Return a number as float, an array as read-only float64 vector, a distribution as it is; refuse the rest."""
    if isinstance(value, Parameter):
        return value
    if isinstance(value, (bool, np.bool_)) or value is None or isinstance(value, (str, bytes, complex)):
        raise InvalidTypeError(f"{where}: wanted a number, an array or a distribution, got {type(value).__name__} {value!r}")
    try:
        array = np.asarray(value)
        if array.dtype.kind not in "iuf":
            raise TypeError
        array = array.astype(np.float64)
    except (TypeError, ValueError):
        raise InvalidTypeError(
            f"{where}: wanted a number, an array or a distribution, got {type(value).__name__}"
        ) from None
    if array.ndim > 1:
        raise InvalidValueError(f"{where}: wanted one value or a vector of one a neuron, got shape {array.shape}")
    ok = np.isfinite(array) | (np.isposinf(array) if infinite else False)
    require(where, array, ok, "finite")
    if array.ndim == 0:
        return float(array)
    array.setflags(write=False)
    return array


def require(where: str, value: Any, ok: Any, wanted: str) -> None:
    """Raise :class:`InvalidValueError` naming the first value that is not as wanted, and how many."""
    ok = np.asarray(ok)
    if ok.all():
        return
    if ok.ndim == 0:
        raise InvalidValueError(f"{where} must be {wanted}, got {float(value)!r}")
    bad = np.flatnonzero(~ok)
    raise InvalidValueError(
        f"{where} must be {wanted}, got {float(np.asarray(value)[bad[0]])!r} at index {bad[0]} ({bad.size} such values)"
    )
