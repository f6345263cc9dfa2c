"""The shape of a Tensor, as PyTorch prints it, and the number of its entries."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["Count", "Size"]


class Size(tuple):
    """A shape, printed as PyTorch prints it.

    Parameters
    ----------
    iterable : iterable of int
        The lengths of the axes.

    Examples
    --------
    >>> from spikesim import learn
    >>> learn.zeros(2, 3).shape
    torch.Size([2, 3])
    """

    __slots__ = ()

    def numel(self) -> int:
        """Return the number of entries.

        Returns
        -------
        int
            Their product.

        Examples
        --------
        >>> from spikesim import learn
        >>> learn.zeros(2, 3).shape.numel()
        6
        """
        return int(np.prod(self, dtype=np.int64))

    def __repr__(self) -> str:
        return f"torch.Size([{', '.join(map(str, self))}])"


class Count(int):
    """The number of entries, NumPy's ``x.size``; called, PyTorch's ``x.size()``: the shape."""

    shape: Size

    def __call__(self, dim: int | None = None) -> Any:
        return self.shape if dim is None else self.shape[dim]
