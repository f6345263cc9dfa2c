"""Exponential integrate-and-fire (Fourcaud-Trocme et al. 2003, J. Neurosci. 23:11628, eq. 5 and 6).

    C_m dV/dt = -g_L (V - E_L) + g_L Delta_T exp((V - V_th) / Delta_T) + I + I_e       V >= V_peak: spike, V = V_reset

Its smallest current with repetitive spikes is g_L (V_th - E_L - Delta_T), where the slope has a double root at V_th.
The exponential sees V_peak above V_peak.  Scheme: as of `adex`, exponential time differencing of order 2.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba.extending import register_jitable

from ..jit import exp, where
from .adex import drawn
from .contract import equation, model
from .phi import phi_1, phi_2

__all__ = ["EIF"]


@register_jitable(forceinline=True)
def _drive(v, u, p):
    """What drives V (pA) beside its own leak."""
    return drawn(where(v < p.V_peak, v, p.V_peak), p) + u.current + p.I_e


@model(
    states=("v",),
    order=2,
    positive=("Delta_T", "g_L"),
    ordered=(("V_th", "V_peak"), ("V_reset", "V_peak")),
    unbounded=(),
)
class EIF(NamedTuple):
    """Exponential integrate-and-fire neuron; the defaults are those of the paper (figure 1).

    Parameters
    ----------
    C_m : float
        Membrane capacitance (pF).
    g_L : float
        Leak conductance (nS).
    E_L : float
        Leak reversal potential (mV).
    V_th : float
        Threshold of the exponential (mV), V_T in the paper.
    Delta_T : float
        Slope factor (mV), > 0.
    V_peak : float
        Potential at which the spike is cut (mV), above V_th and V_reset.
    V_reset : float
        Potential after a spike (mV).
    t_ref : float
        Time for which V is held at V_reset (ms).
    I_e : float
        Constant current (pA).
    hold : bool
        False: V runs while refractory.

    States: ``v`` (mV).  `flow` has order 2.

    Examples
    --------
    >>> import spikesim as ss
    >>> net = ss.Network(seed=1)
    >>> cell = net.population("cell", 1, ss.EIF(I_e=300.0))
    >>> net.record(cell, "spikes")
    >>> net.run(200.0, progress=False).spikes["cell"].count() > 0
    True
    """

    C_m: float = 200.0
    g_L: float = 20.0
    E_L: float = -65.0
    V_th: float = -59.9
    Delta_T: float = 3.48
    V_peak: float = -20.0
    V_reset: float = -68.0
    t_ref: float = 1.7
    I_e: float = 0.0

    @equation
    def slope(s, u, p):
        (v,) = s
        return ((_drive(v, u, p) - (p.g_L + u.conductance) * v) / p.C_m,)

    @equation
    def flow(s, u, p, dt):
        (v,) = s
        z = dt * (p.g_L + u.conductance) / p.C_m
        drive = _drive(v, u, p)
        v1 = v + (dt * drive / p.C_m - z * v) * phi_1(z)
        return (v1 + dt * (_drive(v1, u, p) - drive) / p.C_m * phi_2(z),)

    @equation
    def rest(p):
        # Newton from E_L: the function is convex and positive there, so the steps climb to the lower root
        v = np.asarray(p.E_L) + 0.0 * np.asarray(p.V_th)
        for _ in range(50):
            rising = exp((v - p.V_th) / p.Delta_T)
            step = (p.Delta_T * rising - (v - p.E_L)) / np.where(rising < 1.0, 1.0 - rising, np.inf)
            v = v + step
        return (float(v),) if np.ndim(v) == 0 else (v,)

    @equation
    def margin(s, p):
        return s[0] - p.V_peak

    @equation
    def reset(s, p):
        return (p.V_reset,)
