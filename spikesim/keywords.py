"""Names in a call: what is unknown, missing or too much is answered with what there is, by one mechanism for all.

Python's own words about a wrong call name neither the nearest parameter nor the ones there are.  :func:`named` wraps a
function, or the constructor of a class, without touching its signature, so that ``help(ss.STDP)`` and Shift-Tab show
names and defaults.  A call that fits costs one more Python call.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, TypeVar

from .errors import FrozenError, InvalidTypeError, SpikesimError, UnknownParameterError, suggestion
from .failures import explained, is_the_users
from .kinds import scalars, strange

__all__ = ["all_named", "answer", "answering", "call_form", "freeze", "named", "verbs_named"]

Target = TypeVar("Target", bound=Callable[..., Any])
#: Rooms that describe, or compute from what they are given: they check all of it before they change anything, and their
#: own words about a number know more.  The others do work, and are kept from it.
DESCRIBING = "analysis engine learn network neurons plasticity random synapses trains".split()


def named(target: Target) -> Target:
    """Let a function, a method or a class explain a call that does not fit.

    A frozen dataclass is also given an answer to who would set one of its fields.

    Raises
    ------
    UnknownParameterError
        By the wrapped one, for a keyword that it does not have.
    InvalidTypeError
        By the wrapped one, for a missing argument, or one too many.
    """
    if not isinstance(target, type):
        return answering(target, target.__qualname__)  # type: ignore[return-value]
    cls: Any = target
    if cls.__init__ is not object.__init__:
        cls.__init__ = answering(cls.__init__, None)
    elif cls.__new__ is not object.__new__:  # a NamedTuple
        cls.__new__ = answering(cls.__new__, None)
    else:
        cls.__init__ = answering(_takes_nothing, None)
    for base in cls.__mro__[1:]:  # verbs that it has of what is no call itself answer in its name
        if "__answers__" in vars(base):
            break
        for name, verb in vars(base).items():
            if inspect.isfunction(verb) and hasattr(verb, "__wrapped__") and name[:2] != "__" and name not in vars(cls):
                again = answering(verb.__wrapped__, f"{cls.__qualname__}.{name}")
                again.__doc__ = verb.__doc__  # it may have been completed since
                setattr(cls, name, again)
    cls.__answers__ = True
    if getattr(getattr(cls, "__dataclass_params__", None), "frozen", False):
        freeze(cls)
    return target


def all_named(cls: Target) -> Target:
    """Let a class explain calls that do not fit, and its public methods, too."""
    return named(verbs_named(cls))


def verbs_named(cls: Target) -> Target:
    """Let the public methods of a class explain calls that do not fit; its constructor is another's."""
    for name, verb in list(vars(cls).items()):
        of_class = isinstance(verb, classmethod)
        function = verb.__func__ if of_class else verb
        if name[0] != "_" and inspect.isfunction(function) and not hasattr(function, "__wrapped__"):
            answers = answering(function, function.__qualname__)
            setattr(cls, name, classmethod(answers) if of_class else answers)
    return cls


def _takes_nothing(self: Any) -> None:
    """The constructor of a class that has none."""


def answering(function: Callable[..., Any], label: str | None) -> Callable[..., Any]:
    """Return `function` with an explanation of calls that do not fit; without a label its first argument's class."""
    bound = label is None or "." in label.split("<locals>.")[-1]  # the first parameter is not given by the caller
    known: Any = None
    first = 0  # the place before which no scalar is wanted
    at_once = label is not None and "".join(function.__module__.split(".")[1:2]) not in DESCRIBING

    def whose(args: Any) -> str:
        """The name of the call: a method in the name of the class that it was called of."""
        cls = (args[0] if isinstance(args[0], type) else type(args[0])).__name__ if bound and args else ""
        return label if label and not cls else cls if label is None else f"{cls}.{label.rpartition('.')[2]}"

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        nonlocal known, first
        if known is None:  # at the first call: the package has a thousand functions
            later = label is None and getattr(args[0], "checked_when_fitted", False)
            known = () if later else scalars(function)
            first = min((place for _, place, *_ in known), default=0)
        told = strange(whose, known, args, kwargs) if known and (kwargs or len(args) > first) else None
        if told is not None and at_once:
            raise told
        try:
            result = function(*args, **kwargs)
        except SpikesimError:
            raise
        except Exception as error:
            told = told or answer(whose(args), function, args, kwargs, error, bound, call.__doc__)
            if told is None:
                raise
            raise told from error
        if told is not None:
            raise told
        return result

    return call


def answer(
    whose: str,
    function: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    error: Exception,
    bound: bool,
    documentation: str | None,
) -> SpikesimError | None:
    """Return what the package says of a call that has just failed; None: the error is the user's own, or clear."""
    if error.__traceback__ is not None and error.__traceback__.tb_next is None:  # the call itself does not fit
        return _refusal(whose, inspect.signature(function), args, kwargs, bound)
    if is_the_users(error):
        return None
    return explained(whose, function, args, kwargs, error, documentation)


def call_form(name: str, signature: inspect.Signature, skip: int = 0) -> str:
    """Return how a function is called, ``STDP(*, A_plus, A_minus, w_max, w_min=0.0, ...)``: names and defaults only."""
    kept = list(signature.parameters.values())[skip:]
    return f"{name}{inspect.Signature([p.replace(annotation=p.empty) for p in kept])}"


def _refusal(
    whose: str, signature: inspect.Signature, args: tuple[Any, ...], kwargs: dict[str, Any], bound: bool
) -> SpikesimError:
    """What is wrong with a call."""
    parameters = list(signature.parameters.values())[bound:]
    names = [p.name for p in parameters if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    positional = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    call = f"all it as {call_form(whose, signature, bound)}"
    form = f"; c{call}"
    unnamed = [p.name for p in parameters if p.kind is p.POSITIONAL_ONLY]
    for key in kwargs:
        if key in unnamed:
            return InvalidTypeError(f"{whose}: {key} is given without its name{form}")
        if key not in names:
            meant = suggestion(key, names)
            form = f" C{call}" if meant.endswith("?") else form
            return UnknownParameterError(f"{whose}: no parameter {key!r}{meant}{form}")
    given = len(args) - bound
    if given > len(positional) and all(p.kind is not p.VAR_POSITIONAL for p in parameters):
        by_name = [name for name in names if name not in positional]
        hint = f" ({', '.join(by_name)} by name)" if by_name else ""
        return InvalidTypeError(f"{whose}: at most {len(positional)} values without a name, got {given}{hint}{form}")
    for key in positional[:given]:
        if key in kwargs:
            return InvalidTypeError(f"{whose}: {key} is given twice, in its place and by name{form}")
    missing = [
        p.name
        for p in parameters
        if p.name in names and p.default is p.empty and p.name not in kwargs and p.name not in positional[:given]
    ]
    what = " and ".join(filter(None, [", ".join(missing[:-1]), *missing[-1:]]))
    return InvalidTypeError(f"{whose}: {what} {'is' if len(missing) == 1 else 'are'} missing{form}")


def freeze(cls: Any, instead: str = "") -> None:
    """Let instances of a class say, to who would set an attribute, what to do instead: make a new one, unless told."""

    def __setattr__(self: Any, name: str, value: object) -> None:
        how = instead or f"make a new one: {type(self).__name__}({name}={value!r:.40}, ...)"
        raise FrozenError(f"{self!r:.120} is frozen: {name} cannot be set; {how}")

    def __delattr__(self: Any, name: str) -> None:
        raise FrozenError(f"{self!r:.120} is frozen: {name} cannot be deleted")

    cls.__setattr__, cls.__delattr__ = __setattr__, __delattr__
