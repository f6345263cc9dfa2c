"""What was recorded, as frozen values: the spikes of a population, the course of a variable of some neurons.

A window of time is start < t <= stop: on a grid a threshold reached during (t - dt, t] is a spike stamped t,
so that the windows of a run in pieces add up to the whole.  A window that begins where the recording begins
includes its first instant.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from . import export
from .errors import IndexRangeError, InvalidTypeError, InvalidValueError
from .keywords import named

__all__ = ["SpikeTrains", "Traces"]


def _frozen(values: Any, dtype: type, where: str, ndim: int = 1) -> np.ndarray:
    """A read-only view of `values`; refuses a lossy kind and a wrong rank."""
    array = np.asarray(values)
    if array.size == 0:
        array = array.astype(dtype)
    if not np.can_cast(array.dtype, dtype, "same_kind" if array.dtype.kind in "iu" else "safe"):
        raise InvalidTypeError(f"{where}: wanted {np.dtype(dtype).name}, got {array.dtype} values")
    array = array.astype(dtype, copy=False).view()
    if array.ndim != ndim:
        raise InvalidValueError(f"{where}: wanted {ndim} dimension(s), got shape {array.shape}")
    array.flags.writeable = False
    return array


def _finite(array: np.ndarray, where: str) -> np.ndarray:
    bad = ~np.isfinite(array)
    if bad.any():
        first = int(np.argmax(bad))
        raise InvalidValueError(
            f"{where}: wanted finite numbers, got {array.flat[first]!r} at index {first} ({int(bad.sum())} such values)"
        )
    return array


def _chosen(index: Any, neurons: np.ndarray | None, size: int, where: str) -> np.ndarray:
    """The ids that an index (id, slice, ids, mask) selects among the recorded `neurons` (None: all)."""
    if isinstance(index, slice):
        ids = np.arange(size)[index]
        return ids if neurons is None else ids[np.isin(ids, neurons)]
    ids = np.asarray(index)
    if ids.dtype == bool:
        if ids.shape != (size,):
            raise IndexRangeError(f"{where}: a mask must have shape ({size},), got {ids.shape}")
        ids = np.flatnonzero(ids)
    if ids.size == 0:
        return np.zeros(0, np.int64)
    if ids.dtype.kind not in "iu" or ids.ndim > 1:
        raise InvalidTypeError(f"{where}: wanted neuron ids, a slice or a mask, got {index!r}")
    ids = ids.astype(np.int64).reshape(-1)
    bad = (ids < -size) | (ids >= size)
    if bad.any() and neurons is not None and neurons.size:
        raise IndexRangeError(
            f"{where}: neuron {int(ids[bad][0])} was not recorded ({int(bad.sum())} such); those recorded have ids "
            f"{int(neurons.min())} ... {int(neurons.max())} ({neurons.size} of them)"
        )
    if bad.any():
        raise IndexRangeError(f"{where}: neuron {int(ids[bad][0])} is outside 0 ... {size - 1}")
    ids = np.where(ids < 0, ids + size, ids)
    if np.unique(ids).size != ids.size:
        raise IndexRangeError(f"{where}: a neuron is selected twice")
    missing = ids[~np.isin(ids, neurons)] if neurons is not None else ids[:0]
    if missing.size:
        raise IndexRangeError(f"{where}: neuron {int(missing[0])} was not recorded ({missing.size} such neurons)")
    return ids


def _bounds(window: slice, where: str) -> tuple[float | None, float | None]:
    if not isinstance(window, slice) or window.step is not None:
        raise InvalidTypeError(f"{where}: the second index is a window of time, start:stop in ms, got {window!r}")
    return window.start, window.stop


@dataclass(frozen=True, eq=False, repr=False)
class SpikeTrains:
    """The spikes of a population.

    ``trains[3]``, ``trains[3:10]``, ``trains[[1, 5]]`` and masks select neurons by id;
    ``trains[3:10, 100.0:200.0]`` also a window of time in ms.  Ids stay those of the population.  ``rate``
    and ``count`` speak of all neurons together, ``rates`` and ``counts`` of each.

    Parameters
    ----------
    times : float64 (n,)
        When, ms; ascending, and by id where equal.
    ids : int64 (n,)
        Who, 0 ... size - 1.
    size : int
        Neurons in the population.
    start, stop : float
        The recording covers start <= t <= stop, ms.
    name : str
        The population.
    neurons : int64 (k,), optional
        The recorded neurons, where not all of them were.

    Raises
    ------
    InvalidValueError, InvalidTypeError
        On unequal lengths, unsorted or non-finite times, times outside the recording, ids outside the
        population.

    Examples
    --------
    >>> import spikesim as ss
    >>> trains = ss.SpikeTrains(times=[1.0, 2.0, 4.0], ids=[0, 1, 0], size=2, start=0.0, stop=10.0)
    >>> trains[0].times.tolist(), trains[:, 1.5:5.0].count()
    ([1.0, 4.0], 2)
    """

    times: np.ndarray
    ids: np.ndarray
    size: int
    start: float
    stop: float
    name: str = ""
    neurons: np.ndarray | None = field(default=None)

    def __post_init__(self) -> None:
        where = f"spikes of {self.name!r}" if self.name else "SpikeTrains"
        times = _finite(_frozen(self.times, np.float64, f"{where}: times"), f"{where}: times")
        ids = _frozen(self.ids, np.int64, f"{where}: ids")
        if times.size != ids.size:
            raise InvalidValueError(f"{where}: wanted as many times as ids, got {times.size} and {ids.size}")
        if times.size:
            wrong = (times[1:] < times[:-1]) | ((times[1:] == times[:-1]) & (ids[1:] < ids[:-1]))
            if wrong.any():
                raise InvalidValueError(f"{where}: not sorted by time, then id, at index {int(np.argmax(wrong)) + 1}")
            if not (self.start <= times[0] and times[-1] <= self.stop):
                raise InvalidValueError(
                    f"{where}: times reach from {times[0]:g} to {times[-1]:g} ms, outside the recording, "
                    f"{self.start:g} ... {self.stop:g} ms"
                )
            if not 0 <= ids.min() <= ids.max() < self.size:
                bad = int(np.argmax((ids < 0) | (ids >= self.size)))
                raise InvalidValueError(f"{where}: id {ids[bad]} at index {bad} is outside 0 ... {self.size - 1}")
        object.__setattr__(self, "times", times)
        object.__setattr__(self, "ids", ids)
        if self.neurons is not None:
            object.__setattr__(self, "neurons", _frozen(self.neurons, np.int64, f"{where}: neurons"))

    @classmethod
    @named
    def from_lists(
        cls, lists: Sequence[Iterable[float]], stop: float | None = None, start: float = 0.0, name: str = ""
    ) -> SpikeTrains:
        """Return the trains of ``len(lists)`` neurons from one list of spike times (ms, any order) each.

        Parameters
        ----------
        lists : sequence of sequences of float
            The spike times (ms) of each neuron, in any order.
        stop : float, optional
            End of the recording (ms); the last spike unless given.
        start : float
            Its beginning (ms).
        name : str
            The population.

        Returns
        -------
        SpikeTrains
            Of ``len(lists)`` neurons.

        Raises
        ------
        InvalidTypeError, InvalidValueError
            If a time is no finite number, or outside the recording.

        Examples
        --------
        >>> import spikesim as ss
        >>> ss.SpikeTrains.from_lists([[4.0, 1.0], [2.0]], stop=10.0).times.tolist()
        [1.0, 2.0, 4.0]
        """
        trains = [_frozen(list(train), np.float64, f"train {k}") for k, train in enumerate(lists)]
        times = np.concatenate([*trains, np.zeros(0)])
        ids = np.repeat(np.arange(len(trains)), [train.size for train in trains])
        order = np.lexsort((ids, times))
        last = float(times.max()) if times.size else start
        return cls(times[order], ids[order], len(trains), start, last if stop is None else stop, name)

    # ---- selecting

    def __getitem__(self, index: Any) -> SpikeTrains:
        where = f"spikes of {self.name!r}"
        index, window = index if isinstance(index, tuple) and len(index) == 2 else (index, slice(None))
        neurons = _chosen(index, self.neurons, self.size, where)
        start, stop = self._limits(*_bounds(window, where))
        times, ids = self._window(start, stop)
        wanted = np.zeros(self.size, bool)
        wanted[neurons] = True
        keep = wanted[ids]
        return SpikeTrains(times[keep], ids[keep], self.size, start, stop, self.name, neurons)

    @named
    def between(self, start: float | None = None, stop: float | None = None) -> SpikeTrains:
        """Return the spikes with start < t <= stop (ms; None: the end of the recording).

        Parameters
        ----------
        start, stop : float, optional
            The window (ms); from the beginning, to the end of the recording unless given.

        Returns
        -------
        SpikeTrains
            Whose recording is the window.

        Raises
        ------
        InvalidValueError
            If the window is empty or outside the recording.

        Examples
        --------
        >>> import spikesim as ss
        >>> trains = ss.SpikeTrains.from_lists([[1.0, 4.0], [2.0]], stop=10.0)
        >>> trains.between(1.0, 4.0).times.tolist()
        [2.0, 4.0]
        """
        start, stop = self._limits(start, stop)
        return SpikeTrains(*self._window(start, stop), self.size, start, stop, self.name, self.neurons)

    @named
    def lists(self) -> list[np.ndarray]:
        """Return one array of spike times (ms) a recorded neuron, in the order of the recorded neurons.

        Returns
        -------
        list of array of float
            Ascending times (ms); an empty one for a silent neuron.

        Examples
        --------
        >>> import spikesim as ss
        >>> trains = ss.SpikeTrains.from_lists([[1.0, 4.0], []], stop=10.0)
        >>> [times.tolist() for times in trains.lists()]
        [[1.0, 4.0], []]
        """
        times, edges = self._by_neuron()
        return [times[a:b] for a, b in itertools.pairwise(edges)]

    def _limits(self, start: float | None, stop: float | None) -> tuple[float, float]:
        lower = self.start if start is None else float(start)
        upper = self.stop if stop is None else float(stop)
        if not self.start <= lower <= upper <= self.stop:
            raise InvalidValueError(
                f"spikes of {self.name!r}: wanted a window within the recording, "
                f"{self.start:g} ... {self.stop:g} ms, got {lower:g} ... {upper:g} ms"
            )
        return lower, upper

    def _window(self, start: float, stop: float) -> tuple[np.ndarray, np.ndarray]:
        first = np.searchsorted(self.times, start, "left" if start == self.start else "right")
        last = np.searchsorted(self.times, stop, "right")
        return self.times[first:last], self.ids[first:last]

    def _who(self) -> np.ndarray:
        return np.arange(self.size) if self.neurons is None else self.neurons

    def _by_neuron(self) -> tuple[np.ndarray, np.ndarray]:
        """Times grouped by recorded neuron, and where each group begins."""
        who = self._who()
        rank = np.zeros(self.size, np.min_scalar_type(max(self.size, 1)))  # 16 bits or fewer sort by radix
        rank[who] = np.arange(who.size)
        group = rank[self.ids]
        order = np.argsort(group, kind="stable")
        return self.times[order], np.concatenate([[0], np.cumsum(np.bincount(group, minlength=who.size))])

    # ---- counting

    def __len__(self) -> int:
        return int(self.times.size)

    @named
    def count(self, start: float | None = None, stop: float | None = None) -> int:
        """Return the number of spikes in a window.

        Parameters
        ----------
        start, stop : float, optional
            The window (ms), start < t <= stop; the recording unless given.

        Returns
        -------
        int
            Of all recorded neurons together.

        Examples
        --------
        >>> import spikesim as ss
        >>> ss.SpikeTrains.from_lists([[1.0, 4.0], [2.0]], stop=10.0).count(1.0)
        2
        """
        return int(self._window(*self._limits(start, stop))[0].size)

    @named
    def counts(self, start: float | None = None, stop: float | None = None) -> np.ndarray:
        """Return the number of spikes of each recorded neuron in a window, int64 (k,).

        Parameters
        ----------
        start, stop : float, optional
            The window (ms), start < t <= stop; the recording unless given.

        Returns
        -------
        array of int, shape (k,)
            One number a recorded neuron.

        Examples
        --------
        >>> import spikesim as ss
        >>> ss.SpikeTrains.from_lists([[1.0, 4.0], [2.0]], stop=10.0).counts().tolist()
        [2, 1]
        """
        ids = self._window(*self._limits(start, stop))[1]
        return np.bincount(ids, minlength=self.size)[self._who()]

    @named
    def rate(self, start: float | None = None, stop: float | None = None) -> float:
        """Return the mean rate of the recorded neurons in a window, Hz.

        Parameters
        ----------
        start, stop : float, optional
            The window (ms), start < t <= stop; the recording unless given.

        Returns
        -------
        float
            Spikes over seconds and neurons (Hz).

        Raises
        ------
        InvalidValueError
            If the window or the selection is empty: it has no rate.

        Examples
        --------
        >>> import spikesim as ss
        >>> ss.SpikeTrains.from_lists([[1.0, 4.0], [2.0]], stop=10.0).rate()
        150.0
        """
        return self.count(start, stop) / (self._seconds(start, stop) * self._who().size)

    @named
    def rates(self, start: float | None = None, stop: float | None = None) -> np.ndarray:
        """Return the rate of each recorded neuron in a window, Hz, float64 (k,).

        Parameters
        ----------
        start, stop : float, optional
            The window (ms), start < t <= stop; the recording unless given.

        Returns
        -------
        array of float, shape (k,)
            Of each recorded neuron (Hz).

        Raises
        ------
        InvalidValueError
            If the window is empty.

        Examples
        --------
        >>> import spikesim as ss
        >>> ss.SpikeTrains.from_lists([[1.0, 4.0], [2.0]], stop=10.0).rates().tolist()
        [200.0, 100.0]
        """
        return self.counts(start, stop) / self._seconds(start, stop)

    def _seconds(self, start: float | None, stop: float | None) -> float:
        lower, upper = self._limits(start, stop)
        if lower == upper or not self._who().size:
            what = f"the window {lower:g} ... {upper:g} ms" if lower == upper else "the selection of neurons"
            raise InvalidValueError(f"spikes of {self.name!r}: {what} is empty and has no rate")
        return (upper - lower) / 1000.0

    @named
    def isi(self) -> np.ndarray:
        """Return the intervals between successive spikes of a neuron, neuron after neuron, ms, float64.

        Returns
        -------
        array of float, shape (intervals,)
            In ms; a neuron of n spikes has n - 1 of them.

        Examples
        --------
        >>> import spikesim as ss
        >>> ss.SpikeTrains.from_lists([[1.0, 4.0, 5.0], [2.0]], stop=10.0).isi().tolist()
        [3.0, 1.0]
        """
        times, edges = self._by_neuron()
        gaps = np.diff(times)
        inside = np.ones(gaps.size, bool)
        inner = edges[1:-1]
        inside[inner[(inner > 0) & (inner < times.size)] - 1] = False
        return gaps[inside]

    @named
    def cvs(self) -> np.ndarray:
        """Return the coefficient of variation (sd over mean) of each recorded neuron's intervals, (k,).

        NaN marks a neuron of fewer than three spikes: two intervals are the least that vary.

        Returns
        -------
        array of float, shape (k,)
            0 for a regular train, about 1 for a Poisson train.

        Examples
        --------
        >>> import spikesim as ss
        >>> ss.SpikeTrains.from_lists([[1.0, 4.0, 5.0], [2.0]], stop=10.0).cvs().tolist()
        [0.5, nan]
        """
        intervals = np.maximum(self.counts() - 1, 0)
        group = np.repeat(np.arange(intervals.size), intervals)
        gaps = self.isi()
        n = np.where(intervals >= 2, intervals, np.nan)
        mean = np.bincount(group, gaps, intervals.size) / n
        variance = np.bincount(group, (gaps - mean[group]) ** 2, intervals.size) / n
        with np.errstate(invalid="ignore"):  # all spikes of a neuron at one instant: 0/0
            return np.sqrt(variance) / mean

    @named
    def cv(self) -> float:
        """Return the mean over neurons of :meth:`cvs`; NaN when no neuron has three spikes.

        Returns
        -------
        float
            0 for regular trains, about 1 for Poisson trains.

        Examples
        --------
        >>> import spikesim as ss
        >>> ss.SpikeTrains.from_lists([[1.0, 4.0, 5.0], [2.0]], stop=10.0).cv()
        0.5
        """
        each = self.cvs()
        each = each[np.isfinite(each)]
        return float(each.mean()) if each.size else math.nan

    @named
    def convolve(self, synapse: Any, t: Any) -> np.ndarray:
        """Return each recorded neuron's train filtered by a synapse, sum over spikes t_k of psc(t - t_k).

        Parameters
        ----------
        synapse : Synapse or callable
            Something with a ``psc`` of times in ms (0 before 0), or such a function itself.
        t : float64 (T,)
            Where to evaluate, ms.

        Returns
        -------
        float64 (T, k)
            One column a recorded neuron; the work is T times the number of spikes.

        Examples
        --------
        >>> import spikesim as ss
        >>> trains = ss.SpikeTrains.from_lists([[10.0]], stop=50.0)
        >>> trains.convolve(ss.Exponential(5.0), [0.0, 10.0, 15.0]).round(3).ravel().tolist()
        [0.0, 1.0, 0.368]
        """
        psc: Callable[[np.ndarray], np.ndarray] = getattr(synapse, "psc", synapse)
        if not callable(psc):
            raise InvalidTypeError(f"convolve: wanted a synapse or a function of time, got {synapse!r}")
        t = _finite(_frozen(t, np.float64, "convolve: t"), "convolve: t")
        trains = self.lists()
        out = np.zeros((t.size, len(trains)))
        block = max(1, 2**20 // max(t.size, 1))  # spikes at a time: some 8 MB of lags
        for k, train in enumerate(trains):
            for at in range(0, train.size, block):
                lags = t[:, None] - train[None, at : at + block]
                out[:, k] += np.where(lags >= 0.0, psc(np.maximum(lags, 0.0)), 0.0).sum(axis=1)
        return out

    @named
    def to_neo(self) -> Any:
        """Return a SpikeTrainList of Neo: a train a recorded neuron, annotated with ``population`` and ``id``.

        Returns
        -------
        neo.core.spiketrainlist.SpikeTrainList
            A MissingPackageError says that Neo is not installed.

        Examples
        --------
        >>> import spikesim as ss
        >>> trains = ss.SpikeTrains.from_lists([[1.0, 5.0], []], stop=10.0, name="exc")
        >>> trains.to_neo()[0]                                                  # doctest: +SKIP
        """
        return export.spikes_to_neo([self], self.start, self.stop)

    def __repr__(self) -> str:
        return (
            f"SpikeTrains({self.name!r}: {len(self)} spikes of {self._who().size} neurons in "
            f"{self.start:g} ... {self.stop:g} ms)"
        )


@dataclass(frozen=True, eq=False, repr=False)
class Traces:
    """The course of one variable of some neurons of a population.

    ``traces[3]`` and the like select neurons by id, ``traces[3, 100.0:200.0]`` also a window of time in ms: as for
    spikes 100 < t <= 200, so that windows that follow each other share no sample.

    Parameters
    ----------
    times : float64 (T,)
        When, ms.
    values : float64 (T, k)
        A column a neuron.
    ids : int64 (k,)
        The neurons of the columns.
    variable, unit, name : str
        The variable ("v"), its unit ("mV") and the population.

    Examples
    --------
    >>> import spikesim as ss
    >>> v = ss.Traces(times=[0.1, 0.2], values=[[-70.0, -65.0], [-69.0, -64.0]], ids=[3, 7], variable="v", unit="mV")
    >>> v[7].values.ravel().tolist()
    [-65.0, -64.0]
    """

    times: np.ndarray
    values: np.ndarray
    ids: np.ndarray
    variable: str = ""
    unit: str = ""
    name: str = ""

    def __post_init__(self) -> None:
        where = f"trace of {self.variable!r} of {self.name!r}"
        object.__setattr__(
            self, "times", _finite(_frozen(self.times, np.float64, f"{where}: times"), f"{where}: times")
        )
        object.__setattr__(self, "values", _frozen(self.values, np.float64, f"{where}: values", 2))
        object.__setattr__(self, "ids", _frozen(self.ids, np.int64, f"{where}: ids"))
        if self.values.shape != (self.times.size, self.ids.size):
            raise InvalidValueError(
                f"{where}: wanted values of shape {(self.times.size, self.ids.size)} (times, neurons), "
                f"got {self.values.shape}"
            )

    def __len__(self) -> int:
        return int(self.times.size)

    def __getitem__(self, index: Any) -> Traces:
        where = f"trace of {self.variable!r} of {self.name!r}"
        index, window = index if isinstance(index, tuple) and len(index) == 2 else (index, slice(None))
        start, stop = _bounds(window, where)
        chosen = _chosen(index, self.ids, int(self.ids.max(initial=-1)) + 1, where)
        order = np.argsort(self.ids)
        columns = order[np.searchsorted(self.ids, chosen, sorter=order)]
        rows = slice(
            0 if start is None else int(np.searchsorted(self.times, start, "right")),
            None if stop is None else int(np.searchsorted(self.times, stop, "right")),
        )
        values = np.asarray(self._rows(rows))[:, columns]
        return Traces(self.times[rows], values, self.ids[columns], self.variable, self.unit, self.name)

    def _rows(self, rows: slice) -> np.ndarray:
        return self.values[rows]

    @named
    def to_pandas(self) -> Any:
        """Return the samples as a DataFrame of pandas: times (ms) as index, a column a neuron.

        Returns
        -------
        pandas.DataFrame
            ``attrs`` holds variable, unit and population.  A MissingPackageError says that pandas is not installed.

        Examples
        --------
        >>> import numpy as np
        >>> import spikesim as ss
        >>> trace = ss.Traces(np.array([0.1, 0.2]), np.zeros((2, 3)), np.arange(3), "v", "mV", "exc")
        >>> trace.to_pandas()                                                   # doctest: +SKIP
        """
        return export.traces_frame(self)

    def __repr__(self) -> str:
        unit = f" ({self.unit})" if self.unit else ""
        what = f"{self.variable!r}{unit} of {self.ids.size} neurons of {self.name!r}"
        return f"Traces({what} at {self.times.size} times)"
