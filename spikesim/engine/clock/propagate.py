"""Advance linear models by their exact propagator.

With y the joint vector of model states and synaptic filters, one step of dt under constant input is

    y(t + dt) = P y(t) + c,        P = exp(A dt),    c = A^-1 (P - 1) b                    (Rotter and Diesmann 1999)

The compiler turns the non-zero entries of P into a list of operations on rows; a row is one variable of all neurons of
a part.  Rows are short runs over a block of neurons that stays in L1, so each operation is a vector loop, and any
linear model with any number of synapses runs without compiling anything new.

What takes the address of a worker (`w_at`) is no kernel yet: `entries` makes C functions of it.
"""

from __future__ import annotations

import numpy as np

from ...jit import call_kernel, compiled, part_of, view, view2
from ...jit.records import bytes8, floats, shorts, struct, table
from ..equations import ROW as BLOCK
from .disturb import disturb
from .drives import drive
from .poisson import add_ahead
from .records import ENDLESS, OP, PART, WORKER
from .refractory import choose, flush, flushed, jumps, take
from .threshold import collect, fire

SET, ADD, SCALE, MIX, SET2, STORE = 0, 1, 2, 3, 4, 5


@part_of
def faded(value, factor):
    """One step of a decaying row: factor value, flushed to 0 below 1e-250."""
    return flushed(factor * value)


@compiled
def apply(op, lo, hi, coef, x, tmp, k0, n):
    """Run operations [lo, hi) on neurons [k0, k0 + n) of a part.

    =====  ===================  ==============================================
    name   type                 meaning
    =====  ===================  ==============================================
    op     OP (n_ops,)          sources and x destinations are offsets into x;
                                of SET, SET2, ADD a row of `tmp`
    coef   float64 (n_coef,)    coefficients; a vector one has one value a neuron
    x      float64 (n_x,)       state; written by SCALE, MIX and STORE
    tmp    float64 (rows, BLOCK)  scratch; written by SET, SET2, ADD
    =====  ===================  ==============================================

    SET: tmp = c + c' x[a];  SET2: tmp = c + c' x[a] + c'' x[b];  ADD: tmp += c x[a];
    SCALE: x = c x;  MIX: x += c x[a];  STORE: x = c tmp[a];  SCALE and STORE flush to 0 below 1e-250
    (coefficients c, c', c'' stand one after another; vector coefficients only in ADD and as c of SET)
    """
    for o in range(lo, hi):
        kind, to, at, own = op[o].kind, op[o].out, op[o].at, op[o].own != 0
        from_a, from_b = op[o].a, op[o].b
        if kind == SET or kind == SET2:
            out = tmp[to, :n]
            a = x[from_a + k0 : from_a + k0 + n]
            if kind == SET:
                if own:
                    c, f = coef[at + k0 : at + k0 + n], coef[at + from_b + k0 : at + from_b + k0 + n]
                    for k in range(n):
                        out[k] = c[k] + f[k] * a[k]
                else:
                    c0, c1 = coef[at], coef[at + 1]
                    for k in range(n):
                        out[k] = c0 + c1 * a[k]
            else:
                b = x[from_b + k0 : from_b + k0 + n]
                c0, c1, c2 = coef[at], coef[at + 1], coef[at + 2]
                for k in range(n):
                    out[k] = c0 + c1 * a[k] + c2 * b[k]
        elif kind == ADD:
            out = tmp[to, :n]
            a = x[from_a + k0 : from_a + k0 + n]
            if own:
                f = coef[at + k0 : at + k0 + n]
                for k in range(n):
                    out[k] += f[k] * a[k]
            else:
                c0 = coef[at]
                for k in range(n):
                    out[k] += c0 * a[k]
        elif kind == SCALE:
            row = x[to + k0 : to + k0 + n]
            c0 = coef[at]
            for k in range(n):
                row[k] = faded(row[k], c0)
        elif kind == STORE:
            row = x[to + k0 : to + k0 + n]
            a = tmp[from_a, :n]
            c0 = coef[at]
            for k in range(n):
                row[k] = faded(a[k], c0)
        else:
            row = x[to + k0 : to + k0 + n]
            a = x[from_a + k0 : from_a + k0 + n]
            c0 = coef[at]
            for k in range(n):
                row[k] += c0 * a[k]


@part_of
def copy(row, new, n):
    """row = new."""
    for k in range(n):
        row[k] = new[k]


def apply_block(w_at, lo, hi, k0, n):
    """Run operations [lo, hi) on neurons [k0, k0 + n) of a part (see `apply`)."""
    w = struct(w_at, WORKER)
    scratch = view2(w.scratch.at, w.scratch.n // BLOCK, BLOCK, np.float64)
    apply(table(w.op, OP), lo, hi, floats(w.coef), floats(w.x), scratch, k0, n)
    return 0


def advance_linear(w_at, p, now, at, dt, out_at, count):
    """Advance a LINEAR part by one step; return the number of spikes in `out`."""
    w, out = struct(w_at, WORKER), view(out_at, ENDLESS, np.int64)
    part, apply = table(w.part, PART)[p], w.do_apply
    x, coef, fired = floats(w.x), floats(w.coef), bytes8(w.fired)
    scratch = view2(w.scratch.at, w.scratch.n // BLOCK, BLOCK, np.float64)
    size, states, state, clamped, held = part.n, part.states, part.state, part.clamped, part.held
    left = shorts(w.refractory)[part.refractory : part.refractory + size]
    for k0 in range(0, size, BLOCK):
        n = min(BLOCK, size - k0)
        refractory = left[k0 : k0 + n]
        call_kernel(apply, (w_at, part.update_lo, part.update_hi, k0, n))
        if part.driven:
            drive(w, p, size, scratch, k0, n, at)
        if part.draw_lo < part.draw_hi:
            disturb(w, part.draw_lo, part.draw_hi, scratch, k0, n, now)
        for r in range(states):
            row = x[state + r * size + k0 : state + r * size + k0 + n]
            if r != part.v:
                flush(scratch[r, :n], n)
            if clamped >> r & 1:
                take(row, scratch[r, :n], refractory, n)
            elif held:
                if r != part.v:
                    flush(scratch[states + r, :n], n)
                choose(row, scratch[r, :n], scratch[states + r, :n], refractory, n)
            else:
                copy(row, scratch[r, :n], n)
        call_kernel(apply, (w_at, part.filter_lo, part.filter_hi, k0, n))
        v = x[state + part.v * size + k0 : state + part.v * size + k0 + n]
        jumps(x, coef, part, v, k0, n, refractory, 0)
        if part.margin_hi > part.margin_lo:
            call_kernel(apply, (w_at, part.margin_lo, part.margin_hi, k0, n))
            v = scratch[0, :n]
        fire(v, coef[part.threshold :], part.own_threshold != 0, refractory, fired, k0, n)
        count = collect(w, part, k0, n, True, out, count)
        add_ahead(w, w_at, part, k0, n, now + 1)
    return count
