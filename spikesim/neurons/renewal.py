"""Gamma renewal trains: more regular than Poisson trains (shape > 1), or burstier (shape < 1)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from ..errors import InvalidValueError
from ..keywords import named
from ..scalars import real
from .train import Source, Train, check_window, rate_of

__all__ = ["GammaTrain"]


@named
@dataclass(frozen=True, eq=False)
class GammaTrain(Source):
    """Independent renewal trains whose intervals have a gamma distribution, one a neuron.

    The coefficient of variation of the intervals is ``1 / sqrt(shape)``, and so many counts of long windows have the
    Fano factor ``1 / shape`` (Cox 1962, Renewal Theory).  Trains begin in equilibrium: the rate is the same from the
    start on.  Where it changes in time, intervals are those of gamma law in operational time (Barbieri et al. 2001,
    J. Neurosci. Methods 105:25): an integer shape is NEST's ``sinusoidal_gamma_generator`` of that order.

    Parameters
    ----------
    rate : float, array, distribution or function of time
        Spikes per second (Hz), >= 0; an array has one value a neuron; ``ss.Sine``, ``ss.Waveform``, ``ss.Steps``
        change it in time.
    shape : float
        From 0.001 to 1e6; 1: Poisson.
    start, stop : float
        Time (ms) from which on, and up to which, they fire; multiples of dt with the clock engine.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        If a rate is negative, or the shape is not within these bounds.

    Examples
    --------
    >>> import spikesim as ss
    >>> net = ss.Network(seed=1)
    >>> clocklike = net.population("clocklike", 100, ss.GammaTrain(rate=20.0, shape=9.0))
    >>> net.record(clocklike, "spikes")
    >>> spikes = net.run(2000.0, progress=False).spikes["clocklike"]
    >>> bool(abs(ss.analysis.cv(spikes) - 1 / 3) < 0.02)
    True
    """

    rate: Any
    shape: float
    start: float = 0.0
    stop: float = math.inf

    def __post_init__(self) -> None:
        shape = real("GammaTrain: shape", self.shape)
        if not 1e-3 <= shape <= 1e6:
            raise InvalidValueError(f"GammaTrain: shape must be > 0, from 0.001 to 1e6, got {shape!r}")
        start, stop = check_window("GammaTrain", self.start, self.stop)
        self._set(rate=rate_of("GammaTrain: rate", self.rate), shape=shape, start=start, stop=stop)

    @property
    def trains(self) -> tuple[Train, ...]:  # type: ignore[override]
        """Of what it is made."""
        return (Train(self.rate, shape=self.shape, start=self.start, stop=self.stop),)
