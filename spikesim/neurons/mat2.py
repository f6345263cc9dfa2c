"""Multi-timescale adaptive threshold (Kobayashi et al. 2009, Front. Comput. Neurosci. 3:9, eq. 1 to 3).

    tau_m dV/dt = -(V - E_L) + (tau_m / C_m) (I + I_e)
       dh_j/dt  = -h_j / tau_j,   j = 1, 2               V >= V_th + h_1 + h_2: spike, h_j <- h_j + alpha_j

V is never reset and goes on; within t_ref of a spike there is no other.  Everything is linear: it is advanced exactly.
"""

from __future__ import annotations

from typing import NamedTuple

from .contract import equation, model

__all__ = ["MAT2"]


@model(states=("v", "h_1", "h_2"), clamped=())
class MAT2(NamedTuple):
    """Leaky integrator with a threshold that spikes raise on two time scales; defaults of NEST's `mat2_psc_exp`.

    Parameters
    ----------
    tau_m : float
        Membrane time constant (ms).
    C_m : float
        Membrane capacitance (pF).
    E_L : float
        Resting potential (mV).
    V_th : float
        Threshold at rest (mV); NEST's omega is V_th - E_L.
    alpha_1, alpha_2 : float
        Jumps of the threshold at a spike (mV).
    tau_1, tau_2 : float
        Time constants of their decay (ms).
    t_ref : float
        Least time between two spikes (ms).
    I_e : float
        Constant current (pA).
    hold : bool
        Whether the states stand still while the neuron is refractory.

    States: ``v``, ``h_1``, ``h_2`` (mV).

    Examples
    --------
    >>> import spikesim as ss
    >>> net = ss.Network(seed=1)
    >>> cell = net.population("cell", 1, ss.MAT2(I_e=500.0))
    >>> net.record(cell, "spikes", "h_1")
    >>> net.run(200.0, progress=False).spikes["cell"].count() > 3
    True
    """

    tau_m: float = 5.0
    C_m: float = 100.0
    E_L: float = -70.0
    V_th: float = -51.0
    alpha_1: float = 37.0
    alpha_2: float = 2.0
    tau_1: float = 10.0
    tau_2: float = 200.0
    t_ref: float = 2.0
    I_e: float = 0.0

    @equation
    def slope(s, u, p):
        v, h_1, h_2 = s
        dv = (-(p.C_m / p.tau_m) * (v - p.E_L) + u.current - u.conductance * v + p.I_e) / p.C_m
        return (dv, -h_1 / p.tau_1, -h_2 / p.tau_2)

    @equation
    def margin(s, p):
        return s[0] - p.V_th - s[1] - s[2]

    @equation
    def reset(s, p):
        return (s[0], s[1] + p.alpha_1, s[2] + p.alpha_2)

    @equation
    def rest(p):
        return (p.E_L, 0.0, 0.0)
