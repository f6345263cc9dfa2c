"""NMDA receptors, whose channels magnesium blocks at low potentials,

    B(v) = 1 / (1 + [Mg] / 3.57 mM exp(-0.062 v / mV))               (Jahr and Stevens 1990, J. Neurosci. 10:3178)

and which saturate: what is bound cannot be bound again (Brunel and Wang 2001, J. Comput. Neurosci. 11:63-85, eqs. 6-7).
"""

from __future__ import annotations

from typing import Any, NamedTuple

from numba.extending import register_jitable

from ..jit import exp
from ..neurons.contract import Input, equation
from .equations import synapse

__all__ = ["MgNMDA", "NMDASaturating"]


@register_jitable(forceinline=True)
def unblocked(v: Any, Mg: Any) -> Any:
    """Share of the open channels that magnesium (mM) does not block at v (mV)."""
    return 1.0 / (1.0 + Mg / 3.57 * exp(-0.062 * v))


@synapse(states=("g",), nonnegative=("Mg",))
class MgNMDA(NamedTuple):
    """g' = -g / tau;  current g B(v) (E_rev - v);  a spike adds its weight (nS) to g.

    Parameters
    ----------
    tau : float
        Time constant (ms).
    E_rev : float
        Reversal potential (mV).
    Mg : float
        Concentration of magnesium (mM).

    Examples
    --------
    >>> import spikesim as ss
    >>> ss.MgNMDA(tau=80.0)
    MgNMDA(tau=80.0, E_rev=0.0, Mg=1.0)
    """

    tau: Any = 100.0
    E_rev: Any = 0.0
    Mg: Any = 1.0

    @equation
    def slope(f: Any, p: Any) -> Any:
        return (-f[0] / p.tau,)

    @equation
    def jump(f: Any, w: Any, p: Any) -> Any:
        return (f[0] + w,)

    @equation
    def input(f: Any, v: Any, p: Any) -> Any:
        g = f[0] * unblocked(v, p.Mg)
        return Input(g * p.E_rev, g)


@synapse(states=("x", "s"), nonnegative=("g", "alpha", "Mg"))
class NMDASaturating(NamedTuple):
    """x' = -x / tau_rise,  s' = -s / tau_decay + alpha x (1 - s);  current g s B(v) (E_rev - v).

    A spike adds its weight (a number; 1: all of its transmitter) to x; g is the conductance when all channels are open.
    The states are the target's: spikes that reach it through one synapse value, from whatever source, compete for
    the same channels.  Where each source has channels of its own (as in the original), give each a projection with
    another `g`, or use a `release` that saturates.

    Parameters
    ----------
    g : float
        Conductance of all channels (nS).
    tau_rise, tau_decay : float
        Time constants of the transmitter and of the channels (ms).
    alpha : float
        Rate of opening (1/ms).
    E_rev : float
        Reversal potential (mV).
    Mg : float
        Concentration of magnesium (mM).

    Examples
    --------
    >>> import spikesim as ss
    >>> ss.NMDASaturating(g=0.327)
    NMDASaturating(g=0.327, tau_rise=2.0, tau_decay=100.0, alpha=0.5, E_rev=0.0, Mg=1.0)
    """

    g: Any = 1.0
    tau_rise: Any = 2.0
    tau_decay: Any = 100.0
    alpha: Any = 0.5
    E_rev: Any = 0.0
    Mg: Any = 1.0

    @equation
    def slope(f: Any, p: Any) -> Any:
        x, s = f
        return (-x / p.tau_rise, -s / p.tau_decay + p.alpha * x * (1.0 - s))

    @equation
    def jump(f: Any, w: Any, p: Any) -> Any:
        return (f[0] + w, f[1])

    @equation
    def input(f: Any, v: Any, p: Any) -> Any:
        g = p.g * f[1] * unblocked(v, p.Mg)
        return Input(g * p.E_rev, g)
