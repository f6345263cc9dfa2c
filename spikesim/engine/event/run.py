"""The loop of the event engine: one worker, window by window.

A window is at most the smallest delay long and begins with the earliest thing that anybody has to do, so that nothing
emitted inside it arrives inside it: within a window neurons are independent, and each is served in its own
order of time (see neuron).  What arrives goes in the order of time, for its own sake and so that every record is at
hand when it is reached; what neurons do by themselves is served bucket by bucket at the end of the window, or before
the next thing that reaches them.  Then workers meet, and all spikes of the window are put on their way in the order
(time, gid), the same on every worker.

At one time t: electrode currents change; spikes arrive, in the order of their emission; trains arrive; then the neuron
fires if it has reached its threshold.  A sample at t shows the state after that.
"""

from __future__ import annotations

import numpy as np

from ...jit import call_kernel, compiled, inlined, prefetch, resized, view, view2
from ..workers import meet
from . import records as e
from .deliver import BLOCK
from .lookup import floats, ints, records, shorts
from .propagate import interval, record, refile
from .queue import (
    BUNDLE,
    FLIGHT_COLUMNS,
    LAST,
    POOL_SIZE,
    RANK,
    SEGMENT,
    bucket_of,
    fetch,
    first_filled,
    raise_flight,
    sink_flight,
    sort_spikes,
)
from .records import BOUND, KNOWN, NEXT, OPEN, T0
from .sample import next_sample

#: The longest window (ms): spikes are sorted at its end.
LONGEST = 16.0
#: Neurons whose records are asked for before they are needed.
AHEAD = 12


def begin(w_at, start):
    """Draw the first intervals; put every neuron into its bucket."""
    w = view(w_at, e.EVENT_TABLE, np.int64)
    part, state, clock = records(w, e.W_PART, e.PART_COLUMNS), ints(w, e.W_STATE), floats(w, e.W_CLOCK)
    train, following = records(w, e.W_TRAIN, e.TR_COLUMNS), floats(w, e.W_TRAIN_NEXT)
    listed, listed_at, listed_end = floats(w, e.W_LISTED), ints(w, e.W_LISTED_AT), ints(w, e.W_LISTED_END)
    state[e.CURRENT] = state[e.HINT] = bucket_of(start, clock[e.C_WIDTH])
    clock[e.C_SERVED] = start
    for k in range(part.shape[0]):
        for j in range(part[k, e.SIZE]):
            i = part[k, e.FIRST] + j
            x = record(w, i)
            x[T0] = start
            x[BOUND], x[KNOWN] = start, OPEN  # what starts at or above threshold fires at once
            if part[k, e.KIND] == e.TIMES:
                x[BOUND] = listed[listed_at[i]] if listed_at[i] < listed_end[i] else np.inf
            elif part[k, e.KIND] == e.POISSON:
                x[BOUND] = np.inf
            x[NEXT] = x[BOUND]
            for b in range(part[k, e.TRAIN_LO], part[k, e.TRAIN_HI]):
                r = train[b, e.TR_NEXT] + j
                following[r] = start + interval(w, b, train[b, e.TR_ENTITY] + j, r)
                x[NEXT] = min(x[NEXT], following[r])
            refile(w, i, x)
    return 0


@inlined
def flying(w):
    """Heap, arrival, emission and numbers of the spikes on their way."""
    state = ints(w, e.W_STATE)
    room = state[e.FLIGHT_ROOM]
    return (
        view(state[e.HEAP], room, np.int64),
        view(state[e.DUE], room, np.float64),
        view(state[e.EMITTED], room, np.float64),
        view2(state[e.FLIGHT], room, FLIGHT_COLUMNS, np.int64),
    )


@compiled
def next_drive(w):
    """When an electrode changes next."""
    t = np.inf
    for following in floats(w, e.W_DRIVE_NEXT):
        t = min(t, following)
    return t


@compiled
def earliest(w):
    """A time before which nothing happens on this worker."""
    state = ints(w, e.W_STATE)
    t = next_drive(w)
    if state[e.FLIGHTS] > 0:
        heap, due, _, _ = flying(w)
        t = min(t, due[heap[0]])
    if state[e.FILED] > 0:
        state[e.HINT] = first_filled(shorts(w, e.W_HEAD), max(state[e.CURRENT], state[e.HINT]))
        t = min(t, state[e.HINT] * floats(w, e.W_CLOCK)[e.C_WIDTH])
    return max(t, floats(w, e.W_CLOCK)[e.C_SERVED])


def serve(w_at, stop):
    """Let all neurons do what they do by themselves before `stop`."""
    w = view(w_at, e.EVENT_TABLE, np.int64)
    head, filed = shorts(w, e.W_HEAD), shorts(w, e.W_FILED)
    part, part_of, state = records(w, e.W_PART, e.PART_COLUMNS), ints(w, e.W_PART_OF), ints(w, e.W_STATE)
    todo, width = ints(w, e.W_TODO), floats(w, e.W_CLOCK)[e.C_WIDTH]
    last = bucket_of(stop, width)
    while state[e.FILED] > 0 and state[e.FAILED] == e.DONE:
        current = first_filled(head, max(state[e.CURRENT], state[e.HINT]))
        if current > last or (current == last and current * width == stop):
            break
        state[e.CURRENT] = current
        n = fetch(head, filed, state[e.POOL : e.POOL + POOL_SIZE], current, todo)
        state[e.FILED] -= n
        for q in range(n):
            if q + AHEAD < n:
                prefetch(floats(w, e.W_X), todo[q + AHEAD] * state[e.STRIDE])
            i = todo[q]
            x = record(w, i)
            if x[NEXT] < stop:
                call_kernel(part[part_of[i], e.CATCH], (np.int64(w_at), i, stop))
            refile(w, i, x)
        if current == last:
            break
    state[e.CURRENT] = max(last, state[e.CURRENT])
    floats(w, e.W_CLOCK)[e.C_SERVED] = stop
    return 0


@inlined
def flush(w_at, volley, shared, n):
    """Serve the arrivals that were gathered; return 0."""
    if n > 0:
        call_kernel(volley, (np.int64(w_at), shared, n))
    return np.int64(0)


def arrivals(w_at, stop, end_step, num, den):
    """All that reaches neurons before `stop`, and all samples before it."""
    w = view(w_at, e.EVENT_TABLE, np.int64)
    bundle, entry, state = records(w, e.W_BUNDLE, e.BUNDLE_COLUMNS), ints(w, e.W_ENTRY), ints(w, e.W_STATE)
    heap, due, emitted, flight = flying(w)
    flights = state[e.FLIGHTS]
    step = next_sample(w)
    sampling = np.float64(step * num) / den if step <= end_step else np.inf
    changing = next_drive(w)
    gathered, volley, shared = np.int64(0), np.int64(0), np.int64(0)
    while True:
        t = due[heap[0]] if flights > 0 else np.inf
        if t >= changing or t > sampling or t >= stop:
            gathered = flush(w_at, volley, shared, gathered)
            t = min(t, changing)
            while sampling < min(t, stop):
                call_kernel(entry[e.SAMPLE], (np.int64(w_at), step, sampling))
                state[e.SAMPLED] = step
                step = next_sample(w)
                sampling = np.float64(step * num) / den if step <= end_step else np.inf
            if t >= stop or state[e.FAILED] != e.DONE:
                state[e.FLIGHTS] = flights
                return 0
            if t == changing:
                call_kernel(entry[e.DRIVES], (np.int64(w_at), t))
                changing = next_drive(w)
                continue
        f = heap[0]
        b, segment = flight[f, BUNDLE], flight[f, SEGMENT]
        if bundle[b, e.VOLLEY] != volley or bundle[b, e.SHARED] != shared:
            gathered = flush(w_at, volley, shared, gathered)
            volley, shared = bundle[b, e.VOLLEY], bundle[b, e.SHARED]
        start = view(bundle[b, e.SEG_START] + 8 * segment, 2, np.int64)
        lo, hi = start[0], start[1]
        state[e.EVENTS] += hi - lo
        while lo < hi:
            n = min(hi - lo, np.int64(BLOCK) - gathered)
            gathered = call_kernel(entry[e.DECODE], (np.int64(w_at), b, lo, n, t, gathered))
            lo += n
            if gathered == BLOCK:
                gathered = flush(w_at, volley, shared, gathered)
        if segment + 1 < flight[f, LAST]:
            due[f] = emitted[f] + view(bundle[b, e.SEG_DELAY] + 8 * (segment + 1), 1, np.float64)[0]
            flight[f, SEGMENT] = segment + 1
        else:  # its row goes to the end of the heap, where `launch` finds it free
            flights -= 1
            heap[0] = heap[flights]
            heap[flights] = f
        if flights > 0:
            sink_flight(heap, due, flight, flights, 0)


def launch(w_at, time_at, id_at, n):
    """Put n spikes, in the order (time, gid), on their way."""
    w = view(w_at, e.EVENT_TABLE, np.int64)
    bundle, state = records(w, e.W_BUNDLE, e.BUNDLE_COLUMNS), ints(w, e.W_STATE)
    times, ids = view(time_at, n, np.float64), view(id_at, n, np.int64)
    flights, room = state[e.FLIGHTS], state[e.FLIGHT_ROOM]
    if flights + n * bundle.shape[0] > room:
        more = 2 * (flights + n * bundle.shape[0]) + 64
        state[e.HEAP] = resized(state[e.HEAP], 8 * more)
        state[e.DUE] = resized(state[e.DUE], 8 * more)
        state[e.EMITTED] = resized(state[e.EMITTED], 8 * more)
        state[e.FLIGHT] = resized(state[e.FLIGHT], 8 * FLIGHT_COLUMNS * more)
        state[e.FLIGHT_ROOM] = more
        free = view(state[e.HEAP], more, np.int64)
        for f in range(room, more):
            free[f] = f
    heap, due, emitted, flight = flying(w)
    for q in range(n):
        state[e.SEQUENCE] += 1
        for b in range(bundle.shape[0]):
            source_ptr = view(bundle[b, e.SOURCE_PTR] + 8 * ids[q], 2, np.int64)
            first, end = source_ptr[0], source_ptr[1]
            if end > first:
                f = heap[flights]
                due[f] = times[q] + view(bundle[b, e.SEG_DELAY] + 8 * first, 1, np.float64)[0]
                emitted[f] = times[q]
                flight[f, RANK], flight[f, BUNDLE] = state[e.SEQUENCE], b
                flight[f, SEGMENT], flight[f, LAST] = first, end
                raise_flight(heap, due, flight, flights)
                flights += 1
    state[e.FLIGHTS] = flights
    return 0


def merge(w_at, workers):
    """Bring what all workers published into the order (time, gid); return how many there are."""
    w = view(w_at, e.EVENT_TABLE, np.int64)
    published, state = records(w, e.W_PUBLISHED, 8), ints(w, e.W_STATE)
    total = np.int64(0)
    for o in range(workers):
        total += published[o, 2]
    state[e.ALL_TIME] = resized(state[e.ALL_TIME], 8 * total + 8)
    state[e.ALL_ID] = resized(state[e.ALL_ID], 8 * total + 8)
    times, ids = view(state[e.ALL_TIME], total, np.float64), view(state[e.ALL_ID], total, np.int64)
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
    return total


def close(w_at, first, opened):
    """Name the spikes logged since `opened` by their gids and order them."""
    w = view(w_at, e.EVENT_TABLE, np.int64)
    state = ints(w, e.W_STATE)
    n = state[e.LOGGED] - opened
    times = view(state[e.LOG_TIME] + 8 * opened, n, np.float64)
    ids = view(state[e.LOG_ID] + 8 * opened, n, np.int64)
    for q in range(n):
        ids[q] += first
    sort_spikes(times, ids, n)
    state[e.SPIKES] += n
    return 0


@compiled
def run(w_at, me, workers, first, start, end_step, num, den, window):
    """Run worker `me` (its tables, packed) until everything up to step `end_step` of num / den ms has happened.

    first : gid of neuron 0 of the worker;  start : ms, where nothing has run yet, else nan;  window :
    smallest delay (ms). Spikes stand in the log, and what went wrong in the state.
    """
    w = view(w_at, e.EVENT_TABLE, np.int64)
    state, barrier, shared = ints(w, e.W_STATE), ints(w, e.W_BARRIER), floats(w, e.W_EARLIEST)
    published, width, entry = records(w, e.W_PUBLISHED, 8), floats(w, e.W_CLOCK)[e.C_WIDTH], ints(w, e.W_ENTRY)
    n_bundles = w[2 * e.W_BUNDLE + 1] // e.BUNDLE_COLUMNS
    after = np.nextafter(np.float64(end_step * num) / den, np.inf)
    state[e.LOGGED] = 0
    if start == start:
        call_kernel(entry[e.BEGIN], (np.int64(w_at), start))
    while True:
        shared[me] = earliest(w)
        state[e.BARRIERS] += 1
        meet(barrier, state[e.BARRIERS], workers)
        t0, broken = np.inf, False
        for o in range(workers):
            t0 = min(t0, shared[o])
            broken = broken or published[o, 3] != 0
        if broken:
            break
        if t0 >= after:  # only samples are left
            call_kernel(entry[e.ARRIVALS], (np.int64(w_at), after, end_step, num, den))
            break
        stop = t0 + min(window, LONGEST)
        whole = bucket_of(stop, width) * width
        if whole > t0:
            stop = whole
        stop = min(stop, after)
        opened = state[e.LOGGED]
        call_kernel(entry[e.ARRIVALS], (np.int64(w_at), stop, end_step, num, den))
        call_kernel(entry[e.SERVE], (np.int64(w_at), stop))
        n = state[e.LOGGED] - opened
        if n > 0:
            call_kernel(entry[e.CLOSE], (np.int64(w_at), first, opened))
        published[me, 0], published[me, 1] = state[e.LOG_TIME] + 8 * opened, state[e.LOG_ID] + 8 * opened
        published[me, 2], published[me, 3] = n, state[e.FAILED]
        state[e.BARRIERS] += 1
        meet(barrier, state[e.BARRIERS], workers)
        if n_bundles == 0:
            continue
        time_at, id_at = published[me, 0], published[me, 1]
        if workers > 1:
            n = call_kernel(entry[e.MERGE], (np.int64(w_at), workers))
            time_at, id_at = state[e.ALL_TIME], state[e.ALL_ID]
        if n > 0:
            call_kernel(entry[e.LAUNCH], (np.int64(w_at), time_at, id_at, n))
    return 0
