"""Rules of elementwise operations on one, two and three arguments."""

from __future__ import annotations

import math

import numpy as np
from scipy import special

from .rule import Array, Rule, where_asked

__all__ = ["RULES"]


def _base_slope(s: Array, y: Array, a: Array, b: Array) -> Array:
    """b a^(b-1); 0 for b = 0, also at a = 0."""
    if np.ndim(b) or hasattr(b, "shape"):
        return s * b * np.power(a, np.where(b == 0, np.ones_like(b), b) - 1)
    return s * b * np.power(a, b - 1.0) if b else 0.0 * s


def _exponent_slope(s: Array, y: Array, a: Array, b: Array) -> Array:
    """a^b ln a; 0 at a = 0 for b >= 0, undefined (NaN) for a < 0."""
    zero = np.logical_and(a == 0, b >= 0)
    with np.errstate(all="ignore"):
        log = np.log(np.where(zero, np.ones_like(a), a))
        return s * y * np.where(zero, np.zeros_like(log), log)


def _angle_slope(s: Array, near: Array, a: Array, b: Array) -> Array:
    """near / (a^2 + b^2); 0 at the origin, where there is no angle."""
    r2 = a * a + b * b
    origin = r2 == 0
    return s * near / (np.where(origin, np.ones_like(r2), r2) if np.any(origin) else r2)


def _share(s: Array, wins: Array, a: Array, b: Array) -> Array:
    """All of s where the argument wins, half of it where both are equal; in the precision of s."""
    return np.where(wins, s, np.where(a == b, 0.5 * s, np.zeros_like(s)))


def _odds(difference: Array) -> Array:
    """1 / (1 + e^-d) of d = a - b: the share of a in ln(e^a + e^b), right at infinities too."""
    with np.errstate(over="ignore"):
        return 1.0 / (1.0 + np.exp(-difference))


def _clip_slope(s: Array, y: Array, x: Array, low: Array, high: Array) -> Array:
    return s * ((x == y) | np.isnan(x))


_divide, _root = where_asked(lambda s, y, a, b: s / b), where_asked(lambda s, y, x: 0.5 * s / y)

# fmt: off
RULES: dict[str, Rule] = {
    # name        forward         derivatives                                              printed as
    "add":      Rule(np.add,      (lambda s, y, a, b: s, lambda s, y, a, b: s),            "{} + {}", values=False),
    "subtract": Rule(np.subtract, (lambda s, y, a, b: s, lambda s, y, a, b: -s),           "{} - {}", values=False),
    "multiply": Rule(np.multiply, (lambda s, y, a, b: s * b, lambda s, y, a, b: s * a),    "{} * {}"),
    "divide":   Rule(np.divide,   (_divide, where_asked(lambda s, y, a, b: -s * y / b)),   "{} / {}"),
    "power":    Rule(np.power,    (where_asked(_base_slope), where_asked(_exponent_slope)), "{} ** {}"),
    "maximum":  Rule(np.maximum,  (lambda s, y, a, b: _share(s, a > b, a, b),
                                   lambda s, y, a, b: _share(s, b > a, a, b))),
    "minimum":  Rule(np.minimum,  (lambda s, y, a, b: _share(s, a < b, a, b),
                                   lambda s, y, a, b: _share(s, b < a, a, b))),
    "arctan2":  Rule(np.arctan2,  (lambda s, y, a, b: _angle_slope(s, b, a, b),
                                   lambda s, y, a, b: _angle_slope(s, -a, a, b))),
    "hypot":    Rule(np.hypot,    (lambda s, y, a, b: s * a / np.where(y == 0, np.ones_like(y), y),
                                   lambda s, y, a, b: s * b / np.where(y == 0, np.ones_like(y), y))),
    "logaddexp": Rule(np.logaddexp, (lambda s, y, a, b: s * _odds(a - b), lambda s, y, a, b: s * _odds(b - a))),
    # one argument
    "negative":   Rule(np.negative,   (lambda s, y, x: -s,), "-{}", values=False),
    "positive":   Rule(np.positive,   (lambda s, y, x: s,), "+{}", values=False),
    "absolute":   Rule(np.absolute,   (lambda s, y, x: s * np.sign(x),)),
    "sign":       Rule(np.sign,       (lambda s, y, x: 0.0 * s,), values=False),
    "square":     Rule(np.square,     (lambda s, y, x: 2.0 * s * x,)),
    "sqrt":       Rule(np.sqrt,       (_root,)),
    "reciprocal": Rule(np.reciprocal, (where_asked(lambda s, y, x: -s * y * y),)),
    "exp":        Rule(np.exp,        (where_asked(lambda s, y, x: s * y),)),
    "expm1":      Rule(np.expm1,      (where_asked(lambda s, y, x: s * (y + 1.0)),)),
    "log":        Rule(np.log,        (where_asked(lambda s, y, x: s / x),)),
    "log1p":      Rule(np.log1p,      (where_asked(lambda s, y, x: s / (1.0 + x)),)),
    "log2":       Rule(np.log2,       (where_asked(lambda s, y, x: s / (x * math.log(2.0))),)),
    "log10":      Rule(np.log10,      (where_asked(lambda s, y, x: s / (x * math.log(10.0))),)),
    "sin":        Rule(np.sin,        (lambda s, y, x: s * np.cos(x),)),
    "cos":        Rule(np.cos,        (lambda s, y, x: -s * np.sin(x),)),
    "tan":        Rule(np.tan,        (lambda s, y, x: s * (1.0 + y * y),)),
    "arcsin":     Rule(np.arcsin,     (where_asked(lambda s, y, x: s / np.sqrt(1.0 - x * x)),)),
    "arccos":     Rule(np.arccos,     (where_asked(lambda s, y, x: -s / np.sqrt(1.0 - x * x)),)),
    "arctan":     Rule(np.arctan,     (lambda s, y, x: s / (1.0 + x * x),)),
    "sinh":       Rule(np.sinh,       (where_asked(lambda s, y, x: s * np.cosh(x)),)),
    "cosh":       Rule(np.cosh,       (where_asked(lambda s, y, x: s * np.sinh(x)),)),
    "tanh":       Rule(np.tanh,       (lambda s, y, x: s * (1.0 - y * y),)),
    "erf":        Rule(special.erf,   (lambda s, y, x: s * (2.0 / math.sqrt(math.pi)) * np.exp(-x * x),)),
    "where":      Rule(lambda a, b, condition: np.where(condition, a, b),
                       (lambda s, y, a, b, condition: np.where(condition, s, np.zeros_like(s)),
                        lambda s, y, a, b, condition: np.where(condition, np.zeros_like(s), s)), values=False),
    "clip":       Rule(lambda x, low, high: np.clip(x, low, high), (_clip_slope,)),
}
# fmt: on
