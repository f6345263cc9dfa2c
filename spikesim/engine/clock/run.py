"""The step loop of one worker.

Workers meet at a barrier once a slab: as many steps as no spike emitted inside can matter inside (the smallest delay;
one step more where no synapse moves v itself, for a current that arrives at t acts from t on).  Between barriers a
worker touches only its own neurons.

Order within the step t -> t + 1: currents and conductances that arrive at t; samples of t; held noise; jumps that
arrive at t + 1; new states; thresholds.
"""

from __future__ import annotations

import numpy as np

from ...jit import call_kernel, compiled, part_of
from ..workers import meet
from . import deliver as post
from . import records as t
from .records import DONE, GROW, ints, records


@compiled
def receive(w, step, jump):
    """Let everything arrive that is due at `step`: currents and conductances, or (`jump`) moves of v itself."""
    state = ints(w, t.STATUS)
    marker = t.JUMPED if jump else t.RECEIVED
    if state[marker] >= step:
        return
    state[marker] = step
    part, entry = records(w, t.PART, t.PART_COLUMNS), ints(w, t.ENTRY)
    background = records(w, t.BACKGROUND, t.BG_COLUMNS)
    for p in range(part.shape[0]):
        for b in range(part[p, t.BACKGROUND_LO], part[p, t.BACKGROUND_HI]):
            if background[b, t.BG_JUMP] == jump:
                call_kernel(entry[t.DO_BACKGROUND], (w.ctypes.data, b, part[p, t.SIZE], step))
    bundle = records(w, t.BUNDLE, post.COLUMNS)
    for b in range(bundle.shape[0]):
        if bundle[b, post.JUMP] == jump and bundle[b, post.HEAD] < bundle[b, post.TAIL]:
            call_kernel(bundle[b, post.KERNEL], (w.ctypes.data, b, step))


@part_of
def sample(w, step):
    """Write the probes that are due at `step`."""
    state, entry = ints(w, t.STATUS), ints(w, t.ENTRY)
    if state[t.SAMPLED] < step:
        state[t.SAMPLED] = step
        if entry[t.DO_SAMPLE] != t.NONE:
            call_kernel(entry[t.DO_SAMPLE], (w.ctypes.data, step))


@part_of
def merge(ids, lo, hi, out):
    """Merge the ascending runs ids[lo[o]:hi[o]] into `out`, ascending; return how many; `lo` is moved to `hi`."""
    n = np.int64(0)
    while True:
        least, who = ids.size, -1
        for o in range(lo.size):
            if lo[o] < hi[o] and (who < 0 or ids[lo[o]] < least):
                least, who = ids[lo[o]], o
        if who < 0:
            return n
        out[n] = least
        lo[who] += 1
        n += 1


@part_of
def launch(w, workers):
    """Start the flights of all spikes of the last slab; False where some worker has no room for them.

    All workers see them by step and, within a step, by id: however neurons are divided, flights stand in one order.
    """
    state = ints(w, t.STATUS)
    half = 1 - state[t.PARITY]
    report = records(w, t.REPORT, t.REPORT_COLUMNS)[half * workers : (half + 1) * workers]
    total = np.int64(0)
    room = np.int64(2**62)
    for o in range(workers):
        total += report[o, t.EMITTED]
        room = min(room, report[o, t.ROOM])
    if total > room:
        return False
    bundle = records(w, t.BUNDLE, post.COLUMNS)
    offset, merged = ints(w, t.SLAB_OFFSET), ints(w, t.MERGED)
    ids = ints(w, t.SLAB_ID)[half * offset[workers] : (half + 1) * offset[workers]]
    slab = ints(w, t.SLAB_PTR).size // (2 * workers)
    ptr = records(w, t.SLAB_PTR, slab)[half * workers : (half + 1) * workers]
    lo, hi = merged[:workers], merged[workers : 2 * workers]
    for q in range(state[t.PENDING_STEPS]):
        n = np.int64(0)
        for o in range(workers):
            lo[o], hi[o] = offset[o] + ptr[o, q], offset[o] + ptr[o, q + 1]
            n += hi[o] - lo[o]
        if n == 0:
            continue
        found = ids[lo[0] : hi[0]] if workers == 1 else merged[2 * workers :]
        if workers > 1:
            n = merge(ids, lo, hi, found)
        for b in range(bundle.shape[0]):
            post.launch(bundle, b, found, 0, n, state[t.PENDING_STEP] + q + 1)
    state[t.PENDING] = 0
    return True


@part_of
def tell(w, me, workers, emitted):
    """Tell the others what was emitted and how much room there is."""
    state = ints(w, t.STATUS)
    bundle = records(w, t.BUNDLE, post.COLUMNS)
    report = records(w, t.REPORT, t.REPORT_COLUMNS)
    room = np.int64(2**62)
    for b in range(bundle.shape[0]):
        room = min(room, post.make_room(bundle, b))
    row = state[t.PARITY] * workers + me
    report[row, t.EMITTED] = emitted
    report[row, t.ROOM] = room
    report[row, t.LOG_ROOM] = w[2 * t.LOG_ID + 1] - state[t.LOGGED]


@part_of
def advance(w, now, at, dt, out, count):
    """The step now -> now + 1 of all parts, step `at` of the batch; return the number of spikes in `out`."""
    entry, before = ints(w, t.ENTRY), count
    receive(w, now, t.CURRENTS)
    sample(w, now)
    if entry[t.DO_NOISE] != t.NONE:
        call_kernel(entry[t.DO_NOISE], (w.ctypes.data, now))
    receive(w, now + 1, t.JUMPS)
    part = records(w, t.PART, t.PART_COLUMNS)
    for p in range(part.shape[0]):
        count = call_kernel(part[p, t.STEP], (w.ctypes.data, p, now, at, dt, out.ctypes.data, count))
    if entry[t.DO_LEARN] != t.NONE:
        receive(w, now + 1, t.CURRENTS)  # arrivals come before the spikes of the same step
        call_kernel(entry[t.DO_LEARN], (w.ctypes.data, now + 1, out.ctypes.data, before, count))
    return count


@compiled
def run(w, me, workers, begin, end, batch, dt, bound):
    """Run worker `me` (its `tables.pack`) from step `begin` to `end`; return (DONE or GROW, step reached).

    Comes back early, at the same step as all others, when a log could overflow (`bound`: most spikes of any worker in
    one slab) or a table of flights must grow.  `batch`: the step at which the drive tables and the log begin.
    """
    state, barrier = ints(w, t.STATUS), ints(w, t.BARRIER)
    report = records(w, t.REPORT, t.REPORT_COLUMNS)
    offset, log_id, log_count = ints(w, t.SLAB_OFFSET), ints(w, t.LOG_ID), ints(w, t.LOG_COUNT)
    columns = ints(w, t.SLAB_PTR).size // (2 * workers)
    now = begin
    while True:
        if state[t.PENDING]:
            half = 1 - state[t.PARITY]
            for o in range(workers):
                if report[half * workers + o, t.LOG_ROOM] < bound:
                    end = now
            if not launch(w, workers):
                return GROW, now
        if now >= end:
            break
        half = state[t.PARITY]
        steps = min(columns - 1, end - now)
        shift = half * offset[workers]
        out = ints(w, t.SLAB_ID)[shift + offset[me] : shift + offset[me + 1]]
        ptr = records(w, t.SLAB_PTR, columns)[half * workers + me]
        count = np.int64(0)
        ptr[0] = 0
        for q in range(steps):
            count = advance(w, now + q, now + q - batch, dt, out, count)
            ptr[q + 1] = count
            log_count[now + q - batch] = count - ptr[q]
        logged = state[t.LOGGED]
        for i in range(count):
            log_id[logged + i] = out[i]
        state[t.LOGGED] += count
        state[t.SPIKES] += count
        tell(w, me, workers, count)
        state[t.PENDING] = 1
        state[t.PENDING_STEP] = now
        state[t.PENDING_STEPS] = steps
        state[t.PARITY] = 1 - half
        now += steps
        state[t.BARRIERS] += 1
        meet(barrier, state[t.BARRIERS], workers)
    receive(w, now, t.CURRENTS)
    sample(w, now)
    return DONE, now
