"""Quadratic integrate-and-fire (Ermentrout and Kopell 1986, SIAM J. Appl. Math. 46:233; Latham et al. 2000).

    C_m dV/dt = k (V - E_L) (V - V_c) + I + I_e              V >= V_peak: spike, V = V_reset for t_ref

Below the critical potential V_c the membrane falls back to E_L, above it runs away.  Under a constant current above
rheobase, k (V_c - E_L)^2 / 4, V follows a tangent: from V_reset to V_peak it takes

    T = C_m / (k w) (atan((V_peak - V_0) / w) - atan((V_reset - V_0) / w)),
    V_0 = (E_L + V_c) / 2,   w^2 = (I + I_e) / k - (V_c - E_L)^2 / 4.
"""

from __future__ import annotations

from typing import NamedTuple

from .contract import equation, model

__all__ = ["QIF"]


@model(states=("v",), positive=("k",), ordered=(("E_L", "V_c"), ("V_reset", "V_peak"), ("V_c", "V_peak")), unbounded=())
class QIF(NamedTuple):
    """Quadratic integrate-and-fire neuron.

    Parameters
    ----------
    C_m : float
        Membrane capacitance (pF).
    k : float
        Curvature (nS/mV), > 0.
    E_L : float
        Resting potential (mV).
    V_c : float
        Critical potential (mV), above E_L, from which V runs away without input.
    V_peak : float
        Potential at which the spike is cut (mV), above V_c and V_reset.
    V_reset : float
        Potential after a spike (mV).
    t_ref : float
        Time for which V is held at V_reset (ms).
    I_e : float
        Constant current (pA).
    hold : bool
        False: V runs while refractory.

    States: ``v`` (mV).  The step is the Runge-Kutta method of order 4.

    Examples
    --------
    >>> import spikesim as ss
    >>> net = ss.Network(seed=1)
    >>> cell = net.population("cell", 1, ss.QIF(I_e=200.0))
    >>> net.record(cell, "spikes")
    >>> net.run(200.0, progress=False).spikes["cell"].count() > 0
    True
    """

    C_m: float = 100.0
    k: float = 0.7
    E_L: float = -60.0
    V_c: float = -40.0
    V_peak: float = 35.0
    V_reset: float = -65.0
    t_ref: float = 0.0
    I_e: float = 0.0

    @equation
    def slope(s, u, p):
        (v,) = s
        return ((p.k * (v - p.E_L) * (v - p.V_c) + u.current - u.conductance * v + p.I_e) / p.C_m,)

    @equation
    def margin(s, p):
        return s[0] - p.V_peak

    @equation
    def reset(s, p):
        return (p.V_reset,)

    @equation
    def rest(p):
        return (p.E_L,)
