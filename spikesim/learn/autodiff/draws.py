"""Tensors of random numbers: PyTorch's names; all draw from the stream of :func:`spikesim.learn.manual_seed`."""

from __future__ import annotations

from typing import Any

from ...keywords import named
from ..layers.initialise import generator
from .creation import int64, like, made, shape_of
from .tensor import Tensor, tensor

__all__ = ["rand", "rand_like", "randint", "randn", "randn_like"]


@named
def rand(*size: Any, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """Return numbers drawn evenly from [0, 1).

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
    >>> learn.rand(2, 3).shape
    torch.Size([2, 3])
    """
    return made(generator(None).random(shape_of(size)), dtype, requires_grad)


@named
def randn(*size: Any, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """Return numbers drawn from N(0, 1).

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
    >>> learn.randn(2, 3).shape
    torch.Size([2, 3])
    """
    return made(generator(None).normal(size=shape_of(size)), dtype, requires_grad)


@named
def randint(low: int, high: int | None = None, size: Any = (), dtype: Any = None) -> Tensor:
    """Return whole numbers drawn from low ... high - 1, or 0 ... low - 1.

    Parameters
    ----------
    low, high : int
        From low to high - 1; from 0 to low - 1 where only `low` is given.
    size : int or tuple of int
        The shape.
    dtype : dtype, optional
        int64 unless given.

    Returns
    -------
    Tensor
        Drawn from the stream of :func:`manual_seed`.

    Examples
    --------
    >>> from spikesim import learn
    >>> learn.randint(0, 10, (3,)).shape
    torch.Size([3])
    """
    return tensor(generator(None).integers(low, high, size=size), dtype=int64 if dtype is None else dtype)


@named
def rand_like(x: Any, dtype: Any = None) -> Tensor:
    """Return numbers drawn evenly from [0, 1), of the shape and precision of `x`.

    Parameters
    ----------
    x : Var, Tensor or array_like
        Whose shape is taken.
    dtype : dtype, optional
        That of `x` unless given.

    Returns
    -------
    Tensor
        Drawn from the stream of :func:`manual_seed`.

    Examples
    --------
    >>> from spikesim import learn
    >>> learn.rand_like([1.0, 2.0]).shape
    torch.Size([2])
    """
    return like(rand, x, dtype)


@named
def randn_like(x: Any, dtype: Any = None) -> Tensor:
    """Return numbers drawn from N(0, 1), of the shape and precision of `x`.

    Parameters
    ----------
    x : Var, Tensor or array_like
        Whose shape is taken.
    dtype : dtype, optional
        That of `x` unless given.

    Returns
    -------
    Tensor
        Drawn from the stream of :func:`manual_seed`.

    Examples
    --------
    >>> from spikesim import learn
    >>> learn.randn_like([1.0, 2.0]).shape
    torch.Size([2])
    """
    return like(randn, x, dtype)
