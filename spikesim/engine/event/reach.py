"""Which segments are reached within a window, in the order of (time, rank of the spike, bundle).

A spike on its way is taken out of the heap once a window, with all of its segments that are due; these are brought into
order by buckets of time, as many as there are segments, and by a sort within a bucket, where most often one stands.
So a synapse with a delay of its own costs a place in a list, no operation of the heap.
"""

from __future__ import annotations

import numpy as np

from ...jit import compiled, inlined, prefetch, view
from ...jit.records import floats, ints, struct, table
from .queue import gap_of, powers, sink_flight
from .records import BUNDLE, COUNTS, FLIGHT, FULL, REACH, RUN

#: Cache lines of a segment that are asked for ahead: the processor sees by itself that a long one goes on.
MOST_LINES = 8


@compiled
def collect(w, stop):
    """List all segments that are due before `stop`, in order; return whether there was room (else call it again)."""
    c, r = struct(w.counts.at, COUNTS), struct(w.run.at, RUN)
    heap, due, flight = ints(w.heap), floats(w.due), table(w.flight, FLIGHT)
    bundles, listed = table(w.bundle, BUNDLE), table(w.reach, REACH)
    flights, n = c.flights, r.reached
    if flights == 0 or due[heap[0]] >= stop:
        return True
    while flights > 0 and due[heap[0]] < stop and n < listed.size:
        f = heap[0]
        going = flight[f]
        bundle = bundles[going.bundle]
        start_at, delay_at = bundle.seg_start.at, bundle.seg_delay.at
        t, segment, last, emitted = due[f], going.segment, going.last, going.emitted
        lo = view(start_at + 8 * segment, 1, np.int64)[0]
        while t < stop and n < listed.size:
            hi = view(start_at + 8 * segment, 2, np.int64)[1]
            entry = listed[n]
            entry.due, entry.rank, entry.lo, entry.hi, entry.segment = t, going.rank, lo, hi, segment
            entry.flight, entry.bundle = f, going.bundle
            n += 1
            lo = hi
            segment += 1
            t = emitted + view(delay_at + 8 * segment, 1, np.float64)[0] if segment < last else np.inf
        due[f], going.segment = t, segment
        if segment == last:  # its row goes to the end of the heap, where `launch` finds it free
            flights -= 1
            heap[0] = heap[flights]
            heap[flights] = f
        if flights > 0:
            sink_flight(heap, due, flight, flights, 0)
    c.flights, r.reached = flights, n
    if flights > 0 and due[heap[0]] < stop:
        r.status, r.need_reach = FULL, 2 * n
        return False
    arrange(listed[:n], ints(w.order), ints(w.filled))
    return True


@compiled
def arrange(listed, order, filled):
    """Write the numbers of the listed segments into `order`; filled: room for as many and one."""
    n = listed.size
    low, high = listed[0].due, listed[0].due
    for q in range(n):
        low, high = min(low, listed[q].due), max(high, listed[q].due)
        filled[q] = 0
    filled[n] = 0
    scale = n / (high - low) if high - low > 1e-12 else 0.0
    for q in range(n):
        filled[min(np.int64((listed[q].due - low) * scale), n - 1) + 1] += 1
    for q in range(n):
        filled[q + 1] += filled[q]
    for q in range(n):
        b = min(np.int64((listed[q].due - low) * scale), n - 1)
        order[filled[b]] = q
        filled[b] += 1
    first = np.int64(0)
    for b in range(n):
        end = filled[b]
        if end - first > 1:
            sort(listed, order[first:end])
        first = end


@compiled
def sort(listed, order):
    """Order a few numbers of segments (Shell's sort)."""
    n = order.size
    power = powers(n)
    while power >= 1.0:
        gap = gap_of(power)
        for k in range(gap, n):
            one, at = order[k], k
            while at >= gap and before(listed[one], listed[order[at - gap]]):
                order[at] = order[at - gap]
                at -= gap
            order[at] = one
        power /= 2.25


@inlined
def before(a, b):
    """Whether a segment is reached before another."""
    if a.due != b.due:
        return a.due < b.due
    if a.rank != b.rank:
        return a.rank < b.rank
    if a.bundle != b.bundle:
        return a.bundle < b.bundle
    return a.segment < b.segment


@inlined
def upcoming(bundle, segment):
    """Ask for the synapses of a segment that is read soon."""
    size = np.int64(4) if bundle.wide != 0 else np.int64(2)
    lines(bundle.target.at + size * segment.lo, size * (segment.hi - segment.lo))
    if bundle.weight.n > 0:
        size = np.int64(8) if bundle.double != 0 else np.int64(4)
        lines(bundle.weight.at + size * segment.lo, size * (segment.hi - segment.lo))


@inlined
def lines(at, size):
    """Ask for the cache lines of so many bytes from an address on, the first of many."""
    for k in range(min(np.int64(size + 63) >> 6, MOST_LINES)):
        prefetch(view(at + 64 * k, 8, np.uint8), 0)
