"""Sums, means, extrema and products of a Var: NumPy's names, and PyTorch's ``dim=`` and ``keepdim=``."""

from __future__ import annotations

from collections.abc import Mapping
from operator import index
from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import InvalidTypeError, InvalidValueError
from ...keywords import verbs_named
from .axes import axis_or_dim
from .numpy_functions import NumpyFunctions, refuse
from .operators import Operators
from .shapes import Shapes

if TYPE_CHECKING:
    from .tape import Var

__all__ = ["Reductions"]


@verbs_named
class Reductions(Shapes):
    """What whole arrays are reduced to, or multiplied to."""

    __slots__ = ()

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
        return np.argmax(self._val, axis=axis_or_dim("argmax", axis, dim), keepdims=bool(keepdims or keepdim))

    def _reduce(self, name: str, axis: Any, keepdims: bool, dim: Any, keepdim: bool, others: Mapping[str, Any]) -> Var:
        refuse(name, others)
        if name in ("max", "min") and 0 in self.shape:
            raise InvalidValueError(f"{name}: nothing has no {name}imum: the array has shape {self.shape}")
        return self._apply(name, self, axis=axis_or_dim(name, axis, dim), keepdims=bool(keepdims or keepdim))

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
        """Return the product over all or the given axes.

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
        over = axis_or_dim("prod", axis, dim)
        if not isinstance(over, tuple):
            return self._reduce("prod", over, keepdims, None, keepdim, o)
        found: Any = self
        for one in sorted((index(a) % max(self.ndim, 1) for a in over), reverse=True):  # one after the other
            found = found._reduce("prod", one, keepdims, None, keepdim, o)
        return found

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
        rest = self.size // max(total.size, 1) - ddof
        if not rest > 0:
            raise InvalidValueError(f"var: ddof = {ddof} of {self.size // max(total.size, 1)} entries: none is left")
        return total / float(rest)

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
