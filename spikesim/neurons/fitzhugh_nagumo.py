"""FitzHugh-Nagumo (FitzHugh 1961, Biophys. J. 1:445, eq. 1 and 2; Nagumo et al. 1962).

    tau dv/dt = v - v^3/3 - w + I + I_e              v crossing v_spike upward is recorded; there is no reset
    tau dw/dt = epsilon (v + a - b w)

No quantity has a unit; tau says how many ms its unit of time is.  In FitzHugh's letters v = -x, w = -y, I = -z, and
epsilon = 1/c^2, with time in units of c.  Without input the fixed point is stable; it loses stability where
1 - v^2 = b epsilon (Hopf), at I = w + v^3/3 - v with w = (v + a) / b: 0.3313 and 1.4187 for the defaults.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .contract import equation, model
from .root import lowest_root

__all__ = ["FitzHughNagumo"]


@model(states=("v", "w"), positive=("epsilon", "b"), unbounded=())
class FitzHughNagumo(NamedTuple):
    """FitzHugh's two-variable model of excitability.

    Parameters
    ----------
    a, b : float
        Offset and slope of the line on which w stands still; b > 0.
    epsilon : float
        How much slower w is than v, > 0.
    tau : float
        Unit of time (ms).
    v_spike : float
        A spike is an upward crossing of this v.
    I_e : float
        Constant input.

    States: ``v``, ``w``.  The step is the Runge-Kutta method of order 4.

    Examples
    --------
    >>> import spikesim as ss
    >>> net = ss.Network(seed=1)
    >>> cell = net.population("cell", 1, ss.FitzHughNagumo(I_e=0.5))
    >>> net.record(cell, "spikes")
    >>> net.run(200.0, progress=False).spikes["cell"].count() > 2
    True
    """

    a: float = 0.7
    b: float = 0.8
    epsilon: float = 0.08
    tau: float = 1.0
    v_spike: float = 0.5
    I_e: float = 0.0

    @equation
    def slope(s, u, p):
        v, w = s
        dv = (1.0 - u.conductance - v * v * (1.0 / 3.0)) * v - w + u.current + p.I_e
        return (dv / p.tau, p.epsilon * (v + p.a - p.b * w) / p.tau)

    @equation
    def margin(s, p):
        return s[0] - p.v_spike

    @equation
    def rest(p):
        # v^3/3 + (1/b - 1) v + a/b = 0; a cubic is of the sign of its first term beyond the sum of these bounds
        linear, constant = 1.0 / np.asarray(p.b) - 1.0, np.asarray(p.a) / p.b
        reach = 1.0 + np.sqrt(6.0 * np.abs(linear)) + np.cbrt(6.0 * np.abs(constant))
        v = lowest_root(lambda x: (x * x / 3.0 + linear) * x + constant < 0.0, (-reach, reach))
        w = (v + p.a) / p.b
        return (float(v), float(w)) if np.ndim(w) == 0 else (v, w)
