"""The membrane of Hodgkin and Huxley (1952), shared by every model with a sodium and a potassium channel.

    C_m dV/dt = I + I_e - g_L (V - E_L) - g_Na m^3 h (V - E_Na) - g_K n^4 (V - E_K)
        dx/dt = alpha_x(V) (1 - x) - beta_x(V) x,    x = m, h, n

equivalently tau_x dx/dt = x_inf - x with tau_x = 1 / (alpha_x + beta_x), x_inf = alpha_x tau_x.  A model
gives the six rates of its V.

Scheme: given the gates V obeys a linear equation, given V so do the gates.  V goes half a step, the gates a
whole step at that V (exactly), V the other half: symmetric splitting (Strang 1968), order 2.  A half step of V
takes exp(-z) by a Padé approximant (`phi`): no exponential, and it stays finite however large dt or a
conductance is.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
from numba.extending import register_jitable

from ..jit import exp, where
from .contract import Input
from .parameters import as_numbers
from .phi import phi_1
from .root import lowest_root

__all__ = [
    "advance_gates",
    "advance_membrane",
    "bounded",
    "gate_slopes",
    "membrane_slope",
    "resting",
    "splitting",
    "steady",
]


#: Potentials beyond this (mV) have the rates of this: no power of a rate overflows.
FAR = 1100.0


@register_jitable(forceinline=True)
def bounded(v):
    """A potential within +-1100 mV; one that is no number stays so."""
    v = where(v < -FAR, -FAR, v)
    return where(v > FAR, FAR, v)


@register_jitable(forceinline=True)
def membrane_slope(s, u, p):
    """Return dV/dt (mV/ms) and the rate at which V relaxes when the gates stand still (1/ms)."""
    v, m, h, n = s
    n2 = n * n
    g_Na = p.g_Na * (m * m * m * h)
    g_K = p.g_K * (n2 * n2)
    drive = p.g_L * p.E_L + g_Na * p.E_Na + g_K * p.E_K + u.current + p.I_e
    g = p.g_L + g_Na + g_K + u.conductance
    per_C = 1.0 / p.C_m  # multiplied with: a division a neuron costs as much as ten products
    return (drive - g * v) * per_C, g * per_C


@register_jitable(forceinline=True)
def advance_membrane(s, u, p, dt):
    """Return V after dt with the gates at rest."""
    slope, rate = membrane_slope(s, u, p)
    return s[0] + dt * slope * phi_1(rate * dt)


@register_jitable(forceinline=True)
def gate_slopes(s, rates):
    """Return dm/dt, dh/dt, dn/dt (1/ms)."""
    _, m, h, n = s
    a_m, b_m, a_h, b_h, a_n, b_n = rates
    return a_m * (1.0 - m) - b_m * m, a_h * (1.0 - h) - b_h * h, a_n * (1.0 - n) - b_n * n


@register_jitable(forceinline=True)
def _relaxed(x, x_inf, rate, dt):
    x_inf = where(x_inf > 1.0, 1.0, x_inf)  # by the last digit
    return x_inf + (x - x_inf) * exp(-dt * rate)


@register_jitable(forceinline=True)
def advance_gates(s, rates, dt):
    """Return m, h, n after dt with V at rest: exact."""
    _, m, h, n = s
    a_m, b_m, a_h, b_h, a_n, b_n = rates
    r_m, r_h, r_n = a_m + b_m, a_h + b_h, a_n + b_n
    r_mh = r_m * r_h
    each = 1.0 / (r_mh * r_n)  # three quotients of one division
    pair = each * r_n
    return (
        _relaxed(m, a_m * (pair * r_h), r_m, dt),
        _relaxed(h, a_h * (pair * r_m), r_h, dt),
        _relaxed(n, a_n * (each * r_mh), r_n, dt),
    )


def splitting(rates: Callable[..., Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Give a model with these rates its ``flow``: V, the gates, V.

    Its `stages` are what the loops take one after the other.
    """

    @register_jitable(forceinline=True)
    def membrane(s, u, p, dt):
        _, m, h, n = s
        return (advance_membrane(s, u, p, 0.5 * dt), m, h, n)

    @register_jitable(forceinline=True)
    def gates(s, u, p, dt):
        return (s[0], *advance_gates(s, rates(s[0], p), dt))

    def of(declared: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(declared)
        def flow(s, u, p, dt):
            return membrane(gates(membrane(s, u, p, dt), u, p, dt), u, p, dt)

        del flow.__wrapped__
        flow.stages = (membrane, gates, membrane)  # type: ignore[attr-defined]
        return flow

    return of


# -- not for the loops --------------------------------------------------------------------------------------


def steady(rates: Callable[..., Any], gate: int, V: Any, p: Any) -> tuple[Any, Any]:
    """Return x_inf and tau_x (ms) of gate 0 (m), 1 (h) or 2 (n) at the potentials `V` (mV)."""
    alpha, beta = rates(as_numbers(f"{type(p).__name__}: V", V), p)[2 * gate : 2 * gate + 2]
    x_inf, tau = alpha / (alpha + beta), 1.0 / (alpha + beta)
    return (float(x_inf), float(tau)) if np.ndim(x_inf) == 0 else (x_inf, tau)


def resting(rates: Callable[..., Any], p: Any) -> tuple[Any, Any, Any, Any]:
    """Return the stable (V, m, h, n) of lowest V at which nothing moves while I + I_e = 0.

    Found by bisection.  A cell that has none fires by itself (as that of COBAHH does); it is given E_L, with
    the gates that belong to it.  Parameters may be arrays of one value a neuron; so are the states then.
    """
    nothing = Input(-np.asarray(p.I_e), 0.0)

    def at(v: Any) -> tuple[Any, Any, Any, Any]:
        a_m, b_m, a_h, b_h, a_n, b_n = rates(v, p)
        return v, a_m / (a_m + b_m), a_h / (a_h + b_h), a_n / (a_n + b_n)

    def inward(v: Any) -> Any:
        return membrane_slope(at(v), nothing, p)[0] > 0.0

    def slope(s: Any) -> np.ndarray:
        return np.stack(np.broadcast_arrays(membrane_slope(s, nothing, p)[0], *gate_slopes(s, rates(s[0], p))), -1)

    # below every reversal potential the current is inward, above all of them outward: a root is in between
    still = at(lowest_root(inward, (p.E_L, p.E_Na, p.E_K)))
    shifts = 1e-5 * np.eye(4)
    jacobian = [slope([x + d for x, d in zip(still, e)]) - slope([x - d for x, d in zip(still, e)]) for e in shifts]
    stable = np.linalg.eigvals(np.stack(jacobian, -1)).real.max(-1) < 0.0
    state = at(np.where(stable, still[0], p.E_L))
    return tuple(float(x) for x in state) if np.ndim(state[0]) == 0 else state  # type: ignore[return-value]
