"""Thresholds, resets, and who spiked."""

from __future__ import annotations

import numpy as np

from ...jit import part_of, view
from ...jit.records import bytes8, floats, shorts

__all__ = ["collect", "count_down", "fire", "leap"]


@part_of
def fire(v, threshold, own, refractory, fired, k0, n):
    """fired = 1 where v reached its threshold and the neuron is free; count refractory steps down.

    The common margin v - V_th; `threshold` a number in entry 0, or one a neuron (`own`).
    """
    if own:
        th = threshold[k0 : k0 + n]
        for k in range(n):
            fired[k] = np.uint8((v[k] >= th[k]) & (refractory[k] == 0))
    else:
        t = threshold[0]
        for k in range(n):
            fired[k] = np.uint8((v[k] >= t) & (refractory[k] == 0))
    count_down(refractory, n)


@part_of
def count_down(refractory, n):
    """One step less to wait, of those that are refractory."""
    for k in range(n):
        left = refractory[k]
        refractory[k] = left - np.int32(left > 0)


@part_of
def collect(w, part, k0, n, linear_reset, out, count):
    """Write the ids of the neurons that fired to out[count:]; reset them (LINEAR) and make them refractory."""
    fired = bytes8(w.fired)
    padded = (n + 63) & ~63
    for k in range(n, padded):
        fired[k] = 0
    eight = view(w.fired.at, padded >> 3, np.uint64)
    for line in range(padded >> 6):
        at = 8 * line
        some = eight[at] | eight[at + 1] | eight[at + 2] | eight[at + 3]
        some |= eight[at + 4] | eight[at + 5] | eight[at + 6] | eight[at + 7]
        if some != 0:
            for q in range(at, at + 8):
                if eight[q] != 0:
                    for k in range(8 * q, 8 * q + 8):
                        if fired[k]:
                            out[count] = spiked(w, part, k0 + k, linear_reset)
                            count += 1
    return count


@part_of
def leap(w, part, i, reset, stride):
    """The linear reset of neuron i of a part, whose coefficients stand from `reset` on."""
    x, coef = floats(w.x), floats(w.coef)
    state, size, states = part.state, part.n, part.states
    new = floats(w.scratch)
    own = i if stride > 1 else np.int64(0)
    for r in range(states):
        at = reset + r * (states + 1) * stride + own
        value = coef[at + states * stride]
        for c in range(states):
            value += coef[at + c * stride] * x[state + c * size + i]
        new[r] = value
    for r in range(states):
        x[state + r * size + i] = new[r]


@part_of
def spiked(w, part, i, linear_reset):
    """Reset neuron i of a part (s -> R s + r), make it refractory, return its id."""
    if linear_reset:
        leap(w, part, i, part.reset, part.reset_stride)
    steps = shorts(w.t_ref)
    own_ref = i if part.own_t_ref else np.int64(0)
    shorts(w.refractory)[part.refractory + i] = steps[part.t_ref + own_ref]
    return part.first_id + i
