"""Adaptive exponential integrate-and-fire (Brette and Gerstner 2005, J. Neurophysiol. 94:3637, eq. 2 and 3).

    C_m dV/dt = -g_L (V - E_L) + g_L Delta_T exp((V - V_th) / Delta_T) - w + I + I_e
    tau_w dw/dt = a (V - E_L) - w                 V >= V_peak: spike, V = V_reset for t_ref, w <- w + b

Above V_peak the exponential and w see V_peak (as in NEST), so the last step of the upswing overflows nothing.

Scheme: exponential time differencing with two stages (Cox and Matthews 2002, J. Comput. Phys. 176:430,
ETD2RK), order 2.  The leak, the synaptic conductance and the decay of w are its linear part, so neither a
large conductance nor a large dt makes it unstable.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba.extending import register_jitable

from ..jit import exp, where
from .contract import equation, model
from .phi import phi_1, phi_2

__all__ = ["AdEx", "drawn"]

LARGEST = 300.0  # of the exponential's argument: e^300 is far beyond any V_peak and far below overflow


@register_jitable(forceinline=True)
def drawn(below, p):
    """What the leak and the upswing draw V to (pA), at a V that is not above V_peak."""
    argument = (below - p.V_th) / p.Delta_T
    return p.g_L * (p.E_L + p.Delta_T * exp(where(argument < LARGEST, argument, LARGEST)))


@register_jitable(forceinline=True)
def _drive(v, w, u, p):
    """What drives V (pA) and w (pA) beside their own decay."""
    below = where(v < p.V_peak, v, p.V_peak)
    return drawn(below, p) - w + u.current + p.I_e, p.a * (below - p.E_L)


@model(
    states=("v", "w"),
    order=2,
    positive=("Delta_T", "g_L"),
    ordered=(("V_th", "V_peak"), ("V_reset", "V_peak")),
    unbounded=(),
)
class AdEx(NamedTuple):
    """Adaptive exponential integrate-and-fire neuron; NEST's names and defaults (`aeif_*`).

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
    a : float
        Adaptation below threshold (nS).
    b : float
        Jump of the adaptation current at a spike (pA).
    tau_w : float
        Time constant of adaptation (ms).
    V_peak : float
        Potential at which the spike is cut (mV), above V_th and V_reset.
    V_reset : float
        Potential after a spike (mV).
    t_ref : float
        Time for which V is held at V_reset (ms); w goes on.
    I_e : float
        Constant current (pA).
    hold : bool
        False: V runs while refractory.

    States: ``v`` (mV), ``w`` (pA).  `flow` has order 2.

    Examples
    --------
    >>> import spikesim as ss
    >>> cell = ss.AdEx(a=2.0, b=60.0)
    >>> cell.b, cell.states
    (60.0, ('v', 'w'))
    """

    C_m: float = 281.0
    g_L: float = 30.0
    E_L: float = -70.6
    V_th: float = -50.4
    Delta_T: float = 2.0
    a: float = 4.0
    b: float = 80.5
    tau_w: float = 144.0
    V_peak: float = 0.0
    V_reset: float = -60.0
    t_ref: float = 0.0
    I_e: float = 0.0

    @equation
    def slope(s, u, p):
        v, w = s
        to_v, to_w = _drive(v, w, u, p)
        return ((to_v - (p.g_L + u.conductance) * v) / p.C_m, (to_w - w) / p.tau_w)

    @equation
    def flow(s, u, p, dt):
        v, w = s
        z_v = dt * (p.g_L + u.conductance) / p.C_m
        z_w = dt / p.tau_w
        phi_v, phi_w = phi_1(z_v), phi_1(z_w)
        to_v, to_w = _drive(v, w, u, p)
        v1 = v + (dt * to_v / p.C_m - z_v * v) * phi_v
        w1 = w + z_w * (to_w - w) * phi_w
        to_v1, to_w1 = _drive(v1, w1, u, p)
        v2 = v1 + dt * (to_v1 - to_v) / p.C_m * phi_2(z_v)
        w2 = w1 + z_w * (to_w1 - to_w) * phi_2(z_w)
        return (v2, w2)

    @equation
    def rest(p):
        # Newton from E_L: the function is convex and positive there, so the steps climb to the lower root
        v = np.asarray(p.E_L) + 0.0 * np.asarray(p.V_th)
        for _ in range(50):
            rising = p.g_L * exp((v - p.V_th) / p.Delta_T)
            fall = p.g_L + p.a - rising
            step = (p.Delta_T * rising - (p.g_L + p.a) * (v - p.E_L)) / np.where(fall > 0.0, fall, np.inf)
            v = v + step
        w = p.a * (v - p.E_L)
        return (float(v), float(w)) if np.ndim(w) == 0 else (v, w)

    @equation
    def margin(s, p):
        return s[0] - p.V_peak

    @equation
    def reset(s, p):
        return (p.V_reset, s[1] + p.b)
