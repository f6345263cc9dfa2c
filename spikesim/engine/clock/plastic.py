"""Weights that change at spikes (the equations: `plasticity.contract`), and with reward (`plasticity.reward`).

A trace that decays with tau is kept as what it would be worth at step `ref`:  x(t) = X exp(-(t - ref) dt / tau).  Then
all traces of a bundle share one exponential an event, and a synapse that is silent costs nothing; every `period` steps
(counted from 0, so no cut of a run shows) the traces are brought up to date and `ref` moves on.

All synapses of a segment (one source, one delay) see the same arrivals: x and x2 are one number a segment, y and y2 one
a target.  A spike of the target finds its synapses in the index (rev_ptr, rev_synapse, rev_segment).

What waits for a reward stands in `engine.eligibility`.

While a projection is `frozen` its weights stand still and all traces go on.

Where a share d of the delay D is dendritic, the rule has an arrival at D - d and a spike of the target at d.  All of it
is done d later: an arrival when it reaches the soma, which so transmits the weight that it found at the synapse, and a
spike `late` = 2 d steps after it came.

`rule` is a record PLASTIC, `state` the LEARNT beside it.
"""

from __future__ import annotations

import numpy as np

from ...jit import call_kernel, compiled, exp, prefetch, view
from ...jit.records import floats, ints, shorts, struct, table
from ...plasticity.dependence import soft
from .. import eligibility
from ..eligibility import fade, gained, now, rewards_until
from ..scaling import scale
from .delays import due_now
from .records import BUNDLE, ENDLESS, LEARNT, PLASTIC, QUEUE, STATUS, WORKER

AHEAD = 96  # synapses of a spike for whose memory is asked ahead of time


@compiled
def mark(trace, k, worth, nearest):
    """A spike leaves 1 (`worth` at step `ref`) in a trace."""
    trace[k] = worth if nearest else trace[k] + worth


@compiled
def read(plastic, learnt, p, weight, eligible, step, out):
    """Write the weights of the p-th plastic projection as they are at `step`."""
    rule = plastic[p]
    if rule.rewarded == 0:
        out[:] = weight
        return
    eligibility.read(rule, learnt[p], weight, eligible, step, out)


@compiled
def arrive(w_at, rule, state, x_row, target, segment, lo, hi, step, factor):
    """A spike arrives at the synapses lo ... hi - 1 of a segment: transmit (`factor` w), depress, leave a trace."""
    w = struct(w_at, WORKER)
    since = step - state.ref
    x1 = floats(w.x1)[rule.at_segment : rule.at_segment + rule.segments]
    x2 = floats(w.x2)[rule.at_segment : rule.at_segment + rule.segments]
    y1 = floats(w.y1)[rule.at_target : rule.at_target + rule.width]
    weight = floats(w.weight)[rule.at_synapse + lo : rule.at_synapse + hi]
    t_ = target[lo:hi]
    pre = rule.A_pre
    each = rule.A_minus
    if rule.triplet:
        each += rule.A3_minus * x2[segment] * exp(-rule.rate_x * since)
        mark(x2, segment, exp(rule.rate_x * since), rule.nearest)
    each *= -exp(-rule.rate_minus * since)
    if rule.rewarded:
        eligible = floats(w.eligible)[rule.at_eligible + lo : rule.at_eligible + hi]
        g, worth = gained(rule, state, step), exp(rule.rate_c * (step - state.c_ref))
        for j in range(weight.size):
            found = now(weight[j], eligible[j], g, rule.w_min, rule.w_max)
            x_row[t_[j]] += factor * found
            eligible[j] += (pre + each * y1[t_[j]]) * worth
            weight[j] = found - eligible[j] * g
    elif state.frozen:
        for j in range(weight.size):
            x_row[t_[j]] += factor * weight[j]
    elif rule.soft:
        for j in range(weight.size):
            x_row[t_[j]] += factor * weight[j]
            weight[j] = soft(weight[j], pre + each * y1[t_[j]], rule)
    else:
        low, high = rule.w_min, rule.w_max
        for j in range(weight.size):
            found = weight[j]
            x_row[t_[j]] += factor * found
            weight[j] = min(max(found + (pre + each * y1[t_[j]]), low), high)
    mark(x1, segment, exp(rule.rate_plus * since), rule.nearest)


@compiled
def fire(w_at, rule, state, column, step):
    """The neuron of a column spikes: potentiate its synapses, leave a trace."""
    w = struct(w_at, WORKER)
    since = step - state.ref
    ptr = ints(rule.rev_ptr)
    lo, hi = ptr[column], ptr[column + 1]
    # unsigned: no index is tested for its sign
    index = view(rule.rev_synapse.at, rule.rev_synapse.n, np.uint32)
    synapse, ahead = index[lo:hi], index[lo + AHEAD : hi + AHEAD]
    segment = view(rule.rev_segment.at, rule.rev_segment.n, np.uint32)[lo:hi]
    x1 = floats(w.x1)[rule.at_segment : rule.at_segment + rule.segments]
    weight = floats(w.weight)[rule.at_synapse : rule.at_synapse + rule.synapses]
    y1 = floats(w.y1)[rule.at_target : rule.at_target + rule.width]
    y2 = floats(w.y2)[rule.at_target : rule.at_target + rule.width]
    post_, each = rule.A_post, rule.A_plus
    if rule.triplet:
        each += rule.A3_plus * y2[column] * exp(-rule.rate_y * since)
        mark(y2, column, exp(rule.rate_y * since), rule.nearest)
    each *= exp(-rule.rate_plus * since)
    if rule.rewarded:
        eligible = floats(w.eligible)[rule.at_eligible : rule.at_eligible + rule.synapses]
        g, worth = gained(rule, state, step), exp(rule.rate_c * (step - state.c_ref))
        for i in range(synapse.size):
            j = synapse[i]
            found = now(weight[j], eligible[j], g, rule.w_min, rule.w_max)
            eligible[j] += (post_ + each * x1[segment[i]]) * worth
            weight[j] = found - eligible[j] * g
    elif state.frozen:
        pass
    elif rule.soft:
        for i in range(synapse.size):
            j = synapse[i]
            weight[j] = soft(weight[j], post_ + each * x1[segment[i]], rule)
    else:
        low, high = rule.w_min, rule.w_max
        for i in range(synapse.size):
            prefetch(weight, np.int64(ahead[i]))
            j = synapse[i]
            weight[j] = min(max(weight[j] + (post_ + each * x1[segment[i]]), low), high)
    mark(y1, column, exp(rule.rate_minus * since), rule.nearest)


@compiled
def normalise(w_at, rule):
    """Scale the weights onto each target to the sum `w_total`."""
    w = struct(w_at, WORKER)
    weight = floats(w.weight)[rule.at_synapse : rule.at_synapse + rule.synapses]
    synapse = view(rule.rev_synapse.at, rule.rev_synapse.n, np.uint32)
    scale(weight, np.int64(1), ints(rule.rev_ptr), synapse, rule.w_total, rule.w_min, rule.w_max)


@compiled
def refer(w_at, rule, state, step):
    """Bring all traces up to `step`, the new reference."""
    w = struct(w_at, WORKER)
    since = step - state.ref
    at, n = rule.at_segment, rule.segments
    to, width = rule.at_target, rule.width
    fade(floats(w.x1)[at : at + n], exp(-rule.rate_plus * since))
    fade(floats(w.y1)[to : to + width], exp(-rule.rate_minus * since))
    if rule.triplet:
        fade(floats(w.x2)[at : at + n], exp(-rule.rate_x * since))
        fade(floats(w.y2)[to : to + width], exp(-rule.rate_y * since))
    state.ref = step


@compiled
def refer_eligible(w_at, rule, state, step):
    """The same for eligibility."""
    w = struct(w_at, WORKER)
    weight = floats(w.weight)[rule.at_synapse : rule.at_synapse + rule.synapses]
    eligible = floats(w.eligible)[rule.at_eligible : rule.at_eligible + rule.synapses]
    eligibility.refer(rule, state, weight, eligible, step)


@compiled
def freeze(w_at, plastic, learnt, p, step, frozen):
    """Let the weights of the p-th plastic projection stand still from `step` on, or go on."""
    rule, state = plastic[p], learnt[p]
    if rule.rewarded and state.frozen != frozen:
        refer_eligible(w_at, rule, state, step)
    state.frozen = frozen


@compiled
def tell_each(w_at, rule, state, bundle, target, lo, hi, step, factor):
    """Tell the synapses lo ... hi - 1, whose spikes may not be added up, of one that arrives: `factor` w."""
    w = struct(w_at, WORKER)
    weight = floats(w.weight)[rule.at_synapse + lo : rule.at_synapse + hi]
    eligible, g = weight[:0], 0.0
    if rule.rewarded:
        eligible, g = floats(w.eligible)[rule.at_eligible + lo : rule.at_eligible + hi], gained(rule, state, step)
    for j in range(weight.size):
        found = now(weight[j], eligible[j], g, rule.w_min, rule.w_max) if rule.rewarded else weight[j]
        at = bundle.row + np.int64(target[lo + j])
        call_kernel(bundle.tell, (w_at, at, bundle.width, bundle.law, factor * found))


def deliver(w_at, b, step):
    """Deliver the plastic bundle `b` (`entries` makes a C function of it)."""
    w = struct(w_at, WORKER)
    bundle, work = table(w.bundle, BUNDLE)[b], ints(w.work)
    n = due_now(w, bundle, table(w.queue, QUEUE)[b], table(w.status, STATUS)[0], step, work)
    x_row = floats(w.x)[bundle.row : bundle.row + bundle.width]
    target = view(bundle.target.at, bundle.target.n, np.uint32)
    start = ints(bundle.seg_start)
    rule, state = table(w.plastic, PLASTIC)[bundle.plastic], table(w.learnt, LEARNT)[bundle.plastic]
    strength, carries = floats(w.strength), bundle.release >= 0
    for q in range(n):
        s = work[q]
        factor = strength[q] if carries else 1.0
        if bundle.tell:
            tell_each(w_at, rule, state, bundle, target, start[s], start[s + 1], step, factor)
            factor = 0.0  # (what arrives is told: to the row of what may be added up it adds nothing)
        arrive(w_at, rule, state, x_row, target, s, start[s], start[s + 1], step, factor)
    return n


@compiled
def exchange(w_at, rule, step, out, begin, end):
    """Take the spikes of `late` steps ago, and keep those of targets among out[begin:end]; return (address, count).

    What is taken stands behind what is kept.
    """
    w = struct(w_at, WORKER)
    width, late = rule.width, rule.late
    slot = step % late
    count = ints(w.late_count)[rule.at_count : rule.at_count + late]
    kept = ints(w.late)[rule.at_late : rule.at_late + (late + 1) * width]
    column = shorts(rule.column)
    felt = count[slot]
    for i in range(felt):
        kept[late * width + i] = kept[slot * width + i]
    n = np.int64(0)
    for i in range(begin, end):
        if column[out[i]] >= 0:
            kept[slot * width + n] = out[i]
            n += 1
    count[slot] = n
    return w.late.at + 8 * (rule.at_late + late * width), felt


def learn(w_at, step, out_at, begin, end):
    """What follows a step: its spikes out[begin:end] are felt by their neurons' synapses; rewards; bookkeeping."""
    w, emitted = struct(w_at, WORKER), view(out_at, ENDLESS, np.int64)
    plastic, learnt = table(w.plastic, PLASTIC), table(w.learnt, LEARNT)
    for p in range(plastic.size):
        rule, state = plastic[p], learnt[p]
        from_at, lo, hi = out_at, begin, end
        if rule.late > 0:
            from_at, hi = exchange(w_at, rule, step, emitted, begin, end)
            lo = np.int64(0)
        if rule.learn:
            call_kernel(rule.learn, (w_at, p, step, from_at, lo, hi))
            continue
        column, out = shorts(rule.column), view(from_at, ENDLESS, np.int64)
        for i in range(lo, hi):
            k = column[out[i]]
            if k >= 0:
                fire(w_at, rule, state, np.int64(k), step)
        if rule.rewarded:
            rewards_until(plastic, learnt, p, ints(rule.pulse_at), step)
            if step % rule.c_period == 0:
                refer_eligible(w_at, rule, state, step)
        if rule.every > 0 and step % rule.every == 0 and not state.frozen:
            normalise(w_at, rule)
        if step % rule.period == 0:
            refer(w_at, rule, state, step)
    return 0
