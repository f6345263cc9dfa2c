"""One pass over a part: the fast path of `advance.advance_linear` for integrate-and-fire neurons.

For a model with v alone, held while refractory, and up to three exponential filters, all with common parameters,

    v(t + dt) = c_0 + c_v v + sum_j c_j I_j,    I_j(t + dt) = p_j I_j    (+ a row of jumps that Delta synapses filled)

the row operations of `linear` are done together: a value is read once and written once.  The sums are the same, in the
same order, so both ways give the same bits.

For nonlinear models `inputs` does the same with what their synapses bring: current and conductance are summed and the
filters advanced in one pass.
"""

from __future__ import annotations

import functools

import numpy as np

from ...jit import kernel_address, view
from . import records as t
from .propagate import BLOCK, faded
from .records import floats, records, shorts
from .step import collect

#: Most filters of a fused part.
FILTERS = 3

#: Where the coefficients of `step` stand, from `tables.FUSED`: c_0, c_v, c_j (FILTERS of them), p_j, threshold.
CONSTANT, OF_V, OF_FILTER, DECAY, LEVEL = 0, 1, 2, 2 + FILTERS, 2 + 2 * FILTERS

#: And those of `inputs`: what a filter adds to the current and to the conductance, p_j.
TO_CURRENT, TO_CONDUCTANCE, FADING = 0, FILTERS, 2 * FILTERS


@functools.cache
def step(filters: int, jumps: bool) -> int:
    """Return the address of the step of a part with so many filters, compiled when first asked for."""

    def advance_fused(w_at, p, now, at, dt, out_at, count):
        w, out = view(w_at, t.TABLE, np.int64), view(out_at, t.ENDLESS, np.int64)
        part = records(w, t.PART, t.PART_COLUMNS)
        x, left, flags = floats(w, t.X), shorts(w, t.REFRACTORY_LEFT), view(w[2 * t.FLAGS], BLOCK, np.uint8)
        c = floats(w, t.COEF)[part[p, t.FUSED] : part[p, t.FUSED] + LEVEL + 1]
        c0, cv, level = c[CONSTANT], c[OF_V], c[LEVEL]
        c1, c2, c3 = c[OF_FILTER], c[OF_FILTER + 1], c[OF_FILTER + 2]
        p1, p2, p3 = c[DECAY], c[DECAY + 1], c[DECAY + 2]
        size = part[p, t.SIZE]
        for k0 in range(0, size, BLOCK):
            n = min(BLOCK, size - k0)
            v = x[part[p, t.STATE] + k0 : part[p, t.STATE] + k0 + n]
            refractory = left[part[p, t.REFRACTORY] + k0 : part[p, t.REFRACTORY] + k0 + n]
            one = x[part[p, t.FILTER] + k0 : part[p, t.FILTER] + k0 + n]
            two = x[part[p, t.FILTER + 1] + k0 : part[p, t.FILTER + 1] + k0 + n]
            three = x[part[p, t.FILTER + 2] + k0 : part[p, t.FILTER + 2] + k0 + n]
            jump = x[part[p, t.DELTA] + k0 : part[p, t.DELTA] + k0 + n]
            for k in range(n):
                old, r = v[k], refractory[k]  # all is read before any choice, or it would stay a branch
                new = c0 + cv * old
                if filters > 0:
                    a = one[k]
                    new += c1 * a
                    one[k] = faded(a, p1)
                if filters > 1:
                    b = two[k]
                    new += c2 * b
                    two[k] = faded(b, p2)
                if filters > 2:
                    d = three[k]
                    new += c3 * d
                    three[k] = faded(d, p3)
                new = new if r == 0 else old
                if jumps:
                    arriving = jump[k]
                    new += arriving if r == 0 else 0.0
                    jump[k] = 0.0
                v[k] = new
                flags[k] = np.uint8((new >= level) & (r == 0))
                refractory[k] = r - np.int32(r > 0)
            count = collect(w, p, k0, n, True, out, count)
        return count

    return kernel_address(advance_fused, "int64(int64,int64,int64,int64,float64,int64,int64)")


@functools.cache
def inputs(filters: int) -> int:
    """Return the address of the sum of what so many filters bring, into the first three rows of the scratch."""

    def gather(w_at, p, k0, n):
        w = view(w_at, t.TABLE, np.int64)
        part = records(w, t.PART, t.PART_COLUMNS)
        x, scratch = floats(w, t.X), view(w[2 * t.SCRATCH], 3 * BLOCK, np.float64)
        c = floats(w, t.COEF)[part[p, t.FUSED] : part[p, t.FUSED] + 3 * FILTERS]
        c1, c2, c3 = c[TO_CURRENT], c[TO_CURRENT + 1], c[TO_CURRENT + 2]
        g1, g2, g3 = c[TO_CONDUCTANCE], c[TO_CONDUCTANCE + 1], c[TO_CONDUCTANCE + 2]
        p1, p2, p3 = c[FADING], c[FADING + 1], c[FADING + 2]
        one = x[part[p, t.FILTER] + k0 : part[p, t.FILTER] + k0 + n]
        two = x[part[p, t.FILTER + 1] + k0 : part[p, t.FILTER + 1] + k0 + n]
        three = x[part[p, t.FILTER + 2] + k0 : part[p, t.FILTER + 2] + k0 + n]
        current, conductance = scratch[:n], scratch[BLOCK : BLOCK + n]
        jump = scratch[2 * BLOCK : 2 * BLOCK + n]
        for k in range(n):
            i, g = 0.0, 0.0
            if filters > 0:
                a = one[k]
                i += c1 * a
                g += g1 * a
                one[k] = faded(a, p1)
            if filters > 1:
                b = two[k]
                i += c2 * b
                g += g2 * b
                two[k] = faded(b, p2)
            if filters > 2:
                d = three[k]
                i += c3 * d
                g += g3 * d
                three[k] = faded(d, p3)
            current[k] = i
            conductance[k] = g
        for k in range(n):
            jump[k] = 0.0
        return 0

    return kernel_address(gather, "int64(int64,int64,int64,int64)")
