"""Inhibitory plasticity that brings targets to a rate (Vogels, Sprekeler, Zenke, Clopath and Gerstner 2011, Science
334:1569-1573):

    at a presynaptic spike    w <- w + eta (y - alpha),  alpha = 2 rho_0 tau
    at a postsynaptic spike   w <- w + eta x

with traces x, y that jump by 1 and decay with tau, and rho_0 the rate at which targets settle.
"""

from __future__ import annotations

from math import inf
from typing import NamedTuple

from ..neurons.contract import equation
from .declared import plasticity

__all__ = ["Vogels2011"]


@plasticity(pre={"x": "tau"}, post={"y": "tau"}, nonnegative=("target",))
class Vogels2011(NamedTuple):
    """Symmetric inhibitory plasticity (Vogels et al. 2011).

    Parameters
    ----------
    eta : float
        Learning rate, in the unit of the weight.  Of a conductance it is positive; of a negative current negative,
        with ``w_min=-inf, w_max=0``.
    target : float
        Rate (Hz) at which targets settle.
    tau : float
        Time constant of the traces (ms).
    w_min, w_max : float
        Bounds of the weight, in its unit.

    Examples
    --------
    >>> import spikesim as ss
    >>> ss.Vogels2011(eta=0.05, target=5.0).w_max
    inf
    """

    eta: float
    target: float
    tau: float = 20.0
    w_min: float = 0.0
    w_max: float = inf

    @equation
    def on_pre(s, pre, post, p):
        return s.w + p.eta * (post.y - 2e-3 * p.target * p.tau), pre.x + 1.0

    @equation
    def on_post(s, pre, post, p):
        return s.w + p.eta * pre.x, post.y + 1.0
