"""Rise and decay:  h(t) = k (exp(-t / tau_decay) - exp(-t / tau_rise)),  also where both time constants are equal.

As two filters, one behind the other,  x' = -x / tau_rise,  g' = x - g / tau_decay,  x <- x + w k / (1 / tau_rise - 1 /
tau_decay) at a spike.  The peak is where g' = 0, at t = ln(tau_decay / tau_rise) / (1 / tau_rise - 1 / tau_decay), and
there g = tau_decay x.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import InvalidValueError
from ..keywords import named
from ..neurons.parameters import as_numbers
from .contract import Synapse
from .gamma import check_normalize, check_number, check_tau

__all__ = ["DoubleExponential"]

#: Below this part of the other, a time constant is lost in the difference of the two.
FAINT = 1e-15


@named
@dataclass(frozen=True)
class DoubleExponential(Synapse):
    """Current, or with `E_rev` conductance, that rises with one time constant and decays with another.

    Parameters
    ----------
    tau_rise, tau_decay : float
        Time constants (ms), in either order; equal ones give an alpha function.
    E_rev : float, optional
        Reversal potential (mV): then it is a conductance.
    normalize : {"peak", "area"}
        What the weight is: the largest value (pA, nS) or the integral (fC, nS ms).

    Examples
    --------
    >>> import spikesim as ss
    >>> ss.DoubleExponential(tau_rise=0.5, tau_decay=5.0).peak_time
    1.279213940...
    """

    tau_rise: float
    tau_decay: float
    E_rev: float | None = None
    normalize: str = "peak"

    label = "DoubleExponential"

    def __post_init__(self) -> None:
        for name in ("tau_rise", "tau_decay"):
            object.__setattr__(self, name, check_tau("DoubleExponential", getattr(self, name), name))
        if self.E_rev is not None:
            E_rev = check_number("DoubleExponential", self.E_rev, "E_rev", positive=False, unit="mV")
            object.__setattr__(self, "E_rev", E_rev)
        check_normalize("DoubleExponential", self.normalize)
        if not FAINT < self.tau_decay / self.tau_rise < 1.0 / FAINT:
            raise InvalidValueError(
                "DoubleExponential: tau_rise and tau_decay must be less than 1e15 times each other (ms), got "
                f"tau_rise = {self.tau_rise:g} and tau_decay = {self.tau_decay:g}"
            )

    @property
    def matrix(self) -> np.ndarray:
        """A of df/dt = A f, shape (2, 2), 1/ms."""
        return np.array([[-1.0 / self.tau_rise, 0.0], [1.0, -1.0 / self.tau_decay]])

    @property
    def peak_time(self) -> float:
        """Time of the largest response (ms)."""
        apart = self.tau_decay / self.tau_rise - 1.0
        return self.tau_decay * (math.log1p(apart) / apart if apart else 1.0)

    @property
    def gain(self) -> float:
        """Factor from the last filter state, in units of the weight, to the input."""
        if self.normalize == "area":
            return 1.0 / (self.tau_rise * self.tau_decay)
        return math.exp(self.peak_time / self.tau_rise) / self.tau_decay

    def psc(self, t: Any) -> np.ndarray:
        """Return the response to one spike of weight 1 that arrives at t = 0, at the times `t` (ms)."""
        t = as_numbers("psc: t", t)
        after = np.where(t >= 0, t, 0.0)
        apart = after * (1.0 / self.tau_rise - 1.0 / self.tau_decay)
        mean = np.where(apart == 0.0, 1.0, -np.expm1(-apart) / np.where(apart == 0.0, 1.0, apart))
        return np.where(t >= 0, self.gain * after * mean * np.exp(-after / self.tau_decay), 0.0)
