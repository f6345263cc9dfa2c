"""Noise in equations and currents: random numbers of a neuron and a step, and what they add to which row.

Number k of a step is a function of (seed, what for, step, neuron): no state, and the same for any threads and pieces.
"""

from __future__ import annotations

from ...jit import compiled, part_of
from ...jit.records import floats, table
from ...random import ndtri, subkey, unit, word
from .records import DRAW, KICK

__all__ = ["ADD", "DRIFT", "PUT", "disturb"]

#: What a number xi does: scratch += c xi;  scratch = c xi;  x = decay x + c xi.
ADD, PUT, DRIFT = 0, 1, 2


@compiled
def draw(out, a, b, first, uniform, n, step):
    """out = one number a neuron for this step."""
    ka, kb = subkey(a, b, step)
    if uniform:
        for k in range(n):
            out[k] = unit(word(ka, kb, first + k))
    else:
        for k in range(n):
            out[k] = ndtri(unit(word(ka, kb, first + k)))


@part_of
def disturb(w, lo, hi, scratch, k0, n, step):
    """Let the numbers [lo, hi) of neurons [k0, k0 + n) of a part act; the last row of the scratch is overwritten."""
    x, coef, numbers, kicks = floats(w.x), floats(w.coef), table(w.gauss, DRAW), table(w.kick, KICK)
    xi = scratch[scratch.shape[0] - 1, :n]
    for d in range(lo, hi):
        one = numbers[d]
        draw(xi, one.key_a, one.key_b, one.first + k0, one.uniform != 0, n, step)
        for q in range(one.kick_lo, one.kick_hi):
            kind, to, at, decay = kicks[q].kind, kicks[q].to, kicks[q].at, kicks[q].decay
            c = coef[at + k0 : at + k0 + n] if kicks[q].own else coef[at : at + 1]
            s = 1 if kicks[q].own else 0
            row = x[to + k0 : to + k0 + n] if kind == DRIFT else scratch[to, :n]
            if kind == PUT:
                for k in range(n):
                    row[k] = c[s * k] * xi[k]
            else:
                for k in range(n):
                    row[k] = decay * row[k] + c[s * k] * xi[k]
