"""Derivatives by central finite differences (section 3.1.2), and the check that holds every other derivative
to them.

dE/dtheta ~ (E(theta + h) - E(theta - h)) / 2h, with an error of order h^2.
(In the notes' example the third output is printed as y = 0.302; their E = 1.204 means 0.300.)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ...errors import InvalidTypeError, InvalidValueError
from ...keywords import named
from ...scalars import number_array, real
from .tape import Var, as_array, no_grad

__all__ = ["finite_difference", "gradcheck"]


@named
def finite_difference(function: Callable[..., Any], theta: Any, step: float = 1e-5) -> np.ndarray:
    """Return the gradient of a scalar function by central differences, one entry of `theta` after the other.

    Parameters
    ----------
    function : callable
        E(theta), a number (or a Var holding one).  If `theta` is a leaf Var that requires grad, such as a parameter of
        a network, E() of no argument: the Var is moved, entry by entry, and put back.
    theta : array_like or Var
        Where; float64.
    step : float
        The notes' Delta theta.

    Returns
    -------
    array of float
        Of the shape of `theta`.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        If `theta` or `step` are no finite numbers, or `step` is 0.

    Examples
    --------
    >>> from spikesim import learn
    >>> round(float(learn.finite_difference(lambda v: (v - 3.0) ** 2, 5.0)), 6)
    4.0
    """
    step = real("finite_difference: step", step)
    if step == 0.0:
        raise InvalidValueError("finite_difference: step must not be 0")
    if isinstance(theta, Var) and theta.is_leaf and theta.requires_grad:
        return _of_a_leaf(function, theta, step)
    point = number_array("finite_difference: theta", as_array(theta)).astype(np.float64)
    if not np.isfinite(point).all():
        raise InvalidValueError(f"finite_difference: theta: wanted finite numbers, got {point[~np.isfinite(point)][0]}")
    gradient = np.zeros_like(point)
    for index in np.ndindex(point.shape):
        here = point[index]
        point[index] = here + step
        above = float(as_array(function(point[()])))
        point[index] = here - step
        below = float(as_array(function(point[()])))
        point[index] = here
        gradient[index] = (above - below) / (2.0 * step)
    return gradient


def _of_a_leaf(function: Callable[..., Any], leaf: Var, step: float) -> np.ndarray:
    before = np.array(leaf._val)
    if before.dtype != np.float64:
        raise InvalidTypeError(f"finite_difference: a Var of {before.dtype}, whose differences are noise; use float64")

    def moved(point: Any) -> float:
        leaf.val = point
        return float(as_array(function()))

    try:
        return finite_difference(moved, before, step)
    finally:
        leaf.val = before


@named
def gradcheck(
    function: Callable[..., Any],
    inputs: Sequence[Any] | Var,
    step: float = 1e-5,
    tolerance: float = 1e-7,
    raises: bool = True,
) -> bool:
    """Compare the tape's derivatives of `function` with central differences.

    An output that is no scalar is reduced with fixed weights, so that a wrong entry cannot hide in a sum.
    Differences are taken with `step` and ``step / 2`` and extrapolated (error of order h^4), relative to the
    largest entry.

    Parameters
    ----------
    function : callable
        Takes the inputs as Vars, returns a Var.
    inputs : sequence of array_like, or one
        float64; every one that is a Var without requires_grad is held constant.
    step : float
        Step of the differences.
    tolerance : float
        Largest relative deviation allowed.
    raises : bool
        Whether to raise on failure, or return False.

    Returns
    -------
    bool
        Whether they agree.

    Raises
    ------
    AssertionError
        Naming the input, the entry and both values.

    Examples
    --------
    >>> import numpy as np
    >>> from spikesim import learn
    >>> learn.gradcheck(lambda x: learn.sin(x) * x, [np.array([0.5, 2.0])])
    True
    """
    if isinstance(inputs, Var) or not isinstance(inputs, (list, tuple)):
        inputs = [inputs]
    values = [np.array(as_array(x)) for x in inputs]
    for k, value in enumerate(values):
        if value.dtype == np.float32:
            raise InvalidTypeError(f"gradcheck: input {k} is float32, whose differences are noise; give float64")
    constant = [isinstance(x, Var) and not x.requires_grad for x in inputs]
    leaves = [Var(np.asarray(v, dtype=np.float64), requires_grad=not c) for v, c in zip(values, constant)]
    shape = function(*leaves).shape
    weights = np.cos(1.0 + np.arange(int(np.prod(shape)))).reshape(shape)

    def scalar(arguments: list[Var]) -> Var:
        return (function(*arguments) * weights).sum()

    scalar(leaves).backward()
    for k, leaf in enumerate(leaves):
        if constant[k]:
            continue

        def moved(value: Any, k: int = k) -> Var:
            with no_grad():
                return scalar([Var(value) if j == k else leaf for j, leaf in enumerate(leaves)])

        coarse = finite_difference(moved, leaf._val, step)
        expected = (4.0 * finite_difference(moved, leaf._val, step / 2.0) - coarse) / 3.0
        deviation = np.abs(leaf.grad - expected) / max(1e-8, float(np.max(np.abs(expected), initial=0.0)))
        if deviation.size and not np.max(deviation) <= tolerance:
            if not raises:
                return False
            worst = np.unravel_index(int(np.argmax(np.nan_to_num(deviation, nan=np.inf))), deviation.shape)
            raise AssertionError(
                f"gradcheck: input {k} at {tuple(int(i) for i in worst)}: tape {leaf.grad[worst]!r},"
                f" central differences"
                f" {expected[worst]!r}, relative deviation {deviation[worst]:.2e} > {tolerance:.0e}"
            )
    return True
