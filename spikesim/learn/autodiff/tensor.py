"""Tensors: Vars with the manners of section 5.1.1, which are PyTorch's.

    from spikesim import learn as torch

makes the notes' listings run.  A Tensor is a Var that prints its shape and dtype as PyTorch does, whose ``backward``
frees the graph unless told ``retain_graph=True``, whose comparisons and gradient are Tensors, and which knows PyTorch's
names of methods beside NumPy's.  What is computed from a Tensor is one.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ...errors import InvalidTypeError, StateError
from ...keywords import all_named, named
from .operators import as_array
from .printed import AsPrinted, entries, node_name
from .size import Count, Size
from .tape import Var, constant
from .torch_methods import TorchMethods

__all__ = ["Extremum", "Size", "Tensor", "tensor"]


class Extremum(NamedTuple):
    """What ``max(dim=)`` and ``min(dim=)`` return."""

    values: Any
    indices: Any


@all_named
class Tensor(TorchMethods):
    """A Var with PyTorch's manners; made by :func:`tensor` and the creation functions.

    Parameters
    ----------
    val : array_like
        The value.
    requires_grad : bool
        Whether derivatives are wanted (default True, other than of :func:`tensor`).
    name : str, optional
        How printed graphs call it.
    dtype : dtype, optional
        Precision; that of the value unless given.

    Examples
    --------
    >>> from spikesim import learn
    >>> x = learn.tensor([1.0, 2.0], requires_grad=True)
    >>> (x * x).sum().backward()
    >>> x.grad
    tensor([2., 4.])
    """

    __slots__ = ("_brought",)
    _brought: bool  # whether an array brought its own precision, which is then printed

    # -- printing --------------------------------------------------------------------------------------------

    @property
    def shape(self) -> Size:
        value = self._val
        return Size(value.shape if isinstance(value, np.ndarray) else np.shape(value))

    @property
    def size(self) -> Any:
        count = Count(np.size(self._val))
        count.shape = self.shape
        return count

    @property
    def grad_fn(self) -> Any:
        return self.creator

    def __repr__(self) -> str:
        array = np.asarray(self._val)
        parts = [entries(array)]
        node = self._spent if self.creator is None else self.creator.name
        if node is not None:
            parts.append(f"grad_fn=<{node_name(node)}>")
        elif self.requires_grad:
            parts.append("requires_grad=True")
        brought = getattr(self, "_brought", False) and array.dtype == np.float64
        if brought or array.dtype not in (np.float32, np.float64, np.int64, np.bool_):
            parts.insert(1, f"dtype=torch.{array.dtype}")
        return f"tensor({', '.join(parts)})"

    __str__ = __repr__

    # -- derivatives -----------------------------------------------------------------------------------------

    @property
    def grad(self) -> Any:
        array = Var.grad.fget(self)  # type: ignore[attr-defined]
        return None if array is None else constant(array, Tensor)

    @grad.setter
    def grad(self, value: Any) -> None:
        Var.grad.fset(self, value)  # type: ignore[attr-defined]

    def backward(self, s: Any = None, retain_graph: bool = False, gradient: Any = None) -> None:
        """Propagate derivatives as :meth:`Var.backward` does; the graph is freed unless `retain_graph`.

        `gradient` is PyTorch's name of `s`.

        Parameters
        ----------
        s, gradient : array_like, optional
            Derivative of what stands above by this Tensor, of its shape (two names of one thing); 1 for a scalar.
        retain_graph : bool
            Whether another backward through the graph is to come.

        Examples
        --------
        >>> from spikesim import learn
        >>> x = learn.tensor(3.0, requires_grad=True)
        >>> (x * x).backward()
        >>> x.grad
        tensor(6.)
        """
        self._backward(gradient if s is None else s, retain_graph)

    def numpy(self) -> np.ndarray:
        """Return the values as an array that shares their memory.

        Returns
        -------
        array
            A change of one is seen in the other.

        Raises
        ------
        StateError
            If the Tensor requires grad; use ``detach().numpy()``.

        Examples
        --------
        >>> from spikesim import learn
        >>> learn.tensor([[1.0, 2.0], [3.0, 4.0]]).numpy().tolist()
        [[1.0, 2.0], [3.0, 4.0]]
        """
        if self.requires_grad:
            raise AsPrinted("Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.")
        return super().numpy()

    def requires_grad_(self, on: bool = True) -> Tensor:
        """Ask for derivatives, or no longer; return self.

        Parameters
        ----------
        on : bool
            Whether.

        Returns
        -------
        Tensor
            Itself.

        Raises
        ------
        StateError
            If it is no leaf.
        InvalidTypeError
            If its numbers are no floating point.

        Examples
        --------
        >>> from spikesim import learn
        >>> learn.tensor([1.0]).requires_grad_()
        tensor([1.], requires_grad=True)
        """
        if not self.is_leaf:
            raise StateError("requires_grad_: only a leaf can be told; use detach() for a part of an expression")
        if on and self.dtype.kind != "f":
            raise InvalidTypeError(f"requires_grad_: only floating point can require a gradient, this is {self.dtype}")
        self.requires_grad = bool(on)
        return self

    def retain_grad(self) -> None:
        """Do nothing: every Var of an expression keeps its gradient.

        Examples
        --------
        >>> from spikesim import learn
        >>> x = learn.tensor(3.0, requires_grad=True)
        >>> y = x * x
        >>> y.retain_grad()
        >>> (2.0 * y).backward()
        >>> y.grad
        tensor(2.)
        """

    # -- comparisons -----------------------------------------------------------------------------------------

    def _compared(self, values: Any) -> Any:
        return constant(np.asarray(values), Tensor)

    def __gt__(self, other: Any) -> Any:
        return self._compared(self._val > as_array(other))

    def __ge__(self, other: Any) -> Any:
        return self._compared(self._val >= as_array(other))

    def __lt__(self, other: Any) -> Any:
        return self._compared(self._val < as_array(other))

    def __le__(self, other: Any) -> Any:
        return self._compared(self._val <= as_array(other))

    def __eq__(self, other: Any) -> Any:
        return self._compared(self._val == as_array(other))

    def __ne__(self, other: Any) -> Any:
        return self._compared(self._val != as_array(other))

    __hash__ = object.__hash__

    def __and__(self, other: Any) -> Any:
        return self._compared(self._val & as_array(other))

    def __or__(self, other: Any) -> Any:
        return self._compared(self._val | as_array(other))

    def __invert__(self) -> Any:
        return self._compared(~np.asarray(self._val))

    def all(self, *args: Any, **options: Any) -> Any:
        """Return whether all entries are true.

        Parameters
        ----------
        *args, **options
            As of NumPy: an axis, ``keepdims``.

        Returns
        -------
        Tensor
            Of bool.

        Examples
        --------
        >>> from spikesim import learn
        >>> (learn.tensor([1.0, 2.0]) > 0.0).all()
        tensor(True)
        """
        return self._compared(np.all(self._val, *args, **options))

    def any(self, *args: Any, **options: Any) -> Any:
        """Return whether any entry is true.

        Parameters
        ----------
        *args, **options
            As of NumPy: an axis, ``keepdims``.

        Returns
        -------
        Tensor
            Of bool.

        Examples
        --------
        >>> from spikesim import learn
        >>> (learn.tensor([1.0, 2.0]) > 1.5).any()
        tensor(True)
        """
        return self._compared(np.any(self._val, *args, **options))

    # -- PyTorch's names -------------------------------------------------------------------------------------

    def argmax(self, axis: Any = None, keepdims: bool = False, dim: Any = None, keepdim: bool = False) -> Any:
        """Return the index of the largest entry, of all or along an axis, as a Tensor.

        Parameters
        ----------
        axis, dim : int or tuple of int, optional
            Over which axes (two names of one thing); over all unless given.
        keepdims, keepdim : bool
            Whether they stay, with length 1.

        Returns
        -------
        Tensor
            Whole numbers; they have no derivative.

        Examples
        --------
        >>> from spikesim import learn
        >>> learn.tensor([[1.0, 2.0], [3.0, 4.0]]).argmax(dim=1)
        tensor([1, 1])
        """
        return constant(np.asarray(super().argmax(axis, keepdims, dim, keepdim)), Tensor)

    def max(self, axis: Any = None, keepdims: bool = False, dim: Any = None, keepdim: bool = False, **o: Any) -> Any:
        """Return the largest entry; along ``dim=`` (values, indices), as PyTorch does.

        Parameters
        ----------
        axis, dim : int or tuple of int, optional
            Over which axes (two names of one thing); over all unless given.
        keepdims, keepdim : bool
            Whether they stay, with length 1.
        **o : None
            NumPy's other arguments, which are refused unless they say nothing.

        Returns
        -------
        Tensor, or Extremum
            With `dim` a named tuple (values, indices).

        Examples
        --------
        >>> from spikesim import learn
        >>> learn.tensor([[1.0, 2.0], [3.0, 4.0]]).max()
        tensor(4.)
        >>> learn.tensor([[1.0, 2.0], [3.0, 4.0]]).max(dim=1).indices
        tensor([1, 1])
        """
        if dim is None:
            return super().max(axis, keepdims, **o)
        return Extremum(super().max(dim, keepdim, **o), self.argmax(dim, keepdim))

    def min(self, axis: Any = None, keepdims: bool = False, dim: Any = None, keepdim: bool = False, **o: Any) -> Any:
        """Return the smallest entry; along ``dim=`` (values, indices), as PyTorch does.

        Parameters
        ----------
        axis, dim : int or tuple of int, optional
            Over which axes (two names of one thing); over all unless given.
        keepdims, keepdim : bool
            Whether they stay, with length 1.
        **o : None
            NumPy's other arguments, which are refused unless they say nothing.

        Returns
        -------
        Tensor, or Extremum
            With `dim` a named tuple (values, indices).

        Examples
        --------
        >>> from spikesim import learn
        >>> learn.tensor([[1.0, 2.0], [3.0, 4.0]]).min()
        tensor(1.)
        >>> learn.tensor([[1.0, 2.0], [3.0, 4.0]]).min(dim=1).indices
        tensor([0, 0])
        """
        if dim is None:
            return super().min(axis, keepdims, **o)
        return Extremum(super().min(dim, keepdim, **o), (-self.detach()).argmax(dim, keepdim))


Tensor._kind = Tensor


def _collected(data: Any) -> Any:
    """Nested lists in which Vars stand are lists of their values."""
    if isinstance(data, Var):
        return data._val
    return [_collected(k) for k in data] if isinstance(data, (list, tuple)) else data


@named
def tensor(data: Any, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """Return a Tensor holding a copy of `data`, by default a constant (section 5.1.1).

    Parameters
    ----------
    data : array_like
        Nested lists or an array; it is copied.
    dtype : dtype, optional
        ``learn.float`` (float32), ``learn.long``, ``float`` (float64), ...; by default that of `data`.
    requires_grad : bool
        Whether derivatives are wanted.

    Returns
    -------
    Tensor
        On memory of its own.

    Examples
    --------
    >>> import numpy as np
    >>> from spikesim import learn
    >>> z = learn.tensor([1, 2], dtype=float, requires_grad=True)
    >>> y = np.prod(z)
    >>> y.backward()
    >>> z.grad
    tensor([2., 1.])
    >>> learn.tensor(np.array([1.0, 2.0]))  # an array brings its precision, and it is printed
    tensor([1., 2.], dtype=torch.float64)
    """
    result = Tensor(_collected(data), requires_grad=requires_grad, dtype=dtype)
    result._brought = dtype is None and isinstance(data, np.ndarray)
    return result
