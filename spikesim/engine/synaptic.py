"""The equations of synapses that are no linear filters, as compiled loops reach them (see `equations`)."""

from __future__ import annotations

import hashlib
from collections import namedtuple
from collections.abc import Callable
from typing import Any, NamedTuple

from numba.extending import overload, register_jitable

from ..jit import INLINE
from .equations import as_floats, fingerprint, registered, runge_kutta

__all__ = ["felt", "jumped", "register_synapse"]

VERSION = 1  # of the loops around equations: cached kernels of another version are not found


class SynapticEquations(NamedTuple):
    """A synapse as the loops need it."""

    slope: Callable[..., Any]
    flow: Callable[..., Any]
    jump: Callable[..., Any]
    input: Callable[..., Any]
    parameters: type
    vector: tuple[bool, ...]  # none has one value a neuron
    states: int
    additive: bool


def register_synapse(value: Any) -> str:
    """Make the equations of a synapse known to the loops; return their key."""
    cls = type(value)
    digest = hashlib.sha256(repr((VERSION, cls._fields, cls.states, value.form.additive)).encode())
    for function in (cls.slope, cls.jump, cls.input):
        digest.update(fingerprint(function))
    key = f"synapse {cls.__name__}:{digest.hexdigest()[:32]}"
    if key not in registered:
        slope = cls.slope
        register_jitable(forceinline=True)(slope)

        def of_states(s: Any, u: Any, p: Any) -> Any:
            return slope(s, p)

        flow = runge_kutta(of_states)
        for function in (flow, cls.jump, cls.input):
            register_jitable(forceinline=True)(function)
        parameters = namedtuple("parameters", cls._fields or ("none",))  # type: ignore[misc]
        vector = (False,) * max(1, len(cls._fields))
        registered[key] = SynapticEquations(
            slope, flow, cls.jump, cls.input, parameters, vector, len(cls.states), value.form.additive
        )
    return key


def jumped(key: str, f: Any, w: Any, p: Any) -> Any:
    """The states after a spike of weight w, by the synapse behind the key."""
    return registered[key].jump(f, w, p)


@overload(jumped, prefer_literal=True, jit_options=INLINE)
def _jumped_overload(key, f, w, p):
    jump = registered[key.literal_value].jump
    return lambda key, f, w, p: as_floats(jump(f, w, p))


def felt(key: str, f: Any, v: Any, p: Any) -> Any:
    """(current, conductance) at potential v."""
    current, conductance = registered[key].input(f, v, p)[:2]
    return current, conductance


@overload(felt, prefer_literal=True, jit_options=INLINE)
def _felt_overload(key, f, v, p):
    input_of = registered[key.literal_value].input

    def both(key, f, v, p):
        u = input_of(f, v, p)
        return float(u[0]), float(u[1])

    return both
