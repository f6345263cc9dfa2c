"""The kernels that the step loop calls by address.

Numba compiles a function again into each of its callers, level by level.  A C function is compiled once, on its own, and
only in networks that need it: the first run of a small network waits half as long.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from ..jit import kernel_address, view
from . import sources
from .advance import add_background, advance_flow, advance_linear
from .deliver import COLUMNS, N_SEGMENTS, N_SYNAPSES, ROW, COLUMNS_IN_ROW, SEG_START, TARGET, WEIGHT, due, walk, walk_constant
from .tables import (
    BUNDLE,
    CONSTANT,
    DO_BACKGROUND,
    DO_FLOW,
    DO_LINEAR,
    DO_NOISE,
    DO_POISSON,
    DO_SAMPLE,
    DO_TIMES,
    TABLE,
    WORK,
    X,
    floats,
    ints,
    records,
)

PART = "int64(int64,int64,int64,int64,float64,int64,int64)"
AHEAD = 4  # segments for whose memory is asked before they are walked


def _advance_linear(w_at, p, now, at, dt, out_at, count):  # type: ignore[no-untyped-def]
    return advance_linear(view(w_at, TABLE, np.int64), p, now, at, dt, view(out_at, 2**40, np.int64), count)


def _advance_flow(w_at, p, now, at, dt, out_at, count):  # type: ignore[no-untyped-def]
    return advance_flow(view(w_at, TABLE, np.int64), p, now, at, dt, view(out_at, 2**40, np.int64), count)


def _emit_poisson(w_at, p, now, at, dt, out_at, count):  # type: ignore[no-untyped-def]
    return sources.emit_poisson(view(w_at, TABLE, np.int64), p, now, at, dt, view(out_at, 2**40, np.int64), count)


def _emit_listed(w_at, p, now, at, dt, out_at, count):  # type: ignore[no-untyped-def]
    return sources.emit_listed(view(w_at, TABLE, np.int64), p, now, at, dt, view(out_at, 2**40, np.int64), count)


def _add_background(w_at, b, size, step):  # type: ignore[no-untyped-def]
    add_background(view(w_at, TABLE, np.int64), b, size, step)
    return 0


def _sample(w_at, step):  # type: ignore[no-untyped-def]
    return sources.sample(view(w_at, TABLE, np.int64), step)


def _refresh_noise(w_at, step):  # type: ignore[no-untyped-def]
    return sources.refresh_noise(view(w_at, TABLE, np.int64), step)


_entries: dict[int, tuple[Callable[..., Any], str]] = {
    DO_LINEAR: (_advance_linear, PART),
    DO_FLOW: (_advance_flow, PART),
    DO_POISSON: (_emit_poisson, PART),
    DO_TIMES: (_emit_listed, PART),
    DO_BACKGROUND: (_add_background, "int64(int64,int64,int64,int64)"),
    DO_SAMPLE: (_sample, "int64(int64,int64)"),
    DO_NOISE: (_refresh_noise, "int64(int64,int64)"),
}


@functools.cache
def entry(what: int) -> int:
    """Return the address of a kernel of the step loop, compiled when first asked for."""
    return kernel_address(*_entries[what])


@functools.cache
def delivery(target: str, weight: str | None) -> int:
    """Return the address of the kernel that delivers a bundle with these types, e.g. ("uint16", "float32")."""
    targets = getattr(np, target)
    if weight is None:

        def deliver(w_at, b, step):  # type: ignore[no-untyped-def]
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

    def deliver_weighted(w_at, b, step):  # type: ignore[no-untyped-def]
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
