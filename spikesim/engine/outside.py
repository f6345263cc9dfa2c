"""What reaches a nonlinear neuron from outside its equations, and what chance does: by the key of its model.

It stands in rows of ROW numbers: named inputs, then normal numbers (one row a state), then a uniform one; a model has
those that it asks for.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic, overload

from ..jit import INLINE, exp
from .equations import ROW, as_floats, moved, registered

__all__ = ["diffused", "extra_rows", "felt", "fires"]


def extra_rows(key: str) -> tuple[int, int, int]:
    """Where the rows of what comes from outside end: named inputs; normal numbers; a uniform one."""
    e = registered[key]
    inputs = len(e.felt._fields) - 3
    normals = inputs + (e.states if e.diffusion is not None else 0)
    return inputs, normals, normals + (e.hazard is not None)


@intrinsic(prefer_literal=True)
def _felt(typingctx: Any, key: Any, current: Any, conductance: Any, extra: Any, k: Any, t: Any) -> Any:
    kind = registered[key.literal_value].felt
    names = kind._fields

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        data = context.make_array(extra)(context, builder, args[3]).data
        values = [args[1], args[2]]
        for i in range(len(names) - 3):
            index = builder.add(args[4], ir.Constant(args[4].type, i * ROW))
            values.append(builder.load(builder.gep(data, [index], inbounds=True)))
        return context.make_tuple(builder, signature.return_type, [*values, args[5]])

    made = types.NamedUniTuple(types.float64, len(names), kind)
    return made(key, types.float64, types.float64, extra, types.int64, types.float64), codegen


def felt(key: str, current: float, conductance: float, extra: np.ndarray, k: int, t: float) -> Any:
    """What neuron k feels."""
    kind = registered[key].felt
    named = (float(extra[i * ROW + k]) for i in range(len(kind._fields) - 3))
    return kind(current, conductance, *named, t)


@overload(felt, prefer_literal=True, jit_options=INLINE)
def _felt_overload(key, current, conductance, extra, k, t):
    return lambda key, current, conductance, extra, k, t: _felt(key, current, conductance, extra, np.int64(k), t)


def kicked(new: Any, g: Any, ahead: Any, extra: np.ndarray, row: int, k: int, root: float) -> Any:
    """new + g sqrt(dt) xi + (g' - g) sqrt(dt) (xi^2 - 1) / 2, entry by entry; g' the coefficient ahead."""
    xi = [extra[(row + i) * ROW + k] for i in range(len(new))]
    return tuple(float(s + root * (a * x + 0.5 * (b - a) * (x * x - 1.0))) for s, a, b, x in zip(new, g, ahead, xi))


@overload(kicked, jit_options=INLINE)
def _kicked_overload(new, g, ahead, extra, row, k, root):
    def one(new, g, ahead, extra, row, k, root):
        x = extra[row * ROW + k]
        return (new[0] + root * (g[0] * x + 0.5 * (ahead[0] - g[0]) * (x * x - 1.0)),)

    def more(new, g, ahead, extra, row, k, root):
        x = extra[row * ROW + k]
        first = new[0] + root * (g[0] * x + 0.5 * (ahead[0] - g[0]) * (x * x - 1.0))
        return (first, *kicked(new[1:], g[1:], ahead[1:], extra, row + 1, k, root))

    return one if len(new) == 1 else more


def diffused(key: str, old: Any, new: Any, p: Any, extra: np.ndarray, k: int, root: float) -> Any:
    """The new state with the noise of the step (Kloeden and Platen 1992, 11.1.5: Milstein without a derivative).

    Strong order 1 where the coefficient of a state depends on that state alone; where it is constant, the scheme of
    Euler and Maruyama.  `root`: sqrt(dt).
    """
    diffusion, (first, _, _) = registered[key].diffusion, extra_rows(key)
    if diffusion is None:
        return new
    g = diffusion(old, p)
    return kicked(new, g, diffusion(moved(new, g, root), p), extra, first, k, root)


@overload(diffused, prefer_literal=True, jit_options=INLINE)
def _diffused_overload(key, old, new, p, extra, k, root):
    diffusion, (first, _, _) = registered[key.literal_value].diffusion, extra_rows(key.literal_value)
    if diffusion is None:
        return lambda key, old, new, p, extra, k, root: new

    def made(key, old, new, p, extra, k, root):
        g = as_floats(diffusion(old, p))
        ahead = as_floats(diffusion(moved(new, g, root), p))
        return kicked(new, g, ahead, extra, first, k, root)

    return made


def fires(key: str, old: Any, new: Any, p: Any, extra: np.ndarray, k: int, dt: float) -> bool:
    """Whether a neuron that is free fires: its margin has reached 0, or chance says so, 1 - exp(-hazard dt)."""
    e, (_, row, _) = registered[key], extra_rows(key)
    if e.hazard is not None:
        return bool(1.0 - exp(-dt * e.hazard(new, p)) > extra[row * ROW + k])
    return bool(e.margin(new, p) >= 0.0 and (e.level or e.margin(old, p) < 0.0))


@overload(fires, prefer_literal=True, jit_options=INLINE)
def _fires_overload(key, old, new, p, extra, k, dt):
    e, (_, row, _) = registered[key.literal_value], extra_rows(key.literal_value)
    margin, hazard = e.margin, e.hazard
    if hazard is not None:
        return lambda key, old, new, p, extra, k, dt: 1.0 - exp(-dt * hazard(new, p)) > extra[row * ROW + k]
    if e.level:
        return lambda key, old, new, p, extra, k, dt: margin(new, p) >= 0.0
    return lambda key, old, new, p, extra, k, dt: (margin(new, p) >= 0.0) & (margin(old, p) < 0.0)
