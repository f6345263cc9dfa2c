"""A nonlinear neuron of the event engine: what it does by itself, and what reaches it (see propagate, flow).

One that fires by chance does so where the integral of its hazard reaches an exponential variate: the k-th that it draws
is a function of (seed, population, neuron, k).  `left`, the integral less the variate, is one more state of the
equations, and their margin.

Spikes at synapses that are no linear filters are told to those by their own verb, one by one, as they arrive.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable

import numpy as np

from ...jit import call_kernel, compiled, inlined, view
from ...jit.records import floats, ints, struct, table
from ...random import subkey, unit, word
from . import flow
from .propagate import (
    counts,
    emit,
    fail,
    full,
    go_on,
    horizon,
    next_train,
    parameters,
    part_of,
    record,
    refile,
    running,
)
from .records import (
    ARRIVED,
    BOTH,
    DONE,
    NO_RESET,
    NO_STEP,
    NOT_FINITE,
    OPEN,
    PART,
    SPIKE,
    STATES,
    STIFF,
    TRAIN,
    WORKER,
    chances,
    head,
    kept,
    linear,
    stepping,
)

PART_SIZE = PART.itemsize


@compiled
def ask(w, i, d, task, x_at, t):
    """Ask the kernel of a FLOW about the record at x_at; return its answer."""
    call_kernel(
        d.kernel,
        (
            np.int64(task),
            np.int64(x_at),
            np.int64(w.par.at + 8 * ints(w.par_at)[i]),
            np.int64(w.part.at + PART_SIZE * ints(w.part_of)[i]),
            np.float64(t),
            np.int64(w.answer.at),
        ),
    )
    answer = floats(w.answer)
    return answer[0], answer[1]


@inlined
def draw(i, d, x):
    """Draw the exponential variate at which the neuron fires next."""
    chance = chances(x, d)
    a, b = subkey(d.chance_a, d.chance_b, d.entity + i - d.first)
    chance.left = math.log(unit(word(a, b, np.int64(chance.drawn))))
    chance.drawn += 1.0


@inlined
def awaits(x, d):
    """Whether anything arrives now for a named state."""
    found = False
    for k in range(d.states):
        found = found or x[d.moves + k] != 0.0
    return found


@inlined
def shift(x, d, t):
    """Let what arrives now for named states arrive; one that is held drops it."""
    for k in range(d.states):
        if t >= head(x).free or d.clamped >> k & 1 == 0:
            x[STATES + k] += x[d.moves + k]
        x[d.moves + k] = 0.0


@inlined
def settle(w, i, d, x, x_at, t, moves, chance):
    """All that arrives at the time t of x has arrived: move its states, fire or plan the next step.

    `moves`, `chance`: constants, whether named states are moved and whether it fires by chance.
    """
    n, g = head(x), stepping(x, d)
    due = n.known == SPIKE or n.known == BOTH
    arrived = 1 if n.known == ARRIVED or n.known == BOTH else 0
    v = d.jump
    jump = g.move if t > n.free or d.running != 0 else 0.0
    moved = g.move != 0.0
    g.move = 0.0
    if chance and chances(x, d).drawn == 0.0:
        draw(i, d, x)
    if moves:
        moved = moved or awaits(x, d)
    if d.keep >= 0 and kept(x, d).now != 0.0:
        keeps = kept(x, d)
        moved = True
        if t >= n.free or d.running != 0:
            jump += keeps.now
        else:
            keeps.so_far += keeps.now
        keeps.now = 0.0
    fires = False
    if due and jump >= 0.0:
        x[v] += jump
        if moves:
            shift(x, d, t)
        fires = True
    elif moved:
        below = ask(w, i, d, flow.MARGIN, x_at, t)[0] < 0.0
        x[v] += jump
        if moves:
            shift(x, d, t)
        fires = t >= n.free and ask(w, i, d, flow.MARGIN, x_at, t)[0] >= 0.0 and (below or due)
    if x[v] != x[v]:
        fail(w, i, t, NOT_FINITE)
        return
    if fires:
        emit(w, i, t)
        ask(w, i, d, flow.RESET, x_at, t)
        if chance:
            draw(i, d, x)
        if d.refractory != 0:
            n.free = t + linear(parameters(w, i, d)).t_ref
        if d.resets != 0 and not (n.free > t or ask(w, i, d, flow.MARGIN, x_at, t)[0] < 0.0):
            fail(w, i, t, NO_RESET)
    plan = flow.PLAN if arrived == 0 else flow.PLAN_AFTER
    n.bound, kind = ask(w, i, d, plan, x_at, horizon(w, d))
    n.known = SPIKE if kind > 0.0 else OPEN
    if not kind >= 0.0:
        fail(w, i, t, NO_STEP)
    if g.spent > flow.PATIENCE:
        fail(w, i, t, STIFF)


@compiled
def receive_flow(w, i, d, x, x_at, column, weight, t):
    """One spike arrives at column `column` at t."""
    n = head(x)
    due = (n.known == SPIKE or n.known == BOTH) and n.bound == t
    if n.time < t or stepping(x, d).length > 0.0:
        ask(w, i, d, flow.ADVANCE, x_at, t)
    x[column] += weight
    n.bound, n.known = t, BOTH if due else ARRIVED


@compiled
def receive_verb(w, i, d, x, x_at, column, weight, t):
    """The same, where it may be that of a synapse that is no linear filter."""
    by_verb = STATES + d.states <= column < STATES + d.states + d.synaptic
    receive_flow(w, i, d, x, x_at, column, 0.0 if by_verb else weight, t)
    if by_verb:
        call_kernel(d.receive, (np.int64(x_at), np.int64(w.par.at + 8 * ints(w.par_at)[i]), np.int64(column), weight))


@functools.cache
def catching(moves: bool, chance: bool, verbs: bool) -> Callable[..., int]:
    """Return the kernel of what a neuron does by itself; `moves`: spikes move named states; `chance`: by a hazard;
    `verbs`: it has synapses that are no linear filters."""

    def catch_flow(w_at, i, until):
        """Let all happen that neuron i does by itself before `until`."""
        w = struct(w_at, WORKER)
        d, r = part_of(w, i), running(w)
        x = record(w, i)
        x_at, n, g = w.x.at + 8 * i * w.stride, head(x), stepping(x, d)
        train, found, row = next_train(w, i, d)
        while r.status == DONE:
            t = n.bound
            if train <= t:
                if train >= until:
                    break
                given = table(w.train, TRAIN)[found]
                if verbs:
                    receive_verb(w, i, d, x, x_at, given.column, given.weight, train)
                else:
                    receive_flow(w, i, d, x, x_at, given.column, given.weight, train)
                counts(w).events += 1
                go_on(w, w_at, i, d, found, row)
                train, found, row = next_train(w, i, d)
            elif t >= until or full(w, r):
                break
            else:
                counts(w).steps += 1
                if n.time < t or g.length > 0.0:
                    ask(w, i, d, flow.ADVANCE, x_at, t)
                settle(w, i, d, x, x_at, t, moves, chance)
        n.next = min(n.bound, train)
        return 0

    return catch_flow


@functools.cache
def arriving(verbs: bool) -> Callable[..., int]:
    """Return the kernel of one spike that arrives."""

    def arrive_flow(w_at, i, column, weight, t):
        """One spike arrives at neuron i, which has been caught up to t."""
        w = struct(w_at, WORKER)
        d, x = part_of(w, i), record(w, i)
        if verbs:
            receive_verb(w, i, d, x, w.x.at + 8 * i * w.stride, column, weight, t)
        else:
            receive_flow(w, i, d, x, w.x.at + 8 * i * w.stride, column, weight, t)
        head(x).next = t
        refile(w, i, x)
        return 0

    return arrive_flow


@functools.cache
def bringing(verbs: bool) -> Callable[..., int]:
    """Return the kernel that brings a record to a time; `verbs`: and writes what is felt of these synapses then."""

    def bring_flow(w_at, i, x_at, t):
        """Advance a record of neuron i (it, or a copy) to t."""
        w = struct(w_at, WORKER)
        d = part_of(w, i)
        x = view(x_at, w.stride, np.float64)
        if head(x).time < t:
            ask(w, i, d, flow.ADVANCE, x_at, t)
        if verbs:
            par_at = w.par.at + 8 * ints(w.par_at)[i]
            call_kernel(d.show, (np.int64(x_at), np.int64(par_at), np.int64(x_at + 8 * d.shown)))
        return 0

    return bring_flow
