"""One real number, and nothing that merely converts to one: bools, text, complex numbers, masked and missing values."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .errors import InvalidTypeError, InvalidValueError

__all__ = ["real"]


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
            f"{where} must be {wanted}, got an integer of {len(str(number))} digits; the largest float is 1.8e308"
        ) from None
    if math.isnan(number) or (math.isinf(number) and not infinite):
        raise InvalidValueError(f"{where} must be {'a number' if infinite else 'finite'}, got {number!r}")
    return number
