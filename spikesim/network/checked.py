"""What a description may be given: names, whole numbers, numbers, one value a neuron.

Each function returns the clean value or raises with the object, the parameter, the value that came, what was
wanted and what to do; a caller checks everything before it changes anything.
"""

from __future__ import annotations

import operator
import reprlib
import unicodedata
from typing import Any

import numpy as np

from ..errors import InvalidTypeError, InvalidValueError
from ..neurons.contract import as_parameter, require
from ..random import Distribution
from ..scalars import decimal, number_array

__all__ = ["count", "is_listed", "name", "number", "one_each", "short", "table", "values"]

LONGEST_NAME = 200


def short(value: object) -> str:
    """Return the repr of a value on one line, cut to about 80 characters so that a message stays readable."""
    text = reprlib.repr(value) if type(value) in (list, tuple, dict, set, range) else repr(value)
    text = " ".join(text.split())
    return text if len(text) <= 80 else f"{text[:60]}... ({len(text)} characters)"


def name(where: str, value: Any) -> str:
    """Return a name in Unicode normal form C.

    Names become groups of a file and keys of results.  So these are refused: separators, control and
    invisible characters, a space at an end, ``.`` and ``..``, nothing at all, more than 200 characters.
    """
    if not isinstance(value, str):
        raise InvalidTypeError(f"{where}: a name must be a string, got {type(value).__name__} {short(value)}")
    text = unicodedata.normalize("NFC", value)
    if not text.strip():
        raise InvalidValueError(f"{where}: a name must not be empty or blank, got {short(value)}")
    if len(text) > LONGEST_NAME:
        raise InvalidValueError(
            f"{where}: a name must have at most {LONGEST_NAME} characters, got {len(text)}: {short(value)}"
        )
    if text.strip() != text:
        raise InvalidValueError(f"{where}: a name must not begin or end with a space, got {short(value)}")
    if not text.strip("."):
        raise InvalidValueError(f"{where}: a name must not be made of dots only, got {short(value)}")
    for at, character in enumerate(text):
        kind = unicodedata.category(character)
        if character in "/\\" or kind[0] == "C" or kind in ("Zl", "Zp"):
            raise InvalidValueError(
                f"{where}: a name must not hold '/', '\\' or control characters, got {character!a} "
                f"at index {at} of {short(value)}; use '_' or '-'"
            )
    return text


def count(where: str, value: Any, *, least: int = 0, most: int = 2**63 - 1) -> int:
    """Return a whole number from `least` to `most`; True, 2.5, 2.0 and "10" are refused, NumPy integers not."""
    try:
        if isinstance(value, (bool, np.bool_)):
            raise TypeError
        whole = operator.index(value)
    except TypeError:
        raise InvalidTypeError(
            f"{where} must be a whole number >= {least}, got {type(value).__name__} {short(value)}"
        ) from None
    if not least <= whole <= most:
        raise InvalidValueError(f"{where} must be a whole number from {least} to {most}, got {whole}")
    return whole


def is_listed(value: Any) -> bool:
    """Whether a value is a list or array, and not one number."""
    try:
        return np.ndim(value) > 0
    except ValueError:  # a list of lists of unequal lengths
        return True


def number(
    where: str,
    value: Any,
    *,
    above: float | None = None,
    least: float | None = None,
    infinite: bool = False,
) -> float:
    """Return one finite float (or +inf where allowed), above a bound or at least a bound."""
    if isinstance(value, Distribution) or is_listed(value):
        raise InvalidTypeError(f"{where} must be one number, got {type(value).__name__} {short(value)}")
    return float(values(where, decimal(value), above=above, least=least, infinite=infinite, wanted="one number"))


def values(
    where: str,
    value: Any,
    *,
    above: float | None = None,
    least: float | None = None,
    infinite: bool = False,
    distribution: bool = False,
    wanted: str = "",
) -> Any:
    """Return a float, a read-only float64 vector or, where allowed, a distribution."""
    if isinstance(value, Distribution):
        if not distribution:
            raise InvalidTypeError(f"{where} must be a number or an array, got the distribution {value!r}")
        return value
    if isinstance(value, str) and distribution:
        raise InvalidTypeError(
            f"{where}: wanted a number, an array or a distribution, got str {short(value)}; nothing is computed "
            "from strings: numbers are in ms, mV, pA, and drawn ones are ss.uniform(low, high), ss.normal(mean, sd)"
        )
    wanted = wanted or f"a number{', an array or a distribution' if distribution else ' or an array'}"
    clean = as_parameter(where, value, infinite=infinite, wanted=wanted)
    if above is not None:
        require(where, clean, np.asarray(clean) > above, f"> {above:g}")
    if least is not None:
        require(where, clean, np.asarray(clean) >= least, f">= {least:g}")
    return clean


def table(where: str, value: Any, *, above: float | None = None) -> np.ndarray:
    """Return finite numbers of any shape as a read-only float64 array of its own."""
    array = number_array(where, value)
    clean = np.array(array, np.float64, order="C")
    wanted, bad = "finite", np.argwhere(~np.isfinite(clean))
    if above is not None and not len(bad):
        wanted, bad = f"> {above:g}", np.argwhere(~(clean > above))
    if len(bad):
        first = tuple(bad[0].tolist())
        at = first[0] if len(first) == 1 else first
        raise InvalidValueError(
            f"{where} must be {wanted}, got {float(clean[first])!r} at index {at} ({len(bad)} such values)"
        )
    clean.setflags(write=False)
    return clean


def one_each(where: str, value: Any, size: int) -> None:
    """Refuse a vector that has not one value for each of `size` neurons."""
    if isinstance(value, np.ndarray) and value.shape != (size,):
        raise InvalidValueError(f"{where}: wanted one number or {size} (one a neuron), got shape {value.shape}")
