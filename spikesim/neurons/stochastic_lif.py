"""Leaky integrate-and-fire with escape noise (Gerstner and Kistler 2002, Spiking Neuron Models, section 5.3).

    C_m dV/dt = -(C_m / tau_m) (V - E_L) + I + I_e,    hazard = rho_0 exp((V - V_th) / Delta_V)   (1/ms)

A spike comes in a step with probability 1 - exp(-hazard dt); then V = V_reset for t_ref.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from ..jit import exp, where
from .contract import equation, model
from .lif import LIF

__all__ = ["StochasticLIF"]

LARGEST = 100.0  # of the exponent: far beyond any hazard that makes a spike certain


@model(states=("v",), order=math.inf, positive=("rho_0", "Delta_V"))
class StochasticLIF(NamedTuple):
    """Leaky integrate-and-fire neuron that fires by chance, the likelier the higher V is.

    Parameters
    ----------
    tau_m : float
        Membrane time constant (ms).
    C_m : float
        Membrane capacitance (pF).
    E_L : float
        Resting potential (mV).
    V_th : float
        Potential at which the hazard is rho_0 (mV).
    V_reset : float
        Potential after a spike (mV).
    t_ref : float
        Time for which V is held at V_reset (ms).
    rho_0 : float
        Hazard at V_th (1/ms), > 0.
    Delta_V : float
        Width of the threshold (mV), > 0.
    I_e : float
        Constant current (pA).
    hold : bool
        False: V runs while refractory.

    States: ``v`` (mV).  `flow` is exact for constant current and conductance.

    Examples
    --------
    >>> import spikesim as ss
    >>> net = ss.Network(seed=1)
    >>> cells = net.population("cells", 100, ss.StochasticLIF(I_e=300.0))
    >>> net.record(cells, "spikes")
    >>> net.run(200.0, progress=False).spikes["cells"].count() > 100
    True
    """

    tau_m: float = 10.0
    C_m: float = 250.0
    E_L: float = -70.0
    V_th: float = -55.0
    V_reset: float = -70.0
    t_ref: float = 2.0
    rho_0: float = 0.1
    Delta_V: float = 2.0
    I_e: float = 0.0

    slope = equation(LIF.slope)  # type: ignore[misc]
    flow = equation(LIF.flow)  # type: ignore[misc]

    @equation
    def hazard(s, p):
        exponent = (s[0] - p.V_th) / p.Delta_V
        return p.rho_0 * exp(where(exponent < LARGEST, exponent, LARGEST))

    reset = equation(LIF.reset)  # type: ignore[misc]
    rest = equation(LIF.rest)  # type: ignore[misc]
