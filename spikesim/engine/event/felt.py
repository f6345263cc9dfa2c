"""What a nonlinear neuron of the event engine feels: current and conductance, inputs that its model names, the time."""

from __future__ import annotations

from typing import Any

from numba import types
from numba.extending import intrinsic, overload

from ...jit import INLINE, compiled
from ...jit.records import table
from ...neurons.contract import Input
from ..equations import registered
from .crossing import external, sines
from .records import SLOTS

__all__ = ["felt"]


@compiled
def stimulated(x, d, k, t):
    """What flows into named input k at t."""
    slots = table(d.inputs, SLOTS)[k]
    return external(x, slots, t)[0] + sines(x, slots, t)


def stimuli(like: tuple[float, ...], x: Any, d: Any, k: int, t: float) -> tuple[float, ...]:
    """The named inputs from k on; as many as `like` has entries."""
    return tuple(stimulated(x, d, k + i, t) for i in range(len(like)))


@overload(stimuli, jit_options=INLINE)
def _stimuli_overload(like, x, d, k, t):
    if len(like) == 1:
        return lambda like, x, d, k, t: (stimulated(x, d, k, t),)
    return lambda like, x, d, k, t: (stimulated(x, d, k, t), *stimuli(like[1:], x, d, k + 1, t))


@intrinsic(prefer_literal=True)
def _named(typingctx: Any, key: Any, values: Any) -> Any:
    kind = registered[key.literal_value].felt
    made = types.NamedUniTuple(types.float64, len(kind._fields), kind)

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        entries = [builder.extract_value(args[1], i) for i in range(len(kind._fields))]
        return context.make_tuple(builder, signature.return_type, entries)

    return made(key, values), codegen


def felt(key: str, x: Any, d: Any, t: float, current: float, conductance: float) -> Any:
    """What the neuron with the record x feels at t."""
    kind = registered[key].felt
    return kind(current, conductance, *stimuli((0.0,) * (len(kind._fields) - 3), x, d, 0, t), t)


@overload(felt, prefer_literal=True, jit_options=INLINE)
def _felt_overload(key, x, d, t, current, conductance):
    n = len(registered[key.literal_value].felt._fields) - 3
    if n == 0:
        return lambda key, x, d, t, current, conductance: Input(current, conductance, t)
    like = (0.0,) * n
    return lambda key, x, d, t, current, conductance: _named(key, (current, conductance, *stimuli(like, x, d, 0, t), t))
