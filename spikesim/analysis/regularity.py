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
    """Return the intervals between successive spikes of each neuron, neuron after neuron (ms)."""
    return trains.isi()


@named
def cvs(trains: SpikeTrains) -> np.ndarray:
    """Return the coefficient of variation of each recorded neuron's intervals, float64 (k,)."""
    return trains.cvs()


@named
def cv(trains: SpikeTrains) -> float:
    """Return the mean coefficient of variation."""
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
    """Return CV2 of each recorded neuron, float64 (k,); NaN below three spikes."""
    contrast, neuron, size = _contrasts(trains)
    return _mean_of_each(2.0 * np.abs(contrast), neuron, size)


@named
def cv2(trains: SpikeTrains) -> float:
    """Return the mean of CV2 over neurons."""
    return _mean(cv2s(trains))


@named
def lvs(trains: SpikeTrains) -> np.ndarray:
    """Return the local variation LV of each recorded neuron, float64 (k,); NaN below three spikes."""
    contrast, neuron, size = _contrasts(trains)
    return _mean_of_each(3.0 * contrast * contrast, neuron, size)


@named
def lv(trains: SpikeTrains) -> float:
    """Return the mean of LV over neurons."""
    return _mean(lvs(trains))


@named
def fanos(trains: SpikeTrains, window: float = 100.0) -> np.ndarray:
    """Return the Fano factor of each recorded neuron's counts in successive windows (ms), float64 (k,).

    NaN marks a silent neuron.

    Raises
    ------
    InvalidValueError
        If fewer than two windows fit into the recording.
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
    """Return the mean Fano factor of the neurons that spiked."""
    return _mean(fanos(trains, window))
