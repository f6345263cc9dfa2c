"""Parameters are checked where they are given: once, completely, and never in a loop."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import InvalidValueError
from ..plausibility import warn_of_unit, warn_of_volts
from ..random import Distribution
from ..scalars import decimal, number_array, real

__all__ = ["as_numbers", "as_parameter", "checked", "require"]


def checked(cls: Any, values: tuple) -> list[Any]:
    """Return a model's parameters as floats, float64 arrays or distributions, or refuse."""
    fields: dict[str, Any] = {}
    times = {f for f in cls._fields if f.startswith("tau") or f == "C_m"}
    positive = set(cls.positive) | (times - set(cls.nonnegative))
    nonnegative = set(cls.nonnegative) | {"t_ref"}
    for name, value in zip(cls._fields, values):
        where = f"{cls.__name__}: parameter {name}"
        value = as_parameter(where, value, infinite=name in cls.unbounded)
        if not isinstance(value, Distribution):
            if name in positive:
                require(where, value, np.asarray(value) > 0, "> 0")
            elif name in nonnegative:
                require(where, value, np.asarray(value) >= 0, ">= 0")
            if name in cls.fractions:
                require(where, value, (np.asarray(value) >= 0) & (np.asarray(value) <= 1), "from 0 to 1")
        fields[name] = value
    known = {name: np.asarray(v) for name, v in fields.items() if not isinstance(v, Distribution)}
    for low, high in cls.ordered:
        if low in known and high in known:
            _check_order(cls.__name__, low, known[low], high, known[high])
    _warn_of_units(cls.__name__, known)
    return [fields[name] for name in cls._fields]


def _check_order(where: str, low: str, a: np.ndarray, high: str, b: np.ndarray) -> None:
    if a.ndim and b.ndim and len(a) != len(b):
        raise InvalidValueError(f"{where}: {low} has {len(a)} values and {high} {len(b)}; give one a neuron to both")
    bad = np.flatnonzero(~(a < b))
    if bad.size:
        at = f" at index {bad[0]}" if a.ndim or b.ndim else ""
        low_value, high_value = (float(v[bad[0]] if v.ndim else v) for v in (a, b))
        raise InvalidValueError(
            f"{where}: {low} must be below {high}{at}, got {low} = {low_value!r} and {high} = {high_value!r}"
        )


def _warn_of_units(where: str, known: dict[str, np.ndarray]) -> None:
    """Warn of values that look like seconds, volts or farads."""
    for name, value in known.items():
        if name.startswith("tau") or name == "t_ref":
            warn_of_unit("time constant", f"{where}: {name}", value)
        elif name == "C_m":
            warn_of_unit("capacitance", f"{where}: C_m", value)
    warn_of_volts(where, {name: v for name, v in known.items() if name.startswith(("E_", "V_"))})


def as_parameter(
    where: str, value: Any, *, infinite: bool = False, wanted: str = "a number, an array or a distribution"
) -> Any:
    """Return a number as float, an array as read-only float64 vector, a distribution as it is, or refuse."""
    if isinstance(value, Distribution):
        return value
    array = _as_float64(where, value, wanted)
    if array.ndim > 1:
        raise InvalidValueError(f"{where}: wanted one value or a vector of one a neuron, got shape {array.shape}")
    require(where, array, np.isfinite(array) | (np.isposinf(array) if infinite else False), "finite")
    if array.ndim == 0:
        return float(array)
    array.setflags(write=False)
    return array


def as_numbers(where: str, value: Any) -> np.ndarray:
    """Return numbers of any shape as float64 (infinities are allowed), or refuse."""
    array = _as_float64(where, value, "a number or an array")
    require(where, array, ~np.isnan(array), "a number")
    return array


def _as_float64(where: str, value: Any, wanted: str) -> np.ndarray:
    if isinstance(value, int) and not isinstance(value, bool):
        return np.array(real(where, value))  # one too large for a float is refused in words
    return number_array(where, decimal(value), wanted).astype(np.float64)


def require(where: str, value: Any, ok: Any, wanted: str) -> None:
    """Raise :class:`InvalidValueError` naming the first value that is not as wanted, and how many."""
    ok = np.asarray(ok)
    if ok.all():
        return
    if ok.ndim == 0:
        raise InvalidValueError(f"{where} must be {wanted}, got {float(value)!r}")
    bad = np.argwhere(~ok)
    at = bad[0, 0] if ok.ndim == 1 else tuple(bad[0].tolist())
    first = float(np.asarray(value)[tuple(bad[0])])
    raise InvalidValueError(f"{where} must be {wanted}, got {first!r} at index {at} ({len(bad)} such values)")
