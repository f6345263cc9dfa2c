"""Many spikes arrive: most of the time of a run is spent here.

Arrivals are gathered in the order of time, from one segment or from many, and served in blocks.  In a block the
records are first asked for and looked at, then all exponentials are computed at once (they vectorise), then each
neuron takes its spike.  A neuron that has something to do before, that has changed in between because two spikes of a
block reach it, or that is refractory goes the plain way (its `arrive`).  A spike of weight 0 does nothing.

A volley returns how many of its n arrivals have been served: fewer where the log of spikes is full.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

import numpy as np

from ...jit import call_kernel, compiled, exp, expm1, inlined, prefetch, view
from ...jit.records import floats, ints, struct, table
from .crossing import first_step, response, weigh
from .leaky import kick
from .propagate import parameters, record, refile, running
from .records import BUNDLE, FULL, OPEN, PART, PORT, STATES, WORKER, answers, head, linear

__all__ = ["BLOCK", "decoding", "volley_any", "volley_currents", "volley_leak"]

#: Arrivals that are served together, at most.
BLOCK = 256
#: Of these, those whose states are computed side by side; rows of the work table: of each group, then of its filters.
GROUP, FILTERS = 64, 10
#: Records of the next group that are asked for at a time, while this one is computed: so many can be on their way.
PIECE = 16
#: What is `known` of a neuron while its state is being computed.
TAKEN = -1.0


@compiled
def spread(target, weight, lo, n, ids, strengths):
    """Copy the n synapses from `lo` on to plain arrays, whatever types they are stored in; `weight` empty: given."""
    for j in range(n):
        ids[j] = target[lo + j]
    if weight.size:
        for j in range(n):
            strengths[j] = weight[lo + j]


@compiled
def ask(x_at, size, ids_at, lo, hi):
    """Ask for the records (of `size` bytes) of the targets lo ... hi - 1, whose numbers stand at an address."""
    for j in range(lo, hi):
        prefetch(view(x_at + size * view(ids_at + 8 * j, 1, np.int64)[0], 1, np.float64), 0)


@functools.cache
def decoding(carries: bool) -> Callable[..., int]:
    """Return the kernel that gathers arrivals; `carries`: some flights have a factor."""

    def decode(w_at, b, lo, n, t, at):
        """Gather the n synapses from `lo` on of bundle b, reached at t, as arrivals `at`, at + 1, ...

        The only place of the event engine that knows how synapses are stored.
        """
        w = struct(w_at, WORKER)
        bundle = table(w.bundle, BUNDLE)[b]
        ids, strengths = ints(w.target)[at : at + n], floats(w.weight)[at : at + n]
        times, ports = floats(w.arrived)[at : at + n], ints(w.to_port)[at : at + n]
        port = bundle.port
        for j in range(n):
            times[j] = t
            ports[j] = port
        single = view(bundle.weight.at, np.int64(0), np.float32)
        if bundle.weight.n == 0:
            constant = bundle.constant
            for j in range(n):
                strengths[j] = constant
        elif bundle.double != 0:
            double = floats(bundle.weight)
            for j in range(n):
                strengths[j] = double[lo + j]
        else:
            single = view(bundle.weight.at, bundle.weight.n, np.float32)
        if bundle.wide != 0:
            spread(view(bundle.target.at, bundle.target.n, np.uint32), single, lo, n, ids, strengths)
        else:
            spread(view(bundle.target.at, bundle.target.n, np.uint16), single, lo, n, ids, strengths)
        if at < GROUP:  # the first group of a volley; it asks for the others itself
            ask(w.x.at, 8 * w.stride, w.target.at, at, min(at + n, np.int64(GROUP)))
        if carries and bundle.release >= 0:
            factor = floats(w.factor)[running(w).flight]
            for j in range(n):
                strengths[j] *= factor
        return at + n

    return decode


@compiled
def plainly(w_at, w, d, i, column, weight, t):
    """One spike arrives at neuron i of part d; return whether it did, or the log is full."""
    if head(record(w, i)).next < t:
        call_kernel(d.catch, (np.int64(w_at), i, t))
        if running(w).status == FULL:
            return False
    if weight != 0.0 or d.synaptic != 0:  # (a verb may do something whatever the weight)
        call_kernel(d.arrive, (np.int64(w_at), i, column, weight, t))
    return True


@inlined
def named(w, i):
    """The named columns of neuron i."""
    return head(view(w.x.at + 8 * i * w.stride, STATES, np.float64))


@compiled
def look(w, ids, times, seen, dt):
    """Ask for the records of all that is reached; note the time of each state (refractory: nan), and how long ago."""
    x, stride, n = floats(w.x), w.stride, ids.size
    for j in range(n):
        prefetch(x, ids[j] * stride)
    for j in range(n):
        own = named(w, ids[j])
        seen[j] = own.time if own.time >= own.free else np.nan
        dt[j] = max(0.0, times[j] - own.time)


def volley_leak(w_at, k, first, n):
    """Arrivals first ... n - 1 reach neurons of which nothing but v changes, with the parameters of part k; a > 0."""
    w = struct(w_at, WORKER)
    d, stride, x_at = table(w.part, PART)[k], w.stride, w.x.at
    ids, strengths, times = ints(w.target)[first:n], floats(w.weight)[first:n], floats(w.arrived)[first:n]
    work, n = floats(w.work), n - first
    seen, dt, lost = work[:n], work[BLOCK : BLOCK + n], work[2 * BLOCK : 2 * BLOCK + n]
    c = linear(parameters(w, d.first, d))
    a, drive, rest, threshold = c.a, c.c, c.rest, c.threshold
    look(w, ids, times, seen, dt)
    for j in range(n):  # from 0, known not to be negative: the loop becomes vector instructions
        lost[j] = expm1(-a * dt[j])
    for j in range(n):
        i, t = ids[j], times[j]
        x = view(x_at + 8 * i * stride, STATES + 1, np.float64)
        own = head(x)
        if own.time != seen[j] or own.next <= t or t == own.free or strengths[j] == 0.0:
            if not plainly(w_at, w, d, i, np.int64(STATES), strengths[j], t):
                return first + j
            continue
        v, bound = kick(x[STATES] - (rest - x[STATES]) * lost[j], strengths[j], own.bound, t, a, drive, rest, threshold)
        old = own.next
        x[STATES], own.time, own.known = v, t, OPEN
        if old == own.bound:  # no train comes before
            own.next = bound
        own.bound = bound
        if bound < old:
            own.next = bound
            refile(w, i, x)
    return first + n


def volley_currents(w_at, k, start, n):
    """Arrivals start ... n - 1 reach linear neurons like those of part k: filters of one stage, no electrodes.

    Up to GROUP of them, on different neurons, are read from their records, computed side by side, and written back.
    """
    w = struct(w_at, WORKER)
    d, stride, x_at = table(w.part, PART)[k], w.stride, w.x.at
    n -= start
    ids_at = w.target.at + 8 * start
    to_port_at, own_ports_at, ports = w.to_port.at + 8 * start, w.port_at.at + 8 * k * w.ports, table(d.ports, PORT)
    strengths_at, times_at, work_at = w.weight.at + 8 * start, w.arrived.at + 8 * start, w.work.at
    p = parameters(w, d.first, d)
    c = linear(p)
    a, b_in, rest, n_filters = c.a, c.b, c.rest, ports.size
    trained = d.train_lo < d.train_hi
    who, to = view(w.work.at, GROUP, np.int64), view(w.work.at + 8 * GROUP, GROUP, np.int64)
    when, given, since, lost, v = row(w, 2), row(w, 3), row(w, 4), row(w, 5), row(w, 6)
    slower = row(w, 7)
    first, room = np.int64(0), True
    while first < n and room:
        m, j = np.int64(0), first
        while j < n and m < GROUP:  # by address: an index that might be negative costs a test
            i, column = view(ids_at + 8 * j, 1, np.int64)[0], view(to_port_at + 8 * j, 1, np.int64)[0]
            t, strength = view(times_at + 8 * j, 1, np.float64)[0], view(strengths_at + 8 * j, 1, np.float64)[0]
            column = view(own_ports_at + 8 * column, 1, np.int64)[0]
            x = view(x_at + 8 * i * stride, STATES + 1, np.float64)
            own = head(x)
            if own.known == TAKEN:
                break
            if own.time < own.free or own.next <= t or t == own.free or strength == 0.0 or column == STATES:
                room = plainly(w_at, w, d, i, column, strength, t)
                if not room:
                    break
            else:
                own.known = TAKEN
                at = work_at + 8 * m
                view(at, 1, np.int64)[0], view(at + 8 * GROUP, 1, np.int64)[0] = i, column
                view(at + 16 * GROUP, 1, np.float64)[0] = t
                view(at + 24 * GROUP, 1, np.float64)[0] = strength
                view(at + 32 * GROUP, 1, np.float64)[0] = max(0.0, t - own.time)
                view(at + 48 * GROUP, 1, np.float64)[0] = x[STATES]
                m += 1
            j += 1
        first = j
        ask(x_at, 8 * stride, ids_at, first, min(first + PIECE, n))
        for q in range(m):  # from 0, known not to be negative: the loops become vector instructions
            lost[q] = expm1(-a * since[q])
        for q in range(m):
            v[q] -= (rest - v[q]) * lost[q]
        ask(x_at, 8 * stride, ids_at, first + PIECE, min(first + 2 * PIECE, n))
        for f in range(n_filters):
            port, state = ports[f], row(w, FILTERS + f)
            rate, gain, column = port.rate, port.gain, port.at
            for q in range(m):
                state[q] = view(x_at + 8 * (who[q] * stride + column), 1, np.float64)[0]
            if rate >= a:
                for q in range(m):
                    slower[q] = 1.0 + lost[q]
            else:
                for q in range(m):
                    slower[q] = exp(-rate * since[q])
            for q in range(m):
                answer, left = response(rate - a, since[q], slower[q])
                v[q] += b_in * gain * state[q] * answer
                state[q] *= left
            for q in range(m):
                state[q] = state[q] + given[q] if to[q] == column else state[q]
            for q in range(m):
                view(x_at + 8 * (who[q] * stride + column), 1, np.float64)[0] = state[q]
        ask(x_at, 8 * stride, ids_at, first + 2 * PIECE, min(first + 3 * PIECE, n))
        after = look_ahead(w, p, d, m)
        ask(x_at, 8 * stride, ids_at, first + 3 * PIECE, min(first + GROUP, n))
        for q in range(m):
            x = view(x_at + 8 * who[q] * stride, stride, np.float64)
            own = head(x)
            x[STATES], own.time, own.known = v[q], when[q], OPEN
            if given[q] > 0.0:
                old = own.next
                own.bound = after[q]
                own.next = min(old, own.bound) if trained else own.bound
                if own.next < old:
                    refile(w, who[q], x)
    return start + first


@inlined
def row(w, k):
    """Row k of the work table: a number of each arrival of a group."""
    return view(w.work.at + 8 * GROUP * k, GROUP, np.float64)


@compiled
def look_ahead(w, p, d, m):
    """What `ahead` says of m neurons at once, whose states stand in the work table; returns its times."""
    when, v, slope, curvature, rise = row(w, 2), row(w, 6), row(w, 7), row(w, 8), row(w, 9)
    c, ports, responses = linear(p), table(d.ports, PORT), answers(p)
    a, b_in, drive, rest, threshold = c.a, c.b, c.c, c.rest, c.threshold
    for q in range(m):
        slope[q] = drive - a * v[q]
        curvature[q] = max(0.0, -a * slope[q])
        rise[q] = 0.0
    for f in range(ports.size):
        filtered, gain = row(w, FILTERS + f), b_in * ports[f].gain
        height, up, down = responses[f].height, responses[f].up, responses[f].down
        for q in range(m):
            lift, bend = weigh(filtered[q], height, up, down)
            slope[q] += gain * filtered[q]
            curvature[q] += bend
            rise[q] += lift
    for q in range(m):
        above = v[q] - threshold
        rise[q] = first_step(when[q], above, slope[q], curvature[q], max(above, rest - threshold) + rise[q])
    return rise


def volley_any(w_at, k, first, n):
    """Arrivals first ... n - 1 reach neurons of whatever kind."""
    w = struct(w_at, WORKER)
    part, part_of, ports = table(w.part, PART), ints(w.part_of), ints(w.port_at)
    ids, strengths, times = ints(w.target), floats(w.weight), floats(w.arrived)
    to_port, x, stride, n_ports = ints(w.to_port), floats(w.x), w.stride, w.ports
    for j in range(first, n):
        prefetch(x, ids[j] * stride)
    for j in range(first, n):
        own = part_of[ids[j]]
        if not plainly(w_at, w, part[own], ids[j], ports[own * n_ports + to_port[j]], strengths[j], times[j]):
            return j
    return n
