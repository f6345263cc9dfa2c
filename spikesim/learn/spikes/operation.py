"""An operation of many arguments and one backward pass: what the table of rules has no place for.

A rule of the table gives the derivative by each argument on its own.  Walking back through time gives all of them at
once, so the operation brings a function ``forward(*values) -> (value, back)`` with ``back(s, needed) -> one derivative
an argument``; on the tape it is an Op like any other, and any loss composes with it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..autodiff.rules import Rule
from ..autodiff.tape import Var, apply, as_array, no_grad

__all__ = ["Var", "as_array", "no_grad", "through"]

#: back(s, needed) -> one derivative (or None) an argument.
Back = Callable[[Any, Sequence[bool]], Sequence[Any]]


class _Once:
    """The derivatives of one backward pass: made for the first argument that asks, kept for the others."""

    def __init__(self, back: Back, needed: Sequence[bool]) -> None:
        self.back, self.needed, self.s, self.found = back, needed, None, ()

    def by(self, position: int, s: Any) -> Any:
        if self.s is not s:
            self.s, self.found = s, tuple(self.back(s, self.needed))
        return self.found[position]


def through(name: str, forward: Callable[..., tuple[Any, Back]], *args: Any) -> Var:
    """Do an operation and put it on the tape.

    Parameters
    ----------
    name : str
        How a printed graph calls it.
    forward : callable
        (*values) -> (value, back), where back(s, needed) returns one derivative an argument, or None where
        ``needed`` says that nobody asks.
    *args : Var or array
        The arguments; arrays are constants.
    """
    needed = [isinstance(a, Var) and a.requires_grad for a in args]

    def value_and_back(*values: Any) -> tuple[Any, _Once]:
        value, back = forward(*values)
        return value, _Once(back, needed)

    def derivative(s: Any, kept: _Once, *values: Any, position: int) -> Any:
        return np.asarray(kept.by(position, s), values[position].dtype)

    rule = Rule(value_and_back, (derivative,), keeps=True, variadic=True, again=())
    return apply(name, *args, rule=rule)
