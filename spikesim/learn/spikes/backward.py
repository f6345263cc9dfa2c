"""The same layer backward through time (BPTT) with a surrogate derivative of the spike; g_x is dL/dx.

    g_S  = what comes from above + sum_j w_ji g_J[j, t + d_ji]   (+ ((R - 1) u + r) g_v+ where the reset is attached)
    g_u  = sigma'(u) g_S + (1 - S + S R) g_v+                     (g_v+ alone while refractory: v is held)
    g_f' = p g_f + c_f g_u,    g_v+' = c_v g_u,    g_J = g_f + c_j g_u,    g_D = c_d g_u

Primes: one step earlier.  In addition to the arrays of `forward`:

=========  ==================  ==================================================================
name       shape               meaning
=========  ==================  ==================================================================
gs         (B, 1|T, n)         dL/dS from above, or dL/dv of a layer that is read by its potential; with one step:
                               dL/d(sum_t by_t S[t])
by         (0|T)               weights of the steps in that sum
spikes     bool                which of the two
k, per     float, (n)          scale of the surrogate and its unit: x = (u - theta) per_width
cut, t_0   int                 no gradient crosses the steps cut, 2 cut, ...; 0: none is cut; index t is step t_0 + t
carry      (B|0, 2, n)         dL/d(v, f) after the last step; written: before the first.  Without rows: 0
gJ         (B, T + D | 0, n)   written up to T, where anything arrives; the steps after it are known
gD         (B, 1|T, n)         written
gc         (chunks, ROWS, n)   written: dL/d(coefficients), summed over the samples of a chunk
all_c      bool                whether all of `gc` is asked for, or the constant c_0 alone
=========  ==================  ==================================================================

Sums over samples have one order whatever the number of threads: `gc` by chunks of samples of a fixed size, weights by
target (`weigh`).
"""

from __future__ import annotations

import numpy as np

from ...jit import compiled, inlined, widely
from .forward import BLOCK, add_row, add_rows, collect, collect_own, put_row, rows_of, scratch
from .step import C_0, C_D, C_F, C_J, C_V, DECAY, R_0, ROWS, THETA, V_0, R
from .surrogate import ARCTAN, FAST_SIGMOID, GAUSSIAN, TRIANGLE, arctan, boxcar, fast_sigmoid, gaussian, triangle

__all__ = ["CHUNK", "hand_down", "retreat", "shift_delays", "weigh"]

#: Samples whose recurrent gradients are one matrix product, and whose parts of `gc` are one sum.
CHUNK = 16


# Rows of the scratch behind the coefficients (see `forward`): the unit of the surrogate; gradients of v+, of f, of S
# from the layer's own spikes; u and the gradient from above; gradients of u, J, D; the sum of that of c_0.
PER, GV, GF, MORE, U, ABOVE, SIGMA, GJ, GD, SUM = (ROWS + k for k in range(10))
WIDTH = (ROWS + 10) * BLOCK


@inlined
def surrogate_slopes(kind, k, x, n, one):
    """Row SIGMA = dS/du; 0 where u is -inf, the refractory time."""
    widely()
    if kind == FAST_SIGMOID:
        for i in range(n):
            per = x[PER * BLOCK + i]
            x[SIGMA * BLOCK + i] = fast_sigmoid(k * abs(x[U * BLOCK + i] - x[THETA * BLOCK + i]) * per, one) * per
    elif kind == ARCTAN:
        for i in range(n):
            per = x[PER * BLOCK + i]
            x[SIGMA * BLOCK + i] = arctan(k * abs(x[U * BLOCK + i] - x[THETA * BLOCK + i]) * per, one) * per
    elif kind == TRIANGLE:
        for i in range(n):
            per = x[PER * BLOCK + i]
            x[SIGMA * BLOCK + i] = triangle(k * abs(x[U * BLOCK + i] - x[THETA * BLOCK + i]) * per, one) * per
    elif kind == GAUSSIAN:
        for i in range(n):
            per = x[PER * BLOCK + i]
            x[SIGMA * BLOCK + i] = gaussian(k * abs(x[U * BLOCK + i] - x[THETA * BLOCK + i]) * per, one) * per
    else:
        for i in range(n):
            per = x[PER * BLOCK + i]
            x[SIGMA * BLOCK + i] = boxcar(k * abs(x[U * BLOCK + i] - x[THETA * BLOCK + i]) * per, one) * per


@inlined
def back_block(x, n, spikes, share_above, attached, zero, one, nothing):
    """One step back of n neurons: rows SIGMA (g_u) and GV are written, SUM is added to."""
    widely()
    if spikes and attached:
        for i in range(n):
            u, gp = x[U * BLOCK + i], x[GV * BLOCK + i]
            share, sigma = x[R * BLOCK + i], x[SIGMA * BLOCK + i]
            free = u != nothing
            y = u if free else zero
            above = share_above * x[ABOVE * BLOCK + i] + x[MORE * BLOCK + i]
            above += ((share - one) * y + x[R_0 * BLOCK + i]) * gp
            g = sigma * above + (share * gp if u >= x[THETA * BLOCK + i] else gp)
            g = g if free else zero
            before = x[C_V * BLOCK + i] * g
            x[SIGMA * BLOCK + i] = g
            x[GV * BLOCK + i] = before if free else gp
            x[SUM * BLOCK + i] += g
    elif spikes:
        for i in range(n):
            u, gp = x[U * BLOCK + i], x[GV * BLOCK + i]
            free = u != nothing
            above = share_above * x[ABOVE * BLOCK + i] + x[MORE * BLOCK + i]
            g = x[SIGMA * BLOCK + i] * above + (x[R * BLOCK + i] * gp if u >= x[THETA * BLOCK + i] else gp)
            g = g if free else zero
            before = x[C_V * BLOCK + i] * g
            x[SIGMA * BLOCK + i] = g
            x[GV * BLOCK + i] = before if free else gp
            x[SUM * BLOCK + i] += g
    else:
        for i in range(n):
            g = x[ABOVE * BLOCK + i] + x[GV * BLOCK + i]
            x[SIGMA * BLOCK + i] = g
            x[GV * BLOCK + i] = x[C_V * BLOCK + i] * g
            x[SUM * BLOCK + i] += g


@inlined
def by_current(x, n):
    """Row GD."""
    widely()
    for i in range(n):
        x[GD * BLOCK + i] = x[C_D * BLOCK + i] * x[SIGMA * BLOCK + i]


@inlined
def fade(x, n):
    """Row GJ, and GF one step earlier."""
    widely()
    for i in range(n):
        f, g = x[GF * BLOCK + i], x[SIGMA * BLOCK + i]
        x[GJ * BLOCK + i] = f + x[C_J * BLOCK + i] * g
        x[GF * BLOCK + i] = x[DECAY * BLOCK + i] * f + x[C_F * BLOCK + i] * g


@inlined
def from_recurrent(t, T, b0, m, wr, dr, same, gJ, block, out):
    """out[q] = sum_j w_ji g_J[b0 + q, t + d_ji, j]: what the spikes at t of m samples did to the neurons of the layer.

    Steps from T on do not count.  (gJ may have more steps than are gone through.)
    """
    n = wr.shape[0]
    if same > 0:
        due = t + same
        if due < T:
            for q in range(m):
                block[q, :] = gJ[b0 + q, due]
            np.dot(block[:m], wr.T, out[:m])
        else:
            out[:m] = 0.0
    else:
        each = dr.shape[1] > 1
        for q in range(m):
            for i in range(n):
                total = out.dtype.type(0.0)
                for j in range(n):
                    due = t + dr[i, j if each else 0]
                    if due < T:
                        total += wr[i, j] * gJ[b0 + q, due, j]
                out[q, i] = total


@inlined
def filter_again(J, b, begin, f, decay, s, wr, dr):
    """f[t] = the filter before step t, from the spikes that are known; J as in `run_sample`."""
    T, n = J.shape
    arriving, own = J.reshape(-1), wr.reshape(-1)
    for k in range(n):
        f[0, k] = begin[b, 1, k] if begin.shape[0] > 0 else 0.0
    for t in range(T):
        if wr.shape[0] > 0:
            collect_own(arriving, T, t, s.reshape(-1), own, dr, n)
        if t + 1 < T:
            for k in range(n):
                f[t + 1, k] = decay[k] * f[t, k] + J[t, k]


@compiled
def retreat(
    lo, hi, ptr, step, unit, amount, w, d, drive, c, t_ref, wr, dr, begin, same, u, s,
    gs, by, spikes, attached, kind, k, per_width, cut, t_0, carry, gJ, gD, gc, all_c,
):  # fmt: skip
    """Go back through samples [lo, hi); lo is a multiple of CHUNK."""
    widely()
    carried, window = carry.shape[0] > 0, gJ.shape[1]
    T, n = u.shape[1:]
    recurrent, is_summed = wr.shape[0] > 0, by.shape[0] > 0
    side = CHUNK if recurrent else 1
    stretch = 1 if recurrent else T  # as in `advance`
    kind_of = u.dtype.type
    nothing, zero, one = kind_of(-np.inf), kind_of(0.0), kind_of(1.0)
    blocks = (n + BLOCK - 1) // BLOCK
    x = scratch(side * blocks, WIDTH, u).reshape(side, blocks, WIDTH)
    for j in range(side):
        rows_of(c, t_ref, x[j])  # (row PER is where `forward` has the refractory time)
        for q in range(blocks):
            for i in range(min(BLOCK, n - q * BLOCK)):
                x[j, q, PER * BLOCK + i] = per_width[q * BLOCK + i]
    block, extra = np.empty((side, n), u.dtype), np.zeros((side, n), u.dtype)
    J = np.empty((T if all_c else 1, n), u.dtype)
    f = np.zeros((side, T if all_c else 1, n), u.dtype)
    last, arriving = gD.shape[1] - 1, gJ.shape[1] > 0
    us, above, mores = u.reshape(-1), gs.reshape(-1), extra.reshape(-1)
    sent, currents = gJ.reshape(-1), gD.reshape(-1)
    for b0 in range(lo, hi, side):
        m = min(side, hi - b0)
        G = gc[b0 // CHUNK]
        for j in range(m):
            x[j, :, GV * BLOCK : (GF + 1) * BLOCK] = zero
            x[j, :, SUM * BLOCK :] = zero
            if carried:
                for i in range(n):
                    x[j, i // BLOCK, GV * BLOCK + i % BLOCK] = carry[b0 + j, 0, i]
                    x[j, i // BLOCK, GF * BLOCK + i % BLOCK] = carry[b0 + j, 1, i]
            if all_c:
                collect(J, b0 + j, begin, ptr, step, unit, amount, w, d)
                filter_again(J, b0 + j, begin, f[j], c[DECAY], s[b0 + j], wr, dr)
        for top in range(T, 0, -stretch):
            if recurrent:
                end = window if cut == 0 else min(window, ((t_0 + top - 1) // cut + 1) * cut - t_0)
                from_recurrent(top - 1, end, b0, m, wr, dr, same, gJ, block, extra)
            for j in range(m):
                b = b0 + j
                for q in range(blocks):
                    first = q * BLOCK
                    size = min(BLOCK, n - first)
                    xq = x[j, q]
                    if recurrent:
                        put_row(xq, MORE * BLOCK, mores, j * n + first, size)
                    if is_summed:
                        put_row(xq, ABOVE * BLOCK, above, b * n + first, size)
                    for t in range(top - 1, top - 1 - stretch, -1):
                        row = (b * T + t) * n + first
                        put_row(xq, U * BLOCK, us, row, size)
                        if not is_summed:
                            put_row(xq, ABOVE * BLOCK, above, row, size)
                        share = by[t] if is_summed else one
                        if spikes:
                            surrogate_slopes(kind, k, xq, size, one)
                        if all_c:
                            of_reset(G, xq, first, size, share, spikes, attached, f[j, t], zero, one, nothing)
                        back_block(xq, size, spikes, share, attached, zero, one, nothing)
                        if last > 0:
                            by_current(xq, size)
                            put_row(currents, row, xq, GD * BLOCK, size)
                        if all_c:
                            D = drive[b, min(t, drive.shape[1] - 1)]
                            of_step(G, xq, first, size, t, b, begin, u[b], s[b], f[j, t], D, c, zero, nothing)
                        if arriving:
                            fade(xq, size)
                            put_row(sent, (b * window + t) * n + first, xq, GJ * BLOCK, size)
                        if cut > 0 and (t_0 + t) % cut == 0:
                            xq[GV * BLOCK : (GF + 1) * BLOCK] = zero
        for j in range(m):
            for q in range(blocks):
                first = q * BLOCK
                for i in range(min(BLOCK, n - first)):
                    G[C_0, first + i] += x[j, q, SUM * BLOCK + i]
                    if last == 0:
                        gD[b0 + j, 0, first + i] = x[j, q, C_D * BLOCK + i] * x[j, q, SUM * BLOCK + i]
            if carried:
                for i in range(n):
                    carry[b0 + j, 0, i] = x[j, i // BLOCK, GV * BLOCK + i % BLOCK]
                    carry[b0 + j, 1, i] = x[j, i // BLOCK, GF * BLOCK + i % BLOCK]


@inlined
def of_reset(G, x, first, n, share_above, spikes, attached, f, zero, one, nothing):
    """dL/d(theta, R, r, p), before the step back."""
    for i in range(n):
        u, gp = x[U * BLOCK + i], x[GV * BLOCK + i]
        free = u != nothing
        fired = one if u >= x[THETA * BLOCK + i] else zero
        y = u if free else zero
        above = share_above * x[ABOVE * BLOCK + i] + x[MORE * BLOCK + i]
        if attached:
            above += ((x[R * BLOCK + i] - one) * y + x[R_0 * BLOCK + i]) * gp
        if spikes and free:
            G[THETA, first + i] -= x[SIGMA * BLOCK + i] * above
        G[R, first + i] += fired * y * gp
        G[R_0, first + i] += fired * gp
        G[DECAY, first + i] += x[GF * BLOCK + i] * f[first + i]


@inlined
def of_step(G, x, first, n, t, b, begin, u, s, f, D, c, zero, nothing):
    """dL/d(c_v, c_f, c_d, v_0), after the step back."""
    for i in range(n):
        k = first + i
        before = c[V_0, k]
        if t > 0:
            y, fired = u[t - 1, k], s[t - 1, k]
            y = y if y != nothing else c[R_0, k]
            before = c[R, k] * y + c[R_0, k] if fired > zero else y
        elif begin.shape[0] > 0:
            before = begin[b, 0, k]
        else:
            G[V_0, k] += x[GV * BLOCK + i]
        g = x[SIGMA * BLOCK + i]
        G[C_V, k] += g * before
        G[C_F, k] += g * f[k]
        G[C_D, k] += g * D[k]


@inlined
def weigh_rows(found, first, n, sent, base, width, b, ptr, step, unit, amount, d, T, m):
    """dL/dw of sample b and m targets where each source has one delay; events of one source that follow each other at
    once.

    found[i n + first + j] is that of source i and target j; sent[base + t width + j] is g_J of step t < T.
    """
    at, hi = ptr[b], ptr[b + 1]
    while at < hi:
        i = unit[at]
        o, due = i * n + first, step[at] + d[i, 0]
        if at + 4 <= hi and unit[at + 1] == i and unit[at + 2] == i and unit[at + 3] == i:
            steps = due, step[at + 1] + d[i, 0], step[at + 2] + d[i, 0], step[at + 3] + d[i, 0]
            if max(steps[0], steps[1], steps[2], steps[3]) < T:
                a = amount[at], amount[at + 1], amount[at + 2], amount[at + 3]
                rows = (
                    base + steps[0] * width, base + steps[1] * width, base + steps[2] * width, base + steps[3] * width,
                )  # fmt: skip
                add_rows(found, o, a, rows, sent, m)
                at += 4
                continue
        if due < T:
            add_row(found, o, amount[at], sent, base + due * width, m)
        at += 1


@compiled
def weigh(first, last, B, ptr, step, unit, amount, w, d, gJ, gw, gd):
    """dL/dw and, where `gd` has entries, dL/dd of the targets [first, last), summed over samples in order.

    gw, gd (n_in, n) are zeroed by the caller.  A spike that arrives a step later moves L by w (g_J[t + 1] - g_J[t]);
    the two sides' mean is taken.
    """
    widely()
    T, n = gJ.shape[1:]
    sent, found = gJ.reshape(-1), gw.reshape(-1)
    each, learnt = d.shape[1] > 1, gd.shape[0] > 0
    zero = gJ.dtype.type(0.0)
    half = gJ.dtype.type(0.5)
    if not (each or learnt):
        for b in range(B):
            weigh_rows(found, first, n, sent, b * T * n + first, n, b, ptr, step, unit, amount, d, T, last - first)
        return
    for b in range(B):
        for e in range(ptr[b], ptr[b + 1]):
            i, at, a = unit[e], step[e], amount[e]
            for j in range(first, last):
                due = at + d[i, j if each else 0]
                if due < T:
                    gw[i, j] += a * gJ[b, due, j]
                if learnt and due <= T:
                    later = gJ[b, due + 1, j] if due + 1 < T else zero
                    gd[i, j] += a * w[i, j] * half * (later - gJ[b, due - 1, j])


@compiled
def hand_down(lo, hi, w, d, gJ, out):
    """out[b, t, i] = sum_j w_ij g_J[b, t + d_ij, j]: dL/dS of the layer below, any delays (out is written)."""
    T, n = gJ.shape[1:]
    each = d.shape[1] > 1
    for b in range(lo, hi):
        for t in range(out.shape[1]):
            for i in range(w.shape[0]):
                total = gJ.dtype.type(0.0)
                for j in range(n):
                    due = t + d[i, j if each else 0]
                    if due < T:
                        total += w[i, j] * gJ[b, due, j]
                out[b, t, i] = total


@compiled
def shift_delays(lo, hi, d, g, out):
    """out[b, t, i] = g[b, t + d_i, i], 0 beyond the end: the delays of axons."""
    T, n = g.shape[1:]
    for b in range(lo, hi):
        for t in range(out.shape[1]):
            for i in range(n):
                due = t + d[i, 0]
                out[b, t, i] = g[b, due, i] if due < T else 0.0
