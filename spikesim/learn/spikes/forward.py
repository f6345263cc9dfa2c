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
begin   (B|0, 3 + D, n)     state before the first step: v, f, steps of refractoriness that are left, and what
                            arrives in the next D steps; without rows: the state at 0
end     (B|0, 3 + D, n)     written: the same after the last step
by      (0|T)               weights of the steps in `felt`
u       (B, T, n)           written: v before the reset; -inf while refractory
s       (0|B, T, n)         written: 1 at a spike, else 0; without rows: nobody asks
felt    (0|B, n)            written: sum_t by_t s[b, t], where `by` has entries
J       (T + D, n)          scratch: what arrives
x       (blocks, WIDTH)     scratch: the rows of BLOCK neurons at a constant distance, so that the loop over
                            neurons is known not to overlap itself, and is made of vector instructions
======  ==================  ===================================================================
"""

from __future__ import annotations

import numpy as np

from ...jit import compiled, inlined, widely
from .buffers import LINE
from .step import ROWS, THETA, V_0

__all__ = [
    "BLOCK",
    "PENDING",
    "WIDTH",
    "add_row",
    "add_rows",
    "advance",
    "collect",
    "collect_own",
    "put_row",
    "rows_of",
    "scratch",
]

BLOCK = 256

# Rows of the scratch: the coefficients of `step` (C_0 ... V_0), then
T_REF, V, F, LEFT, D, J_IN, U, S, FELT = (ROWS + k for k in range(9))
WIDTH = (ROWS + 9) * BLOCK

PENDING = 3  #: rows of a state before those of what is to arrive


@inlined
def scratch(rows, width, like):
    """A table of zeros of the dtype of `like` that begins at a cache line: a vector across two costs twice."""
    size = rows * width
    memory = np.zeros(size + LINE // like.itemsize, like.dtype)
    first = (-memory.ctypes.data % LINE) // like.itemsize
    return memory[first : first + size].reshape(rows, width)


@inlined
def rows_of(c, t_ref, x):
    """Lay out the coefficients (ROWS, n) and refractory times block by block."""
    n = c.shape[1]
    for q in range(x.shape[0]):
        first = q * BLOCK
        m = min(BLOCK, n - first)
        for r in range(ROWS):
            for k in range(m):
                x[q, r * BLOCK + k] = c[r, first + k]
        for k in range(m):
            x[q, T_REF * BLOCK + k] = t_ref[first + k]


@inlined
def add_row(out, o, amount, row, r, n):
    """out[o + k] += amount row[r + k] for k < n, of two arrays of one axis.

    (Places without a sign from the start of a whole array are what the compiler makes vector instructions of; a slice
    costs more than ten entries.)
    """
    widely()
    o, r = np.uint64(o), np.uint64(r)
    for k in range(np.uint64(n)):
        out[o + k] += amount * row[r + k]


@inlined
def add_rows(out, o, a, r, row, n):
    """As `add_row` with four amounts and rows, one after the other: the same bits, and `out` is gone through once."""
    widely()
    a_0, a_1, a_2, a_3 = a
    r_0, r_1, r_2, r_3 = np.uint64(r[0]), np.uint64(r[1]), np.uint64(r[2]), np.uint64(r[3])
    o = np.uint64(o)
    for k in range(np.uint64(n)):
        total = out[o + k] + a_0 * row[r_0 + k]
        total += a_1 * row[r_1 + k]
        total += a_2 * row[r_2 + k]
        out[o + k] = total + a_3 * row[r_3 + k]


@inlined
def put_row(out, o, row, r, n):
    """out[o + k] = row[r + k] for k < n, of two arrays of one axis."""
    widely()
    o, r = np.uint64(o), np.uint64(r)
    for k in range(np.uint64(n)):
        out[o + k] = row[r + k]


@inlined
def spread(J, T, at, amount, w, d, i, n):
    """Let one spike of source i arrive at the delay of its axon: J[at + d] += amount w; J of T n entries, w of n each.

    (Not one function with the next: with both loops in it the compiler makes no vector instructions of this one.)
    """
    due = at + d[i, 0]
    if due < T:
        add_row(J, due * n, amount, w, i * n, n)


@inlined
def spread_each(J, T, at, amount, w, d, i, n):
    """Let one spike of source i arrive at the delay of each synapse."""
    for k in range(n):
        due = at + d[i, k]
        if due < T:
            J[due * n + k] += amount * w[i * n + k]


@inlined
def collect(J, b, begin, ptr, step, unit, amount, w, d):
    """Let all listed spikes of sample b arrive, beside what was on its way; those that follow each other at once.

    (Listing them by arrival first costs more: a source's row leaves the first cache between its spikes.)
    """
    T, n = J.shape
    arriving, weights = J.reshape(-1), w.reshape(-1)
    lo, hi = ptr[b], ptr[b + 1]
    for k in range(T * n):
        arriving[k] = 0.0
    if begin.shape[0] > 0:
        for t in range(min(T, begin.shape[1] - PENDING)):
            for k in range(n):
                J[t, k] = begin[b, PENDING + t, k]
    if d.shape[1] > 1:
        for e in range(lo, hi):
            spread_each(arriving, T, step[e], amount[e], weights, d, unit[e], n)
        return
    while lo < hi:
        due = step[lo] + d[unit[lo], 0]
        if due >= T:
            lo += 1
        elif lo + 4 <= hi and due == step[lo + 3] + d[unit[lo + 3], 0] and arrives_at(due, lo, step, unit, d):
            a = amount[lo], amount[lo + 1], amount[lo + 2], amount[lo + 3]
            rows = unit[lo] * n, unit[lo + 1] * n, unit[lo + 2] * n, unit[lo + 3] * n
            add_rows(arriving, due * n, a, rows, weights, n)
            lo += 4
        else:
            add_row(arriving, due * n, amount[lo], weights, unit[lo] * n, n)
            lo += 1


@inlined
def arrives_at(due, e, step, unit, d):
    """Whether the two events after e arrive at a step."""
    return step[e + 1] + d[unit[e + 1], 0] == due and step[e + 2] + d[unit[e + 2], 0] == due


@inlined
def collect_own(J, T, t, s, w, d, n):
    """Let the layer's own spikes of step t arrive; s, J and w in one axis."""
    one = J.dtype.type(1.0)
    if d.shape[1] > 1:
        for k in range(n):
            if s[t * n + k] > 0.0:
                spread_each(J, T, t, one, w, d, k, n)
    else:
        for k in range(n):
            if s[t * n + k] > 0.0:
                spread(J, T, t, one, w, d, k, n)


@inlined
def settled(x, k, new, zero, one, nothing):
    """Neuron k has come to v = new: a spike, reset, refractoriness."""
    old, left = x[V * BLOCK + k], x[LEFT * BLOCK + k]
    free = left == zero
    hit = free & (new >= x[THETA * BLOCK + k])
    now = new if free else old
    reset = x[7 * BLOCK + k] * now + x[8 * BLOCK + k]
    less = left - one
    less = less if less > zero else zero
    x[U * BLOCK + k] = new if free else nothing
    x[S * BLOCK + k] = one if hit else zero
    x[V * BLOCK + k] = reset if hit else now
    x[LEFT * BLOCK + k] = x[T_REF * BLOCK + k] if hit else less


@inlined
def step_block(x, n, arrives, zero, one, nothing):
    """One step of n neurons of a block; rows as above.  Where nothing ever arrives the filter is 0."""
    widely()
    if arrives:
        for k in range(n):
            f, a = x[F * BLOCK + k], x[J_IN * BLOCK + k]
            new = x[k] + x[BLOCK + k] * x[V * BLOCK + k] + x[2 * BLOCK + k] * f + x[3 * BLOCK + k] * x[D * BLOCK + k]
            new += x[4 * BLOCK + k] * a
            x[F * BLOCK + k] = x[5 * BLOCK + k] * f + a
            settled(x, k, new, zero, one, nothing)
    else:
        for k in range(n):
            new = x[k] + x[BLOCK + k] * x[V * BLOCK + k] + x[3 * BLOCK + k] * x[D * BLOCK + k]
            settled(x, k, new, zero, one, nothing)


@inlined
def add_within(x, a, n):
    """Row FELT += a S."""
    widely()
    for k in range(n):
        x[FELT * BLOCK + k] += a * x[S * BLOCK + k]


@compiled
def advance(lo, hi, ptr, step, unit, amount, w, d, drive, c, t_ref, wr, dr, begin, end, by, u, s, felt):
    """Run samples [lo, hi)."""
    widely()
    T, n = u.shape[1:]
    goes_on, is_kept, is_summed, is_listed = begin.shape[0] > 0, end.shape[0] > 0, felt.shape[0] > 0, s.shape[0] > 0
    window = T + (end.shape[1] - PENDING if is_kept else 0)
    kind = u.dtype.type
    zero, one, nothing = kind(0.0), kind(1.0), kind(-np.inf)
    recurrent = wr.shape[0] > 0
    arrives = w.shape[0] > 0 or recurrent or goes_on
    J = scratch(window if arrives else 0, n, u)
    blocks = (n + BLOCK - 1) // BLOCK
    x = scratch(blocks, WIDTH, u)
    rows_of(c, t_ref, x)
    last = drive.shape[1] - 1
    arriving, own, currents, us, ss = J.reshape(-1), wr.reshape(-1), drive.reshape(-1), u.reshape(-1), s.reshape(-1)
    stretch = 1 if recurrent else T  # all steps of a block of neurons at once, but where spikes come back
    for b in range(lo, hi):
        if arrives:
            collect(J, b, begin, ptr, step, unit, amount, w, d)
        for q in range(blocks):
            for k in range(BLOCK):
                x[q, V * BLOCK + k] = x[q, V_0 * BLOCK + k]
                x[q, F * BLOCK + k] = zero
                x[q, LEFT * BLOCK + k] = zero
                x[q, FELT * BLOCK + k] = zero
        if goes_on:
            for r in range(PENDING):
                for k in range(n):
                    x[k // BLOCK, (V + r) * BLOCK + k % BLOCK] = begin[b, r, k]
        for at in range(0, T, stretch):
            for q in range(blocks):
                first = q * BLOCK
                m = min(BLOCK, n - first)
                xq = x[q]
                for t in range(at, at + stretch):
                    row = (b * T + t) * n + first
                    if arrives:
                        put_row(xq, J_IN * BLOCK, arriving, t * n + first, m)
                    if t == at or last > 0:
                        put_row(xq, D * BLOCK, currents, (b * (last + 1) + min(t, last)) * n + first, m)
                    step_block(xq, m, arrives, zero, one, nothing)
                    put_row(us, row, xq, U * BLOCK, m)
                    if is_listed:
                        put_row(ss, row, xq, S * BLOCK, m)
                    if is_summed:
                        add_within(xq, by[t], m)
            if recurrent:
                collect_own(arriving, window, at, ss[b * T * n : (b + 1) * T * n], own, dr, n)
        if is_summed:
            for k in range(n):
                felt[b, k] = x[k // BLOCK, FELT * BLOCK + k % BLOCK]
        if is_kept:
            for r in range(PENDING):
                for k in range(n):
                    end[b, r, k] = x[k // BLOCK, (V + r) * BLOCK + k % BLOCK]
            for r in range(window - T):
                for k in range(n):
                    end[b, PENDING + r, k] = J[T + r, k] if arrives else zero
