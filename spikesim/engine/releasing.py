"""The equations of releases as compiled loops reach them (as those of neurons: `equations`), and the numbers they need.

The numbers of a source stand side by side: its states at its last spike, when that was, and how many it has emitted.
Its parameters stand side by side in a table with one row for all sources, or one for each.
"""

from __future__ import annotations

import hashlib
from collections import namedtuple
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, overload, register_jitable

from ..jit import INLINE
from ..network.projection import Projection
from ..neurons.contract import as_parameter
from ..program.program import Program
from ..random import Distribution, key, unit, word
from ..synapses.release import resting
from .equations import as_floats, fingerprint

__all__ = ["Sources", "emit", "register"]


class Equations(NamedTuple):
    """A release as the loops need it."""

    between: Callable[..., Any]
    on_spike: Callable[..., Any]
    parameters: type
    states: int
    draws: int


registered: dict[str, Equations] = {}


def register(value: Any) -> str:
    """Make the equations of a release known to the loops; return their key."""
    cls = type(value)
    digest = hashlib.sha256(repr((cls._fields, cls.states, cls.draws)).encode())
    for function in (cls.between, cls.on_spike):
        digest.update(fingerprint(function))
    name = f"{cls.__name__}:{digest.hexdigest()[:32]}"
    if name not in registered:
        for function in (cls.between, cls.on_spike):
            register_jitable(forceinline=True)(function)
        parameters = namedtuple("parameters", cls._fields or ("none",))  # type: ignore[misc]
        registered[name] = Equations(cls.between, cls.on_spike, parameters, len(cls.states), cls.draws)
    return name


class Sources:
    """The sources of a projection that has a release: their parameters, their numbers at the start, their streams.

    Attributes
    ----------
    name : str
        Of the projection.
    key : str
        Of the equations.
    ids : int64 array
        Their global ids.
    states : tuple of str
    table : float64 array (1 or n, parameters)
    index : int32 array
        Position of each neuron of the network among them, -1 for the others.
    start : float64 array (n, states + 2)
        States before the first spike, the time of the last spike, how many there were.
    stream : Key
    """

    def __init__(self, projection: Projection, program: Program, start: float) -> None:
        value, where = projection.release, f"projection {projection.name!r}: release"
        self.name = projection.name
        self.key, self.states = register(value), type(value).states
        self.ids = program.ids(projection.pre)
        self.stream = key(program.noise_seed, "release", projection.name)
        n = self.ids.size
        columns = []
        for name in value._fields:
            given = getattr(value, name)
            if isinstance(given, Distribution):
                given = given.sample(key(program.seed, "release", projection.name, name), np.arange(n))
            columns.append(np.atleast_1d(as_parameter(f"{where}: {name}", given)))
        drawn = {name: column for name, column in zip(value._fields, columns) if column.size > 1}
        if drawn:
            value._replace(**drawn)  # checks what was drawn, too
        self.table = np.stack(np.broadcast_arrays(*(columns or [np.zeros(1)])), axis=1).copy()
        rows = [resting(where, value, registered[self.key].parameters(*row)) for row in self.table]
        self.index = np.full(program.n, -1, np.int32)
        self.index[self.ids] = np.arange(n)
        self._names = value._fields
        self.start = np.zeros((n, len(self.states) + 2))
        self.start[:, : len(self.states)] = rows
        self.start[:, -2] = start

    def now(self, numbers: np.ndarray, state: str, since: np.ndarray) -> np.ndarray:
        """Return a state of each source (its `numbers`, as `start`), so long (ms) after its last spike."""
        p = SimpleNamespace(**dict(zip(self._names, self.table.T)))
        at = tuple(numbers[:, k] for k in range(len(self.states)))
        found = registered[self.key].between(at, since, p)[self.states.index(state)]
        return np.array(np.broadcast_to(np.asarray(found, np.float64), (len(numbers),)))


# -- one spike --------------------------------------------------------------------------------------------------------


def emit(key: str, own: np.ndarray, parameters: np.ndarray, since: float, a: Any, b: Any) -> float:
    """A source emits, `since` ms after its last spike; return the factor.  Its count and time are the caller's."""
    e = registered[key]
    p = e.parameters(*(float(v) for v in parameters[: len(e.parameters._fields)]))  # type: ignore[attr-defined]
    state = e.between(tuple(float(v) for v in own[: e.states]), since, p)
    chance = tuple(float(unit(word(a, b, np.uint64(own[e.states + 1]) * e.draws + j))) for j in range(e.draws))
    state, factor = e.on_spike(state, p, chance) if e.draws else e.on_spike(state, p)
    own[: e.states] = state
    return float(factor)


def _tuple_at(context: Any, builder: Any, kind: Any, array_type: Any, array: Any, n: int) -> Any:
    data = context.make_array(array_type)(context, builder, array).data
    values = [builder.load(cgutils.gep(builder, data, i)) for i in range(n)]
    return context.make_tuple(builder, kind, values)


@intrinsic(prefer_literal=True)
def _state(typingctx: Any, key: Any, own: Any) -> Any:
    n = registered[key.literal_value].states

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return _tuple_at(context, builder, signature.return_type, own, args[1], n)

    return types.UniTuple(types.float64, n)(key, own), codegen


@intrinsic(prefer_literal=True)
def _parameters(typingctx: Any, key: Any, table: Any) -> Any:
    e = registered[key.literal_value]
    n = len(e.parameters._fields)  # type: ignore[attr-defined]

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return _tuple_at(context, builder, signature.return_type, table, args[1], n)

    return types.NamedUniTuple(types.float64, n, e.parameters)(key, table), codegen


@intrinsic(prefer_literal=True)
def _keep(typingctx: Any, key: Any, own: Any, state: Any) -> Any:
    n = registered[key.literal_value].states

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        data = context.make_array(own)(context, builder, args[1]).data
        for i in range(n):
            builder.store(builder.extract_value(args[2], i), cgutils.gep(builder, data, i))
        return context.get_dummy_value()

    return types.void(key, own, types.UniTuple(types.float64, n)), codegen


def _spiked(key: str, s: Any, p: Any, a: Any, b: Any, count: Any) -> Any:
    raise NotImplementedError  # (compiled only)


@overload(_spiked, prefer_literal=True, jit_options=INLINE)
def _spiked_overload(key, s, p, a, b, count):
    e = registered[key.literal_value]
    on_spike, n = e.on_spike, np.uint64(e.draws)
    if e.draws == 0:
        return lambda key, s, p, a, b, count: on_spike(s, p)
    if e.draws == 1:
        return lambda key, s, p, a, b, count: on_spike(s, p, (unit(word(a, b, count)),))
    one, two, three = np.uint64(1), np.uint64(2), np.uint64(3)
    if e.draws == 2:

        def with_two(key, s, p, a, b, count):
            at = count * n
            return on_spike(s, p, (unit(word(a, b, at)), unit(word(a, b, at + one))))

        return with_two
    if e.draws == 3:

        def with_three(key, s, p, a, b, count):
            at = count * n
            return on_spike(s, p, (unit(word(a, b, at)), unit(word(a, b, at + one)), unit(word(a, b, at + two))))

        return with_three

    def with_four(key, s, p, a, b, count):
        at = count * n
        z = (unit(word(a, b, at)), unit(word(a, b, at + one)), unit(word(a, b, at + two)), unit(word(a, b, at + three)))
        return on_spike(s, p, z)

    return with_four


@overload(emit, prefer_literal=True)
def _emit_overload(key, own, parameters, since, a, b):
    e = registered[key.literal_value]
    between, counted = e.between, e.states + 1

    def compiled_emit(key, own, parameters, since, a, b):
        p = _parameters(key, parameters)
        state, factor = _spiked(key, between(_state(key, own), since, p), p, a, b, np.uint64(own[counted]))
        _keep(key, own, as_floats(state))
        return float(factor)

    return compiled_emit
