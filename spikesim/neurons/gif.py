"""Generalised integrate-and-fire (Mensi et al. 2012, J. Neurophysiol. 107:1756; Pozzorini et al. 2015, eq. 1 to 5).

    C_m dV/dt   = -g_L (V - E_L) - eta_1 - eta_2 + I + I_e
    deta_j/dt   = -eta_j / tau_stc_j                      spike-triggered currents
    dgamma_j/dt = -gamma_j / tau_sfa_j                    threshold moved by spikes
    hazard      = lambda_0 exp((V - V_T - gamma_1 - gamma_2) / Delta_V)

At a spike V = V_reset for t_ref, eta_j <- eta_j + q_stc_j, gamma_j <- gamma_j + q_sfa_j.
"""

from __future__ import annotations

from typing import NamedTuple

from ..jit import exp, where
from .contract import equation, model

__all__ = ["GIF"]

LARGEST = 100.0  # of the exponent: far beyond any hazard that makes a spike certain


@model(states=("v", "eta_1", "eta_2", "gamma_1", "gamma_2"), positive=("g_L", "lambda_0", "Delta_V"))
class GIF(NamedTuple):
    """Generalised integrate-and-fire neuron with escape noise; names as NEST's `gif_psc_exp`.

    Parameters
    ----------
    C_m : float
        Membrane capacitance (pF).
    g_L : float
        Leak conductance (nS).
    E_L : float
        Resting potential (mV).
    V_T : float
        Potential at which the hazard of a cell at rest is lambda_0 (mV).
    Delta_V : float
        Width of the threshold (mV), > 0.
    lambda_0 : float
        Hazard there (1/ms), > 0.
    V_reset : float
        Potential after a spike (mV).
    q_stc_1, q_stc_2 : float
        Jumps of the spike-triggered currents (pA).
    tau_stc_1, tau_stc_2 : float
        Their time constants (ms).
    q_sfa_1, q_sfa_2 : float
        Jumps of the threshold (mV).
    tau_sfa_1, tau_sfa_2 : float
        Their time constants (ms).
    t_ref : float
        Time for which V is held at V_reset (ms).
    I_e : float
        Constant current (pA).
    hold : bool
        False: V runs while refractory.

    States: ``v`` (mV), ``eta_1``, ``eta_2`` (pA), ``gamma_1``, ``gamma_2`` (mV).  The step is the Runge-Kutta method of
    order 4.

    Examples
    --------
    >>> import spikesim as ss
    >>> net = ss.Network(seed=1)
    >>> cells = net.population("cells", 20, ss.GIF(I_e=250.0))
    >>> net.record(cells, "spikes", "gamma_1")
    >>> net.run(200.0, progress=False).spikes["cells"].count() > 20
    True
    """

    C_m: float = 80.0
    g_L: float = 4.0
    E_L: float = -70.0
    V_T: float = -35.0
    Delta_V: float = 0.5
    lambda_0: float = 0.001
    V_reset: float = -55.0
    q_stc_1: float = 56.7
    q_stc_2: float = -6.9
    tau_stc_1: float = 57.8
    tau_stc_2: float = 218.2
    q_sfa_1: float = 11.7
    q_sfa_2: float = 1.8
    tau_sfa_1: float = 53.8
    tau_sfa_2: float = 640.0
    t_ref: float = 4.0
    I_e: float = 0.0

    @equation
    def slope(s, u, p):
        v, eta_1, eta_2, gamma_1, gamma_2 = s
        dv = (p.g_L * (p.E_L - v) - eta_1 - eta_2 + u.current - u.conductance * v + p.I_e) / p.C_m
        of_currents = (-eta_1 / p.tau_stc_1, -eta_2 / p.tau_stc_2)
        return (dv, of_currents[0], of_currents[1], -gamma_1 / p.tau_sfa_1, -gamma_2 / p.tau_sfa_2)

    @equation
    def hazard(s, p):
        v, _, _, gamma_1, gamma_2 = s
        exponent = (v - p.V_T - gamma_1 - gamma_2) / p.Delta_V
        return p.lambda_0 * exp(where(exponent < LARGEST, exponent, LARGEST))

    @equation
    def reset(s, p):
        _, eta_1, eta_2, gamma_1, gamma_2 = s
        return (p.V_reset, eta_1 + p.q_stc_1, eta_2 + p.q_stc_2, gamma_1 + p.q_sfa_1, gamma_2 + p.q_sfa_2)

    @equation
    def rest(p):
        return (p.E_L, 0.0, 0.0, 0.0, 0.0)
