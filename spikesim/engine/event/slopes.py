"""Slopes of nonlinear neurons as the event engine reaches them, by the key of the equations (see engine/equations).

Of a neuron that fires by chance they have one more state, `left` (see nonlinear): the hazard is its slope.
"""

from __future__ import annotations

from typing import Any

from numba.extending import overload, register_jitable

from ...jit import INLINE
from .. import equations
from ..equations import as_floats, registered

__all__ = ["register", "slope_of"]

_slopes: dict[str, Any] = {}


def register(model: Any) -> str:
    """Make a model's equations known; return the key."""
    key = equations.register(model, (False,) * len(type(model)._fields))
    slope = register_jitable(forceinline=True)(type(model).slope)
    return by_chance(key, slope) if registered[key].hazard is not None else known(key, slope)


def known(key: str, slope: Any) -> str:
    """Make the slope of registered equations known; return their key."""
    _slopes[key] = slope
    return key


def by_chance(key: str, slope: Any) -> str:
    """Register equations with one more state, `left` (see nonlinear): its slope is the hazard, and it is the margin.

    A hazard below 0 is none.
    """
    e, wider = registered[key], f"{key}:chance"
    hazard, reset, n = e.hazard, e.reset, e.states

    def slopes(s, u, p):
        chance = float(hazard(s[:n], p))
        rate = 0.0 if chance < 0.0 else chance
        return (*as_floats(slope(s[:n], u, p)), rate)

    def margin(s, p):
        return s[n]

    def resets(s, p):
        return (*as_floats(reset(s[:n], p)), s[n])

    if wider not in registered:
        for equation in (slopes, margin, resets):
            register_jitable(forceinline=True)(equation)
        clamped = (*e.clamped, True)
        registered[wider] = e._replace(states=n + 1, clamped=clamped, level=True, margin=margin, reset=resets)
        known(wider, slopes)
    return wider


def slope_of(key: str, s: Any, u: Any, p: Any) -> Any:
    """slope of the model behind the key."""
    return as_floats(_slopes[key](s, u, p))


@overload(slope_of, prefer_literal=True, jit_options=INLINE)
def _slope_overload(key, s, u, p):
    slope = _slopes[key.literal_value]
    return lambda key, s, u, p: as_floats(slope(s, u, p))
