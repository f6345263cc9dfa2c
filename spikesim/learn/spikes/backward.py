"""The same layer backward through time (BPTT) with a surrogate derivative of the spike; g_x is dL/dx.

    g_S  = what comes from above + sum_j w_ji g_J[j, t + d_ji]   (+ ((R - 1) u + r) g_v+ where the reset is attached)
    g_u  = sigma'(u) g_S + (1 - S + S R) g_v+                     (g_v+ alone while refractory: v is held)
    g_f' = p g_f + c_f g_u,    g_v+' = c_v g_u,    g_J = g_f + c_j g_u,    g_D = c_d g_u

Primes: one step earlier.  In addition to the arrays of `forward`:

=========  ==================  ==================================================================
name       shape               meaning
=========  ==================  ==================================================================
gs         (B, T, n)           dL/dS from above, or dL/dv of a layer that is read by its potential
spikes     bool                which of the two
k, per     float, (n)          scale of the surrogate and its unit: x = (u - theta) per_width
cut        int                 no gradient crosses the steps cut, 2 cut, ...; 0: none is cut
gJ         (B, T, n)           written
gD         (B, 1|T, n)         written (zeroed by the caller)
gc         (chunks, ROWS, n)   written: dL/d(coefficients), summed over the samples of a chunk
all_c      bool                whether all of `gc` is asked for, or the constant c_0 alone
=========  ==================  ==================================================================

Sums over samples have one order whatever the number of threads: `gc` by chunks of samples of a fixed size, weights by
target (`weigh`).
"""

from __future__ import annotations

import numpy as np

from ...jit import compiled, inlined
from .forward import collect, spread
from .step import C_0, C_D, C_F, C_J, C_V, DECAY, R_0, THETA, V_0, R
from .surrogate import ARCTAN, FAST_SIGMOID, GAUSSIAN, TRIANGLE, arctan, boxcar, fast_sigmoid, gaussian, triangle

__all__ = ["CHUNK", "hand_down", "retreat", "shift_delays", "weigh"]

#: Samples whose recurrent gradients are one matrix product, and whose parts of `gc` are one sum.
CHUNK = 16


@inlined
def surrogate_slopes(kind, k, per_width, theta, u, out):
    """out = dS/du; 0 where u is -inf, the refractory time."""
    n = u.size
    if kind == FAST_SIGMOID:
        for i in range(n):
            out[i] = fast_sigmoid(k * abs(u[i] - theta[i]) * per_width[i]) * per_width[i]
    elif kind == ARCTAN:
        for i in range(n):
            out[i] = arctan(k * abs(u[i] - theta[i]) * per_width[i]) * per_width[i]
    elif kind == TRIANGLE:
        for i in range(n):
            out[i] = triangle(k * abs(u[i] - theta[i]) * per_width[i]) * per_width[i]
    elif kind == GAUSSIAN:
        for i in range(n):
            out[i] = gaussian(k * abs(u[i] - theta[i]) * per_width[i]) * per_width[i]
    else:
        for i in range(n):
            out[i] = boxcar(k * abs(u[i] - theta[i]) * per_width[i]) * per_width[i]


@inlined
def from_recurrent(t, T, b0, m, wr, dr, same, gJ, block, out):
    """out[q] = sum_j w_ji g_J[b0 + q, t + d_ji, j]: what the spikes at t of m samples did to the neurons of the layer.

    Steps from T on do not count.
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
def filter_again(J, f, decay, s, wr, dr):
    """f[t] = the filter before step t, from the spikes that are known; J as in `run_sample`."""
    T, n = J.shape
    one = J.dtype.type(1.0)
    for k in range(n):
        f[0, k] = 0.0
    for t in range(T):
        if wr.shape[0] > 0:
            for k in range(n):
                if s[t, k] > 0.0:
                    spread(J, t, one, wr[k], dr[k])
        if t + 1 < T:
            for k in range(n):
                f[t + 1, k] = decay[k] * f[t, k] + J[t, k]


@compiled
def retreat(
    lo, hi, ptr, step, unit, amount, w, d, drive, c, wr, dr, same, u, s,
    gs, spikes, attached, kind, k, per_width, cut, gJ, gD, gc, all_c,
):  # fmt: skip
    """Go back through samples [lo, hi); lo is a multiple of CHUNK."""
    T, n = u.shape[1:]
    recurrent = wr.shape[0] > 0
    side = CHUNK if recurrent else 1
    kind_of = u.dtype.type
    nothing, zero, one = kind_of(-np.inf), kind_of(0.0), kind_of(1.0)
    cv, cf, cd, cj = c[C_V], c[C_F], c[C_D], c[C_J]
    decay, theta, R_, r_0, v_0 = c[DECAY], c[THETA], c[R], c[R_0], c[V_0]
    gv, gf = np.empty((side, n), u.dtype), np.empty((side, n), u.dtype)
    block, extra = np.empty((side, n), u.dtype), np.zeros((side, n), u.dtype)
    sigma = np.empty(n, u.dtype)
    J = np.empty((T if all_c else 1, n), u.dtype)
    f = np.zeros((side, T if all_c else 1, n), u.dtype)
    last = gD.shape[1] - 1
    for b0 in range(lo, hi, side):
        m = min(side, hi - b0)
        gv[:m] = zero
        gf[:m] = zero
        G = gc[b0 // CHUNK]
        if all_c:
            for q in range(m):
                collect(J, ptr[b0 + q], ptr[b0 + q + 1], step, unit, amount, w, d)
                filter_again(J, f[q], decay, s[b0 + q], wr, dr)
        for t in range(T - 1, -1, -1):
            if recurrent:
                end = T if cut == 0 else min(T, (t // cut + 1) * cut)
                from_recurrent(t, end, b0, m, wr, dr, same, gJ, block, extra)
            for q in range(m):
                ut, st, gst, gJt = u[b0 + q, t], s[b0 + q, t], gs[b0 + q, t], gJ[b0 + q, t]
                gDt, hv, hf, more = gD[b0 + q, min(t, last)], gv[q], gf[q], extra[q]
                if spikes:
                    surrogate_slopes(kind, k, per_width, theta, ut, sigma)
                    for i in range(n):
                        x, fired, gp = ut[i], st[i], hv[i]
                        free = x != nothing
                        above = gst[i] + more[i]
                        y = x if free else zero
                        above += ((R_[i] - one) * y + r_0[i]) * gp if attached else zero
                        g = sigma[i] * above + (one - fired + fired * R_[i]) * gp
                        g = g if free else zero
                        if all_c:
                            G[THETA, i] -= sigma[i] * above if free else zero
                            G[R, i] += fired * y * gp
                            G[R_0, i] += fired * gp
                        gJt[i] = hf[i] + cj[i] * g
                        gDt[i] += cd[i] * g
                        G[C_0, i] += g
                        sigma[i] = g
                        hv[i] = cv[i] * g if free else gp
                else:
                    for i in range(n):
                        g = gst[i] + hv[i]
                        gJt[i] = hf[i] + cj[i] * g
                        gDt[i] += cd[i] * g
                        G[C_0, i] += g
                        sigma[i] = g
                        hv[i] = cv[i] * g
                if all_c:
                    D = drive[b0 + q, min(t, drive.shape[1] - 1)]
                    for i in range(n):
                        before = v_0[i]
                        if t > 0:
                            x, fired = u[b0 + q, t - 1, i], s[b0 + q, t - 1, i]
                            x = x if x != nothing else r_0[i]
                            before = R_[i] * x + r_0[i] if fired > zero else x
                        G[C_V, i] += sigma[i] * before
                        G[C_F, i] += sigma[i] * f[q, t, i]
                        G[C_D, i] += sigma[i] * D[i]
                        G[DECAY, i] += hf[i] * f[q, t, i]
                        if t == 0:
                            G[V_0, i] += hv[i]
                if cut > 0 and t % cut == 0:
                    for i in range(n):
                        hv[i] = zero
                        hf[i] = zero
                else:
                    for i in range(n):
                        hf[i] = decay[i] * hf[i] + cf[i] * sigma[i]


@compiled
def weigh(first, last, B, ptr, step, unit, amount, w, d, gJ, gw, gd):
    """dL/dw and, where `gd` has entries, dL/dd of the targets [first, last), summed over samples in order.

    gw, gd (n_in, n) are zeroed by the caller.  A spike that arrives a step later moves L by w (g_J[t + 1] - g_J[t]);
    the two sides' mean is taken.
    """
    T = gJ.shape[1]
    each, learnt = d.shape[1] > 1, gd.shape[0] > 0
    zero = gJ.dtype.type(0.0)
    half = gJ.dtype.type(0.5)
    for b in range(B):
        g = gJ[b]
        for e in range(ptr[b], ptr[b + 1]):
            i, at, a = unit[e], step[e], amount[e]
            row, delays = gw[i], d[i]
            if each or learnt:
                for j in range(first, last):
                    due = at + delays[j if each else 0]
                    if due < T:
                        row[j] += a * g[due, j]
                    if learnt and due <= T:
                        later = g[due + 1, j] if due + 1 < T else zero
                        gd[i, j] += a * w[i, j] * half * (later - g[due - 1, j])
            elif at + delays[0] < T:
                source = g[at + delays[0]]
                for j in range(first, last):
                    row[j] += a * source[j]


@compiled
def hand_down(lo, hi, w, d, gJ, out):
    """out[b, t, i] = sum_j w_ij g_J[b, t + d_ij, j]: dL/dS of the layer below, any delays (out is written)."""
    T, n = gJ.shape[1:]
    each = d.shape[1] > 1
    for b in range(lo, hi):
        for t in range(T):
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
        for t in range(T):
            for i in range(n):
                due = t + d[i, 0]
                out[b, t, i] = g[b, due, i] if due < T else 0.0
