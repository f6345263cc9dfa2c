"""The kinds of values that a signature names, and whether what came is one of them.

A signature says ``start: float | None = None``; that is the one place where the kind of an argument stands.
Scalars are held to it in every call: a flag at once, as Python takes anything for true or false; a number or a word
after the function had its say, whose own words know more.  The other arguments are looked at when a call has failed in
words that are not the package's.
"""

from __future__ import annotations

import inspect
import reprlib
from collections import abc
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import numpy as np

from .errors import InvalidTypeError, InvalidValueError, SpikesimError, suggestion

__all__ = ["misfit", "one_of", "scalars", "strange"]

#: What an annotation is called in a message.
WORDS = {
    "int": "a whole number", "float": "one number", "str": "a string", "bool": "True or False", "ndarray": "an array",
    "Mapping": "a mapping, such as a dict", "Sequence": "a list", "Iterable": "a list", "Callable": "a function",
}  # fmt: skip
#: The kinds of a scalar, and the types that are taken without a further look.
_SCALAR = {"int", "float", "str", "bool", "None"}
_FAST: dict[str, tuple[type, ...]] = {"int": (int,), "float": (float, int), "str": (str,), "bool": (bool,)}
#: The place of a parameter that has a name only.
NOWHERE = 10**9
#: Beyond this nothing is counted or measured: what it leads to is no result.
HUGE = 1e15

Scalar: TypeAlias = tuple[str, int, tuple[str, ...], tuple[type, ...]]
_PLAIN: dict[str, Any] = {
    "None": type(None), "bool": bool, "int": (int, np.integer), "float": (int, float, np.integer, np.floating),
    "str": str, "dict": dict, "list": list, "tuple": tuple,
}  # fmt: skip


def scalars(function: Callable[..., Any]) -> tuple[Scalar, ...]:
    """Return the parameters of a function that its signature says to be one number, word or flag."""
    code = getattr(function, "__code__", None)
    names = code.co_varnames[: code.co_argcount] if code is not None else ()
    said = getattr(function, "__annotations__", {}).items()  # read as it stands: a signature takes longer to make
    split = {name: tuple(kind.split(" | ")) for name, kind in said if isinstance(kind, str) and name != "return"}
    return tuple(
        (name, names.index(name) if name in names else NOWHERE, kinds, _FAST.get(kinds[0], ()))
        for name, kinds in split.items()
        if _SCALAR.issuperset(kinds) and kinds != ("None",)
    )


def strange(whose: Callable[[Any], str], known: tuple[Scalar, ...], args: Any, kwargs: Any) -> SpikesimError | None:
    """Return what to say of a scalar argument of another kind, or that is no number; a flag is refused at once."""
    for name, place, kinds, fast in known:
        value = kwargs[name] if name in kwargs else args[place] if place < len(args) else None
        if value is None and (name not in kwargs and place >= len(args)):
            continue
        if type(value) in fast and value == value:
            continue
        if not any(_is(kind, value, {}) for kind in kinds) and not _whole(kinds, value):
            told = InvalidTypeError(f"{whose(args)}: {name}: wanted {_wanted(kinds)}, got {_typed(value)}")
            if kinds[0] == "bool":
                raise told
            return told
        if isinstance(value, (float, np.floating)) and value != value:
            return InvalidValueError(f"{whose(args)}: {name}: wanted {_wanted(kinds)}, got nan")
    return None


def one_of(where: str, value: Any, known: Any, error: type[Exception] = InvalidValueError) -> str:
    """Return a word that is one of those known, or refuse: of another kind, or of no such name."""
    words = [w for w in known if isinstance(w, str)]
    if isinstance(value, str) and value in words:
        return str(value)
    listed = " or ".join(filter(None, [", ".join(f'"{w}"' for w in words[:-1]), f'"{words[-1]}"']))
    meant = suggestion(value, words) if isinstance(value, str) else ""
    raise error(f"{where} must be {listed}, got {_shown(value) if isinstance(value, str) else _typed(value)}{meant}")


def misfit(whose: str, function: Callable[..., Any], args: Any, kwargs: Mapping[str, Any]) -> SpikesimError | None:
    """Return what to say of the first argument that is not of the kind that its signature names; None: all are.

    Where all are, of the first number that is infinite or so large that nothing can come of it.
    """
    large = None
    signature, names = inspect.signature(function), getattr(function, "__globals__", {})
    for name, value in signature.bind(*args, **kwargs).arguments.items():
        parameter = signature.parameters[name]
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            continue
        said = parameter.annotation
        kinds = _split(said if isinstance(said, str) else getattr(said, "__forward_arg__", ""))
        if kinds and not any(_is(kind, value, names) for kind in kinds):
            return InvalidTypeError(f"{whose}: {name}: wanted {_wanted(kinds)}, got {_typed(value)}")
        if large is None and isinstance(value, (int, float)) and abs(value) > HUGE:
            large = InvalidValueError(f"{whose}: {name}: wanted a number that is not as large, got {_shown(value)}")
    return large


def _wanted(kinds: Any) -> str:
    words = [WORDS.get(kind, kind) for kind in kinds]
    return " or ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def _whole(kinds: tuple[str, ...], value: Any) -> bool:
    """Whether a float stands for the whole number that is wanted."""
    return "int" in kinds and isinstance(value, (float, np.floating)) and float(value).is_integer()


def _shown(value: Any) -> str:
    return f"{' '.join(reprlib.repr(value).split()):.60}"


def _typed(value: Any) -> str:
    return f"{type(value).__name__} {_shown(value)}"


def _split(annotation: str) -> list[str]:
    """Return the kinds between the bars of an annotation, without what stands in brackets."""
    plain, depth = "", 0
    for character in annotation:
        depth += character == "["
        plain += character if not depth else ""
        depth -= character == "]"
    return [kind.strip().rpartition(".")[2] for kind in plain.split("|")] if plain.strip() else []


def _is(kind: str, value: Any, names: Mapping[str, Any]) -> bool:
    """Whether a value is of a kind that an annotation names; of what is no class, such as a variable, anything is."""
    bare = value[()] if isinstance(value, np.ndarray) and value.ndim == 0 else value
    if kind in _PLAIN:
        truth = isinstance(bare, (bool, np.bool_))
        return truth if kind == "bool" else isinstance(bare, _PLAIN[kind]) and not truth
    cls = names.get(kind, getattr(abc, kind, np.ndarray if kind == "ndarray" else None))
    if cls is None:  # imported for its annotation only
        return kind == "Any" or kind in {c.__name__ for c in type(value).__mro__}
    try:
        return isinstance(value, cls)
    except TypeError:
        return True
