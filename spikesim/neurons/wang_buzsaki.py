"""Fast-spiking interneuron of the hippocampus (Wang and Buzsaki 1996, J. Neurosci. 16:6402, eq. 2 to 4).

    C_m dV/dt = -g_L (V - E_L) - g_Na m_inf^3 h (V - E_Na) - g_K n^4 (V - E_K) + I + I_e
        dx/dt = phi (alpha_x (1 - x) - beta_x x),   x = h, n;      m_inf = alpha_m / (alpha_m + beta_m)

    alpha_m = 0.1 (V + 35) / (1 - exp(-(V + 35) / 10))       beta_m = 4 exp(-(V + 60) / 18)
    alpha_h = 0.07 exp(-(V + 58) / 20)                       beta_h = 1 / (1 + exp(-(V + 28) / 10))
    alpha_n = 0.01 (V + 34) / (1 - exp(-(V + 34) / 10))      beta_n = 0.125 exp(-(V + 44) / 80)

Per cm^2 with 1 uF; a cell of 1e-4 cm^2 has 100 pF, 1 mS per cm^2 is 100 nS, 1 uA per cm^2 is 100 pA.

Scheme: gates and V in turn as in `membrane` (Strang splitting), order 2.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba.extending import register_jitable

from ..jit import exp, exprel
from .contract import Input, equation, model
from .phi import phi_1
from .root import lowest_root

__all__ = ["WangBuzsaki"]


@register_jitable(forceinline=True)
def _activation(v):
    """m_inf."""
    alpha = exprel((v + 35.0) * (-1.0 / 10.0))
    return alpha / (alpha + 4.0 * exp((v + 60.0) * (-1.0 / 18.0)))


@register_jitable(forceinline=True)
def _rates(v, p):
    """alpha and beta of h and n (1/ms), with phi."""
    return (
        p.phi * 0.07 * exp((v + 58.0) * (-1.0 / 20.0)),
        p.phi / (1.0 + exp((v + 28.0) * (-1.0 / 10.0))),
        p.phi * 0.1 * exprel((v + 34.0) * (-1.0 / 10.0)),
        p.phi * 0.125 * exp((v + 44.0) * (-1.0 / 80.0)),
    )


@register_jitable(forceinline=True)
def _membrane(v, h, n, u, p):
    """The current that charges (pA) and the conductance (nS)."""
    m = _activation(v)
    n2 = n * n
    g_Na = p.g_Na * (m * m * m * h)
    g_K = p.g_K * (n2 * n2)
    g = p.g_L + g_Na + g_K + u.conductance
    return p.g_L * p.E_L + g_Na * p.E_Na + g_K * p.E_K + u.current + p.I_e - g * v, g


@register_jitable(forceinline=True)
def _half_step(v, h, n, u, p, dt):
    """V after dt with h and n at rest: exponential Euler, then once more with the m of the middle."""
    current, g = _membrane(v, h, n, u, p)
    z = dt * g / p.C_m
    middle = v + 0.5 * dt * current / p.C_m * phi_1(0.5 * z)
    there, g = _membrane(middle, h, n, u, p)
    there = there + g * (middle - v)  # the same conductances at v
    return v + dt * there / p.C_m * phi_1(dt * g / p.C_m)


@register_jitable(forceinline=True)
def _relaxed(x, alpha, beta, dt):
    rate = alpha + beta
    still = alpha / rate
    return still + (x - still) * exp(-dt * rate)


@model(
    states=("v", "h", "n"),
    fractions=("h", "n"),
    order=2,
    clamped=(),
    positive=("phi",),
    nonnegative=("g_Na", "g_K", "g_L"),
    unbounded=("V_spike",),
)
class WangBuzsaki(NamedTuple):
    """Fast-spiking interneuron of Wang and Buzsaki.

    Parameters
    ----------
    C_m : float
        Membrane capacitance (pF).
    g_Na, g_K, g_L : float
        Largest sodium and potassium conductance, leak conductance (nS).
    E_Na, E_K, E_L : float
        Reversal potentials (mV).
    phi : float
        How much faster h and n are, > 0.
    I_e : float
        Constant current (pA).
    V_spike : float
        A spike is an upward crossing of this potential (mV); there is no reset.

    States: ``v`` (mV), ``h``, ``n``; m is always in equilibrium.  `flow` has order 2.

    Examples
    --------
    >>> import spikesim as ss
    >>> net = ss.Network(seed=1)
    >>> cell = net.population("cell", 1, ss.WangBuzsaki(I_e=100.0))
    >>> net.record(cell, "spikes")
    >>> 50 < net.run(1000.0, dt=0.02, progress=False).spikes["cell"].count() < 70
    True
    """

    C_m: float = 100.0
    g_Na: float = 3500.0
    g_K: float = 900.0
    g_L: float = 10.0
    E_Na: float = 55.0
    E_K: float = -90.0
    E_L: float = -65.0
    phi: float = 5.0
    I_e: float = 0.0
    V_spike: float = 0.0

    @equation
    def slope(s, u, p):
        v, h, n = s
        current, _ = _membrane(v, h, n, u, p)
        a_h, b_h, a_n, b_n = _rates(v, p)
        return (current / p.C_m, a_h * (1.0 - h) - b_h * h, a_n * (1.0 - n) - b_n * n)

    @equation
    def flow(s, u, p, dt):
        v, h, n = s
        v = _half_step(v, h, n, u, p, 0.5 * dt)
        a_h, b_h, a_n, b_n = _rates(v, p)
        h, n = _relaxed(h, a_h, b_h, dt), _relaxed(n, a_n, b_n, dt)
        return (_half_step(v, h, n, u, p, 0.5 * dt), h, n)

    @equation
    def margin(s, p):
        return s[0] - p.V_spike

    @equation
    def observe(s, u, p):
        v, h, n = s
        m = _activation(v)
        return {"m": m, "I_Na": p.g_Na * m**3 * h * (p.E_Na - v), "I_K": p.g_K * n**4 * (p.E_K - v)}

    @equation
    def rest(p):
        quiet = Input(-np.asarray(p.I_e), 0.0)

        def at(v):
            a_h, b_h, a_n, b_n = _rates(v, p)
            return v, a_h / (a_h + b_h), a_n / (a_n + b_n)

        def inward(v):
            return _membrane(*at(v), quiet, p)[0] > 0.0

        state = at(lowest_root(inward, (p.E_Na, p.E_K, p.E_L)))
        return tuple(float(x) for x in state) if np.ndim(state[0]) == 0 else state
