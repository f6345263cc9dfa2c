"""The operations by name: ``sin(x)``, ``matmul(a, b)``, ``where(condition, a, b)``, ... on Vars, arrays and
numbers.

``np.sin(x)`` does the same on a Var; these also take plain numbers and always return Vars.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ...errors import InvalidTypeError, InvalidValueError
from .rules import RULES
from .tape import Var, apply, as_array, constant


def _elementwise(name: str) -> Callable[..., Var]:
    arity = len(RULES[name].derivatives)

    def function(*args: Any) -> Var:
        return apply(name, *args)

    function.__name__ = function.__qualname__ = name
    signature = "x" if arity == 1 else "a, b"
    function.__doc__ = (
        f"Return ``{name}({signature})``, elementwise with broadcasting, as a Var that knows its derivative."
    )
    return function


add, subtract, multiply, divide = (_elementwise(n) for n in ("add", "subtract", "multiply", "divide"))
power, matmul, maximum, minimum = (_elementwise(n) for n in ("power", "matmul", "maximum", "minimum"))
arctan2, hypot, logaddexp = (_elementwise(n) for n in ("arctan2", "hypot", "logaddexp"))
negative, absolute, sign, square = (_elementwise(n) for n in ("negative", "absolute", "sign", "square"))
sqrt, reciprocal, exp, expm1 = (_elementwise(n) for n in ("sqrt", "reciprocal", "exp", "expm1"))
log, log1p, log2, log10 = (_elementwise(n) for n in ("log", "log1p", "log2", "log10"))
sin, cos, tan, arcsin, arccos, arctan = (_elementwise(n) for n in ("sin", "cos", "tan", "arcsin", "arccos", "arctan"))
sinh, cosh, tanh, erf = (_elementwise(n) for n in ("sinh", "cosh", "tanh", "erf"))
logistic, relu, softplus = (_elementwise(n) for n in ("logistic", "relu", "softplus"))


def _var(x: Any) -> Var:
    return x if isinstance(x, Var) else constant(np.asarray(x))


def sum(x: Any, axis: Any = None, keepdims: bool = False, dim: Any = None, keepdim: bool = False) -> Var:
    """Return the sum of entries, over all or the given axes (PyTorch's `dim` is another name of `axis`)."""
    return _var(x).sum(axis, keepdims, dim, keepdim)


def mean(x: Any, axis: Any = None, keepdims: bool = False, dim: Any = None, keepdim: bool = False) -> Var:
    """Return the mean of entries, over all or the given axes (PyTorch's `dim` is another name of `axis`)."""
    return _var(x).mean(axis, keepdims, dim, keepdim)


def prod(x: Any, axis: Any = None, keepdims: bool = False, dim: Any = None, keepdim: bool = False) -> Var:
    """Return the product of entries; its derivative is exact where entries are zero."""
    return _var(x).prod(axis, keepdims, dim, keepdim)


def where(condition: Any, a: Any, b: Any) -> Var:
    """Return `a` where `condition` holds, else `b`; the condition has no derivative."""
    return apply("where", a, b, condition=as_array(condition))


def clip(x: Any, low: float | None = None, high: float | None = None) -> Var:
    """Return `x` limited to [low, high]; the derivative is 0 outside."""
    return apply("clip", x, low=low, high=high)


def concatenate(parts: Sequence[Any], axis: int | None = 0) -> Var:
    """Join arrays along an axis they have; None flattens them first."""
    return apply("concatenate", *parts, axis=axis)


def stack(parts: Sequence[Any], axis: int = 0) -> Var:
    """Join arrays of one shape along a new axis."""
    return apply("stack", *parts, axis=axis)


def softmax(z: Any, axis: int = -1, dim: int | None = None) -> Var:
    """Return e^z_i / sum_j e^z_j along `axis` (section 1.5); no overflow for large z."""
    return apply("softmax", z, axis=axis if dim is None else dim)


def log_softmax(z: Any, axis: int = -1, dim: int | None = None) -> Var:
    """Return the logarithm of :func:`softmax`, without taking the logarithm of a rounded 0."""
    return apply("log_softmax", z, axis=axis if dim is None else dim)


def one_hot(classes: Any, n_classes: int | None = None, dtype: Any = np.float64) -> np.ndarray:
    """Return rows that are 1 at the class and 0 elsewhere: 7 -> [0 0 0 0 0 0 0 1 0 0] (section 2.1)."""
    given = np.asarray(as_array(classes))
    index = given.astype(np.int64) if given.size else np.zeros(given.shape, np.int64)
    if not np.array_equal(index, given):
        raise InvalidTypeError(f"one_hot: classes of {given.dtype}, wanted whole numbers")
    n = int(index.max(initial=-1)) + 1 if n_classes is None else n_classes
    if index.size and not 0 <= index.min() <= index.max() < n:
        raise InvalidValueError(f"one_hot: classes range over {index.min()} ... {index.max()}, wanted 0 ... {n - 1}")
    return np.eye(n, dtype=dtype)[index]
