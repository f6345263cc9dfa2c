"""Generalised leaky integrate-and-fire of the Allen Institute (Teeter et al. 2018, Nat. Commun. 9:709, eq. 1 to 7).

    C_m dV/dt     = -g_L (V - E_L) + I_1 + I_2 + I + I_e
    dI_j/dt       = -I_j / tau_j                             after-spike currents, j = 1, 2
    dtheta_s/dt   = -theta_s / tau_s                         threshold: by spikes,
    dtheta_v/dt   = a_v (V - E_L) - theta_v / tau_v          and by the potential

A spike where V >= V_th + theta_s + theta_v; then, with everything as it is at the spike,

    V <- E_L + f_v (V - E_L) - delta_V,   I_j <- r_j I_j + delta_I_j,   theta_s <- theta_s + delta_theta

V and theta_v stand still for t_ref, the others go on.  (The paper adds delta_I_j and delta_theta at the end of the
refractory time: multiply them by exp(t_ref / tau) to say the same.)  GLIF 1: the defaults; 2: f_v, delta_V and
delta_theta; 3: delta_I_j; 4: both; 5: a_v, too.  Everything is linear: it is advanced exactly.
"""

from __future__ import annotations

from typing import NamedTuple

from .contract import equation, model

__all__ = ["GLIF"]


@model(states=("v", "I_1", "I_2", "theta_s", "theta_v"), clamped=("v", "theta_v"), positive=("g_L",))
class GLIF(NamedTuple):
    """Generalised leaky integrate-and-fire neuron, all five levels of the paper.

    Parameters
    ----------
    C_m : float
        Membrane capacitance (pF).
    g_L : float
        Leak conductance (nS).
    E_L : float
        Resting potential (mV).
    V_th : float
        Threshold at rest (mV).
    f_v, delta_V : float
        What V is reset to: E_L + f_v (V - E_L) - delta_V; delta_V in mV.
    tau_1, tau_2 : float
        Time constants of the after-spike currents (ms).
    delta_I_1, delta_I_2 : float
        Their jumps at a spike (pA).
    r_1, r_2 : float
        What is left of them at a spike, as a fraction.
    tau_s : float
        Time constant of the threshold's part that spikes raise (ms).
    delta_theta : float
        Its jump at a spike (mV).
    a_v : float
        How fast V raises the threshold (1/ms).
    tau_v : float
        Time constant of that part (ms).
    t_ref : float
        Refractory time (ms).
    I_e : float
        Constant current (pA).
    hold : bool
        False: V and theta_v run while refractory.

    States: ``v`` (mV), ``I_1``, ``I_2`` (pA), ``theta_s``, ``theta_v`` (mV).

    Examples
    --------
    >>> import spikesim as ss
    >>> net = ss.Network(seed=1)
    >>> cell = net.population("cell", 1, ss.GLIF(I_e=400.0, delta_theta=2.0, delta_I_1=-20.0))
    >>> net.record(cell, "spikes", "theta_s")
    >>> net.run(200.0, progress=False).spikes["cell"].count() > 3
    True
    """

    C_m: float = 58.72
    g_L: float = 9.43
    E_L: float = -78.85
    V_th: float = -51.68
    f_v: float = 0.0
    delta_V: float = 0.0
    tau_1: float = 333.3
    tau_2: float = 10.0
    delta_I_1: float = 0.0
    delta_I_2: float = 0.0
    r_1: float = 1.0
    r_2: float = 1.0
    tau_s: float = 100.0
    delta_theta: float = 0.0
    a_v: float = 0.0
    tau_v: float = 50.0
    t_ref: float = 3.0
    I_e: float = 0.0

    @equation
    def slope(s, u, p):
        v, I_1, I_2, theta_s, theta_v = s
        dv = (p.g_L * (p.E_L - v) + I_1 + I_2 + u.current - u.conductance * v + p.I_e) / p.C_m
        return (dv, -I_1 / p.tau_1, -I_2 / p.tau_2, -theta_s / p.tau_s, p.a_v * (v - p.E_L) - theta_v / p.tau_v)

    @equation
    def margin(s, p):
        return s[0] - p.V_th - s[3] - s[4]

    @equation
    def reset(s, p):
        v, I_1, I_2, theta_s, theta_v = s
        return (
            p.E_L + p.f_v * (v - p.E_L) - p.delta_V,
            p.r_1 * I_1 + p.delta_I_1,
            p.r_2 * I_2 + p.delta_I_2,
            theta_s + p.delta_theta,
            theta_v,
        )

    @equation
    def rest(p):
        return (p.E_L, 0.0, 0.0, 0.0, 0.0)
