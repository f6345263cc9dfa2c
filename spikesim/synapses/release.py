"""What a release is: how much of a synapse's weight one spike transmits, as a function of the source's earlier spikes.

A projection with a release has one state for each of its sources.  All synapses of a source transmit a spike with the
same factor; the state changes when the source emits, so the factor does not depend on delays or on who receives.

======== ================ ======================================================================================
verb     form             meaning
======== ================ ======================================================================================
between  s, dt, p         the state dt (ms) later, without a spike in between: the exact solution
on_spike s, p             (the state right after a spike, the factor by which that spike's weights are multiplied)
         s, p, z          the same by chance: z is a tuple of `draws` independent numbers, uniform in (0, 1)
rest     p                the state before the first spike (optional: what `between` tends to)
======== ================ ======================================================================================

``s`` is a tuple of floats in the order of ``states``, ``p`` has the parameters by name.  As in the equations of neurons
there is no ``if``, loop or index by a variable; select with :func:`spikesim.jit.where`.

The j-th spike of a source takes the j-th numbers of a stream of its own, a function of (seed, projection, source): the
same for any number of threads, and on both engines.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, TypeVar, overload

import numpy as np

from ..docstrings import inherit
from ..errors import InvalidTypeError, InvalidValueError
from ..keywords import named
from ..neurons.contract import check_attributes, check_verbs, with_contract
from ..neurons.equations import check_result, evaluated
from ..neurons.values import freeze_values
from .verbs import ChanceVerbs, ReleaseVerbs

__all__ = ["is_release", "release", "releases", "resting"]

VERBS = {"between": "between(s, dt, p)", "on_spike": "on_spike(s, p)", "rest": "rest(p)"}
CONTRACT = ("states", "draws", "positive", "nonnegative", "fractions")
#: Most numbers that chance takes a spike; and a time (ms) after which all is at rest.
MOST_DRAWS, LONG = 4, 1e12

Declared = TypeVar("Declared", bound=type)
_registry: dict[str, type] = {}


@named
def releases() -> dict[str, type]:
    """Return every release that has been declared, by name.

    Returns
    -------
    dict of str to type
        Those of the package, and yours.

    Examples
    --------
    >>> import spikesim as ss
    >>> from spikesim.synapses import releases
    >>> releases()["TsodyksMarkram"] is ss.TsodyksMarkram
    True
    """
    return dict(_registry)


@named
def is_release(value: object) -> bool:
    """Whether `value` is an instance of a declared release.

    Parameters
    ----------
    value : object
        Anything.

    Returns
    -------
    bool
        Whether it can be given to ``net.connect(..., release=...)``.

    Examples
    --------
    >>> import spikesim as ss
    >>> from spikesim.synapses import is_release
    >>> is_release(ss.TsodyksMarkram()), is_release(ss.Delta())
    (True, False)
    """
    return getattr(type(value), "__spikesim_release__", False)


@overload
def release(cls: Declared) -> Declared: ...
@overload
def release(**contract: Any) -> Callable[[Declared], Declared]: ...
def release(cls: Any = None, **contract: Any) -> Any:
    """Declare a NamedTuple of parameters with equations to be a release.

    The contract is given as class attributes, or as arguments: ``@release(states=("x",))`` (type checkers know no class
    attributes in a NamedTuple).

    Parameters
    ----------
    cls : type
        The NamedTuple; left out where the contract is given as arguments.
    **contract
        Its entries, below.

    Other Parameters
    ----------------
    states : tuple of str
        Names of the states.
    positive, nonnegative, fractions : tuple of str
        Parameters that must be > 0, >= 0, or from 0 to 1; ``tau*`` are > 0 unless they are named as nonnegative.
    draws : int
        How many random numbers a spike takes: 1 where `on_spike` has a third argument, unless given.

    Returns
    -------
    type
        The same class; its values go to ``net.connect(..., release=...)``.

    Raises
    ------
    InvalidTypeError
        If a verb or an attribute is missing or wrong, or an equation does not return what it must.
    UnknownParameterError
        If an equation names a parameter that the release does not have.

    Examples
    --------
    >>> from typing import NamedTuple
    >>> from spikesim.jit import exp
    >>> from spikesim.synapses import equation, release
    >>> @release
    ... class Depression(NamedTuple):
    ...     tau: float = 800.0
    ...     U: float = 0.5
    ...     states = ("x",)
    ...     @equation
    ...     def between(s, dt, p):
    ...         return (1.0 - (1.0 - s[0]) * exp(-dt / p.tau),)
    ...     @equation
    ...     def on_spike(s, p):
    ...         return (s[0] - p.U * s[0],), p.U * s[0]
    >>> Depression(tau=500.0)
    Depression(tau=500.0, U=0.5)
    """
    if cls is None:
        return lambda declared: release(with_contract("release", declared, contract, CONTRACT))
    where = f"release {getattr(cls, '__name__', cls)}"
    check_attributes(where, cls)
    verb = inspect.getattr_static(cls, "on_spike", None)
    chance = isinstance(verb, staticmethod) and len(inspect.signature(verb.__func__).parameters) == 3
    verbs = VERBS | {"on_spike": "on_spike(s, p, z)"} if chance else VERBS
    check_verbs(where, cls, verbs, ("between", "on_spike"))
    for name in ("positive", "nonnegative", "ordered", "unbounded", "fractions"):
        if not hasattr(cls, name):
            setattr(cls, name, ())
    if not hasattr(cls, "rest"):
        cls.rest = None
    if not hasattr(cls, "draws"):
        cls.draws = int(chance)
    if not (isinstance(cls.draws, int) and (1 <= cls.draws <= MOST_DRAWS if chance else cls.draws == 0)):
        wanted = f"from 1 to {MOST_DRAWS}" if chance else "0, or an on_spike(s, p, z) that takes them"
        raise InvalidTypeError(f"{where}: draws, the random numbers of a spike, must be {wanted}, got {cls.draws!r}")
    for key in ("positive", "nonnegative", "fractions"):
        for name in getattr(cls, key):
            if name not in cls._fields:
                raise InvalidTypeError(f"{where}: {key} names {name!r}, which is no parameter")
    _check_equations(where, cls)
    inherit(cls, ChanceVerbs if chance else ReleaseVerbs)
    freeze_values(cls)
    cls.__spikesim_release__ = True
    _registry[cls.__name__] = cls
    return cls


def _check_equations(where: str, cls: Any) -> None:
    """Evaluate the equations once (1 for a parameter without default), so that slips show at once."""
    p = tuple.__new__(cls, [float(cls._field_defaults.get(name, 1.0)) for name in cls._fields])
    s = tuple(np.float64(0.25) for _ in cls.states)
    later = evaluated(where, "between", cls.between, (s, 0.1, p), cls, p)
    if later is not None:
        check_result(where, "between", later, cls.states)
    found = evaluated(where, "on_spike", cls.on_spike, _arguments(cls, s, p), cls, p)
    if found is not None:
        check_spike(where, found, cls.states)
    start = None if cls.rest is None else evaluated(where, "rest", cls.rest, (p,), cls, p)
    if start is not None:
        check_result(where, "rest", start, cls.states)


def _arguments(cls: Any, s: Any, p: Any) -> tuple[Any, ...]:
    return (s, p, (np.float64(0.5),) * cls.draws) if cls.draws else (s, p)


def check_spike(where: str, result: Any, states: tuple[str, ...]) -> None:
    """Refuse what is no (state, factor)."""
    if not (isinstance(result, tuple) and len(result) == 2 and isinstance(result[0], tuple)):
        raise InvalidTypeError(
            f"{where}: on_spike must return two things, the state as a tuple of {len(states)} value(s) and the factor: "
            f"return (...,), factor; got {result!r:.60}"
        )
    check_result(where, "on_spike", result[0], states)
    if not isinstance(result[1], (int, float, np.number, np.bool_)):
        raise InvalidTypeError(f"{where}: the factor of on_spike must be a number, got {result[1]!r:.60}")


def resting(where: str, value: Any, p: Any) -> tuple[float, ...]:
    """Return the state before the first spike, for parameters `p` that are numbers."""
    cls = type(value)
    try:
        with np.errstate(all="ignore"):
            found = cls.rest(p) if cls.rest is not None else cls.between((0.0,) * len(cls.states), LONG, p)
    except ArithmeticError:
        found = (np.nan,) * len(cls.states)
    if not np.all(np.isfinite(found)):
        raise InvalidValueError(
            f"{where}: the state before the first spike is {tuple(map(float, found))}; write it as an "
            f"@equation: rest(p)"
        )
    return tuple(float(v) for v in found)
