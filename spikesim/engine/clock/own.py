"""Rules of plasticity with equations of their own (see `plasticity.declared`): the kernels built around them.

Variables of synapses stand row by row behind the weights, traces of sources (one a segment) and of targets (one a
column) in `sources` and `targets`; as in `plastic`, what decays is kept as what it would be worth at step `ref`, so
that a synapse whose neurons are silent costs nothing.  Behind the traces of targets stand the states that are read,
as they were at the last step.
"""

from __future__ import annotations

import functools

import numpy as np

from ...jit import call_kernel, compiled, exp, kernel_address, view
from ...jit.records import floats, ints, shorts, struct, table
from ..eligibility import fade
from ..rules import (
    active_of,
    after_arrival,
    after_event,
    after_spike,
    after_step,
    decayed,
    left_by_arrival,
    left_by_spike,
    put,
    registered,
    seen,
    sizes,
    taken,
    times,
    within,
)  # fmt: skip
from .delays import due_now
from .deliver import DELIVER
from .records import BUNDLE, ENDLESS, LEARNT, PLASTIC, QUEUE, STATUS, WORKER

__all__ = ["delivery", "event", "give", "learning"]

LEARN = "int64(int64,int64,int64,int64,int64,int64)"  # worker, projection, step, ids, their stretch
EVENT = "int64(int64,int64,int64,float64)"  # worker, projection, step, amount


@functools.cache
def delivery(key: str) -> int:
    """Return the address of the kernel that delivers a bundle whose weights change by the rule of this key."""
    n_s, n_pre, n_post, n_p = sizes(key)
    kept = registered[key].traces["pre"]

    def deliver(w_at, b, step):
        w = struct(w_at, WORKER)
        bundle, work = table(w.bundle, BUNDLE)[b], ints(w.work)
        n = due_now(w, bundle, table(w.queue, QUEUE)[b], table(w.status, STATUS)[0], step, work)
        if n == 0:
            return 0
        x_row = floats(w.x)[bundle.row : bundle.row + bundle.width]
        target = view(bundle.target.at, bundle.target.n, np.uint32)
        start = ints(bundle.seg_start)
        rule, state = table(w.plastic, PLASTIC)[bundle.plastic], table(w.learnt, LEARNT)[bundle.plastic]
        synapses, segments, width = rule.synapses, rule.segments, rule.width
        low, high, frozen = rule.w_min, rule.w_max, state.frozen != 0
        p = seen(key, "parameters", taken(n_p, floats(rule.parameters), 1, 0))
        rates, since = floats(rule.rates), float(step - state.ref)
        of_s, of_pre, of_post = (
            taken(n_s, rates, 1, 0),
            taken(n_pre, rates, 1, n_s),
            taken(n_post, rates, 1, n_s + n_pre),
        )
        s_now, pre_now, post_now = decayed(of_s, since), decayed(of_pre, since), decayed(of_post, since)
        s_ref, pre_ref = decayed(of_s, -since), decayed(of_pre, -since)
        weight = floats(w.weight)[rule.at_synapse : rule.at_synapse + n_s * synapses]
        sources = floats(w.sources)[rule.at_sources : rule.at_sources + n_pre * segments]
        targets = floats(w.targets)[rule.at_targets : rule.at_targets + n_post * width]
        strength, carries, tell = floats(w.strength), bundle.release >= 0, bundle.tell
        for q in range(n):
            g, factor = work[q], strength[q] if carries else 1.0
            lo, hi = start[g], start[g + 1]
            pre = seen(key, "pre", times(taken(n_pre, sources, segments, g), pre_now))
            s = seen(key, "synapse", times(taken(n_s, weight, synapses, lo), s_now))
            post = seen(key, "post", times(taken(n_post, targets, width, np.int64(target[lo])), post_now))
            left = left_by_arrival(key, s, pre, post, p)
            for j in range(lo, hi):
                c = np.int64(target[j])
                old = times(taken(n_s, weight, synapses, j), s_now)
                post = seen(key, "post", times(taken(n_post, targets, width, c), post_now))
                if tell:
                    call_kernel(tell, (w_at, bundle.row + c, bundle.width, bundle.law, factor * old[0]))
                else:
                    x_row[c] += factor * old[0]
                new = after_arrival(key, seen(key, "synapse", old), pre, post, p)
                put(n_s, weight, synapses, j, times(within(new, old, low, high, frozen), s_ref))
            put(kept, sources, segments, g, times(left, pre_ref))
        return n

    return kernel_address(deliver, DELIVER)


@compiled
def remember(w_at, rule, step, count):
    """Take the `count` states of `late` steps ago, and keep those of now; return them, row by row."""
    w = struct(w_at, WORKER)
    x, states = floats(w.x), ints(rule.states)
    size, late = count * rule.width, rule.late
    past = floats(w.past)[rule.at_past : rule.at_past + (late + 1) * size]
    kept, felt = past[step % late * size : (step % late + 1) * size], past[late * size :]
    for k in range(size):
        felt[k] = kept[k]
        kept[k] = x[states[k]]
    return felt


@compiled
def follow(w_at, rule, step, traces, entries):
    """Bring the states of targets that are read to this step (`late` steps before), and the traces that follow them.

    With v straight between two steps, tau du/dt = v - u is u' = e u + (q - e) v + (1 - q) v', e = exp(-r),
    q = (1 - e) / r, r = dt / tau.
    """
    w = struct(w_at, WORKER)
    x, states, paces, follows = floats(w.x), ints(rule.states), floats(rule.paces), ints(rule.follows)
    width = rule.width
    if rule.late > 0:
        x, states = remember(w_at, rule, step, entries - traces), ints(rule.felt)
    targets = floats(w.targets)[rule.at_targets : rule.at_targets + entries * width]
    for i in range(traces):
        if follows[i] < 0:
            continue
        e = exp(-paces[i])
        q = -np.expm1(-paces[i]) / paces[i]
        at = states[(follows[i] - traces) * width : (follows[i] - traces + 1) * width]
        row, before = targets[i * width : (i + 1) * width], targets[follows[i] * width : (follows[i] + 1) * width]
        for c in range(width):
            row[c] = e * row[c] + (q - e) * before[c] + (1.0 - q) * x[at[c]]
    for i in range(traces, entries):
        at = states[(i - traces) * width : (i - traces + 1) * width]
        row = targets[i * width : (i + 1) * width]
        for c in range(width):
            row[c] = x[at[c]]


@compiled
def refer_rows(rows, at, count, size, rates, first, since):
    """Bring rows of what decays to the next reference."""
    for i in range(count):
        if rates[first + i] > 0.0:
            fade(rows[at + i * size : at + (i + 1) * size], exp(-rates[first + i] * since))


@functools.cache
def learning(key: str) -> int:
    """Return the address of what follows a step: its spikes out[begin:end], states, `on_step`, bookkeeping."""
    n_s, n_pre, n_post, n_p = sizes(key)
    kept = registered[key].traces["post"]
    reads, steps = registered[key].reads, int(registered[key].stepped)

    def learn(w_at, number, step, out_at, begin, end):
        w, out = struct(w_at, WORKER), view(out_at, ENDLESS, np.int64)
        rule, state = table(w.plastic, PLASTIC)[number], table(w.learnt, LEARNT)[number]
        if begin == end and not reads and not steps and step % rule.period != 0:
            return 0
        synapses, segments, width = rule.synapses, rule.segments, rule.width
        low, high, frozen = rule.w_min, rule.w_max, state.frozen != 0
        p = seen(key, "parameters", taken(n_p, floats(rule.parameters), 1, 0))
        rates, since = floats(rule.rates), float(step - state.ref)
        of_s, of_pre, of_post = (
            taken(n_s, rates, 1, 0),
            taken(n_pre, rates, 1, n_s),
            taken(n_post, rates, 1, n_s + n_pre),
        )
        s_now, pre_now, post_now = decayed(of_s, since), decayed(of_pre, since), decayed(of_post, since)
        s_ref, post_ref = decayed(of_s, -since), decayed(of_post, -since)
        weight = floats(w.weight)[rule.at_synapse : rule.at_synapse + n_s * synapses]
        sources = floats(w.sources)[rule.at_sources : rule.at_sources + n_pre * segments]
        targets = floats(w.targets)[rule.at_targets : rule.at_targets + n_post * width]
        column, ptr = shorts(rule.column), ints(rule.rev_ptr)
        synapse = view(rule.rev_synapse.at, rule.rev_synapse.n, np.uint32)
        segment = view(rule.rev_segment.at, rule.rev_segment.n, np.uint32)
        for o in range(begin, end):
            c = np.int64(column[out[o]])
            if c < 0 or ptr[c] == ptr[c + 1]:
                continue
            post = seen(key, "post", times(taken(n_post, targets, width, c), post_now))
            s = seen(key, "synapse", times(taken(n_s, weight, synapses, np.int64(synapse[ptr[c]])), s_now))
            pre = seen(key, "pre", times(taken(n_pre, sources, segments, np.int64(segment[ptr[c]])), pre_now))
            left = left_by_spike(key, s, pre, post, p)
            for i in range(ptr[c], ptr[c + 1]):
                j = np.int64(synapse[i])
                old = times(taken(n_s, weight, synapses, j), s_now)
                pre = seen(key, "pre", times(taken(n_pre, sources, segments, np.int64(segment[i])), pre_now))
                new = after_spike(key, seen(key, "synapse", old), pre, post, p)
                put(n_s, weight, synapses, j, times(within(new, old, low, high, frozen), s_ref))
            put(kept, targets, width, c, times(left, post_ref))
        if reads:
            follow(w_at, rule, step, kept, n_post)
        if steps and step % rule.every == 0:
            dt = rule.dt * rule.every
            for c in range(width):
                post = seen(key, "post", times(taken(n_post, targets, width, c), post_now))
                if ptr[c] == ptr[c + 1] or not active_of(key, post, p) > 0.0:
                    continue
                for i in range(ptr[c], ptr[c + 1]):
                    j = np.int64(synapse[i])
                    old = times(taken(n_s, weight, synapses, j), s_now)
                    pre = seen(key, "pre", times(taken(n_pre, sources, segments, np.int64(segment[i])), pre_now))
                    new = after_step(key, seen(key, "synapse", old), pre, post, p, dt)
                    put(n_s, weight, synapses, j, times(within(new, old, low, high, frozen), s_ref))
        if step % rule.period == 0:
            refer_rows(weight, 0, n_s, synapses, rates, 0, since)
            refer_rows(sources, 0, n_pre, segments, rates, n_s, since)
            refer_rows(targets, 0, n_post, width, rates, n_s + n_pre, since)
            state.ref = step
        return 0

    return kernel_address(learn, LEARN)


@functools.cache
def event(key: str) -> int:
    """Return the address of what a third factor does to all synapses."""
    n_s, n_pre, n_post, n_p = sizes(key)

    def happen(w_at, number, step, amount):
        w = struct(w_at, WORKER)
        rule, state = table(w.plastic, PLASTIC)[number], table(w.learnt, LEARNT)[number]
        synapses, segments, width = rule.synapses, rule.segments, rule.width
        low, high, frozen = rule.w_min, rule.w_max, state.frozen != 0
        p = seen(key, "parameters", taken(n_p, floats(rule.parameters), 1, 0))
        rates, since = floats(rule.rates), float(step - state.ref)
        of_s, of_pre, of_post = (
            taken(n_s, rates, 1, 0),
            taken(n_pre, rates, 1, n_s),
            taken(n_post, rates, 1, n_s + n_pre),
        )
        s_now, pre_now, post_now = decayed(of_s, since), decayed(of_pre, since), decayed(of_post, since)
        s_ref = decayed(of_s, -since)
        weight = floats(w.weight)[rule.at_synapse : rule.at_synapse + n_s * synapses]
        sources = floats(w.sources)[rule.at_sources : rule.at_sources + n_pre * segments]
        targets = floats(w.targets)[rule.at_targets : rule.at_targets + n_post * width]
        ptr = ints(rule.rev_ptr)
        synapse = view(rule.rev_synapse.at, rule.rev_synapse.n, np.uint32)
        segment = view(rule.rev_segment.at, rule.rev_segment.n, np.uint32)
        for c in range(width):
            post = seen(key, "post", times(taken(n_post, targets, width, c), post_now))
            for i in range(ptr[c], ptr[c + 1]):
                j = np.int64(synapse[i])
                old = times(taken(n_s, weight, synapses, j), s_now)
                pre = seen(key, "pre", times(taken(n_pre, sources, segments, np.int64(segment[i])), pre_now))
                new = after_event(key, seen(key, "synapse", old), pre, post, p, amount)
                put(n_s, weight, synapses, j, times(within(new, old, low, high, frozen), s_ref))
        return 0

    return kernel_address(happen, EVENT)


@compiled
def give(kernel, w_at, number, step, amount):
    """Call an `event`."""
    return call_kernel(kernel, (w_at, number, step, amount))
