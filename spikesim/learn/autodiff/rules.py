"""The one table of derivative rules: for each operation y = f(a, b, ...) its value and dE/da, dE/db, ... from
s = dE/dy.

A rule's derivatives take ``(s, y, *args, **options)`` and return s * dy/da (chain rule; for matrices the
products of section 4.2.3 of the notes: ``A.backward(s B^T)``, ``B.backward(A^T s)``).  Where an argument was
broadcast, the tape sums what a derivative returns back to the argument's shape.  A rule that ``keeps``
returns (value, kept) and is handed what it kept in the place of y: something that the derivative would
otherwise have to compute a second time.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from scipy import special

from .cross_entropy import cross_entropy, cross_entropy_slope
from .firing import firing

__all__ = ["ALIASES", "RULES", "Rule"]

Array = Any


class Rule(NamedTuple):
    """One operation: `forward` its value, `derivatives` one function an argument, `form` how it is
    printed."""

    forward: Callable[..., Any]
    derivatives: tuple[Callable[..., Any], ...]
    form: str = ""
    keeps: bool = False
    variadic: bool = False  # one derivative for all arguments, told the position as option `position`


def _spread(s: Array, x: Array, axis: Any, keepdims: bool) -> Array:
    """Give a reduced `s` the dimensions of `x` again, ready to broadcast."""
    if axis is not None and not keepdims:
        axes = (axis,) if isinstance(axis, int) else tuple(axis)
        s = np.expand_dims(s, tuple(k % np.ndim(x) for k in axes))
    return s


def _reduction(s: Array, y: Array, x: Array, axis: Any = None, keepdims: bool = False) -> Array:
    result = np.empty(np.shape(x), s.dtype)
    result[...] = _spread(s, x, axis, keepdims)
    return result


def _mean_value(x: Array, axis: Any = None, keepdims: bool = False) -> Array:
    total: Any = np.sum(x, axis=axis, keepdims=True) if keepdims else np.add.reduce(x, axis=axis)
    return total / (np.size(x) // max(np.size(total), 1))


def _mean(s: Array, y: Array, x: Array, axis: Any = None, keepdims: bool = False) -> Array:
    if axis is None and isinstance(x, np.ndarray):  # of most losses: the least there is to do
        result = np.empty(x.shape, x.dtype)
        result.fill(s.item() / x.size)
        return result
    return _reduction(s * (np.size(y) / np.size(x)), y, x, axis, keepdims)


def _extremum(s: Array, y: Array, x: Array, axis: Any = None, keepdims: bool = False) -> Array:
    hit = x == _spread(y, x, axis, keepdims)  # equal extrema share the derivative
    return _spread(s, x, axis, keepdims) * hit / np.sum(hit, axis=axis, keepdims=True)


def _prod(s: Array, y: Array, x: Array, axis: int | None = None, keepdims: bool = False) -> Array:
    """Products of all the other entries, by running products from both ends: exact where entries are zero."""
    moved = np.reshape(x, -1) if axis is None else np.moveaxis(x, axis, -1)
    before, after = np.ones_like(moved), np.ones_like(moved)
    before[..., 1:] = np.cumprod(moved[..., :-1], axis=-1)
    after[..., :-1] = np.cumprod(moved[..., :0:-1], axis=-1)[..., ::-1]
    others = before * after
    others = others.reshape(np.shape(x)) if axis is None else np.moveaxis(others, -1, axis)
    return _spread(s, x, axis, keepdims) * others


def _matmul_left(s: Array, y: Array, a: Array, b: Array) -> Array:
    if np.ndim(b) == 1:
        return s[..., None] * b if np.ndim(a) > 1 else s * b
    if np.ndim(a) == 1:
        return (b @ s[..., None])[..., 0]
    return s @ np.swapaxes(b, -1, -2)


def _matmul_right(s: Array, y: Array, a: Array, b: Array) -> Array:
    if np.ndim(a) == 1:
        return a[:, None] * s[..., None, :] if np.ndim(b) > 1 else s * a
    if np.ndim(b) == 1:
        return (np.swapaxes(a, -1, -2) @ s[..., None])[..., 0]
    return np.swapaxes(a, -1, -2) @ s


def _power_slope(s: Array, y: Array, a: Array, b: Array) -> Array:
    """b a^(b-1); 0 for b = 0, also at a = 0."""
    if isinstance(b, np.ndarray):
        return s * b * np.power(a, np.where(b == 0, b.dtype.type(1), b) - 1)
    return s * b * np.power(a, b - 1.0) if b else 0.0 * s


def _linear(x: Array, weight: Array, bias: Array | None = None) -> Array:
    z = x @ weight.T
    if bias is not None:
        z += bias
    return z


def _rows(x: Array) -> Array:
    return x if x.ndim == 2 else x.reshape(-1, x.shape[-1])


def _put(s: Array, y: Array, x: Array, index: Any) -> Array:
    result = np.zeros(np.shape(x), dtype=np.asarray(s).dtype)
    parts = index if isinstance(index, tuple) else (index,)
    if any(isinstance(k, (list, np.ndarray)) and np.asarray(k).dtype != bool for k in parts):
        np.add.at(result, index, s)  # an entry picked twice adds twice
    else:
        result[index] = s
    return result


def _part(s: Array, y: Array, *parts: Array, axis: int = 0, position: int = 0) -> Array:
    edges = np.cumsum([np.shape(p)[axis] for p in parts])
    start = edges[position - 1] if position else 0
    return np.take(s, np.arange(start, edges[position]), axis=axis)


def _logistic(z: Array) -> Array:
    e = np.negative(z)
    if not isinstance(e, np.ndarray):
        return _logistic(np.reshape(z, 1))[0]
    with np.errstate(over="ignore"):  # exp(+large) = inf gives the right 0
        np.exp(e, out=e)
    e += 1.0
    return np.divide(1.0, e, out=e)


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


def _nothing(s: Array, y: Array, x: Array, **options: Any) -> Array:
    return np.zeros_like(x)


def _true(x: Array, classes: Array) -> tuple[Any, ...]:
    """Return the index of the entry of the true class in every row of `x`."""
    if x.ndim == 2:
        return np.arange(x.shape[0]), classes
    return (*np.indices(classes.shape, sparse=True), classes)


def _unpick(s: Array, y: Array, log_p: Array, classes: Array) -> Array:
    result = np.zeros_like(log_p)
    result[_true(log_p, classes)] = -s
    return result


def _floor(y: Array) -> Array:
    return np.sqrt(np.finfo(np.asarray(y).dtype).tiny)


def _bernoulli(y: Array, t: Array) -> Array:
    tiny = _floor(y)
    return -(t * np.log(np.maximum(y, tiny)) + (1.0 - t) * np.log(np.maximum(1.0 - y, tiny)))


def _bernoulli_slope(s: Array, e: Array, y: Array, t: Array) -> Array:
    tiny = _floor(y)
    return s * ((1.0 - t) / np.maximum(1.0 - y, tiny) - t / np.maximum(y, tiny))


# fmt: off
RULES: dict[str, Rule] = {
    # name        forward         derivatives                                              printed as
    "add":      Rule(np.add,      (lambda s, y, a, b: s, lambda s, y, a, b: s),            "{} + {}"),
    "subtract": Rule(np.subtract, (lambda s, y, a, b: s, lambda s, y, a, b: -s),           "{} - {}"),
    "multiply": Rule(np.multiply, (lambda s, y, a, b: s * b, lambda s, y, a, b: s * a),    "{} * {}"),
    "divide":   Rule(np.divide,   (lambda s, y, a, b: s / b, lambda s, y, a, b: -s * y / b), "{} / {}"),
    "power":    Rule(np.power,    (_power_slope,
                                   lambda s, y, a, b: s * y * np.log(np.where(a > 0, a, 1.0))), "{} ** {}"),
    "matmul":   Rule(np.matmul,   (_matmul_left, _matmul_right),                           "{} @ {}"),
    "linear":   Rule(_linear,     (lambda s, y, x, w, b=None: s @ w,
                                   lambda s, y, x, w, b=None: _rows(s).T @ _rows(x),
                                   lambda s, y, x, w, b: np.add.reduce(_rows(s), axis=0)),            "linear({})"),
    "maximum":  Rule(np.maximum,  (lambda s, y, a, b: s * ((a > b) + 0.5 * (a == b)),
                                   lambda s, y, a, b: s * ((b > a) + 0.5 * (a == b)))),
    "minimum":  Rule(np.minimum,  (lambda s, y, a, b: s * ((a < b) + 0.5 * (a == b)),
                                   lambda s, y, a, b: s * ((b < a) + 0.5 * (a == b)))),
    "arctan2":  Rule(np.arctan2,  (lambda s, y, a, b: s * b / (a * a + b * b),
                                   lambda s, y, a, b: -s * a / (a * a + b * b))),
    "hypot":    Rule(np.hypot,    (lambda s, y, a, b: s * a / y, lambda s, y, a, b: s * b / y)),
    "logaddexp": Rule(np.logaddexp, (lambda s, y, a, b: s * np.exp(a - y),
                                    lambda s, y, a, b: s * np.exp(b - y))),
    # one argument
    "negative":   Rule(np.negative,   (lambda s, y, x: -s,), "-{}"),
    "positive":   Rule(np.positive,   (lambda s, y, x: s,), "+{}"),
    "absolute":   Rule(np.absolute,   (lambda s, y, x: s * np.sign(x),)),
    "sign":       Rule(np.sign,       (_nothing,)),
    "square":     Rule(np.square,     (lambda s, y, x: 2.0 * s * x,)),
    "sqrt":       Rule(np.sqrt,       (lambda s, y, x: 0.5 * s / y,)),
    "reciprocal": Rule(np.reciprocal, (lambda s, y, x: -s * y * y,)),
    "exp":        Rule(np.exp,        (lambda s, y, x: s * y,)),
    "expm1":      Rule(np.expm1,      (lambda s, y, x: s * (y + 1.0),)),
    "log":        Rule(np.log,        (lambda s, y, x: s / x,)),
    "log1p":      Rule(np.log1p,      (lambda s, y, x: s / (1.0 + x),)),
    "log2":       Rule(np.log2,       (lambda s, y, x: s / (x * math.log(2.0)),)),
    "log10":      Rule(np.log10,      (lambda s, y, x: s / (x * math.log(10.0)),)),
    "sin":        Rule(np.sin,        (lambda s, y, x: s * np.cos(x),)),
    "cos":        Rule(np.cos,        (lambda s, y, x: -s * np.sin(x),)),
    "tan":        Rule(np.tan,        (lambda s, y, x: s * (1.0 + y * y),)),
    "arcsin":     Rule(np.arcsin,     (lambda s, y, x: s / np.sqrt(1.0 - x * x),)),
    "arccos":     Rule(np.arccos,     (lambda s, y, x: -s / np.sqrt(1.0 - x * x),)),
    "arctan":     Rule(np.arctan,     (lambda s, y, x: s / (1.0 + x * x),)),
    "sinh":       Rule(np.sinh,       (lambda s, y, x: s * np.cosh(x),)),
    "cosh":       Rule(np.cosh,       (lambda s, y, x: s * np.sinh(x),)),
    "tanh":       Rule(np.tanh,       (lambda s, y, x: s * (1.0 - y * y),)),
    "erf":        Rule(special.erf,   (lambda s, y, x: s * (2.0 / math.sqrt(math.pi)) * np.exp(-x * x),)),
    # activation functions (section 1.5)
    "logistic":   Rule(_logistic,     (_logistic_slope,)),
    "relu":       Rule(lambda z: np.maximum(z, 0.0), (lambda s, y, z: s * (z > 0),)),
    "leaky_relu": Rule(lambda z, slope: np.where(z > 0, z, slope * z),
                       (lambda s, y, z, slope: s * np.where(z > 0, z.dtype.type(1.0), z.dtype.type(slope)),)),
    "heaviside":  Rule(lambda z: (z > 0).astype(z.dtype), (_nothing,)),
    "softplus":   Rule(_softplus,     (lambda s, y, z: s * _logistic(z),)),
    "softmax":    Rule(_softmax,      (lambda s, y, z, axis=-1:
                                      y * (s - (s * y).sum(axis=axis, keepdims=True)),)),
    "log_softmax": Rule(_log_softmax, (lambda s, y, z, axis=-1:
                                       s - np.exp(y) * s.sum(axis=axis, keepdims=True),)),
    "one_hot":    Rule(_one_hot,      (_nothing,)),
    "lif_rate":   Rule(firing,       (lambda s, slope, v_in, **options: s * slope,), keeps=True),
    # losses, one value a sample (section 2.3); t and the classes are constants of the rule
    "nll":            Rule(lambda log_p, classes: -log_p[_true(log_p, classes)],        (_unpick,)),
    "cross_entropy":  Rule(cross_entropy,  (cross_entropy_slope,), keeps=True),
    "bernoulli":      Rule(_bernoulli,     (_bernoulli_slope,)),
    "bernoulli_logits": Rule(lambda z, t: np.maximum(z, 0.0) - z * t + np.log1p(np.exp(-np.abs(z))),
                             (lambda s, e, z, t: s * (_logistic(z) - t),)),
    # whole arrays
    "sum":        Rule(np.sum,  (_reduction,)),
    "mean":       Rule(_mean_value, (_mean,)),
    "prod":       Rule(np.prod, (_prod,)),
    "max":        Rule(np.max,  (_extremum,)),
    "min":        Rule(np.min,  (_extremum,)),
    "cumsum":     Rule(np.cumsum, (lambda s, y, x, axis: np.flip(np.cumsum(np.flip(s, axis), axis), axis),)),
    "reshape":    Rule(lambda x, shape: np.reshape(x, shape),
                       (lambda s, y, x, shape: np.reshape(s, np.shape(x)),)),
    "transpose":  Rule(np.transpose, (lambda s, y, x, axes=None:
                                      np.transpose(s, None if axes is None else np.argsort(axes)),), "{}.T"),
    "getitem":    Rule(lambda x, index: x[index], (_put,)),
    "where":      Rule(lambda a, b, condition: np.where(condition, a, b),
                       (lambda s, y, a, b, condition: np.where(condition, s, 0.0),
                        lambda s, y, a, b, condition: np.where(condition, 0.0, s))),
    "clip":       Rule(lambda x, low, high: np.clip(x, low, high),
                       (lambda s, y, x, low, high: s * ((x == y) | np.isnan(x)),)),
    "astype":     Rule(lambda x, dtype: np.asarray(x).astype(dtype),
                       (lambda s, y, x, dtype: s.astype(np.asarray(x).dtype),)),
    "concatenate": Rule(lambda *parts, axis=0: np.concatenate(parts, axis=axis), (_part,), variadic=True),
    "stack":      Rule(lambda *parts, axis=0: np.stack(parts, axis=axis),
                       (lambda s, y, *parts, axis=0, position=0: np.take(s, position, axis=axis),),
                       variadic=True),
}
# fmt: on

#: Names under which NumPy and SciPy call the same operations.
ALIASES = {
    "expit": "logistic",
    "fabs": "absolute",
    "true_divide": "divide",
    "abs": "absolute",
    "amax": "max",
    "amin": "min",
}
