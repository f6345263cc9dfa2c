"""Renewal trains on the clock: so many intervals are used up in a step.

In the step q -> q + 1 what is left of a train's interval is used up by the mean count of that step, rate times pace;
whenever nothing is left there is an event, and the next interval is added.  The events of a step are those of the exact
process in that step, whatever the rate does inside.
"""

from __future__ import annotations

import numpy as np

from ...jit import compiled, view
from ...jit.records import floats, ints, shorts, struct, table
from ...random import subkey
from ..renewal import interval, taken
from .poisson import RUN, tell_each
from .records import BACKGROUND, ENDLESS, PART, TRAIN, WORKER

__all__ = ["add_train", "emit_trains"]


@compiled
def use_up(left, count, r, ka, kb, shape, most, marks):
    """Return the events of train r, of whose interval nothing is left; the word behind each goes to `marks`, if any."""
    events = 0
    while left[r] <= 0.0 and events < most:  # (what is too much for one step, once in 2^33, comes in the next)
        if marks.size:
            marks[events] = count[r]
        x, count[r] = interval(ka, kb, count[r], shape, False)
        left[r] += x
        events += 1
    return events


@compiled
def count_events(w, number, q, k0, n):
    """Add to `drawn` the events of train `number` in the step q -> q + 1, of n neurons from k0 of its part."""
    train = table(w.train, TRAIN)[number]
    drawn, coef = shorts(w.drawn), floats(w.coef)
    left, count = floats(w.train_left), ints(w.train_count)
    pace, at, wide = floats(w.pace_value), np.int64(-1), train.wide
    if train.pace >= 0:
        at = ints(w.pace_at)[train.pace] + q * max(np.int64(1), wide)
    same = pace[at] if at >= 0 and wide == 0 else 1.0
    if train.common == 0:
        none = ints(w.marks)[:0]
        for k in range(n):
            i = k0 + k
            mean = same * coef[train.rate + train.own * i]
            if wide > 0:
                mean *= pace[at + i]
            left[train.row + i] -= mean
            if left[train.row + i] <= 0.0:
                ka, kb = subkey(train.key_a, train.key_b, train.first + i)
                drawn[k] += np.int32(use_up(left, count, train.row + i, ka, kb, train.order, train.most, none))
        return
    marks = ints(w.marks)[train.marks : train.marks + 1 + train.most]
    if k0 == 0:
        left[train.row] -= same * coef[train.rate]
        ka, kb = subkey(train.key_a, train.key_b, np.int64(0))
        marks[0] = use_up(left, count, train.row, ka, kb, train.order, train.most, marks[1:])
    for e in range(marks[0]):
        for k in range(n):
            heard = train.heard < 0 or coef[train.heard + k0 + k] > 0.0
            if heard and train.share < 1.0:
                heard = taken(train.copy_a, train.copy_b, marks[1 + e], train.first + k0 + k, train.share)
            drawn[k] += np.int32(heard)


def add_train(w_at, b, begin, size, step):
    """Add the weighted events of one background at `step` to its row of x, of `size` neurons from `begin`."""
    w = struct(w_at, WORKER)
    background = table(w.background, BACKGROUND)[b]
    x, weight, at, drawn = floats(w.x), background.weight, background.row, shorts(w.drawn)
    q = step - background.jump  # currents that arrive at a step are those of the time after it, jumps before it
    k0, end = begin, begin + size
    while k0 < end:
        n = min(np.int64(RUN), end - k0)
        for k in range(n):
            drawn[k] = 0
        count_events(w, background.train, q, k0, n)
        if background.tell:
            tell_each(w_at, background, k0, n, drawn)
        else:
            for k in range(n):
                x[at + k0 + k] += weight * drawn[k]
        k0 += n
    return 0


def emit_trains(w_at, p, now, at, dt, out_at, count):
    """Spikes at now + 1 of a source that is made of trains; several in one step are several spikes."""
    w, out = struct(w_at, WORKER), view(out_at, ENDLESS, np.int64)
    part, drawn = table(w.part, PART)[p], shorts(w.drawn)
    size, first_id = part.n, part.first_id
    k0 = np.int64(0)
    while k0 < size:
        n = min(np.int64(RUN), size - k0)
        for k in range(n):
            drawn[k] = 0
        for number in range(part.train_lo, part.train_hi):
            count_events(w, number, now, k0, n)
        for k in range(n):
            for _ in range(drawn[k]):
                out[count] = first_id + k0 + k
                count += 1
        k0 += n
    return count
