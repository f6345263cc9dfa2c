"""How often: counts in bins of time, and the rate of a population as a function of time.

The mean rate of a population and the rate of each neuron are methods of the trains (:meth:`SpikeTrains.rate`,
:meth:`SpikeTrains.rates`).  Here bins are (start + k w, start + (k + 1) w]: closed on the right like every
window of the package, since a spike stamped t on a grid happened in (t - dt, t].
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy import ndimage, sparse

from ..errors import InvalidTypeError, InvalidValueError
from ..keywords import named
from ..trains import SpikeTrains

__all__ = ["binned_counts", "instantaneous_rate", "n_recorded", "population_counts", "population_rate"]


@named
def n_recorded(trains: SpikeTrains) -> int:
    """Return how many neurons were recorded."""
    return trains.size if trains.neurons is None else int(trains.neurons.size)


def _whole_bins(trains: SpikeTrains, width: float, where: str) -> int:
    """Return the number of whole bins."""
    if not isinstance(trains, SpikeTrains):
        raise InvalidTypeError(f"{where}: wanted SpikeTrains, as result.spikes['name'], got {type(trains).__name__}")
    if not (width > 0.0 and math.isfinite(width)):
        raise InvalidValueError(f"{where}: bin must be > 0 ms and finite, got {width!r}")
    whole = (trains.stop - trains.start) / width
    n = math.floor(whole + 1e-9 * max(1.0, whole))
    if n < 1:
        raise InvalidValueError(
            f"{where}: bin = {width:g} ms is longer than the window, {trains.start:g} ... {trains.stop:g} ms"
        )
    return n


def _bin_of(trains: SpikeTrains, which: Any, width: float, n: int) -> np.ndarray:
    """The bin of these spikes, of n (n: in the rest of the window)."""
    position = (trains.times[which] - trains.start) / width
    nearest = np.rint(position)  # 0.3 / 0.1 = 2.999...96 is an edge all the same
    snap = np.abs(position - nearest) <= 1e-9 * np.maximum(1.0, np.abs(nearest))
    index = np.ceil(np.where(snap, nearest, position)).astype(np.int64) - 1
    return np.clip(index, 0, n)


@named
def binned_counts(trains: SpikeTrains, bin: float) -> sparse.csr_matrix:
    """Return the number of spikes of each recorded neuron in each bin.

    Parameters
    ----------
    trains : SpikeTrains
    bin : float
        Width, ms.  A rest of the window shorter than a bin is left out.

    Returns
    -------
    scipy.sparse.csr_matrix of int64, shape (k, n_bins)
        One row a recorded neuron.

    Examples
    --------
    >>> import spikesim as ss
    >>> trains = ss.SpikeTrains.from_lists([[1.0, 2.0, 11.0], [15.0]], stop=20.0)
    >>> ss.analysis.binned_counts(trains, bin=10.0).toarray().tolist()
    [[2, 1], [0, 1]]
    """
    n = _whole_bins(trains, bin, "binned_counts")
    index = _bin_of(trains, slice(None), bin, n)
    row = np.arange(trains.size)
    if trains.neurons is not None:
        row[trains.neurons] = np.arange(trains.neurons.size)
    whole = index < n
    data = np.ones(int(whole.sum()), np.int64)
    return sparse.csr_matrix((data, (row[trains.ids[whole]], index[whole])), shape=(n_recorded(trains), n))


@named
def population_counts(trains: SpikeTrains, bin: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the centres of the bins (ms, (n,)) and the spikes of all neurons in each (int64, (n,)).

    Parameters
    ----------
    trains : SpikeTrains
        All recorded neurons are counted together.
    bin : float
        Width (ms), > 0 and not longer than the recording.

    Returns
    -------
    centres : array of float, shape (n,)
        Of the bins (ms).
    counts : array of int, shape (n,)
        Spikes in each.

    Examples
    --------
    >>> import spikesim as ss
    >>> trains = ss.SpikeTrains.from_lists([[1.0, 2.0, 11.0], [15.0]], stop=20.0)
    >>> centres, counts = ss.analysis.population_counts(trains, bin=10.0)
    >>> centres.tolist(), counts.tolist()
    ([5.0, 15.0], [2, 2])
    """
    n = _whole_bins(trains, bin, "population_counts")
    first, end = np.zeros(n + 1, np.int64), np.full(n + 1, trains.times.size)  # times ascend: halve until bin k begins
    while np.any(first < end):
        middle = (first + end) // 2
        later = _bin_of(trains, np.minimum(middle, trains.times.size - 1), bin, n) >= np.arange(n + 1)
        first, end = np.where(later | (first == end), first, middle + 1), np.where(later, middle, end)
    return trains.start + (np.arange(n) + 0.5) * bin, np.diff(first)


@named
def population_rate(trains: SpikeTrains, bin: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Return the centres of the bins (ms, (n,)) and the mean rate of the neurons in each (Hz, float64 (n,)).

    Parameters
    ----------
    trains : SpikeTrains
    bin : float
        Width, ms.

    Returns
    -------
    centres : array of float, shape (n,)
        Of the bins (ms).
    rate : array of float, shape (n,)
        Mean over the recorded neurons (Hz).

    Raises
    ------
    InvalidValueError
        If the bin is not positive, or longer than the window, or no neuron was recorded.

    Examples
    --------
    >>> import spikesim as ss
    >>> trains = ss.SpikeTrains.from_lists([[1.0, 2.0, 11.0], [15.0]], stop=20.0)
    >>> centres, rate = ss.analysis.population_rate(trains, bin=10.0)
    >>> rate.tolist()
    [100.0, 100.0]
    """
    centres, counts = population_counts(trains, bin)
    neurons = n_recorded(trains)
    if not neurons:
        raise InvalidValueError(f"population_rate: no neuron of {trains.name!r} was recorded")
    return centres, counts * (1000.0 / (bin * neurons))


@named
def instantaneous_rate(trains: SpikeTrains, sigma: float = 10.0, bin: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Return times (ms) and the population rate (Hz) smoothed by a Gaussian of standard deviation `sigma`
    (ms).

    Near the ends of the window the Gaussian is cut and rescaled to its part inside, so a constant rate stays
    so.

    Parameters
    ----------
    trains : SpikeTrains
        Of one neuron or more.
    sigma : float
        Standard deviation of the Gaussian (ms), > 0.
    bin : float
        Width of the bins that are smoothed (ms).

    Returns
    -------
    times : array of float, shape (n,)
        In ms.
    rate : array of float, shape (n,)
        In Hz.

    Examples
    --------
    >>> import numpy as np
    >>> import spikesim as ss
    >>> trains = ss.SpikeTrains.from_lists([np.arange(5.0, 100.0, 10.0)], stop=100.0)
    >>> times, rate = ss.analysis.instantaneous_rate(trains, sigma=20.0)
    >>> round(float(rate[50]), 1)
    100.1
    """
    if not (sigma > 0.0 and math.isfinite(sigma)):
        raise InvalidValueError(f"instantaneous_rate: sigma must be > 0 ms and finite, got {sigma!r}")
    centres, rate = population_rate(trains, bin)

    def smooth(x: np.ndarray) -> np.ndarray:
        return ndimage.gaussian_filter1d(x, sigma / bin, mode="constant", truncate=6.0)

    return centres, smooth(rate) / smooth(np.ones_like(rate))
