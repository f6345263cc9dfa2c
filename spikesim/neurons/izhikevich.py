"""Simple model of spiking neurons (Izhikevich 2003, IEEE Trans. Neural Netw. 14:1569, equations 1 to 3).

    dv/dt = 0.04 v^2 + 5 v + 140 - u + I + I_e
    du/dt = a (b v - u)                                v >= V_peak: spike, v = c, u <- u + d

v is in mV and t in ms; the paper's input I has no unit, here 1 pA stands for 1 (g nS add -g v).

Scheme: the classical Runge-Kutta step of order 4 (the paper's two Euler steps of 0.5 ms are of order 1).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .contract import equation, model

__all__ = ["Izhikevich"]


@model(states=("v", "u"), ordered=(("c", "V_peak"),), unbounded=())
class Izhikevich(NamedTuple):
    """Izhikevich's neuron; the defaults are regular spiking (figure 2, RS).

    Parameters
    ----------
    a : float
        Rate of recovery (1/ms).
    b : float
        Sensitivity of recovery to v (1/ms).
    c : float
        Potential after a spike (mV), below V_peak.
    d : float
        Jump of u at a spike (mV/ms).
    V_peak : float
        Potential at which the spike is cut (mV).
    I_e : float
        Constant input.

    States: ``v`` (mV), ``u`` (mV/ms).

    Examples
    --------
    >>> import spikesim as ss
    >>> ss.Izhikevich(a=0.1).rest(ss.Izhikevich())
    (-70.0, -14.0)
    """

    a: float = 0.02
    b: float = 0.2
    c: float = -65.0
    d: float = 8.0
    V_peak: float = 30.0
    I_e: float = 0.0

    @equation
    def slope(s, u, p):
        v, w = s  # w is the recovery variable: u is the input here
        dv = (0.04 * v + 5.0 - u.conductance) * v + 140.0 - w + u.current + p.I_e
        return (dv, p.a * (p.b * v - w))

    @equation
    def margin(s, p):
        return s[0] - p.V_peak

    @equation
    def reset(s, p):
        return (p.c, s[1] + p.d)

    @equation
    def rest(p):
        # lower root of 0.04 v^2 + (5 - b) v + 140 = 0; without one the neuron fires by itself, and starts at
        # c
        half = 5.0 - np.asarray(p.b)
        square = half * half - 22.4
        v = np.where(square >= 0.0, -12.5 * (half + np.sqrt(np.maximum(square, 0.0))), p.c)
        u = p.b * v
        return (float(v), float(u)) if np.ndim(u) == 0 else (v, u)
