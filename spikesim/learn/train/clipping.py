"""Gradients limited before a step."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from ...errors import InvalidValueError, NumericalError
from ...keywords import named
from ..autodiff.tape import Var

__all__ = ["clip_gradients"]


@named
def clip_gradients(parameters: Iterable[Var], norm: float | None = None, value: float | None = None) -> float:
    """Limit gradients before a step: all of them together to a norm (Pascanu et al. 2013), or each entry to a value.

    Parameters
    ----------
    parameters : iterable of Var
        Whose gradients are limited, in place.
    norm : float, optional
        Largest norm of all gradients as one vector; their direction stays.
    value : float, optional
        Largest absolute value of an entry.

    Returns
    -------
    float
        The norm before.

    Examples
    --------
    >>> from spikesim import learn
    >>> w = learn.Var([3.0, 4.0])
    >>> (0.5 * w * w).sum().backward()
    >>> learn.clip_gradients([w], norm=1.0)
    5.0
    >>> w.grad
    array([0.6, 0.8])
    """
    for name, limit in (("norm", norm), ("value", value)):
        if limit is not None and not limit > 0.0:
            raise InvalidValueError(f"clip_gradients: {name} = {limit!r}, wanted a number > 0")
    learnt = [p for p in ([parameters] if isinstance(parameters, Var) else parameters) if p._grad is not None]
    total = float(np.sqrt(sum(float(np.sum(np.square(p._grad, dtype=np.float64))) for p in learnt)))
    if not np.isfinite(total):
        raise NumericalError(f"clip_gradients: the norm of the gradients is {total}; lower the learning rate")
    for p in learnt:
        if value is not None:
            p._grad = np.clip(p._grad, -value, value)
        if norm is not None and total > norm:
            p._grad = p._grad * p._grad.dtype.type(norm / total)
    return total
