"""Nearest-neighbour pairing (Morrison, Diesmann and Gerstner 2008, Biol. Cybern. 98:459-478, figure 7).

=========== ============================================================================ ================
scheme      who is paired                                                                here
=========== ============================================================================ ================
symmetric   every spike with the latest of the other side (their 7A)                     STDP, "nearest"
presynaptic every presynaptic spike with the latest and the next postsynaptic one (7B)   PresynapticSTDP
restricted  the same, of immediate neighbours: each spike is in one pair a side (7C)     RestrictedSTDP
=========== ============================================================================ ================

A pair at lag s = t_post - (t_pre + delay) changes the weight by A_plus exp(-s / tau_plus) (1 - u)^mu_plus for s >= 0
and by -A_minus exp(s / tau_minus) u^mu_minus for s < 0, u = (w - w_min) / (w_max - w_min), as in :mod:`.stdp`.
What a spike of one side has still to be paired with depends on the other side, so it is a variable of the synapse.
"""

from __future__ import annotations

from typing import NamedTuple

from ..neurons.contract import equation
from .declared import plasticity
from .dependence import soft

__all__ = ["PresynapticSTDP", "RestrictedSTDP"]


@plasticity(synapse={"x": "tau_plus"}, post={"y": "tau_minus"}, nonnegative=("mu_plus", "mu_minus"))
class PresynapticSTDP(NamedTuple):
    """Pair-based plasticity, presynaptically centred nearest neighbours (NEST: ``stdp_nn_pre_centered_synapse``).

    Parameters
    ----------
    A_plus, A_minus, w_min, w_max, tau_plus, tau_minus, mu_plus, mu_minus : float
        See :class:`STDP`.

    Examples
    --------
    >>> import spikesim as ss
    >>> ss.PresynapticSTDP(A_plus=0.01, A_minus=0.012, w_max=1.0).tau_plus
    20.0
    """

    A_plus: float
    A_minus: float
    w_max: float
    w_min: float = 0.0
    tau_plus: float = 20.0
    tau_minus: float = 20.0
    mu_plus: float = 0.0
    mu_minus: float = 0.0

    @equation
    def on_pre(s, pre, post, p):
        return soft(s.w, -p.A_minus * post.y, p), s.x + 1.0

    @equation
    def on_post(s, pre, post, p):
        return (soft(s.w, p.A_plus * s.x, p), 0.0), 1.0


@plasticity(synapse={"x": "tau_plus", "y": "tau_minus"}, nonnegative=("mu_plus", "mu_minus"))
class RestrictedSTDP(NamedTuple):
    """Pair-based plasticity, immediate neighbours only (NEST: ``stdp_nn_restr_synapse``).

    Parameters
    ----------
    A_plus, A_minus, w_min, w_max, tau_plus, tau_minus, mu_plus, mu_minus : float
        See :class:`STDP`.

    Examples
    --------
    >>> import spikesim as ss
    >>> ss.RestrictedSTDP(A_plus=0.01, A_minus=0.012, w_max=1.0).tau_plus
    20.0
    """

    A_plus: float
    A_minus: float
    w_max: float
    w_min: float = 0.0
    tau_plus: float = 20.0
    tau_minus: float = 20.0
    mu_plus: float = 0.0
    mu_minus: float = 0.0

    @equation
    def on_pre(s, pre, post, p):
        return soft(s.w, -p.A_minus * s.y, p), 1.0, 0.0

    @equation
    def on_post(s, pre, post, p):
        return soft(s.w, p.A_plus * s.x, p), 0.0, 1.0
