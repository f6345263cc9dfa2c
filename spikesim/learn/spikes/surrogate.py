"""Surrogate derivatives of the spike function S = H(x), x = (v - theta) / width.

| name           | dS/dx                       | source |
| -------------- | --------------------------- | --- |
| fast_sigmoid   | 1 / (1 + k abs(x))^2        | Zenke and Ganguli 2018 (SuperSpike) |
| arctan         | 1 / (1 + (pi k x / 2)^2)    | Fang et al. 2021 |
| triangle       | max(0, 1 - k abs(x))        | Bellec et al. 2018; zero but near the threshold |
| gaussian       | exp(-(k x)^2 / 2)           | Yin et al. 2021 |
| boxcar         | 1 where k abs(x) < 1        | Hubara et al. 2016 |

All are 1 at the threshold; the scale k decides, the shape little (Zenke and Vogels 2021).  `width` is the distance from
reset to threshold, so that k means the same for neurons in mV as for normalised ones.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numba.extending import register_jitable

from ...errors import InvalidTypeError, InvalidValueError, UnknownNameError, did_you_mean
from ...jit import exp, where

__all__ = ["SURROGATES", "Surrogate", "as_surrogate", "slope"]

FAST_SIGMOID, ARCTAN, TRIANGLE, GAUSSIAN, BOXCAR = range(5)
SURROGATES = {"fast_sigmoid": 10.0, "arctan": 2.0, "triangle": 1.0, "gaussian": 2.0, "boxcar": 2.0}


class Surrogate(NamedTuple):
    """A shape and its scale k."""

    name: str
    scale: float

    @property
    def kind(self) -> int:
        """The shape as the kernels know it."""
        return list(SURROGATES).index(self.name)

    @property
    def factor(self) -> float:
        """What abs(x) is multiplied with to be the argument of a shape."""
        return self.scale * {"arctan": 0.5 * math.pi, "gaussian": math.sqrt(0.5)}.get(self.name, 1.0)


def as_surrogate(where: str, value: Any) -> Surrogate:
    """Return a name, or a pair (name, scale), as a Surrogate."""
    if isinstance(value, str):
        value = (value, SURROGATES.get(value, 1.0))
    if not (isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], str)):
        raise InvalidTypeError(f'{where}: surrogate = {value!r}, wanted a name, or a pair such as ("arctan", 2.0)')
    name, scale = value
    if name not in SURROGATES:
        raise UnknownNameError(f"{where}: surrogate = {name!r}{did_you_mean(name, SURROGATES)}")
    if isinstance(scale, bool) or not isinstance(scale, (int, float, np.number)) or not 0.0 < scale < np.inf:
        raise InvalidValueError(f"{where}: scale of the surrogate = {scale!r}, wanted a finite number > 0")
    return Surrogate(name, float(scale))


# `one` is 1 in the precision of z: a plain 1.0 makes a loop over float32 one in double precision.


@register_jitable(forceinline=True)
def fast_sigmoid(z, one):
    y = one / (one + z)
    return y * y


@register_jitable(forceinline=True)
def arctan(z, one):
    return one / (one + z * z)


@register_jitable(forceinline=True)
def triangle(z, one):
    return where(z < one, one - z, one - one)


@register_jitable(forceinline=True)
def gaussian(z, one):
    return exp(-z * z)


@register_jitable(forceinline=True)
def boxcar(z, one):
    return where(z < one, one, one - one)


_SHAPES = (fast_sigmoid, arctan, triangle, gaussian, boxcar)


def slope(surrogate: Surrogate, x: Any) -> np.ndarray:
    """Return dS/dx at x."""
    x = surrogate.factor * np.abs(x)
    return _SHAPES[surrogate.kind](x, np.ones((), x.dtype))
