"""Homeostatic scaling (Turrigiano et al. 1998, Nature 391:892; van Rossum et al. 2000, J. Neurosci. 20:8812):

    dw/dt = beta w (rho_0 - a),   a = y / tau

with a the rate of the target, measured by a trace y that jumps by 1 at its spikes and decays with tau.  All weights
onto a neuron are scaled by the same factor, exp(beta (rho_0 - a) dt), every `every` ms.
"""

from __future__ import annotations

from typing import NamedTuple

from ..jit import exp
from ..neurons.contract import equation
from .declared import plasticity

__all__ = ["HomeostaticScaling"]


@plasticity(post={"y": "tau"}, nonnegative=("target",))
class HomeostaticScaling(NamedTuple):
    """Scaling of all weights onto a neuron towards a rate.

    Parameters
    ----------
    beta : float
        Rate of scaling: by how much ln(w) changes a ms and Hz off target.
    target : float
        Rate (Hz).
    w_max, w_min : float
        Bounds of the weight, in its unit.
    tau : float
        Over which the rate is measured (ms).
    every : float
        Interval of scaling (ms), a multiple of dt.

    Examples
    --------
    >>> import spikesim as ss
    >>> ss.HomeostaticScaling(beta=1e-4, target=5.0, w_max=1.0).every
    10.0
    """

    beta: float
    target: float
    w_max: float
    w_min: float = 0.0
    tau: float = 1000.0
    every: float = 10.0

    @equation
    def on_step(s, pre, post, p, dt):
        return s.w * exp(p.beta * dt * (p.target - 1e3 * post.y / p.tau))
