"""Release by chance: of all synapses of a source together, or quantum by quantum.

all or nothing   a spike transmits 1 with probability p, else 0
quanta           n sites, some filled; u as in `tsodyks_markram`.  Since the last spike each empty site has been
                 filled again with probability 1 - exp(-dt / tau_rec); a spike empties each filled one with
                 probability u, and transmits as many weights as sites were emptied
                 (Fuhrmann et al. 2002, J. Neurophysiol. 87:140-148; NEST's quantal_stp_synapse)
"""

from __future__ import annotations

from typing import Any, NamedTuple

from ..jit import exp, where
from ..neurons.contract import equation
from ..random import binomial
from .release import release

__all__ = ["QuantalRelease", "StochasticRelease"]


@release(states=("transmitted",), fractions=("p",))
class StochasticRelease(NamedTuple):
    """A spike of a source is transmitted with probability `p`, to all its targets or to none.

    Parameters
    ----------
    p : float, or array or distribution of one a source
        From 0 to 1.

    Examples
    --------
    >>> import spikesim as ss
    >>> ss.StochasticRelease(0.3)
    StochasticRelease(p=0.3)
    """

    p: Any = 0.5

    @equation
    def between(s: Any, dt: Any, p: Any) -> Any:
        return s

    @equation
    def on_spike(s: Any, p: Any, z: Any) -> Any:
        factor = where(z[0] < p.p, 1.0, 0.0)
        return (factor,), factor


@release(states=("u", "filled", "refilled"), fractions=("U",), positive=("n",), nonnegative=("tau_fac",), draws=2)
class QuantalRelease(NamedTuple):
    """Quanta from n sites, with depression and facilitation; the weight is that of one quantum.

    Parameters
    ----------
    n : float, or array of one a source
        Sites.
    U : float, or array or distribution of one a source
        Probability that the first spike empties a site, from 0 to 1.
    tau_rec, tau_fac : float, ...
        Time constants of filling and of facilitation (ms); tau_fac = 0: no facilitation.

    Examples
    --------
    >>> import spikesim as ss
    >>> ss.QuantalRelease(n=5, U=0.4, tau_rec=300.0)
    QuantalRelease(n=5.0, U=0.4, tau_rec=300.0, tau_fac=0.0)
    """

    n: Any = 1.0
    U: Any = 0.5
    tau_rec: Any = 800.0
    tau_fac: Any = 0.0

    @equation
    def between(s: Any, dt: Any, p: Any) -> Any:
        u, filled, refilled = s
        faded = where(p.tau_fac > 0.0, u * exp(-dt / where(p.tau_fac > 0.0, p.tau_fac, 1.0)), 0.0)
        return (faded, filled, 1.0 - (1.0 - refilled) * exp(-dt / p.tau_rec))

    @equation
    def on_spike(s: Any, p: Any, z: Any) -> Any:
        u = s[0] + p.U * (1.0 - s[0])
        filled = s[1] + binomial(p.n - s[1], s[2], z[0])
        released = binomial(filled, u, z[1])
        return (u, filled - released, 0.0), released

    @equation
    def rest(p: Any) -> Any:
        return (0.0, p.n, 1.0)
