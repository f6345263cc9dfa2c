"""An operation of one's own: its value and its derivatives, as section 4.1.2 asks of every Op."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ...errors import InvalidTypeError
from ...keywords import named
from .rules import Rule
from .tape import Var, apply

__all__ = ["operation"]


@named
def operation(
    forward: Callable[..., Any],
    derivatives: Callable[..., Any] | Sequence[Callable[..., Any]],
    name: str | None = None,
) -> Callable[..., Var]:
    """Return an operation on Vars, from its value and its derivatives on arrays.

    Parameters
    ----------
    forward : callable
        forward(a, b, ...) -> y, on arrays.
    derivatives : callable, or one for each argument
        derivative(s, y, a, b, ...) -> s * dy/da, where s = dE/dy has the shape of y.  Where an argument was broadcast
        the sum over its copies is taken for you.
    name : str, optional
        How graphs call it; by default the name of `forward`.

    Returns
    -------
    callable
        f(a, b, ...) -> Var; hold it to finite differences with :func:`gradcheck`.

    Examples
    --------
    >>> from spikesim import learn
    >>> import numpy as np
    >>> square = learn.operation(lambda x: x * x, lambda s, y, x: s * 2.0 * x, name="square")
    >>> x = learn.Var(3.0)
    >>> y = square(x)
    >>> y.backward()
    >>> float(y.item()), float(x.grad)
    (9.0, 6.0)
    """
    given = (derivatives,) if callable(derivatives) else tuple(derivatives)
    for what in (forward, *given):
        if not callable(what):
            raise InvalidTypeError(f"operation: wanted functions, got {type(what).__name__}")
    called = name or getattr(forward, "__name__", "operation").replace("<lambda>", "operation")
    rule = Rule(forward, given)

    def function(*args: Any) -> Var:
        if len(args) != len(given):
            raise InvalidTypeError(f"{called}: {len(args)} arguments, but {len(given)} derivatives were given")
        return apply(called, *args, rule=rule)

    function.__name__ = function.__qualname__ = called
    function.__doc__ = f"Return {called} of {len(given)} argument(s) as a Var that knows its derivatives."
    return function
