"""PyTorch's names of methods, beside NumPy's."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...keywords import verbs_named
from .tape import Var

__all__ = ["TorchMethods"]


@verbs_named
class TorchMethods(Var):
    """A Var that knows them; what they return is of its own kind."""

    __slots__ = ()

    def view(self, *shape: Any) -> Any:
        """Return the entries in another shape.

        Parameters
        ----------
        *shape : int, or one tuple of int
            One of them may be -1.

        Returns
        -------
        Tensor
            It knows its derivative.

        Examples
        --------
        >>> from spikesim import learn
        >>> learn.tensor([[1.0, 2.0], [3.0, 4.0]]).view(4)
        tensor([1., 2., 3., 4.])
        """
        return self.reshape(*shape)

    def flatten(self, start_dim: int = 0) -> Any:
        """Return the entries in a row, from the axis `start_dim` on.

        Parameters
        ----------
        start_dim : int
            The first axis that goes.

        Returns
        -------
        Tensor
            It knows its derivative.

        Examples
        --------
        >>> from spikesim import learn
        >>> learn.tensor([[1.0, 2.0], [3.0, 4.0]]).flatten()
        tensor([1., 2., 3., 4.])
        """
        return self.reshape((*self.shape[:start_dim], -1))

    def unsqueeze(self, dim: int) -> Any:
        """Return the array with an axis of length 1 put in.

        Parameters
        ----------
        dim : int
            Its place in the result.

        Returns
        -------
        Tensor
            It knows its derivative.

        Examples
        --------
        >>> from spikesim import learn
        >>> learn.tensor([1.0, 2.0]).unsqueeze(0).shape
        torch.Size([1, 2])
        """
        return self.expand_dims(dim)

    def t(self) -> Any:
        """Return the transpose.

        Returns
        -------
        Tensor
            It knows its derivative.

        Examples
        --------
        >>> from spikesim import learn
        >>> learn.tensor([[1.0, 2.0], [3.0, 4.0]]).t()
        tensor([[1., 3.],
                [2., 4.]])
        """
        return self.T

    def dim(self) -> int:
        """Return the number of axes.

        Returns
        -------
        int
            Such as 2 for a matrix.

        Examples
        --------
        >>> from spikesim import learn
        >>> learn.tensor([[1.0, 2.0], [3.0, 4.0]]).dim()
        2
        """
        return self.ndim

    def numel(self) -> int:
        """Return the number of entries.

        Returns
        -------
        int
            Of all axes together.

        Examples
        --------
        >>> from spikesim import learn
        >>> learn.tensor([[1.0, 2.0], [3.0, 4.0]]).numel()
        4
        """
        return int(np.size(self._val))

    def clone(self) -> Any:
        """Return a copy that stays in the expression graph.

        Returns
        -------
        Tensor
            It knows its derivative.

        Examples
        --------
        >>> from spikesim import learn
        >>> learn.tensor([1.0]).clone()
        tensor([1.])
        """
        return self._apply("broadcast_to", self, shape=tuple(self.shape))

    def to(self, dtype: Any) -> Any:
        """Return the array in another precision.

        Parameters
        ----------
        dtype : dtype
            Such as ``learn.float64``.

        Returns
        -------
        Tensor
            It knows its derivative.

        Examples
        --------
        >>> import numpy as np
        >>> from spikesim import learn
        >>> learn.tensor([1.0]).to(np.float32).dtype
        dtype('float32')
        """
        return self.astype(dtype)

    def float(self) -> Any:
        """Return the array in float32.

        Returns
        -------
        Tensor
            It knows its derivative.

        Examples
        --------
        >>> from spikesim import learn
        >>> learn.tensor([1, 2]).float()
        tensor([1., 2.])
        """
        return self.astype(np.float32)

    def double(self) -> Any:
        """Return the array in float64.

        Returns
        -------
        Tensor
            It knows its derivative.

        Examples
        --------
        >>> from spikesim import learn
        >>> learn.tensor([1, 2]).double()
        tensor([1., 2.])
        """
        return self.astype(np.float64)

    def long(self) -> Any:
        """Return the array in int64.

        Returns
        -------
        Tensor
            A constant.

        Examples
        --------
        >>> from spikesim import learn
        >>> learn.tensor([1.7, 2.2]).long()
        tensor([1, 2])
        """
        return self.detach().astype(np.int64)

    def zero_(self) -> Any:
        """Set all entries to 0 in place; return self.

        Returns
        -------
        Tensor
            Itself.

        Examples
        --------
        >>> from spikesim import learn
        >>> learn.tensor([1.0, 2.0]).zero_()
        tensor([0., 0.])
        """
        self[...] = 0
        return self

    def exp(self) -> Any:
        """Return e^x.

        Returns
        -------
        Tensor
            It knows its derivative.

        Examples
        --------
        >>> from spikesim import learn
        >>> learn.tensor([0.0, 1.0]).exp()
        tensor([1.0000, 2.7183])
        """
        return self._apply("exp", self)

    def log(self) -> Any:
        """Return ln x.

        Returns
        -------
        Tensor
            It knows its derivative.

        Examples
        --------
        >>> from spikesim import learn
        >>> learn.tensor([1.0, 2.0]).log()
        tensor([0.0000, 0.6931])
        """
        return self._apply("log", self)

    def sqrt(self) -> Any:
        """Return the square root.

        Returns
        -------
        Tensor
            It knows its derivative.

        Examples
        --------
        >>> from spikesim import learn
        >>> learn.tensor([4.0, 9.0]).sqrt()
        tensor([2., 3.])
        """
        return self._apply("sqrt", self)

    def abs(self) -> Any:
        """Return ``|x|``.

        Returns
        -------
        Tensor
            It knows its derivative.

        Examples
        --------
        >>> from spikesim import learn
        >>> learn.tensor([-1.0, 2.0]).abs()
        tensor([1., 2.])
        """
        return self._apply("absolute", self)

    def norm(self) -> Any:
        """Return the root of the sum of squares.

        Returns
        -------
        Tensor
            A scalar.

        Examples
        --------
        >>> from spikesim import learn
        >>> learn.tensor([3.0, 4.0]).norm()
        tensor(5.)
        """
        return self._apply("sqrt", self._apply("square", self).sum())
