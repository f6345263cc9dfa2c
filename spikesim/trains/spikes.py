"""The spikes of a population: who, and when."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .. import export
from ..errors import InvalidTypeError, InvalidValueError
from ..keywords import named
from ..scalars import real, whole_array
from .checked import bounds, chosen, finite, frozen, one_train
from .counted import Counted

__all__ = ["SpikeTrains"]


@named
@dataclass(frozen=True, eq=False, repr=False)
class SpikeTrains(Counted):
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
    at_spike : dict of float64 (n,)
        States just before the reset at each spike, by name, aligned with times and ids; of
        ``net.record(..., "spikes", at_spike=("v",))``.

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
    at_spike: Mapping[str, np.ndarray] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not isinstance(self.name, str):
            raise InvalidTypeError(f"SpikeTrains: name must be a string, got {type(self.name).__name__}")
        where = f"spikes of {self.name!r}" if self.name else "SpikeTrains"
        for side in ("start", "stop"):
            object.__setattr__(self, side, real(f"{where}: {side}", getattr(self, side), "a time (ms)"))
        if not (np.ndim(self.size) == 0 and 0 <= whole_array(f"{where}: size", self.size) < 2**31):
            raise InvalidValueError(f"{where}: size must be a number of neurons, got {self.size!r:.60}")
        object.__setattr__(self, "size", int(self.size))
        if not self.start <= self.stop:
            raise InvalidValueError(f"{where}: start must not be after stop, got {self.start:g} and {self.stop:g} ms")
        times = finite(frozen(self.times, np.float64, f"{where}: times"), f"{where}: times")
        ids = frozen(self.ids, np.int64, f"{where}: ids")
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
        kept = {}
        for state, values in self.at_spike.items():
            what = f"{where}: at_spike[{state!r}]"
            kept[state] = finite(frozen(values, np.float64, what), what)
            if kept[state].size != times.size:
                raise InvalidValueError(f"{what}: wanted {times.size} values, one a spike, got {kept[state].size}")
        object.__setattr__(self, "at_spike", kept)
        if self.neurons is not None:
            object.__setattr__(self, "neurons", frozen(self.neurons, np.int64, f"{where}: neurons"))

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
        trains = [one_train(f"from_lists: lists[{k}]", train) for k, train in enumerate(lists)]
        times = np.concatenate([*trains, np.zeros(0)])
        ids = np.repeat(np.arange(len(trains)), [train.size for train in trains])
        order = np.lexsort((ids, times))
        last = float(times.max()) if times.size else start
        return cls(times[order], ids[order], len(trains), start, last if stop is None else stop, name)

    # ---- selecting

    def __getitem__(self, index: Any) -> SpikeTrains:
        where = f"spikes of {self.name!r}"
        index, window = index if isinstance(index, tuple) and len(index) == 2 else (index, slice(None))
        neurons = chosen(index, self.neurons, self.size, where)
        start, stop = self._limits(*bounds(window, where))
        times, ids, states = self._window(start, stop)
        wanted = np.zeros(self.size, bool)
        wanted[neurons] = True
        keep = wanted[ids]
        states = {state: values[keep] for state, values in states.items()}
        return SpikeTrains(times[keep], ids[keep], self.size, start, stop, self.name, neurons, states)

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
        times, ids, states = self._window(start, stop)
        return SpikeTrains(times, ids, self.size, start, stop, self.name, self.neurons, states)

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
        where = f"spikes of {self.name!r}"
        lower = self.start if start is None else real(f"{where}: start", start, "a time (ms)")
        upper = self.stop if stop is None else real(f"{where}: stop", stop, "a time (ms)", infinite=True)
        if not self.start <= lower <= upper <= self.stop:
            raise InvalidValueError(
                f"spikes of {self.name!r}: wanted a window within the recording, "
                f"{self.start:g} ... {self.stop:g} ms, got {lower:g} ... {upper:g} ms"
            )
        return lower, upper

    def _window(self, start: float, stop: float) -> tuple[np.ndarray, np.ndarray, dict[str, np.ndarray]]:
        first = np.searchsorted(self.times, start, "left" if start == self.start else "right")
        last = np.searchsorted(self.times, stop, "right")
        states = {state: values[first:last] for state, values in self.at_spike.items()}
        return self.times[first:last], self.ids[first:last], states

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

    def __len__(self) -> int:
        return int(self.times.size)

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
        t = finite(frozen(t, np.float64, "convolve: t"), "convolve: t")
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
