"""Slopes of nonlinear neurons as the event engine reaches them, by the key of the equations (see engine/equations).

States of synapses that are no linear filters stand behind those of the neuron, and are integrated with them: each joins
its equations to those of the neuron.  Of a neuron that fires by chance they have one more state, `left` (see
nonlinear): the hazard is its slope.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Sequence
from typing import Any

from numba import types
from numba.extending import intrinsic, overload, register_jitable

from ...jit import INLINE
from .. import equations
from ..equations import as_floats, registered, select
from ..synaptic import felt, jumped, register_synapse

__all__ = ["register", "slope_of"]

_slopes: dict[str, Any] = {}


def register(model: Any, synapses: Sequence[Any] = ()) -> str:
    """Make a model's equations known, with those of synapses that act on it; return the key."""
    key = equations.register(model, (False,) * len(type(model)._fields))
    slope = register_jitable(forceinline=True)(type(model).slope)
    for synapse in synapses:
        key, slope = with_synapse(key, slope, synapse)
    return by_chance(key, slope) if registered[key].hazard is not None else known(key, slope)


def known(key: str, slope: Any) -> str:
    """Make the slope of registered equations known; return their key."""
    _slopes[key] = slope
    return key


def with_synapse(key: str, slope: Any, synapse: Any) -> tuple[str, Any]:
    """Register equations with the states and the parameters of one more synapse behind; return their key and slope.

    arrive(s, p, at, w)  the states after a spike of weight w, at the synapse whose first state is number `at`
    shown(s, p)          current and conductance of each synapse, one after the other
    """
    e, of = registered[key], register_synapse(synapse)
    f, wider = registered[of], f"{key} | {of}"
    margin, reset, hazard, arrive, shown = e.margin, e.reset, e.hazard, e.arrive or _none_arrives, e.shown
    n, k, v, own, its, change = e.states, len(e.vector), e.jump, e.parameters, f.parameters, f.slope

    def slopes(s, u, p):
        x, q = s[n:], its(*p[k:])
        current, conductance = felt(of, x, s[v], q)
        within = slope(s[:n], more(u, current, conductance), own(*p[:k]))
        return (*as_floats(within), *as_floats(change(x, q)))

    def margins(s, p):
        return margin(s[:n], own(*p[:k]))

    def resets(s, p):
        return (*as_floats(reset(s[:n], own(*p[:k]))), *s[n:])

    def hazards(s, p):
        return hazard(s[:n], own(*p[:k]))

    def arrives(s, p, at, w):
        after = jumped(of, s[n:], w, its(*p[k:]))
        return (*arrive(s[:n], own(*p[:k]), at, w), *select(at == n, after, s[n:]))

    def shows(s, p):
        return felt(of, s[n:], s[v], its(*p[k:]))

    def shows_all(s, p):
        return (*shown(s[:n], own(*p[:k])), *shows(s, p))

    for equation in (slopes, margins, resets, hazards, arrives, shows, shows_all):
        register_jitable(forceinline=True)(equation)
    if wider not in registered:
        fields = [f"p{i}" for i in range(k + len(f.vector))]
        registered[wider] = e._replace(
            margin=margins, reset=resets, parameters=namedtuple("parameters", fields), vector=(*e.vector, *f.vector),
            states=n + f.states, clamped=(*e.clamped, *(False,) * f.states), hazard=hazard and hazards,
            arrive=arrives, shown=shows if shown is None else shows_all,
        )  # fmt: skip
    return wider, slopes


def _none_arrives(s, p, at, w):
    return s


register_jitable(forceinline=True)(_none_arrives)


def more(u: Any, current: Any, conductance: Any) -> Any:
    """The same input, with more current and conductance."""
    return u._replace(current=u.current + current, conductance=u.conductance + conductance)


@intrinsic
def _more(typingctx: Any, u: Any, current: Any, conductance: Any) -> Any:
    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        made = args[0]
        for name, value in zip(("current", "conductance"), args[1:]):
            at = u.fields.index(name)
            made = builder.insert_value(made, builder.fadd(builder.extract_value(made, at), value), at)
        return made

    return u(u, types.float64, types.float64), codegen


@overload(more, jit_options=INLINE)
def _more_overload(u, current, conductance):
    return lambda u, current, conductance: _more(u, current, conductance)


def by_chance(key: str, slope: Any) -> str:
    """Register equations with one more state, `left` (see nonlinear): its slope is the hazard, and it is the margin.

    A hazard below 0 is none.
    """
    e, wider = registered[key], f"{key}:chance"
    hazard, reset, arrive, shown, n = e.hazard, e.reset, e.arrive, e.shown, e.states

    def slopes(s, u, p):
        chance = float(hazard(s[:n], p))
        rate = 0.0 if chance < 0.0 else chance
        return (*as_floats(slope(s[:n], u, p)), rate)

    def margin(s, p):
        return s[n]

    def resets(s, p):
        return (*as_floats(reset(s[:n], p)), s[n])

    def arrives(s, p, at, w):
        return (*arrive(s[:n], p, at, w), s[n])

    def shows(s, p):
        return shown(s[:n], p)

    if wider not in registered:
        for equation in (slopes, margin, resets, arrives, shows):
            register_jitable(forceinline=True)(equation)
        clamped = (*e.clamped, True)
        registered[wider] = e._replace(
            states=n + 1, clamped=clamped, level=True, margin=margin, reset=resets, arrive=arrive and arrives,
            shown=shown and shows,
        )  # fmt: skip
        known(wider, slopes)
    return wider


def slope_of(key: str, s: Any, u: Any, p: Any) -> Any:
    """slope of the model behind the key."""
    return as_floats(_slopes[key](s, u, p))


@overload(slope_of, prefer_literal=True, jit_options=INLINE)
def _slope_overload(key, s, u, p):
    slope = _slopes[key.literal_value]
    return lambda key, s, u, p: as_floats(slope(s, u, p))
