"""States that are kept with spikes: the step of a part without its resets, then each spike is noted, then reset."""

from __future__ import annotations

import functools

import numpy as np

from ...jit import call_kernel, kernel_address, view
from ...jit.records import floats, ints, struct, table
from ..equations import BLOCK, bind, load, registered, reset_of, scalars, store
from .records import ENDLESS, PART, RUNNING, STEP, WORKER
from .threshold import leap

__all__ = ["keeping", "linear_reset", "reset_by"]


@functools.cache
def keeping() -> int:
    """Return the address of the step of a part that keeps states."""

    def advance(w_at, p, now, at, dt, out_at, count):
        w, out = struct(w_at, WORKER), view(out_at, ENDLESS, np.int64)
        part = table(w.part, PART)[p]
        done = call_kernel(part.bare, (w_at, p, now, at, dt, out_at, count))
        if done == count:
            return done
        x, log, state = floats(w.x), floats(w.log_kept), ints(w.kept_state)
        width, logged = w.log_kept.n // w.log_id.n, table(w.running, RUNNING)[0].logged
        for o in range(count, done):
            i = out[o] - part.first_id
            for k in range(part.kept_n):
                log[(logged + o) * width + k] = x[part.state + state[part.kept_at + k] * part.n + i]
            if part.late_reset:
                call_kernel(part.late_reset, (w_at, p, i))
        return done

    return kernel_address(advance, STEP)


RESET = "int64(int64,int64,int64)"  # worker, part, neuron


@functools.cache
def linear_reset() -> int:
    """Return the address of the reset of one neuron of a linear part."""

    def reset(w_at, p, i):
        w = struct(w_at, WORKER)
        part = table(w.part, PART)[p]
        leap(w, part, i, part.leap, part.leap_stride)
        return 0

    return kernel_address(reset, RESET)


@functools.cache
def reset_by(key: str) -> int:
    """Return the address of the reset of one neuron by the equations of this key; 0: they have none."""
    if not registered[key].level:
        return 0
    e = registered[key]
    n_states, n_vector, n_parameters = e.states, sum(e.vector), len(e.vector)

    def reset(w_at, p, i):
        w = struct(w_at, WORKER)
        part = table(w.part, PART)[p]
        x, coef = floats(w.x), floats(w.coef)
        scratch = view(w.workspace.at, (n_states + n_vector) * BLOCK, np.float64)
        for r in range(n_states):
            scratch[r * BLOCK] = x[part.state + r * part.n + i]
        for r in range(n_vector):
            scratch[(n_states + r) * BLOCK] = coef[part.vector + r * part.n + i]
        shared = scalars(key, view(w.coef.at + 8 * part.shared, n_parameters, np.float64))
        store(key, scratch, 0, reset_of(key, load(key, scratch, 0), bind(key, shared, scratch, 0)))
        for r in range(n_states):
            x[part.state + r * part.n + i] = scratch[r * BLOCK]
        return 0

    return kernel_address(reset, RESET)
