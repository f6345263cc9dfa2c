"""Sources: what fires by itself.

Poisson(rate): a neuron sends k spikes in a step; k is Poisson-distributed with mean rate * dt.
SpikeTimes(times): the listed times.
SpikeInput(): when it is fed, by `Simulation.step`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from ..errors import InvalidTypeError
from ..keywords import freeze, named
from ..random import Key
from ..scalars import number_array
from .parameters import require
from .train import Train, check_window, is_of_time, rate_of

__all__ = ["Poisson", "SpikeInput", "SpikeTimes", "is_source"]


@named
def is_source(value: object) -> bool:
    """Whether `value` is a population model without equations that fires by itself.

    Parameters
    ----------
    value : object
        Anything.

    Returns
    -------
    bool
        Such as of :class:`SpikeTimes`, :class:`SpikeInput` and :class:`Poisson`.

    Examples
    --------
    >>> import spikesim as ss
    >>> from spikesim.neurons import is_source
    >>> is_source(ss.Poisson(rate=10.0)), is_source(ss.LIF())
    (True, False)
    """
    return bool(getattr(value, "source", False))


@named
class Poisson:
    """Independent Poisson processes.

    Parameters
    ----------
    rate : float, array, distribution or function of time
        Spikes per second (Hz), >= 0; an array has one value a neuron.  ``ss.Sine``, ``ss.Waveform``, ``ss.Steps``
        change it in time, the same for all or, with amplitudes listed by target, for each neuron; the law is exact.
    start, stop : float
        Time (ms) from which on, and up to which, they fire; multiples of dt with the clock engine.

    Examples
    --------
    >>> import spikesim as ss
    >>> ss.Poisson(rate=20.0, start=100.0, stop=200.0)
    Poisson(rate=20.0, start=100.0, stop=200.0)
    """

    source = True
    states: tuple[str, ...] = ()
    observed: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    __slots__ = ("rate", "start", "stop")
    rate: Any
    start: float
    stop: float

    def __init__(self, rate: Any, start: float = 0.0, stop: float = math.inf) -> None:
        value = rate_of("Poisson: rate", rate)
        begin, end = check_window("Poisson", start, stop)
        object.__setattr__(self, "rate", value)
        object.__setattr__(self, "start", begin)
        object.__setattr__(self, "stop", end)

    @property
    def window(self) -> tuple[float, ...]:
        """(start, stop) (ms); nothing where it is always on."""
        return (self.start, self.stop) if self.start > 0.0 or math.isfinite(self.stop) else ()

    @property
    def steady(self) -> bool:
        """Whether the rate is the same at all times between start and stop."""
        return not is_of_time(self.rate)

    @property
    def trains(self) -> tuple[Train, ...]:
        """Of what it is made."""
        return (Train(self.rate, start=self.start, stop=self.stop),)

    def __eq__(self, other: object) -> bool:
        same = isinstance(other, Poisson) and self.window == other.window
        return same and np.array_equal(self.rate, other.rate)  # type: ignore[attr-defined]

    def __hash__(self) -> int:
        rate = self.rate.tobytes() if isinstance(self.rate, np.ndarray) else self.rate
        return hash(("Poisson", rate, self.window))

    def __reduce__(self) -> tuple:
        return Poisson, (self.rate, *self.window)

    def _replace(self, **changed: Any) -> Poisson:
        return Poisson(**{"rate": self.rate, "start": self.start, "stop": self.stop, **changed})

    def __repr__(self) -> str:
        window = f", start={self.start!r}, stop={self.stop!r}" if self.window else ""
        return f"Poisson(rate={self.rate!r}{window})"


@named
class SpikeTimes:
    """Neurons that fire at given times.

    Parameters
    ----------
    times : sequence of sequences of float
        One list of times (ms, >= 0) a neuron, in any order (kept sorted); one listed twice sends two.

    Attributes
    ----------
    times : tuple of float64 arrays
        Sorted times of each neuron (ms), read-only.
    size : int
        Number of neurons.

    Examples
    --------
    >>> import spikesim as ss
    >>> net = ss.Network(seed=1)
    >>> sources = net.population("sources", 2, ss.SpikeTimes([[10.0, 20.0], [15.0]]))
    >>> net.record(sources, "spikes")
    >>> net.run(50.0, progress=False).spikes["sources"].times.tolist()
    [10.0, 15.0, 20.0]
    """

    source = True
    states: tuple[str, ...] = ()
    observed: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    __slots__ = ("times",)
    times: tuple[np.ndarray, ...]

    def __init__(self, times: Iterable[Any]) -> None:
        if isinstance(times, (str, bytes)) or not isinstance(times, Iterable):
            raise InvalidTypeError(f"SpikeTimes: wanted one list of times a neuron, got {type(times).__name__}")
        trains = list(times)
        if trains and all(not hasattr(train, "__len__") or getattr(train, "ndim", 1) == 0 for train in trains):
            raise InvalidTypeError(
                "SpikeTimes: wanted one list of times a neuron, got a flat list of numbers; "
                "for one neuron give [[t, t, ...]]"
            )
        object.__setattr__(self, "times", tuple(_train(f"SpikeTimes: neuron {i}", t) for i, t in enumerate(trains)))

    @property
    def size(self) -> int:
        """Number of neurons."""
        return len(self.times)

    def listed(self, stream: Key, size: int) -> tuple[np.ndarray, ...]:
        """Return the times (ms) of each neuron, from which nothing is drawn.

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
        >>> [times.tolist() for times in ss.SpikeTimes([[1.0], [2.0, 3.0]]).listed(key(1, "lists"), 2)]
        [[1.0], [2.0, 3.0]]
        """
        return self.times

    def __eq__(self, other: object) -> bool:
        same = isinstance(other, SpikeTimes) and self.size == other.size
        return same and all(map(np.array_equal, self.times, other.times))  # type: ignore[attr-defined]

    def __hash__(self) -> int:
        return hash(("SpikeTimes", *(t.tobytes() for t in self.times)))

    def __reduce__(self) -> tuple:
        return SpikeTimes, (self.times,)

    def _replace(self, **changed: Any) -> SpikeTimes:
        return SpikeTimes(**{"times": self.times, **changed})

    def __repr__(self) -> str:
        return f"SpikeTimes({self.size} neurons, {sum(map(len, self.times))} spikes)"


freeze(Poisson)
freeze(SpikeTimes)


@named
class SpikeInput:
    """Neurons that fire when they are told to: ``sim.step(1.0, spikes={"touch": ids})``.

    Examples
    --------
    >>> import spikesim as ss
    >>> net = ss.Network()
    >>> touch = net.population("touch", 3, ss.SpikeInput())
    >>> net.record(touch, "spikes")
    >>> sim = ss.Simulation(net)
    >>> sim.step(1.0, spikes={"touch": [0, 2]})["touch"].tolist()
    [0, 2]
    """

    source = True
    fed = True
    states: tuple[str, ...] = ()
    observed: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    __slots__ = ()

    def __init__(self) -> None:
        pass

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SpikeInput)

    def __hash__(self) -> int:
        return hash("SpikeInput")

    def __reduce__(self) -> tuple:
        return SpikeInput, ()

    def __repr__(self) -> str:
        return "SpikeInput()"


def _train(where: str, train: Any) -> np.ndarray:
    """The times of one neuron: checked, sorted, read-only."""
    array = number_array(where, train, "a list of times (ms)")
    if array.ndim != 1:
        raise InvalidTypeError(f"{where}: wanted a list of times (ms), got shape {array.shape}")
    array = array.astype(np.float64)
    require(f"{where}: times", array, np.isfinite(array), "finite")
    require(f"{where}: times", array, array >= 0, ">= 0 ms")
    array.sort()
    array.setflags(write=False)
    return array
