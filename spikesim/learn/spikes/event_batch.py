"""Spikes at any times, and values as spike times: what enters a layer that is gone through from event to event."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...errors import InvalidValueError
from ...keywords import all_named
from ...network import checked
from ...scalars import number_array, real, whole_array
from .encoders import Encoder
from .operation import Var, as_array

__all__ = ["EventBatch", "TimeCode"]


@all_named
class EventBatch:
    """Spikes of `n` sources in a batch of samples, at any times; the times may be on the tape.

    Parameters
    ----------
    times : array_like or Var, shape (k,)
        Of the spikes (ms), sample after sample, in order of time within each.
    unit : array_like of int, shape (k,)
        Which source sends it.
    ptr : array_like of int, shape (samples + 1,)
        The spikes of sample b stand at ptr[b] ... ptr[b + 1].
    n : int
        Number of sources.
    duration : float
        Length of a sample (ms).

    Examples
    --------
    >>> from spikesim import learn
    >>> batch = learn.EventBatch([1.0, 2.5, 0.5], [0, 1, 1], [0, 2, 3], n=2, duration=10.0)
    >>> batch.first().tolist()
    [[1.0, 2.5], [10.0, 0.5]]
    """

    def __init__(self, times: Any, unit: Any, ptr: Any, n: int, duration: float) -> None:
        given = times if isinstance(times, Var) else number_array("EventBatch: times", times).astype(np.float64)
        self.times: Any = given
        self.unit, self.ptr = whole_array("EventBatch: unit", unit), whole_array("EventBatch: ptr", ptr)
        self.n, self.duration = checked.count("EventBatch: n", n), real("EventBatch: duration", duration, "a time (ms)")
        t = self.values()
        if not (t.ndim == 1 and self.unit.shape == t.shape and self.ptr.ndim == 1 and len(self.ptr)):
            raise InvalidValueError(
                f"EventBatch: times of shape {t.shape}, unit of {self.unit.shape}, ptr of {self.ptr.shape}; wanted"
                " (k,), (k,), (samples + 1,)"
            )
        if self.ptr[0] != 0 or self.ptr[-1] != len(t) or np.any(np.diff(self.ptr) < 0):
            raise InvalidValueError(f"EventBatch: ptr = {self.ptr}, wanted numbers that rise from 0 to {len(t)}")
        if not 0.0 < self.duration < np.inf:
            raise InvalidValueError(f"EventBatch: duration = {duration!r} ms, wanted a finite number > 0")
        if not np.all((t >= 0.0) & (t <= self.duration)):
            raise InvalidValueError(f"EventBatch: times beyond the run, wanted 0 ... {self.duration:g} ms")
        if np.any((self.unit < 0) | (self.unit >= self.n)):
            raise InvalidValueError(f"EventBatch: sources beyond 0 ... {self.n - 1}")
        if np.any((np.diff(t) < 0.0) & (np.diff(self.sample()) == 0)):
            raise InvalidValueError("EventBatch: times of a sample that fall; sort them")

    def __len__(self) -> int:
        return len(self.ptr) - 1

    def values(self) -> np.ndarray:
        """Return the times as an array.

        Returns
        -------
        array, shape (k,)
            In ms.

        Examples
        --------
        >>> from spikesim import learn
        >>> learn.EventBatch([1.0], [0], [0, 1], n=1, duration=10.0).values().tolist()
        [1.0]
        """
        return np.asarray(as_array(self.times), np.float64)

    def sample(self) -> np.ndarray:
        """Return the sample of every spike.

        Returns
        -------
        array of int, shape (k,)
            It never falls.

        Examples
        --------
        >>> from spikesim import learn
        >>> learn.EventBatch([1.0, 0.5], [0, 0], [0, 1, 2], n=1, duration=10.0).sample().tolist()
        [0, 1]
        """
        return np.repeat(np.arange(len(self)), np.diff(self.ptr))

    def first(self, none: float | None = None) -> Any:
        """Return the time of every source's first spike, as :class:`FirstSpikeLoss` takes it.

        Parameters
        ----------
        none : float, optional
            What stands for silence (ms); the duration unless given.

        Returns
        -------
        Var or array, shape (samples, n)
            On the tape where the times are.

        Examples
        --------
        >>> from spikesim import learn
        >>> learn.EventBatch([1.0, 2.0], [1, 1], [0, 2], n=2, duration=10.0).first(none=-1.0).tolist()
        [[-1.0, 1.0]]
        """
        silent = np.array([self.duration if none is None else real("EventBatch.first: none", none, infinite=True)])
        index = np.full((len(self), self.n), len(self.unit))
        place, at = np.unique(self.sample() * self.n + self.unit, return_index=True)
        index.reshape(-1)[place] = at
        return np.concatenate([self.times, silent])[index]

    def trains(self, sample: int) -> list[np.ndarray]:
        """Return the spike times of every source in one sample: what :class:`spikesim.SpikeTimes` takes.

        Parameters
        ----------
        sample : int
            Which.

        Returns
        -------
        list of array
            One a source.

        Examples
        --------
        >>> from spikesim import learn
        >>> batch = learn.EventBatch([1.0, 2.0], [1, 0], [0, 2], n=2, duration=10.0)
        >>> [train.tolist() for train in batch.trains(0)]
        [[2.0], [1.0]]
        """
        sample = checked.count("EventBatch.trains: sample", sample, most=len(self) - 1)
        part = slice(self.ptr[sample], self.ptr[sample + 1])
        order = np.argsort(self.unit[part], kind="stable")
        ends = np.searchsorted(self.unit[part][order], np.arange(1, self.n))
        return np.split(self.values()[part][order], ends)


@all_named
class TimeCode(Encoder):
    """Values in [0, 1] as one spike time each, the larger the earlier, from `first` (x = 1) to `last` (x = theta).

    Parameters
    ----------
    duration : float
        Length of a sample (ms).
    first, last : float
        Of the spikes (ms); `last` is the duration unless given.
    theta : float
        Smaller values send nothing; 0: all send.
    always : tuple of float
        Times (ms) of further sources, which send one spike in each sample.

    Examples
    --------
    >>> from spikesim import learn
    >>> code = learn.TimeCode(60.0, first=10.0, last=40.0, always=(18.0,))
    >>> code([[1.0, 0.5]]).first().tolist()
    [[10.0, 25.0, 18.0]]
    """

    arguments: tuple[str, ...] = ("duration", "first", "last", "theta", "always")

    def __init__(
        self,
        duration: float,
        *,
        first: float = 0.0,
        last: float | None = None,
        theta: float = 0.0,
        always: tuple[float, ...] = (),
    ) -> None:
        super().__init__(1)
        duration, first, theta = (
            checked.number(f"TimeCode: {name}", x)
            for name, x in (("duration", duration), ("first", first), ("theta", theta))
        )
        last = duration if last is None else checked.number("TimeCode: last", last)
        if not 0.0 <= first < last <= duration < np.inf:
            raise InvalidValueError(
                f"TimeCode: first = {first!r}, last = {last!r}, duration = {duration!r} ms, wanted 0 <= first < last <="
                " duration"
            )
        times = [
            checked.number("TimeCode: always", t) for t in (always if isinstance(always, (tuple, list)) else [always])
        ]
        if not 0.0 <= theta < 1.0 or not all(0.0 <= t <= duration for t in times):
            raise InvalidValueError(
                f"TimeCode: theta = {theta!r}, always = {always!r}, wanted 0 <= theta < 1 and times in the duration"
            )
        self.duration, self.first, self.last = float(duration), float(first), float(last)
        self.theta, self.always = float(theta), tuple(times)

    def forward(self, x: Any) -> EventBatch:
        x = self._shares(x).astype(np.float64)
        n = x.shape[1]
        time = self.first + (1.0 - x) / (1.0 - self.theta) * (self.last - self.first)
        time = np.where(x >= self.theta, np.minimum(time, self.last), np.inf)
        time = np.concatenate([time, np.broadcast_to(np.asarray(self.always), (len(x), len(self.always)))], axis=1)
        order = np.argsort(time, axis=1, kind="stable")
        time = np.take_along_axis(time, order, axis=1)
        sent = np.isfinite(time)
        ptr = np.concatenate([[0], np.cumsum(sent.sum(axis=1))])
        return EventBatch(time[sent], order[sent], ptr, n + len(self.always), self.duration)
