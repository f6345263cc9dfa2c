"""Renewal trains of the event engine: when the next interval is used up, exactly.

An interval is used up at the rate of the train times its pace; pieces of the pace are constant, lines or sines, whose
integrals are inverted.  A train that neurons have in common is gone through by each of them for itself: all read the
same numbers from the same time, so that they find the same times, to the last bit.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ...jit import compiled
from ...jit.records import floats, ints, struct, table
from ...network.pieces import HOLD, LINE
from ...program.pace import Pace
from ...random import subkey
from ..growing import Coefficients
from ..renewal import interval, taken
from .records import PACE, TRAIN, WORKER

__all__ = ["renew", "write_pace"]


def write_pace(pace: Pace, index: np.ndarray, rows: list[tuple[Any, ...]], values: Coefficients) -> tuple[int, int]:
    """Write the pieces of a pace; `index`: of each neuron among the targets.  Return where they stand."""
    first = len(rows)
    for piece, begin, end in pace.pieces():
        numbers: Sequence[Any] = piece.numbers
        if pace.targets is not None:
            numbers = [np.broadcast_to(number, (pace.targets,))[np.maximum(index, 0)] for number in numbers]
        width = 1 if pace.targets is None else index.size
        rows.append((piece.form, begin, end, piece.begin, piece.end, values.put(*numbers), width))
    return first, len(rows)


@compiled
def sine(x, offset, height, omega, phase):
    """The integral of offset + height sin(omega s + phase) over s from 0 to x."""
    if omega == 0.0:
        return (offset + height * math.sin(phase)) * x
    return offset * x + height / omega * (math.cos(phase) - math.cos(omega * x + phase))


@compiled
def inverse_sine(amount, offset, height, omega, phase):
    """The x at which that integral is `amount`: Newton's steps, within bounds that close in."""
    if omega == 0.0:
        return amount / (offset + height * math.sin(phase))
    away = 2.0 * abs(height) / omega
    low, high = max(0.0, (amount - away) / offset), (amount + away) / offset
    x = min(max(amount / offset, low), high)
    for _ in range(200):
        more = sine(x, offset, height, omega, phase) - amount
        if more > 0.0:
            high = x
        else:
            low = x
        rate = offset + height * math.sin(omega * x + phase)
        after = x - more / rate if rate > 0.0 else 0.5 * (low + high)
        if not low <= after <= high:
            after = 0.5 * (low + high)
        if abs(after - x) <= 4e-16 * x or high - low <= 4e-16 * high:
            return after
        x = after
    return x


@compiled
def used_up(w, train, j, t, amount):
    """When neuron j of a part has used up `amount` (ms at pace 1) from t on; inf: never."""
    if train.pace_lo == train.pace_hi:
        return t + amount
    pace, value = table(w.pace, PACE), floats(w.pace_value)
    k, above = train.pace_lo, train.pace_hi
    while k < above:  # the first that ends after t
        middle = (k + above) >> 1
        if pace[middle].end <= t:
            k = middle + 1
        else:
            above = middle
    for q in range(k, train.pace_hi):
        p = pace[q]
        start, wide = max(t, p.begin), p.width
        at = p.at + (j if wide > 1 else 0)
        first = value[at]
        if p.form == HOLD:
            room = (p.end - start) * first if first > 0.0 else 0.0
            if amount < room:
                return start + amount / first
        elif p.form == LINE:
            rise = (value[at + wide] - first) / (p.until - p.since)
            here, there = first + rise * (start - p.since), first + rise * (p.end - p.since)
            room = 0.5 * (here + there) * (p.end - start)
            if amount < room:
                return start + 2.0 * amount / (here + math.sqrt(max(0.0, here * here + 2.0 * rise * amount)))
        else:
            height, omega, phase = value[at + wide], value[at + 2 * wide], value[at + 3 * wide]
            phase += omega * (start - p.since)
            room = 0.0
            if first > 0.0:
                room = sine(p.end - start, first, height, omega, phase) if p.end < np.inf else np.inf
                if omega == 0.0 and p.end == np.inf:
                    room = np.inf if first + height * math.sin(phase) > 0.0 else 0.0
            if amount < room:
                return start + inverse_sine(amount, first, height, omega, phase)
        amount -= room
    return np.inf


def renew(w_at, b, j, t, first):
    """Write when train b of neuron j of its part comes next after t; `first`: it begins there, in equilibrium."""
    w = struct(w_at, WORKER)
    train = table(w.train, TRAIN)[b]
    r = train.row + j
    following, count, rate = floats(w.train_next), ints(w.train_count), floats(w.train_rate)[r]
    following[r] = np.inf
    if rate == 0.0:
        return 0
    ka, kb = subkey(train.a, train.b, np.int64(0) if train.common else train.entity + j)
    at = count[r]
    fresh = first != 0
    while t < np.inf:
        x, at = interval(ka, kb, at, train.order, fresh)
        fresh = False
        t = used_up(w, train, j, t, x / rate)
        if train.share >= 1.0 or taken(train.copy_a, train.copy_b, at, train.entity + j, train.share):
            break
    count[r], following[r] = at, t
    return 0
