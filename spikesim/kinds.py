"""The kinds of values that a signature or its documentation names, and whether what came is one of them.

A signature says ``start: float | None = None``, a docstring ``axis : int or tuple of int, optional``; these are the two
places where the kind of an argument stands.  Scalars are held to the signature in every call.  The other arguments are
looked at when a call has failed in words that are not the package's, see :mod:`spikesim.failures`.
"""

from __future__ import annotations

import os
import re
import reprlib
import sys
from collections import abc
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import numpy as np

from .errors import InvalidTypeError, InvalidValueError, SpikesimError, suggestion

__all__ = [
    "annotated",
    "described",
    "digits",
    "fits",
    "is_described",
    "one_of",
    "scalars",
    "shown",
    "strange",
    "typed",
    "wanted",
]

#: What an annotation is called in a message.
WORDS = {
    "int": "a whole number", "float": "one number", "str": "a string", "bool": "True or False", "ndarray": "an array",
    "Mapping": "a mapping, such as a dict", "Sequence": "a list", "Iterable": "a list", "Callable": "a function",
}  # fmt: skip
#: The kinds of a scalar, and the types that are taken without a further look.
_SCALAR = {"int", "float", "str", "bool", "None"}
_FAST: dict[str, tuple[type, ...]] = {"int": (int,), "float": (float, int), "str": (str,), "bool": (bool,)}
#: The largest float, as a whole number.
MOST = int(sys.float_info.max)
#: The place of a parameter that has a name only.
NOWHERE = 10**9

Scalar: TypeAlias = tuple[str, int, tuple[str, ...], tuple[type, ...]]
_PLAIN: dict[str, Any] = {
    "None": type(None), "bool": bool, "int": (int, np.integer), "float": (int, float, np.integer, np.floating),
    "str": str, "dict": dict, "list": list, "tuple": tuple,
}  # fmt: skip


# -- as a signature names them ------------------------------------------------------------------------------------


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
            if type(value) is not int or float not in fast or -MOST <= value <= MOST:
                continue
            return InvalidValueError(f"{whose(args)}: {name}: wanted {wanted(kinds)}, got {shown(value)}")
        if not any(fits(kind, value, {}) for kind in kinds) and not _whole(kinds, value):
            told = InvalidTypeError(f"{whose(args)}: {name}: wanted {wanted(kinds)}, got {typed(value)}")
            if kinds[0] == "bool":
                raise told
            return told
        if isinstance(value, (float, np.floating)) and value != value:
            return InvalidValueError(f"{whose(args)}: {name}: wanted {wanted(kinds)}, got nan")
    return None


def one_of(where: str, value: Any, known: Any, error: type[Exception] = InvalidValueError) -> str:
    """Return a word that is one of those known, or refuse: of another kind, or of no such name."""
    words = [w for w in known if isinstance(w, str)]
    if isinstance(value, str) and value in words:
        return str(value)
    listed = " or ".join(filter(None, [", ".join(f'"{w}"' for w in words[:-1]), f'"{words[-1]}"']))
    meant = suggestion(value, words) if isinstance(value, str) else ""
    raise error(f"{where} must be {listed}, got {shown(value) if isinstance(value, str) else typed(value)}{meant}")


def wanted(kinds: Any) -> str:
    """Return the kinds of an annotation in words."""
    words = [WORDS.get(kind, kind) for kind in kinds]
    return " or ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def _whole(kinds: tuple[str, ...], value: Any) -> bool:
    """Whether a float stands for the whole number that is wanted."""
    if "int" not in kinds or not isinstance(value, (float, np.floating)):
        return False
    return abs(float(value)) < 2.0**53 and float(value).is_integer()


def digits(number: int) -> int:
    """Return about how many digits a whole number has; Python writes none out that has thousands."""
    return int(number.bit_length() * np.log10(2.0)) + 1


class _Short(reprlib.Repr):
    def repr_int(self, x: int, level: int) -> str:
        return f"an integer of {digits(x)} digits" if digits(x) > 40 else repr(x)


_short = _Short()


def shown(value: Any) -> str:
    """Return a value on one line, shortened."""
    return f"{' '.join(_short.repr(value).split()):.60}"


def typed(value: Any) -> str:
    """Return a value on one line, after the name of its type."""
    return f"{type(value).__name__} {shown(value)}"


def annotated(annotation: Any) -> list[str]:
    """Return the kinds between the bars of an annotation, without what stands in brackets."""
    text = annotation if isinstance(annotation, str) else getattr(annotation, "__forward_arg__", "")
    plain, depth = "", 0
    for character in text:
        depth += character == "["
        plain += character if not depth else ""
        depth -= character == "]"
    return [kind.strip().rpartition(".")[2] for kind in plain.split("|")] if plain.strip() else []


#: Classes that annotations name by their modules.
_ELSEWHERE: dict[str, type] = {"ndarray": np.ndarray, "PathLike": os.PathLike}


def fits(kind: str, value: Any, names: Mapping[str, Any]) -> bool:
    """Whether a value is of a kind that an annotation names; of what is no class, such as a variable, anything is."""
    bare = _bare(value)
    if kind in _PLAIN:
        truth = isinstance(bare, (bool, np.bool_))
        return truth if kind == "bool" else isinstance(bare, _PLAIN[kind]) and not truth
    cls = names.get(kind, getattr(abc, kind, _ELSEWHERE.get(kind)))
    if cls is None:  # imported for its annotation only
        return kind == "Any" or kind in {c.__name__ for c in type(value).__mro__}
    try:
        return isinstance(value, cls)
    except TypeError:
        return True


def _bare(value: Any) -> Any:
    return value[()] if isinstance(value, np.ndarray) and value.ndim == 0 else value


# -- as a docstring names them ------------------------------------------------------------------------------------


def _numbers(value: Any, dtypes: str = "iufb") -> bool:
    """Whether it is an array of real numbers, or becomes one."""
    if isinstance(value, (str, bytes, abc.Mapping, abc.Set, type(None), type)) or callable(value):
        return False
    try:
        array = np.asarray(value)
    except (ValueError, TypeError, RuntimeError):  # ragged; or it is on the tape and knows more
        return hasattr(value, "dtype")
    return array.dtype.kind in dtypes or not array.size


def _several(value: Any) -> bool:
    return isinstance(value, abc.Iterable) and not isinstance(value, (str, bytes)) and getattr(value, "ndim", 1) > 0


def _a_dtype(value: Any) -> bool:
    try:
        return value is not None and np.dtype(value).kind in "fiub"
    except (TypeError, ValueError, SyntaxError):
        return False


def _whole_numbers(value: Any) -> bool:
    if not _numbers(value):
        return False
    array = np.asarray(value)
    return array.dtype.kind in "iub" or bool(np.all(array == np.floor(array)))


#: By how the documented kind begins; what begins otherwise may be anything.
_DESCRIBED: tuple[tuple[str, Callable[[Any], bool]], ...] = (
    (r"(array_like|array|ndarray) of (int|ids)\b", _whole_numbers),
    (r"array_like of (bool|str|object)|array of (bool|str|object)", lambda value: True),
    (r"array_like\b|array\b|ndarray\b|(float|int)(32|64)\b", _numbers),
    (r"int\b", lambda value: fits("int", value, {})),
    (r"float\b", lambda value: fits("float", value, {}) and not bool(value != value)),
    (r"bool\b", lambda value: fits("bool", value, {})),
    (r"str\b", lambda value: isinstance(value, str)),
    (r"path\b|Path\b", lambda value: isinstance(value, (str, os.PathLike))),
    (r"None\b", lambda value: value is None),
    (r"(tuple|list|sequence|iterable)s?\b", _several),
    (r"mapping\b|dict\b", lambda value: isinstance(value, abc.Mapping)),
    (r"callable\b|function\b", lambda value: callable(value)),
    (r"dtype\b", _a_dtype),
    (r"slice\b", lambda value: isinstance(value, slice)),
)  # fmt: skip


def described(text: str) -> dict[str, str]:
    """Return the kinds of parameters by name, of the section Parameters of a docstring."""
    found: dict[str, str] = {}
    for names, kind in re.findall(r"^(\**\w+(?:, \**\w+)*) : (.+)$", text, re.MULTILINE):
        found |= {name.strip().lstrip("*"): re.sub(r",? optional$", "", kind) for name in names.split(",")}
    return found


def is_described(kind: str, value: Any) -> bool:
    """Whether a value is of a kind that a docstring names, ``int or tuple of int``."""
    if kind.startswith("{"):
        words = re.findall(r'"([^"]*)"', kind)
        return not words or (isinstance(value, str) and value in words) or "}" != kind[-1]
    plain = re.sub(r",? (of )?shape \([^)]*\)( or \([^)]*\))*", "", kind)
    plain = re.sub(r"\([^)]*\)", "tuple", plain)
    return any(_is_alternative(part, value) for part in re.split(r",? or |, ", plain) if part)


def _is_alternative(kind: str, value: Any) -> bool:
    for begins, is_one in _DESCRIBED:
        if re.match(begins, kind):
            return is_one(value)
    name = kind.split(" ")[0]
    if re.fullmatch(r"[A-Z]\w+", name):
        return name in {c.__name__ for c in type(value).__mro__}
    return True
