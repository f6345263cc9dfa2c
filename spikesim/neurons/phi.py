"""phi_1(z) = (1 - e^-z) / z and phi_2(z) = (1 - phi_1(z)) / z for z >= 0, without an exponential.

From the (1, 2) Padé approximant e^-z = (1 - z/3) / (1 + 2z/3 + z^2/6): exact to third order at 0 (where the
formulas are 0/0), and e^-inf = 0 is kept.  So x + h x' phi_1(h / tau) advances tau x' = x_inf - x by h, and
however large h is, it does not run away.
"""

from __future__ import annotations

from typing import Any

from numba.extending import register_jitable

__all__ = ["phi_1", "phi_2"]


@register_jitable(forceinline=True)
def _denominator(z: Any) -> Any:
    return 1.0 + z * (2.0 / 3.0 + z * (1.0 / 6.0))


@register_jitable(forceinline=True)
def phi_1(z: Any) -> Any:
    """(1 - e^-z) / z."""
    return (1.0 + z * (1.0 / 6.0)) / _denominator(z)


@register_jitable(forceinline=True)
def phi_2(z: Any) -> Any:
    """(e^-z - 1 + z) / z^2."""
    return (0.5 + z * (1.0 / 6.0)) / _denominator(z)
