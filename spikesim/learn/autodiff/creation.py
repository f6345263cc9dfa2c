"""Tensors made of nothing: PyTorch's creation functions and names of dtypes (section 5.1).

Their default precision is float32, PyTorch's; random ones draw from the stream of :func:`spikesim.learn.manual_seed`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...errors import InvalidTypeError
from ..layers.initialise import generator
from .functions import concatenate, logistic
from .operators import as_array
from .tape import Var, constant
from .tensor import Tensor, tensor

__all__ = [
    "arange",
    "argmax",
    "as_tensor",
    "cat",
    "empty",
    "eye",
    "from_numpy",
    "full",
    "is_tensor",
    "linspace",
    "ones",
    "ones_like",
    "rand",
    "rand_like",
    "randint",
    "randn",
    "randn_like",
    "sigmoid",
    "zeros",
    "zeros_like",
]

float32, float64 = np.dtype(np.float32), np.dtype(np.float64)
int32, int64, boolean = np.dtype(np.int32), np.dtype(np.int64), np.dtype(np.bool_)

sigmoid = logistic


def _shape(size: tuple[Any, ...]) -> tuple[int, ...]:
    return tuple(map(int, size[0])) if len(size) == 1 and isinstance(size[0], (tuple, list)) else tuple(map(int, size))


def _made(values: Any, dtype: Any, requires_grad: bool = False) -> Tensor:
    return tensor(values, dtype=float32 if dtype is None else dtype, requires_grad=requires_grad)


def zeros(*size: Any, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """Return zeros of the given sizes, or shape.

    Examples
    --------
    >>> zeros(2, 3)
    tensor([[0., 0., 0.],
            [0., 0., 0.]])
    """
    return _made(np.zeros(_shape(size)), dtype, requires_grad)


def ones(*size: Any, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """Return ones of the given sizes, or shape."""
    return _made(np.ones(_shape(size)), dtype, requires_grad)


def full(size: Any, fill_value: float, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """Return an array of one value."""
    return _made(np.full(size, fill_value), dtype, requires_grad)


def empty(*size: Any, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """Return an array to be written; here of zeros."""
    return zeros(*size, dtype=dtype, requires_grad=requires_grad)


def eye(n: int, m: int | None = None, dtype: Any = None) -> Tensor:
    """Return the identity matrix."""
    return _made(np.eye(n, m), dtype)


def arange(*limits: Any, dtype: Any = None) -> Tensor:
    """Return start, start + step, ... below stop: whole numbers for whole limits."""
    values = np.arange(*limits)
    return tensor(values, dtype=(float32 if values.dtype.kind == "f" else int64) if dtype is None else dtype)


def linspace(start: float, end: float, steps: int, dtype: Any = None) -> Tensor:
    """Return `steps` numbers from start to end."""
    return _made(np.linspace(start, end, steps), dtype)


def rand(*size: Any, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """Return numbers drawn evenly from [0, 1)."""
    return _made(generator(None).random(_shape(size)), dtype, requires_grad)


def randn(*size: Any, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """Return numbers drawn from N(0, 1)."""
    return _made(generator(None).normal(size=_shape(size)), dtype, requires_grad)


def randint(low: int, high: int | None = None, size: Any = (), dtype: Any = None) -> Tensor:
    """Return whole numbers drawn from low ... high - 1, or 0 ... low - 1."""
    return tensor(generator(None).integers(low, high, size=size), dtype=int64 if dtype is None else dtype)


def _like(make: Any, x: Any, dtype: Any) -> Tensor:
    values = as_array(x)
    return make(*values.shape, dtype=values.dtype if dtype is None else dtype) if values.ndim else make((), dtype=dtype)


def zeros_like(x: Any, dtype: Any = None) -> Tensor:
    """Return zeros of the shape and precision of `x`."""
    return _like(zeros, x, dtype)


def ones_like(x: Any, dtype: Any = None) -> Tensor:
    """Return ones of the shape and precision of `x`."""
    return _like(ones, x, dtype)


def rand_like(x: Any, dtype: Any = None) -> Tensor:
    """Return numbers drawn evenly from [0, 1), of the shape and precision of `x`."""
    return _like(rand, x, dtype)


def randn_like(x: Any, dtype: Any = None) -> Tensor:
    """Return numbers drawn from N(0, 1), of the shape and precision of `x`."""
    return _like(randn, x, dtype)


def from_numpy(array: np.ndarray) -> Tensor:
    """Return a Tensor on the memory of an array: a change of one is seen in the other."""
    if not isinstance(array, np.ndarray):
        raise InvalidTypeError(f"from_numpy: wanted an ndarray, got {type(array).__name__}; use tensor(...)")
    result = constant(array, Tensor)
    result._lend()
    result._brought = True  # type: ignore[attr-defined]
    return result  # type: ignore[return-value]


def as_tensor(data: Any, dtype: Any = None) -> Tensor:
    """Return `data` as a Tensor: itself if it is one of that precision."""
    good = isinstance(data, Tensor) and (dtype is None or data.dtype == dtype)
    return data if good else tensor(data, dtype=dtype)


def is_tensor(x: Any) -> bool:
    """Return whether `x` is a Tensor."""
    return isinstance(x, Tensor)


def argmax(x: Any, dim: int | None = None, keepdim: bool = False) -> Any:
    """Return the index of the largest entry, of all or along `dim`, as a Tensor."""
    return constant(np.asarray(np.argmax(as_array(x), axis=dim, keepdims=keepdim)), Tensor)


def cat(parts: Any, dim: int = 0) -> Var:
    """Join arrays along an axis they have: PyTorch's name of :func:`spikesim.learn.concatenate`."""
    return concatenate(parts, axis=dim)
