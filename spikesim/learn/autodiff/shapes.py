"""The entries of a Var in another shape or precision: NumPy's methods."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import InvalidTypeError, InvalidValueError
from ...keywords import verbs_named
from .axes import axes
from .numpy_functions import refuse
from .operators import Operators

if TYPE_CHECKING:
    from .tape import Var

__all__ = ["Shapes"]


@verbs_named
class Shapes(Operators):
    """What keeps every entry."""

    __slots__ = ()

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
            Their new order; reversed unless given.  Two of more are exchanged, as PyTorch does.

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
        n, wanted = self.ndim, tuple(map(int, axes))
        if len(wanted) == 2 < n:
            return self.swapaxes(*wanted)
        if wanted and sorted(a % n if -n <= a < n else a for a in wanted) != list(range(n)):
            raise InvalidValueError(f"transpose: wanted each of {n} axes once, or two of them, got {wanted}")
        return self._apply("transpose", self, axes=wanted or None)

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
        return self.reshape(np.expand_dims(np.empty(self.shape, bool), axes(axis)).shape)

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
        return self.reshape(np.empty(self.shape, bool).squeeze(axes(axis)).shape)

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
        if np.dtype(dtype).kind not in "fiub":
            raise InvalidTypeError(f"astype: dtype: wanted one of real numbers, got {np.dtype(dtype)}")
        return self._apply("astype", self, dtype=dtype)


def _many(shape: tuple[Any, ...]) -> bool:
    return len(shape) == 1 and isinstance(shape[0], (tuple, list))


def _shape(shape: tuple[Any, ...]) -> Any:
    return int(shape[0]) if len(shape) == 1 else tuple(map(int, shape))
