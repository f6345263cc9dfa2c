"""A rule of plasticity of one's own: a NamedTuple of parameters, traces that decay, and what spikes do to a synapse.

======== ============================= ====================================================================
verb     arguments                     returns
======== ============================= ====================================================================
on_pre   s, pre, post, p               (s, pre) after a presynaptic spike has arrived at the synapse
on_post  s, pre, post, p               (s, post) after a spike of the target
on_step  s, pre, post, p, dt           s after `dt` more, at every step, or every `every` ms where the rule
                                       has a parameter of this name
on_event s, pre, post, p, amount       s after ``sim.reward(amount)``: a third factor
active   post, p                       a number: `on_step` is left out for targets where it is not > 0
======== ============================= ====================================================================

``s`` has the variables of the synapse: the weight ``s.w``, and those that ``synapse`` names.  ``pre`` and ``post``
have the traces of the source and of the target, as they are before the spike; ``p`` the parameters.  A verb returns
tuples in the order of the declaration (one number where there is one), only ``s`` where the side has no traces.  A verb
that is left out changes no variable of the synapse, and its spike adds 1 to every trace of its side.

Traces
------
``pre = {"x": "tau"}``: x decays with the time constant p.tau, exactly, between two events however far apart; likewise
``post``, and variables of the synapse (``synapse = {"c": "tau_c", "r": None}``; None: it stays as it is).  They start
at 0.  ``reads = ("v",)`` lets equations read a state of the target as ``post.v``; a trace of the target written
``"u": ("v", "tau")`` is that state through a low-pass filter, tau du/dt = v - u, exact for a v that is straight
between two steps, and starts at v.

Chance
------
A verb with one more argument behind the others, ``z``, is given a tuple of ``draws`` (1 unless said, at most 4) uniform
random numbers in (0, 1), new ones each time: ``on_pre(s, pre, post, p, z)``.  The k-th of a synapse is a function of
(seed, projection, source, target, k); k is a variable of the synapse, ``s.drawn``, beside ``s.which``, whose it is.

Order: as in :mod:`.contract`.  Arrivals and spikes at t find the states of the target, and what is filtered from them,
as they were a step before; then these are brought to t; then comes `on_step`.  The weight stays within the parameters
``w_min`` and ``w_max``, where the rule has them.
"""

from __future__ import annotations

import inspect
import math
from collections import namedtuple
from collections.abc import Callable
from keyword import iskeyword
from typing import Any, TypeVar, overload

import numpy as np

from ..docstrings import inherit
from ..errors import InvalidTypeError, InvalidValueError, UnknownParameterError, did_you_mean
from ..keywords import named
from ..neurons.equations import compilable
from ..neurons.values import freeze_values
from ..plausibility import warn_of_unit
from .contract import Plasticity, number
from .verbs import Verbs

__all__ = ["VERBS", "plasticity", "reading", "rules"]

Rule = TypeVar("Rule", bound=type)

VERBS = {
    "on_pre": "on_pre(s, pre, post, p)",
    "on_post": "on_post(s, pre, post, p)",
    "on_step": "on_step(s, pre, post, p, dt)",
    "on_event": "on_event(s, pre, post, p, amount)",
    "active": "active(post, p)",
}
#: Which side's traces a verb returns beside the variables of the synapse.
SIDES = {"on_pre": "pre", "on_post": "post", "on_step": None, "on_event": None}
#: Variables of the synapses of a rule of chance: which synapse it is, how often it has drawn.
CHANCE = ("which", "drawn")
MOST_DRAWS = 4
_registry: dict[str, type] = {}


@named
def rules() -> dict[str, type]:
    """Return every rule that has been declared, by name.

    Returns
    -------
    dict of str to type
        Those of the package, and yours.

    Examples
    --------
    >>> import spikesim as ss
    >>> from spikesim.plasticity import rules
    >>> rules()["BCM"] is ss.BCM
    True
    """
    return dict(_registry)


@overload
def plasticity(cls: Rule) -> Rule: ...
@overload
def plasticity(**contract: Any) -> Callable[[Rule], Rule]: ...
def plasticity(cls: Any = None, **contract: Any) -> Any:
    """Declare a NamedTuple of parameters with equations to be a rule of plasticity (see the module).

    Traces are given as class attributes, or as arguments: ``@plasticity(pre={"x": "tau"})`` (type checkers know no
    class attributes in a NamedTuple).

    Parameters
    ----------
    cls : type
        The NamedTuple; left out where the contract is given as arguments.
    **contract
        Its entries, below.

    Other Parameters
    ----------------
    synapse, pre, post : dict
        Variables of the synapse beside the weight, traces of the source and of the target: time constants by name.
    reads : tuple of str
        States of the target that equations read.
    draws : int
        Random numbers of a call, of verbs that take them (``z``).
    positive, nonnegative : tuple of str
        Parameters that must be > 0 or >= 0; time constants and ``every`` are always > 0.

    Returns
    -------
    type
        The same class; its values are rules.

    Raises
    ------
    InvalidTypeError
        If an equation is missing, cannot be compiled, or does not return what it must; if traces are no tables of
        names; if a new trace depends on more than the traces of its own side.
    UnknownParameterError
        If an equation or a trace names a parameter that the rule does not have.

    Examples
    --------
    >>> from typing import NamedTuple
    >>> import spikesim as ss
    >>> @ss.plasticity
    ... class Hebb(NamedTuple):
    ...     eta: float
    ...     tau: float = 20.0
    ...     w_max: float = 1.0
    ...     pre = {"x": "tau"}
    ...
    ...     @ss.equation
    ...     def on_post(s, pre, post, p):
    ...         return s.w + p.eta * pre.x
    >>> Hebb(eta=0.01)
    Hebb(eta=0.01, tau=20.0, w_max=1.0)
    """
    if cls is None:
        return lambda declared: plasticity(_with(declared, contract))
    where = f"plasticity {getattr(cls, '__name__', cls)}"
    if not (isinstance(cls, type) and issubclass(cls, tuple) and hasattr(cls, "_fields")):
        base = cls.__mro__[1].__name__ if isinstance(cls, type) else type(cls).__name__
        raise InvalidTypeError(f"{where}: wanted a typing.NamedTuple of parameters, got {base}")
    rule: Any = cls
    _check_verbs(where, rule)
    _read_traces(where, rule)
    _check_equations(where, rule)
    inherit(rule, Verbs)
    rule.law = None
    for name, bound in (("w_min", -math.inf), ("w_max", math.inf)):
        if name not in rule._fields:
            setattr(rule, name, bound)
    freeze_values(rule, _checked)
    Plasticity.register(rule)
    _registry[rule.__name__] = rule
    return cls


def _with(cls: Any, contract: dict[str, Any]) -> Any:
    known = ("synapse", "pre", "post", "reads", "draws", "positive", "nonnegative")
    for key, value in contract.items():
        if key not in known:
            raise UnknownParameterError(f"plasticity {cls.__name__}: no entry {key!r}{did_you_mean(key, known)}")
        setattr(cls, key, value)
    return cls


# -- the declaration --------------------------------------------------------------------------------------------------


def _read_traces(where: str, cls: Any) -> None:
    """Check the tables of traces; supply what is not there; make the tuples that equations see."""
    for side in ("synapse", "pre", "post"):
        table = getattr(cls, side, {})
        if not isinstance(table, dict) or not all(_name(name) for name in table):
            raise InvalidTypeError(f'{where}: wanted {side} = {{"x": "tau"}}, names and time constants, got {table!r}')
        setattr(cls, side, table)
    cls.reads = getattr(cls, "reads", ())
    if not isinstance(cls.reads, tuple) or not all(_name(name) for name in cls.reads):
        hint = "; write the comma of a tuple of one" if isinstance(cls.reads, str) else ""
        raise InvalidTypeError(f'{where}: wanted reads = ("v",), states of the target, got {cls.reads!r}{hint}')
    if "w" in cls.synapse:
        raise InvalidTypeError(f"{where}: synapse names 'w', the weight, which every synapse has; leave it out")
    for side in ("synapse", "pre", "post"):
        for name, tau in getattr(cls, side).items():
            _check_tau(f"{where}: {side} {name!r}", cls, side, tau)
    followed = [tau[0] for tau in cls.post.values() if isinstance(tau, tuple)]
    #: States of the target that equations read or traces follow.
    cls.watched = tuple(dict.fromkeys((*cls.reads, *followed)))
    clash = [name for name in CHANCE if cls.draws and name in cls.synapse]
    if clash:
        raise InvalidTypeError(f"{where}: synapse names {clash[0]!r}, which a rule of chance has itself; rename it")
    #: The variables that verbs return.
    cls.changed = ("w", *cls.synapse)
    if cls.draws:
        cls.synapse = {**cls.synapse, **dict.fromkeys(CHANCE)}
    both = set(cls.watched) & set(cls.post)
    if both:
        raise InvalidTypeError(f"{where}: {min(both)!r} is a trace of the target and a state of it; rename the trace")
    cls.seen = {"synapse": ("w", *cls.synapse), "pre": (*cls.pre,), "post": (*cls.post, *cls.watched)}


def _name(value: Any) -> bool:
    return isinstance(value, str) and value.isidentifier() and not value.startswith("_") and not iskeyword(value)


def _check_tau(where: str, cls: Any, side: str, tau: Any) -> None:
    if tau is None and side == "synapse":
        return
    if side == "post" and isinstance(tau, tuple) and len(tau) == 2 and isinstance(tau[0], str):
        tau = tau[1]
    if not isinstance(tau, str):
        other = {"synapse": " or None", "pre": "", "post": ' or (state of the target, name), such as ("v", "tau")'}
        raise InvalidTypeError(f"{where}: wanted the name of a parameter{other[side]}, got {tau!r}")
    if tau not in cls._fields:
        raise UnknownParameterError(f"{where}: no parameter {tau!r}{did_you_mean(tau, cls._fields)}")


def _check_verbs(where: str, cls: Any) -> None:
    known = [verb for verb in VERBS if hasattr(cls, verb)]
    if not {"on_pre", "on_post", "on_step"} & set(known):
        raise InvalidTypeError(f"{where}: has no equation; write an @equation {VERBS['on_pre']} or {VERBS['on_post']}")
    #: The verbs that are given random numbers.
    cls.random = set()
    for verb, form in VERBS.items():
        function = inspect.getattr_static(cls, verb, None)
        if function is None:
            setattr(cls, verb, None)
            continue
        if not isinstance(function, staticmethod):
            raise InvalidTypeError(f"{where}: {verb} must be marked @equation")
        got, own = len(inspect.signature(function.__func__).parameters), form.count(",") + 1
        if got == own + 1 and verb in SIDES:
            cls.random.add(verb)
        elif got != own:
            chance = "; a last one, z, is of random numbers" if verb in SIDES else ""
            raise InvalidTypeError(f"{where}: wanted {form}, got a function of {got} arguments{chance}")
        compilable(f"{where}: {verb}", function.__func__)
    given = getattr(cls, "draws", int(bool(cls.random)))
    if type(given) is not int or not (1 <= given <= MOST_DRAWS if cls.random else given == 0):
        wanted = f"from 1 to {MOST_DRAWS}" if cls.random else "0, or an equation that takes them, on_pre(..., p, z)"
        raise InvalidTypeError(f"{where}: draws, the random numbers of a call, must be {wanted}, got {given!r}")
    cls.draws = given


def _check_equations(where: str, cls: Any) -> None:
    """Evaluate the equations (1 for a parameter without default), so that slips show at once."""
    p = tuple.__new__(cls, [float(cls._field_defaults.get(name, 1.0)) for name in cls._fields])
    for verb, side in SIDES.items():
        function = getattr(cls, verb)
        if function is None:
            continue
        more: tuple[Any, ...] = () if verb in ("on_pre", "on_post") else (0.5,)
        results = []
        for shift in (0, 1):
            z = ((np.float64(0.25 + 0.5 * shift),) * cls.draws,) if verb in cls.random else ()
            results.append(_evaluated(where, verb, function, (*_state(cls, side, shift), p, *more, *z), cls))
        if None in results:
            continue
        for result in results:
            _check_size(where, verb, side, result, cls)
        if side is not None and not np.array_equal(results[0][1], results[1][1], equal_nan=True):
            raise InvalidTypeError(
                f"{where}: {verb}: the new {side} depends on the synapse or on the other side; all synapses of a "
                f"neuron share its traces: make it a variable of the synapse, synapse = {{name: tau}}"
            )
    if cls.active is not None:
        _evaluated(where, "active", cls.active, (_state(cls, None, 0)[2], p), cls)


def reading(rule: Any) -> list[str]:
    """Return the verbs of a declared rule that read states of the target; equations have no branches: a trial tells."""
    cls, p, found = type(rule), rule, []
    s, pre, post = _state(cls, None, 0)
    changed = post._replace(**{name: getattr(post, name) + 0.25 for name in cls.watched})
    traces = namedtuple("post", cls.post)(*(getattr(post, name) for name in cls.post))
    for verb, more in (("on_pre", ()), ("on_post", ()), ("on_step", (0.5,)), ("on_event", (0.5,)), ("active", None)):
        function = getattr(cls, verb)
        if function is None:
            continue

        def tried(side: Any, verb: str = verb, function: Any = function, more: Any = more) -> Any:
            z = ((np.float64(0.25),) * cls.draws,) if verb in cls.random else ()
            with np.errstate(all="ignore"):
                return repr(function(side, p) if more is None else function(s, pre, side, p, *more, *z))

        try:
            if tried(traces) == tried(post) == tried(changed):
                continue
        except Exception:
            pass  # (it asks for what is no trace)
        found.append(verb)
    return found


def _state(cls: Any, own: str | None, shift: int) -> tuple[Any, ...]:
    """Some numbers for s, pre, post; `shift` changes those of all but side `own`."""
    found = []
    for k, side in enumerate(("synapse", "pre", "post")):
        names = cls.seen[side]
        moved = 0.25 * shift if side != own else 0.0
        values: list[Any] = [np.float64(0.25 + 0.125 * (i + k) + moved) for i in range(len(names))]
        found.append(namedtuple(side, names)(*values))
    return tuple(found)


def _evaluated(where: str, verb: str, function: Callable[..., Any], given: tuple[Any, ...], cls: Any) -> Any:
    """Return (variables, traces) that an equation gives; None where it has no value there (a division by zero)."""
    try:
        with np.errstate(all="ignore"):
            result = function(*given)
    except ArithmeticError:
        return None
    except AttributeError as error:
        if isinstance(error.obj, cls):
            known = did_you_mean(str(error.name), cls._fields)
            raise UnknownParameterError(f"{where}: {verb} uses p.{error.name}{known}") from error
        side = type(error.obj).__name__
        letter = "s" if side == "synapse" else side
        known = did_you_mean(str(error.name), cls.seen.get(side, ()))
        raise InvalidTypeError(f"{where}: {verb} uses {letter}.{error.name}{known}") from error
    except Exception as error:
        numbers = (
            f" (z holds {cls.draws} random numbers; draws = says how many)" if isinstance(error, IndexError) else ""
        )
        raise InvalidTypeError(f"{where}: {verb} failed: {error}{numbers if cls.draws else ''}") from error
    own = SIDES.get(verb)
    return result if verb == "active" else halves(result, own is not None and bool(getattr(cls, own)))


def halves(result: Any, paired: bool) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """Return what a verb returned as two tuples; `paired`: the side has traces."""
    pair = isinstance(result, tuple) and len(result) == 2 and (paired or isinstance(result[1], tuple))
    s, traces = result if pair else (result, ())
    return as_tuple(s), as_tuple(traces)


def as_tuple(value: Any) -> tuple[Any, ...]:
    """Return a tuple of numbers, also of one number."""
    return value if isinstance(value, tuple) else (value,)


def _check_size(where: str, verb: str, side: str | None, result: Any, cls: Any) -> None:
    wanted = {"s": cls.changed, **({side: tuple(getattr(cls, side))} if side else {})}
    for (letter, names), values in zip(wanted.items(), result):
        if len(values) != len(names):
            form = f"({', '.join(wanted)})" if side and getattr(cls, side) else "s"
            raise InvalidTypeError(
                f"{where}: {verb} must return {form} with {len(names)} value(s) {names} in {letter}, a tuple where "
                f"there are several, got {len(values)}: {', '.join(f'{v!r:.20}' for v in values)}"
            )
        for value in values:
            if not isinstance(value, (int, float, np.number, np.bool_)) or isinstance(value, np.complexfloating):
                got = f"{type(value).__name__} {value!r:.60}"
                raise InvalidTypeError(f"{where}: {verb} must return numbers, got {got} in {letter}")


# -- a value ----------------------------------------------------------------------------------------------------------


def _checked(cls: Any, values: tuple[Any, ...]) -> list[float]:
    """Return the parameters as floats, or refuse."""
    found: dict[str, float] = {}
    given_by = [*cls.synapse.values(), *cls.pre.values(), *cls.post.values()]
    taus = {tau[1] if isinstance(tau, tuple) else tau for tau in given_by} | {f for f in cls._fields if f[:3] == "tau"}
    positive = {*getattr(cls, "positive", ()), *taus, "every"}
    for name, given in zip(cls._fields, values):
        where = f"{cls.__name__}: {name}"
        bound = {"w_min": -math.inf, "w_max": math.inf}.get(name)
        value = bound if bound is not None and isinstance(given, float) and given == bound else number(where, given)
        if name in positive and value <= 0:
            raise InvalidValueError(f"{where} must be > 0, got {value!r}")
        if name in getattr(cls, "nonnegative", ()) and value < 0:
            raise InvalidValueError(f"{where} must be >= 0, got {value!r}")
        if name.startswith("tau"):
            warn_of_unit("time constant", where, value)
        found[name] = value
    low, high = found.get("w_min", -math.inf), found.get("w_max", math.inf)
    if not low < high:
        raise InvalidValueError(f"{cls.__name__}: w_min must be below w_max, got w_min = {low!r} and w_max = {high!r}")
    return list(found.values())
