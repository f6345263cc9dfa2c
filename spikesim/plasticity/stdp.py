"""Spike-timing-dependent plasticity, by pairs and by triplets of spikes; the equations stand in contract.py.

A pair at lag s = t_post - (t_pre + delay) changes the weight by

    s >= 0:  + A_plus  exp(-s / tau_plus)  (1 - u)^mu_plus        u = (w - w_min) / (w_max - w_min)
    s <  0:  - A_minus exp( s / tau_minus) u^mu_minus

mu = 0: additive (Song, Miller and Abbott 2000); mu = 1: multiplicative (Kistler and van Hemmen 2000; Rubin, Lee and
Sompolinsky 2001); between: Guetig, Aharonov, Rotter and Sompolinsky (2003).
"""

from __future__ import annotations

from dataclasses import dataclass

from ..keywords import named
from .contract import Law, Plasticity

__all__ = ["STDP", "TripletSTDP"]


@named
@dataclass(frozen=True, kw_only=True)
class STDP(Plasticity):
    """Pair-based spike-timing-dependent plasticity.

    Parameters
    ----------
    A_plus, A_minus : float
        Largest increase and largest decrease that one pair makes, in the unit of the weight (mV, pA, nS).  Song,
        Miller and Abbott (2000): ``A_plus=0.005 * w_max, A_minus=1.05 * A_plus``.  A negative one turns its half
        of the window over.
    w_min, w_max : float
        Bounds of the weight, in its unit.  An inhibitory projection has ``w_max=0``; an increase then weakens it.
    tau_plus, tau_minus : float
        Time constants of the two halves of the window (ms).
    mu_plus, mu_minus : float
        Dependence on the weight, >= 0: 0 additive, 1 multiplicative.
    A_pre, A_post : float
        Change at every arrival and at every postsynaptic spike, whatever the other side does, in the unit of the
        weight (Kempter, Gerstner and van Hemmen 1999, Phys. Rev. E 59:4498).  With ``A_minus=0, A_post=-x_target *
        A_plus`` the rule of Diehl and Cook (2015, Front. Comput. Neurosci. 9:99); with ``A_minus=-A_plus,
        A_pre=-alpha * A_plus`` that of Vogels et al. (2011, Science 334:1569) for the size of inhibition.
    pairing : {"all", "nearest"}
        Whether a spike is paired with all earlier ones of the other side or with the latest one.
    w_total, every : float, optional
        The weights onto each neuron are scaled to the sum `w_total` every `every` ms (a multiple of dt); those that
        would pass a bound stop there.  Neither, or both.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        On what is no finite number, a time constant that is not > 0, w_min not below w_max.

    Examples
    --------
    >>> import spikesim as ss
    >>> net = ss.Network(seed=1)
    >>> a, b = (net.population(name, 1, ss.SpikeTimes([[t]])) for name, t in (("a", 10.0), ("c", 11.0)))
    >>> cell = net.population("cell", 1, ss.LIF(), v=-55.1)
    >>> rule = ss.STDP(A_plus=0.1, A_minus=0.12, w_max=1.0)
    >>> learnt = net.connect(a, cell, ss.one_to_one(), weight=0.5, delay=1.0, synapse=ss.Delta(), plasticity=rule)
    >>> fires = net.connect(b, cell, ss.one_to_one(), weight=30.0, delay=1.0, synapse=ss.Delta())
    >>> weight = net.run(20.0, progress=False).weights[learnt.name].toarray()[0, 0]
    >>> round(float(weight), 3)  # the target fired 1 ms after the arrival: 0.5 + 0.1 exp(-1 / 20)
    0.595
    """

    A_plus: float
    A_minus: float
    w_max: float
    w_min: float = 0.0
    tau_plus: float = 20.0
    tau_minus: float = 20.0
    mu_plus: float = 0.0
    mu_minus: float = 0.0
    A_pre: float = 0.0
    A_post: float = 0.0
    pairing: str = "all"
    w_total: float | None = None
    every: float | None = None

    def __post_init__(self) -> None:
        self._check(positive=("tau_plus", "tau_minus"), nonnegative=("mu_plus", "mu_minus"))
        self._check_total()

    @property
    def law(self) -> Law:
        """The rule in the terms of :mod:`.contract`."""
        return self._law(w_total=self.w_total or 0.0, every=self.every or 0.0)


@named
@dataclass(frozen=True, kw_only=True)
class TripletSTDP(Plasticity):
    """Triplets of spikes (Pfister and Gerstner 2006, J. Neurosci. 26:9673, equations 3 and 4).

    Two traces more: ``tau_x`` of arrivals strengthens depression, ``tau_y`` of postsynaptic spikes potentiation.
    Potentiation then grows with the rate, as is measured, and the rule turns into a BCM rule.

    Parameters
    ----------
    A2_plus, A3_plus, A2_minus, A3_minus : float
        Amplitudes of pairs and triplets, >= 0, in the unit of the weight.  Visual cortex, all pairs, of a weight of 1:
        5e-10, 6.2e-3, 7e-3, 2.3e-4 (their table 3; the defaults of the time constants go with it).
    w_min, w_max : float
        Bounds of the weight, in its unit.
    tau_plus, tau_minus, tau_x, tau_y : float
        Time constants (ms).
    pairing : {"all", "nearest"}
        Whether traces add up over spikes or start anew at each.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        On what is no finite number, a time constant that is not > 0, w_min not below w_max.

    Examples
    --------
    >>> import spikesim as ss
    >>> ss.TripletSTDP(A2_plus=5e-10, A3_plus=6.2e-3, A2_minus=7e-3, A3_minus=2.3e-4, w_max=1.0).tau_x
    101.0
    """

    A2_plus: float
    A3_plus: float
    A2_minus: float
    A3_minus: float
    w_max: float
    w_min: float = 0.0
    tau_plus: float = 16.8
    tau_minus: float = 33.7
    tau_x: float = 101.0
    tau_y: float = 125.0
    pairing: str = "all"

    def __post_init__(self) -> None:
        taus = ("tau_plus", "tau_minus", "tau_x", "tau_y")
        self._check(positive=taus, nonnegative=("A2_plus", "A3_plus", "A2_minus", "A3_minus"))

    @property
    def law(self) -> Law:
        """The rule in the terms of :mod:`.contract`."""
        return self._law(A_plus=self.A2_plus, A_minus=self.A2_minus)
