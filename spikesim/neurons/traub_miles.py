"""Cortical Hodgkin-Huxley neuron after Traub and Miles (1991): the cell of the COBAHH benchmark.

Parameters of Brette et al. (2007, "Simulation of networks of spiking neurons", J. Comput. Neurosci. 23:349,
benchmark 3): 20000 um^2 with 1 uF, 100, 30 and 0.05 mS per cm^2.  Without input the cell fires at some 14 Hz.
Membrane and scheme: see `membrane`.  Rates (1/ms) with U = V - V_T:

    alpha_m = 0.32 (13 - U) / (exp((13 - U) / 4) - 1)        beta_m = 0.28 (U - 40) / (exp((U - 40) / 5) - 1)
    alpha_h = 0.128 exp((17 - U) / 18)                       beta_h = 4 / (1 + exp((40 - U) / 5))
    alpha_n = 0.032 (15 - U) / (exp((15 - U) / 5) - 1)       beta_n = 0.5 exp((10 - U) / 40)
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from numba.extending import register_jitable

from ..jit import exp, exprel_of
from .contract import equation, model
from .gates import gate
from .membrane import bounded, gate_slopes, membrane_slope, resting, splitting

__all__ = ["TraubMiles"]

E_1, E_6, E_3_4, E_7_18 = math.exp(1.0), math.exp(6.0), math.exp(0.75), math.exp(7.0 / 18.0)


@register_jitable(forceinline=True)
def rates(v, p):
    """alpha and beta of m, h, n (1/ms); x / (e^x - 1) is right where it is 0/0 too.

    All exponents are multiples of (10 - x) / 360, and -y / (e^-y - 1) = e^y y / (e^y - 1): six exponentials are powers
    of one (relative error < 1e-13).
    """
    x = bounded(v - p.V_T)
    e360 = exp((10.0 - x) * (1.0 / 360.0))
    e180 = e360 * e360
    e90 = e180 * e180
    e45 = e90 * e90
    e40 = e45 * e360
    e20 = e40 * e40
    e10 = e20 * e20
    e5 = e10 * e10
    y = (40.0 - x) * (1.0 / 5.0)
    e_y = E_6 * e5
    return (
        1.28 * exprel_of((13.0 - x) * (1.0 / 4.0), E_3_4 * (e5 * e20)),
        1.4 * (e_y * exprel_of(y, e_y)),
        0.128 * E_7_18 * (e45 * e45 * e90),
        4.0 / (1.0 + e_y),
        0.16 * exprel_of((15.0 - x) * (1.0 / 5.0), E_1 * e5),
        0.5 * e40,
    )


@model(
    states=("v", "m", "h", "n"),
    fractions=("m", "h", "n"),
    order=2,
    nonnegative=("g_Na", "g_K", "g_L"),
    unbounded=("V_spike",),
)
class TraubMiles(NamedTuple):
    """Cortical neuron of Traub and Miles; names as in NEST's `hh_cond_exp_traub`.

    Parameters
    ----------
    C_m : float
        Membrane capacitance (pF).
    g_Na, g_K, g_L : float
        Largest sodium and potassium conductance, leak conductance (nS).
    E_Na, E_K, E_L : float
        Reversal potentials (mV).
    V_T : float
        Shifts the rates along V, and with them the threshold (mV).
    I_e : float
        Constant current (pA).
    V_spike : float
        A spike is an upward crossing of this potential (mV); the model makes its own spike and is not reset.

    States: ``v`` (mV), ``m``, ``h``, ``n``.  `flow` has order 2.

    Examples
    --------
    >>> import spikesim as ss
    >>> cell = ss.TraubMiles()
    >>> v, m, h, n = cell.rest(cell)
    >>> round(float(v), 1)
    -60.0
    """

    C_m: float = 200.0
    g_Na: float = 20000.0
    g_K: float = 6000.0
    g_L: float = 10.0
    E_Na: float = 50.0
    E_K: float = -90.0
    E_L: float = -60.0
    V_T: float = -63.0
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
    def tau_h(self, V: Any) -> Any:
        """
        Examples
        --------
        >>> import spikesim as ss
        >>> round(float(ss.TraubMiles().tau_h(-65.0)), 1)
        2.7
        """

    @gate(rates)
    def tau_n(self, V: Any) -> Any:
        """
        Examples
        --------
        >>> import spikesim as ss
        >>> round(float(ss.TraubMiles().tau_n(-65.0)), 1)
        1.4
        """
