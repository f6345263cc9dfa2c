"""What comes from outside: spikes of sources, held noise; and what goes out: samples of probes.

All take the address of a packed table (`w_at`); `entries` makes C functions of them.
"""

from __future__ import annotations

import numpy as np

from ...jit import view
from . import records as t
from .poisson import hold, run_length
from .records import floats, ints, records
from .step import background_counts


def emit_poisson(w_at, p, now, at, dt, out_at, count):
    """Spikes of a Poisson source at now + 1; several in one step are several spikes."""
    w, out = view(w_at, t.TABLE, np.int64), view(out_at, t.ENDLESS, np.int64)
    part = records(w, t.PART, t.PART_COLUMNS)
    first = records(w, t.BACKGROUND, t.BG_COLUMNS)[part[p, t.SOURCE], t.BG_FIRST]
    k0 = np.int64(0)
    while k0 < part[p, t.SIZE]:
        n = run_length(first + k0, part[p, t.SIZE] - k0)
        counted = background_counts(w, part[p, t.SOURCE], now + 1, k0, n)
        for k in range(n):
            for _ in range(counted[k]):
                out[count] = part[p, t.FIRST_ID] + k0 + k
                count += 1
        k0 += n
    return count


def emit_listed(w_at, p, now, at, dt, out_at, count):
    """Spikes at now + 1 of a source that lists its times."""
    w, out = view(w_at, t.TABLE, np.int64), view(out_at, t.ENDLESS, np.int64)
    part = records(w, t.PART, t.PART_COLUMNS)
    when, who = ints(w, t.EVENT_STEP), ints(w, t.EVENT_ID)
    e = part[p, t.EVENT]
    while e < part[p, t.EVENT_END] and when[e] <= now + 1:
        if when[e] == now + 1:
            out[count] = who[e]
            count += 1
        e += 1
    part[p, t.EVENT] = e
    return count


def refresh_noise(w_at, step):
    """Draw the held currents whose interval starts at `step` (all of them in the first step of a run)."""
    w = view(w_at, t.TABLE, np.int64)
    state, noise = ints(w, t.STATUS), records(w, t.NOISE, t.NO_COLUMNS)
    first = state[t.BEGUN] == 0
    state[t.BEGUN] = 1
    for q in range(noise.shape[0]):
        if step % noise[q, t.NO_PERIOD] == 0 or first:
            n = noise[q, t.NO_SIZE]
            row = floats(w, t.X)[noise[q, t.NO_ROW] : noise[q, t.NO_ROW] + n]
            index = ints(w, t.NOISE_INDEX)[noise[q, t.NO_INDEX] : noise[q, t.NO_INDEX] + n]
            law = floats(w, t.COEF)[noise[q, t.NO_LAW] : noise[q, t.NO_LAW] + 2 * n]
            key = view(w[2 * t.NOISE_KEY], w[2 * t.NOISE_KEY + 1], np.uint64)
            hold(row, key[2 * q], key[2 * q + 1], step // noise[q, t.NO_PERIOD], index, law[:n], law[n:])
    return 0


def sample(w_at, step):
    """Write the probes that are due at `step`."""
    w = view(w_at, t.TABLE, np.int64)
    probe = records(w, t.PROBE, t.PR_COLUMNS)
    x, term = floats(w, t.X), floats(w, t.TERM)
    for q in range(probe.shape[0]):
        every, n = probe[q, t.PR_EVERY], probe[q, t.PR_COUNT]
        if step % every != 0:
            continue
        row = step // every - probe[q, t.PR_FROM]
        out = view(probe[q, t.PR_OUT] + 8 * probe[q, t.PR_STRIDE] * row, n, np.float64)
        index = ints(w, t.PROBE_INDEX)[probe[q, t.PR_INDEX] : probe[q, t.PR_INDEX] + n]
        for k in range(n):
            out[k] = 0.0
        for e in range(probe[q, t.PR_TERM_LO], probe[q, t.PR_TERM_HI]):
            at, factor, reversal = np.int64(term[5 * e]), term[5 * e + 1], term[5 * e + 2]
            v = np.int64(term[5 * e + 3])
            if term[5 * e + 4] != 0.0:
                for k in range(n):
                    out[k] += factor * x[at + index[k]] * (reversal - x[v + index[k]])
            else:
                for k in range(n):
                    out[k] += factor * x[at + index[k]]
    return 0
