"""Voltage-based plasticity (Clopath, Buesing, Vasilaki and Gerstner 2010, Nature Neuroscience 13:344-352):

    at a presynaptic spike   w <- w - A_LTD [u_minus - theta_minus]+
    at all times             dw/dt = A_LTP x [v - theta_plus]+ [u_plus - theta_minus]+

    tau_x dx/dt = -x + spikes of the source,   tau_(+-) du_(+-)/dt = v - u_(+-)

The second is taken at every step.  An integrate-and-fire neuron has no spike to see; `t_spike` stands one in its place:
a rectangle of that width at V_spike, felt at the moment of the spike, which adds A_LTP x (V_spike - theta_plus)
[u_plus - theta_minus]+ t_spike to w and brings u_plus and u_minus nearer to V_spike by 1 - exp(-t_spike / tau).
"""

from __future__ import annotations

from typing import NamedTuple

from numba.extending import register_jitable

from ..jit import exp, where
from ..neurons.contract import equation
from .declared import plasticity

__all__ = ["Clopath2010"]


@register_jitable(forceinline=True)
def above(u, theta):
    """[u - theta]+."""
    return where(u > theta, u - theta, 0.0)


@plasticity(
    pre={"x": "tau_x"}, post={"u_minus": ("v", "tau_minus"), "u_plus": ("v", "tau_plus")}, nonnegative=("t_spike",)
)
class Clopath2010(NamedTuple):
    """Voltage-based plasticity (Clopath et al. 2010); their names and their values for visual cortex (table 1b).

    Parameters
    ----------
    A_LTD, A_LTP : float
        Amplitudes: unit of the weight a mV, and a mV^2.
    w_max, w_min : float
        Bounds of the weight, in its unit.
    theta_minus, theta_plus : float
        Thresholds (mV).
    tau_x, tau_minus, tau_plus : float
        Time constants of the trace of the source and of the filtered potentials (ms).
    V_spike, t_spike : float
        Height (mV) and width (ms) of the spike of a neuron that has none of its own; t_spike = 0: what v shows.

    Examples
    --------
    >>> import spikesim as ss
    >>> ss.Clopath2010(w_max=2.0).A_LTP
    8e-05
    """

    A_LTD: float = 14e-5
    A_LTP: float = 8e-5
    w_max: float = 3.0
    w_min: float = 0.0
    theta_minus: float = -70.6
    theta_plus: float = -45.3
    tau_x: float = 15.0
    tau_minus: float = 10.0
    tau_plus: float = 7.0
    V_spike: float = 33.0
    t_spike: float = 0.0

    @equation
    def on_pre(s, pre, post, p):
        return s.w - p.A_LTD * above(post.u_minus, p.theta_minus), pre.x + 1.0 / p.tau_x

    @equation
    def on_post(s, pre, post, p):
        seen = above(p.V_spike, p.theta_plus) * above(post.u_plus, p.theta_minus) * p.t_spike
        u_minus = p.V_spike + (post.u_minus - p.V_spike) * exp(-p.t_spike / p.tau_minus)
        u_plus = p.V_spike + (post.u_plus - p.V_spike) * exp(-p.t_spike / p.tau_plus)
        return s.w + p.A_LTP * pre.x * seen, (u_minus, u_plus)

    @equation
    def active(post, p):
        return above(post.v, p.theta_plus) * above(post.u_plus, p.theta_minus)

    @equation
    def on_step(s, pre, post, p, dt):
        return s.w + dt * p.A_LTP * pre.x * above(post.v, p.theta_plus) * above(post.u_plus, p.theta_minus)
