"""How often and how regularly neurons fire: what is counted of their spikes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from ..errors import InvalidValueError
from ..keywords import named

if TYPE_CHECKING:
    from .spikes import SpikeTrains

__all__ = ["Counted"]


class Counted:
    """Counts, rates and intervals of :class:`SpikeTrains`."""

    @named
    def count(self: SpikeTrains, start: float | None = None, stop: float | None = None) -> int:  # type: ignore[misc]
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
    def counts(self: SpikeTrains, start: float | None = None, stop: float | None = None) -> np.ndarray:  # type: ignore[misc]
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
    def rate(self: SpikeTrains, start: float | None = None, stop: float | None = None) -> float:  # type: ignore[misc]
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
    def rates(self: SpikeTrains, start: float | None = None, stop: float | None = None) -> np.ndarray:  # type: ignore[misc]
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

    def _seconds(self: SpikeTrains, start: float | None, stop: float | None) -> float:  # type: ignore[misc]
        lower, upper = self._limits(start, stop)
        if lower == upper or not self._who().size:
            what = f"the window {lower:g} ... {upper:g} ms" if lower == upper else "the selection of neurons"
            raise InvalidValueError(f"spikes of {self.name!r}: {what} is empty and has no rate")
        return (upper - lower) / 1000.0

    @named
    def isi(self: SpikeTrains) -> np.ndarray:  # type: ignore[misc]
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
    def cvs(self: SpikeTrains) -> np.ndarray:  # type: ignore[misc]
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
    def cv(self: SpikeTrains) -> float:  # type: ignore[misc]
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
