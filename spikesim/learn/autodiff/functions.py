"""The operations by name: ``sin(x)``, ``matmul(a, b)``, ``where(condition, a, b)``, ... on Vars, arrays and
numbers.

``np.sin(x)`` does the same on a Var; these also take plain numbers and always return Vars.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...errors import InvalidTypeError, InvalidValueError
from ...keywords import named
from .elementwise import (
    absolute,
    add,
    arccos,
    arcsin,
    arctan,
    arctan2,
    cos,
    cosh,
    divide,
    erf,
    exp,
    expm1,
    hypot,
    log,
    log1p,
    log2,
    log10,
    logaddexp,
    logistic,
    matmul,
    maximum,
    minimum,
    multiply,
    negative,
    power,
    reciprocal,
    relu,
    sign,
    sin,
    sinh,
    softplus,
    sqrt,
    square,
    subtract,
    tan,
    tanh,
)
from .tape import Var, apply, as_array, given

__all__ = [
    "absolute",
    "add",
    "arccos",
    "arcsin",
    "arctan",
    "arctan2",
    "clip",
    "concatenate",
    "cos",
    "cosh",
    "divide",
    "erf",
    "exp",
    "expm1",
    "hypot",
    "log",
    "log1p",
    "log2",
    "log10",
    "log_softmax",
    "logaddexp",
    "logistic",
    "matmul",
    "maximum",
    "mean",
    "minimum",
    "multiply",
    "negative",
    "one_hot",
    "power",
    "prod",
    "reciprocal",
    "relu",
    "sign",
    "sin",
    "sinh",
    "softmax",
    "softplus",
    "sqrt",
    "square",
    "stack",
    "subtract",
    "sum",
    "tan",
    "tanh",
    "where",
]


def _var(x: Any) -> Var:
    return x if isinstance(x, Var) else given(x)


@named
def sum(x: Any, axis: Any = None, keepdims: bool = False, dim: Any = None, keepdim: bool = False) -> Var:
    """Return the sum of entries, over all or the given axes (PyTorch's `dim` is another name of `axis`).

    Parameters
    ----------
    x : Var, Tensor or array_like
        Numbers and arrays count as constants.
    axis, dim : int or tuple of int, optional
        Over which axes (two names of one thing); over all unless given.
    keepdims, keepdim : bool
        Whether they stay, with length 1.

    Returns
    -------
    Var
        It knows its derivative.

    Examples
    --------
    >>> from spikesim import learn
    >>> learn.sum([[1.0, 2.0], [3.0, 4.0]], axis=0)
    tensor([4., 6.])
    """
    return _var(x).sum(axis, keepdims, dim, keepdim)


@named
def mean(x: Any, axis: Any = None, keepdims: bool = False, dim: Any = None, keepdim: bool = False) -> Var:
    """Return the mean of entries, over all or the given axes (PyTorch's `dim` is another name of `axis`).

    Parameters
    ----------
    x : Var, Tensor or array_like
        Numbers and arrays count as constants.
    axis, dim : int or tuple of int, optional
        Over which axes (two names of one thing); over all unless given.
    keepdims, keepdim : bool
        Whether they stay, with length 1.

    Returns
    -------
    Var
        It knows its derivative.

    Examples
    --------
    >>> from spikesim import learn
    >>> learn.mean([1.0, 2.0, 6.0])
    tensor(3.)
    """
    return _var(x).mean(axis, keepdims, dim, keepdim)


@named
def prod(x: Any, axis: Any = None, keepdims: bool = False, dim: Any = None, keepdim: bool = False) -> Var:
    """Return the product of entries; its derivative is exact where entries are zero.

    Parameters
    ----------
    x : Var, Tensor or array_like
        Numbers and arrays count as constants.
    axis, dim : int or tuple of int, optional
        Over which axes (two names of one thing); over all unless given.
    keepdims, keepdim : bool
        Whether they stay, with length 1.

    Returns
    -------
    Var
        It knows its derivative.

    Examples
    --------
    >>> from spikesim import learn
    >>> learn.prod([2.0, 0.0, 5.0])
    tensor(0.)
    """
    return _var(x).prod(axis, keepdims, dim, keepdim)


@named
def where(condition: Any, a: Any, b: Any) -> Var:
    """Return `a` where `condition` holds, else `b`; the condition has no derivative.

    Parameters
    ----------
    condition : array_like of bool
        Which.
    a, b : Var, Tensor or array_like
        Broadcast against each other and the condition.

    Returns
    -------
    Var
        It knows its derivatives by a and b.

    Examples
    --------
    >>> from spikesim import learn
    >>> learn.where([True, False], [1.0, 2.0], 0.0)
    tensor([1., 0.])
    """
    return apply("where", a, b, condition=as_array(condition))


@named
def clip(x: Any, low: float | None = None, high: float | None = None) -> Var:
    """Return `x` limited to [low, high]; the derivative is 0 outside.

    Parameters
    ----------
    x : Var, Tensor or array_like
        Numbers and arrays count as constants.
    low, high : float, optional
        Limits; none unless given.

    Returns
    -------
    Var
        It knows its derivative.

    Examples
    --------
    >>> from spikesim import learn
    >>> learn.clip([-2.0, 0.5, 2.0], -1.0, 1.0)
    tensor([-1.0,  0.5,  1.0])
    """
    return apply("clip", x, low=low, high=high)


@named
def concatenate(parts: Sequence[Any], axis: int | None = 0) -> Var:
    """Join arrays along an axis they have; None flattens them first.

    Parameters
    ----------
    parts : sequence of Var or array_like
        Of one shape but for the axis.
    axis : int or None
        Along which.

    Returns
    -------
    Var
        It knows its derivatives.

    Examples
    --------
    >>> from spikesim import learn
    >>> learn.concatenate([[1.0], [2.0, 3.0]])
    tensor([1., 2., 3.])
    """
    return apply("concatenate", *parts, axis=axis)


@named
def stack(parts: Sequence[Any], axis: int = 0) -> Var:
    """Join arrays of one shape along a new axis.

    Parameters
    ----------
    parts : sequence of Var or array_like
        Of one shape.
    axis : int
        Where the new axis is put.

    Returns
    -------
    Var
        It knows its derivatives.

    Examples
    --------
    >>> from spikesim import learn
    >>> learn.stack([[1.0, 2.0], [3.0, 4.0]])
    tensor([[1., 2.],
            [3., 4.]])
    """
    return apply("stack", *parts, axis=axis)


@named
def softmax(z: Any, axis: int = -1, dim: int | None = None) -> Var:
    """Return e^z_i / sum_j e^z_j along `axis` (section 1.5); no overflow for large z.

    Parameters
    ----------
    z : Var, Tensor or array_like
        Any real numbers.
    axis, dim : int
        Along which the entries compete (two names of one thing).

    Returns
    -------
    Var
        Of the shape of `z`.

    Examples
    --------
    >>> from spikesim import learn
    >>> learn.softmax([0.6, 3.4, -1.2, 0.05])
    tensor([0.0550, 0.9042, 0.0091, 0.0317])
    """
    return apply("softmax", z, axis=axis if dim is None else dim)


@named
def log_softmax(z: Any, axis: int = -1, dim: int | None = None) -> Var:
    """Return the logarithm of :func:`softmax`, without taking the logarithm of a rounded 0.

    Parameters
    ----------
    z : Var, Tensor or array_like
        Any real numbers.
    axis, dim : int
        Along which the entries compete (two names of one thing).

    Returns
    -------
    Var
        Of the shape of `z`.

    Examples
    --------
    >>> from spikesim import learn
    >>> learn.log_softmax([0.6, 3.4, -1.2, 0.05])
    tensor([-2.9007, -0.1007, -4.7007, -3.4507])
    """
    return apply("log_softmax", z, axis=axis if dim is None else dim)


@named
def one_hot(classes: Any, n_classes: int | None = None, dtype: Any = np.float64) -> np.ndarray:
    """Return rows that are 1 at the class and 0 elsewhere: 7 -> [0 0 0 0 0 0 0 1 0 0] (section 2.1).

    Parameters
    ----------
    classes : array_like of int
        Class indices, >= 0, of any shape.
    n_classes : int, optional
        Length of a row; one more than the largest class unless given.
    dtype : dtype
        Of the rows.

    Returns
    -------
    array, shape ``(*classes.shape, n_classes)``
        A plain array: it has no derivative.

    Raises
    ------
    InvalidTypeError
        If classes are no whole numbers.
    InvalidValueError
        If one is negative or too large.

    Examples
    --------
    >>> from spikesim import learn
    >>> learn.one_hot([2, 0]).tolist()
    [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]
    """
    given = np.asarray(as_array(classes))
    index = given.astype(np.int64) if given.size else np.zeros(given.shape, np.int64)
    if not np.array_equal(index, given):
        raise InvalidTypeError(f"one_hot: classes of {given.dtype}, wanted whole numbers")
    n = int(index.max(initial=-1)) + 1 if n_classes is None else n_classes
    if index.size and not 0 <= index.min() <= index.max() < n:
        raise InvalidValueError(f"one_hot: classes range over {index.min()} ... {index.max()}, wanted 0 ... {n - 1}")
    return np.eye(n, dtype=dtype)[index]
