"""The rule of Bienenstock, Cooper and Munro (1982, J. Neurosci. 2:32-48) in spikes:

    at a postsynaptic spike   w <- w + eta x (y / tau_y - theta)

x and y jump by 1 at spikes of either side and decay with tau_x and tau_y, so that y / tau_y is the rate of the target.
The threshold slides with its square: at each postsynaptic spike theta grows by (y / tau_y) / (rho_0 tau_theta); it
decays with tau_theta, so that in the mean theta = rate^2 / rho_0, and rho_0 is where the rule rests.
"""

from __future__ import annotations

from typing import NamedTuple

from ..neurons.contract import equation
from .declared import plasticity

__all__ = ["BCM"]


@plasticity(pre={"x": "tau_x"}, post={"y": "tau_y", "theta": "tau_theta"}, positive=("target",))
class BCM(NamedTuple):
    """Plasticity with a sliding threshold (Bienenstock, Cooper and Munro 1982).

    Parameters
    ----------
    eta : float
        Learning rate, in the unit of the weight times ms.
    target : float
        Rate (Hz) at which the threshold equals the rate.
    w_max, w_min : float
        Bounds of the weight, in its unit.
    tau_x, tau_y, tau_theta : float
        Time constants of the traces and of the threshold (ms).

    Examples
    --------
    >>> import spikesim as ss
    >>> rule = ss.BCM(eta=0.01, target=5.0, w_max=1.0)
    >>> rule.pre, rule.post
    ({'x': 'tau_x'}, {'y': 'tau_y', 'theta': 'tau_theta'})
    """

    eta: float
    target: float
    w_max: float
    w_min: float = 0.0
    tau_x: float = 20.0
    tau_y: float = 100.0
    tau_theta: float = 1000.0

    @equation
    def on_pre(s, pre, post, p):
        return s.w, pre.x + 1.0

    @equation
    def on_post(s, pre, post, p):
        rate = post.y / p.tau_y
        change = p.eta * pre.x * (rate - post.theta)
        return s.w + change, (post.y + 1.0, post.theta + rate / (1e-3 * p.target * p.tau_theta))
