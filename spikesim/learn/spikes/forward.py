"""A layer of spiking neurons through time, sample by sample: each sample's rows stay in the cache.

Index t of a tensor stands for the time (t + 1) dt; v_0 is the state at 0.  In one step, as the clock engine does it:

    v is advanced from v, f and the current (held while refractory);  f decays, then what arrives at t is added;
    v >= theta, where not refractory: a spike at t, v <- R v + r, refractory for t_ref steps

A spike of unit i at step s arrives at s + delay.

======  ==================  ===================================================================
name    shape               meaning
======  ==================  ===================================================================
ptr     int64 (B + 1)       events of sample b: ptr[b] ... ptr[b + 1] of `step`, `unit`, `amount`
w       (n_in, n)           weights, a row a source
d       int32 (n_in, 1|n)   delays in steps, of the axon or of each synapse
drive   (B, 1|T, n)         current, constant or one a step
c       (ROWS, n)           coefficients, see `step`
t_ref   int32 (n)           steps
wr, dr  (n, n), (n, 1|n)    the same of the recurrent synapses; wr of shape (0, n): none
u       (B, T, n)           written: v before the reset; -inf while refractory
s       (B, T, n)           written: 1 at a spike, else 0
J       (T, n)              scratch: what arrives
x       (2, n)              scratch: v and f
======  ==================  ===================================================================
"""

from __future__ import annotations

import numpy as np

from ...jit import compiled, inlined
from .step import C_0, C_D, C_F, C_J, C_V, DECAY, R_0, THETA, V_0, R

__all__ = ["advance", "run_sample", "spread"]


@inlined
def spread(J, at, amount, w, d):
    """Let one spike arrive: J[at + d] += amount w."""
    T, n = J.shape
    if d.size == n and n > 1:
        for k in range(n):
            due = at + d[k]
            if due < T:
                J[due, k] += amount * w[k]
    else:
        due = at + d[0]
        if due < T:
            row = J[due]
            for k in range(n):
                row[k] += amount * w[k]


@inlined
def collect(J, lo, hi, step, unit, amount, w, d):
    """Let all listed spikes of a sample arrive."""
    T, n = J.shape
    for t in range(T):
        for k in range(n):
            J[t, k] = 0.0
    for e in range(lo, hi):
        spread(J, step[e], amount[e], w[unit[e]], d[unit[e]])


@inlined
def run_sample(J, drive, c, t_ref, wr, dr, left, x, u, s):
    """Advance one sample through all its steps; J holds what arrives from outside, and takes the recurrent spikes."""
    T, n = J.shape
    c0, cv, cf, cd, cj = c[C_0], c[C_V], c[C_F], c[C_D], c[C_J]
    decay, theta, R_, r_0, v_0 = c[DECAY], c[THETA], c[R], c[R_0], c[V_0]
    v, f = x[0], x[1]
    last = drive.shape[0] - 1
    nothing = drive.dtype.type(-np.inf)
    one, zero = drive.dtype.type(1.0), drive.dtype.type(0.0)
    for k in range(n):
        v[k] = v_0[k]
        f[k] = 0.0
        left[k] = 0
    for t in range(T):
        D, Jt, ut, st = drive[min(t, last)], J[t], u[t], s[t]
        fired = 0
        for k in range(n):
            old, r, a = v[k], left[k], Jt[k]
            new = c0[k] + cv[k] * old + cf[k] * f[k] + cd[k] * D[k] + cj[k] * a
            f[k] = decay[k] * f[k] + a
            free = r == 0
            hit = free & (new >= theta[k])
            ut[k] = new if free else nothing
            now = new if free else old
            v[k] = R_[k] * now + r_0[k] if hit else now
            left[k] = t_ref[k] if hit else r - np.int32(r > 0)
            st[k] = one if hit else zero
            fired += hit
        if fired > 0 and wr.shape[0] > 0:
            for k in range(n):
                if st[k] > zero:
                    spread(J, t, one, wr[k], dr[k])


@compiled
def advance(lo, hi, ptr, step, unit, amount, w, d, drive, c, t_ref, wr, dr, u, s):
    """Run samples [lo, hi)."""
    T, n = u.shape[1:]
    J, x = np.empty((T, n), u.dtype), np.empty((2, n), u.dtype)
    left = np.empty(n, np.int32)
    for b in range(lo, hi):
        collect(J, ptr[b], ptr[b + 1], step, unit, amount, w, d)
        run_sample(J, drive[b], c, t_ref, wr, dr, left, x, u[b], s[b])
