"""The kernels that the step loop calls by address.

Numba compiles a function again into each of its callers, level by level.  A C function is compiled once, on its own,
and only in networks that need it: the first run of a small network waits half as long.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from ...jit import kernel_address, view
from . import deliver as post
from . import plastic, sources
from . import records as t
from . import step as advance
from .deliver import due, walk, walk_constant
from .records import floats, ints, records

PART = "int64(int64,int64,int64,int64,float64,int64,int64)"
AHEAD = 4  # segments for whose memory is asked before they are walked


_entries: dict[int, tuple[Callable[..., Any], str]] = {
    t.DO_BACKGROUND: (advance.add_background, "int64(int64,int64,int64,int64)"),
    t.DO_SAMPLE: (sources.sample, "int64(int64,int64)"),
    t.DO_NOISE: (sources.refresh_noise, "int64(int64,int64)"),
    t.DO_APPLY: (advance.apply, "int64(int64,int64,int64,int64,int64)"),
    t.DO_LEARN: (plastic.learn, "int64(int64,int64,int64,int64,int64)"),
}


_steps: dict[int, Callable[..., Any]] = {
    t.LINEAR: advance.advance_linear,
    t.FLOW: advance.advance_flow,
    t.POISSON: sources.emit_poisson,
    t.TIMES: sources.emit_listed,
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
            w = view(w_at, t.TABLE, np.int64)
            bundle, work = records(w, t.BUNDLE, post.COLUMNS), ints(w, t.WORK)
            n = due(bundle, b, step, work)
            row = floats(w, t.X)[bundle[b, post.ROW] : bundle[b, post.ROW] + bundle[b, post.COLUMNS_IN_ROW]]
            ids = view(bundle[b, post.TARGET], bundle[b, post.N_SYNAPSES], targets)
            start = view(bundle[b, post.SEG_START], bundle[b, post.N_SEGMENTS] + 1, np.int64)
            walk_constant(row, ids, floats(w, t.CONSTANT)[b], start, work, n, AHEAD)
            return n

        return kernel_address(deliver, "int64(int64,int64,int64)")

    weights = getattr(np, weight)

    def deliver_weighted(w_at, b, step):
        w = view(w_at, t.TABLE, np.int64)
        bundle, work = records(w, t.BUNDLE, post.COLUMNS), ints(w, t.WORK)
        n = due(bundle, b, step, work)
        row = floats(w, t.X)[bundle[b, post.ROW] : bundle[b, post.ROW] + bundle[b, post.COLUMNS_IN_ROW]]
        ids = view(bundle[b, post.TARGET], bundle[b, post.N_SYNAPSES], targets)
        strength = view(bundle[b, post.WEIGHT], bundle[b, post.N_SYNAPSES], weights)
        start = view(bundle[b, post.SEG_START], bundle[b, post.N_SEGMENTS] + 1, np.int64)
        walk(row, ids, strength, start, work, n, AHEAD)
        return n

    return kernel_address(deliver_weighted, "int64(int64,int64,int64)")
