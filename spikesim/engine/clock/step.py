"""One step of one part: new states, arriving jumps, thresholds, resets.

What takes the address of a packed table (`w_at`) is no kernel yet: `entries` makes C functions of it.
"""

from __future__ import annotations

import numpy as np

from ...jit import call_kernel, part_of, view, view2
from ...random import subkey
from . import propagate as linear
from . import records as t
from .flow import BLOCK as FLOW_BLOCK
from .poisson import BYTES, FEW, LEVELS, RUN, common, counts, draws, mixed_counts, run_length
from .propagate import BLOCK
from .records import floats, ints, records, shorts


@part_of
def background_counts(w, b, step, first, n):
    """Return the Poisson counts (int32) of `n` neurons from `first` (in the part, n within a run) at `step`."""
    background = records(w, t.BACKGROUND, t.BG_COLUMNS)
    key = view(w[2 * t.BACKGROUND_KEY], w[2 * t.BACKGROUND_KEY + 1], np.uint64)
    a0, b0 = subkey(key[2 * b], key[2 * b + 1], step)
    count = shorts(w, t.COUNT)[:n]
    entity = background[b, t.BG_FIRST] + first
    shift = draws(a0, b0, entity, n, view(w[2 * t.DRAW], w[2 * t.DRAW + 1], np.uint64))
    draw = view(w[2 * t.DRAW], 4 * w[2 * t.DRAW + 1], np.uint16)[shift : shift + n]
    lower = common(a0, b0, entity)
    ptr, base = ints(w, t.RATE_PTR), shorts(w, t.RATE_BASE)
    threshold = view(w[2 * t.RATE_THRESHOLD], w[2 * t.RATE_THRESHOLD + 1], np.uint32)
    c = background[b, t.BG_CLASS]
    group = background[b, t.BG_GROUP]
    if group < 0:
        levels = view(w[2 * t.DRAW] + 8 * LEVELS, FEW, np.uint16)
        few = view(w[2 * t.DRAW] + 8 * BYTES, RUN, np.uint8)
        counts(draw, lower, threshold[ptr[c] : ptr[c + 1]], base[c], n, levels, few, count)
    else:
        groups = shorts(w, t.RATE_GROUP)[group + first : group + first + n]
        mixed_counts(draw, lower, threshold, ptr, base, groups, n, count)
    return count


def add_background(w_at, b, size, step):
    """Add the weighted Poisson counts of one background at `step` to its row of x."""
    w = view(w_at, t.TABLE, np.int64)
    background = records(w, t.BACKGROUND, t.BG_COLUMNS)
    x = floats(w, t.X)
    weight = floats(w, t.COEF)[background[b, t.BG_WEIGHT]]
    at = background[b, t.BG_ROW]
    k0 = np.int64(0)
    while k0 < size:
        n = run_length(background[b, t.BG_FIRST] + k0, size - k0)
        count = background_counts(w, b, step, k0, n)
        row = x[at + k0 : at + k0 + n]
        for k in range(n):
            row[k] += weight * count[k]
        k0 += n
    return 0


def apply(w_at, lo, hi, k0, n):
    """Run operations [lo, hi) on neurons [k0, k0 + n) of a part (see `linear.apply`)."""
    w = view(w_at, t.TABLE, np.int64)
    scratch = view2(w[2 * t.SCRATCH], w[2 * t.SCRATCH + 1] // BLOCK, BLOCK, np.float64)
    linear.apply(records(w, t.OPS, 6), lo, hi, floats(w, t.COEF), floats(w, t.X), scratch, k0, n)
    return 0


@part_of
def drive(w, p, size, scratch, k0, n, at):
    """Add the external input of batch step `at` to the scratch."""
    ptr = ints(w, t.DRIVE_PTR)
    steps = ptr.size // records(w, t.PART, t.PART_COLUMNS).shape[0]
    row, value, where = ints(w, t.DRIVE_ROW), floats(w, t.DRIVE_VALUE), ints(w, t.DRIVE_VECTOR)
    pool = floats(w, t.DRIVE_POOL)
    for e in range(ptr[p * steps + at], ptr[p * steps + at + 1]):
        first = where[e]
        vector = pool[:0] if first < 0 else pool[first : first + size]
        linear.drive(scratch[row[e]], value[e], vector, k0, n)


@part_of
def collect(w, p, k0, n, linear_reset, out, count):
    """Write the ids of the flagged neurons to out[count:]; reset them (LINEAR) and make them refractory."""
    flags = view(w[2 * t.FLAGS], w[2 * t.FLAGS + 1], np.uint8)
    padded = (n + 7) & ~7
    for k in range(n, padded):
        flags[k] = 0
    eight = view(w[2 * t.FLAGS], padded >> 3, np.uint64)
    for q in range(eight.size):
        if eight[q] != 0:
            for k in range(8 * q, min(8 * q + 8, n)):
                if flags[k]:
                    out[count] = spiked(w, p, k0 + k, linear_reset)
                    count += 1
    return count


@part_of
def spiked(w, p, i, linear_reset):
    """Reset neuron i of a part (s -> R s + r), make it refractory, return its id."""
    part = records(w, t.PART, t.PART_COLUMNS)
    if linear_reset:
        x, coef = floats(w, t.X), floats(w, t.COEF)
        state, size, states = part[p, t.STATE], part[p, t.SIZE], part[p, t.STATES]
        new = floats(w, t.SCRATCH)
        stride = part[p, t.RESET_STRIDE]
        own = i if stride > 1 else np.int64(0)
        for r in range(states):
            at = part[p, t.RESET] + r * (states + 1) * stride + own
            value = coef[at + states * stride]
            for c in range(states):
                value += coef[at + c * stride] * x[state + c * size + i]
            new[r] = value
        for r in range(states):
            x[state + r * size + i] = new[r]
    steps = shorts(w, t.REFRACTORY_STEPS)
    own_ref = i if part[p, t.T_REF_VECTOR] else np.int64(0)
    shorts(w, t.REFRACTORY_LEFT)[part[p, t.REFRACTORY] + i] = steps[part[p, t.T_REF] + own_ref]
    return part[p, t.FIRST_ID] + i


@part_of
def jumps(x, coef, part, p, row, k0, n, refractory):
    """Let the jumps of both kinds of Delta arrive in a state row."""
    at = part[p, t.DELTA]
    if at >= 0:
        linear.kick(row, x[at + k0 : at + k0 + n], refractory, -1.0, n)
    at = part[p, t.KEEP]
    if at >= 0:
        linear.kick(row, x[at + k0 : at + k0 + n], refractory, coef[part[p, t.KEEP_FACTOR]], n)


def advance_linear(w_at, p, now, at, dt, out_at, count):
    """Advance a LINEAR part by one step; return the number of spikes in `out`."""
    w, out = view(w_at, t.TABLE, np.int64), view(out_at, t.ENDLESS, np.int64)
    part, apply = records(w, t.PART, t.PART_COLUMNS), ints(w, t.ENTRY)[t.DO_APPLY]
    x, coef = floats(w, t.X), floats(w, t.COEF)
    scratch = view2(w[2 * t.SCRATCH], w[2 * t.SCRATCH + 1] // BLOCK, BLOCK, np.float64)
    left = shorts(w, t.REFRACTORY_LEFT)
    flags = view(w[2 * t.FLAGS], w[2 * t.FLAGS + 1], np.uint8)
    size, states, state = part[p, t.SIZE], part[p, t.STATES], part[p, t.STATE]
    for k0 in range(0, size, BLOCK):
        n = min(BLOCK, size - k0)
        refractory = left[part[p, t.REFRACTORY] + k0 : part[p, t.REFRACTORY] + k0 + n]
        call_kernel(apply, (w_at, part[p, t.UPDATE_LO], part[p, t.UPDATE_HI], k0, n))
        if part[p, t.DRIVEN]:
            drive(w, p, size, scratch, k0, n, at)
        for r in range(states):
            row = x[state + r * size + k0 : state + r * size + k0 + n]
            if part[p, t.CLAMPED] >> r & 1:
                linear.take(row, scratch[r, :n], refractory, n)
            elif part[p, t.HELD]:
                linear.choose(row, scratch[r, :n], scratch[states + r, :n], refractory, n)
            else:
                linear.copy(row, scratch[r, :n], n)
        call_kernel(apply, (w_at, part[p, t.FILTER_LO], part[p, t.FILTER_HI], k0, n))
        v = x[state + part[p, t.V] * size + k0 : state + part[p, t.V] * size + k0 + n]
        jumps(x, coef, part, p, v, k0, n, refractory)
        if part[p, t.MARGIN_HI] > part[p, t.MARGIN_LO]:
            call_kernel(apply, (w_at, part[p, t.MARGIN_LO], part[p, t.MARGIN_HI], k0, n))
            v = scratch[0, :n]
        linear.fire(v, coef[part[p, t.THRESHOLD] :], part[p, t.THRESHOLD_VECTOR] != 0, refractory, flags, k0, n)
        count = collect(w, p, k0, n, True, out, count)
    return count


def advance_flow(w_at, p, now, at, dt, out_at, count):
    """Advance a FLOW part by one step; return the number of spikes in `out`."""
    w, out = view(w_at, t.TABLE, np.int64), view(out_at, t.ENDLESS, np.int64)
    part, apply = records(w, t.PART, t.PART_COLUMNS), ints(w, t.ENTRY)[t.DO_APPLY]
    x, coef = floats(w, t.X), floats(w, t.COEF)
    scratch = view2(w[2 * t.SCRATCH], w[2 * t.SCRATCH + 1] // BLOCK, BLOCK, np.float64)
    left = shorts(w, t.REFRACTORY_LEFT)
    size, state = part[p, t.SIZE], part[p, t.STATE]
    for k0 in range(0, size, FLOW_BLOCK):
        n = min(FLOW_BLOCK, size - k0)
        refractory = left[part[p, t.REFRACTORY] + k0 : part[p, t.REFRACTORY] + k0 + n]
        current, conductance, delta = scratch[0, :n], scratch[1, :n], scratch[2, :n]
        if part[p, t.GATHER]:
            call_kernel(part[p, t.GATHER], (w_at, p, k0, n))
        else:
            for k in range(n):
                current[k] = 0.0
                conductance[k] = 0.0
                delta[k] = 0.0
            call_kernel(apply, (w_at, part[p, t.UPDATE_LO], part[p, t.UPDATE_HI], k0, n))
        if part[p, t.DRIVEN]:
            drive(w, p, size, scratch, k0, n, at)
        jumps(x, coef, part, p, delta, k0, n, refractory)
        call_kernel(
            part[p, t.KERNEL],
            (
                w[2 * t.X] + 8 * (state + k0),
                size,
                w[2 * t.COEF] + 8 * part[p, t.SHARED],
                w[2 * t.COEF] + 8 * (part[p, t.VECTOR] + k0),
                w[2 * t.SCRATCH],
                w[2 * t.SCRATCH] + 8 * BLOCK,
                w[2 * t.SCRATCH] + 16 * BLOCK,
                w[2 * t.REFRACTORY_LEFT] + 4 * (part[p, t.REFRACTORY] + k0),
                w[2 * t.FLAGS],
                w[2 * t.WORKSPACE],
                n,
                dt,
            ),
        )
        if part[p, t.GATHER] == 0:
            call_kernel(apply, (w_at, part[p, t.FILTER_LO], part[p, t.FILTER_HI], k0, n))
        count = collect(w, p, k0, n, False, out, count)
    return count
