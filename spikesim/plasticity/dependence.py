"""How a change depends on the weight that it meets (Guetig et al. 2003, J. Neurosci. 23:3697; see :mod:`.contract`)."""

from __future__ import annotations

from numba.extending import register_jitable

from ..jit import where

__all__ = ["marked", "power", "soft"]


@register_jitable(forceinline=True)
def power(u, mu):
    """u^mu for u >= 0; the two usual cases without a logarithm."""
    if mu == 0.0:
        return 1.0
    return u if mu == 1.0 else u**mu


@register_jitable(forceinline=True)
def marked(trace, nearest):
    """A trace after a spike: 1 more, or (nearest > 0) 1."""
    return where(nearest > 0.0, 1.0, trace + 1.0)


@register_jitable(forceinline=True)
def soft(w, change, rule):
    """w + F(change), within its bounds."""
    u = (w - rule.w_min) / (rule.w_max - rule.w_min)
    factor = power(1.0 - u, rule.mu_plus) if change > 0.0 else power(u, rule.mu_minus)
    return min(max(w + change * factor, rule.w_min), rule.w_max)
