"""Weights that change at spikes (the equations: `plasticity.contract`), and with reward (`plasticity.reward`).

A trace that decays with tau is kept as what it would be worth at step `REF`:  x(t) = X exp(-(t - REF) dt / tau).  Then
all traces of a bundle share one exponential an event, and a synapse that is silent costs nothing; every `PERIOD` steps
(counted from 0, so no cut of a run shows) the traces are brought up to date and REF moves on.

All synapses of a segment (one source, one delay) see the same arrivals: x and x2 are one number a segment, y and y2 one
a target.  A spike of the target finds its synapses in the index (REV_PTR, REV_SYNAPSE, REV_SEGMENT).

With an eligibility trace c, and  g(t) = integral of exp(-(s - C_REF) dt / tau_c) d(s) ds  up to t, a weight is

    w(t) = W + C g(t),   c(t) = C exp(-(t - C_REF) dt / tau_c),   between two spikes of its synapse,

so only spikes write W and C; dopamine d is advanced at rewards alone, at the same steps on every worker.
"""

from __future__ import annotations

import math

import numpy as np

from ...jit import compiled, exp, prefetch, view
from . import deliver as post
from . import records as t
from .records import floats, ints, records

# columns of `plastic`: a record a bundle; addresses are those of the arrays of `compiler.plastic.Learner`
(
    BUNDLE,  # its row in `bundle`
    NEURONS,
    COLUMN,  # address, int32 (NEURONS): column of each neuron in the port's row, -1: none
    WIDTH,  # columns
    REV_PTR,  # address, int64 (WIDTH + 1)
    REV_SYNAPSE,  # address, uint32 (SYNAPSES + AHEAD)
    REV_SEGMENT,  # address, uint32 (SYNAPSES)
    SYNAPSES,
    SEGMENTS,
    WEIGHT,  # address, float64 (SYNAPSES)
    ELIGIBLE,  # address, float64 (SYNAPSES): C; 0: changes are made at once
    X1,  # address, float64 (SEGMENTS)
    X2,
    Y1,  # address, float64 (WIDTH)
    Y2,
    LAW,  # address, float64 (LAWS)
    TRIPLET,
    NEAREST,
    SOFT,  # 1: the weight matters to its change
    REF,  # step
    PERIOD,
    EVERY,  # steps between normalisations, 0: never
    C_REF,  # step
    C_PERIOD,
    D_STEP,  # step to which dopamine was advanced
    PULSE_STEP,  # address, int64 (PULSES)
    PULSE_SIZE,  # address, float64 (PULSES)
    PULSES,
    PULSE,  # the next one
    COLUMNS,
) = range(30)

# entries of a law; RATE: dt / tau
(
    A_PLUS, A_MINUS, A3_PLUS, A3_MINUS, A_PRE, A_POST, W_MIN, W_MAX, MU_PLUS, MU_MINUS, RATE_PLUS, RATE_MINUS, RATE_X,
    RATE_Y, TOTAL, RATE_C, RATE_D, DT, BASELINE, DOPAMINE, GAINED, LAWS,
) = range(22)  # fmt: skip


AHEAD = 96  # synapses of a spike for whose memory is asked ahead of time


@compiled
def power(u, mu):
    """u^mu for u >= 0; the two usual cases without a logarithm."""
    if mu == 0.0:
        return 1.0
    return u if mu == 1.0 else u**mu


@compiled
def soft(w, change, law):
    """w + F(change), within its bounds."""
    u = (w - law[W_MIN]) / (law[W_MAX] - law[W_MIN])
    factor = power(1.0 - u, law[MU_PLUS]) if change > 0.0 else power(u, law[MU_MINUS])
    return min(max(w + change * factor, law[W_MIN]), law[W_MAX])


@compiled
def mark(trace, k, worth, nearest):
    """A spike leaves 1 (`worth` at step REF) in a trace."""
    trace[k] = worth if nearest else trace[k] + worth


@compiled
def gained(row, law, step):
    """g at `step`: the integral since C_REF, in closed form from the last step to which dopamine was advanced."""
    n = step - row[D_STEP]
    c, d = law[RATE_C], law[RATE_D]
    phasic = -law[DOPAMINE] * math.expm1(-(c + d) * n) / (c + d)
    tonic = -law[BASELINE] * math.expm1(-c * n) / c
    return law[GAINED] + exp(-c * (row[D_STEP] - row[C_REF])) * law[DT] * (phasic + tonic)


@compiled
def reward(row, law, step, amount):
    """Dopamine jumps by `amount` at `step`."""
    law[GAINED] = gained(row, law, step)
    law[DOPAMINE] = law[DOPAMINE] * exp(-law[RATE_D] * (step - row[D_STEP])) + amount
    row[D_STEP] = step


@compiled
def rewards_until(row, law, step):
    """Give the rewards that are due."""
    when = view(row[PULSE_STEP], row[PULSES], np.int64)
    amount = view(row[PULSE_SIZE], row[PULSES], np.float64)
    while row[PULSE] < row[PULSES] and when[row[PULSE]] <= step:
        reward(row, law, when[row[PULSE]], amount[row[PULSE]])
        row[PULSE] += 1


@compiled
def now(w, c, g, law):
    """The weight of a synapse with eligibility."""
    return min(max(w + c * g, law[W_MIN]), law[W_MAX])


@compiled
def read(plastic, p, step, out):
    """Write the weights of a bundle as they are at `step`."""
    row = plastic[p]
    law, weight = view(row[LAW], LAWS, np.float64), view(row[WEIGHT], row[SYNAPSES], np.float64)
    if row[ELIGIBLE] == 0:
        out[:] = weight
        return
    eligible, g = view(row[ELIGIBLE], row[SYNAPSES], np.float64), gained(row, law, step)
    for j in range(out.size):
        out[j] = now(weight[j], eligible[j], g, law)


@compiled
def arrive(row, law, x_row, target, segment, lo, hi, step):
    """A spike arrives at the synapses lo ... hi - 1 of a segment: transmit, depress, leave a trace."""
    since = step - row[REF]
    x1, x2 = view(row[X1], row[SEGMENTS], np.float64), view(row[X2], row[SEGMENTS], np.float64)
    y1 = view(row[Y1], row[WIDTH], np.float64)
    weight = view(row[WEIGHT], row[SYNAPSES], np.float64)[lo:hi]
    t_ = target[lo:hi]
    pre = law[A_PRE]
    each = law[A_MINUS]
    if row[TRIPLET]:
        each += law[A3_MINUS] * x2[segment] * exp(-law[RATE_X] * since)
        mark(x2, segment, exp(law[RATE_X] * since), row[NEAREST])
    each *= -exp(-law[RATE_MINUS] * since)
    if row[ELIGIBLE]:
        eligible = view(row[ELIGIBLE], row[SYNAPSES], np.float64)[lo:hi]
        g, worth = gained(row, law, step), exp(law[RATE_C] * (step - row[C_REF]))
        for j in range(weight.size):
            w = now(weight[j], eligible[j], g, law)
            x_row[t_[j]] += w
            eligible[j] += (pre + each * y1[t_[j]]) * worth
            weight[j] = w - eligible[j] * g
    elif row[SOFT]:
        for j in range(weight.size):
            x_row[t_[j]] += weight[j]
            weight[j] = soft(weight[j], pre + each * y1[t_[j]], law)
    else:
        low, high = law[W_MIN], law[W_MAX]
        for j in range(weight.size):
            w = weight[j]
            x_row[t_[j]] += w
            weight[j] = min(max(w + (pre + each * y1[t_[j]]), low), high)
    mark(x1, segment, exp(law[RATE_PLUS] * since), row[NEAREST])


@compiled
def fire(row, law, column, step):
    """The neuron of a column spikes: potentiate its synapses, leave a trace."""
    since = step - row[REF]
    ptr = view(row[REV_PTR], row[WIDTH] + 1, np.int64)
    lo, hi = ptr[column], ptr[column + 1]
    index = view(row[REV_SYNAPSE], row[SYNAPSES] + AHEAD, np.uint32)  # unsigned: no index is tested for its sign
    synapse, ahead = index[lo:hi], index[lo + AHEAD : hi + AHEAD]
    segment = view(row[REV_SEGMENT], row[SYNAPSES], np.uint32)[lo:hi]
    x1, weight = view(row[X1], row[SEGMENTS], np.float64), view(row[WEIGHT], row[SYNAPSES], np.float64)
    y1, y2 = view(row[Y1], row[WIDTH], np.float64), view(row[Y2], row[WIDTH], np.float64)
    post_, each = law[A_POST], law[A_PLUS]
    if row[TRIPLET]:
        each += law[A3_PLUS] * y2[column] * exp(-law[RATE_Y] * since)
        mark(y2, column, exp(law[RATE_Y] * since), row[NEAREST])
    each *= exp(-law[RATE_PLUS] * since)
    if row[ELIGIBLE]:
        eligible = view(row[ELIGIBLE], row[SYNAPSES], np.float64)
        g, worth = gained(row, law, step), exp(law[RATE_C] * (step - row[C_REF]))
        for i in range(synapse.size):
            j = synapse[i]
            w = now(weight[j], eligible[j], g, law)
            eligible[j] += (post_ + each * x1[segment[i]]) * worth
            weight[j] = w - eligible[j] * g
    elif row[SOFT]:
        for i in range(synapse.size):
            j = synapse[i]
            weight[j] = soft(weight[j], post_ + each * x1[segment[i]], law)
    else:
        low, high = law[W_MIN], law[W_MAX]
        for i in range(synapse.size):
            prefetch(weight, np.int64(ahead[i]))
            j = synapse[i]
            weight[j] = min(max(weight[j] + (post_ + each * x1[segment[i]]), low), high)
    mark(y1, column, exp(law[RATE_MINUS] * since), row[NEAREST])


@compiled
def normalise(row, law):
    """Scale the weights onto each target to the sum TOTAL."""
    ptr = view(row[REV_PTR], row[WIDTH] + 1, np.int64)
    synapse = view(row[REV_SYNAPSE], row[SYNAPSES], np.uint32)
    weight = view(row[WEIGHT], row[SYNAPSES], np.float64)
    for column in range(row[WIDTH]):
        total = 0.0
        for i in range(ptr[column], ptr[column + 1]):
            total += weight[synapse[i]]
        factor = law[TOTAL] / total if total > 0.0 else 1.0
        for i in range(ptr[column], ptr[column + 1]):
            j = synapse[i]
            weight[j] = min(max(weight[j] * factor, law[W_MIN]), law[W_MAX])


@compiled
def fade(trace, factor):
    """Bring traces to the next reference; what is below 1e-290 is nothing (and no denormal number)."""
    for k in range(trace.size):
        value = trace[k] * factor
        trace[k] = value if abs(value) > 1e-290 else 0.0


@compiled
def refer(row, law, step):
    """Bring all traces up to `step`, the new reference."""
    since = step - row[REF]
    fade(view(row[X1], row[SEGMENTS], np.float64), exp(-law[RATE_PLUS] * since))
    fade(view(row[Y1], row[WIDTH], np.float64), exp(-law[RATE_MINUS] * since))
    if row[TRIPLET]:
        fade(view(row[X2], row[SEGMENTS], np.float64), exp(-law[RATE_X] * since))
        fade(view(row[Y2], row[WIDTH], np.float64), exp(-law[RATE_Y] * since))
    row[REF] = step


@compiled
def refer_eligible(row, law, step):
    """The same for eligibility: weights take what they gained, the integral starts anew."""
    weight = view(row[WEIGHT], row[SYNAPSES], np.float64)
    eligible = view(row[ELIGIBLE], row[SYNAPSES], np.float64)
    g = gained(row, law, step)
    for j in range(weight.size):
        weight[j] = now(weight[j], eligible[j], g, law)
    fade(eligible, exp(-law[RATE_C] * (step - row[C_REF])))
    reward(row, law, step, 0.0)
    law[GAINED] = 0.0
    row[C_REF] = step


def deliver(w_at, b, step):
    """Deliver the plastic bundle `b` (`entries` makes a C function of it)."""
    w = view(w_at, t.TABLE, np.int64)
    bundle, work = records(w, t.BUNDLE, post.COLUMNS), ints(w, t.WORK)
    n = post.due(bundle, b, step, work)
    x_row = floats(w, t.X)[bundle[b, post.ROW] : bundle[b, post.ROW] + bundle[b, post.COLUMNS_IN_ROW]]
    target = view(bundle[b, post.TARGET], bundle[b, post.N_SYNAPSES], np.uint32)
    start = view(bundle[b, post.SEG_START], bundle[b, post.N_SEGMENTS] + 1, np.int64)
    plastic = records(w, t.PLASTIC, COLUMNS)
    p = 0
    while plastic[p, BUNDLE] != b:
        p += 1
    row = plastic[p]
    law = view(row[LAW], LAWS, np.float64)
    for q in range(n):
        s = work[q]
        arrive(row, law, x_row, target, s, start[s], start[s + 1], step)
    return n


def learn(w_at, step, out_at, begin, end):
    """What follows a step: its spikes out[begin:end] are felt by their neurons' synapses; rewards; bookkeeping."""
    w, out = view(w_at, t.TABLE, np.int64), view(out_at, t.ENDLESS, np.int64)
    plastic = records(w, t.PLASTIC, COLUMNS)
    for p in range(plastic.shape[0]):
        row = plastic[p]
        law = view(row[LAW], LAWS, np.float64)
        column = view(row[COLUMN], row[NEURONS], np.int32)
        for i in range(begin, end):
            k = column[out[i]]
            if k >= 0:
                fire(row, law, np.int64(k), step)
        if row[ELIGIBLE]:
            rewards_until(row, law, step)
            if step % row[C_PERIOD] == 0:
                refer_eligible(row, law, step)
        if row[EVERY] > 0 and step % row[EVERY] == 0:
            normalise(row, law)
        if step % row[PERIOD] == 0:
            refer(row, law, step)
    return 0
