"""Deliver spikes when they are due.

A bundle holds the synapses from all neurons onto one port of one worker's neurons, sorted by (source, delay): a
segment is what one spike of a source does at one delay.  A spike on its way is a flight: the time it is due next and
the segment that is due then.  At each step the segments that are due are collected, then walked with the next ones
already asked for from memory; all of them add into one row, which stays in the cache.

Flights stay in the order of (emission, source), and the order inside a segment is that of the description, so each
neuron's input is summed in an order that does not depend on how neurons were divided among workers.

bundle: int64 (n_bundles, COLUMNS), the columns below; addresses are those of the arrays of `network.wiring.Bundle`
"""

from __future__ import annotations

import numpy as np

from ...jit import part_of, prefetch, view

(
    SOURCE_PTR,  # address, int64 (n_sources + 1)
    SEG_DELAY,  # address, int32 (n_segments)
    SEG_START,  # address, int64 (n_segments + 1)
    TARGET,  # address, uint16 or uint32 (n_synapses)
    WEIGHT,  # address, float32 or float64 (n_synapses), 0: one weight for all
    KERNEL,  # address of the kernel for its types of target and weight
    ROW,  # where in x the port's row starts
    COLUMNS_IN_ROW,
    JUMP,  # 1: arrivals move v itself (Delta)
    SORTED,  # 1: one delay only, flights come due in order
    N_SOURCES,
    N_SEGMENTS,
    N_SYNAPSES,
    DUE,  # address, int64 (capacity): step at which a flight is due next
    NEXT,  # address, int64 (capacity): its segment
    LAST,  # address, int64 (capacity): end of the segments of its source
    CAPACITY,
    HEAD,  # first flight
    TAIL,  # behind the last one
    EVENTS,  # synaptic events so far
    COLUMNS,
) = range(21)

LANDED = np.int64(2**62)


@part_of
def make_room(bundle, b):
    """Drop flights that have landed; return how many more there is room for."""
    capacity = bundle[b, CAPACITY]
    due = view(bundle[b, DUE], capacity, np.int64)
    following = view(bundle[b, NEXT], capacity, np.int64)
    last = view(bundle[b, LAST], capacity, np.int64)
    n = np.int64(0)
    for i in range(bundle[b, HEAD], bundle[b, TAIL]):
        if due[i] != LANDED:
            due[n], following[n], last[n] = due[i], following[i], last[i]
            n += 1
    bundle[b, HEAD] = 0
    bundle[b, TAIL] = n
    return capacity - n


@part_of
def launch(bundle, b, ids, lo, hi, step):
    """Start the flights of the spikes ids[lo:hi] emitted at `step` (room must have been made)."""
    capacity = bundle[b, CAPACITY]
    source_ptr = view(bundle[b, SOURCE_PTR], bundle[b, N_SOURCES] + 1, np.int64)
    seg_delay = view(bundle[b, SEG_DELAY], bundle[b, N_SEGMENTS], np.int32)
    due = view(bundle[b, DUE], capacity, np.int64)
    following = view(bundle[b, NEXT], capacity, np.int64)
    last = view(bundle[b, LAST], capacity, np.int64)
    tail = bundle[b, TAIL]
    for i in range(lo, hi):
        source = np.uint64(ids[i])
        first, end = source_ptr[source], source_ptr[source + np.uint64(1)]
        if end > first:
            due[tail] = step + seg_delay[first]
            following[tail] = first
            last[tail] = end
            tail += 1
    bundle[b, TAIL] = tail


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
def walk(row, target, weight, seg_start, work, n, ahead):
    """Scatter the segments work[:n], asking for the memory of those `ahead` further on."""
    for q in range(n):
        if q + ahead < n:
            start = seg_start[work[q + ahead]]
            stop = seg_start[work[q + ahead] + 1]
            for j in range(start, min(stop, start + 96), 32):
                prefetch(target, j)
            for j in range(start, min(stop, start + 96), 16):
                prefetch(weight, j)
        scatter(row, target, weight, seg_start[work[q]], seg_start[work[q] + 1])


@part_of
def walk_constant(row, target, weight, seg_start, work, n, ahead):
    """The same for one weight for all."""
    for q in range(n):
        if q + ahead < n:
            start = seg_start[work[q + ahead]]
            stop = seg_start[work[q + ahead] + 1]
            for j in range(start, min(stop, start + 128), 32):
                prefetch(target, j)
        scatter_constant(row, target, weight, seg_start[work[q]], seg_start[work[q] + 1])


@part_of
def collect(due, following, last, seg_delay, seg_start, head, tail, step, ordered, work):
    """Gather the segments due at `step` into `work` and move their flights on; return (how many, new head, events)."""
    n = np.int64(0)
    events = np.int64(0)
    for i in range(head, tail):
        if due[i] == step:
            s = following[i]
            work[n] = s
            n += 1
            events += seg_start[s + 1] - seg_start[s]
            if s + 1 < last[i]:
                due[i] = step - seg_delay[s] + seg_delay[s + 1]
                following[i] = s + 1
            else:
                due[i] = LANDED
        elif ordered and due[i] != LANDED:
            break
    while head < tail and due[head] == LANDED:
        head += 1
    return n, head, events


@part_of
def due(bundle, b, step, work):
    """Collect the segments of bundle `b` that are due at `step` into `work`; return how many."""
    capacity, n_segments = bundle[b, CAPACITY], bundle[b, N_SEGMENTS]
    n, head, events = collect(
        view(bundle[b, DUE], capacity, np.int64),
        view(bundle[b, NEXT], capacity, np.int64),
        view(bundle[b, LAST], capacity, np.int64),
        view(bundle[b, SEG_DELAY], n_segments, np.int32),
        view(bundle[b, SEG_START], n_segments + 1, np.int64),
        bundle[b, HEAD],
        bundle[b, TAIL],
        step,
        bundle[b, SORTED] != 0,
        work,
    )
    bundle[b, HEAD] = head
    bundle[b, EVENTS] += events
    return n
