"""Conductance synapses: the current into a neuron is g(t) (E_rev - V), weights in nS.

The presets are receptors with first-order kinetics; after a brief pulse of transmitter the open channels
decay with tau = 1/beta.  Rates and reversal potentials: Destexhe, Mainen and Sejnowski, "Kinetic models of
synaptic transmission" (Methods in Neuronal Modeling, 2nd ed., MIT Press 1998, chapter 1).
"""

from __future__ import annotations

from dataclasses import dataclass

from ..keywords import named
from .gamma import _Cascade, check_normalize, check_number, check_tau

__all__ = ["AMPA", "GABA_A", "NMDA", "ConductanceAlpha", "ConductanceExponential"]


@named
@dataclass(frozen=True)
class ConductanceExponential(_Cascade):
    """Conductance g = weight * exp(-t / tau), current g (E_rev - V).

    Parameters
    ----------
    tau : float
        Time constant (ms).
    E_rev : float
        Reversal potential (mV).
    normalize : {"peak", "area"}
        What the weight is: the peak of g (nS) or its integral (nS ms).

    Examples
    --------
    >>> import spikesim as ss
    >>> ss.ConductanceExponential(tau=5.0, E_rev=0.0).psc([0.0, 5.0]).round(3).tolist()
    [1.0, 0.368]
    """

    tau: float
    E_rev: float
    normalize: str = "peak"

    label = "ConductanceExponential"
    n = 0

    def __post_init__(self) -> None:
        name = type(self).__name__
        object.__setattr__(self, "tau", check_tau(name, self.tau))
        object.__setattr__(self, "E_rev", check_number(name, self.E_rev, "E_rev", positive=False, unit="mV"))
        check_normalize(name, self.normalize)


@named
@dataclass(frozen=True)
class ConductanceAlpha(ConductanceExponential):
    """Conductance g = weight * (t / tau) exp(1 - t / tau), current g (E_rev - V).

    Parameters
    ----------
    tau : float
        Time constant, and time of the peak (ms).
    E_rev : float
        Reversal potential (mV).
    normalize : {"peak", "area"}
        What the weight is: the peak of g (nS) or its integral (nS ms).

    Examples
    --------
    >>> import spikesim as ss
    >>> ss.ConductanceAlpha(tau=5.0, E_rev=0.0).psc([0.0, 5.0]).round(3).tolist()
    [0.0, 1.0]
    """

    label = "ConductanceAlpha"
    n = 1


@named
@dataclass(frozen=True)
class AMPA(ConductanceExponential):
    """Fast excitation: beta = 190 / s, so tau = 5.3 ms (over within some 10 ms); E_rev = 0 mV.

    Parameters
    ----------
    tau : float
        Time constant (ms).
    E_rev : float
        Reversal potential (mV).
    normalize : {"peak", "area"}
        What the weight is: the peak of g (nS) or its integral (nS ms).

    Examples
    --------
    >>> import spikesim as ss
    >>> ss.AMPA().psc([0.0, 10.0]).round(3).tolist()
    [1.0, 0.15]
    """

    tau: float = 1000.0 / 190.0
    E_rev: float = 0.0

    label = "AMPA"


@named
@dataclass(frozen=True)
class NMDA(ConductanceExponential):
    """Slow excitation: beta = 6.6 / s, so tau = 152 ms (lasts over 300 ms); E_rev = 0 mV.

    Without the magnesium block, which depends on V and is no linear filter.

    Parameters
    ----------
    tau : float
        Time constant (ms).
    E_rev : float
        Reversal potential (mV).
    normalize : {"peak", "area"}
        What the weight is: the peak of g (nS) or its integral (nS ms).

    Examples
    --------
    >>> import spikesim as ss
    >>> ss.NMDA().psc([0.0, 300.0]).round(3).tolist()
    [1.0, 0.138]
    """

    tau: float = 1000.0 / 6.6
    E_rev: float = 0.0

    label = "NMDA"


@named
@dataclass(frozen=True)
class GABA_A(ConductanceExponential):
    """Fast inhibition: beta = 180 / s, so tau = 5.6 ms; E_rev = -80 mV (the weight is positive).

    Parameters
    ----------
    tau : float
        Time constant (ms).
    E_rev : float
        Reversal potential (mV).
    normalize : {"peak", "area"}
        What the weight is: the peak of g (nS) or its integral (nS ms).

    Examples
    --------
    >>> import spikesim as ss
    >>> ss.GABA_A().E_rev, ss.GABA_A().psc([0.0]).tolist()
    (-80.0, [1.0])
    """

    tau: float = 1000.0 / 180.0
    E_rev: float = -80.0

    label = "GABA_A"
