"""Who is next?  Two binary heaps.

Neurons stand in an indexed heap of lower bounds: the key of a neuron is a time before which it does nothing.
An arrival that makes a neuron act later leaves the heap alone, and the key is put right only when it comes up
(inhibition, most of the input of many networks, then costs no heap operation); one that makes it act earlier
moves it up, on average past few others.

Spikes on their way stand in a heap by (arrival, rank of the spike, bundle): one entry for each spike and
bundle, moved on to the next delay of that spike when one is served.  A spike that reaches K targets with one
delay costs one entry for all K.

Heaps, and not calendar queues or a FIFO for each delay: they need no bucket width and serve any mixture of delays; in
inhibitory networks about one key in five arrivals has to be put right.

Ties: equal keys are served in the order of neuron, equal arrivals in the order of emission (time, then gid),
then bundle.
"""

from __future__ import annotations

import numpy as np

from ..jit import compiled

# columns of a flight's integers
RANK, BUNDLE, SEGMENT, LAST, FLIGHT_COLUMNS = range(5)


@compiled
def sift_up(key, slot, place, k):
    """Move the entry at heap position `k` towards the top; slot: neuron at each position, place: its inverse."""
    i = slot[k]
    t = key[i]
    while k > 0:
        parent = (k - 1) >> 1
        j = slot[parent]
        if key[j] < t or (key[j] == t and j < i):
            break
        slot[k] = j
        place[j] = k
        k = parent
    slot[k] = i
    place[i] = k


@compiled
def sift_down(key, slot, place, k):
    """Move the entry at heap position `k` away from the top."""
    n = slot.size
    i = slot[k]
    t = key[i]
    while True:
        child = 2 * k + 1
        if child >= n:
            break
        j = slot[child]
        if child + 1 < n:
            other = slot[child + 1]
            if key[other] < key[j] or (key[other] == key[j] and other < j):
                child += 1
                j = other
        if t < key[j] or (t == key[j] and i < j):
            break
        slot[k] = j
        place[j] = k
        k = child
    slot[k] = i
    place[i] = k


@compiled
def heapify(key, slot, place):
    """Order all entries."""
    n = slot.size
    for k in range(n):
        slot[k] = k
        place[k] = k
    for k in range(n // 2 - 1, -1, -1):
        sift_down(key, slot, place, k)


@compiled
def reschedule(key, slot, place, i, t):
    """Let neuron i act at t or, if its key says so, be looked at earlier."""
    if t < key[i]:
        key[i] = t
        sift_up(key, slot, place, place[i])


@compiled
def postpone(key, slot, place, i, t):
    """Let neuron i act at t, not before its key."""
    if t > key[i]:
        key[i] = t
        sift_down(key, slot, place, place[i])


@compiled
def before(due, flight, a, b):
    """Whether flight a is served before flight b."""
    if due[a] != due[b]:
        return due[a] < due[b]
    if flight[a, RANK] != flight[b, RANK]:
        return flight[a, RANK] < flight[b, RANK]
    return flight[a, BUNDLE] < flight[b, BUNDLE]


@compiled
def swap(due, emitted, flight, a, b):
    """Exchange two flights."""
    due[a], due[b] = due[b], due[a]
    emitted[a], emitted[b] = emitted[b], emitted[a]
    for c in range(FLIGHT_COLUMNS):
        flight[a, c], flight[b, c] = flight[b, c], flight[a, c]


@compiled
def raise_flight(due, emitted, flight, k):
    """Restore the heap after the entry at `k` became earlier."""
    while k > 0:
        parent = (k - 1) >> 1
        if not before(due, flight, k, parent):
            break
        swap(due, emitted, flight, k, parent)
        k = parent


@compiled
def sink_flight(due, emitted, flight, n, k):
    """Restore the heap of n entries after the entry at `k` became later."""
    while True:
        child = 2 * k + 1
        if child >= n:
            break
        if child + 1 < n and before(due, flight, child + 1, child):
            child += 1
        if before(due, flight, k, child):
            break
        swap(due, emitted, flight, k, child)
        k = child


@compiled
def grown(array, n):
    """A larger copy of an array (or of a table) with room for n rows."""
    more = np.zeros((2 * n, *array.shape[1:]), array.dtype)
    more[: array.shape[0]] = array
    return more
