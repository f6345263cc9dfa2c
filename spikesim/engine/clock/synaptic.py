"""Synapses that are no linear filters: their states by Runge-Kutta, what is felt at mid-step, linearised in v.

With i(v) the current into the neuron, by the states at t + dt/2, its step is that of

    conductance = -di/dv,   current = i + conductance v      at v(t): i to first order in v, so order 2 in dt.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from numba.extending import overload

from ...jit import INLINE, kernel_address, view
from ...jit.records import floats, ints, struct, table
from ...neurons.contract import Input
from ..equations import BLOCK, bind, load, registered, scalars, stepped, store
from ..synaptic import felt, jumped
from .delays import due_now
from .deliver import DELIVER
from .flow import LANES
from .propagate import BLOCK as ROW
from .records import BUNDLE, GENERAL, QUEUE, STATUS, WORKER

__all__ = ["TELL", "feel", "jumping", "show", "telling"]

TELL = "int64(int64,int64,int64,int64,float64)"  # worker, x offset, stride, address of the parameters, weight

#: Differences of v (mV) for the slope of the current.
NUDGE = 1e-3


@functools.cache
def feel(key: str) -> int:
    """Return the address of the kernel that takes a step of a synapse; compiled when first asked for."""
    e = registered[key]
    states, parameters, additive = e.states, len(e.vector), e.additive

    def advance(w_at, g, k0, n, dt):
        w = struct(w_at, WORKER)
        rule, x = table(w.general, GENERAL)[g], floats(w.x)
        at, stride = rule.row + k0, rule.stride
        work = view(w.workspace.at, (states + 2) * BLOCK, np.float64)
        shared = scalars(key, view(w.coef.at + 8 * rule.shared, parameters, np.float64))
        current, conductance = view(w.scratch.at, BLOCK, np.float64), view(w.scratch.at + 8 * ROW, BLOCK, np.float64)
        arrived, v = work[states * BLOCK : (states + 1) * BLOCK], work[(states + 1) * BLOCK :]
        row, potential = x[at : at + n], x[rule.v + k0 : rule.v + k0 + n]
        for k in range(n):
            arrived[k] = row[k]
            v[k] = potential[k]
            row[k] = 0.0
        for i in range(states):
            row, out = x[at + (1 + i) * stride : at + (1 + i) * stride + n], work[i * BLOCK : i * BLOCK + n]
            for k in range(n):
                out[k] = row[k]
        for k in range((n + LANES - 1) // LANES * LANES):  # whole vectors, see `flow`
            p = bind(key, shared, work, k)
            f = load(key, work, k)
            if additive:
                f = jumped(key, f, arrived[k], p)
            f = stepped(key, f, Input(0.0, 0.0, 0.0), p, 0.5 * dt)
            u = v[k]
            now, g_now = felt(key, f, u, p)
            more, g_more = felt(key, f, u + NUDGE, p)
            less, g_less = felt(key, f, u - NUDGE, p)
            slope = ((more - g_more * (u + NUDGE)) - (less - g_less * (u - NUDGE))) / (2.0 * NUDGE)
            conductance[k] -= slope
            current[k] += now - g_now * u - slope * u
            store(key, work, k, stepped(key, f, Input(0.0, 0.0, 0.0), p, 0.5 * dt))
        for i in range(states):
            row, out = x[at + (1 + i) * stride : at + (1 + i) * stride + n], work[i * BLOCK : i * BLOCK + n]
            for k in range(n):
                row[k] = out[k]
        return 0

    return kernel_address(advance, "int64(int64,int64,int64,int64,float64)")


@functools.cache
def show(key: str) -> int:
    """Return the address of the kernel that writes what is felt now into the last two rows, for samples."""
    e = registered[key]
    states, parameters, additive = e.states, len(e.vector), e.additive

    def sample(w_at, g, n):
        w = struct(w_at, WORKER)
        rule, x = table(w.general, GENERAL)[g], floats(w.x)
        at, stride = rule.row, rule.stride
        work = view(w.workspace.at, (states + 1) * BLOCK, np.float64)
        shared = scalars(key, view(w.coef.at + 8 * rule.shared, parameters, np.float64))
        for k in range(n):
            for i in range(states):
                work[i * BLOCK] = x[at + (1 + i) * stride + k]
            p = bind(key, shared, work, 0)
            f = load(key, work, 0)
            if additive:
                f = jumped(key, f, x[at + k], p)
            current, conductance = felt(key, f, x[rule.v + k], p)
            x[at + (1 + states) * stride + k] = current
            x[at + (2 + states) * stride + k] = conductance
        return 0

    return kernel_address(sample, "int64(int64,int64,int64)")


def arrive(key: str, x: np.ndarray, at: int, stride: int, weight: float, shared: Any, room: np.ndarray) -> None:
    """One spike moves the states of one neuron's synapse, in the rows behind x[at]."""
    for i in range(registered[key].states):
        room[i * BLOCK] = x[at + (1 + i) * stride]
    store(key, room, 0, jumped(key, load(key, room, 0), weight, bind(key, shared, room, 0)))
    for i in range(registered[key].states):
        x[at + (1 + i) * stride] = room[i * BLOCK]


@overload(arrive, prefer_literal=True, jit_options=INLINE)
def _arrive_overload(key, x, at, stride, weight, shared, room):
    states = registered[key.literal_value].states

    def arrived(key, x, at, stride, weight, shared, room):
        for i in range(states):
            room[i * BLOCK] = x[at + (1 + i) * stride]
        store(key, room, 0, jumped(key, load(key, room, 0), weight, bind(key, shared, room, 0)))
        for i in range(states):
            x[at + (1 + i) * stride] = room[i * BLOCK]

    return arrived


@functools.cache
def telling(key: str) -> int:
    """Return the address of what one spike does, where spikes may not be added up."""
    states, parameters = registered[key].states, len(registered[key].vector)

    def tell(w_at, at, stride, law, weight):
        w = struct(w_at, WORKER)
        room = view(w.workspace.at, (states + 1) * BLOCK, np.float64)
        arrive(key, floats(w.x), at, stride, weight, scalars(key, view(law, parameters, np.float64)), room)
        return 0

    return kernel_address(tell, TELL)


@functools.cache
def jumping(key: str, target: str, weight: str | None) -> int:
    """Return the address of the kernel that delivers spikes one by one, where they may not be added up."""
    e = registered[key]
    states, parameters = e.states, len(e.vector)
    targets, weights = getattr(np, target), getattr(np, weight or "float64")
    listed = weight is not None

    def deliver(w_at, b, step):
        w = struct(w_at, WORKER)
        bundle, work = table(w.bundle, BUNDLE)[b], ints(w.work)
        n = due_now(w, bundle, table(w.queue, QUEUE)[b], table(w.status, STATUS)[0], step, work)
        x, at, stride, start = floats(w.x), bundle.row, bundle.width, ints(bundle.seg_start)
        ids, strength = view(bundle.target.at, bundle.target.n, targets), floats(w.strength)
        strengths, carries = view(bundle.weight.at, bundle.weight.n, weights), bundle.release >= 0
        room = view(w.workspace.at, (states + 1) * BLOCK, np.float64)
        shared = scalars(key, view(bundle.law, parameters, np.float64))
        for q in range(n):
            factor = strength[q] if carries else 1.0
            for j in range(start[work[q]], start[work[q] + 1]):
                each = strengths[j] if listed else bundle.constant
                arrive(key, x, at + np.int64(ids[j]), stride, factor * each, shared, room)
        return n

    return kernel_address(deliver, DELIVER)
