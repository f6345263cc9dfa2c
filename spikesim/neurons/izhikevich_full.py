"""Izhikevich's neuron with units (Izhikevich 2007, Dynamical Systems in Neuroscience, eq. 8.5 and 8.6).

    C_m dV/dt = k (V - V_r) (V - V_t) - u + I + I_e
        du/dt = a (b (V - V_r) - u)                        V >= V_peak: spike, V = c, u <- u + d

With u at rest, its rheobase is k ((V_t - V_r) + b / k)^2 / 4 where a saddle meets the rest (section 8.2.1).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .contract import equation, model

__all__ = ["IzhikevichFull"]


@model(states=("v", "u"), positive=("k",), ordered=(("V_r", "V_t"), ("c", "V_peak"), ("V_t", "V_peak")), unbounded=())
class IzhikevichFull(NamedTuple):
    """Izhikevich's neuron in pA, pF and mV; the defaults are a regular-spiking cell of layer 5 (figure 8.12).

    Parameters
    ----------
    C_m : float
        Membrane capacitance (pF).
    k : float
        Curvature (nS/mV), > 0.
    V_r, V_t : float
        Resting potential and instantaneous threshold (mV), V_r below V_t.
    a : float
        Rate of recovery (1/ms).
    b : float
        Sensitivity of recovery to V (nS).
    c : float
        Potential after a spike (mV).
    d : float
        Jump of u at a spike (pA).
    V_peak : float
        Potential at which the spike is cut (mV).
    I_e : float
        Constant current (pA).

    States: ``v`` (mV), ``u`` (pA).  The step is the Runge-Kutta method of order 4.

    Examples
    --------
    >>> import spikesim as ss
    >>> net = ss.Network(seed=1)
    >>> cell = net.population("cell", 1, ss.IzhikevichFull(I_e=100.0))
    >>> net.record(cell, "spikes")
    >>> net.run(500.0, progress=False).spikes["cell"].count() > 3
    True
    """

    C_m: float = 100.0
    k: float = 0.7
    V_r: float = -60.0
    V_t: float = -40.0
    a: float = 0.03
    b: float = -2.0
    c: float = -50.0
    d: float = 100.0
    V_peak: float = 35.0
    I_e: float = 0.0

    @equation
    def slope(s, u, p):
        v, w = s  # w is the recovery variable: u is the input here
        dv = (p.k * (v - p.V_r) * (v - p.V_t) - w + u.current - u.conductance * v + p.I_e) / p.C_m
        return (dv, p.a * (p.b * (v - p.V_r) - w))

    @equation
    def margin(s, p):
        return s[0] - p.V_peak

    @equation
    def reset(s, p):
        return (p.c, s[1] + p.d)

    @equation
    def rest(p):
        v = np.minimum(p.V_r, np.asarray(p.V_t) + np.asarray(p.b) / p.k) + 0.0 * np.asarray(p.V_r)
        u = p.b * (v - p.V_r)
        return (float(v), float(u)) if np.ndim(u) == 0 else (v, u)
