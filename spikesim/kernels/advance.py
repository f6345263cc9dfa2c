"""One step of one part: new states, arriving jumps, thresholds, resets."""

from __future__ import annotations

import numpy as np

from ..jit import call_kernel, compiled
from ..random import subkey
from . import linear
from .flow import BLOCK as FLOW_BLOCK
from .linear import BLOCK
from .poisson import counts, draws, mixed_counts
from .tables import (
    BG_CLASS,
    BG_FIRST,
    BG_GROUP,
    BG_ROW,
    BG_WEIGHT,
    CLAMPED,
    DELTA,
    DRIVEN,
    FILTER_HI,
    FILTER_LO,
    FIRST_ID,
    HELD,
    KEEP,
    KEEP_FACTOR,
    KERNEL,
    MARGIN_HI,
    MARGIN_LO,
    REFRACTORY,
    RESET,
    RESET_STRIDE,
    SHARED,
    SIZE,
    STATE,
    STATES,
    T_REF,
    T_REF_VECTOR,
    THRESHOLD,
    THRESHOLD_VECTOR,
    UPDATE_HI,
    UPDATE_LO,
    VECTOR,
    V,
)


@compiled
def background_counts(w, b, step, first, n):  # type: ignore[no-untyped-def]
    """Fill w.count with the Poisson counts of `n` neurons from `first` (in the part) at `step`."""
    a0, b0 = subkey(w.background_key[b, 0], w.background_key[b, 1], step)
    shift = draws(a0, b0, w.background[b, BG_FIRST] + first, n, w.draw)
    draw = w.draw[shift : shift + n]
    c = w.background[b, BG_CLASS]
    group = w.background[b, BG_GROUP]
    if group < 0:
        counts(draw, w.rate_threshold[w.rate_ptr[c] : w.rate_ptr[c + 1]], w.rate_base[c], n, w.count)
    else:
        groups = w.rate_group[group + first : group + first + n]
        mixed_counts(draw, w.rate_threshold, w.rate_ptr, w.rate_base, groups, n, w.count)


@compiled
def add_background(w, b, size, step):  # type: ignore[no-untyped-def]
    """Add the weighted Poisson counts of one background at `step` to its row of x."""
    weight = w.coef[w.background[b, BG_WEIGHT]]
    for k0 in range(0, size, BLOCK):
        n = min(BLOCK, size - k0)
        background_counts(w, b, step, k0, n)
        row = w.x[w.background[b, BG_ROW] + k0 : w.background[b, BG_ROW] + k0 + n]
        count = w.count[:n]
        for k in range(n):
            row[k] += weight * count[k]


@compiled
def drive(w, p, k0, n, at):  # type: ignore[no-untyped-def]
    """Add the external input of batch step `at` to the scratch."""
    empty = w.drive_pool[:0]
    for e in range(w.drive_ptr[p, at], w.drive_ptr[p, at + 1]):
        vector = w.drive_vector[e]
        values = empty if vector < 0 else w.drive_pool[vector : vector + w.part[p, SIZE]]
        linear.drive(w.scratch[w.drive_row[e]], w.drive_value[e], values, k0, n)


@compiled
def collect(w, p, k0, n, linear_reset, out, count):  # type: ignore[no-untyped-def]
    """Write the ids of the flagged neurons to out[count:]; reset them (LINEAR) and make them refractory."""
    part = w.part
    size = part[p, SIZE]
    padded = (n + 7) & ~7
    for k in range(n, padded):
        w.flags[k] = 0
    eight = w.flags[:padded].view(np.uint64)
    states = part[p, STATES]
    for q in range(eight.size):
        if eight[q] != 0:
            for k in range(8 * q, min(8 * q + 8, n)):
                if w.flags[k]:
                    i = k0 + k
                    if linear_reset:
                        stride = part[p, RESET_STRIDE]
                        own = i if stride > 1 else np.int64(0)
                        for r in range(states):
                            at = part[p, RESET] + r * (states + 1) * stride + own
                            value = w.coef[at + states * stride]
                            for c in range(states):
                                value += w.coef[at + c * stride] * w.x[part[p, STATE] + c * size + i]
                            w.scratch[r, 0] = value
                        for r in range(states):
                            w.x[part[p, STATE] + r * size + i] = w.scratch[r, 0]
                    own_ref = i if part[p, T_REF_VECTOR] else np.int64(0)
                    w.refractory[part[p, REFRACTORY] + i] = w.t_ref[part[p, T_REF] + own_ref]
                    out[count] = part[p, FIRST_ID] + i
                    count += 1
    return count


@compiled
def jumps(w, p, row, k0, n, refractory):  # type: ignore[no-untyped-def]
    """Let the jumps of both kinds of Delta arrive in a state row."""
    at = w.part[p, DELTA]
    if at >= 0:
        linear.kick(row, w.x[at + k0 : at + k0 + n], refractory, -1.0, n)
    at = w.part[p, KEEP]
    if at >= 0:
        linear.kick(row, w.x[at + k0 : at + k0 + n], refractory, w.coef[w.part[p, KEEP_FACTOR]], n)


@compiled
def advance_linear(w, p, at, out, count):  # type: ignore[no-untyped-def]
    """Advance a LINEAR part by one step; return the number of spikes in `out`."""
    part, x, scratch = w.part, w.x, w.scratch
    size, states, state = part[p, SIZE], part[p, STATES], part[p, STATE]
    for k0 in range(0, size, BLOCK):
        n = min(BLOCK, size - k0)
        refractory = w.refractory[part[p, REFRACTORY] + k0 : part[p, REFRACTORY] + k0 + n]
        linear.apply(w.ops, part[p, UPDATE_LO], part[p, UPDATE_HI], w.coef, x, scratch, k0, n)
        if part[p, DRIVEN]:
            drive(w, p, k0, n, at)
        for r in range(states):
            row = x[state + r * size + k0 : state + r * size + k0 + n]
            if part[p, CLAMPED] >> r & 1:
                linear.take(row, scratch[r, :n], refractory, n)
            elif part[p, HELD]:
                linear.choose(row, scratch[r, :n], scratch[states + r, :n], refractory, n)
            else:
                linear.copy(row, scratch[r, :n], n)
        linear.apply(w.ops, part[p, FILTER_LO], part[p, FILTER_HI], w.coef, x, scratch, k0, n)
        v = x[state + part[p, V] * size + k0 : state + part[p, V] * size + k0 + n]
        jumps(w, p, v, k0, n, refractory)
        if part[p, MARGIN_HI] > part[p, MARGIN_LO]:
            linear.apply(w.ops, part[p, MARGIN_LO], part[p, MARGIN_HI], w.coef, x, scratch, k0, n)
            v = scratch[0, :n]
        threshold = w.coef[part[p, THRESHOLD] :]
        linear.fire(v, threshold, part[p, THRESHOLD_VECTOR] != 0, refractory, w.flags, k0, n)
        count = collect(w, p, k0, n, True, out, count)
    return count


@compiled
def advance_flow(w, p, at, dt, out, count):  # type: ignore[no-untyped-def]
    """Advance a FLOW part by one step; return the number of spikes in `out`."""
    part, x, scratch = w.part, w.x, w.scratch
    size, state = part[p, SIZE], part[p, STATE]
    for k0 in range(0, size, FLOW_BLOCK):
        n = min(FLOW_BLOCK, size - k0)
        refractory = w.refractory[part[p, REFRACTORY] + k0 : part[p, REFRACTORY] + k0 + n]
        current, conductance, delta = scratch[0, :n], scratch[1, :n], scratch[2, :n]
        for k in range(n):
            current[k] = 0.0
            conductance[k] = 0.0
            delta[k] = 0.0
        linear.apply(w.ops, part[p, UPDATE_LO], part[p, UPDATE_HI], w.coef, x, scratch, k0, n)
        if part[p, DRIVEN]:
            drive(w, p, k0, n, at)
        jumps(w, p, delta, k0, n, refractory)
        call_kernel(
            part[p, KERNEL],
            (
                x.ctypes.data + 8 * (state + k0),
                size,
                w.coef.ctypes.data + 8 * part[p, SHARED],
                w.coef.ctypes.data + 8 * (part[p, VECTOR] + k0),
                current.ctypes.data,
                conductance.ctypes.data,
                delta.ctypes.data,
                refractory.ctypes.data,
                w.flags.ctypes.data,
                w.block.ctypes.data,
                n,
                dt,
            ),
        )
        linear.apply(w.ops, part[p, FILTER_LO], part[p, FILTER_HI], w.coef, x, scratch, k0, n)
        count = collect(w, p, k0, n, False, out, count)
    return count
