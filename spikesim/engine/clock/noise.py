"""Currents that are drawn anew for every interval and held in between."""

from __future__ import annotations

import numpy as np

from ...jit import compiled
from ...jit.records import floats, ints, struct, table
from ...random import ndtri, subkey, unit, word
from .records import NOISE, STATUS, WORKER

__all__ = ["refresh"]


@compiled
def hold(row, a, b, interval, index, mean, sd):
    """row = mean + sd N(0, 1), one draw a neuron for this interval; 0 where index < 0 (not a target)."""
    ka, kb = subkey(a, b, interval)
    for k in range(row.size):
        i = index[k]
        row[k] = mean[k] + sd[k] * ndtri(unit(word(ka, kb, max(i, 0)))) if i >= 0 else 0.0


def refresh(w_at, step):
    """Draw the held currents whose interval starts at `step` (all of them in the first step of a run)."""
    w = struct(w_at, WORKER)
    first = table(w.status, STATUS)[0].begun == 0
    noise = table(w.noise, NOISE)
    for q in range(noise.size):
        if step % noise[q].period == 0 or first:
            n, at, law_at = noise[q].n, noise[q].row, noise[q].law
            row = floats(w.x)[at : at + n]
            index = ints(w.noise_index)[noise[q].index : noise[q].index + n]
            mean, sd = floats(w.coef)[law_at : law_at + n], floats(w.coef)[law_at + n : law_at + 2 * n]
            hold(row, noise[q].key_a, noise[q].key_b, np.int64(step // noise[q].period), index, mean, sd)
    return 0
