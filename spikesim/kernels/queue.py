"""Who is next?  Buckets of neurons, and a heap of spikes on their way.

**Neurons** stand in buckets of time (a calendar queue: Brown 1988), each in one, by a time before which it does
nothing: bucket b holds [b, b + 1) times the width.  Buckets form a ring; what lies beyond its end waits in the last one
and is filed again when that comes up.  An arrival that makes a neuron act later leaves it where it is: it is filed
again when its bucket comes (inhibition, most of the input of many networks, costs the queue nothing); one that makes
it act earlier moves it only if it changes the bucket.  Nothing is ordered within a bucket: neurons are independent
within a window, so everything in it is served, in any order, before workers meet.  The width is a power of two, so
that which bucket a time belongs to is exact.

The choice: filing and fetching take the same time for any number of neurons; see "The event engine" in
benchmarks/README.md for the measurement against a heap.

**Spikes on their way** stand in a binary heap by (arrival, rank of the spike, bundle): one entry for each spike and
bundle, moved on to the next delay of that spike when one is served.  A spike that reaches K targets with one delay
costs one entry for all K.  Here the order counts: what reaches a neuron has to come in the order of time, and
of emission where times are equal.
"""

from __future__ import annotations

import math

import numpy as np

from ..jit import compiled

#: Buckets of the ring, a power of two.
BUCKETS = 2**14
NEXT_IN, BEFORE, BUCKET, LINKS = 0, 1, 2, 4
NONE = -1

# columns of a flight's integers
RANK, BUNDLE, SEGMENT, LAST, FLIGHT_COLUMNS = range(5)


@compiled
def bucket_of(t, width):
    """The number of the bucket of time t >= 0."""
    return np.int64(math.floor(min(t, 9e15 * width) / width))


@compiled
def unfile(head, link, i):
    """Take neuron i out of its bucket."""
    after, before = link[i, NEXT_IN], link[i, BEFORE]
    if before == NONE:
        head[link[i, BUCKET]] = after
    else:
        link[before, NEXT_IN] = after
    if after != NONE:
        link[after, BEFORE] = before
    link[i, BUCKET] = NONE


@compiled
def file(head, link, i, t, current, width):
    """Let neuron i stand where it is found by t (not before bucket `current`); return by how many more are filed."""
    old = link[i, BUCKET]
    last = np.int64(head.size - 1)
    ahead = max(np.int64(0), min(bucket_of(t, width) - current, last))
    new = (current + ahead) & last
    added = 1
    if old != NONE:
        if ((old - current) & last) <= ahead:
            return 0
        unfile(head, link, i)
        added = 0
    first = head[new]
    link[i, NEXT_IN], link[i, BEFORE], link[i, BUCKET] = first, NONE, new
    if first != NONE:
        link[first, BEFORE] = i
    head[new] = i
    return added


@compiled
def fetch(head, link, bucket, out):
    """Empty a bucket into `out`; return how many there were."""
    slot = bucket & np.int64(head.size - 1)
    i = np.int64(head[slot])
    head[slot] = NONE
    n = 0
    while i != NONE:
        out[n] = i
        n += 1
        link[i, BUCKET] = NONE
        i = np.int64(link[i, NEXT_IN])
    return n


@compiled
def first_filled(head, current):
    """The first bucket from `current` on in which somebody stands (somebody must)."""
    last = np.int64(head.size - 1)
    while head[current & last] == NONE:
        current += 1
    return current


@compiled
def before(due, flight, a, b):
    """Whether flight a is served before flight b."""
    if due[a] != due[b]:
        return due[a] < due[b]
    if flight[a, RANK] != flight[b, RANK]:
        return flight[a, RANK] < flight[b, RANK]
    return flight[a, BUNDLE] < flight[b, BUNDLE]


@compiled
def raise_flight(heap, due, flight, k):
    """Restore the heap after the entry at `k` became earlier; heap: numbers of flights."""
    f = heap[k]
    while k > 0:
        parent = (k - 1) >> 1
        if not before(due, flight, f, heap[parent]):
            break
        heap[k] = heap[parent]
        k = parent
    heap[k] = f


@compiled
def sink_flight(heap, due, flight, n, k):
    """Restore the heap of n entries after the entry at `k` became later."""
    f = heap[k]
    while True:
        child = 2 * k + 1
        if child >= n:
            break
        if child + 1 < n and before(due, flight, heap[child + 1], heap[child]):
            child += 1
        if not before(due, flight, heap[child], f):
            break
        heap[k] = heap[child]
        k = child
    heap[k] = f


@compiled
def grown(array, n):
    """A larger copy of an array (or of a table) with room for 2 n rows."""
    more = np.zeros((2 * n, *array.shape[1:]), array.dtype)
    more[: array.shape[0]] = array
    return more


@compiled
def sort_spikes(time, gid, n):
    """Order n spikes by (time, gid), in place (heapsort; most often they are few)."""
    for k in range(n // 2 - 1, -1, -1):
        _sink(time, gid, k, n)
    for end in range(n - 1, 0, -1):
        time[0], time[end] = time[end], time[0]
        gid[0], gid[end] = gid[end], gid[0]
        _sink(time, gid, 0, end)


@compiled
def _sink(time, gid, k, n):
    t, i = time[k], gid[k]
    while True:
        child = 2 * k + 1
        if child >= n:
            break
        if child + 1 < n and (
            time[child + 1] > time[child] or (time[child + 1] == time[child] and gid[child + 1] > gid[child])
        ):
            child += 1
        if time[child] < t or (time[child] == t and gid[child] <= i):
            break
        time[k], gid[k] = time[child], gid[child]
        k = child
    time[k], gid[k] = t, i
