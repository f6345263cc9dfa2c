"""Trains that neurons have in common, wholly or in part."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import InvalidTypeError, InvalidValueError
from ..keywords import named
from ..kinds import one_of
from ..random import Key
from ..scalars import real
from .train import Source, Train, check_window, one_rate

__all__ = ["Correlated", "Shared", "shared"]

METHODS = ("MIP", "SIP")


@named
@dataclass(frozen=True, eq=False)
class Correlated(Source):
    """Poisson trains of one rate, any two of which have counts with the correlation `c`.

    ``"MIP"``, the multiple interaction process (Kuhn, Aertsen and Rotter 2003, Neural Comput. 15:67; NEST's
    ``mip_generator``): of one mother train of rate ``rate / c`` every neuron takes each spike with probability c, so
    that a spike of the mother is one of some.  ``"SIP"``, the single interaction process: every neuron has a train
    of its own of rate ``(1 - c) rate``, and all take every spike of one train of rate ``c rate``.  Pairs are
    correlated alike in both; triples and more are not.

    Parameters
    ----------
    rate : float or function of time
        Spikes per second (Hz) of each neuron, >= 0: of the trains, not of the mother.
    c : float
        Correlation of the spike counts of two neurons, 0 ... 1 (with "MIP" at least 1e-4: a spike of the mother is
        looked at by every neuron).
    method : {"MIP", "SIP"}
    start, stop : float
        Time (ms) from which on, and up to which, they fire; multiples of dt with the clock engine.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        If the rate is negative or listed by neuron, c outside 0 ... 1, or the method unknown.

    Examples
    --------
    >>> import numpy as np
    >>> import spikesim as ss
    >>> net = ss.Network(seed=1)
    >>> inputs = net.population("inputs", 2, ss.Correlated(rate=100.0, c=0.5))
    >>> net.record(inputs, "spikes")
    >>> spikes = net.run(20_000.0, progress=False).spikes["inputs"]
    >>> counts = [np.histogram(spikes.times[spikes.ids == i], 1000, (0, 20_000))[0] for i in (0, 1)]
    >>> bool(abs(np.corrcoef(counts)[0, 1] - 0.5) < 0.1)
    True
    """

    rate: Any
    c: float
    method: str = "MIP"
    start: float = 0.0
    stop: float = math.inf

    def __post_init__(self) -> None:
        one_of("Correlated: method", self.method, METHODS)
        c = real("Correlated: c", self.c)
        if not 0.0 <= c <= 1.0:
            raise InvalidValueError(f"Correlated: c, the correlation of counts, must lie in 0 ... 1, got {c!r}")
        if self.method == "MIP" and 0.0 < c < 1e-4:
            raise InvalidValueError(
                f'Correlated: c = {c!r} would take a mother of {1 / c:.3g} times the rate; use method="SIP", or c = 0'
            )
        start, stop = check_window("Correlated", self.start, self.stop)
        self._set(rate=one_rate("Correlated: rate", self.rate), c=c, start=start, stop=stop)

    @property
    def trains(self) -> tuple[Train, ...]:  # type: ignore[override]
        """Of what it is made."""
        own = Train(self.rate, start=self.start, stop=self.stop)
        if self.c in (0.0, 1.0):
            return (own._replace(common=self.c == 1.0),)
        if self.method == "MIP":
            return (own._replace(scale=1.0 / self.c, common=True, copy=self.c),)
        return own._replace(scale=self.c, common=True), own._replace(scale=1.0 - self.c)


@named
@dataclass(frozen=True, eq=False)
class Shared(Source):
    """One train that all neurons of a population emit; made by :func:`shared`."""

    of: Any

    def __post_init__(self) -> None:
        of = self.of
        made = getattr(of, "trains", ())
        if isinstance(of, type) or not (made or hasattr(of, "listed")):
            wanted = (
                "a source such as ss.Poisson(20.0), ss.GammaTrain(...), ss.PulsePackets(...) or ss.SpikeTimes([[...]])"
            )
            raise InvalidTypeError(f"shared: wanted {wanted}, got {of!r:.80}")
        if any(train.common for train in made):
            raise InvalidTypeError(f"shared: the trains of {of!r:.80} are common already")
        for train in made:
            one_rate(f"shared: {type(of).__name__}: rate", train.rate)
        if getattr(of, "size", 1) != 1:
            raise InvalidValueError(f"shared: wanted the times of one train, got those of {of.size}")

    @property
    def rate(self) -> Any:
        """The rate (Hz) of the train, where it has one."""
        return self.of.rate

    @property
    def trains(self) -> tuple[Train, ...]:  # type: ignore[override]
        """Of what it is made."""
        return tuple(train._replace(common=True) for train in getattr(self.of, "trains", ()))

    def listed(self, stream: Key, size: int) -> tuple[np.ndarray, ...]:
        """Return the times (ms) of each neuron, where they are known before.

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
        >>> [times.tolist() for times in ss.shared(ss.SpikeTimes([[1.0]])).listed(key(1, "one"), 2)]
        [[1.0], [1.0]]
        """
        return self.of.listed(stream, 1) * size

    def _replace(self, **changed: Any) -> Shared:
        return self if not changed else Shared(self.of._replace(**changed))

    def __repr__(self) -> str:
        return f"shared({self.of!r})"


@named
def shared(source: Any) -> Shared:
    """Return a source whose neurons all emit one train: every spike of it is a spike of each of them.

    Parameters
    ----------
    source : source
        ``Poisson``, ``GammaTrain``, ``PulsePackets``, or ``SpikeTimes`` of one train.

    Returns
    -------
    Shared
        A model of a population, or the ``rate=`` of a background.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        If it is no such source, or its neurons differ.

    Examples
    --------
    >>> import spikesim as ss
    >>> net = ss.Network(seed=1)
    >>> chorus = net.population("chorus", 3, ss.shared(ss.Poisson(50.0)))
    >>> net.record(chorus, "spikes")
    >>> spikes = net.run(100.0, progress=False).spikes["chorus"]
    >>> len(set(spikes.times)) * 3 == spikes.count()
    True
    """
    return Shared(source)
