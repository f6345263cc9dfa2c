"""What a plastic synapse holds, from event to event: as it stands in memory, and as it is at a time t.

=========== ======================================================== ====================================
kind        in memory                                                as it is at t
=========== ======================================================== ====================================
STEADY      w, variables that stay as they are                       the same
TIMED       w, variables, when they changed last                     those that decay, decayed since
REWARDED    W, C of `engine.eligibility`                             w and c
=========== ======================================================== ====================================
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba.extending import overload, register_jitable

from ...jit import INLINE, compiled, exp
from ...jit.records import floats, struct, table
from .. import eligibility
from ..eligibility import gained, now
from ..rules import decayed, put, taken, times
from .records import LEARNT, PLASTIC, WORKER

__all__ = ["REWARDED", "STEADY", "TIMED", "columns", "read", "refer", "variables", "waiting", "write"]

STEADY, TIMED, REWARDED = 0, 1, 2


def columns(kind: int, variables: int) -> int:
    """Return how many numbers a synapse holds."""
    return variables + (kind == TIMED)


def waiting(kind: int, rule: Any, state: Any, t: float) -> tuple[float, ...]:
    """What all synapses share at t: g, what is left of an eligibility of 1, the bounds of weights."""
    return _waiting(rule, state, t) if kind == REWARDED else (0.0, 0.0, 0.0, 0.0)


@register_jitable(forceinline=True)
def _waiting(rule, state, t):
    return gained(rule, state, t), exp(-rule.rate_c * (t - state.c_ref)), rule.w_min, rule.w_max


@overload(waiting, prefer_literal=True, jit_options=INLINE)
def _waiting_overload(kind, rule, state, t):
    if kind.literal_value == REWARDED:
        return lambda kind, rule, state, t: _waiting(rule, state, t)
    return lambda kind, rule, state, t: (0.0, 0.0, 0.0, 0.0)


def variables(
    kind: int, n: int, synapses: np.ndarray, k: int, t: float, rates: tuple[float, ...], shared: tuple[float, ...]
) -> tuple[float, ...]:
    """The n variables of the synapse whose numbers begin at k, as they are at t; shared: `waiting`."""
    held = taken(n, synapses, 1, k)
    if kind == TIMED:
        return times(held, decayed(rates, t - synapses[k + n]))
    return _paid(held, shared) if kind == REWARDED else held


@register_jitable(forceinline=True)
def _paid(held, shared):
    g, left, low, high = shared
    return now(held[0], held[1], g, low, high), held[1] * left


@register_jitable(forceinline=True)
def _owed(values, shared):
    held = values[1] / shared[1]
    return values[0] - held * shared[0], held


@overload(variables, prefer_literal=True, jit_options=INLINE)
def _variables_overload(kind, n, synapses, k, t, rates, shared):
    if kind.literal_value == TIMED:
        return lambda kind, n, synapses, k, t, rates, shared: times(
            taken(n, synapses, 1, k), decayed(rates, t - synapses[k + n])
        )
    if kind.literal_value == REWARDED:
        return lambda kind, n, synapses, k, t, rates, shared: _paid(taken(n, synapses, 1, k), shared)
    return lambda kind, n, synapses, k, t, rates, shared: taken(n, synapses, 1, k)


def write(
    kind: int, n: int, synapses: np.ndarray, k: int, t: float, values: tuple[float, ...], shared: tuple[float, ...]
) -> None:
    """Write the variables as they are at t."""
    put(n, synapses, 1, k, _owed(values, shared) if kind == REWARDED else values)
    if kind == TIMED:
        synapses[k + n] = t


@overload(write, prefer_literal=True, jit_options=INLINE)
def _write_overload(kind, n, synapses, k, t, values, shared):
    if kind.literal_value == TIMED:

        def timed(kind, n, synapses, k, t, values, shared):
            put(n, synapses, 1, k, values)
            synapses[k + n] = t

        return timed
    if kind.literal_value == REWARDED:
        return lambda kind, n, synapses, k, t, values, shared: put(n, synapses, 1, k, _owed(values, shared))
    return lambda kind, n, synapses, k, t, values, shared: put(n, synapses, 1, k, values)


@compiled
def read(plastic, learnt, p, held, t, out):
    """Write the weights of the p-th plastic projection, whose synapses are REWARDED, as they are at t."""
    eligibility.read(plastic[p], learnt[p], held[:, 0], held[:, 1], t, out)


@compiled
def refer(w_at, p, n, t):
    """Weights of the p-th plastic projection, with n synapses, take what they gained; the integral starts anew at t."""
    w = struct(w_at, WORKER)
    rule, state = table(w.plastic, PLASTIC)[p], table(w.learnt, LEARNT)[p]
    held = floats(w.synapses)[rule.at_synapse : rule.at_synapse + 2 * n]
    eligibility.refer(rule, state, held[::2], held[1::2], t)
