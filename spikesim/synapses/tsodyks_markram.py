r"""Depression and facilitation by resources (Tsodyks, Pawelzik and Markram 1998, Neural Comput. 10:821-835, eqs. 2-4).

    dx/dt = z / tau_rec,   dy/dt = -y / tau_in,   x + y + z = 1,   du/dt = -u / tau_fac       between spikes
    u <- u + U (1 - u),    then  r = u x:   x <- x - r,  y <- y + r                           at a spike

x: resources that are there, y: in use, z: being recovered.  A spike transmits r times the weight.  With tau_in = 0 used
resources are recovered from the start, and r follows the recurrence

    u_(n+1) = U + u_n (1 - U) exp(-dt / tau_fac),     x_(n+1) = 1 + (x_n - u_n x_n - 1) exp(-dt / tau_rec)

(Maass and Markram 2002; NEST's tsodyks2_synapse).  With tau_in > 0 it is NEST's tsodyks_synapse (there tau_psc).
The first spike finds u = 0, x = 1 and transmits U, at whatever time it comes.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from ..jit import exp, expm1, where
from ..neurons.contract import equation
from .release import release

__all__ = ["TsodyksMarkram"]


@release(states=("u", "x", "y"), fractions=("U",), nonnegative=("tau_fac", "tau_in"))
class TsodyksMarkram(NamedTuple):
    """Short-term depression and facilitation: a spike transmits u x of the weight.

    Parameters
    ----------
    U : float, or array or distribution of one a source
        Share of the resources that the first spike uses, from 0 to 1.
    tau_rec : float, ...
        Time constant of recovery (ms).
    tau_fac : float, ...
        Time constant of facilitation (ms); 0: none, every spike uses U.
    tau_in : float, ...
        Time constant of the resources in use (ms), after which their recovery begins; 0: at once.

    Examples
    --------
    >>> import spikesim as ss
    >>> net = ss.Network()
    >>> source = net.population("source", 1, ss.SpikeTimes([[10.0, 30.0, 50.0]]))
    >>> cell = net.population("cell", 1, ss.LIF())
    >>> depressing = ss.TsodyksMarkram(U=0.5, tau_rec=800.0)
    >>> _ = net.connect(source, cell, ss.all_to_all(), weight=100.0, delay=1.0, synapse=ss.Exponential(3.0),
    ...                 release=depressing)
    """

    U: Any = 0.5
    tau_rec: Any = 800.0
    tau_fac: Any = 0.0
    tau_in: Any = 0.0

    @equation
    def between(s: Any, dt: Any, p: Any) -> Any:
        u, x, y = s
        faded = where(p.tau_fac > 0.0, u * exp(-dt / where(p.tau_fac > 0.0, p.tau_fac, 1.0)), 0.0)
        recovering = exp(-dt / p.tau_rec)
        tau_in = where(p.tau_in > 0.0, p.tau_in, 1.0)
        in_use = where(p.tau_in > 0.0, exp(-dt / tau_in), 0.0)
        # of what was in use, what is neither in use nor back: tau_in (e_rec - e_in) / (tau_rec - tau_in), also at 0 / 0
        apart = abs(1.0 / tau_in - 1.0 / p.tau_rec) * dt
        mean = where(apart > 1e-9, -expm1(-apart) / where(apart > 1e-9, apart, 1.0), 1.0 - 0.5 * apart)
        later = where(in_use > recovering, in_use, recovering) * mean * dt / p.tau_rec
        kept = where(p.tau_in > 0.0, y * later, 0.0)
        return (faded, 1.0 - (1.0 - x) * recovering - kept, y * in_use)

    @equation
    def on_spike(s: Any, p: Any) -> Any:
        u, x, y = s
        u = u + p.U * (1.0 - u)
        return (u, x - u * x, y + u * x), u * x
