"""Spikes on their way.

A spike on its way in a bundle is a flight: the step at which it is due next and the segment (one source, one delay)
that is due then.  Flights stay in the order of (emission, source), and the order inside a segment is that of the
description, so each neuron's input is summed in an order that does not depend on how neurons were divided.

Which flights there are follows from (step of emission, source): `emitted` reads these off, `on_their_way` makes the
flights of such a list.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...jit import part_of
from ...jit.records import floats, ints, shorts
from ...program.bundles import Bundle
from ..arena import Arena

__all__ = [
    "FLIGHTS",
    "LANDED",
    "due_later",
    "due_now",
    "emitted",
    "insert",
    "launch",
    "lay",
    "make_room",
    "on_their_way",
    "stretches",
]

FLIGHTS = 4096  # spikes on their way that there is room for at first, and that there is more room for after growing

LANDED = np.int64(2**62)


@part_of
def first_factor(queue):
    """Where the factors of the flights of a bundle begin, or 0."""
    return queue.carried if queue.carried > 0 else np.int64(0)  # (a `max` is compiled as a function of its own)


@part_of
def make_room(w, queue):
    """Drop flights that have landed; return how many more there is room for."""
    first, capacity, head, tail = queue.first, queue.capacity, queue.head, queue.tail
    due = ints(w.due)[first : first + capacity]
    following = ints(w.next)[first : first + capacity]
    last = ints(w.last)[first : first + capacity]
    carries, factor = queue.carried >= 0, floats(w.factor)[first_factor(queue) :]
    n = np.int64(0)
    for i in range(head, tail):
        if due[i] != LANDED:
            due[n], following[n], last[n] = due[i], following[i], last[i]
            if carries:
                factor[n] = factor[i]
            n += 1
    queue.head = 0
    queue.tail = n
    return capacity - n


@part_of
def launch(w, bundle, queue, ids, n, step):
    """Start the flights of the spikes ids[:n] emitted at `step` (room must have been made), with their strength."""
    first, capacity, tail = queue.first, queue.capacity, queue.tail
    source_ptr = ints(bundle.source_ptr)
    seg_delay = shorts(bundle.seg_delay)
    due = ints(w.due)[first : first + capacity]
    following = ints(w.next)[first : first + capacity]
    last = ints(w.last)[first : first + capacity]
    carries, factor, strength = queue.carried >= 0, floats(w.factor)[first_factor(queue) :], floats(w.strength)
    for i in range(n):
        source = np.uint64(ids[i])
        segment, end = source_ptr[source], source_ptr[source + np.uint64(1)]
        if end > segment:
            due[tail] = step + seg_delay[segment]
            following[tail] = segment
            last[tail] = end
            if carries:
                factor[tail] = strength[i]
            tail += 1
    queue.tail = tail


@part_of
def collect(due, following, last, seg_delay, seg_start, head, tail, step, ordered, work, carries, factor, strength):
    """Gather the segments due at `step` into `work` and move their flights on; return (how many, new head, events).

    What a flight carries goes into `strength`.
    """
    n = np.int64(0)
    events = np.int64(0)
    for i in range(head, tail):
        if due[i] == step:
            s = following[i]
            work[n] = s
            if carries:
                strength[n] = factor[i]
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
def due_now(w, bundle, queue, status, step, work):
    """Collect the segments of a bundle due at `step` into `work`, their factors into `strength`; return how many."""
    first, capacity = queue.first, queue.capacity
    n, head, events = collect(
        ints(w.due)[first : first + capacity],
        ints(w.next)[first : first + capacity],
        ints(w.last)[first : first + capacity],
        shorts(bundle.seg_delay),
        ints(bundle.seg_start),
        queue.head,
        queue.tail,
        step,
        bundle.ordered != 0,
        work,
        queue.carried >= 0,
        floats(w.factor)[first_factor(queue) :],
        floats(w.strength),
    )
    queue.head = head
    status.events += events
    return n


@part_of
def due_later(w, bundle, queue, step):
    """Return how many synapses of a bundle are due at `step`; nothing moves on."""
    first, capacity = queue.first, queue.capacity
    due, following = ints(w.due)[first : first + capacity], ints(w.next)[first : first + capacity]
    start, total = ints(bundle.seg_start), np.int64(0)
    for i in range(queue.head, queue.tail):
        if due[i] == step:
            total += start[following[i] + 1] - start[following[i]]
        elif bundle.ordered != 0 and due[i] != LANDED:
            break
    return total


def source_of(bundle: Bundle, segment: np.ndarray) -> np.ndarray:
    """Return whose segments these are."""
    return np.searchsorted(bundle.source_ptr, segment, side="right") - 1


def emission(bundle: Bundle, due: np.ndarray, following: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return when flights were emitted, and by which source; one that has landed counts as older than all."""
    when = np.where(due != LANDED, due - bundle.seg_delay[following], -LANDED)
    return np.maximum.accumulate(when), source_of(bundle, following)


def emitted(bundle: Bundle, due: np.ndarray, following: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return when the flights of a bundle were emitted, and by which source; those that have landed are left out."""
    flying = due != LANDED
    due, following = due[flying], following[flying]
    return due - bundle.seg_delay[following], source_of(bundle, following)


def on_their_way(bundle: Bundle, when: np.ndarray, ids: np.ndarray, step: int) -> tuple[np.ndarray, ...]:
    """Return (due, next, last) of the spikes emitted by `ids` at `when`, for all that arrives after `step`.

    And which of the spikes these are of.
    """
    first, end = bundle.source_ptr[ids], bundle.source_ptr[ids + 1]
    segment = first.copy()
    while True:  # segments of a source are in the order of their delays
        some = np.flatnonzero(segment < end)
        past = some[when[some] + bundle.seg_delay[segment[some]] <= step]
        if not past.size:
            break
        segment[past] += 1
    kept = segment < end
    segment, end = segment[kept], end[kept]
    return when[kept] + bundle.seg_delay[segment], segment, end, np.flatnonzero(kept)


def lay(arena: Arena, capacity: np.ndarray) -> None:
    """Give the flights of each bundle a stretch of its own, of so much room, of every field in which they stand."""
    carried = arena["queue"]["carried"] >= 0
    n = int(capacity.sum())
    arena.resize(due=n, next=n, last=n, factor=int(capacity[carried].sum()))
    queue = arena["queue"]
    queue["capacity"], queue["first"] = capacity, np.cumsum(capacity) - capacity
    queue["carried"][carried] = np.cumsum(capacity[carried]) - capacity[carried]


def stretches(queue: Any) -> list[tuple[str, int]]:
    """Return the fields of the arena in which the flights of a bundle stand, and where its own begin."""
    carried = [("factor", int(queue["carried"]))] if queue["carried"] >= 0 else []
    return [*((name, int(queue["first"])) for name in ("due", "next", "last")), *carried]


def insert(bundle: Bundle, arena: Arena, queue: Any, step: int, ids: np.ndarray, factor: np.ndarray) -> None:
    """Put flights emitted at `step` among those of that step, in the order of their sources."""
    *new, kept = on_their_way(bundle, np.full(ids.size, step), ids, step)
    new.append(factor[kept])
    if not new[0].size:
        return
    first, tail = int(queue["first"]), int(queue["tail"])
    at = max(int(queue["head"]), tail - 64)
    while True:  # emissions ascend: look back until one is older
        some = slice(first + at, first + tail)
        when, who = emission(bundle, arena["due"][some], arena["next"][some])
        if at == int(queue["head"]) or (when.size and when[0] < step):
            break
        at = max(int(queue["head"]), at - 2 * (tail - at))
    at += int(np.searchsorted(when, step))
    who = who[when >= step]
    fresh = source_of(bundle, new[1])
    order = np.argsort(np.concatenate((who, fresh)), kind="stable")
    for (name, begin), values in zip(stretches(queue), new):
        old = arena[name][begin + at : begin + tail]
        arena[name][begin + at : begin + at + order.size] = np.concatenate((old, values))[order]
    queue["tail"] = tail + fresh.size
