"""Derivatives as values: gradients, Jacobians and second derivatives, without touching any Var's `grad`.

The walk of ``backward`` is done once more, on Vars instead of arrays: what it returns is an expression, which has
derivatives itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ...errors import InvalidTypeError, InvalidValueError, StateError
from ...keywords import named
from .tape import Var, as_array, constant
from .walk import walk

__all__ = ["grad", "hessian", "jacobian"]


@named
def grad(y: Var, inputs: Any, s: Any = None, create_graph: bool = False) -> Any:
    """Return dy/dx for each input x, as Vars.

    Parameters
    ----------
    y : Var
        A scalar expression, or any with `s`.
    inputs : Var, or sequence of Vars
        By which to differentiate; 0 for one that `y` does not depend on.
    s : array_like, optional
        What stands above y, of its shape: the result is the derivative of sum(s y).
    create_graph : bool
        Whether the result is an expression that can be differentiated again.

    Returns
    -------
    Var, or tuple of Vars
        As `inputs`.

    Raises
    ------
    StateError
        If `y` requires no gradient; or an operation in it has no second derivative, and one is asked for.

    Examples
    --------
    >>> from spikesim import learn
    >>> x = learn.Var(2.0)
    >>> first = learn.grad(x**3, x, create_graph=True)
    >>> float(first.item()), float(learn.grad(first, x).item())
    (12.0, 12.0)
    """
    several = not isinstance(inputs, Var)
    wanted: Sequence[Var] = tuple(inputs) if several else (inputs,)
    if not isinstance(y, Var) or not all(isinstance(x, Var) for x in wanted):
        raise InvalidTypeError("grad: wanted Vars, y and the inputs by which to differentiate it")
    if not y.requires_grad:
        raise StateError("grad: y does not require grad (made from constants, inside no_grad, or detached)")
    if s is None and y.size != 1:
        raise InvalidValueError(f"grad: y has shape {tuple(y.shape)}; wanted a scalar, or s of that shape")
    above = np.ones(y.shape, y.dtype) if s is None else np.array(as_array(s), dtype=y.dtype)
    if above.shape != tuple(y.shape):
        raise InvalidValueError(f"grad: s has shape {above.shape}, wanted that of y, {tuple(y.shape)}")
    start = (s if isinstance(s, Var) else constant(above)) if create_graph else above
    _, found = walk([(y, start)], wanted={id(x) for x in wanted}, tracked=create_graph)
    results = []
    for x in wanted:
        g = found.get(id(x))
        if g is None:
            g = np.zeros(x.shape, x.dtype)
        results.append(g if isinstance(g, Var) else constant(np.array(g), x._kind))
    return tuple(results) if several else results[0]


@named
def jacobian(function: Callable[[Var], Var], x: Any, create_graph: bool = False) -> Any:
    """Return dy_i/dx_j of y = function(x), shape ``(*y.shape, *x.shape)``.

    Parameters
    ----------
    function : callable
        Of one Var, to a Var.
    x : array_like or Var
        Where.
    create_graph : bool
        Whether to return a Var that can be differentiated again, instead of an array.

    Returns
    -------
    array or Var
        Shape ``(*y.shape, *x.shape)``.

    Examples
    --------
    >>> from spikesim import learn
    >>> learn.jacobian(lambda x: x * x, [1.0, 2.0]).tolist()
    [[2.0, 0.0], [0.0, 4.0]]
    """
    x = x if isinstance(x, Var) and x.requires_grad else Var(as_array(x))
    y = function(x)
    rows = []
    for k in range(int(np.size(y._val))):
        s = np.zeros(int(np.size(y._val)), y.dtype)
        s[k] = 1.0
        rows.append(grad(y, x, s.reshape(y.shape), create_graph) if y.requires_grad else constant(np.zeros(x.shape)))
    shape = (*y.shape, *x.shape)
    if create_graph:
        return np.stack(rows).reshape(shape) if rows else constant(np.zeros(shape))
    return np.array([r._val for r in rows]).reshape(shape)


@named
def hessian(function: Callable[[Var], Var], x: Any) -> np.ndarray:
    """Return d2E/dx_i dx_j of a scalar E = function(x), shape ``(*x.shape, *x.shape)``.

    Parameters
    ----------
    function : callable
        Of one Var, to a scalar Var.
    x : array_like or Var
        Where.

    Returns
    -------
    array
        Shape ``(*x.shape, *x.shape)``.

    Examples
    --------
    >>> from spikesim import learn
    >>> learn.hessian(lambda x: (x**3).sum(), [1.0, 2.0]).tolist()
    [[6.0, 0.0], [0.0, 12.0]]
    """
    return jacobian(lambda v: grad(function(v), v, create_graph=True), x)
