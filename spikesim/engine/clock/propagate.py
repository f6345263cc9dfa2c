"""Advance linear models by their exact propagator.

With y the joint vector of model states and synaptic filters, one step of dt under constant input is

    y(t + dt) = P y(t) + c,        P = exp(A dt),    c = A^-1 (P - 1) b                    (Rotter and Diesmann 1999)

The compiler turns the non-zero entries of P into a list of operations on rows; a row is one variable of all neurons of
a part.  Rows are short runs over a block of neurons that stays in L1, so each operation is a vector loop, and any
linear model with any number of synapses runs without compiling anything new.

ops: int64 (n_ops, 6): operation, destination, source, source 2, coefficient, coefficient is a vector (0/1)
    sources and x destinations are offsets into x; destination of the SET/ADD operations is a row of the scratch
"""

from __future__ import annotations

import numpy as np

from ...jit import compiled, part_of

BLOCK = 512

SET, ADD, SCALE, MIX, SET2 = 0, 1, 2, 3, 4
TINY = 1e-250  # below: zero, or a decaying current would end in slow denormal numbers


@part_of
def faded(value, factor):
    """One step of a decaying row: factor value, flushed to 0 below 1e-250."""
    y = factor * value
    return y if abs(y) > TINY else 0.0


@compiled
def apply(ops, lo, hi, coef, x, tmp, k0, n):
    """Run operations [lo, hi) on neurons [k0, k0 + n) of a part.

    =====  ===================  ==============================================
    name   type                 meaning
    =====  ===================  ==============================================
    coef   float64 (n_coef,)    coefficients; a vector one has one value a neuron
    x      float64 (n_x,)       state; written by SCALE and MIX
    tmp    float64 (rows, BLOCK)  scratch; written by SET, SET2, ADD
    =====  ===================  ==============================================

    SET: tmp = c + c' x[a];  SET2: tmp = c + c' x[a] + c'' x[b];  ADD: tmp += c x[a];
    SCALE: x = c x, flushed to 0 below 1e-250;  MIX: x += c x[a]
    (coefficients c, c', c'' stand one after another; vector coefficients only in ADD, SCALE, MIX and as c of SET)
    """
    for o in range(lo, hi):
        kind = ops[o, 0]
        at = ops[o, 4]
        vector = ops[o, 5] != 0
        if kind == SET or kind == SET2:
            out = tmp[ops[o, 1], :n]
            a = x[ops[o, 2] + k0 : ops[o, 2] + k0 + n]
            if kind == SET:
                if vector:
                    c, f = coef[at + k0 : at + k0 + n], coef[at + ops[o, 3] + k0 : at + ops[o, 3] + k0 + n]
                    for k in range(n):
                        out[k] = c[k] + f[k] * a[k]
                else:
                    c0, c1 = coef[at], coef[at + 1]
                    for k in range(n):
                        out[k] = c0 + c1 * a[k]
            else:
                b = x[ops[o, 3] + k0 : ops[o, 3] + k0 + n]
                c0, c1, c2 = coef[at], coef[at + 1], coef[at + 2]
                for k in range(n):
                    out[k] = c0 + c1 * a[k] + c2 * b[k]
        elif kind == ADD:
            out = tmp[ops[o, 1], :n]
            a = x[ops[o, 2] + k0 : ops[o, 2] + k0 + n]
            if vector:
                f = coef[at + k0 : at + k0 + n]
                for k in range(n):
                    out[k] += f[k] * a[k]
            else:
                c0 = coef[at]
                for k in range(n):
                    out[k] += c0 * a[k]
        elif kind == SCALE:
            row = x[ops[o, 1] + k0 : ops[o, 1] + k0 + n]
            c0 = coef[at]
            for k in range(n):
                row[k] = faded(row[k], c0)
        else:
            row = x[ops[o, 1] + k0 : ops[o, 1] + k0 + n]
            a = x[ops[o, 2] + k0 : ops[o, 2] + k0 + n]
            c0 = coef[at]
            for k in range(n):
                row[k] += c0 * a[k]


@part_of
def drive(out, amount, vector, k0, n):
    """Add an external input to a scratch row: `amount` to all, or times one value a neuron if `vector` has entries."""
    if vector.size == 0:
        for k in range(n):
            out[k] += amount
    else:
        v = vector[k0 : k0 + n]
        for k in range(n):
            out[k] += amount * v[k]


@part_of
def take(row, new, refractory, n):
    """row = new where the neuron is not refractory."""
    for k in range(n):
        a, b = new[k], row[k]  # both read before the choice, or it would stay a branch
        row[k] = a if refractory[k] == 0 else b


@part_of
def choose(row, new, held, refractory, n):
    """row = new, or `held` where the neuron is refractory: a state that goes on while v is clamped."""
    for k in range(n):
        a, b = new[k], held[k]
        row[k] = a if refractory[k] == 0 else b


@part_of
def copy(row, new, n):
    """row = new."""
    for k in range(n):
        row[k] = new[k]


@part_of
def kick(row, delta, refractory, keep, n):
    """Let jumps arrive: row += delta unless refractory; then they are dropped, or kept for later (`keep`: the factor a
    step by which a kept jump decays; < 0: dropped)."""
    if keep < 0.0:
        for k in range(n):
            d = delta[k]
            row[k] += d if refractory[k] == 0 else 0.0
            delta[k] = 0.0
    else:
        for k in range(n):
            free = refractory[k] == 0
            d = delta[k]
            row[k] += d if free else 0.0
            delta[k] = 0.0 if free else keep * d


@part_of
def fire(v, threshold, vector, refractory, flags, k0, n):
    """flags = 1 where v reached its threshold and the neuron is free; count refractory steps down.

    The common margin v - V_th; `threshold` a number in entry 0, or one a neuron (`vector`).
    """
    if vector:
        th = threshold[k0 : k0 + n]
        for k in range(n):
            flags[k] = np.uint8((v[k] >= th[k]) & (refractory[k] == 0))
    else:
        t = threshold[0]
        for k in range(n):
            flags[k] = np.uint8((v[k] >= t) & (refractory[k] == 0))
    for k in range(n):
        left = refractory[k]
        refractory[k] = left - np.int32(left > 0)
