"""The integrate-and-fire neuron of NIR, without a leak and with a hard reset.

dv/dt = gain (I + I_e)          v >= V_th: spike, v = V_reset
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from ...neurons.contract import equation, model

__all__ = ["Integrator"]


@model(states=("v",), positive=("gain",), ordered=(("V_reset", "V_th"),))
class Integrator(NamedTuple):
    """Perfect integrator with hard reset: NIR's IF, and with V_th = inf its I.

    Parameters
    ----------
    gain : float
        Rise of v per time and unit of current (1 / (ms pA)).
    V_th : float
        Threshold; ``inf`` never fires.
    V_reset : float
        Potential after a spike, below V_th.
    I_e : float
        Constant current (pA).

    States: ``v``.  Linear, hence stepped exactly.
    """

    gain: float = 1e-3
    V_th: float = math.inf
    V_reset: float = 0.0
    I_e: float = 0.0

    @equation
    def slope(s, u, p):
        return (p.gain * (u.current + p.I_e),)

    @equation
    def margin(s, p):
        return s[0] - p.V_th

    @equation
    def reset(s, p):
        return (p.V_reset,)

    @equation
    def rest(p):
        return (np.asarray(p.V_reset) + 0.0 if np.ndim(p.V_reset) else p.V_reset,)
