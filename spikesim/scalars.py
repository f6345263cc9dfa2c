"""Real numbers, and nothing that merely converts to them: bools, text, complex numbers, masked and missing values."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from .errors import InvalidTypeError, InvalidValueError
from .kinds import digits

__all__ = ["decimal", "number_array", "of_python", "real", "whole_array"]


def decimal(value: Any) -> Any:
    """Return a number of fewer digits than float64, as 0.1 in single precision, as the short decimal that it shows."""
    number = value[()] if isinstance(value, np.ndarray) and value.ndim == 0 else value
    return float(str(number)) if isinstance(number, (np.float32, np.float16)) else value


def of_python(value: Any, words: Callable[[Any], str] | None = None) -> Any:
    """Return a number or an array of NumPy's in Python's numbers and lists; for ``json.dumps(default=of_python)``.

    Anything else in `words` of it, if there are any.

    Raises
    ------
    TypeError
        If it is something else: what :mod:`json` expects of such a function.
    """
    if isinstance(value, (np.generic, np.ndarray)):
        return value.tolist()
    if words is not None:
        return words(value)
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


def real(where: str, value: Any, wanted: str = "one number", *, infinite: bool = False, hint: str = "") -> float:
    """Return a number as float (an array without dimensions too), or refuse it.

    Parameters
    ----------
    where : str
        What it is the value of, as a message begins.
    value : object
    wanted : str
        What should have come, in words.
    infinite : bool
        Whether infinities are allowed.
    hint : str
        What to do, said after what came.

    Raises
    ------
    InvalidTypeError
        If it is no real number.
    InvalidValueError
        If it is NaN, infinite, or an integer that is larger than any float.
    """
    number = value[()] if isinstance(value, np.ndarray) and value.ndim == 0 and value is not np.ma.masked else value
    allowed = isinstance(number, (int, float, np.integer, np.floating)) and not isinstance(number, (bool, np.bool_))
    if not allowed or number is np.ma.masked:
        raise InvalidTypeError(f"{where} must be {wanted}, got {type(value).__name__} {value!r:.60}{hint}")
    try:
        number = float(number)
    except OverflowError:
        raise InvalidValueError(
            f"{where} must be {wanted}, got an integer of {digits(int(number))} digits; the largest float is 1.8e308"
        ) from None
    if math.isnan(number) or (math.isinf(number) and not infinite):
        raise InvalidValueError(f"{where} must be {'a number' if infinite else 'finite'}, got {number!r}")
    return number


def number_array(where: str, value: Any, wanted: str = "an array of numbers") -> np.ndarray:
    """Return real numbers of any shape as an array of their own kind (whole numbers or floats), or refuse them.

    Raises
    ------
    InvalidTypeError
        If they are no real numbers, or lists of unequal lengths.
    InvalidValueError
        If some are masked: what stands behind a mask is no value.
    """
    if isinstance(value, np.ma.MaskedArray) and np.ma.is_masked(value):
        masked = np.flatnonzero(np.ma.getmaskarray(value))
        at = f" at index {masked[0]} ({masked.size} such)" if np.ndim(value) else ""
        raise InvalidValueError(f"{where}: a value is masked{at}; fill it in or leave it out")
    if isinstance(value, tuple) and hasattr(value, "_fields"):  # a model, whose parameters are no list
        raise InvalidTypeError(f"{where}: wanted {wanted}, got {type(value).__name__} {value!r:.60}")
    try:
        array = np.asarray(value)
    except ValueError:
        raise InvalidTypeError(f"{where}: wanted {wanted}, got lists of unequal lengths") from None
    if array.dtype.kind not in "iuf":
        if array.size == 0:
            return np.zeros(array.shape)
        shown = f" {value!r:.60}" if array.ndim == 0 else f" of {array.dtype}"
        raise InvalidTypeError(f"{where}: wanted {wanted}, got {type(value).__name__}{shown}")
    return array


def whole_array(where: str, value: Any) -> np.ndarray:
    """Return whole numbers of any shape as int64 (2.0 is one), or refuse them.

    Raises
    ------
    InvalidTypeError
        If they are no real numbers, or lists of unequal lengths.
    InvalidValueError
        If one is no whole number, or larger than an int64.
    """
    array = number_array(where, value, "an array of whole numbers")
    if array.dtype.kind == "f":
        bad = ~(np.isfinite(array) & (array == np.floor(array)) & (np.abs(array) < 2.0**63))
    else:
        bad = (array > np.iinfo(np.int64).max) if array.dtype.kind == "u" else np.zeros(array.shape, bool)
    if bad.any():
        first = np.argwhere(bad)[0].tolist()
        raise InvalidValueError(
            f"{where}: wanted whole numbers, got {array[tuple(first)]} at index {', '.join(map(str, first)) or 0}"
        )
    return array.astype(np.int64, copy=False)
