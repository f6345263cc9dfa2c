"""How Vars behave in formulas: Python's operators, and the manners of an array.

Every operation ends in ``apply(name, ...)`` of the tape, so each has its rule in the one table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from operator import index
from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import InvalidTypeError, StateError
from .numpy_functions import NumpyFunctions, as_array, refuse

if TYPE_CHECKING:
    from .tape import Op, Var

__all__ = ["Operators", "as_array"]


def _axes(axis: Any) -> Any:
    """Return axes as Python's numbers."""
    if axis is None:
        return None
    return tuple(int(k) for k in axis) if isinstance(axis, (tuple, list)) else index(axis)


def _one_of(name: str, axis: Any, dim: Any) -> Any:
    """NumPy says axis, PyTorch dim; both is one too many."""
    if axis is not None and dim is not None:
        raise InvalidTypeError(f"{name}: axis = {axis!r} and dim = {dim!r} are two names of one thing; give one")
    return _axes(axis if dim is None else dim)


def _entry(k: Any) -> Any:
    """Return one part of an index as NumPy understands it: sequences and Vars are arrays."""
    k = k._val if isinstance(k, NumpyFunctions) else k
    if isinstance(k, (list, tuple, range)):
        return np.asarray(k) if len(k) else np.zeros(0, np.intp)
    return k


class Operators(NumpyFunctions):
    """What a Var can be used for; the tape gives it `_val`, `_apply` and the rest."""

    __slots__ = ()
    _is_recording: Callable[[], bool]
    _changed: Callable[[], None]
    creator: Op | None
    _spent: str | None

    # -- the manners of an array -----------------------------------------------------------------------------

    def item(self) -> float:
        """Return the one entry as a Python number.

        Returns
        -------
        float or int
            Of Python.

        Examples
        --------
        >>> from spikesim import learn
        >>> learn.Var([2.5]).item()
        2.5
        """
        return np.asarray(self._val).item()

    def tolist(self) -> Any:
        """Return the values as nested lists.

        Returns
        -------
        list or float
            As of NumPy.

        Examples
        --------
        >>> from spikesim import learn
        >>> learn.Var([1.0, 2.0]).tolist()
        [1.0, 2.0]
        """
        return np.asarray(self._val).tolist()

    def argmax(self, axis: Any = None, keepdims: bool = False, dim: Any = None, keepdim: bool = False) -> Any:
        """Return the index of the largest entry (a plain array: it has no derivative).

        Parameters
        ----------
        axis, dim : int or tuple of int, optional
            Over which axes (two names of one thing); over all unless given.
        keepdims, keepdim : bool
            Whether they stay, with length 1.

        Returns
        -------
        int or array of int
            It has no derivative.

        Examples
        --------
        >>> from spikesim import learn
        >>> int(learn.Var([1.0, 5.0, 2.0]).argmax())
        1
        """
        return np.argmax(self._val, axis=_one_of("argmax", axis, dim), keepdims=bool(keepdims or keepdim))

    @property
    def shape(self) -> tuple[int, ...]:
        value = self._val
        return value.shape if isinstance(value, np.ndarray) else np.shape(value)

    @property
    def ndim(self) -> int:
        value = self._val
        return value.ndim if isinstance(value, np.ndarray) else np.ndim(value)

    @property
    def size(self) -> int:
        return int(np.size(self._val))

    @property
    def dtype(self) -> np.dtype:
        value = self._val
        return value.dtype if isinstance(value, np.ndarray) else np.asarray(value).dtype

    @property
    def T(self) -> Var:
        return self._apply("transpose", self)

    @property
    def is_leaf(self) -> bool:
        return self.creator is None and self._spent is None

    def __len__(self) -> int:
        return len(self._val)

    def __iter__(self) -> Iterator[Var]:
        return (self[k] for k in range(len(self._val)))

    def __bool__(self) -> bool:
        return bool(np.asarray(self._val))

    def __float__(self) -> float:
        return float(self.item())

    def __int__(self) -> int:
        return int(self.item())

    def __index__(self) -> int:
        """Return the one whole number: a Var of a class picks from a list."""
        value = np.asarray(self._val)
        if value.dtype.kind not in "iu" or value.size != 1:
            raise InvalidTypeError(f"an index must be one whole number, got a Var of {value.dtype}, {value.shape}")
        return int(value.item())

    def __format__(self, spec: str) -> str:
        return format(self.item(), spec) if spec else repr(self)

    # -- operators -------------------------------------------------------------------------------------------

    def __add__(self, other: Any) -> Var:
        return self._apply("add", self, other)

    def __radd__(self, other: Any) -> Var:
        return self._apply("add", other, self)

    def __sub__(self, other: Any) -> Var:
        return self._apply("subtract", self, other)

    def __rsub__(self, other: Any) -> Var:
        return self._apply("subtract", other, self)

    def __mul__(self, other: Any) -> Var:
        return self._apply("multiply", self, other)

    def __rmul__(self, other: Any) -> Var:
        return self._apply("multiply", other, self)

    def __truediv__(self, other: Any) -> Var:
        return self._apply("divide", self, other)

    def __rtruediv__(self, other: Any) -> Var:
        return self._apply("divide", other, self)

    def __pow__(self, other: Any) -> Var:
        return self._apply("power", self, other)

    def __rpow__(self, other: Any) -> Var:
        return self._apply("power", other, self)

    def __matmul__(self, other: Any) -> Var:
        return self._apply("matmul", self, other)

    def __rmatmul__(self, other: Any) -> Var:
        return self._apply("matmul", other, self)

    def __neg__(self) -> Var:
        return self._apply("negative", self)

    def __pos__(self) -> Var:
        return self._apply("positive", self)

    def __abs__(self) -> Var:
        return self._apply("absolute", self)

    def __getitem__(self, index: Any) -> Var:
        parts = tuple(map(_entry, index)) if isinstance(index, tuple) else _entry(index)
        return self._apply("getitem", self, index=parts)

    def __gt__(self, other: Any) -> Any:
        return self._val > as_array(other)

    def __ge__(self, other: Any) -> Any:
        return self._val >= as_array(other)

    def __lt__(self, other: Any) -> Any:
        return self._val < as_array(other)

    def __le__(self, other: Any) -> Any:
        return self._val <= as_array(other)

    def __eq__(self, other: Any) -> Any:
        return self._val == as_array(other)

    def __ne__(self, other: Any) -> Any:
        return self._val != as_array(other)

    __hash__ = object.__hash__

    def _in_place(self, ufunc: np.ufunc, other: Any) -> Any:
        if self._is_recording() and (self.requires_grad or (isinstance(other, Operators) and other.requires_grad)):
            if self.creator is None and self.requires_grad:
                raise StateError(
                    "a leaf Var that requires grad was changed in place while operations are recorded;"
                    " put the update under `with no_grad():`, or write x = x - ... for a new Var"
                )
            return self._apply(ufunc.__name__, self, other)
        if not isinstance(self._val, np.ndarray):
            self._val = np.array(self._val)
        ufunc(self._val, as_array(other), out=self._val, casting="same_kind")
        self._changed()
        return self

    def __iadd__(self, other: Any) -> Var:
        return self._in_place(np.add, other)

    def __isub__(self, other: Any) -> Var:
        return self._in_place(np.subtract, other)

    def __imul__(self, other: Any) -> Var:
        return self._in_place(np.multiply, other)

    def __itruediv__(self, other: Any) -> Var:
        return self._in_place(np.divide, other)

    def __setitem__(self, index: Any, value: Any) -> None:
        if self.requires_grad and (self._is_recording() or self.creator is not None):
            raise StateError(
                "entries of a Var that requires grad cannot be set while operations are recorded; use no_grad"
            )
        parts = tuple(map(_entry, index)) if isinstance(index, tuple) else _entry(index)
        self._val[parts] = as_array(value)
        self._changed()

    # -- whole arrays: NumPy's names, and PyTorch's dim= and keepdim= ----------------------------------------

    def _reduce(self, name: str, axis: Any, keepdims: bool, dim: Any, keepdim: bool, others: Mapping[str, Any]) -> Var:
        refuse(name, others)
        return self._apply(name, self, axis=_one_of(name, axis, dim), keepdims=bool(keepdims or keepdim))

    def sum(self, axis: Any = None, keepdims: bool = False, dim: Any = None, keepdim: bool = False, **o: Any) -> Var:
        """Return the sum over all or the given axes.

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
        Var
            It knows its derivative.

        Examples
        --------
        >>> from spikesim import learn
        >>> learn.Var([[1.0, 2.0], [3.0, 4.0]]).sum(axis=0).tolist()
        [4.0, 6.0]
        """
        return self._reduce("sum", axis, keepdims, dim, keepdim, o)

    def mean(self, axis: Any = None, keepdims: bool = False, dim: Any = None, keepdim: bool = False, **o: Any) -> Var:
        """Return the mean over all or the given axes.

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
        Var
            It knows its derivative.

        Examples
        --------
        >>> from spikesim import learn
        >>> learn.Var([1.0, 2.0, 6.0]).mean().item()
        3.0
        """
        return self._reduce("mean", axis, keepdims, dim, keepdim, o)

    def prod(self, axis: Any = None, keepdims: bool = False, dim: Any = None, keepdim: bool = False, **o: Any) -> Var:
        """Return the product over all entries or one axis.

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
        Var
            It knows its derivative.

        Examples
        --------
        >>> from spikesim import learn
        >>> learn.Var([2.0, 3.0]).prod().item()
        6.0
        """
        return self._reduce("prod", axis, keepdims, dim, keepdim, o)

    def max(self, axis: Any = None, keepdims: bool = False, **others: Any) -> Any:
        """Return the largest entry over all or the given axes.

        Parameters
        ----------
        axis : int or tuple of int, optional
            Over which axes; over all unless given.
        keepdims : bool
            Whether they stay, with length 1.
        **others : None
            NumPy's other arguments, which are refused unless they say nothing.

        Returns
        -------
        Var
            Its derivative is that of the entry; equal ones share it.

        Examples
        --------
        >>> from spikesim import learn
        >>> learn.Var([1.0, 5.0, 2.0]).max().item()
        5.0
        """
        return self._reduce("max", axis, keepdims, None, False, others)

    def min(self, axis: Any = None, keepdims: bool = False, **others: Any) -> Any:
        """Return the smallest entry over all or the given axes.

        Parameters
        ----------
        axis : int or tuple of int, optional
            Over which axes; over all unless given.
        keepdims : bool
            Whether they stay, with length 1.
        **others : None
            NumPy's other arguments, which are refused unless they say nothing.

        Returns
        -------
        Var
            Its derivative is that of the entry; equal ones share it.

        Examples
        --------
        >>> from spikesim import learn
        >>> learn.Var([1.0, 5.0, 2.0]).min().item()
        1.0
        """
        return self._reduce("min", axis, keepdims, None, False, others)

    def var(self, axis: Any = None, ddof: int = 0, keepdims: bool = False, **others: Any) -> Var:
        """Return the variance over all or the given axes, NumPy's: divided by n - ddof.

        Parameters
        ----------
        axis : int or tuple of int, optional
            Over which axes; over all unless given.
        ddof : int
            What is taken off the number of entries.
        keepdims : bool
            Whether the axes stay, with length 1.
        **others : None
            NumPy's other arguments, which are refused unless they say nothing.

        Returns
        -------
        Var
            It knows its derivative.

        Examples
        --------
        >>> from spikesim import learn
        >>> learn.Var([1.0, 3.0]).var().item()
        1.0
        """
        refuse("var", others)
        squares = self._apply("square", self - self.mean(axis, keepdims=True))
        total = squares.sum(axis, keepdims=keepdims)
        return total / float(max(self.size // max(total.size, 1) - ddof, 0))

    def std(self, axis: Any = None, ddof: int = 0, keepdims: bool = False, **others: Any) -> Var:
        """Return the standard deviation, the root of :meth:`var`.

        Parameters
        ----------
        axis : int or tuple of int, optional
            Over which axes; over all unless given.
        ddof : int
            What is taken off the number of entries.
        keepdims : bool
            Whether the axes stay, with length 1.
        **others : None
            NumPy's other arguments, which are refused unless they say nothing.

        Returns
        -------
        Var
            It knows its derivative.

        Examples
        --------
        >>> from spikesim import learn
        >>> learn.Var([1.0, 3.0]).std().item()
        1.0
        """
        return self._apply("sqrt", self.var(axis, ddof, keepdims, **others))

    def cumsum(self, axis: Any = None, **others: Any) -> Var:
        """Return running sums along an axis.

        Parameters
        ----------
        axis : int, optional
            Along which; of all entries in a row unless given.
        **others : None
            NumPy's other arguments, which are refused unless they say nothing.

        Returns
        -------
        Var
            It knows its derivative.

        Examples
        --------
        >>> from spikesim import learn
        >>> learn.Var([1.0, 2.0, 3.0]).cumsum().tolist()
        [1.0, 3.0, 6.0]
        """
        refuse("cumsum", others)
        return self.reshape(-1).cumsum(0) if axis is None else self._apply("cumsum", self, axis=index(axis))

    def clip(self, low: Any = None, high: Any = None, **others: Any) -> Var:
        """Return the entries limited to [low, high].

        Parameters
        ----------
        low, high : float, optional
            Limits; none unless given.
        **others : None
            NumPy's other arguments, which are refused unless they say nothing.

        Returns
        -------
        Var
            Its derivative is 0 outside.

        Examples
        --------
        >>> from spikesim import learn
        >>> learn.Var([-2.0, 0.5]).clip(-1.0, 1.0).tolist()
        [-1.0, 0.5]
        """
        refuse("clip", others)
        return self._apply("clip", self, low=low, high=high)

    def dot(self, other: Any) -> Var:
        """Return NumPy's dot: the product of matrices, of vectors, by a number.

        Parameters
        ----------
        other : Var or array_like
            Of at most two dimensions.

        Returns
        -------
        Var
            It knows its derivatives.

        Examples
        --------
        >>> from spikesim import learn
        >>> learn.Var([1.0, 2.0]).dot([3.0, 4.0]).item()
        11.0
        """
        if np.ndim(self) == 0 or np.ndim(other) == 0:
            return other * self if isinstance(other, NumpyFunctions) else self * other
        if np.ndim(other) > 2:
            raise InvalidTypeError("dot of a Var: arrays of at most two dimensions; use matmul for stacks")
        return other.__rmatmul__(self) if isinstance(other, Operators) else self @ other

    def outer(self, other: Any) -> Var:
        """Return the outer product of two flattened arrays.

        Parameters
        ----------
        other : Var or array_like
            Of any shape.

        Returns
        -------
        Var
            Shape (m, n).

        Examples
        --------
        >>> from spikesim import learn
        >>> learn.Var([1.0, 2.0]).outer([3.0, 4.0]).tolist()
        [[3.0, 4.0], [6.0, 8.0]]
        """
        return self.reshape(-1, 1) * np.reshape(other, (1, -1))

    # -- shapes ----------------------------------------------------------------------------------------------

    def reshape(self, *shape: Any, **others: Any) -> Var:
        """Return the entries in another shape.

        Parameters
        ----------
        *shape : int, or one tuple of int
            One of them may be -1.
        **others : None
            NumPy's other arguments, which are refused unless they say nothing.

        Returns
        -------
        Var
            It knows its derivative.

        Examples
        --------
        >>> from spikesim import learn
        >>> learn.Var([1.0, 2.0]).reshape(2, 1).tolist()
        [[1.0], [2.0]]
        """
        refuse("reshape", others)
        return self._apply("reshape", self, shape=tuple(map(int, shape[0])) if _many(shape) else _shape(shape))

    def ravel(self, **others: Any) -> Var:
        """Return the entries in a row.

        Parameters
        ----------
        **others : None
            NumPy's other arguments, which are refused unless they say nothing.

        Returns
        -------
        Var
            Shape (n,).

        Examples
        --------
        >>> from spikesim import learn
        >>> learn.Var([[1.0], [2.0]]).ravel().tolist()
        [1.0, 2.0]
        """
        refuse("ravel", others)
        return self.reshape(-1)

    def transpose(self, *axes: Any) -> Var:
        """Return the array with its axes reversed, or in the given order (negative ones count from the end).

        Parameters
        ----------
        *axes : int, or one tuple of int
            Their new order; reversed unless given.

        Returns
        -------
        Var
            It knows its derivative.

        Examples
        --------
        >>> from spikesim import learn
        >>> learn.Var([[1.0, 2.0]]).transpose().tolist()
        [[1.0], [2.0]]
        """
        if len(axes) == 1 and (axes[0] is None or np.ndim(axes[0])):
            axes = () if axes[0] is None else tuple(axes[0])
        return self._apply("transpose", self, axes=tuple(map(int, axes)) or None)

    def swapaxes(self, a: int, b: int) -> Var:
        """Return the array with two axes exchanged.

        Parameters
        ----------
        a, b : int
            Which.

        Returns
        -------
        Var
            It knows its derivative.

        Examples
        --------
        >>> from spikesim import learn
        >>> learn.Var([[1.0, 2.0]]).swapaxes(0, 1).shape
        (2, 1)
        """
        order = list(range(self.ndim))
        order[a], order[b] = order[b], order[a]
        return self.transpose(order)

    def moveaxis(self, source: int, destination: int) -> Var:
        """Return the array with one axis at another place.

        Parameters
        ----------
        source, destination : int
            From where to where.

        Returns
        -------
        Var
            It knows its derivative.

        Examples
        --------
        >>> import numpy as np
        >>> from spikesim import learn
        >>> learn.Var(np.zeros((2, 3, 4))).moveaxis(0, 2).shape
        (3, 4, 2)
        """
        order = [k for k in range(self.ndim) if k != source % self.ndim]
        order.insert(destination % self.ndim, source % self.ndim)
        return self.transpose(order)

    def expand_dims(self, axis: Any) -> Var:
        """Return the array with axes of length 1 put in.

        Parameters
        ----------
        axis : int or tuple of int
            Their places in the result.

        Returns
        -------
        Var
            It knows its derivative.

        Examples
        --------
        >>> from spikesim import learn
        >>> learn.Var([1.0, 2.0]).expand_dims(0).shape
        (1, 2)
        """
        return self.reshape(np.expand_dims(np.empty(self.shape, bool), _axes(axis)).shape)

    def squeeze(self, axis: Any = None) -> Var:
        """Return the array without its axes of length 1.

        Parameters
        ----------
        axis : int or tuple of int, optional
            Which; all of length 1 unless given.

        Returns
        -------
        Var
            It knows its derivative.

        Examples
        --------
        >>> from spikesim import learn
        >>> learn.Var([[1.0, 2.0]]).squeeze().shape
        (2,)
        """
        return self.reshape(np.empty(self.shape, bool).squeeze(_axes(axis)).shape)

    def broadcast_to(self, shape: Any) -> Var:
        """Return the array repeated to another shape.

        Parameters
        ----------
        shape : tuple of int
            One that it can be broadcast to.

        Returns
        -------
        Var
            Its derivative adds up over the copies.

        Examples
        --------
        >>> from spikesim import learn
        >>> learn.Var([1.0, 2.0]).broadcast_to((3, 2)).shape
        (3, 2)
        """
        return self._apply("broadcast_to", self, shape=tuple(shape))

    def astype(self, dtype: Any, **others: Any) -> Var:
        """Return the array in another precision.

        Parameters
        ----------
        dtype : dtype
            Such as np.float32.
        **others : None
            NumPy's other arguments, which are refused unless they say nothing.

        Returns
        -------
        Var
            It knows its derivative.

        Examples
        --------
        >>> import numpy as np
        >>> from spikesim import learn
        >>> learn.Var([1.0]).astype(np.float32).dtype
        dtype('float32')
        """
        refuse("astype", {k: v for k, v in others.items() if k != "copy"})
        return self._apply("astype", self, dtype=dtype)


def _many(shape: tuple[Any, ...]) -> bool:
    return len(shape) == 1 and isinstance(shape[0], (tuple, list))


def _shape(shape: tuple[Any, ...]) -> Any:
    return int(shape[0]) if len(shape) == 1 else tuple(map(int, shape))
