"""Morris and Lecar (1981, Biophys. J. 35:193, eq. 9); parameters as in Rinzel and Ermentrout (1998, table 7.1, Hopf).

    C_m dV/dt = -g_L (V - E_L) - g_Ca m_inf (V - E_Ca) - g_K n (V - E_K) + I + I_e
        dn/dt = phi (n_inf - n) / tau_n

    m_inf = (1 + tanh((V - V_1) / V_2)) / 2,   n_inf = (1 + tanh((V - V_3) / V_4)) / 2,
    tau_n = 1 / cosh((V - V_3) / (2 V_4))                     V crossing V_spike upward is a spike; there is no reset

Per cm^2 of membrane with 20 uF; a cell of 1e-6 cm^2 has 20 pF, and 1 mS per cm^2 is 1 nS, 1 uA per cm^2 is 1 pA.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba.extending import register_jitable

from ..jit import exp
from .contract import Input, equation, model
from .root import lowest_root

__all__ = ["MorrisLecar"]


@register_jitable(forceinline=True)
def _half(x):
    """(1 + tanh x) / 2."""
    return 1.0 / (1.0 + exp(-2.0 * x))


@register_jitable(forceinline=True)
def _current(v, n, u, p):
    m = _half((v - p.V_1) / p.V_2)
    inward = p.g_L * p.E_L + p.g_Ca * m * p.E_Ca + p.g_K * n * p.E_K + u.current + p.I_e
    return inward - (p.g_L + p.g_Ca * m + p.g_K * n + u.conductance) * v


@model(
    states=("v", "n"),
    fractions=("n",),
    clamped=(),
    positive=("V_2", "V_4", "phi"),
    nonnegative=("g_Ca", "g_K", "g_L"),
    unbounded=("V_spike",),
)
class MorrisLecar(NamedTuple):
    """Barnacle muscle fibre of Morris and Lecar: calcium that is always in equilibrium, potassium that is not.

    Parameters
    ----------
    C_m : float
        Membrane capacitance (pF).
    g_Ca, g_K, g_L : float
        Largest calcium and potassium conductance, leak conductance (nS).
    E_Ca, E_K, E_L : float
        Reversal potentials (mV).
    V_1, V_2 : float
        Potential of half activation of calcium, and its width (mV).
    V_3, V_4 : float
        The same of potassium (mV).
    phi : float
        Rate of potassium (1/ms), > 0.
    I_e : float
        Constant current (pA).
    V_spike : float
        A spike is an upward crossing of this potential (mV).

    States: ``v`` (mV), ``n``.  The step is the Runge-Kutta method of order 4.

    Examples
    --------
    >>> import spikesim as ss
    >>> net = ss.Network(seed=1)
    >>> cell = net.population("cell", 1, ss.MorrisLecar(I_e=100.0))
    >>> net.record(cell, "spikes")
    >>> net.run(500.0, progress=False).spikes["cell"].count() > 3
    True
    """

    C_m: float = 20.0
    g_Ca: float = 4.4
    g_K: float = 8.0
    g_L: float = 2.0
    E_Ca: float = 120.0
    E_K: float = -84.0
    E_L: float = -60.0
    V_1: float = -1.2
    V_2: float = 18.0
    V_3: float = 2.0
    V_4: float = 30.0
    phi: float = 0.04
    I_e: float = 0.0
    V_spike: float = 0.0

    @equation
    def slope(s, u, p):
        v, n = s
        z = (v - p.V_3) / p.V_4
        speed = 0.5 * (exp(0.5 * z) + exp(-0.5 * z))  # cosh
        return (_current(v, n, u, p) / p.C_m, p.phi * speed * (_half(z) - n))

    @equation
    def margin(s, p):
        return s[0] - p.V_spike

    @equation
    def observe(s, u, p):
        v, n = s
        m = _half((v - p.V_1) / p.V_2)
        return {"I_Ca": p.g_Ca * m * (p.E_Ca - v), "I_K": p.g_K * n * (p.E_K - v), "I_L": p.g_L * (p.E_L - v)}

    @equation
    def rest(p):
        # between the reversal potentials, the lowest V at which nothing flows
        quiet = Input(-np.asarray(p.I_e), 0.0)

        def inward(v):
            return _current(v, _half((v - p.V_3) / p.V_4), quiet, p) > 0.0

        v = lowest_root(inward, (p.E_Ca, p.E_K, p.E_L))
        n = _half((v - p.V_3) / p.V_4)
        return (float(v), float(n)) if np.ndim(v) == 0 else (v, n)
