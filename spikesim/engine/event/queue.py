"""Who is next?  Buckets of neurons, and a heap of spikes on their way.

**Neurons** stand in buckets of time (a calendar queue: Brown 1988) by a time before which they do nothing:
bucket b holds [b, b + 1) times the width.  Buckets form a ring; what lies beyond its end waits in the last one and is
filed again when that comes up.  An arrival that makes a neuron act later leaves it where it is: it is filed again
when its bucket comes (inhibition, most of the input of many networks, costs the queue nothing); one that makes it act
earlier files it again only if that changes the bucket, and what it leaves behind is passed over later.  Nothing
is ordered within a bucket: neurons are independent within a window, so everything in it is served, in any order, before
workers meet.  The width is a power of two, so that which bucket a time belongs to is exact.

A bucket is a chain of chunks of a cache line each, 14 neurons and their number and the next chunk: filing touches one
line, fetching reads lines in a row.  (A heap touches log2(n) of them, a linked list of neurons three, one after the
other; measured in "The event engine" of benchmarks/README.md.)

**Spikes on their way** stand in a binary heap by (arrival, rank of the spike, bundle): one entry for each spike and
bundle, moved on to the next delay of that spike.  A spike that reaches K targets with one delay
costs one entry for all K.  Here the order counts: what reaches a neuron has to come in the order of time, and
of emission where times are equal.  The entry is looked at once a window, which takes all that is due (`reach`).
"""

from __future__ import annotations

import numpy as np

from ...jit import compiled, inlined

#: Buckets of the ring, a power of two.
BUCKETS = 2**14
NONE = -1
NEURONS = 14  # in a chunk


@inlined
def bucket_of(t, width):
    """The number of the bucket of time t >= 0; width: a power of two, and its inverse one, too."""
    return np.int64(min(t * (1.0 / width), 9e15))


@inlined
def room(chunks, queue):
    """How many more chunks can be taken: `file` takes one at most."""
    return chunks.size - queue.used + queue.spare


@inlined
def new_chunk(chunks, queue):
    """The number of an unused chunk; there must be room."""
    c = queue.free
    if c != NONE:
        queue.free = chunks[c].after
        queue.spare -= 1
        return c
    c = queue.used
    queue.used = c + 1
    return c


@inlined
def file(head, filed, chunks, queue, i, bucket):
    """Let neuron i be found in a bucket (not before the current one).

    head: first chunk of each bucket;  filed: the place in the ring where each neuron stands (both int32, -1: none).
    """
    current = queue.current
    last = np.int64(head.size - 1)
    ahead = max(np.int64(0), min(bucket - current, last))
    queue.hint = min(queue.hint, bucket, current + last)
    old = filed[i]
    if old != NONE and ((old - current) & last) <= ahead:
        return
    new = (current + ahead) & last
    filed[i] = new
    c = np.int64(head[new])
    if c == NONE or chunks[c].n == NEURONS:
        fresh = new_chunk(chunks, queue)
        entry = chunks[fresh]
        entry.after, entry.n = c, 0
        head[new] = c = fresh
    entry = chunks[c]
    entry.neurons[entry.n] = i
    entry.n += 1
    if old == NONE:
        queue.filed += 1


@compiled
def fetch(head, filed, chunks, queue, bucket, out):
    """Empty a bucket into `out`; return how many neurons stood there."""
    place = bucket & np.int64(head.size - 1)
    c = np.int64(head[place])
    head[place] = NONE
    n = 0
    while c != NONE:
        entry = chunks[c]
        for k in range(entry.n):
            i = entry.neurons[k]
            if filed[i] == place:  # (else it has been filed elsewhere since)
                filed[i] = NONE
                out[n] = i
                n += 1
        after = np.int64(entry.after)
        entry.after = queue.free
        queue.free = c
        queue.spare += 1
        c = after
    queue.filed -= n
    return n


@inlined
def first_filled(head, current):
    """The first bucket from `current` on in which somebody stands (somebody must)."""
    last = np.int64(head.size - 1)
    while head[current & last] == NONE:
        current += 1
    return current


@inlined
def before(due, flight, a, b):
    """Whether flight a is served before flight b."""
    if due[a] != due[b]:
        return due[a] < due[b]
    if flight[a].rank != flight[b].rank:
        return flight[a].rank < flight[b].rank
    return flight[a].bundle < flight[b].bundle


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


@inlined
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


@inlined
def powers(n):
    """Where the gaps of Shell's sort of n numbers begin: a power of 2.25, to be divided by 2.25 until it is below 1."""
    power = 1.0
    while 9.0 * power < 5.0 * n:
        power *= 2.25
    return power


@inlined
def gap_of(power):
    """The gap of such a power (N. Tokuda 1992, An improved Shellsort)."""
    return np.int64(np.ceil((9.0 * power - 4.0) / 5.0))


@compiled
def sort_spikes(time, gid, n):
    """Order n spikes by (time, gid), in place (Shell's sort; most often they are few)."""
    power = powers(n)
    while power >= 1.0:
        gap = gap_of(power)
        for k in range(gap, n):
            t, i, at = time[k], gid[k], k
            while at >= gap and (time[at - gap] > t or (time[at - gap] == t and gid[at - gap] > i)):
                time[at], gid[at] = time[at - gap], gid[at - gap]
                at -= gap
            time[at], gid[at] = t, i
        power /= 2.25
