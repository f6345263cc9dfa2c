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
from ...jit.records import struct, table
from . import crossing
from .propagate import (
    counts,
    fail,
    fire,
    full,
    go_on,
    next_train,
    parameters,
    part_of,
    record,
    refile,
    running,
)
from .records import DONE, NOT_FINITE, OPEN, SPIKE, STATES, TRAIN, WORKER, head, linear

#: A bound is wrong by its rounding at most: it gives way by this.
SAFE = 1e-9


@inlined
def leak(x, p, t):
    """Advance a record to t; v stands still while refractory."""
    n, c = head(x), linear(p)
    since = max(n.time, n.free)
    if t > since:
        if c.a > 0.0:
            x[STATES] -= (c.rest - x[STATES]) * expm1(-c.a * (t - since))
        else:
            x[STATES] += c.c * (t - since)
    n.time = t


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
    n, c = head(x), linear(p)
    if n.bound == t and n.known == SPIKE:
        x[STATES] = max(x[STATES], c.threshold)
    if t > n.free:
        x[STATES], n.bound = kick(x[STATES], weight, n.bound, t, c.a, c.c, c.rest, c.threshold)
        n.known = OPEN


def catch_leak(w_at, i, until):
    """Let all happen that neuron i does by itself before `until`."""
    w = struct(w_at, WORKER)
    d = part_of(w, i)
    x, p, r = record(w, i), parameters(w, i, d), running(w)
    n = head(x)
    train, found, row = next_train(w, i, d)
    while r.status == DONE:
        t = n.bound
        if train <= t:
            if train >= until:
                break
            receive(x, p, table(w.train, TRAIN)[found].weight, train)
            counts(w).events += 1
            go_on(w, w_at, i, d, found, row)
            train, found, row = next_train(w, i, d)
            continue
        if t >= until or full(w, r):
            break
        if n.known == SPIKE:
            leak(x, p, t)
            fire(w, i, x, p, d, t)
        counts(w).steps += 1
        n.bound, n.known = crossing.closed_form(x, p, 0.0, n.bound, np.inf)
        if n.bound != n.bound:
            fail(w, i, t, NOT_FINITE)
    n.next = min(n.bound, train)
    return 0


def arrive_leak(w_at, i, column, weight, t):
    """One spike arrives at neuron i, which has been caught up to t."""
    w = struct(w_at, WORKER)
    d = part_of(w, i)
    x = record(w, i)
    n = head(x)
    old = n.next
    receive(x, parameters(w, i, d), weight, t)
    n.next = min(n.bound, next_train(w, i, d)[0])
    if n.next < old:
        refile(w, i, x)
    return 0


def bring_leak(w_at, i, x_at, t):
    """Advance a record of neuron i (it, or a copy) to t."""
    w = struct(w_at, WORKER)
    d = part_of(w, i)
    leak(view(x_at, w.stride, np.float64), parameters(w, i, d), t)
    return 0
