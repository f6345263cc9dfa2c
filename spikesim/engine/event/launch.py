"""The spikes of a window: named and ordered, brought together from all workers, put on their way.

The order is (time, gid), the same on every worker.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

import numpy as np

from ...jit import call_kernel, prefetch, view
from ...jit.records import floats, ints, struct, table
from .plastic import tell
from .propagate import counts, running
from .queue import raise_flight, sort_spikes
from .records import BUNDLE, FLIGHT, FULL, PUBLISHED, RELEASE, WORKER

#: Spikes whose segments are asked for before they are put on their way: where these stand, and their delays.
AHEAD, NEAR = 8, 4


@functools.cache
def launching(released: bool, late: bool) -> Callable[..., int]:
    """Return the kernel that puts spikes on their way; `released`: some with a factor; `late`: some to synapses that
    are told of them late."""

    def launch(w_at, time_at, id_at, n):
        """Put n spikes, in the order (time, gid), on their way; what of them has arrived already is over."""
        w = struct(w_at, WORKER)
        bundles, c, r = table(w.bundle, BUNDLE), counts(w), running(w)
        times, ids = view(time_at, n, np.float64), view(id_at, n, np.int64)
        heap, due, flight = ints(w.heap), floats(w.due), table(w.flight, FLIGHT)
        flights, until = c.flights, c.until
        if flights + n * bundles.size > heap.size:
            r.status, r.need_flights = FULL, 2 * (flights + n * bundles.size) + 64
            return 0
        factor, strength = floats(w.factor), floats(w.strength)
        if released:
            for k, rule in enumerate(table(w.release, RELEASE)):
                out_at = w.strength.at + 8 * n * k
                call_kernel(rule.kernel, (np.int64(w_at), np.int64(k), time_at, id_at, n, np.int64(out_at)))
        for q in range(n):
            c.sequence += 1
            for b in range(bundles.size if q + AHEAD < n else 0):
                prefetch(view(bundles[b].source_ptr.at + 8 * ids[q + AHEAD], 2, np.int64), 0)
            for b in range(bundles.size if q + NEAR < n else 0):
                bundle = bundles[b]
                first = view(bundle.source_ptr.at + 8 * ids[q + NEAR], 2, np.int64)[0]
                prefetch(view(bundle.seg_delay.at, first + 1, np.float64), first)
            for b in range(bundles.size):
                bundle = bundles[b]
                source_ptr = view(bundle.source_ptr.at + 8 * ids[q], 2, np.int64)
                first, end = source_ptr[0], source_ptr[1]
                delay = view(bundle.seg_delay.at, end, np.float64)
                while first < end and times[q] + delay[first] < until:
                    first += 1
                if end > first:
                    prefetch(view(bundle.seg_start.at, end, np.int64), first)
                    f = heap[flights]
                    if released and bundle.release >= 0:
                        factor[f] = strength[bundle.release * n + q]
                    due[f] = times[q] + delay[first]
                    going = flight[f]
                    going.emitted, going.rank, going.gid, going.bundle = times[q], c.sequence, ids[q], b
                    if late:
                        going.rank += bundle.after
                    going.segment, going.last = first, end
                    raise_flight(heap, due, flight, flights)
                    flights += 1
        c.flights = flights
        return 0

    return launch


def merge(w_at, workers):
    """Bring what all workers published into the order (time, gid); return how many there are."""
    w = struct(w_at, WORKER)
    published, r = table(w.published, PUBLISHED), running(w)
    total = np.int64(0)
    for told in published:
        total += told.n
    if total > w.all_id.n:
        r.status, r.need_all = FULL, 2 * total
        return 0
    times, ids = floats(w.all_time), ints(w.all_id)
    cursor = np.zeros(workers, np.int64)
    for q in range(total):
        best = np.int64(-1)
        t, gid = np.inf, np.int64(0)
        for o in range(workers):
            told = published[o]
            if cursor[o] < told.n:
                t_o = view(told.time_at, told.n, np.float64)[cursor[o]]
                gid_o = view(told.id_at, told.n, np.int64)[cursor[o]]
                if best < 0 or t_o < t or (t_o == t and gid_o < gid):
                    best, t, gid = o, t_o, gid_o
        times[q], ids[q] = t, gid
        cursor[best] += 1
    return total


@functools.cache
def closing(learns: bool) -> Callable[..., int]:
    """Return the kernel that names the spikes logged in this window by their gids and orders them; `learns`: synapses
    are told of those of which they do not know."""

    def close(w_at):
        w = struct(w_at, WORKER)
        r, c = running(w), counts(w)
        if learns:
            tell(w_at, w)
        n = r.logged - r.opened
        times, ids = floats(w.log_time)[r.opened : r.logged], ints(w.log_id)[r.opened : r.logged]
        for q in range(n):
            ids[q] += w.first
        sort_spikes(times, ids, n)
        c.spikes += n
        return 0

    return close
