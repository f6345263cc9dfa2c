"""The step loop of one worker.

Workers meet at a barrier once a slab: as many steps as no spike emitted inside can matter inside (the smallest delay;
one step more where no synapse moves v itself, for a current that arrives at t acts from t on).  Between barriers a worker
touches only its own neurons.

Order within the step t -> t + 1: currents and conductances that arrive at t; samples of t; held noise; jumps that arrive
at t + 1; new states; thresholds.
"""

from __future__ import annotations

import numpy as np

from ..jit import atomic_add, atomic_load, compiled, relax, view
from . import deliver as post
from .advance import add_background, advance_flow, advance_linear, background_counts
from .linear import BLOCK
from .poisson import hold
from .tables import (
    BACKGROUND_HI,
    BACKGROUND_LO,
    BARRIERS,
    BEGUN,
    BG_JUMP,
    DONE,
    EMITTED,
    EVENT,
    EVENT_END,
    FIRST_ID,
    FLOW,
    GROW,
    JUMPED,
    KIND,
    LINEAR,
    LOG_ROOM,
    LOGGED,
    NO_INDEX,
    NO_LAW,
    NO_PERIOD,
    NO_ROW,
    NO_SIZE,
    PARITY,
    PENDING,
    PENDING_STEP,
    PENDING_STEPS,
    POISSON,
    PR_COUNT,
    PR_EVERY,
    PR_FROM,
    PR_INDEX,
    PR_OUT,
    PR_STRIDE,
    PR_TERM_HI,
    PR_TERM_LO,
    RECEIVED,
    ROOM,
    SAMPLED,
    SIZE,
    SOURCE,
    SPIKES,
)


@compiled
def meet(barrier, round_, workers):  # type: ignore[no-untyped-def]
    """Wait until all workers have come here for the `round_`-th time."""
    if workers == 1:
        return
    atomic_add(barrier, 0, 1)
    spins = 0
    while atomic_load(barrier, 0) < round_ * workers:
        spins += 1
        if spins > 3000:
            relax()


@compiled
def receive(w, step, jump):  # type: ignore[no-untyped-def]
    """Let everything arrive that is due at `step`: currents and conductances, or (`jump`) moves of v itself."""
    marker = JUMPED if jump else RECEIVED
    if w.state[marker] >= step:
        return
    w.state[marker] = step
    for p in range(w.part.shape[0]):
        for b in range(w.part[p, BACKGROUND_LO], w.part[p, BACKGROUND_HI]):
            if w.background[b, BG_JUMP] == jump:
                add_background(w, b, w.part[p, SIZE], step)
    for b in range(w.bundle.shape[0]):
        if w.bundle[b, post.JUMP] == jump:
            post.deliver(w.bundle, b, w.constant, w.x, step, w.work)


@compiled
def sample(w, step):  # type: ignore[no-untyped-def]
    """Write the probes that are due at `step`."""
    if w.state[SAMPLED] >= step:
        return
    w.state[SAMPLED] = step
    for q in range(w.probe.shape[0]):
        every = w.probe[q, PR_EVERY]
        if step % every != 0:
            continue
        n = w.probe[q, PR_COUNT]
        stride = w.probe[q, PR_STRIDE]
        out = view(w.probe[q, PR_OUT] + 8 * stride * (step // every - w.probe[q, PR_FROM]), n, np.float64)
        index = w.probe_index[w.probe[q, PR_INDEX] : w.probe[q, PR_INDEX] + n]
        for k in range(n):
            out[k] = 0.0
        for t in range(w.probe[q, PR_TERM_LO], w.probe[q, PR_TERM_HI]):
            row, factor = np.int64(w.term[t, 0]), w.term[t, 1]
            if w.term[t, 4] != 0.0:
                v = np.int64(w.term[t, 3])
                for k in range(n):
                    out[k] += factor * w.x[row + index[k]] * (w.term[t, 2] - w.x[v + index[k]])
            else:
                for k in range(n):
                    out[k] += factor * w.x[row + index[k]]


@compiled
def refresh_noise(w, step):  # type: ignore[no-untyped-def]
    """Draw the held currents whose interval starts at `step` (all of them in the first step of a run)."""
    for q in range(w.noise.shape[0]):
        if step % w.noise[q, NO_PERIOD] == 0 or w.state[BEGUN] == 0:
            row = w.x[w.noise[q, NO_ROW] : w.noise[q, NO_ROW] + w.noise[q, NO_SIZE]]
            index = w.noise_index[w.noise[q, NO_INDEX] : w.noise[q, NO_INDEX] + w.noise[q, NO_SIZE]]
            law = w.noise[q, NO_LAW]
            mean, sd = w.coef[law : law + row.size], w.coef[law + row.size : law + 2 * row.size]
            interval = step // w.noise[q, NO_PERIOD]
            hold(row, w.noise_key[q, 0], w.noise_key[q, 1], interval, index, mean, sd)
    w.state[BEGUN] = 1


@compiled
def emit_poisson(w, p, step, out, count):  # type: ignore[no-untyped-def]
    """Spikes of a Poisson source; several in one step are several spikes."""
    for k0 in range(0, w.part[p, SIZE], BLOCK):
        n = min(BLOCK, w.part[p, SIZE] - k0)
        background_counts(w, w.part[p, SOURCE], step, k0, n)
        for k in range(n):
            for _ in range(w.count[k]):
                out[count] = w.part[p, FIRST_ID] + k0 + k
                count += 1
    return count


@compiled
def emit_listed(w, p, step, out, count):  # type: ignore[no-untyped-def]
    """Spikes of a source that lists its times."""
    e = w.part[p, EVENT]
    while e < w.part[p, EVENT_END] and w.event_step[e] <= step:
        if w.event_step[e] == step:
            out[count] = w.event_id[e]
            count += 1
        e += 1
    w.part[p, EVENT] = e
    return count


@compiled
def launch(w, s, me):  # type: ignore[no-untyped-def]
    """Start the flights of all spikes of the last slab; False where some worker has no room for them."""
    state = w.state
    half = 1 - state[PARITY]
    total = np.int64(0)
    room = np.int64(2**62)
    workers = s.report.shape[1]
    for o in range(workers):
        total += s.report[half, o, EMITTED]
        room = min(room, s.report[half, o, ROOM])
    if total > room:
        return False
    for b in range(w.bundle.shape[0]):
        for q in range(state[PENDING_STEPS]):
            for o in range(workers):
                ids = s.ids[half, s.offset[o] : s.offset[o + 1]]
                lo, hi = s.ptr[half, o, q], s.ptr[half, o, q + 1]
                if hi > lo:
                    post.launch(w.bundle, b, ids, lo, hi, state[PENDING_STEP] + q + 1)
    state[PENDING] = 0
    return True


@compiled
def report(w, s, me, emitted):  # type: ignore[no-untyped-def]
    """Tell the others what was emitted and how much room there is."""
    half = w.state[PARITY]
    room = np.int64(2**62)
    for b in range(w.bundle.shape[0]):
        room = min(room, post.make_room(w.bundle, b))
    s.report[half, me, EMITTED] = emitted
    s.report[half, me, ROOM] = room
    s.report[half, me, LOG_ROOM] = w.log_id.size - w.state[LOGGED]


@compiled
def advance(w, s, me, t, step_in_batch, dt, out, count):  # type: ignore[no-untyped-def]
    """The step t -> t + 1 of all parts; return the number of spikes in `out`."""
    receive(w, t, 0)
    sample(w, t)
    refresh_noise(w, t)
    receive(w, t + 1, 1)
    for p in range(w.part.shape[0]):
        kind = w.part[p, KIND]
        if kind == LINEAR:
            count = advance_linear(w, p, step_in_batch, out, count)
        elif kind == FLOW:
            count = advance_flow(w, p, step_in_batch, dt, out, count)
        elif kind == POISSON:
            count = emit_poisson(w, p, t + 1, out, count)
        else:
            count = emit_listed(w, p, t + 1, out, count)
    return count


@compiled
def run(w, s, me, begin, end, batch, dt, bound):  # type: ignore[no-untyped-def]
    """Run worker `me` from step `begin` to `end`; return (DONE or GROW, step reached).

    Comes back early, at the same step as all others, when a log could overflow (`bound`: most spikes of any worker in
    one slab) or a table of flights must grow.  `batch`: the step at which the drive tables and the log begin.
    """
    state = w.state
    workers = s.report.shape[1]
    slab = s.ptr.shape[2] - 1
    t = begin
    while True:
        if state[PENDING]:
            half = 1 - state[PARITY]
            for o in range(workers):
                if s.report[half, o, LOG_ROOM] < bound:
                    end = t
            if not launch(w, s, me):
                return GROW, t
        if t >= end:
            break
        half = state[PARITY]
        steps = min(slab, end - t)
        out = s.ids[half, s.offset[me] : s.offset[me + 1]]
        ptr = s.ptr[half, me]
        count = np.int64(0)
        ptr[0] = 0
        for q in range(steps):
            count = advance(w, s, me, t + q, t + q - batch, dt, out, count)
            ptr[q + 1] = count
            w.log_count[t + q - batch] = count - ptr[q]
        logged = state[LOGGED]
        for i in range(count):
            w.log_id[logged + i] = out[i]
        state[LOGGED] += count
        state[SPIKES] += count
        report(w, s, me, count)
        state[PENDING] = 1
        state[PENDING_STEP] = t
        state[PENDING_STEPS] = steps
        state[PARITY] = 1 - half
        t += steps
        state[BARRIERS] += 1
        meet(s.barrier, state[BARRIERS], workers)
    receive(w, t, 0)
    sample(w, t)
    return DONE, t
