"""Neurons that do not hear each other: backward through time and the gradients of their weights in one pass.

Such a layer is divided by target instead of by sample: a thread goes through all samples with its own neurons.  The
gradient of the currents of one sample and BLOCK neurons is used where it is made, and never leaves the first cache;
sums over samples have one order whatever the number of threads.  Names as in `backward`; gw (n_in, n) is zeroed by the
caller, delays are of axons, the current is constant.
"""

from __future__ import annotations

import numpy as np

from ...jit import compiled, widely
from .backward import ABOVE, CHUNK, GF, GJ, GV, PER, SUM, WIDTH, U, back_block, fade, surrogate_slopes, weigh_rows
from .forward import BLOCK, put_row, rows_of, scratch
from .step import C_0, C_D

__all__ = ["descend"]


@compiled
def descend(
    first, last, B, ptr, step, unit, amount, d, c, t_ref, u, gs, by, spikes, attached, kind, k, per_width, cut,
    gw, gD, gc,
):  # fmt: skip
    """Go back through all samples with the neurons [first, last)."""
    widely()
    T, n = u.shape[1:]
    is_summed = by.shape[0] > 0
    kind_of = u.dtype.type
    nothing, zero, one = kind_of(-np.inf), kind_of(0.0), kind_of(1.0)
    x, sent = scratch(1, WIDTH, u), scratch(T, BLOCK, u).reshape(-1)
    xq = x[0]
    us, above, found = u.reshape(-1), gs.reshape(-1), gw.reshape(-1)
    for q in range(first, last, BLOCK):
        m = min(BLOCK, last - q)
        rows_of(c[:, q : q + m], t_ref[q : q + m], x)  # (row PER is where `forward` has the refractory time)
        for i in range(m):
            xq[PER * BLOCK + i] = per_width[q + i]
        for b in range(B):
            xq[GV * BLOCK : (GF + 1) * BLOCK] = zero
            xq[SUM * BLOCK :] = zero
            if is_summed:
                put_row(xq, ABOVE * BLOCK, above, b * n + q, m)
            for t in range(T - 1, -1, -1):
                row = (b * T + t) * n + q
                put_row(xq, U * BLOCK, us, row, m)
                if not is_summed:
                    put_row(xq, ABOVE * BLOCK, above, row, m)
                if spikes:
                    surrogate_slopes(kind, k, xq, m, one)
                back_block(xq, m, spikes, by[t] if is_summed else one, attached, zero, one, nothing)
                fade(xq, m)
                put_row(sent, t * BLOCK, xq, GJ * BLOCK, m)
                if cut > 0 and t % cut == 0:
                    xq[GV * BLOCK : (GF + 1) * BLOCK] = zero
            for i in range(m):
                gc[b // CHUNK, C_0, q + i] += xq[SUM * BLOCK + i]
                gD[b, 0, q + i] = xq[C_D * BLOCK + i] * xq[SUM * BLOCK + i]
            weigh_rows(found, q, n, sent, 0, BLOCK, b, ptr, step, unit, amount, d, T, m)
