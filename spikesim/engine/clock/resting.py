"""Advance a large population of which few do anything: a slab of steps at a time, only neurons that are awake.

A neuron at rest is a fixed point: where a step leaves all of its states as they are, bit for bit, so does every later
one until something arrives.  Such neurons sleep.  Those awake stand side by side in memory (`awake_x`, `awake_left`),
and LANES of them take all steps of a slab in one go, in the first cache: what arrives within a slab is known when it
begins.  An arrival wakes a neuron.  Every PERIOD slabs, and whenever the loop comes back, all states go back to their
places, and who is at rest is found again: nothing of this is state.

The sums are those of `propagate.advance_linear`, in the same order: the same bits.

For a worker whose one population of neurons is `restful`: linear, of v and a state g that runs down by itself, both
held while refractory, alike but for their refractory times; what arrives moves v or g, and nothing else flows in or is
sampled.
"""

from __future__ import annotations

import functools

import numpy as np

from ...jit import call_kernel, kernel_address, part_of, view
from ...jit.records import bytes8, floats, ints, shorts, struct, table, words
from .delays import due_later, due_now
from .records import BUNDLE, ENDLESS, JUMPS, PART, QUEUE, REST, STATUS, WORKER
from .refractory import flushed
from .threshold import fire

__all__ = ["EVENTS", "LANES", "collecting", "entry"]

LANES = 256  # neurons that take a slab together
PERIOD = 64  # slabs
EVENTS = 2**17  # arrivals of a slab that there is room for; a step with more is an ordinary one

#: Where the coefficients stand, from `part.fused`: of the new v (1, v, g), of the new g (1, g), threshold.
OF_V, OF_G, LEVEL = 0, 3, 5

#: What an arrival moves.
MOVES_V, MOVES_G = 0, 1

COLLECT = "int64(int64,int64,int64,int64,int64)"  # worker, bundle, step, step of the slab, arrivals so far
SLAB_AT_REST = "int64(int64,int64,int64,int64,float64,int64,int64)"


@part_of
def wake(w, part, rest, i):
    """Let neuron i of the part stand among those awake; return where."""
    s, room, x, awake = rest.awake, part.n, floats(w.x), floats(w.awake_x)
    shorts(w.slot)[i] = s
    shorts(w.who)[s] = i
    awake[s] = x[part.state + i]
    awake[room + s] = x[part.state + room + i]
    shorts(w.awake_left)[s] = shorts(w.refractory)[part.refractory + i]
    rest.awake = s + 1
    return s


@part_of
def find_awake(w, part, rest):
    """Let all sleep whom a step leaves as they are, and wake the others."""
    n, x = part.n, floats(w.x)
    v, g = x[part.state : part.state + n], x[part.state + n : part.state + 2 * n]
    left, slot = shorts(w.refractory)[part.refractory : part.refractory + n], shorts(w.slot)
    c = floats(w.coef)[part.fused : part.fused + LEVEL + 1]
    rest.awake, rest.slabs, rest.loaded = 0, 0, 1
    for i in range(n):
        a, b = v[i], g[i]
        new_v = c[OF_V] + c[OF_V + 1] * a + c[OF_V + 2] * b
        new_g = flushed(c[OF_G] + c[OF_G + 1] * b)
        still = (new_v == a) & (new_g == b) & (left[i] == 0) & (a < c[LEVEL])
        slot[i] = -1
        if not still:
            wake(w, part, rest, np.int64(i))


@part_of
def put_back(w, part, rest):
    """Bring all states back to their places."""
    n, x, awake = part.n, floats(w.x), floats(w.awake_x)
    who, left, refractory = shorts(w.who), shorts(w.awake_left), shorts(w.refractory)
    for s in range(rest.awake):
        i = np.int64(who[s])
        x[part.state + i] = awake[s]
        x[part.state + n + i] = awake[n + s]
        refractory[part.refractory + i] = left[s]
    rest.awake = rest.loaded = 0


@functools.cache
def collecting(target: str, weight: str | None) -> int:
    """Return the address of the kernel that lists what arrives by a bundle with these types at a step."""
    targets, weights = getattr(np, target), np.float64 if weight is None else getattr(np, weight)
    constant = weight is None

    def collect(w_at, b, step, q, e):
        w = struct(w_at, WORKER)
        rest, bundle, work = table(w.rest, REST)[0], table(w.bundle, BUNDLE)[b], ints(w.work)
        part = table(w.part, PART)[rest.part]
        n = due_now(w, bundle, table(w.queue, QUEUE)[b], table(w.status, STATUS)[0], step, work)
        start, slot = ints(bundle.seg_start), shorts(w.slot)
        ids = view(bundle.target.at, bundle.target.n, targets)
        strength = view(bundle.weight.at, bundle.weight.n, weights)
        key, amount, per_group = ints(w.event_key), floats(w.event_weight), ints(w.event_ptr)
        moves = MOVES_V if bundle.jump == JUMPS else MOVES_G
        for i in range(n):
            for j in range(start[work[i]], start[work[i] + 1]):
                s = np.int64(slot[ids[j]])
                if s < 0:
                    s = wake(w, part, rest, np.int64(ids[j]))
                key[e] = s << 16 | q << 8 | moves
                amount[e] = bundle.constant if constant else strength[j]
                per_group[s // LANES] += 1
                e += 1
        return e

    return kernel_address(collect, COLLECT)


@part_of
def listen(w, w_at, now, first, steps):
    """List all that arrives in the steps `first` ... of a slab, up to `steps` or while there is room; return which."""
    status = table(w.status, STATUS)[0]
    bundle, queue = table(w.bundle, BUNDLE), table(w.queue, QUEUE)
    e, q = np.int64(0), first
    while q < steps:
        due = np.int64(0)
        for b in range(bundle.size):
            due += due_later(w, bundle[b], queue[b], now + q + np.int64(bundle[b].jump == JUMPS))
        if e + due > w.event_key.n:
            break
        received, jumped = status.received >= now + q, status.jumped >= now + q + 1
        for b in range(bundle.size):
            jump = bundle[b].jump == JUMPS
            if queue[b].head < queue[b].tail and not (jumped if jump else received):
                e = call_kernel(bundle[b].collect, (w_at, b, now + q + np.int64(jump), q, e))
        status.received = max(status.received, now + q)
        status.jumped = max(status.jumped, now + q + 1)
        q += 1
    return q, e


@part_of
def by_group(w, rest, events):
    """Put the arrivals of each group of neurons together, in their order; return how many groups there are."""
    key, order, ptr = ints(w.event_key), ints(w.event_order), ints(w.event_ptr)
    groups = (rest.awake + LANES - 1) // LANES
    at = np.int64(0)
    for i in range(groups):
        count = ptr[i]
        ptr[i] = at
        at += count
    for e in range(events):
        s = (key[e] >> 16) // LANES
        order[ptr[s]] = e
        ptr[s] += 1
    return groups  # ptr[i] is now the end of group i


@part_of
def arrive(w, state, left, k0, e, lo, moves):
    """Let the arrivals order[e:lo] of a step move a state of the neurons from k0 on, as sums, unless refractory."""
    key, order, amount, total = ints(w.event_key), ints(w.event_order), floats(w.event_weight), floats(w.scratch)
    for i in range(e, lo):
        total[(key[order[i]] >> 16) - k0] = 0.0
    for i in range(e, lo):
        if key[order[i]] & 255 == moves:
            total[(key[order[i]] >> 16) - k0] += amount[order[i]]
    for i in range(e, lo):
        if key[order[i]] & 255 == moves:
            k = (key[order[i]] >> 16) - k0
            state[k] += total[k] if left[k] == 0 else 0.0
            total[k] = 0.0


@part_of
def spike(w, part, s, first, q):
    """Reset the neuron awake at s, make it refractory and note its spike in step q; return for how many steps."""
    n, coef, awake = part.n, floats(w.coef), floats(w.awake_x)
    i = np.int64(shorts(w.who)[s])
    v, g, stride = awake[s], awake[n + s], part.reset_stride
    at = part.reset + (i if stride > 1 else np.int64(0))
    awake[s] = coef[at + 2 * stride] + coef[at] * v + coef[at + stride] * g
    at += 3 * stride
    awake[n + s] = coef[at + 2 * stride] + coef[at] * v + coef[at + stride] * g
    steps = shorts(w.t_ref)[part.t_ref + (i if part.own_t_ref else np.int64(0))]
    shorts(w.awake_left)[s] = steps
    bits = words(w.spiked)
    at = (q - first) * (n // 64 + 1) + (i >> 6)
    bits[at] |= np.uint64(1) << np.uint64(i & 63)
    return steps


@part_of
def take_step(v, g, left, n, v0, vv, vg, g0, gg):
    """One step of both states where the neuron is not refractory."""
    for k in range(n):
        a, b, free = v[k], g[k], left[k] == 0  # all is read before any choice, or it would stay a branch
        new_v, new_g = v0 + vv * a + vg * b, flushed(g0 + gg * b)
        v[k] = new_v if free else a
        g[k] = new_g if free else b


@part_of
def take_free_step(v, g, n, v0, vv, vg, g0, gg, level):
    """The same where nobody is refractory and nothing moves v; return whether any reached the threshold."""
    reached = np.int64(0)
    for k in range(n):
        a, b = v[k], g[k]
        new_v = v0 + vv * a + vg * b
        v[k] = new_v
        g[k] = flushed(g0 + gg * b)
        reached |= np.int64(new_v >= level)
    return reached


@part_of
def group_steps(w, part, k0, n, first, last, e, end):
    """Let the neurons awake from k0 on, n of them, take the steps first ... last - 1; order[e:end] arrives."""
    room, fired, eight = part.n, bytes8(w.fired), view(w.fired.at, LANES // 8, np.uint64)
    key, order, hits = ints(w.event_key), ints(w.event_order), ints(w.hits)
    v, g = floats(w.awake_x)[k0 : k0 + n], floats(w.awake_x)[room + k0 : room + k0 + n]
    left = shorts(w.awake_left)[k0 : k0 + n]
    c = floats(w.coef)[part.fused : part.fused + LEVEL + 1]
    v0, vv, vg, g0, gg = c[OF_V], c[OF_V + 1], c[OF_V + 2], c[OF_G], c[OF_G + 1]
    level = c[LEVEL:]
    held = np.int32(0)
    for k in range(n):
        held = max(held, left[k])
    for q in range(first, last):
        lo, jumps = e, False
        while lo < end and (key[order[lo]] >> 8) & 255 == q:
            jumps |= key[order[lo]] & 255 == MOVES_V
            lo += 1
        if lo > e:
            arrive(w, g, left, k0, e, lo, MOVES_G)
        if held == 0 and not jumps:
            if take_free_step(v, g, n, v0, vv, vg, g0, gg, level[0]) == 0:
                e = lo
                continue
        else:
            take_step(v, g, left, n, v0, vv, vg, g0, gg)
        if jumps:
            arrive(w, v, left, k0, e, lo, MOVES_V)
        e, held = lo, max(held - 1, np.int32(0))
        fire(v, level, False, left, fired, 0, n)
        for k in range(n, (n + 7) & ~7):
            fired[k] = 0
        some = np.uint64(0)
        for j in range((n + 7) >> 3):
            some |= eight[j]
        if some != 0:
            hits[q - first] += 1
            for k in range(n):
                if fired[k]:
                    held = max(held, spike(w, part, np.int64(k0 + k), first, q))


@part_of
def tell_spikes(w, w_at, rest, now, first, last, dt, out_at, ptr):
    """Write the spikes of the steps first ... last - 1 of all parts, by step and id; ptr[q + 1]: their end."""
    out, bits, hits, count = view(out_at, ENDLESS, np.int64), words(w.spiked), ints(w.hits), ptr[first]
    part = table(w.part, PART)
    for q in range(first, last):
        for p in range(part.size):
            if p != rest.part:
                count = call_kernel(part[p].advance, (w_at, p, now + q, np.int64(0), dt, out_at, count))
            elif hits[q - first]:
                hits[q - first] = 0
                columns, first_id = part[p].n // 64 + 1, part[p].first_id
                for j in range(columns):
                    word = bits[(q - first) * columns + j]
                    if word != 0:
                        bits[(q - first) * columns + j] = 0
                        for i in range(64):
                            if word >> np.uint64(i) & np.uint64(1):
                                out[count] = first_id + 64 * j + i
                                count += 1
        ptr[q + 1] = count


def slab_at_rest(w_at, now, first, steps, dt, out_at, ptr_at):
    """Take the steps first ... steps - 1 of the slab that begins at `now`, or as many as there is room for arrivals.

    Return up to which; behind a step with more arrivals than that, or if there was none to take, all states stand in
    their places.
    """
    w = struct(w_at, WORKER)
    rest = table(w.rest, REST)[0]
    part = table(w.part, PART)[rest.part]
    if rest.loaded and (first == steps or rest.slabs >= PERIOD):
        put_back(w, part, rest)
    if first == steps:
        return first
    if not rest.loaded:
        find_awake(w, part, rest)
    last, events = listen(w, w_at, now, first, steps)
    if last > first:
        ptr, ends = view(ptr_at, steps + 1, np.int64), ints(w.event_ptr)
        groups = by_group(w, rest, events)
        begin = np.int64(0)
        for i in range(groups):
            k0, end = i * LANES, ends[i]
            group_steps(w, part, k0, min(LANES, rest.awake - k0), first, last, begin, end)
            begin = end
        for i in range(groups):
            ends[i] = 0
        table(w.status, STATUS)[0].begun = 1
        tell_spikes(w, w_at, rest, now, first, last, dt, out_at, ptr)
        rest.slabs += 1
    if last < steps:
        put_back(w, part, rest)
    return last


@functools.cache
def entry() -> int:
    """Return the address of `slab_at_rest`."""
    return kernel_address(slab_at_rest, SLAB_AT_REST)
