"""PyTorch's names of functions that are here already, and what asks for a Tensor or makes one of what there is."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...errors import InvalidTypeError
from ...keywords import named
from .functions import concatenate, logistic
from .operators import as_array
from .tape import Var, constant
from .tensor import Tensor, tensor

__all__ = ["argmax", "as_tensor", "cat", "from_numpy", "is_tensor", "sigmoid"]

sigmoid = logistic


@named
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
    result = constant(as_array(array), Tensor)
    result._lend()
    result._brought = True  # type: ignore[attr-defined]
    return result  # type: ignore[return-value]


@named
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


@named
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


@named
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


@named
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
