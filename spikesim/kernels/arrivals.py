"""What reaches a neuron: spikes, trains of its own, changes of an electrode's current."""

from __future__ import annotations

import math

import numpy as np

from ..jit import compiled, view
from ..random import ndtri, subkey, unit, word
from . import event_tables as e
from .crossing import leak
from .neuron import advance, octets, record
from .tables import floats, ints, records


@compiled
def touch(w, i, t, n):
    """Bring neuron i to t if this instant has not done so; return how many it has reached."""
    mark = octets(w, e.W_MARK)
    if mark[i] == 0:
        mark[i] = 1
        ints(w, e.W_TOUCHED)[n] = i
        k = ints(w, e.W_PART_OF)[i]
        advance(w, i, records(w, e.W_PART, e.PART_COLUMNS), k, record(w, i), t)
        n += 1
    return n


@compiled
def arrive(w, i, port, weight, t, n):
    """One spike arrives at neuron i; return how many this instant has reached."""
    n = touch(w, i, t, n)
    ports = ints(w, e.W_PORT_AT)
    n_ports = ports.size // (w[2 * e.W_PART + 1] // e.PART_COLUMNS)
    floats(w, e.W_X)[ints(w, e.W_AT)[i] + ports[ints(w, e.W_PART_OF)[i] * n_ports + port]] += weight
    if weight > 0.0:
        octets(w, e.W_MARK)[i] = 2
    return n


@compiled
def scatter(w, target, weight, constant, port, lo, hi, t, n):
    """Serve the synapses lo ... hi - 1; `weight` empty: one for all.

    What `arrive` does, with its tables looked up once: most of the time of a run is spent here.
    """
    x, at, mark, touched = floats(w, e.W_X), ints(w, e.W_AT), octets(w, e.W_MARK), ints(w, e.W_TOUCHED)
    part, part_of, ports = records(w, e.W_PART, e.PART_COLUMNS), ints(w, e.W_PART_OF), ints(w, e.W_PORT_AT)
    par, par_at = floats(w, e.W_PAR), ints(w, e.W_PAR_AT)
    n_ports = ports.size // max(part.shape[0], 1)
    for j in range(lo, hi):
        i = np.int64(target[j])
        k = part_of[i]
        here = np.float64(weight[j]) if weight.size else constant
        if mark[i] == 0:
            mark[i] = 1
            touched[n] = i
            n += 1
            if part[k, e.LEAK]:
                leak(x[at[i] : at[i + 1]], par[par_at[i] : par_at[i] + e.RESPONSES], t)
            else:
                advance(w, i, part, k, x[at[i] : at[i + 1]], t)
        x[at[i] + ports[k * n_ports + port]] += here
        if here > 0.0:
            mark[i] = 2
    return n


@compiled
def deliver(w, b, segment, t, n):
    """Serve one segment of a bundle; return how many neurons this instant has reached."""
    bundle = records(w, e.W_BUNDLE, e.BUNDLE_COLUMNS)
    start = view(bundle[b, e.SEG_START], bundle[b, e.N_SEGMENTS] + 1, np.int64)
    lo, hi, size, port = start[segment], start[segment + 1], bundle[b, e.N_SYNAPSES], bundle[b, e.PORT]
    ints(w, e.W_STATE)[e.EVENTS] += hi - lo
    constant = floats(w, e.W_CONSTANT)[b]
    stored = size if bundle[b, e.WEIGHT] else 0
    if bundle[b, e.WIDE]:
        wide = view(bundle[b, e.TARGET], size, np.uint32)
        if bundle[b, e.DOUBLE]:
            return scatter(w, wide, view(bundle[b, e.WEIGHT], stored, np.float64), constant, port, lo, hi, t, n)
        return scatter(w, wide, view(bundle[b, e.WEIGHT], stored, np.float32), constant, port, lo, hi, t, n)
    short = view(bundle[b, e.TARGET], size, np.uint16)
    if bundle[b, e.DOUBLE]:
        return scatter(w, short, view(bundle[b, e.WEIGHT], stored, np.float64), constant, port, lo, hi, t, n)
    return scatter(w, short, view(bundle[b, e.WEIGHT], stored, np.float32), constant, port, lo, hi, t, n)


@compiled
def interval(w, b, i, r):
    """Draw the next interval of train b of neuron i, row r; the k-th is a function of (stream, neuron, k) alone."""
    rate = floats(w, e.W_TRAIN_RATE)[r]
    if rate == 0.0:
        return np.inf
    count = ints(w, e.W_TRAIN_COUNT)
    keys = view(w[2 * e.W_TRAIN_KEY], w[2 * e.W_TRAIN_KEY + 1], np.uint64)
    ka, kb = subkey(keys[2 * b], keys[2 * b + 1], i)
    count[r] += 1
    return -math.log(unit(word(ka, kb, count[r] - 1))) / rate


@compiled
def trains(w, i, part, k, t, n):
    """Serve the trains of neuron i that are due at t; return (spikes of a source, neurons reached)."""
    train, following = records(w, e.W_TRAIN, e.TR_COLUMNS), floats(w, e.W_TRAIN_NEXT)
    emitted = 0
    for b in range(part[k, e.TRAIN_LO], part[k, e.TRAIN_HI]):
        r = train[b, e.TR_NEXT] + i - part[k, e.FIRST]
        while following[r] == t:
            if train[b, e.TR_PORT] >= 0:
                n = arrive(w, i, train[b, e.TR_PORT], floats(w, e.W_TRAIN_WEIGHT)[b], t, n)
                ints(w, e.W_STATE)[e.EVENTS] += 1
            else:
                emitted += 1
            following[r] += interval(w, b, train[b, e.TR_ENTITY] + i - part[k, e.FIRST], r)
    return emitted, n


@compiled
def change(w, q, t):
    """Let electrode q take its next value, due at t; return when the one after that is due."""
    drive = records(w, e.W_DRIVE, e.DR_COLUMNS)
    part = records(w, e.W_PART, e.PART_COLUMNS)
    k, width, cursor = drive[q, e.DR_PART], drive[q, e.DR_WIDTH], drive[q, e.DR_CURSOR]
    index = ints(w, e.W_DRIVE_INDEX)[drive[q, e.DR_INDEX] :]
    value = floats(w, e.W_DRIVE_VALUE)[drive[q, e.DR_VALUES] :]
    keys = view(w[2 * e.W_DRIVE_KEY], w[2 * e.W_DRIVE_KEY + 1], np.uint64)
    times = floats(w, e.W_DRIVE_TIME)[drive[q, e.DR_TIMES] :]
    kind = drive[q, e.DR_KIND]
    ka, kb = subkey(keys[2 * q], keys[2 * q + 1], cursor)
    for j in range(part[k, e.SIZE]):
        c = index[j]
        if c < 0:
            continue
        x = record(w, part[k, e.FIRST] + j)[drive[q, e.DR_SLOT] :]
        c = c if width > 1 else 0
        if kind == e.NOISE:
            x[0] = value[c] + value[width + c] * ndtri(unit(word(ka, kb, index[j])))
        elif kind == e.LINE:
            x[0], x[1], x[2] = value[2 * cursor * width + c], value[(2 * cursor + 1) * width + c], t
        else:
            x[0] = value[c] if cursor == 0 else 0.0
            x[1], x[2], x[3] = value[width + c], value[2 * width + c], times[0]
    drive[q, e.DR_CURSOR] = cursor + 1
    if kind == e.NOISE:
        return (cursor + 1) * times[0]
    return times[cursor + 1] if cursor + 1 < drive[q, e.DR_COUNT] else np.inf


@compiled
def drives(w, t, n):
    """Change the electrode currents that change at t; all neurons of the part are looked at again."""
    drive, following = records(w, e.W_DRIVE, e.DR_COLUMNS), floats(w, e.W_DRIVE_NEXT)
    part = records(w, e.W_PART, e.PART_COLUMNS)
    for q in range(following.size):
        if following[q] == t:
            k = drive[q, e.DR_PART]
            for j in range(part[k, e.SIZE]):
                n = touch(w, part[k, e.FIRST] + j, t, n)
                octets(w, e.W_MARK)[part[k, e.FIRST] + j] = 2
            following[q] = change(w, q, t)
    return n
