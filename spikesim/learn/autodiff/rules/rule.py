"""A rule: one operation y = f(a, b, ...), its value and dE/da, dE/db, ... from s = dE/dy.

A rule's derivatives take ``(s, y, *args, **options)`` and return s * dy/da (chain rule; for matrices the products of
section 4.2.3 of the notes: ``A.backward(s B^T)``, ``B.backward(A^T s)``).  Where an argument was broadcast, the tape
sums what a derivative returns back to the argument's shape.  A rule that ``keeps`` returns (value, kept) and is handed
what it kept in the place of y: something that the derivative would otherwise have to compute a second time.

Derivatives are written with operators and NumPy's functions, so that they run on arrays and, for second derivatives, on
Vars.  One that cannot (it is compiled, or works in place) has a form for Vars in ``again``; without either the rule has
no second derivative, and says so.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

__all__ = ["Array", "Rule", "spread", "where_asked"]

Array = Any


class Rule(NamedTuple):
    """One operation.

    `forward` its value, `derivatives` one function an argument, `form` how it is printed; `keeps` whether forward
    returns (value, kept); `variadic`: one derivative for all arguments, told the position as option `position`;
    `values` whether derivatives read the arguments or y (a sum or a reshape does not); `again`: the derivatives for
    Vars, () if there are none, None if they are `derivatives` themselves.
    """

    forward: Callable[..., Any]
    derivatives: tuple[Callable[..., Any], ...]
    form: str = ""
    keeps: bool = False
    variadic: bool = False
    values: bool = True
    again: tuple[Callable[..., Any], ...] | None = None


def where_asked(derivative: Callable[..., Any]) -> Callable[..., Any]:
    """Return the derivative that is 0 where s is 0 and the slope infinite or undefined.

    So an expression that was not selected (``where(x > 0, sqrt(x), 0)`` at 0) leaves no NaN behind.
    """

    def masked(s: Array, y: Array, *args: Array, **options: Any) -> Array:
        with np.errstate(all="ignore"):
            g = derivative(s, y, *args, **options)
            none = np.logical_and(s == 0, np.logical_not(np.isfinite(g)))
        return np.where(none, np.zeros_like(g), g) if np.any(none) else g

    return masked


def spread(s: Array, x: Array, axis: Any, keepdims: bool) -> Array:
    """Give a reduced `s` the dimensions of `x` again, ready to broadcast."""
    if axis is not None and not keepdims:
        axes = axis if isinstance(axis, tuple) else (axis,)
        s = np.expand_dims(s, tuple(int(k) % np.ndim(x) for k in axes))
    return s
