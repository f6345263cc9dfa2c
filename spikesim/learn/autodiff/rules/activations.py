"""Rules of activation functions (section 1.5)."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..firing import firing
from ..loops import known, sigmoid, sigmoids
from .rule import Array, Rule

__all__ = ["RULES", "logistic"]


def logistic(z: Array) -> Array:
    """Return 1 / (1 + e^-z)."""
    if not isinstance(z, np.ndarray) and hasattr(z, "_apply"):
        return z._apply("logistic", z)
    z = np.asarray(z)
    if known(z, z):
        y = np.empty(z.shape, z.dtype)
        sigmoids(z.reshape(-1), y.reshape(-1))
        return y
    with np.errstate(over="ignore"):  # exp(+large) = inf gives the right 0
        return sigmoid(z)


def _logistic_slope(s: Array, y: Array, z: Array) -> Array:
    slope = 1.0 - y
    slope *= y
    slope *= s
    return slope


def _softplus(z: Array) -> Array:
    return np.maximum(z, 0.0) + np.log1p(np.exp(-np.abs(z)))


def _softmax(z: Array, axis: int = -1) -> Array:
    e = np.exp(z - z.max(axis=axis, keepdims=True))
    e /= e.sum(axis=axis, keepdims=True)
    return e


def _log_softmax(z: Array, axis: int = -1) -> Array:
    shifted = z - z.max(axis=axis, keepdims=True)
    shifted -= np.log(np.exp(shifted).sum(axis=axis, keepdims=True))
    return shifted


def _one_hot(z: Array, axis: int = -1) -> Array:
    result = np.zeros_like(z)
    np.put_along_axis(result, np.expand_dims(np.argmax(z, axis=axis), axis), 1.0, axis=axis)
    return result


def _flat(s: Array, y: Array, x: Array, **options: Any) -> Array:
    return 0.0 * s


# fmt: off
RULES: dict[str, Rule] = {
    "logistic":   Rule(logistic,      (_logistic_slope,)),
    "relu":       Rule(lambda z: np.maximum(z, 0.0), (lambda s, y, z: s * (z > 0),)),
    "leaky_relu": Rule(lambda z, slope: np.where(z > 0, z, slope * z),
                       (lambda s, y, z, slope: s * np.where(z > 0, 1.0, slope).astype(s.dtype),)),
    "heaviside":  Rule(lambda z, at=0.0: (z > at).astype(z.dtype), (_flat,), values=False),
    "softplus":   Rule(_softplus,     (lambda s, y, z: s * logistic(z),)),
    "softmax":    Rule(_softmax,      (lambda s, y, z, axis=-1:
                                      y * (s - (s * y).sum(axis=axis, keepdims=True)),)),
    "log_softmax": Rule(_log_softmax, (lambda s, y, z, axis=-1:
                                       s - np.exp(y) * s.sum(axis=axis, keepdims=True),)),
    "one_hot":    Rule(_one_hot,      (_flat,), values=False),
    "lif_rate":   Rule(firing,        (lambda s, slope, v_in, **options: s * slope,), keeps=True, again=()),
}
# fmt: on
