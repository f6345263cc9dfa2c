"""How alike: correlation of spike counts between neurons, and of spike times over lags.

Pearson's coefficient of the counts n_i, n_j in bins,  c_ij = cov(n_i, n_j) / sqrt(var(n_i) var(n_j)).
The cross-correlogram counts pairs of spikes by lag t_b - t_a  (Perkel, Gerstein and Moore 1967, Biophys J
7:419).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from ..errors import InvalidTypeError, InvalidValueError
from ..keywords import named
from ..network.checked import count
from ..trains import SpikeTrains
from .rates import binned_counts

__all__ = ["Correlations", "Correlogram", "correlations", "correlogram", "mean_correlation"]


class Correlations(NamedTuple):
    """Correlation coefficients of a sample of neurons.

    Parameters
    ----------
    matrix : array of float, shape (k, k)
        Coefficients.
    ids : array of int, shape (k,)
        The sampled neurons.

    Examples
    --------
    >>> import spikesim as ss
    >>> trains = ss.SpikeTrains.from_lists([[1.0, 11.0], [2.0, 12.0], [6.0, 16.0]], stop=20.0)
    >>> found = ss.analysis.correlations(trains, bin=5.0)
    >>> found.matrix.round(2).tolist()
    [[1.0, 1.0, -1.0], [1.0, 1.0, -1.0], [-1.0, -1.0, 1.0]]
    """

    matrix: np.ndarray  #: coefficients, float64 (k, k)
    ids: np.ndarray  #: the sampled neurons, int64 (k,)

    @property
    def pairs(self) -> np.ndarray:
        """Coefficients of the distinct pairs, float64 (k (k - 1) / 2,)."""
        return self.matrix[np.triu_indices(len(self.ids), 1)]

    @property
    def mean(self) -> float:
        """Mean over the distinct pairs; NaN for fewer than two neurons."""
        return float(self.pairs.mean()) if len(self.ids) > 1 else math.nan


@named
def correlations(trains: SpikeTrains, bin: float = 5.0, sample: int = 200, seed: int = 0) -> Correlations:
    """Return the correlation of binned counts between neurons.

    Parameters
    ----------
    trains : SpikeTrains
    bin : float
        Width, ms.
    sample : int
        At most this many neurons, drawn without replacement among those whose counts vary (a silent neuron
        has no coefficient).
    seed : int
        Of the draw.

    Returns
    -------
    Correlations
        ``.matrix`` (k, k), ``.ids`` (k,), ``.pairs`` and ``.mean``.

    Raises
    ------
    InvalidValueError
        If the sample is of fewer than two neurons.

    Examples
    --------
    >>> import spikesim as ss
    >>> trains = ss.SpikeTrains.from_lists([[1.0, 11.0], [2.0, 12.0], [6.0, 16.0]], stop=20.0)
    >>> found = ss.analysis.correlations(trains, bin=5.0)
    >>> found.ids.tolist(), found.pairs.round(2).tolist()
    ([0, 1, 2], [1.0, -1.0, -1.0])
    """
    if sample < 2:
        raise InvalidValueError(f"correlations: sample must be at least 2 neurons, got {sample!r}")
    seed = count("correlations: seed", seed)
    counts = binned_counts(trains, bin)
    total = np.asarray(counts.sum(axis=1)).ravel()
    squares = np.asarray(counts.multiply(counts).sum(axis=1)).ravel()
    rows = np.flatnonzero(counts.shape[1] * squares > total * total)  # integers: variance > 0 exactly
    if rows.size > sample:
        rows = np.sort(np.random.default_rng(seed).choice(rows, sample, replace=False))
    x = counts[rows].toarray().astype(np.float64)
    x -= x.mean(axis=1, keepdims=True)
    x /= np.sqrt((x * x).sum(axis=1, keepdims=True))
    ids = rows if trains.neurons is None else trains.neurons[rows]
    return Correlations(np.clip(x @ x.T, -1.0, 1.0), ids)


@named
def mean_correlation(trains: SpikeTrains, bin: float = 5.0, sample: int = 200, seed: int = 0) -> float:
    """Return the mean pairwise correlation coefficient of binned counts (see :func:`correlations`).

    Parameters
    ----------
    trains : SpikeTrains
        Of two recorded neurons or more.
    bin : float
        Width of the bins (ms).
    sample : int
        At most this many neurons, drawn among those whose counts vary.
    seed : int
        Of the draw.

    Returns
    -------
    float
        NaN for fewer than two neurons whose counts vary.

    Examples
    --------
    >>> import spikesim as ss
    >>> trains = ss.SpikeTrains.from_lists([[1.0, 11.0], [2.0, 12.0]], stop=20.0)
    >>> round(ss.analysis.mean_correlation(trains, bin=5.0), 3)
    1.0
    """
    return correlations(trains, bin, sample, seed).mean


class Correlogram(NamedTuple):
    """Pairs of spikes by lag.

    Parameters
    ----------
    lags : array of float, shape (2 m + 1,)
        Centres of the bins (ms), multiples of their width.
    counts : array of int, shape (2 m + 1,)
        Pairs in each bin.
    rate : array of float, shape (2 m + 1,)
        Spikes of b per second at that lag from a spike of a (Hz).

    Examples
    --------
    >>> import numpy as np
    >>> import spikesim as ss
    >>> found = ss.analysis.correlogram(np.array([10.0, 30.0]), np.array([12.0, 32.0]), window=3.0)
    >>> found.lags[found.counts > 0].tolist()
    [2.0]
    """

    lags: np.ndarray  #: centres of the bins, multiples of the width, ms, (2 m + 1,)
    counts: np.ndarray  #: pairs in each bin, int64 (2 m + 1,)
    rate: np.ndarray  #: spikes of b per second at that lag from a spike of a, Hz, (2 m + 1,)


def _times(train: SpikeTrains | np.ndarray) -> np.ndarray:
    if isinstance(train, SpikeTrains):
        return train.times
    times = np.asarray(train, dtype=np.float64)
    if times.ndim != 1 or not np.isfinite(times).all():
        raise InvalidTypeError(f"correlogram: wanted SpikeTrains or finite times (n,), got shape {times.shape}")
    return np.sort(times)


@named
def correlogram(
    a: SpikeTrains | np.ndarray,
    b: SpikeTrains | np.ndarray | None = None,
    window: float = 50.0,
    bin: float = 1.0,
) -> Correlogram:
    """Return how the spikes of `b` lie around those of `a`.

    Parameters
    ----------
    a, b : SpikeTrains or float64 (n,)
        Trains; all their neurons pooled.  Without `b`: of `a` with itself, each spike's pair with itself left
        out.
    window : float
        Largest lag, ms, a multiple of `bin`; the outermost bins are centred there.
    bin : float
        Width, ms; bins are [lag - bin/2, lag + bin/2).

    Returns
    -------
    Correlogram
        ``.lags``, ``.counts`` and ``.rate``, each of shape (2 m + 1,) with m = window / bin.

    Raises
    ------
    InvalidValueError
        If not 0 < bin <= window, or the window is no multiple of the bin.
    InvalidTypeError
        If times are not finite or not in a row.

    Examples
    --------
    >>> import numpy as np
    >>> import spikesim as ss
    >>> found = ss.analysis.correlogram(np.array([10.0, 30.0]), np.array([12.0, 32.0]), window=3.0)
    >>> found.counts.tolist()
    [0, 0, 0, 0, 0, 2, 0]
    """
    if not (bin > 0.0 and window >= bin and math.isfinite(window)):
        raise InvalidValueError(f"correlogram: wanted 0 < bin <= window, got bin = {bin!r}, window = {window!r} ms")
    m = round(window / bin)
    if abs(window / bin - m) > 1e-9 * m:
        raise InvalidValueError(
            f"correlogram: window must be a multiple of bin, got window = {window!r} and bin = {bin!r} ms; "
            f"the nearest are {math.floor(window / bin) * bin:g} and {math.ceil(window / bin) * bin:g} ms"
        )
    own = b is None
    x, y = _times(a), _times(a if b is None else b)
    reach = (m + 0.5) * bin * (1.0 + 1e-12)
    first, last = np.searchsorted(y, x - reach), np.searchsorted(y, x + reach, "right")
    counts = np.zeros(2 * m + 1, np.int64)
    size = last - first
    block = max(1, int(2**21 / max(1.0, size.mean()))) if x.size else 1  # pairs at a time: some 16 MB a column
    for at in range(0, x.size, block):
        n = size[at : at + block]
        begin = np.repeat(first[at : at + block] - np.concatenate([[0], np.cumsum(n)[:-1]]), n)
        lag = y[begin + np.arange(begin.size)] - np.repeat(x[at : at + block], n)
        index = np.floor(lag / bin + 0.5 + 1e-9).astype(np.int64) + m
        counts += np.bincount(index[(index >= 0) & (index <= 2 * m)], minlength=2 * m + 1)
    if own:
        counts[m] -= x.size
    lags = np.arange(-m, m + 1) * bin
    return Correlogram(lags, counts, counts * (1000.0 / (bin * max(x.size, 1))))
