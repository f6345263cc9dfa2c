"""A forward and a backward pass as one list of calls: the tape of an expression, written down.

What a layer or a loss is asked each time (which operations, in which order, which derivatives are wanted and where
they add up) is the same for every batch of one shape.  So an expression is looked at, as the walk would go over it, and
what the walk would call is listed: the same functions of the one table of rules, on the same values, in the same order,
so the same bits.  Values stand in places: the input, the target, the parameters, plain numbers, and what is computed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

import numpy as np

from .tape import Var, constant, ordered
from .walk import sum_to

__all__ = ["Program", "written"]

X, T, FIRST = 0, 1, 2  # places of the input, the target, and the first parameter


class _Value(NamedTuple):
    """values[place] = function(*picked values, **options); a rule that keeps something puts it at `kept`."""

    function: Callable[..., Any]
    pick: Callable[[list[Any]], Sequence[Any]]
    options: dict[str, Any]
    place: int
    kept: int | None


class _Derivative(NamedTuple):
    """The same for a derivative: of the shape of the argument, added to what came there at `before`.

    What a parameter gets is not `above` itself: who owns a gradient may change it.
    """

    function: Callable[..., Any]
    pick: Callable[[list[Any]], Sequence[Any]]
    options: dict[str, Any]
    place: int
    shape: tuple[int, ...]
    before: int | None
    above: int | None


class Program:
    """The calls that stand for an expression; made by :func:`written`."""

    def __init__(self, writer: _Writer, error: Var, output: Var, reached: dict[int, int], learnt: list[Var]) -> None:
        self.forward, self.backward = writer.forward, writer.backward
        self._values, self._targets = writer.values, writer.targets
        self.reached = learnt
        self.output = constant(np.broadcast_to(np.zeros((), output.dtype), output.shape))  # its shape, no values
        found = [writer.places[id(error)], writer.places[id(output)], *(reached[id(p)] for p in learnt)]
        self._found = itemgetter(*found)

    def run(self, x: np.ndarray, t: np.ndarray, parameters: Sequence[np.ndarray]) -> tuple[Any, ...]:
        """Return the error, the output, and the derivatives by the parameters in `reached`."""
        values = self._values.copy()
        values[X], values[T], values[FIRST : FIRST + len(parameters)] = x, t, parameters
        for options, name in self._targets:
            options[name] = t
        for function, pick, options, place, kept in self.forward:
            if kept is None:
                values[place] = function(*pick(values), **options)
            else:
                values[place], values[kept] = function(*pick(values), **options)
        for function, pick, options, place, shape, before, above in self.backward:
            g = function(*pick(values), **options)
            if getattr(g, "shape", ()) != shape:
                g = sum_to(g, shape)
            if above is not None and g is values[above]:
                g = g[...]
            values[place] = g if before is None else values[before] + g
        return self._found(values)


class _Unknown(Exception):
    """A value in the expression of which it is not known where it came from."""


def written(error: Var, output: Var, x: Var, t: np.ndarray, parameters: Sequence[Var]) -> Program | None:
    """Return the program of an expression.

    None where it holds a value that is neither the input `x`, the target `t`, a parameter nor a plain number: that may
    be another one for the next batch.
    """
    writer = _Writer(x, t, parameters)
    try:
        for var in ordered(error, output)[::-1]:
            if var.creator is not None:
                writer.value(var)
        reached = writer.derivatives(error)
    except _Unknown:
        return None
    learnt = [p for p in parameters if id(p) in reached]
    return Program(writer, error, output, reached, learnt) if learnt else None


def _plain(value: Any) -> bool:
    """Whether a value is a number or a word of Python, or made of such: it does not come from a batch's entries."""
    if isinstance(value, slice):
        return all(map(_plain, (value.start, value.stop, value.step)))
    if isinstance(value, tuple):
        return all(map(_plain, value))
    return value is None or type(value) in (bool, int, str) or (type(value) is float and math.isfinite(value))


def _picking(places: Sequence[int]) -> Callable[[list[Any]], Sequence[Any]]:
    if len(places) > 1:
        return itemgetter(*places)
    (place,) = places
    return itemgetter(slice(place, place + 1))


class _Writer:
    """The calls listed so far, and the place of every Var's value."""

    def __init__(self, x: Var, t: np.ndarray, parameters: Sequence[Var]) -> None:
        self.t = t
        self.values: list[Any] = [None] * (FIRST + len(parameters))
        self.places = {id(x): X, **{id(p): FIRST + k for k, p in enumerate(parameters)}}
        self.kept: dict[int, int] = {}  # where stands what a rule keeps for its derivatives; y unless it says so
        self.leaves = {id(p) for p in parameters}
        self.learns = {id(p) for p in parameters if p.requires_grad}
        self.forward: list[_Value] = []
        self.backward: list[_Derivative] = []
        self.targets: list[tuple[dict[str, Any], str]] = []  # options that are the target

    def new(self, value: Any = None) -> int:
        """Return the place of another value."""
        self.values.append(value)
        return len(self.values) - 1

    def _arguments(self, var: Var, *first: int) -> tuple[Callable[[list[Any]], Sequence[Any]], dict[str, Any]]:
        op: Any = var.creator
        for arg in op.args:
            if id(arg) not in self.places:
                if arg._val is not self.t and not _plain(arg._val):
                    raise _Unknown
                self.places[id(arg)] = T if arg._val is self.t else self.new(arg._val)
        options = dict(op.options)
        for name, value in options.items():
            if value is self.t:
                self.targets.append((options, name))
            elif not _plain(value):
                raise _Unknown
        return _picking([*first, *(self.places[id(arg)] for arg in op.args)]), options

    def value(self, var: Var) -> None:
        """List how the value of a Var is computed."""
        op: Any = var.creator
        pick, options = self._arguments(var)
        place = self.places[id(var)] = self.kept[id(var)] = self.new()
        kept = self.new() if op.rule.keeps else None
        if kept is not None:
            self.kept[id(var)] = kept
        self.forward.append(_Value(op.rule.forward, pick, options, place, kept))
        if any(id(arg) in self.learns for arg in op.args):
            self.learns.add(id(var))

    def derivatives(self, error: Var) -> dict[int, int]:
        """List the derivatives as the walk takes them; return the places of those by the parameters."""
        pending, reached = {id(error): self.new(np.ones(np.shape(error._val), error.dtype))}, {}
        for var in ordered(error):
            s = pending.pop(id(var), None)
            if s is None or id(var) not in self.learns:
                continue
            if id(var) in self.leaves:
                reached[id(var)] = s
            if var.creator is not None:
                for position, arg in enumerate(var.creator.args):
                    if id(arg) in self.learns:
                        pending[id(arg)] = self._derivative(var, position, s, pending.get(id(arg)))
        return reached

    def _derivative(self, var: Var, position: int, s: int, before: int | None) -> int:
        op: Any = var.creator
        pick, options = self._arguments(var, s, self.kept[id(var)])
        if op.rule.variadic:
            options["position"] = position
        arg, place = op.args[position], self.new()
        function = op.rule.derivatives[0 if op.rule.variadic else position]
        above = s if id(arg) in self.leaves else None
        shape = tuple(np.shape(arg._val))
        self.backward.append(_Derivative(function, pick, options, place, shape, before, above))
        return place
