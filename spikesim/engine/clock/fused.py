"""One pass over a part: the fast path of `propagate.advance_linear` for integrate-and-fire neurons.

For a model with v alone, held while refractory, and up to three exponential filters, all with common parameters,

    v(t + dt) = c_0 + c_v v + sum_j c_j I_j,    I_j(t + dt) = p_j I_j    (+ a row of jumps that Delta synapses filled)

the row operations of `propagate` are done together: a value is read once and written once.  The sums are the same, in
the same order, so both ways give the same bits.

For nonlinear models `inputs` does the same with what their synapses bring: current and conductance are summed and the
filters advanced in one pass.
"""

from __future__ import annotations

import functools

import numpy as np

from ...jit import kernel_address, view, widely
from ...jit.records import bytes8, floats, shorts, struct, table
from .poisson import add_ahead
from .propagate import BLOCK, faded
from .records import ENDLESS, PART, STEP, WORKER
from .threshold import collect, count_down, fire

#: Most filters of a fused part.
FILTERS = 3

#: Where the coefficients of `step` stand, from `part.fused`: c_0, c_v, c_j (FILTERS of them), p_j, threshold.
CONSTANT, OF_V, OF_FILTER, DECAY, LEVEL = 0, 1, 2, 2 + FILTERS, 2 + 2 * FILTERS

#: And those of `inputs`: what a filter adds to the current and to the conductance, p_j.
TO_CURRENT, TO_CONDUCTANCE, FADING = 0, FILTERS, 2 * FILTERS


@functools.cache
def step(filters: int, jumps: bool) -> int:
    """Return the address of the step of a part with so many filters, compiled when first asked for."""

    def advance_fused(w_at, p, now, at, dt, out_at, count):
        widely()
        w, out = struct(w_at, WORKER), view(out_at, ENDLESS, np.int64)
        part = table(w.part, PART)[p]
        x, fired = floats(w.x), bytes8(w.fired)
        left = shorts(w.refractory)[part.refractory : part.refractory + part.n]
        c = floats(w.coef)[part.fused : part.fused + LEVEL + 1]
        c0, cv, levels = c[CONSTANT], c[OF_V], c[LEVEL:]
        level = levels[0]
        c1, c2, c3 = c[OF_FILTER], c[OF_FILTER + 1], c[OF_FILTER + 2]
        p1, p2, p3 = c[DECAY], c[DECAY + 1], c[DECAY + 2]
        size, state, delta = part.n, part.state, part.delta
        at_1, at_2, at_3 = part.filter_1, part.filter_2, part.filter_3
        for k0 in range(0, size, BLOCK):
            n = min(BLOCK, size - k0)
            v = x[state + k0 : state + k0 + n]
            refractory = left[k0 : k0 + n]
            one = x[at_1 + k0 : at_1 + k0 + n]
            two = x[at_2 + k0 : at_2 + k0 + n]
            three = x[at_3 + k0 : at_3 + k0 + n]
            jump = x[delta + k0 : delta + k0 + n]
            reached = np.int64(0)
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
                reached |= np.int64(new >= level)
            if reached:  # few blocks have a spike: no other writes flags and looks at them
                fire(v, levels, False, refractory, fired, np.int64(0), n)
                count = collect(w, part, k0, n, True, out, count)
            else:
                count_down(refractory, n)
            add_ahead(w, w_at, part, k0, n, now + 1)
        return count

    return kernel_address(advance_fused, STEP)


@functools.cache
def inputs(filters: int) -> int:
    """Return the address of the sum of what so many filters bring, into the first three rows of the scratch."""

    def gather(w_at, p, k0, n):
        widely()
        w = struct(w_at, WORKER)
        part = table(w.part, PART)[p]
        x, scratch = floats(w.x), floats(w.scratch)
        c = floats(w.coef)[part.fused : part.fused + 3 * FILTERS]
        c1, c2, c3 = c[TO_CURRENT], c[TO_CURRENT + 1], c[TO_CURRENT + 2]
        g1, g2, g3 = c[TO_CONDUCTANCE], c[TO_CONDUCTANCE + 1], c[TO_CONDUCTANCE + 2]
        p1, p2, p3 = c[FADING], c[FADING + 1], c[FADING + 2]
        at_1, at_2, at_3 = part.filter_1 + k0, part.filter_2 + k0, part.filter_3 + k0
        one, two, three = x[at_1 : at_1 + n], x[at_2 : at_2 + n], x[at_3 : at_3 + n]
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
