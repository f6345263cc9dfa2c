"""The walk over an expression graph: every Var once, the youngest first, when all of its uses have spoken."""

from __future__ import annotations

from collections.abc import Container
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import StateError

if TYPE_CHECKING:
    from .tape import Var

__all__ = ["ordered", "sum_to", "walk"]

_age = attrgetter("_born")


def sum_to(g: Any, shape: tuple[int, ...]) -> Any:
    """Undo broadcasting: sum the derivative over what was repeated."""
    lead = np.ndim(g) - len(shape)
    axes = tuple(range(lead)) + tuple(lead + k for k, n in enumerate(shape) if n == 1 and np.shape(g)[lead + k] != 1)
    return np.broadcast_to(np.sum(g, axis=axes, keepdims=True).reshape(shape) if axes else g, shape)


def ordered(*roots: Var) -> list[Var]:
    """Return every Var below and including `roots`, each once, the youngest first.

    An operation is younger than its arguments, so descending age is a topological order.
    """
    found: dict[int, Var] = {}
    stack = list(roots)
    while stack:
        var = stack.pop()
        if id(var) not in found:
            found[id(var)] = var
            if var.creator is not None:
                stack.extend(var.creator.args)
    return sorted(found.values(), key=_age, reverse=True)


def walk(
    arriving: list[tuple[Var, Any]], wanted: Container[int] | None = None, tracked: bool = False
) -> tuple[list[Var], dict[int, Any]]:
    """The one walk: hand every Var the sum of what arrives at it, and its Op the task to pass it on.

    Return the Vars walked, and the sums at the Vars whose id is `wanted`: those are then returned instead of added to
    the Vars' `grad`.  `tracked`: all of it in Vars, for derivatives of derivatives.
    """
    pending: dict[int, Any] = {}
    order = ordered(*[var for var, _ in arriving])
    found: dict[int, Any] = {}
    for var in order:  # before any gradient is written
        if var._spent is not None:
            raise StateError(
                f"Trying to backward through the graph a second time: the graph of {var._spent} was freed by the first"
                " backward; give that one retain_graph=True, or compute the expression again"
            )
        if var.creator is not None and var.requires_grad and var.creator.rule.values:
            var.creator.check(var)
    for var, s in arriving:
        pending[id(var)] = pending[id(var)] + s if id(var) in pending else s
    for var in order:
        s = pending.pop(id(var), None)
        if s is None:
            continue
        if wanted is None:
            var._receive(s)
        elif id(var) in wanted:
            found[id(var)] = s
        if var.creator is not None:
            for arg, g in var.creator.derivatives(s, var if tracked else None):
                if g is s and isinstance(g, np.ndarray):
                    g = g.view()  # marked as shared, see Var._receive
                before = pending.get(id(arg))
                pending[id(arg)] = g if before is None else before + g
    return order, found
