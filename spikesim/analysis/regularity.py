"""How regular: measures of the intervals I_k between the spikes of a neuron, and of its counts.

=====  =====================================================  =====================================
CV     sd(I) / mean(I)                                         :meth:`SpikeTrains.cv`
CV2    mean of 2 |I_{k+1} - I_k| / (I_{k+1} + I_k)             Holt et al. 1996, J Neurophysiol 75:1806
LV     mean of 3 ((I_{k+1} - I_k) / (I_{k+1} + I_k))^2         Shinomoto et al. 2003, Neural Comput 15:2823
Fano   var(N) / mean(N), N the counts in successive windows    Fano 1947; unbiased variance
=====  =====================================================  =====================================

All are 0 for a regular train (Fano: when windows fit) and 1 in the mean for a Poisson process.  CV2 and LV
compare neighbours only, so a slow drift of the rate does not raise them.  The names in the plural give one
value a recorded neuron, NaN where it has too few spikes to tell; the singular is their mean over the neurons
that have one.
"""

from __future__ import annotations

import math

import numpy as np

from ..errors import InvalidValueError
from ..keywords import named
from ..trains import SpikeTrains
from .rates import binned_counts

__all__ = ["cv", "cv2", "cv2s", "cvs", "fano", "fanos", "isi", "lv", "lvs"]


@named
def isi(trains: SpikeTrains) -> np.ndarray:
    """Return the intervals between successive spikes of each neuron, neuron after neuron (ms).

    Parameters
    ----------
    trains : SpikeTrains
        Of any number of neurons.

    Returns
    -------
    array of float, shape (intervals,)
        In ms; a neuron of n spikes has n - 1 of them.

    Examples
    --------
    >>> import spikesim as ss
    >>> ss.analysis.isi(ss.SpikeTrains.from_lists([[1.0, 3.0, 7.0], [2.0]], stop=10.0)).tolist()
    [2.0, 4.0]
    """
    return trains.isi()


@named
def cvs(trains: SpikeTrains) -> np.ndarray:
    """Return the coefficient of variation of each recorded neuron's intervals, float64 (k,).

    Parameters
    ----------
    trains : SpikeTrains
        Of any number of neurons.

    Returns
    -------
    array of float, shape (k,)
        NaN below three spikes.

    Examples
    --------
    >>> import spikesim as ss
    >>> ss.analysis.cvs(ss.SpikeTrains.from_lists([[1.0, 3.0, 5.0], [2.0]], stop=10.0)).tolist()
    [0.0, nan]
    """
    return trains.cvs()


@named
def cv(trains: SpikeTrains) -> float:
    """Return the mean coefficient of variation.

    Parameters
    ----------
    trains : SpikeTrains
        Of any number of neurons.

    Returns
    -------
    float
        Mean over the neurons of three spikes or more; NaN where there is none.

    Examples
    --------
    >>> import spikesim as ss
    >>> trains = ss.SpikeTrains.from_lists([[1.0, 3.0, 5.0], [1.0, 2.0, 5.0]], stop=10.0)
    >>> ss.analysis.cv(trains)
    0.25
    """
    return trains.cv()


def _contrasts(trains: SpikeTrains) -> tuple[np.ndarray, np.ndarray, int]:
    """(I_{k+1} - I_k) / (I_{k+1} + I_k) for all neighbouring intervals, and the neuron of each."""
    intervals = trains.isi()
    counts = trains.counts()
    neuron = np.repeat(np.arange(counts.size), np.maximum(counts - 1, 0))
    same = neuron[1:] == neuron[:-1]
    total = (intervals[1:] + intervals[:-1])[same]
    difference = np.diff(intervals)[same]
    # three spikes at one instant: two equal intervals of length 0 do not differ
    return (
        np.divide(difference, total, out=np.zeros_like(total), where=total > 0.0),
        neuron[1:][same],
        counts.size,
    )


def _mean_of_each(values: np.ndarray, neuron: np.ndarray, size: int) -> np.ndarray:
    with np.errstate(invalid="ignore"):
        return np.bincount(neuron, values, size) / np.bincount(neuron, minlength=size)


def _mean(each: np.ndarray) -> float:
    each = each[np.isfinite(each)]
    return float(each.mean()) if each.size else math.nan


@named
def cv2s(trains: SpikeTrains) -> np.ndarray:
    """Return CV2 of each recorded neuron, float64 (k,); NaN below three spikes.

    Parameters
    ----------
    trains : SpikeTrains
        Of any number of neurons.

    Returns
    -------
    array of float, shape (k,)
        0 for a regular train, 1 on average for a Poisson train (Holt et al. 1996).

    Examples
    --------
    >>> import spikesim as ss
    >>> ss.analysis.cv2s(ss.SpikeTrains.from_lists([[1.0, 2.0, 5.0], [2.0]], stop=10.0)).tolist()
    [1.0, nan]
    """
    contrast, neuron, size = _contrasts(trains)
    return _mean_of_each(2.0 * np.abs(contrast), neuron, size)


@named
def cv2(trains: SpikeTrains) -> float:
    """Return the mean of CV2 over neurons.

    Parameters
    ----------
    trains : SpikeTrains
        Of any number of neurons.

    Returns
    -------
    float
        NaN where no neuron has three spikes.

    Examples
    --------
    >>> import spikesim as ss
    >>> ss.analysis.cv2(ss.SpikeTrains.from_lists([[1.0, 2.0, 5.0], [2.0]], stop=10.0))
    1.0
    """
    return _mean(cv2s(trains))


@named
def lvs(trains: SpikeTrains) -> np.ndarray:
    """Return the local variation LV of each recorded neuron, float64 (k,); NaN below three spikes.

    Parameters
    ----------
    trains : SpikeTrains
        Of any number of neurons.

    Returns
    -------
    array of float, shape (k,)
        0 for a regular train, 1 on average for a Poisson train (Shinomoto et al. 2003).

    Examples
    --------
    >>> import spikesim as ss
    >>> ss.analysis.lvs(ss.SpikeTrains.from_lists([[1.0, 2.0, 5.0], [2.0]], stop=10.0)).tolist()
    [0.75, nan]
    """
    contrast, neuron, size = _contrasts(trains)
    return _mean_of_each(3.0 * contrast * contrast, neuron, size)


@named
def lv(trains: SpikeTrains) -> float:
    """Return the mean of LV over neurons.

    Parameters
    ----------
    trains : SpikeTrains
        Of any number of neurons.

    Returns
    -------
    float
        NaN where no neuron has three spikes.

    Examples
    --------
    >>> import spikesim as ss
    >>> ss.analysis.lv(ss.SpikeTrains.from_lists([[1.0, 2.0, 5.0], [2.0]], stop=10.0))
    0.75
    """
    return _mean(lvs(trains))


@named
def fanos(trains: SpikeTrains, window: float = 100.0) -> np.ndarray:
    """Return the Fano factor of each recorded neuron's counts in successive windows (ms), float64 (k,).

    NaN marks a silent neuron.

    Parameters
    ----------
    trains : SpikeTrains
        Of any number of neurons.
    window : float
        Length of a window (ms); at least two fit into the recording.

    Returns
    -------
    array of float, shape (k,)
        Variance over mean of the counts: 0 for a regular train, 1 for a Poisson train.

    Raises
    ------
    InvalidValueError
        If fewer than two windows fit into the recording.

    Examples
    --------
    >>> import spikesim as ss
    >>> trains = ss.SpikeTrains.from_lists([[1.0, 2.0, 11.0, 12.0], [3.0, 4.0]], stop=20.0)
    >>> ss.analysis.fanos(trains, window=10.0).tolist()
    [0.0, 2.0]
    """
    counts = binned_counts(trains, window)
    n = counts.shape[1]
    if n < 2:
        raise InvalidValueError(
            f"fano: wanted at least 2 windows of {window:g} ms, but the recording is "
            f"{trains.stop - trains.start:g} ms long; give a shorter window"
        )
    total = np.asarray(counts.sum(axis=1)).ravel()
    squares = np.asarray(counts.multiply(counts).sum(axis=1)).ravel()
    # integers until the last division, so nothing cancels: var = (n sum N^2 - (sum N)^2) / (n (n - 1))
    with np.errstate(invalid="ignore"):
        return (n * squares - total * total) / ((n - 1) * total.astype(np.float64))


@named
def fano(trains: SpikeTrains, window: float = 100.0) -> float:
    """Return the mean Fano factor of the neurons that spiked.

    Parameters
    ----------
    trains : SpikeTrains
        Of any number of neurons.
    window : float
        Length of a window (ms); at least two fit into the recording.

    Returns
    -------
    float
        NaN where no neuron spiked.

    Examples
    --------
    >>> import spikesim as ss
    >>> trains = ss.SpikeTrains.from_lists([[1.0, 2.0, 11.0, 12.0], [3.0, 4.0]], stop=20.0)
    >>> ss.analysis.fano(trains, window=10.0)
    1.0
    """
    return _mean(fanos(trains, window))
