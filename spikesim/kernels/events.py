"""The loop of the event engine: one worker, in order of time.

Workers meet once a window: the smallest delay, counted from the earliest thing that anybody has to do, so that
nothing emitted inside a window arrives inside it.  Then all spikes of the window are put on their way in the
order (time, gid), the same on every worker; so nothing depends on how neurons are divided or where a window was
cut.

An instant t: electrode currents change; spikes arrive; trains arrive; then each neuron that was reached is
settled, once: its v moves, and it fires if it has reached its threshold.  A sample at t shows the state after
that.
"""

from __future__ import annotations

import numpy as np

from ..jit import compiled, view
from . import event_tables as e
from .arrivals import deliver, drives, interval, touch, trains
from .event_tables import JUMP, REF, V
from .neuron import advance, next_event, octets, predict, record, settle
from .queue import (
    BUNDLE,
    LAST,
    RANK,
    SEGMENT,
    grown,
    heapify,
    postpone,
    raise_flight,
    reschedule,
    sink_flight,
)
from .run import meet
from .tables import floats, ints, records


@compiled
def begin(w, start):
    """Draw the first intervals, order the neurons."""
    part = records(w, e.W_PART, e.PART_COLUMNS)
    key, following = floats(w, e.W_KEY), floats(w, e.W_TRAIN_NEXT)
    train, listed, listed_at = records(w, e.W_TRAIN, e.TR_COLUMNS), floats(w, e.W_LISTED), ints(w, e.W_LISTED_AT)
    listed_end, bound = ints(w, e.W_LISTED_END), floats(w, e.W_BOUND)
    for k in range(part.shape[0]):
        for j in range(part[k, e.SIZE]):
            i = part[k, e.FIRST] + j
            for b in range(part[k, e.TRAIN_LO], part[k, e.TRAIN_HI]):
                r = train[b, e.TR_NEXT] + j
                following[r] = start + interval(w, b, train[b, e.TR_ENTITY] + j, r)
            if part[k, e.KIND] == e.TIMES:
                bound[i] = listed[listed_at[i]] if listed_at[i] < listed_end[i] else np.inf
            elif part[k, e.KIND] == e.POISSON:
                bound[i] = np.inf
            else:
                bound[i] = start  # what starts at or above threshold fires at once
            key[i] = next_event(w, i, part, k)
    heapify(key, ints(w, e.W_SLOT), ints(w, e.W_PLACE))


@compiled
def instant(w, t, due, emitted, flight, flights):
    """Do all that happens at t; return (flights left, neurons fired, error, neuron at fault)."""
    part = records(w, e.W_PART, e.PART_COLUMNS)
    part_of, key, slot, place = ints(w, e.W_PART_OF), floats(w, e.W_KEY), ints(w, e.W_SLOT), ints(w, e.W_PLACE)
    bound, known, mark = floats(w, e.W_BOUND), octets(w, e.W_KNOWN), octets(w, e.W_MARK)
    touched, fired, delay = ints(w, e.W_TOUCHED), ints(w, e.W_FIRED), floats(w, e.W_DELAY)
    bundle, state = records(w, e.W_BUNDLE, e.BUNDLE_COLUMNS), ints(w, e.W_STATE)
    n = drives(w, t, np.int64(0))
    while flights > 0 and due[0] == t:
        b, segment = flight[0, BUNDLE], flight[0, SEGMENT]
        n = deliver(w, b, segment, t, n)
        if segment + 1 < flight[0, LAST]:
            seg_delay = view(bundle[b, e.SEG_DELAY], bundle[b, e.N_SEGMENTS], np.int32)
            due[0] = emitted[0] + delay[seg_delay[segment + 1]]
            flight[0, SEGMENT] = segment + 1
        else:
            flights -= 1
            due[0], emitted[0] = due[flights], emitted[flights]
            flight[0] = flight[flights]
        sink_flight(due, emitted, flight, flights, 0)
    out = np.int64(0)
    while key.size and key[slot[0]] <= t:
        i = slot[0]
        k = part_of[i]
        kind = part[k, e.KIND]
        following = next_event(w, i, part, k)
        if following > t:  # an old key of a neuron that acts later
            postpone(key, slot, place, i, following)
            continue
        if kind == e.TIMES:
            at, listed = ints(w, e.W_LISTED_AT), floats(w, e.W_LISTED)
            fired[out] = i  # (there is room for times listed twice)
            out += 1
            at[i] += 1
            bound[i] = listed[at[i]] if at[i] < ints(w, e.W_LISTED_END)[i] else np.inf
        else:
            count, n = trains(w, i, part, k, t, n)
            for _ in range(min(count, 2)):  # more at one time have no probability and no room
                fired[out] = i
                out += 1
            if bound[i] == t and mark[i] == 0:
                if known[i] == 1 or kind == e.FLOW or record(w, i)[0] == t:
                    n = touch(w, i, t, n)
                    mark[i] = 2
                else:
                    state[e.STEPS] += 1
                    failed = predict(w, i, part, k, t)
                    if failed != e.DONE:
                        return flights, out, failed, i
                    if bound[i] == t and known[i] == 0:
                        bound[i] = np.nextafter(t, np.inf)
                    postpone(key, slot, place, i, next_event(w, i, part, k))
                    continue
            elif bound[i] == t:
                mark[i] = 2
        postpone(key, slot, place, i, np.inf if mark[i] else next_event(w, i, part, k))
    for q in range(n):
        i = touched[q]
        k = part_of[i]
        if mark[i] == 1 and part[k, e.LEAK] and bound[i] > t:  # held back: the short form of `settle`
            x = record(w, i)
            if t > x[REF]:
                x[V] += x[JUMP]
            x[JUMP] = 0.0
            known[i] = mark[i] = 0
            continue
        spike, failed = settle(w, i, part, k, t)
        mark[i] = 0
        if failed != e.DONE:
            return flights, out, failed, i
        if spike:
            fired[out] = i
            out += 1
        reschedule(key, slot, place, i, next_event(w, i, part, k))
    return flights, out, np.int64(0), np.int64(-1)


@compiled
def sample(w, step, time):
    """Write the probes that are due at `step`, without touching what they look at."""
    probe, part = records(w, e.W_PROBE, e.PR_COLUMNS), records(w, e.W_PART, e.PART_COLUMNS)
    term = floats(w, e.W_TERM)
    for q in range(probe.shape[0]):
        if step % probe[q, e.PR_EVERY]:
            continue
        n, k = probe[q, e.PR_COUNT], probe[q, e.PR_PART]
        row = step // probe[q, e.PR_EVERY] - probe[q, e.PR_FROM]
        out = view(probe[q, e.PR_OUT] + 8 * n * row, n, np.float64)
        index = ints(w, e.W_PROBE_INDEX)[probe[q, e.PR_INDEX] :]
        for j in range(n):
            x = record(w, index[j])
            copy = floats(w, e.W_SCRATCH)[: x.size]
            copy[:] = x
            advance(w, index[j], part, k, copy, time)
            total = 0.0
            for r in range(probe[q, e.PR_TERM_LO], probe[q, e.PR_TERM_HI]):
                value = term[5 * r + 1] * copy[np.int64(term[5 * r])]
                if term[5 * r + 4] != 0.0:
                    value *= term[5 * r + 2] - copy[np.int64(term[5 * r + 3])]
                total += value
            out[j] = total


@compiled
def next_sample(w):
    """The next step at which something is sampled."""
    probe, last = records(w, e.W_PROBE, e.PR_COLUMNS), ints(w, e.W_STATE)[e.SAMPLED]
    step = np.int64(2**62)
    for q in range(probe.shape[0]):
        step = min(step, (last // probe[q, e.PR_EVERY] + 1) * probe[q, e.PR_EVERY])
    return step


@compiled
def earliest(w, due, flights):
    """A time before which nothing happens on this worker."""
    key, following = floats(w, e.W_KEY), floats(w, e.W_DRIVE_NEXT)
    t = key[ints(w, e.W_SLOT)[0]] if key.size else np.inf
    if flights > 0:
        t = min(t, due[0])
    for q in range(following.size):
        t = min(t, following[q])
    return t


@compiled
def launch(w, times, ids, n, due, emitted, flight, flights):
    """Put n spikes, in the order (time, gid), on their way; there is room for them; return the number of flights."""
    bundle, delay, state = records(w, e.W_BUNDLE, e.BUNDLE_COLUMNS), floats(w, e.W_DELAY), ints(w, e.W_STATE)
    for q in range(n):
        state[e.SEQUENCE] += 1
        for b in range(bundle.shape[0]):
            source_ptr = view(bundle[b, e.SOURCE_PTR], bundle[b, e.N_SOURCES] + 1, np.int64)
            first, end = source_ptr[ids[q]], source_ptr[ids[q] + 1]
            if end > first:
                seg_delay = view(bundle[b, e.SEG_DELAY], bundle[b, e.N_SEGMENTS], np.int32)
                due[flights] = times[q] + delay[seg_delay[first]]
                emitted[flights] = times[q]
                flight[flights, RANK], flight[flights, BUNDLE] = state[e.SEQUENCE], b
                flight[flights, SEGMENT], flight[flights, LAST] = first, end
                raise_flight(due, emitted, flight, flights)
                flights += 1
    return flights


@compiled
def merge(w, workers):
    """Return the times and ids of what all workers published, in the order (time, gid)."""
    published = records(w, e.W_PUBLISHED, 8)
    total = np.int64(0)
    for o in range(workers):
        total += published[o, 2]
    times, ids = np.empty(total), np.empty(total, np.int64)
    cursor = np.zeros(workers, np.int64)
    for q in range(total):
        best = np.int64(-1)
        t, gid = np.inf, np.int64(0)
        for o in range(workers):
            if cursor[o] < published[o, 2]:
                t_o = view(published[o, 0], published[o, 2], np.float64)[cursor[o]]
                gid_o = view(published[o, 1], published[o, 2], np.int64)[cursor[o]]
                if best < 0 or t_o < t or (t_o == t and gid_o < gid):
                    best, t, gid = o, t_o, gid_o
        times[q], ids[q] = t, gid
        cursor[best] += 1
    return times, ids


@compiled
def run(w, me, workers, first, start, end_step, num, den, window, due, emitted, flight, flights):
    """Run worker `me` (its tables, packed) until everything up to step `end_step` of num / den ms has happened.

    first : gid of neuron 0 of the worker;  start : ms, where nothing has run yet, else nan;  window :
    smallest delay (ms). due, emitted (float64), flight (int64 table), flights: the spikes on their way.

    Returns (error, neuron, time of it), the spikes (times, gids, how many), and the flights as they are then.
    """
    state, barrier, shared = ints(w, e.W_STATE), ints(w, e.W_BARRIER), floats(w, e.W_EARLIEST)
    published, fired = records(w, e.W_PUBLISHED, 8), ints(w, e.W_FIRED)
    n_bundles = w[2 * e.W_BUNDLE + 1] // e.BUNDLE_COLUMNS
    end = np.float64(end_step * num) / den
    log_time, log_id, logged = np.empty(1024), np.empty(1024, np.int64), np.int64(0)
    failed, fault, when = np.int64(0), np.int64(-1), 0.0
    if start == start:
        begin(w, start)
    while True:
        shared[me] = earliest(w, due, flights)
        state[e.BARRIERS] += 1
        meet(barrier, state[e.BARRIERS], workers)
        t0, broken = np.inf, False
        for o in range(workers):
            t0 = min(t0, shared[o])
            broken = broken or published[o, 3] != 0
        stop = t0 + window
        if t0 > end or broken:
            stop = np.inf
        opened = logged
        step = next_sample(w)
        while not broken:
            t = earliest(w, due, flights)
            while step <= end_step:
                time = np.float64(step * num) / den
                if time >= min(t, stop):
                    break
                sample(w, step, time)
                state[e.SAMPLED] = step
                step = next_sample(w)
            if t >= stop or t > end:
                break
            flights, out, failed, fault = instant(w, t, due, emitted, flight, flights)
            if failed != e.DONE:
                when = t
                break
            if out > 0:
                if out > 1:
                    fired[:out] = np.sort(fired[:out])
                while logged + out > log_time.size:
                    log_time, log_id = grown(log_time, log_time.size), grown(log_id, log_id.size)
                for q in range(out):
                    log_time[logged] = t
                    log_id[logged] = first + fired[q]
                    logged += 1
        if t0 > end or broken:
            break
        state[e.SPIKES] += logged - opened
        published[me, 0] = log_time[opened:].ctypes.data
        published[me, 1] = log_id[opened:].ctypes.data
        published[me, 2] = logged - opened
        published[me, 3] = failed
        state[e.BARRIERS] += 1
        meet(barrier, state[e.BARRIERS], workers)
        if n_bundles == 0:
            continue
        if workers == 1:
            times, ids = log_time[opened:logged], log_id[opened:logged]
        else:
            times, ids = merge(w, workers)
        while flights + times.size * n_bundles > due.size:
            due, emitted, flight = grown(due, due.size), grown(emitted, emitted.size), grown(flight, due.size)
        flights = launch(w, times, ids, times.size, due, emitted, flight, flights)
    state[e.FAILED] = failed
    return (failed, fault, when), (log_time, log_id, logged), (due, emitted, flight, flights)
