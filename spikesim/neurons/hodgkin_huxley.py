"""The squid giant axon of Hodgkin and Huxley (1952), lecture notes 1.3.

Membrane and scheme: see `membrane`.  Rates (1/ms) with V in mV and the rest near -65 mV (J. Physiol. 117:500,
equations 12, 13, 20, 21, 23, 24; there V counts from rest, with the opposite sign):

    alpha_n = 0.01 (V + 55) / (1 - exp(-(V + 55) / 10))      beta_n = 0.125 exp(-(V + 65) / 80)
    alpha_m = 0.1 (V + 40) / (1 - exp(-(V + 40) / 10))       beta_m = 4 exp(-(V + 65) / 18)
    alpha_h = 0.07 exp(-(V + 65) / 20)                       beta_h = 1 / (1 + exp(-(V + 35) / 10))
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from numba.extending import register_jitable

from ..jit import exp, exprel_of
from .contract import equation, model
from .gates import gate
from .membrane import bounded, gate_slopes, membrane_slope, resting, splitting

__all__ = ["HodgkinHuxley"]

E_1, E_2_5, E_3 = math.exp(1.0), math.exp(2.5), math.exp(3.0)


@register_jitable(forceinline=True)
def rates(v, p):
    """alpha and beta of m, h, n (1/ms); x / (e^x - 1) is right at V = -40 and -55 too.

    All exponents are multiples of -(V + 65) / 720, so six exponentials are powers of one (relative error < 1e-13).
    """
    v = bounded(v)
    e720 = exp((v + 65.0) * (-1.0 / 720.0))
    e360 = e720 * e720
    e180 = e360 * e360
    e90 = e180 * e180
    e45 = e90 * e90
    e80 = e90 * e720
    e40 = e80 * e80
    e20 = e40 * e40
    e10 = e20 * e20
    return (
        exprel_of(-0.1 * (v + 40.0), E_2_5 * e10),
        4.0 * (e45 * e45 * e90),
        0.07 * e20,
        1.0 / (1.0 + E_3 * e10),
        0.1 * exprel_of(-0.1 * (v + 55.0), E_1 * e10),
        0.125 * e80,
    )


@model(
    states=("v", "m", "h", "n"),
    fractions=("m", "h", "n"),
    order=2,
    nonnegative=("g_Na", "g_K", "g_L"),
    unbounded=("V_spike",),
)
class HodgkinHuxley(NamedTuple):
    """Hodgkin-Huxley neuron; defaults are the squid axon (per cm^2: 1 uF, 120, 36, 0.3 mS) on 10^4 um^2.

    Parameters
    ----------
    C_m : float
        Membrane capacitance (pF).
    g_Na, g_K, g_L : float
        Largest sodium and potassium conductance, leak conductance (nS).
    E_Na, E_K, E_L : float
        Reversal potentials (mV).
    I_e : float
        Constant current (pA).
    V_spike : float
        A spike is an upward crossing of this potential (mV); the model makes its own spike and is not reset.

    States: ``v`` (mV), ``m``, ``h``, ``n``.  `flow` has order 2.

    Examples
    --------
    >>> import spikesim as ss
    >>> cell = ss.HodgkinHuxley()
    >>> v, m, h, n = cell.rest(cell)
    >>> round(float(v), 1)
    -65.0
    """

    C_m: float = 100.0
    g_Na: float = 12000.0
    g_K: float = 3600.0
    g_L: float = 30.0
    E_Na: float = 50.0
    E_K: float = -77.0
    E_L: float = -54.387
    I_e: float = 0.0
    V_spike: float = 0.0

    @equation
    def slope(s, u, p):
        dv, _ = membrane_slope(s, u, p)
        dm, dh, dn = gate_slopes(s, rates(s[0], p))
        return (dv, dm, dh, dn)

    @equation
    @splitting(rates)
    def flow(s, u, p, dt): ...

    @equation
    def margin(s, p):
        return s[0] - p.V_spike

    @equation
    def rest(p):
        return resting(rates, p)

    @gate(rates)
    def m_inf(self, V: Any) -> Any: ...

    @gate(rates)
    def h_inf(self, V: Any) -> Any: ...

    @gate(rates)
    def n_inf(self, V: Any) -> Any: ...

    @gate(rates)
    def tau_m(self, V: Any) -> Any: ...

    @gate(rates)
    def tau_h(self, V: Any) -> Any: ...

    @gate(rates)
    def tau_n(self, V: Any) -> Any: ...
