"""The loop of the event engine: one worker, window by window.

A window is at most the smallest delay long and begins with the earliest thing that anybody has to do, so that nothing
emitted inside it arrives inside it: within a window neurons are independent, and each is served in its own
order of time (see neuron).  What arrives goes in the order of time, for its own sake and so that every record is at
hand when it is reached; what neurons do by themselves is served bucket by bucket at the end of the window, or before
the next thing that reaches them.  Then workers meet, and all spikes of the window are put on their way in the order
(time, gid), the same on every worker.

A worker that finds no room (in its log, its buckets, its heap) returns FULL; it is given more, and goes on where it
stopped, while the others wait.  After much work a call ends early, on a whole step, the same for all workers.

At one time t: electrode currents change; spikes arrive, in the order of their emission; trains arrive; then the neuron
fires if it has reached its threshold.  A sample at t shows the state after that.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

import numpy as np

from ...jit import call_kernel, compiled, prefetch
from ...jit.records import floats, ints, shorts, struct, table
from ..workers import meet
from .deliver import BLOCK
from .drives import hold
from .propagate import counts, crowded, interval, next_train, record, refile, running
from .queue import bucket_of, fetch, first_filled
from .reach import collect, upcoming
from .records import (
    ARRIVE,
    BEGIN,
    BUNDLE,
    CHUNK,
    DONE,
    FULL,
    LAUNCH,
    MEET,
    OPEN,
    PART,
    POISSON,
    PUBLISHED,
    QUEUE,
    REACH,
    SERVE,
    TIMES,
    TRAIN,
    WORKER,
    head,
)
from .sample import next_sample

#: The longest window (ms): spikes are sorted at its end; of little work, and of much.
LONGEST, SHORTEST = 16.0, 2.0**-10
#: Neurons whose records are asked for before they are needed.
AHEAD = 12
#: Segments whose synapses are asked for before they are needed.
SOON = 3
#: Events of a window below which the next may be twice as long, and above which it is half; events of a call.
LITTLE, MUCH, ENOUGH = 2**16, 2**20, 2**23
#: What a step of a neuron counts, in events.
STEP_COST = 16


def begin(w_at):
    """Draw first intervals (of a fresh state), hold electrodes, put every neuron into its bucket, launch flights."""
    w = struct(w_at, WORKER)
    r, c, queue = running(w), counts(w), struct(w.queue.at, QUEUE)
    following = floats(w.train_next)
    if crowded(w, ints(w.part_of).size):
        return 0
    cursors = ints(w.drive_cursor)
    for q in range(cursors.size):
        hold(w, q, cursors[q] - 1)
    queue.current = queue.hint = bucket_of(c.until, w.width)
    for d in table(w.part, PART):
        for b in range(d.train_lo, d.train_hi):
            train = table(w.train, TRAIN)[b]
            for j in range(d.n):
                if r.fresh != 0 or following[train.row + j] != following[train.row + j]:
                    if train.renew != 0:
                        call_kernel(train.renew, (np.int64(w_at), np.int64(b), np.int64(j), c.until, np.int64(1)))
                    else:
                        following[train.row + j] = c.until + interval(w, train, j, train.row + j, c.until)
        for i in range(d.first, d.first + d.n):
            x = record(w, i)
            n = head(x)
            if r.fresh != 0:
                n.time, n.free = c.until, -np.inf
                n.bound, n.known = c.until, OPEN  # what starts at or above threshold fires at once
            if d.kind == TIMES:
                at, listed = ints(w.listed_at)[i], floats(w.listed)
                n.bound = listed[at] if at < ints(w.listed_end)[i] else np.inf
            elif d.kind == POISSON:
                n.bound = np.inf
            n.next = min(n.bound, next_train(w, i, d)[0])
            refile(w, i, x)
    r.fresh = 0
    if r.launched > 0:
        call_kernel(w.call.launch, (np.int64(w_at), w.all_time.at, w.all_id.at, r.launched))
        r.launched = 0
    return 0


@compiled
def next_drive(w):
    """When an electrode changes next."""
    t = np.inf
    for following in floats(w.drive_next):
        t = min(t, following)
    return t


@compiled
def earliest(w):
    """A time before which nothing happens on this worker."""
    c, queue = counts(w), struct(w.queue.at, QUEUE)
    t = next_drive(w)
    if c.flights > 0:
        t = min(t, floats(w.due)[ints(w.heap)[0]])
    if queue.filed > 0:
        queue.hint = first_filled(shorts(w.head), max(queue.current, queue.hint))
        t = min(t, queue.hint * w.width)
    return max(t, c.until)


def serve(w_at, stop):
    """Let all neurons do what they do by themselves before `stop`."""
    w = struct(w_at, WORKER)
    heads, filed, chunks, queue = shorts(w.head), shorts(w.filed), table(w.chunks, CHUNK), struct(w.queue.at, QUEUE)
    part, numbers, todo, r = table(w.part, PART), ints(w.part_of), ints(w.todo), running(w)
    width, stride = w.width, w.stride
    last = bucket_of(stop, width)
    while r.status == DONE:
        while r.todo_at < r.todo_n:
            q = r.todo_at
            if q + AHEAD < r.todo_n:
                prefetch(floats(w.x), todo[q + AHEAD] * stride)
            i = todo[q]
            x = record(w, i)
            if head(x).next < stop:
                call_kernel(part[numbers[i]].catch, (np.int64(w_at), i, stop))
                if r.status == FULL:
                    return 0
            if crowded(w, 1):
                return 0
            refile(w, i, x)
            r.todo_at = q + 1
        if r.served != 0 or queue.filed == 0:
            break
        current = first_filled(heads, max(queue.current, queue.hint))
        if current > last or (current == last and current * width == stop):
            break
        queue.current = current
        r.served = 1 if current == last else 0
        r.todo_at, r.todo_n = 0, fetch(heads, filed, chunks, queue, current, todo)
    queue.current = max(last, queue.current)
    r.served = 0
    counts(w).until = stop
    return 0


@compiled
def flush(w_at, w, r):
    """Serve the arrivals that were gathered; return whether there was room for all."""
    served, n = r.flushed, r.gathered
    if served < n:
        if crowded(w, n - served):
            return False
        served = call_kernel(r.volley, (np.int64(w_at), r.shared, served, n))
        if served < n:
            r.flushed = served
            return False
    r.flushed = r.gathered = 0
    return True


@functools.cache
def arriving(carries: bool, learns: bool) -> Callable[..., int]:
    """Return the kernel of arrivals; `carries`: flights have a factor, which `decode` looks up; `learns`: of some
    bundles all targets are made `ready` before a segment arrives, and what it transmits is gathered by its own kernel.
    """

    def arrivals(w_at, stop, end_step, num, den):
        """All that reaches neurons before `stop`, and all samples before it.

        Where there is no room it stops, and is called again: arrivals gathered so far and the rest of their segment
        wait.
        """
        w = struct(w_at, WORKER)
        bundles, c, r = table(w.bundle, BUNDLE), counts(w), running(w)
        if not collect(w, stop):
            return 0
        listed, order, n_listed = table(w.reach, REACH), ints(w.order), r.reached
        step = next_sample(w)
        sampling = np.float64(step * num) / den if step <= end_step else np.inf
        changing = next_drive(w)
        decode = w.call.decode
        if r.flushed > 0 and not flush(w_at, w, r):
            return 0
        while True:
            while r.lo < r.hi:  # a segment under way
                gather = decode
                if learns and bundles[r.bundle].plastic >= 0:
                    gather = bundles[r.bundle].transmit
                    if r.ready == 0:
                        if not flush(w_at, w, r):
                            return 0
                        call_kernel(w.call.ready, (np.int64(w_at), r.bundle, r.lo, r.hi, r.at))
                        if r.status == FULL:
                            return 0
                        r.ready = 1
                if r.gathered == BLOCK and not flush(w_at, w, r):
                    return 0
                n = min(r.hi - r.lo, np.int64(BLOCK) - r.gathered)
                r.gathered = call_kernel(gather, (np.int64(w_at), r.bundle, r.lo, n, r.at, r.gathered))
                r.lo += n
            t = listed[order[r.taken]].due if r.taken < n_listed else np.inf
            if t >= changing or t > sampling or t >= stop:
                if not flush(w_at, w, r):
                    return 0
                t = min(t, changing)
                while sampling < min(t, stop):
                    call_kernel(w.call.sample, (np.int64(w_at), step, sampling))
                    if r.status == FULL:
                        return 0
                    step = next_sample(w)
                    sampling = np.float64(step * num) / den if step <= end_step else np.inf
                if t >= stop:
                    r.reached = r.taken = 0
                if t >= stop or r.status != DONE:
                    return 0
                if t == changing:
                    call_kernel(w.call.drives, (np.int64(w_at), t))
                    if r.status == FULL:
                        return 0
                    changing = next_drive(w)
                    continue
            reached = listed[order[r.taken]]
            bundle = bundles[reached.bundle]
            if carries:
                r.flight = np.int64(reached.flight)
            if learns:
                r.segment, r.ready = reached.segment, 0
            if bundle.volley != r.volley or bundle.shared != r.shared:
                if not flush(w_at, w, r):
                    return 0
                r.volley, r.shared = bundle.volley, bundle.shared
            r.bundle, r.lo, r.hi, r.at = np.int64(reached.bundle), reached.lo, reached.hi, t
            c.events += reached.hi - reached.lo
            r.taken += 1
            if r.taken + SOON < n_listed:
                soon = listed[order[r.taken + SOON]]
                upcoming(bundles[soon.bundle], soon)

    return arrivals


@compiled
def met(w_at, me, workers, here, spikes):
    """Meet all workers, of other ranks too, who hear of the `spikes` (1) of this window; return whether all came."""
    w = struct(w_at, WORKER)
    r = running(w)
    r.barriers += 1
    meet(ints(w.barrier), r.barriers, here)
    return here == workers or call_kernel(w.call.tell, (np.int64(w_at), me, here, np.int64(spikes))) == 0


@compiled
def opened(w_at, me, workers, here, num, den, shortest):
    """Agree with the other workers on the next window; return whether there is one (and nobody failed)."""
    w = struct(w_at, WORKER)
    published, c, r = table(w.published, PUBLISHED), counts(w), running(w)
    published[me].earliest = earliest(w)
    if not met(w_at, me, workers, here, 0):
        return False
    t0, broken, work = np.inf, False, np.int64(0)
    for told in published:
        t0 = min(t0, told.earliest)
        broken = broken or told.broken != 0
        work += told.work
    if broken:
        return False
    if work - r.work > MUCH:
        r.longest = max(0.5 * r.longest, SHORTEST)
    elif work - r.work < LITTLE:
        r.longest = min(2.0 * r.longest, LONGEST)
    r.work = work
    if work > ENOUGH:
        step = max(r.begin + 1, np.int64(c.until * den / num))
        while np.float64(step * num) / den < c.until:
            step += 1
        r.end = min(r.end, step)
    after = np.nextafter(np.float64(r.end * num) / den, np.inf)
    r.last = 1 if t0 >= after else 0
    r.stop = after
    if r.last == 0:
        stop = t0 + min(shortest, r.longest)
        whole = bucket_of(stop, w.width) * w.width
        r.stop = min(whole if whole > t0 else stop, after)
    r.opened = r.logged
    return True


#: Like those that `run` is called with: what it is compiled for.
ARGUMENTS = (0, 0, 1, 1, 1, 1, 1.0)


@compiled
def run(w_at, me, workers, here, num, den, shortest):
    """Run worker `me` until everything up to step `end` (of its RUN) of num / den ms has happened, or it finds no room.

    here: how many of the workers are of this process.  shortest: smallest delay (ms).  Spikes stand in the log, and
    what went wrong in RUN.
    """
    w = struct(w_at, WORKER)
    r, c, published = running(w), counts(w), table(w.published, PUBLISHED)
    if r.phase == BEGIN:
        call_kernel(w.call.begin, (np.int64(w_at),))
        if r.status == DONE:
            r.phase = MEET
        return
    while True:
        if r.phase == MEET:
            if not opened(w_at, me, workers, here, num, den, shortest):
                return
            r.phase = ARRIVE
        if r.phase == ARRIVE:
            call_kernel(w.call.arrivals, (np.int64(w_at), r.stop, r.end, num, den))
            if r.status == FULL:
                return
            r.phase = SERVE
            if r.last != 0:
                c.until = r.stop
                r.phase = MEET
                return
        if r.phase == SERVE:
            call_kernel(w.call.serve, (np.int64(w_at), r.stop))
            if r.status == FULL:
                return
            if r.logged > r.opened:
                call_kernel(w.call.close, (np.int64(w_at),))
            told = published[me]
            told.time_at, told.id_at = w.log_time.at + 8 * r.opened, w.log_id.at + 8 * r.opened
            told.n, told.broken = r.logged - r.opened, r.status
            told.work = c.events - r.begun_events + STEP_COST * (c.steps - r.begun_steps)
            if not met(w_at, me, workers, here, 1 if w.call.merge != 0 else 0):
                return
            r.phase = LAUNCH
        n = published[me].n
        time_at, id_at = published[me].time_at, published[me].id_at
        if workers > 1 and w.call.merge != 0:  # none where no spike goes anywhere
            n = call_kernel(w.call.merge, (np.int64(w_at), workers))
            time_at, id_at = w.all_time.at, w.all_id.at
        if r.status == FULL:
            return
        if n > 0 and w.call.launch != 0:
            call_kernel(w.call.launch, (np.int64(w_at), time_at, id_at, n))
            if r.status == FULL:
                return
        r.phase = MEET
