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
from . import tables as t
from .advance import add_background, advance_flow, advance_linear, background_counts
from .linear import BLOCK
from .poisson import hold
from .tables import DONE, GROW, floats, ints, records


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
    state = ints(w, t.STATUS)
    marker = t.JUMPED if jump else t.RECEIVED
    if state[marker] >= step:
        return
    state[marker] = step
    part = records(w, t.PART, t.PART_COLUMNS)
    background = records(w, t.BACKGROUND, t.BG_COLUMNS)
    for p in range(part.shape[0]):
        for b in range(part[p, t.BACKGROUND_LO], part[p, t.BACKGROUND_HI]):
            if background[b, t.BG_JUMP] == jump:
                add_background(w, b, part[p, t.SIZE], step)
    bundle = records(w, t.BUNDLE, post.COLUMNS)
    for b in range(bundle.shape[0]):
        if bundle[b, post.JUMP] == jump:
            post.deliver(bundle, b, floats(w, t.CONSTANT), floats(w, t.X), step, ints(w, t.WORK))


@compiled
def sample(w, step):  # type: ignore[no-untyped-def]
    """Write the probes that are due at `step`."""
    state = ints(w, t.STATUS)
    if state[t.SAMPLED] >= step:
        return
    state[t.SAMPLED] = step
    probe = records(w, t.PROBE, t.PR_COLUMNS)
    for q in range(probe.shape[0]):
        if step % probe[q, t.PR_EVERY] == 0:
            sample_row(w, probe, q, step // probe[q, t.PR_EVERY] - probe[q, t.PR_FROM])


@compiled
def sample_row(w, probe, q, row):  # type: ignore[no-untyped-def]
    """Write one row of one probe."""
    x, term = floats(w, t.X), floats(w, t.TERM)
    n = probe[q, t.PR_COUNT]
    out = view(probe[q, t.PR_OUT] + 8 * probe[q, t.PR_STRIDE] * row, n, np.float64)
    index = ints(w, t.PROBE_INDEX)[probe[q, t.PR_INDEX] : probe[q, t.PR_INDEX] + n]
    for k in range(n):
        out[k] = 0.0
    for e in range(probe[q, t.PR_TERM_LO], probe[q, t.PR_TERM_HI]):
        at, factor, reversal, v = np.int64(term[5 * e]), term[5 * e + 1], term[5 * e + 2], np.int64(term[5 * e + 3])
        if term[5 * e + 4] != 0.0:
            for k in range(n):
                out[k] += factor * x[at + index[k]] * (reversal - x[v + index[k]])
        else:
            for k in range(n):
                out[k] += factor * x[at + index[k]]


@compiled
def refresh_noise(w, step):  # type: ignore[no-untyped-def]
    """Draw the held currents whose interval starts at `step` (all of them in the first step of a run)."""
    state, noise = ints(w, t.STATUS), records(w, t.NOISE, t.NO_COLUMNS)
    first = state[t.BEGUN] == 0
    state[t.BEGUN] = 1
    for q in range(noise.shape[0]):
        if step % noise[q, t.NO_PERIOD] == 0 or first:
            n = noise[q, t.NO_SIZE]
            row = floats(w, t.X)[noise[q, t.NO_ROW] : noise[q, t.NO_ROW] + n]
            index = ints(w, t.NOISE_INDEX)[noise[q, t.NO_INDEX] : noise[q, t.NO_INDEX] + n]
            law = floats(w, t.COEF)[noise[q, t.NO_LAW] : noise[q, t.NO_LAW] + 2 * n]
            key = view(w[2 * t.NOISE_KEY], w[2 * t.NOISE_KEY + 1], np.uint64)
            hold(row, key[2 * q], key[2 * q + 1], step // noise[q, t.NO_PERIOD], index, law[:n], law[n:])


@compiled
def emit_poisson(w, p, step, out, count):  # type: ignore[no-untyped-def]
    """Spikes of a Poisson source; several in one step are several spikes."""
    part = records(w, t.PART, t.PART_COLUMNS)
    for k0 in range(0, part[p, t.SIZE], BLOCK):
        n = min(BLOCK, part[p, t.SIZE] - k0)
        counted = background_counts(w, part[p, t.SOURCE], step, k0, n)
        for k in range(n):
            for _ in range(counted[k]):
                out[count] = part[p, t.FIRST_ID] + k0 + k
                count += 1
    return count


@compiled
def emit_listed(w, p, step, out, count):  # type: ignore[no-untyped-def]
    """Spikes of a source that lists its times."""
    part = records(w, t.PART, t.PART_COLUMNS)
    when, who = ints(w, t.EVENT_STEP), ints(w, t.EVENT_ID)
    e = part[p, t.EVENT]
    while e < part[p, t.EVENT_END] and when[e] <= step:
        if when[e] == step:
            out[count] = who[e]
            count += 1
        e += 1
    part[p, t.EVENT] = e
    return count


@compiled
def launch(w, workers):  # type: ignore[no-untyped-def]
    """Start the flights of all spikes of the last slab; False where some worker has no room for them."""
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
    offset = ints(w, t.SLAB_OFFSET)
    ids = ints(w, t.SLAB_ID)[half * offset[workers] :]
    slab = ints(w, t.SLAB_PTR).size // (2 * workers)
    ptr = records(w, t.SLAB_PTR, slab)[half * workers : (half + 1) * workers]
    for b in range(bundle.shape[0]):
        for q in range(state[t.PENDING_STEPS]):
            for o in range(workers):
                lo, hi = ptr[o, q], ptr[o, q + 1]
                if hi > lo:
                    post.launch(bundle, b, ids, offset[o] + lo, offset[o] + hi, state[t.PENDING_STEP] + q + 1)
    state[t.PENDING] = 0
    return True


@compiled
def tell(w, me, workers, emitted):  # type: ignore[no-untyped-def]
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


@compiled
def advance(w, now, at, dt, out, count):  # type: ignore[no-untyped-def]
    """The step now -> now + 1 of all parts, step `at` of the batch; return the number of spikes in `out`."""
    receive(w, now, 0)
    sample(w, now)
    refresh_noise(w, now)
    receive(w, now + 1, 1)
    part = records(w, t.PART, t.PART_COLUMNS)
    for p in range(part.shape[0]):
        kind = part[p, t.KIND]
        if kind == t.LINEAR:
            count = advance_linear(w, p, at, out, count)
        elif kind == t.FLOW:
            count = advance_flow(w, p, at, dt, out, count)
        elif kind == t.POISSON:
            count = emit_poisson(w, p, now + 1, out, count)
        else:
            count = emit_listed(w, p, now + 1, out, count)
    return count


@compiled
def run(w, me, workers, begin, end, batch, dt, bound):  # type: ignore[no-untyped-def]
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
    receive(w, now, 0)
    sample(w, now)
    return DONE, now
