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
    return _made(np.zeros(_shape(size)), dtype, requires_grad)


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
    return _made(np.ones(_shape(size)), dtype, requires_grad)


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
    return _made(np.full(size, fill_value), dtype, requires_grad)


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
    return _made(np.eye(n, m), dtype)


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
    return _made(np.linspace(start, end, steps), dtype)


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
    return _made(generator(None).random(_shape(size)), dtype, requires_grad)


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
    return _made(generator(None).normal(size=_shape(size)), dtype, requires_grad)


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


def _like(make: Any, x: Any, dtype: Any) -> Tensor:
    values = as_array(x)
    return make(*values.shape, dtype=values.dtype if dtype is None else dtype) if values.ndim else make((), dtype=dtype)


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
    return _like(zeros, x, dtype)


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
    return _like(ones, x, dtype)


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
    return _like(rand, x, dtype)


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
    return _like(randn, x, dtype)


def from_numpy(array: np.ndarray) -> Tensor:
    """Return a Tensor on the memory of an array: a change of one is seen in the other.

    Parameters
    ----------
    array : ndarray
        Of any numbers.

    Returns
    -------
    Tensor
        A constant.

    Raises
    ------
    InvalidTypeError
        If it is no array.

    Examples
    --------
    >>> import numpy as np
    >>> from spikesim import learn
    >>> array = np.zeros(2)
    >>> shared = learn.from_numpy(array)
    >>> array[0] = 5.0
    >>> shared
    tensor([5., 0.], dtype=torch.float64)
    """
    if not isinstance(array, np.ndarray):
        raise InvalidTypeError(f"from_numpy: wanted an ndarray, got {type(array).__name__}; use tensor(...)")
    result = constant(array, Tensor)
    result._lend()
    result._brought = True  # type: ignore[attr-defined]
    return result  # type: ignore[return-value]


def as_tensor(data: Any, dtype: Any = None) -> Tensor:
    """Return `data` as a Tensor: itself if it is one of that precision.

    Parameters
    ----------
    data : Tensor or array_like
        What is wanted as a Tensor.
    dtype : dtype, optional
        Its precision; its own unless given.

    Returns
    -------
    Tensor
        `data` itself, or a copy.

    Examples
    --------
    >>> from spikesim import learn
    >>> x = learn.tensor([1.0])
    >>> learn.as_tensor(x) is x
    True
    """
    good = isinstance(data, Tensor) and (dtype is None or data.dtype == dtype)
    return data if good else tensor(data, dtype=dtype)


def is_tensor(x: Any) -> bool:
    """Return whether `x` is a Tensor.

    Parameters
    ----------
    x : object
        Anything.

    Returns
    -------
    bool
        A Var is none.

    Examples
    --------
    >>> from spikesim import learn
    >>> learn.is_tensor(learn.tensor(1.0)), learn.is_tensor(learn.Var(1.0))
    (True, False)
    """
    return isinstance(x, Tensor)


def argmax(x: Any, dim: int | None = None, keepdim: bool = False) -> Any:
    """Return the index of the largest entry, of all or along `dim`, as a Tensor.

    Parameters
    ----------
    x : Var, Tensor or array_like
        Numbers.
    dim : int, optional
        Along which axis; of all entries unless given.
    keepdim : bool
        Whether the axis stays, with length 1.

    Returns
    -------
    Tensor
        Whole numbers; they have no derivative.

    Examples
    --------
    >>> from spikesim import learn
    >>> learn.argmax([[1.0, 5.0], [7.0, 2.0]], dim=1)
    tensor([1, 0])
    """
    return constant(np.asarray(np.argmax(as_array(x), axis=dim, keepdims=keepdim)), Tensor)


def cat(parts: Any, dim: int = 0) -> Var:
    """Join arrays along an axis they have: PyTorch's name of :func:`spikesim.learn.concatenate`.

    Parameters
    ----------
    parts : sequence of Var or array_like
        Of one shape but for the axis.
    dim : int
        Along which.

    Returns
    -------
    Var
        It knows its derivatives.

    Examples
    --------
    >>> from spikesim import learn
    >>> learn.cat([[1.0], [2.0, 3.0]])
    tensor([1., 2., 3.])
    """
    return concatenate(parts, axis=dim)
