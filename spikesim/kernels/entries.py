"""The kernels that the step loop calls by address.

Numba compiles a function again into each of its callers, level by level.  A C function is compiled once, on its own,
and only in networks that need it: the first run of a small network waits half as long.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from ..jit import kernel_address, view
from . import advance, plastic, sources
from .deliver import (
    COLUMNS,
    COLUMNS_IN_ROW,
    N_SEGMENTS,
    N_SYNAPSES,
    ROW,
    SEG_START,
    TARGET,
    WEIGHT,
    due,
    walk,
    walk_constant,
)
from .tables import (
    BUNDLE,
    CONSTANT,
    DO_APPLY,
    DO_BACKGROUND,
    DO_LEARN,
    DO_NOISE,
    DO_SAMPLE,
    FLOW,
    LINEAR,
    POISSON,
    TABLE,
    TIMES,
    WORK,
    X,
    floats,
    ints,
    records,
)

PART = "int64(int64,int64,int64,int64,float64,int64,int64)"
AHEAD = 4  # segments for whose memory is asked before they are walked


_entries: dict[int, tuple[Callable[..., Any], str]] = {
    DO_BACKGROUND: (advance.add_background, "int64(int64,int64,int64,int64)"),
    DO_SAMPLE: (sources.sample, "int64(int64,int64)"),
    DO_NOISE: (sources.refresh_noise, "int64(int64,int64)"),
    DO_APPLY: (advance.apply, "int64(int64,int64,int64,int64,int64)"),
    DO_LEARN: (plastic.learn, "int64(int64,int64,int64,int64,int64)"),
}


_steps: dict[int, Callable[..., Any]] = {
    LINEAR: advance.advance_linear,
    FLOW: advance.advance_flow,
    POISSON: sources.emit_poisson,
    TIMES: sources.emit_listed,
}


@functools.cache
def entry(what: int) -> int:
    """Return the address of a kernel of the step loop, compiled when first asked for."""
    return kernel_address(*_entries[what])


@functools.cache
def plastic_delivery() -> int:
    """Return the address of the kernel that delivers a bundle whose weights change."""
    return kernel_address(plastic.deliver, "int64(int64,int64,int64)")


@functools.cache
def step(kind: int) -> int:
    """Return the address of the kernel that advances a part of this kind."""
    return kernel_address(_steps[kind], PART)


@functools.cache
def delivery(target: str, weight: str | None) -> int:
    """Return the address of the kernel that delivers a bundle with these types, e.g. ("uint16", "float32")."""
    targets = getattr(np, target)
    if weight is None:

        def deliver(w_at, b, step):
            w = view(w_at, TABLE, np.int64)
            bundle, work = records(w, BUNDLE, COLUMNS), ints(w, WORK)
            n = due(bundle, b, step, work)
            row = floats(w, X)[bundle[b, ROW] : bundle[b, ROW] + bundle[b, COLUMNS_IN_ROW]]
            ids = view(bundle[b, TARGET], bundle[b, N_SYNAPSES], targets)
            start = view(bundle[b, SEG_START], bundle[b, N_SEGMENTS] + 1, np.int64)
            walk_constant(row, ids, floats(w, CONSTANT)[b], start, work, n, AHEAD)
            return n

        return kernel_address(deliver, "int64(int64,int64,int64)")

    weights = getattr(np, weight)

    def deliver_weighted(w_at, b, step):
        w = view(w_at, TABLE, np.int64)
        bundle, work = records(w, BUNDLE, COLUMNS), ints(w, WORK)
        n = due(bundle, b, step, work)
        row = floats(w, X)[bundle[b, ROW] : bundle[b, ROW] + bundle[b, COLUMNS_IN_ROW]]
        ids = view(bundle[b, TARGET], bundle[b, N_SYNAPSES], targets)
        strength = view(bundle[b, WEIGHT], bundle[b, N_SYNAPSES], weights)
        start = view(bundle[b, SEG_START], bundle[b, N_SEGMENTS] + 1, np.int64)
        walk(row, ids, strength, start, work, n, AHEAD)
        return n

    return kernel_address(deliver_weighted, "int64(int64,int64,int64)")
