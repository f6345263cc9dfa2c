"""Leaky integrate-and-fire with two conductances that its own spikes open (Muller, Buesing, Schemmel and Meier 2007,
Neural Comput. 19:2958): spike-frequency adaptation and a relative refractory time.

    C_m dV/dt = -(C_m / tau_m) (V - E_L) - g_s (V - e_rev_sfa) - g_r (V - e_rev_rr) + I + I_e
    dg_s/dt = -g_s / tau_sfa,  dg_r/dt = -g_r / tau_rr
    V >= V_th: spike, V = V_reset for t_ref, g_s <- g_s + q_sfa, g_r <- g_r + q_rr

Scheme: Strang splitting, order 2: half a step of the conductances, a step of V exact for them, half a step.
"""

from __future__ import annotations

from typing import NamedTuple

from ..jit import exp
from ..neurons.contract import equation, model

__all__ = ["AdaptingLIF"]


@model(states=("v", "g_s", "g_r"), order=2, ordered=(("V_reset", "V_th"),), positive=("tau_sfa", "tau_rr"))
class AdaptingLIF(NamedTuple):
    """Leaky integrate-and-fire neuron with conductances for adaptation and relative refractoriness.

    Parameters
    ----------
    tau_m, C_m, E_L, V_th, V_reset, t_ref, I_e : float
        As of `LIF`.
    tau_sfa, tau_rr : float
        Time constants of the conductances (ms).
    e_rev_sfa, e_rev_rr : float
        Their reversal potentials (mV).
    q_sfa, q_rr : float
        What a spike adds to them (nS).

    States: ``v`` (mV), ``g_s``, ``g_r`` (nS).
    """

    tau_m: float = 20.0
    C_m: float = 1000.0
    E_L: float = -65.0
    V_th: float = -50.0
    V_reset: float = -65.0
    t_ref: float = 0.1
    I_e: float = 0.0
    tau_sfa: float = 100.0
    e_rev_sfa: float = -75.0
    q_sfa: float = 15.0
    tau_rr: float = 2.0
    e_rev_rr: float = -75.0
    q_rr: float = 3000.0

    @equation
    def slope(s, u, p):
        v, g_s, g_r = s
        own = -(p.C_m / p.tau_m) * (v - p.E_L) - g_s * (v - p.e_rev_sfa) - g_r * (v - p.e_rev_rr)
        return ((own + u.current - u.conductance * v + p.I_e) / p.C_m, -g_s / p.tau_sfa, -g_r / p.tau_rr)

    @equation
    def flow(s, u, p, dt):
        v, g_s, g_r = s
        half_s, half_r = exp(-0.5 * dt / p.tau_sfa), exp(-0.5 * dt / p.tau_rr)
        g_s, g_r = g_s * half_s, g_r * half_r
        g_L = p.C_m / p.tau_m
        g = g_L + g_s + g_r + u.conductance
        v_inf = (g_L * p.E_L + g_s * p.e_rev_sfa + g_r * p.e_rev_rr + u.current + p.I_e) / g
        return (v_inf + (v - v_inf) * exp(-dt * g / p.C_m), g_s * half_s, g_r * half_r)

    @equation
    def margin(s, p):
        return s[0] - p.V_th

    @equation
    def reset(s, p):
        return (p.V_reset, s[1] + p.q_sfa, s[2] + p.q_rr)

    @equation
    def rest(p):
        return (p.E_L, 0.0 * p.E_L, 0.0 * p.E_L)
