"""Tensors made of nothing: PyTorch's creation functions and names of dtypes (section 5.1).

Their default precision is float32, PyTorch's.  Random ones are in :mod:`spikesim.learn.autodiff.draws`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...keywords import named
from .operators import as_array
from .tensor import Tensor, tensor

__all__ = [
    "arange",
    "empty",
    "eye",
    "full",
    "like",
    "linspace",
    "made",
    "ones",
    "ones_like",
    "shape_of",
    "zeros",
    "zeros_like",
]

float32, float64 = np.dtype(np.float32), np.dtype(np.float64)
int32, int64, boolean = np.dtype(np.int32), np.dtype(np.int64), np.dtype(np.bool_)


def shape_of(size: tuple[Any, ...]) -> tuple[int, ...]:
    """Return the shape of sizes, which are numbers or one tuple of them."""
    return tuple(map(int, size[0])) if len(size) == 1 and isinstance(size[0], (tuple, list)) else tuple(map(int, size))


def made(values: Any, dtype: Any, requires_grad: bool = False) -> Tensor:
    """Return a Tensor of values, of float32 unless told."""
    return tensor(values, dtype=float32 if dtype is None else dtype, requires_grad=requires_grad)


@named
def zeros(*size: Any, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """Return zeros of the given sizes, or shape.

    Parameters
    ----------
    *size : int, or one tuple of int
        The shape.
    dtype : dtype, optional
        float32 unless given.
    requires_grad : bool
        Whether derivatives are wanted.

    Returns
    -------
    Tensor
        Of this shape.

    Examples
    --------
    >>> from spikesim import learn
    >>> learn.zeros(2, 3)
    tensor([[0., 0., 0.],
            [0., 0., 0.]])
    """
    return made(np.zeros(shape_of(size)), dtype, requires_grad)


@named
def ones(*size: Any, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """Return ones of the given sizes, or shape.

    Parameters
    ----------
    *size : int, or one tuple of int
        The shape.
    dtype : dtype, optional
        float32 unless given.
    requires_grad : bool
        Whether derivatives are wanted.

    Returns
    -------
    Tensor
        Of this shape.

    Examples
    --------
    >>> from spikesim import learn
    >>> learn.ones(2, 2)
    tensor([[1., 1.],
            [1., 1.]])
    """
    return made(np.ones(shape_of(size)), dtype, requires_grad)


@named
def full(size: Any, fill_value: float, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """Return an array of one value.

    Parameters
    ----------
    size : int or tuple of int
        The shape.
    fill_value : float
        Of every entry.
    dtype : dtype, optional
        float32 unless given.
    requires_grad : bool
        Whether derivatives are wanted.

    Returns
    -------
    Tensor
        Of this shape.

    Examples
    --------
    >>> from spikesim import learn
    >>> learn.full((2,), 7.0)
    tensor([7., 7.])
    """
    return made(np.full(size, fill_value), dtype, requires_grad)


@named
def empty(*size: Any, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """Return an array to be written; here of zeros.

    Parameters
    ----------
    *size : int, or one tuple of int
        The shape.
    dtype : dtype, optional
        float32 unless given.
    requires_grad : bool
        Whether derivatives are wanted.

    Returns
    -------
    Tensor
        Of this shape.

    Examples
    --------
    >>> from spikesim import learn
    >>> learn.empty(2).shape
    torch.Size([2])
    """
    return zeros(*size, dtype=dtype, requires_grad=requires_grad)


@named
def eye(n: int, m: int | None = None, dtype: Any = None) -> Tensor:
    """Return the identity matrix.

    Parameters
    ----------
    n, m : int
        Rows and columns; square unless `m` is given.
    dtype : dtype, optional
        float32 unless given.

    Returns
    -------
    Tensor
        1 on the diagonal.

    Examples
    --------
    >>> from spikesim import learn
    >>> learn.eye(2)
    tensor([[1., 0.],
            [0., 1.]])
    """
    return made(np.eye(n, m), dtype)


@named
def arange(*limits: Any, dtype: Any = None) -> Tensor:
    """Return start, start + step, ... below stop: whole numbers for whole limits.

    Parameters
    ----------
    *limits : float
        (stop), (start, stop) or (start, stop, step).
    dtype : dtype, optional
        int64 for whole limits, else float32, unless given.

    Returns
    -------
    Tensor
        In a row.

    Examples
    --------
    >>> from spikesim import learn
    >>> learn.arange(1, 4)
    tensor([1, 2, 3])
    """
    values = np.arange(*limits)
    return tensor(values, dtype=(float32 if values.dtype.kind == "f" else int64) if dtype is None else dtype)


@named
def linspace(start: float, end: float, steps: int, dtype: Any = None) -> Tensor:
    """Return `steps` numbers from start to end.

    Parameters
    ----------
    start, end : float
        Both are among them.
    steps : int
        How many.
    dtype : dtype, optional
        float32 unless given.

    Returns
    -------
    Tensor
        In a row, evenly spaced.

    Examples
    --------
    >>> from spikesim import learn
    >>> learn.linspace(0.0, 1.0, 5)
    tensor([0.0000, 0.2500, 0.5000, 0.7500, 1.0000])
    """
    return made(np.linspace(start, end, steps), dtype)


def like(make: Any, x: Any, dtype: Any) -> Tensor:
    """Return what `make` makes of the shape and precision of `x`."""
    values = as_array(x)
    return make(*values.shape, dtype=values.dtype if dtype is None else dtype) if values.ndim else make((), dtype=dtype)


@named
def zeros_like(x: Any, dtype: Any = None) -> Tensor:
    """Return zeros of the shape and precision of `x`.

    Parameters
    ----------
    x : Var, Tensor or array_like
        Whose shape is taken.
    dtype : dtype, optional
        That of `x` unless given.

    Returns
    -------
    Tensor
        A constant.

    Examples
    --------
    >>> from spikesim import learn
    >>> learn.zeros_like([1.0, 2.0])
    tensor([0., 0.])
    """
    return like(zeros, x, dtype)


@named
def ones_like(x: Any, dtype: Any = None) -> Tensor:
    """Return ones of the shape and precision of `x`.

    Parameters
    ----------
    x : Var, Tensor or array_like
        Whose shape is taken.
    dtype : dtype, optional
        That of `x` unless given.

    Returns
    -------
    Tensor
        A constant.

    Examples
    --------
    >>> from spikesim import learn
    >>> learn.ones_like([1.0, 2.0])
    tensor([1., 1.])
    """
    return like(ones, x, dtype)
