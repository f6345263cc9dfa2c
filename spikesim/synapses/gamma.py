"""Current synapses:  h(t) = k t^n exp(-t / tau),  t >= 0  (lecture notes 1.6).

n = 0 is the exponential synapse, n = 1 the alpha function.  As a cascade of n + 1 equal filters,

    tau df_0/dt = -f_0,    tau df_k/dt = f_(k-1) - f_k

gives f_n(t) = (t/tau)^n exp(-t/tau) / n! after f_0 <- f_0 + 1.

normalize="area": k = 1 / (n! tau^(n+1)): area 1, a weight is the charge of a spike (fC = pA ms).
normalize="peak": 1 is the largest value, at t = n tau, and a weight the peak current (pA).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import InvalidTypeError, InvalidValueError
from ..keywords import named
from ..kinds import one_of
from ..neurons.parameters import as_numbers
from ..plausibility import warn_of_unit
from ..scalars import real
from .contract import Synapse

__all__ = ["Alpha", "Exponential", "Gamma"]

_SHARED = "; a synapse value is shared by its projection, use several projections for several values"

#: A filter of more stages is a delay, and its matrix no longer small.
MOST_STAGES = 5000


def cascade(n: int, x: Any) -> np.ndarray:
    """Return x^n exp(-x) / n! for x >= 0, else 0; as peak * (x/n exp(1 - x/n))^n, where nothing overflows."""
    x = np.asarray(x, np.float64)
    y = np.where(x >= 0, x, 0.0)
    if n == 0:
        return np.where(x >= 0, np.exp(-y), 0.0)
    peak = math.exp(n * math.log(n) - n - math.lgamma(n + 1))
    return np.where(x >= 0, peak * (y / n * np.exp(1.0 - y / n)) ** n, 0.0)


def check_tau(where: str, value: Any, name: str = "tau") -> float:
    """Return a time constant (ms) as float, or refuse what is not a finite number > 0."""
    return check_number(where, value, name, positive=True, unit="ms")


def check_number(where: str, value: Any, name: str, *, positive: bool, unit: str) -> float:
    """Return one finite number as float, or refuse."""
    value = real(f"{where}: {name}", value, f"one number ({unit})", hint=_SHARED)
    if positive and value <= 0:
        raise InvalidValueError(f"{where}: {name} must be > 0 ({unit}), got {value!r}")
    if unit == "ms":
        warn_of_unit("time constant", f"{where}: {name}", value)
    return value


def check_normalize(where: str, value: Any) -> None:
    """Refuse anything but "peak" and "area"."""
    one_of(f"{where}: normalize", value, ("peak", "area"))


class _Cascade(Synapse):
    """The filter of n + 1 equal stages; its children say n, tau and normalize."""

    n: int
    tau: float
    normalize: str

    @property
    def matrix(self) -> np.ndarray:
        """A of df/dt = A f, shape (n + 1, n + 1), 1/ms."""
        return (np.eye(self.n + 1, k=-1) - np.eye(self.n + 1)) / self.tau

    @property
    def gain(self) -> float:
        """Factor from the last stage to the input: 1/tau for area 1, n! e^n / n^n for peak 1."""
        return 1.0 / self.tau if self.normalize == "area" else float(1.0 / cascade(self.n, self.n))

    @property
    def area(self) -> float:
        """Integral of `psc` over time (ms)."""
        return self.gain * self.tau

    @property
    def peak_time(self) -> float:
        """Time of the largest response (ms): n tau."""
        return self.n * self.tau

    def psc(self, t: Any) -> np.ndarray:
        """Return the response to one spike of weight 1 that arrives at t = 0, at the times `t` (ms)."""
        return self.gain * cascade(self.n, as_numbers("psc: t", t) / self.tau)


@named
@dataclass(frozen=True)
class Exponential(_Cascade):
    """Current weight * exp(-t / tau).

    Parameters
    ----------
    tau : float
        Time constant (ms).
    normalize : {"peak", "area"}
        "peak": a spike adds its weight (pA); "area": weight / tau, the notes' s <- s + w / tau_s.

    Examples
    --------
    >>> import spikesim as ss
    >>> ss.Exponential(tau=5.0).psc([0.0, 5.0]).round(3).tolist()
    [1.0, 0.368]
    """

    tau: float
    normalize: str = "peak"

    label = "Exponential"
    n = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "tau", check_tau("Exponential", self.tau))
        check_normalize("Exponential", self.normalize)


@named
@dataclass(frozen=True)
class Gamma(_Cascade):
    """Current weight * t^n exp(-t / tau) / (n! tau^(n+1)).

    Parameters
    ----------
    n : int
        Order, >= 0.
    tau : float
        Time constant (ms).
    normalize : {"area", "peak"}
        What the weight is: the charge of one spike (fC) or the peak current (pA).

    Examples
    --------
    >>> import spikesim as ss
    >>> ss.Gamma(n=2, tau=5.0).psc([0.0, 10.0]).round(3).tolist()
    [0.0, 0.054]
    """

    n: int
    tau: float
    normalize: str = "area"

    label = "Gamma"

    def __post_init__(self) -> None:
        if isinstance(self.n, (bool, np.bool_)) or not isinstance(self.n, (int, np.integer)):
            raise InvalidTypeError(f"Gamma: n must be an integer >= 0, got {type(self.n).__name__} {self.n!r:.60}")
        if not 0 <= self.n <= MOST_STAGES:
            raise InvalidValueError(f"Gamma: n must be an integer >= 0 and at most {MOST_STAGES}, got {self.n!r:.40}")
        object.__setattr__(self, "n", int(self.n))
        object.__setattr__(self, "tau", check_tau("Gamma", self.tau))
        check_normalize("Gamma", self.normalize)


@named
@dataclass(frozen=True)
class Alpha(_Cascade):
    """Current weight * (t / tau) exp(1 - t / tau): peak = weight (pA) at t = tau.

    Parameters
    ----------
    tau : float
        Time constant (ms).
    normalize : {"peak", "area"}
        What the weight is: the peak current (pA) or the charge of one spike (fC).

    Examples
    --------
    >>> import spikesim as ss
    >>> ss.Alpha(tau=5.0).psc([0.0, 5.0]).tolist()
    [0.0, 1.0]
    """

    tau: float
    normalize: str = "peak"

    label = "Alpha"
    n = 1

    def __post_init__(self) -> None:
        object.__setattr__(self, "tau", check_tau("Alpha", self.tau))
        check_normalize("Alpha", self.normalize)
