"""The equations of :mod:`.contract` as rules with equations of their own.

(Normalisation is not among them; of what waits for a reward, what spikes do to the eligibility is.)
"""

from __future__ import annotations

from typing import Any, NamedTuple

from ..neurons.contract import equation
from .contract import Law
from .declared import plasticity
from .dependence import marked, soft

__all__ = ["as_equations"]


@plasticity(pre={"x": "tau_plus"}, post={"y": "tau_minus"})
class Pairs(NamedTuple):
    """Pairs of spikes."""

    A_plus: float
    A_minus: float
    A_pre: float
    A_post: float
    mu_plus: float
    mu_minus: float
    nearest: float
    tau_plus: float
    tau_minus: float
    w_min: float
    w_max: float

    @equation
    def on_pre(s, pre, post, p):
        return soft(s.w, p.A_pre - p.A_minus * post.y, p), marked(pre.x, p.nearest)

    @equation
    def on_post(s, pre, post, p):
        return soft(s.w, p.A_post + p.A_plus * pre.x, p), marked(post.y, p.nearest)


@plasticity(pre={"x": "tau_plus", "x2": "tau_x"}, post={"y": "tau_minus", "y2": "tau_y"})
class Triplets(NamedTuple):
    """Pairs and triplets of spikes."""

    A_plus: float
    A_minus: float
    A3_plus: float
    A3_minus: float
    A_pre: float
    A_post: float
    mu_plus: float
    mu_minus: float
    nearest: float
    tau_plus: float
    tau_minus: float
    tau_x: float
    tau_y: float
    w_min: float
    w_max: float

    @equation
    def on_pre(s, pre, post, p):
        change = p.A_pre - post.y * (p.A_minus + p.A3_minus * pre.x2)
        return soft(s.w, change, p), (marked(pre.x, p.nearest), marked(pre.x2, p.nearest))

    @equation
    def on_post(s, pre, post, p):
        change = p.A_post + pre.x * (p.A_plus + p.A3_plus * post.y2)
        return soft(s.w, change, p), (marked(post.y, p.nearest), marked(post.y2, p.nearest))


@plasticity(synapse={"c": None}, pre={"x": "tau_plus"}, post={"y": "tau_minus"})
class Eligibility(NamedTuple):
    """What pairs of spikes would change, remembered in c."""

    A_plus: float
    A_minus: float
    nearest: float
    tau_plus: float
    tau_minus: float
    w_min: float
    w_max: float

    @equation
    def on_pre(s, pre, post, p):
        return (s.w, s.c - p.A_minus * post.y), marked(pre.x, p.nearest)

    @equation
    def on_post(s, pre, post, p):
        return (s.w, s.c + p.A_plus * pre.x), marked(post.y, p.nearest)


def as_equations(law: Law) -> Any:
    """Return the rule of a law; its numbers have been checked."""
    rule: Any = Eligibility if law.tau_c else Triplets if law.A3_plus or law.A3_minus else Pairs
    return tuple.__new__(rule, [float(getattr(law, name)) for name in rule._fields])
