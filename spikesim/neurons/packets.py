"""Pulse packets: volleys of spikes about given times (Abeles 1991; Diesmann, Gewaltig and Aertsen 1999)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import InvalidTypeError, InvalidValueError
from ..keywords import named
from ..random import Key, normal
from ..scalars import number_array, real
from .parameters import require
from .train import Source, check_window, within

__all__ = ["PulsePackets"]

MOST = 1_000_000


@named
@dataclass(frozen=True, eq=False)
class PulsePackets(Source):
    """Packets of spikes: every neuron sends `n` about each time, displaced by normal numbers of its own.

    As NEST's ``pulsepacket_generator`` (``pulse_times``, ``activity``, ``sdev``), one a neuron; ``ss.shared`` of it
    gives all the same spikes.  They are drawn from the seed of the network before the run.  What would fall before 0
    or outside start ... stop is left out.

    Parameters
    ----------
    times : array of shape (packets,)
        Centres (ms), >= 0.
    n : int
        Spikes of a neuron in each packet, >= 0.
    sd : float
        Standard deviation (ms) of their displacements, >= 0.
    start, stop : float
        Time (ms) from which on, and up to which, they fire; multiples of dt with the clock engine.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        If anything is not as above.

    Examples
    --------
    >>> import spikesim as ss
    >>> net = ss.Network(seed=1)
    >>> volley = net.population("volley", 100, ss.PulsePackets(times=[50.0], n=1, sd=1.0))
    >>> net.record(volley, "spikes")
    >>> spikes = net.run(100.0, progress=False).spikes["volley"]
    >>> spikes.count(), bool(abs(spikes.times.std() - 1.0) < 0.2)
    (100, True)
    """

    times: Any
    n: int
    sd: float
    start: float = 0.0
    stop: float = math.inf

    def __post_init__(self) -> None:
        times = np.atleast_1d(number_array("PulsePackets: times", self.times, "a list of times (ms)"))
        if times.ndim != 1:
            raise InvalidTypeError(f"PulsePackets: times: wanted a list of times (ms), got shape {times.shape}")
        times = times.astype(np.float64)
        require("PulsePackets: times", times, np.isfinite(times) & (times >= 0.0), "finite and >= 0 ms")
        times.sort()
        times.setflags(write=False)
        n, sd = self.n, real("PulsePackets: sd", self.sd)
        if isinstance(n, (bool, np.bool_)) or not isinstance(n, (int, np.integer)):
            raise InvalidTypeError(f"PulsePackets: n must be a whole number of spikes, got {n!r:.60}")
        if not 0 <= n <= MOST:
            raise InvalidValueError(f"PulsePackets: n must be from 0 to {MOST:,} spikes of a neuron, got {n}")
        if sd < 0.0:
            raise InvalidValueError(f"PulsePackets: sd must be >= 0 ms, got {sd!r}")
        start, stop = check_window("PulsePackets", self.start, self.stop)
        self._set(times=times, n=int(n), sd=sd, start=start, stop=stop)

    def listed(self, stream: Key, size: int) -> tuple[np.ndarray, ...]:
        """Return the times (ms) of each of `size` neurons.

        Parameters
        ----------
        stream : Key
            Whence what is drawn is drawn.
        size : int
            How many neurons there are.

        Returns
        -------
        tuple of float64 arrays
            One a neuron, ascending.

        Examples
        --------
        >>> import spikesim as ss
        >>> from spikesim.random import key
        >>> [times.size for times in ss.PulsePackets([10.0], n=3, sd=0.5).listed(key(1, "packets"), 2)]
        [3, 3]
        """
        each = self.times.size * self.n
        displaced = normal(0.0, self.sd).sample(stream, np.arange(size * each)).reshape(size, each)
        drawn = np.repeat(self.times, self.n) + displaced
        return tuple(within(row, self.start, self.stop) for row in drawn)
