"""The step loop of one worker.

Workers meet at a barrier once a slab: as many steps as no spike emitted inside can matter inside (the smallest delay;
one step more where no synapse moves v itself, for a current that arrives at t acts from t on).  Between barriers a
worker touches only its own neurons.  With a lag (see `exchange`) a slab is half as long, and the spikes of one are
exchanged while the next one is computed.

What a part adds itself of its backgrounds (AHEAD) it adds at the end of a step, for the next one: it comes first there.

Order within the step t -> t + 1: currents and conductances that arrive at t; samples of t; held noise; jumps that
arrive at t + 1; new states; thresholds.
"""

from __future__ import annotations

import numpy as np

from ...jit import call_kernel, compiled, part_of, view2
from ...jit.records import floats, ints, shorts, struct, table
from . import delays
from .records import (
    AHEAD,
    BACKGROUND,
    BUNDLE,
    CURRENTS,
    DONE,
    FAILED,
    GENERAL,
    GROW,
    JUMPS,
    MOVE,
    NONE,
    PART,
    PLENTY,
    QUEUE,
    RELEASE,
    REPORT,
    RUNNING,
    STATUS,
    WORKER,
)  # fmt: skip
from .refractory import kick, move

__all__ = ["ARGUMENTS", "run"]

#: Like those that `run` is called with: what it is compiled for.
ARGUMENTS = (0, 0, 1, 1, 0, 0, 0, 1.0, 0)


@part_of
def move_states(w):
    """Let states other than v jump by what has arrived for them; a state that is held drops it."""
    x, left = floats(w.x), shorts(w.refractory)
    for m in table(w.move, MOVE):
        n, held = m.n, m.held
        state, delta = x[m.state : m.state + n], x[m.row : m.row + n]
        if held >= 0:
            kick(state, delta, left[held : held + n], n)
        else:
            move(state, delta, n)


def receive(w_at, step, jump):
    """Let everything arrive that is due at `step`: currents and conductances, or (`jump`) moves of v itself."""
    w = struct(w_at, WORKER)
    status = table(w.status, STATUS)[0]
    if (status.jumped if jump else status.received) >= step:
        return 0
    if jump:
        status.jumped = step
    else:
        status.received = step
    part, background = table(w.part, PART), table(w.background, BACKGROUND)
    for p in range(part.size):
        for b in range(part[p].background_lo, part[p].background_hi):
            kind = background[b].jump
            if kind == jump or (kind == AHEAD and not jump and status.ahead < step):
                call_kernel(background[b].kernel, (w_at, b, np.int64(0), part[p].n, step))
    bundle, queue = table(w.bundle, BUNDLE), table(w.queue, QUEUE)
    for b in range(bundle.size):
        if bundle[b].jump == jump and queue[b].head < queue[b].tail:
            call_kernel(bundle[b].kernel, (w_at, b, step))
    if not jump:
        move_states(w)
    return 0


@part_of
def sample(w, w_at, step):
    """Write the probes that are due at `step`."""
    status = table(w.status, STATUS)[0]
    if status.sampled < step:
        status.sampled = step
        if w.do_sample != NONE:
            part, general = table(w.part, PART), table(w.general, GENERAL)
            for p in range(part.size):
                for g in range(part[p].general_lo, part[p].general_hi):
                    call_kernel(general[g].show, (w_at, g, part[p].n))
            call_kernel(w.do_sample, (w_at, step))


def launch(w_at, workers):
    """Start the flights of all spikes of the oldest slab; return 1, or 0 where some worker has no room for them.

    All workers see them by step and, within a step, by id: however neurons are divided, flights stand in one order.
    """
    w = struct(w_at, WORKER)
    running = table(w.running, RUNNING)[0]
    half, begin, steps, launched = (
        1 - running.parity,
        running.pending_step,
        running.pending_steps,
        running.pending_launched,
    )
    if running.pending == 2:
        half, begin, steps = running.parity, running.older_step, running.older_steps
        launched += running.older_launched
    report = table(w.report, REPORT)[half * workers : (half + 1) * workers]
    total = np.int64(0)
    room = np.int64(PLENTY)
    for o in range(workers):
        total += report[o].emitted
        room = report[o].room if report[o].room < room else room
    if total + launched > room:
        return 0
    bundle, queue = table(w.bundle, BUNDLE), table(w.queue, QUEUE)
    offset, merged = ints(w.slab_offset), ints(w.merged)
    ids = ints(w.slab_id)[half * offset[workers] : (half + 1) * offset[workers]]
    slab = w.slab_ptr.n // (2 * workers)
    ptr = view2(w.slab_ptr.at, 2 * workers, slab, np.int64)[half * workers : (half + 1) * workers]
    lo, hi = merged[:workers], merged[workers : 2 * workers]
    for q in range(steps):
        n = np.int64(0)
        for o in range(workers):
            lo[o], hi[o] = offset[o] + ptr[o, q], offset[o] + ptr[o, q + 1]
            n += hi[o] - lo[o]
        if n == 0:
            continue
        found = ids[lo[0] : hi[0]]
        if workers > 1:
            found = merged[3 * workers :]
            n = call_kernel(w.do_merge, (w_at, workers, ids.ctypes.data))
        for b in range(bundle.size):
            r = bundle[b].release
            if r >= 0:
                arguments = (w_at, r, found.ctypes.data, n, begin + q + 1, w.strength.at)
                call_kernel(table(w.release, RELEASE)[r].kernel, arguments)
            delays.launch(w, bundle[b], queue[b], found, n, begin + q + 1)
    running.pending -= 1
    running.pending_launched += total
    return 1


def tell(w_at, me, workers, emitted):
    """Tell the others what was emitted and how much room there is."""
    w = struct(w_at, WORKER)
    running = table(w.running, RUNNING)[0]
    queue = table(w.queue, QUEUE)
    room = np.int64(PLENTY)
    for b in range(queue.size):
        left = delays.make_room(w, queue[b])
        room = left if left < room else room
    report = table(w.report, REPORT)[running.parity * workers + me]
    report.emitted = emitted
    report.room = room
    report.log_room = w.log_id.n - running.logged
    running.older_launched, running.pending_launched = running.pending_launched, np.int64(0)
    return 0


@part_of
def advance(w, w_at, now, at, dt, out, count):
    """The step now -> now + 1 of all parts, step `at` of the batch; return the number of spikes in `out`."""
    before = count
    call_kernel(w.do_receive, (w_at, now, CURRENTS))
    sample(w, w_at, now)
    if w.do_noise != NONE:
        call_kernel(w.do_noise, (w_at, now))
    table(w.status, STATUS)[0].begun = 1
    call_kernel(w.do_receive, (w_at, now + 1, JUMPS))
    part = table(w.part, PART)
    for p in range(part.size):
        count = call_kernel(part[p].advance, (w_at, p, now, at, dt, out.ctypes.data, count))
    table(w.status, STATUS)[0].ahead = now + 1
    if w.do_learn != NONE:
        call_kernel(w.do_receive, (w_at, now + 1, CURRENTS))  # arrivals come before the spikes of the same step
        call_kernel(w.do_learn, (w_at, now + 1, out.ctypes.data, before, count))
    return count


@part_of
def settle(w, w_at, now, dt):
    """Let all states stand in their places."""
    none = np.int64(0)
    if w.do_rest != NONE:
        call_kernel(w.do_rest, (w_at, now, none, none, dt, none, none))


@part_of
def meet(w, running, here):
    """Wait for the other workers of this process."""
    running.barriers += 1
    if here > 1:
        call_kernel(w.do_meet, (w.barrier.at, running.barriers, here))


@compiled
def run(w_at, me, workers, here, begin, end, batch, dt, bound):
    """Run worker `me` (its WORKER stands at `w_at`) from step `begin` to `end`; return (what to do, step reached).

    Comes back early, at the same step as all others, when a log could overflow (`bound`: most spikes of any worker in
    one slab) or a table of flights must grow.  `batch`: the step at which the drive tables and the log begin.  When it
    is DONE, all spikes are on their way, and what arrives at the step that was reached has arrived.
    FAILED: some of the workers are not `here`, and do not do the same.
    """
    w = struct(w_at, WORKER)
    running, status = table(w.running, RUNNING)[0], table(w.status, STATUS)[0]
    report = table(w.report, REPORT)
    offset, log_id, log_count = ints(w.slab_offset), ints(w.log_id), ints(w.log_count)
    columns = w.slab_ptr.n // (2 * workers)
    now = begin
    while True:
        while running.pending > (running.lag if now < end else 0):
            half = running.parity if running.pending == 2 else 1 - running.parity
            if running.pending == 1 and running.lag != 0:  # of which nobody has heard yet
                meet(w, running, here)
                if call_kernel(w.do_tell, (w_at, me, NONE, here, now)) != 0:
                    settle(w, w_at, now, dt)
                    return FAILED, now
            for o in range(workers):
                if report[half * workers + o].log_room < (1 + running.lag) * bound:
                    end = now
            if call_kernel(w.do_launch, (w_at, workers)) == 0:
                settle(w, w_at, now, dt)
                return GROW, now
            if running.lag != 0:  # what was launched stands where the next slab is written
                meet(w, running, here)
        if now >= end:
            break
        half = running.parity
        steps = columns - 1 if columns - 1 < end - now else end - now
        shift = half * offset[workers]
        out = ints(w.slab_id)[shift + offset[me] : shift + offset[me] + bound]
        ptr = view2(w.slab_ptr.at, 2 * workers, columns, np.int64)[half * workers + me]
        ptr[0] = 0
        q = np.int64(0)
        while q < steps:
            taken = q
            if w.do_rest != NONE:
                arguments = (w_at, now, q, np.int64(steps), dt, out.ctypes.data, ptr.ctypes.data)
                taken = call_kernel(w.do_rest, arguments)
            if taken == q:
                ptr[q + 1] = advance(w, w_at, now + q, now + q - batch, dt, out, ptr[q])
                taken += 1
            if w.do_poll != NONE:
                call_kernel(w.do_poll, (w_at, me))
            q = taken
        for q in range(steps):
            log_count[now + q - batch] = ptr[q + 1] - ptr[q]
        count = ptr[steps]
        logged = running.logged
        for i in range(count):
            log_id[logged + i] = out[i]
        running.logged = logged + count
        status.spikes += count
        call_kernel(w.do_report, (w_at, me, workers, count))
        running.pending += 1
        running.older_step, running.older_steps = running.pending_step, running.pending_steps
        running.pending_step = now
        running.pending_steps = steps
        running.parity = 1 - half
        now += steps
        meet(w, running, here)
        if here < workers and call_kernel(w.do_tell, (w_at, me, half, here, now)) != 0:
            settle(w, w_at, now, dt)
            return FAILED, now
    settle(w, w_at, now, dt)
    call_kernel(w.do_receive, (w_at, now, CURRENTS))
    sample(w, w_at, now)
    return DONE, now
