"""How much together: chi, and the variability of the population's spike count.

chi^2 = var_t(mean_i x_i) / mean_i var_t(x_i)   (Golomb and Rinzel 1994, Physica D 72:259; Golomb 2007,
Scholarpedia)

is 1 when all neurons do the same and of order 1/N when they are independent: chi = 1/sqrt(N).  The other
measure, var(N)/mean(N) of the spikes N of a population in bins of 3 ms, is that of Potjans and Diesmann 2014
(Cereb Cortex 24:785): 1 for independent Poisson neurons, larger the more they fire together.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..errors import InvalidValueError
from ..keywords import named
from ..scalars import number_array
from ..trains import SpikeTrains, Traces
from .rates import binned_counts, population_counts

__all__ = ["chi", "synchrony"]


@named
def chi(activity: SpikeTrains | Traces | Any, bin: float = 1.0) -> float:
    """Return the synchrony chi of potentials or of binned spikes, 0 ... 1.

    Parameters
    ----------
    activity : Traces, float64 (T, k), or SpikeTrains
        One column a neuron; spike trains are counted in bins.
    bin : float
        Width for spike trains, ms.

    Returns
    -------
    float
        NaN when no neuron varies: neurons that do nothing are neither together nor apart.

    Raises
    ------
    InvalidValueError
        If the values are no table of finite numbers.

    Examples
    --------
    >>> import spikesim as ss
    >>> together = ss.SpikeTrains.from_lists([[1.5, 7.5], [1.5, 7.5]], stop=10.0)
    >>> round(ss.analysis.chi(together), 3)
    1.0
    """
    if isinstance(activity, SpikeTrains):
        counts = binned_counts(activity, bin)
        k, n = counts.shape
        total = np.asarray(counts.sum(axis=0), dtype=np.float64).ravel()
        squares = float(counts.multiply(counts).sum())
        each = np.asarray(counts.sum(axis=1), dtype=np.float64).ravel()
        mean_variance = (squares / n - float((each / n) @ (each / n))) / max(k, 1)
    else:
        values = activity.values if isinstance(activity, Traces) else activity
        x = number_array("chi: activity", values).astype(np.float64)
        if x.ndim != 2 or not x.size:
            raise InvalidValueError(f"chi: wanted values of shape (times, neurons), got {x.shape}")
        if not np.isfinite(x).all():
            t, neuron = np.argwhere(~np.isfinite(x))[0]
            raise InvalidValueError(f"chi: wanted finite values, got {x[t, neuron]} at time {t} of neuron {neuron}")
        x = x - x[0]  # so that what does not vary is 0, without a remainder of rounding
        k, total = x.shape[1], x.sum(axis=1)
        mean_variance = float(x.var(axis=0).mean())
    if not mean_variance > 0.0:
        return math.nan
    return math.sqrt(float(np.var(total / k)) / mean_variance)


@named
def synchrony(trains: SpikeTrains, bin: float = 3.0) -> float:
    """Return var/mean of the population's spike count in bins (ms); NaN without spikes.

    Parameters
    ----------
    trains : SpikeTrains
        All recorded neurons are counted together.
    bin : float
        Width of the bins (ms).

    Returns
    -------
    float
        1 for independent Poisson trains, larger where neurons fire together; NaN without spikes.

    Examples
    --------
    >>> import spikesim as ss
    >>> together = ss.SpikeTrains.from_lists([[1.5, 7.5], [1.5, 7.5]], stop=9.0)
    >>> ss.analysis.synchrony(together)
    0.6666666666666667
    """
    counts = population_counts(trains, bin)[1]
    mean = float(counts.mean())
    return float(counts.var()) / mean if mean > 0.0 else math.nan
