"""What a description may be given: names, sizes, numbers, one value a neuron.

Each function returns the clean value or raises with the object, the parameter, the value that came, what was wanted and
what to do; nothing is changed before everything is checked.
"""

from __future__ import annotations

import operator
import reprlib
import unicodedata
from typing import Any

import numpy as np

from ..errors import InvalidTypeError, InvalidValueError
from ..neurons.contract import Parameter, as_parameter, require

__all__ = ["count", "name", "number", "one_each", "short", "table", "values"]

LONGEST_NAME = 200


def short(value: object) -> str:
    """The repr of a value, cut to about 80 characters so that a message stays readable."""
    text = reprlib.repr(value) if isinstance(value, (list, tuple, dict, set)) else repr(value)
    return text if len(text) <= 80 else f"{text[:60]}... ({len(text)} characters)"


def name(where: str, value: Any) -> str:
    """Return a name in Unicode normal form C.

    Names become groups of a file and keys of results; so a separator, a control or invisible character, space at an end,
    ``.`` and ``..``, nothing at all and more than 200 characters are refused.
    """
    if not isinstance(value, str):
        raise InvalidTypeError(f"{where}: a name must be a string, got {type(value).__name__} {short(value)}")
    text = unicodedata.normalize("NFC", str(value))
    if not text.strip():
        raise InvalidValueError(f"{where}: a name must not be empty or blank, got {short(value)}")
    if len(text) > LONGEST_NAME:
        raise InvalidValueError(f"{where}: a name has at most {LONGEST_NAME} characters, got {len(text)}: {short(value)}")
    if text.strip() != text:
        raise InvalidValueError(f"{where}: a name must not begin or end with a space, got {short(value)}; strip it")
    if not text.strip("."):
        raise InvalidValueError(f"{where}: a name must not be made of dots only, got {short(value)}")
    for at, character in enumerate(text):
        kind = unicodedata.category(character)
        if character in "/\\" or kind.startswith("C") or kind in ("Zl", "Zp"):
            raise InvalidValueError(
                f"{where}: a name must not hold '/', '\\' or control characters, got {ascii(character)} at index {at} of "
                f"{short(value)}; use '_' or '-'"
            )
    return text


def count(where: str, value: Any, *, least: int = 0, most: int = 2**40) -> int:
    """Return a whole number; True, 2.5, 2.0 and "10" are refused, NumPy's integers are not."""
    if isinstance(value, (bool, np.bool_)) or not hasattr(type(value), "__index__") or np.ndim(value):
        raise InvalidTypeError(f"{where} must be a whole number >= {least}, got {type(value).__name__} {short(value)}")
    whole = operator.index(value)
    if not least <= whole <= most:
        raise InvalidValueError(f"{where} must be a whole number from {least} to {most}, got {whole}")
    return whole


def number(
    where: str, value: Any, *, unit: str = "", above: float | None = None, least: float | None = None, infinite: bool = False
) -> float:
    """Return one finite float (or +inf where allowed), above a bound or at least a bound."""
    if isinstance(value, Parameter) or np.ndim(value):
        raise InvalidTypeError(f"{where} must be one number{unit and ' of ' + unit}, got {type(value).__name__} {short(value)}")
    return values(where, value, above=above, least=least, infinite=infinite)  # type: ignore[return-value]


def values(
    where: str,
    value: Any,
    *,
    above: float | None = None,
    least: float | None = None,
    infinite: bool = False,
    distribution: bool = False,
) -> Any:
    """Return a float, a read-only float64 vector or, where allowed, a distribution."""
    if isinstance(value, Parameter):
        if not distribution:
            raise InvalidTypeError(f"{where} must be a number or an array of numbers, got the distribution {value!r}")
        return value
    clean = as_parameter(where, value, infinite=infinite)
    if above is not None:
        require(where, clean, np.asarray(clean) > above, f"> {above:g}")
    if least is not None:
        require(where, clean, np.asarray(clean) >= least, f">= {least:g}")
    return clean


def table(where: str, value: Any, *, above: float | None = None) -> np.ndarray:
    """Return finite numbers of any shape as a read-only float64 array."""
    try:
        array = np.asarray(value)
        if array.dtype.kind not in "iuf" and array.size:
            raise TypeError
    except (TypeError, ValueError):
        raise InvalidTypeError(f"{where}: wanted an array of numbers, got {type(value).__name__} {short(value)}") from None
    clean = np.array(array, np.float64, order="C")
    wanted, ok = "finite", np.isfinite(clean)
    if ok.all() and above is not None:
        wanted, ok = f"> {above:g}", clean > above
    if not ok.all():
        first = tuple(np.argwhere(~ok)[0].tolist())
        at = first[0] if len(first) == 1 else first
        raise InvalidValueError(
            f"{where} must be {wanted}, got {float(clean[first])!r} at index {at} ({int((~ok).sum())} such values)"
        )
    clean.setflags(write=False)
    return clean


def one_each(where: str, value: Any, size: int, whom: str = "neuron") -> None:
    """Refuse a vector that has not one value for each of `size`."""
    if isinstance(value, np.ndarray) and value.ndim and value.shape[-1] != size:
        raise InvalidValueError(
            f"{where}: wanted one number or {size} (one a {whom}), got {value.shape[-1]} (shape {value.shape})"
        )
