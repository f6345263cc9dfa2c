"""Weights that wait for a reward, for the loops of both engines (the equations: `plasticity.reward`).

With an eligibility trace c, and  g(t) = integral of exp(-(s - c_ref) / tau_c) d(s) ds  up to t, a weight is

    w(t) = W + C g(t),   c(t) = C exp(-(t - c_ref) / tau_c),   between two spikes of its synapse,

so only spikes write W and C; dopamine d is advanced at rewards alone, at the same times on every worker.

`rule` is a record with rate_c, rate_d, dt, baseline, pulse_at, pulse_size, w_min, w_max, `state` one with c_ref, d_ref,
pulse, frozen, dopamine, gained.  The unit of time is the engine's, `dt` ms: rates are per unit.
"""

from __future__ import annotations

import math

from ..jit import compiled, exp
from ..jit.records import floats

__all__ = ["add_reward", "fade", "gained", "now", "read", "refer", "reward", "rewards_until"]


@compiled
def gained(rule, state, t):
    """g at t: the integral since `c_ref`, in closed form from the time to which dopamine was advanced."""
    if state.frozen:
        return state.gained
    n = t - state.d_ref
    c, d = rule.rate_c, rule.rate_d
    phasic = -state.dopamine * math.expm1(-(c + d) * n) / (c + d)
    tonic = -rule.baseline * math.expm1(-c * n) / c
    return state.gained + exp(-c * (state.d_ref - state.c_ref)) * rule.dt * (phasic + tonic)


@compiled
def add_reward(rule, state, t, amount):
    """Dopamine jumps by `amount` at t."""
    state.gained = gained(rule, state, t)
    state.dopamine = state.dopamine * exp(-rule.rate_d * (t - state.d_ref)) + amount
    state.d_ref = t


@compiled
def reward(plastic, learnt, p, t, amount):
    """The same for the p-th plastic projection."""
    add_reward(plastic[p], learnt[p], t, amount)


@compiled
def rewards_until(plastic, learnt, p, when, t):
    """Give the p-th plastic projection the rewards that are due; when: of all of them."""
    rule, state = plastic[p], learnt[p]
    amount = floats(rule.pulse_size)
    while state.pulse < when.size and when[state.pulse] <= t:
        add_reward(rule, state, when[state.pulse], amount[state.pulse])
        state.pulse += 1


@compiled
def now(w, c, g, low, high):
    """The weight of a synapse with eligibility, within its bounds."""
    return min(max(w + c * g, low), high)


@compiled
def read(rule, state, weight, eligible, t, out):
    """Write the weights as they are at t."""
    g = gained(rule, state, t)
    for j in range(out.size):
        out[j] = now(weight[j], eligible[j], g, rule.w_min, rule.w_max)


@compiled
def fade(trace, factor):
    """Bring what decays to the next reference; what is below 1e-290 is nothing (and no denormal number)."""
    for k in range(trace.size):
        value = trace[k] * factor
        trace[k] = value if abs(value) > 1e-290 else 0.0


@compiled
def refer(rule, state, weight, eligible, t):
    """Weights take what they gained; the integral starts anew at t."""
    read(rule, state, weight, eligible, t, weight)
    fade(eligible, exp(-rule.rate_c * (t - state.c_ref)))
    add_reward(rule, state, t, 0.0)
    state.gained = 0.0
    state.c_ref = t
