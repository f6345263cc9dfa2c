"""A leaky integrator with Delta synapses and constant drive: every question has a closed form.

With u = rest - v, which decays as exp(-a t), the neuron fires at t + ln(u / u_th) / a; a jump of v from u to y moves
that time by ln(y / u) / a exactly.  `kick` keeps a lower bound of the time of the spike without a logarithm:

    ln(y / u) >= 2 (y - u) / (y + u)      for y >= u (inhibition),
    ln(y / u) >= (y / u - u / y) / 2      for y <= u (excitation),

both exact to third order, so that the logarithm itself is taken about once a spike.
"""

from __future__ import annotations

import numpy as np

from ...jit import expm1, inlined, view
from . import crossing
from . import records as e
from .lookup import floats, ints, records
from .propagate import fail, fire, go_on, next_train, parameters, record, refile
from .records import BOUND, KNOWN, NEXT, OPEN, REF, SPIKE, T0, V

#: A bound is wrong by its rounding at most: it gives way by this.
SAFE = 1e-9


@inlined
def leak(x, p, t):
    """Advance a record to t; v stands still until REF."""
    since = max(x[T0], x[REF])
    if t > since:
        if p[e.A] > 0.0:
            x[V] -= (p[e.REST] - x[V]) * expm1(-p[e.A] * (t - since))
        else:
            x[V] += p[e.C] * (t - since)
    x[T0] = t


@inlined
def kick(v, weight, bound, t, a, drive, rest, threshold):
    """v and the bound of the next spike after a jump at t."""
    new = v + weight
    if v >= threshold:
        return new, bound  # (of several arrivals at one time; the bound is t)
    if new >= threshold:
        return new, t
    if rest > threshold:
        if a > 0.0:
            u, y = rest - v, rest - new
            if weight < 0.0:
                bound += (1.0 - SAFE) * 2.0 * (y - u) / ((y + u) * a)
            else:
                bound = max(t, bound + (1.0 + SAFE) * (y - u) * (y + u) / (2.0 * u * y * a))
        else:
            bound = max(t, bound - weight / drive)
    return new, bound


@inlined
def receive(x, p, weight, t):
    """A spike arrives at t: v jumps, unless the neuron is refractory."""
    leak(x, p, t)
    if x[BOUND] == t and x[KNOWN] == SPIKE:
        x[V] = max(x[V], p[e.TH])
    if t > x[REF]:
        x[V], x[BOUND] = kick(x[V], weight, x[BOUND], t, p[e.A], p[e.C], p[e.REST], p[e.TH])
        x[KNOWN] = OPEN


def catch_leak(w_at, i, until):
    """Let all happen that neuron i does by itself before `until`."""
    w = view(w_at, e.EVENT_TABLE, np.int64)
    part, k = records(w, e.W_PART, e.PART_COLUMNS), ints(w, e.W_PART_OF)[i]
    x, p = record(w, i), parameters(w, i, part, k)
    state = ints(w, e.W_STATE)
    train, found, row = next_train(w, i, part, k)
    while state[e.FAILED] == e.DONE:
        t = x[BOUND]
        if train <= t:
            if train >= until:
                break
            receive(x, p, floats(w, e.W_TRAIN_WEIGHT)[found], train)
            state[e.EVENTS] += 1
            go_on(w, i, part, k, found, row)
            train, found, row = next_train(w, i, part, k)
            continue
        if t >= until:
            break
        if x[KNOWN] == SPIKE:
            leak(x, p, t)
            fire(w, i, x, p, t)
        state[e.STEPS] += 1
        x[BOUND], x[KNOWN] = crossing.closed_form(x, p, 0.0, x[BOUND], np.inf)
        if x[BOUND] != x[BOUND]:
            fail(w, i, t, e.NOT_FINITE)
    x[NEXT] = min(x[BOUND], train)
    return 0


def arrive_leak(w_at, i, column, weight, t):
    """One spike arrives at neuron i, which has been caught up to t."""
    w = view(w_at, e.EVENT_TABLE, np.int64)
    part, k = records(w, e.W_PART, e.PART_COLUMNS), ints(w, e.W_PART_OF)[i]
    x = record(w, i)
    old = x[NEXT]
    receive(x, parameters(w, i, part, k), weight, t)
    x[NEXT] = min(x[BOUND], next_train(w, i, part, k)[0])
    if x[NEXT] < old:
        refile(w, i, x)
    return 0


def bring_leak(w_at, i, x_at, t):
    """Advance a record of neuron i (it, or a copy) to t."""
    w = view(w_at, e.EVENT_TABLE, np.int64)
    part, k = records(w, e.W_PART, e.PART_COLUMNS), ints(w, e.W_PART_OF)[i]
    leak(view(x_at, V + 1, np.float64), parameters(w, i, part, k), t)
    return 0
