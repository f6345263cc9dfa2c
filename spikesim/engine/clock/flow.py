"""Advance nonlinear models by their `flow`: one C function a model, built around its equations.

A kernel works on one block: it copies the rows into a scratch of constant stride, steps, tests the threshold, and
copies back.  It steps whole vectors of neurons, the last ones filled up with nobody: a rest that is stepped one by one
would be other machine code, rounded otherwise, and a neuron's bits would depend on who stands beside it.
"""

from __future__ import annotations

import math

import numpy as np
from numba.extending import overload

from ...jit import INLINE, JIT, call_kernel, kernel_address, view, view2, widely
from ...jit.records import floats, shorts, struct, table
from ..equations import (
    BLOCK,
    ROW,
    bind,
    clamp,
    load,
    registered,
    reset_of,
    scalars,
    select,
    stepped,
    store,
)  # fmt: skip
from ..outside import diffused, extra_rows, felt, fires
from .disturb import disturb
from .drives import drive
from .records import ENDLESS, GENERAL, PART, WORKER
from .refractory import jumps
from .threshold import collect

__all__ = ["BLOCK", "LANES", "advance_flow", "build"]

EXTRA = 3  # the first row of what comes from outside, behind current, conductance and jumps
LANES = 32 if JIT else 1  # neurons stepped together: no vector of any machine is longer
SIGNATURE = "int64(int64,int64,int64,int64,int64,int64,int64,int64,int64,int64,int64,int64,float64,float64)"


def go_before(stage, key, shared, scratch, begun, current, conductance, extra, n, dt, t):
    """Take the stages of a flow that come before the last, from the states behind `begun` to those of the scratch.

    A loop each: a processor looks some hundred instructions ahead, and in a long loop these wait for each other.
    """
    for k in range(n):
        p = bind(key, shared, scratch, k)
        u = felt(key, current[k], conductance[k], extra, k, t)
        store(key, scratch, k, stepped(stage, load(key, scratch, begun + k), u, p, dt))
    if registered[stage].following:
        go_before(registered[stage].following, key, shared, scratch, 0, current, conductance, extra, n, dt, t)


@overload(go_before, prefer_literal=True, jit_options=INLINE)
def _go_before_overload(stage, key, shared, scratch, begun, current, conductance, extra, n, dt, t):
    following = registered[stage.literal_value].following

    def gone(stage, key, shared, scratch, begun, current, conductance, extra, n, dt, t):
        widely()
        for k in range(n):
            p = bind(key, shared, scratch, k)
            u = felt(key, current[k], conductance[k], extra, k, t)
            store(key, scratch, k, stepped(stage, load(key, scratch, begun + k), u, p, dt))
        if following:
            go_before(following, key, shared, scratch, 0, current, conductance, extra, n, dt, t)

    return gone


def build(key: str, resets: bool = True) -> int:
    """Compile the kernel of a registered model; return its address.  Not `resets`: that is left to another (`kept`).

    Arguments of the kernel (addresses of float64 unless told): x of the first state row at the block, its stride (rows
    apart), shared parameters, vector parameters (rows of the same stride), current, conductance, jumps, refractory
    (int32), fired (uint8, written), scratch (rows + 1, BLOCK), what comes from outside (rows of ROW, see `equations`),
    neurons in the block, dt, time.
    """
    e = registered[key]
    n_states, n_vector, n_parameters = e.states, sum(e.vector), len(e.vector)
    n_extra, first = extra_rows(key)[2], e.first
    begun = (n_states + n_vector) * BLOCK if first else 0  # where the states stand of before the first stage
    size = begun + (n_states if first else n_states + n_vector) * BLOCK

    def advance(
        x_at,
        stride,
        shared_at,
        vector_at,
        current_at,
        conductance_at,
        delta_at,
        refractory_at,
        fired_at,
        scratch_at,
        extra_at,
        n,
        dt,
        t,
    ):
        widely()
        scratch = view(scratch_at, size, np.float64)
        current = view(current_at, BLOCK, np.float64)
        conductance = view(conductance_at, BLOCK, np.float64)
        delta = view(delta_at, BLOCK, np.float64)
        refractory = view(refractory_at, n, np.int32)
        fired_out = view(fired_at, BLOCK, np.uint8)
        held_in = view(scratch_at + 8 * size, BLOCK, np.int32)
        extra = view(extra_at, n_extra * ROW, np.float64)
        root = math.sqrt(dt)
        shared = scalars(key, view(shared_at, n_parameters, np.float64))
        for i in range(n_states):
            row = view(x_at + 8 * i * stride, n, np.float64)
            out = scratch[begun + i * BLOCK : begun + i * BLOCK + n]
            for k in range(n):
                out[k] = row[k]
        for i in range(n_vector):
            row = view(vector_at + 8 * i * stride, n, np.float64)
            out = scratch[(n_states + i) * BLOCK : (n_states + i) * BLOCK + n]
            for k in range(n):
                out[k] = row[k]
        for k in range(n):
            held_in[k] = refractory[k]
        lanes = (n + LANES - 1) // LANES * LANES
        if first:
            go_before(first, key, shared, scratch, begun, current, conductance, extra, lanes, dt, t)
        for k in range(lanes):
            p = bind(key, shared, scratch, k)
            old = load(key, scratch, begun + k)
            held = held_in[k] != 0
            new = stepped(key, load(key, scratch, k), felt(key, current[k], conductance[k], extra, k, t), p, dt)
            new = diffused(key, old, new, p, extra, k, root)
            new = clamp(key, held, new, old, delta[k])
            fired = fires(key, old, new, p, extra, k, dt) & (not held)
            store(key, scratch, k, select(fired, reset_of(key, new, p), new) if resets else new)
            fired_out[k] = np.uint8(fired)
        for k in range(n):
            left = refractory[k]
            refractory[k] = left - np.int32(left > 0)
        for i in range(n_states):
            row = view(x_at + 8 * i * stride, n, np.float64)
            out = scratch[i * BLOCK : i * BLOCK + n]
            for k in range(n):
                row[k] = out[k]
        return 0

    return kernel_address(advance, SIGNATURE)


def advance_flow(w_at, p, now, at, dt, out_at, count):
    """Advance a FLOW part by one step; return the number of spikes in `out` (`entries` makes a C function of it)."""
    w, out = struct(w_at, WORKER), view(out_at, ENDLESS, np.int64)
    part, apply = table(w.part, PART)[p], w.do_apply
    x, coef = floats(w.x), floats(w.coef)
    scratch = view2(w.scratch.at, w.scratch.n // ROW, ROW, np.float64)
    size, gather, kernel = part.n, part.gather, part.kernel
    left = shorts(w.refractory)[part.refractory : part.refractory + size]
    for k0 in range(0, size, BLOCK):
        n = min(BLOCK, size - k0)
        refractory = left[k0 : k0 + n]
        current, conductance, delta = scratch[0, :n], scratch[1, :n], scratch[2, :n]
        for r in range(part.named):
            for k in range(n):
                scratch[EXTRA + r, k] = 0.0
        if gather:
            call_kernel(gather, (w_at, p, k0, n))
        else:
            for k in range(n):
                current[k] = 0.0
                conductance[k] = 0.0
                delta[k] = 0.0
            call_kernel(apply, (w_at, part.update_lo, part.update_hi, k0, n))
        for g in range(part.general_lo, part.general_hi):
            call_kernel(table(w.general, GENERAL)[g].feel, (w_at, g, k0, n, dt))
        if part.driven:
            drive(w, p, size, scratch, k0, n, at)
        if part.draw_lo < part.draw_hi:
            disturb(w, part.draw_lo, part.draw_hi, scratch, k0, n, now)
        jumps(x, coef, part, delta, k0, n, refractory, 1)  # what was kept is there when the first free step begins
        call_kernel(
            kernel,
            (
                w.x.at + 8 * (part.state + k0),
                size,
                w.coef.at + 8 * part.shared,
                w.coef.at + 8 * (part.vector + k0),
                w.scratch.at,
                w.scratch.at + 8 * ROW,
                w.scratch.at + 16 * ROW,
                w.refractory.at + 4 * (part.refractory + k0),
                w.fired.at,
                w.workspace.at,
                w.scratch.at + 8 * EXTRA * ROW,
                n,
                dt,
                now * dt,
            ),
        )
        if gather == 0:
            call_kernel(apply, (w_at, part.filter_lo, part.filter_hi, k0, n))
        count = collect(w, part, k0, n, False, out, count)
    return count
