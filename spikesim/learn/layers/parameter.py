"""What a network learns."""

from __future__ import annotations

from ..autodiff.tensor import Tensor

__all__ = ["Parameter"]


class Parameter(Tensor):
    """A Tensor that is learnt: what ``parameters()`` yields.

    Parameters
    ----------
    val : array_like
        The value.
    requires_grad : bool
        Whether it learns.
    name : str, optional
        How printed graphs call it.
    dtype : dtype, optional
        Precision; that of the value unless given.

    Examples
    --------
    >>> from spikesim import learn
    >>> learn.Parameter([1.0, 2.0])
    Parameter containing:
    tensor([1., 2.], requires_grad=True)
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return "Parameter containing:\n" + super().__repr__()

    __str__ = __repr__
