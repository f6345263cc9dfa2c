"""Advance nonlinear models by their `flow`: one C function a model, built around its equations.

A kernel works on one block: it copies the rows into a scratch of constant stride, steps, tests the threshold, and
copies back.
"""

from __future__ import annotations

import numpy as np

from ...jit import kernel_address, view
from ...neurons.contract import Input
from ..equations import (
    BLOCK,
    bind,
    clamp,
    load,
    margin_of,
    registered,
    reset_of,
    scalars,
    select,
    stepped,
    store,
)  # fmt: skip

__all__ = ["BLOCK", "build"]

SIGNATURE = "int64(int64,int64,int64,int64,int64,int64,int64,int64,int64,int64,int64,float64)"


def build(key: str) -> int:
    """Compile the kernel of a registered model; return its address.

    Arguments of the kernel (addresses of float64 unless told): x of the first state row at the block, its stride (rows
    apart), shared parameters, vector parameters (rows of the same stride), current, conductance, jumps, refractory
    (int32), flags (uint8, written), scratch (rows x BLOCK), neurons in the block, dt.
    """
    e = registered[key]
    n_states, n_vector, n_parameters, level = e.states, sum(e.vector), len(e.vector), e.level

    def advance(
        x_at,
        stride,
        shared_at,
        vector_at,
        current_at,
        conductance_at,
        delta_at,
        refractory_at,
        flags_at,
        scratch_at,
        n,
        dt,
    ):
        scratch = view(scratch_at, (n_states + n_vector) * BLOCK, np.float64)
        current = view(current_at, n, np.float64)
        conductance = view(conductance_at, n, np.float64)
        delta = view(delta_at, n, np.float64)
        refractory = view(refractory_at, n, np.int32)
        flags = view(flags_at, n, np.uint8)
        shared = scalars(key, view(shared_at, n_parameters, np.float64))
        for i in range(n_states):
            row = view(x_at + 8 * i * stride, n, np.float64)
            out = scratch[i * BLOCK : i * BLOCK + n]
            for k in range(n):
                out[k] = row[k]
        for i in range(n_vector):
            row = view(vector_at + 8 * i * stride, n, np.float64)
            out = scratch[(n_states + i) * BLOCK : (n_states + i) * BLOCK + n]
            for k in range(n):
                out[k] = row[k]
        for k in range(n):
            p = bind(key, shared, scratch, k)
            old = load(key, scratch, k)
            held = refractory[k] != 0
            new = stepped(key, old, Input(current[k], conductance[k]), p, dt)
            new = clamp(key, held, new, old, delta[k])
            fired = (margin_of(key, new, p) >= 0.0) & (not held)
            if not level:
                fired = fired & (margin_of(key, old, p) < 0.0)
            store(key, scratch, k, select(fired, reset_of(key, new, p), new))
            flags[k] = np.uint8(fired)
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
