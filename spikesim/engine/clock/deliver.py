"""Deliver spikes when they are due.

A bundle holds the synapses from all neurons onto one port of one worker's neurons, sorted by (source, delay): a
segment is what one spike of a source does at one delay.  At each step the segments that are due are collected (see
`delays`), then walked with the next ones already asked for from memory; all of them add into one row, which stays in
the cache.
"""

from __future__ import annotations

import functools

import numpy as np

from ...jit import kernel_address, part_of, prefetch, view
from ...jit.records import floats, ints, struct, table
from .delays import due_now
from .records import BUNDLE, QUEUE, STATUS, WORKER

__all__ = ["DELIVER", "delivery"]

DELIVER = "int64(int64,int64,int64)"  # worker, bundle, step
AHEAD = 4  # segments for whose memory is asked before they are walked


@part_of
def scatter(row, target, weight, lo, hi):
    """row[target] += weight over one segment."""
    t, w = target[lo:hi], weight[lo:hi]
    for j in range(t.size):
        row[t[j]] += w[j]


@part_of
def scatter_constant(row, target, weight, lo, hi):
    """row[target] += weight over one segment, the same weight for all."""
    t = target[lo:hi]
    for j in range(t.size):
        row[t[j]] += weight


@part_of
def scatter_scaled(row, target, weight, lo, hi, factor):
    """row[target] += factor weight over one segment."""
    t, w = target[lo:hi], weight[lo:hi]
    for j in range(t.size):
        row[t[j]] += factor * w[j]


@part_of
def walk(row, target, weight, seg_start, work, n, ahead, strength, scaled):
    """Scatter the segments work[:n] (`scaled`: times their strength), asking for the memory of those `ahead`."""
    for q in range(n):
        if q + ahead < n:
            start = seg_start[work[q + ahead]]
            stop = seg_start[work[q + ahead] + 1]
            last = stop if stop < start + 96 else start + 96  # (a `min` is compiled as a function of its own)
            for j in range(start, last, 32):
                prefetch(target, j)
            for j in range(start, last, 16):
                prefetch(weight, j)
        if scaled:
            scatter_scaled(row, target, weight, seg_start[work[q]], seg_start[work[q] + 1], strength[q])
        else:
            scatter(row, target, weight, seg_start[work[q]], seg_start[work[q] + 1])


@part_of
def walk_constant(row, target, weight, seg_start, work, n, ahead, strength, scaled):
    """The same for one weight for all."""
    for q in range(n):
        if q + ahead < n:
            start = seg_start[work[q + ahead]]
            stop = seg_start[work[q + ahead] + 1]
            last = stop if stop < start + 128 else start + 128
            for j in range(start, last, 32):
                prefetch(target, j)
        each = weight * strength[q] if scaled else weight
        scatter_constant(row, target, each, seg_start[work[q]], seg_start[work[q] + 1])


@functools.cache
def delivery(target: str, weight: str | None, scaled: bool) -> int:
    """Return the address of the kernel that delivers a bundle with these types, e.g. ("uint16", "float32").

    `scaled`: flights carry a factor.
    """
    targets = getattr(np, target)
    if weight is None:

        def deliver(w_at, b, step):
            w = struct(w_at, WORKER)
            bundle, work = table(w.bundle, BUNDLE)[b], ints(w.work)
            n = due_now(w, bundle, table(w.queue, QUEUE)[b], table(w.status, STATUS)[0], step, work)
            row = floats(w.x)[bundle.row : bundle.row + bundle.width]
            ids = view(bundle.target.at, bundle.target.n, targets)
            walk_constant(row, ids, bundle.constant, ints(bundle.seg_start), work, n, AHEAD, floats(w.strength), scaled)
            return n

        return kernel_address(deliver, DELIVER)

    weights = getattr(np, weight)

    def deliver_weighted(w_at, b, step):
        w = struct(w_at, WORKER)
        bundle, work = table(w.bundle, BUNDLE)[b], ints(w.work)
        n = due_now(w, bundle, table(w.queue, QUEUE)[b], table(w.status, STATUS)[0], step, work)
        row = floats(w.x)[bundle.row : bundle.row + bundle.width]
        ids = view(bundle.target.at, bundle.target.n, targets)
        strength = view(bundle.weight.at, bundle.weight.n, weights)
        walk(row, ids, strength, ints(bundle.seg_start), work, n, AHEAD, floats(w.strength), scaled)
        return n

    return kernel_address(deliver_weighted, DELIVER)
