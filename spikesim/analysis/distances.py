"""How far apart two spike trains are.

van Rossum 2001 (Neural Comput 13:751)
    D^2 = 1/tau int (f_a - f_b)^2 dt,   f = sum_k exp(-(t - t_k)/tau) for t >= t_k.
    One spike more or less: D^2 = 1/2; one spike moved by d: D^2 = 1 - exp(-|d|/tau).

Victor and Purpura 1996 (J Neurophysiol 76:1310)
    The cheapest way to make b of a: adding or taking away a spike costs 1, moving it by d costs q |d|.
    q -> 0: the difference of the counts; q -> inf: the number of spikes that are not in both.

ISI-distance: Kreuz et al. 2007 (J Neurosci Methods 165:151).  SPIKE-distance: Kreuz et al. 2013 (J
Neurophysiol 109:1457); edges as in Kreuz, Mulansky and Bozanic 2015 (J Neurophysiol 113:3432)
    Time averages of   I(t) = |x_a - x_b| / max(x_a, x_b)   and   S(t) = (S_a x_b + S_b x_a) / (2 <x>^2),
    x the interval between the neighbouring spikes and S_a the distance of a's neighbouring spikes to the
    nearest of b, interpolated.  No parameter, no time scale; 0 for equal trains and at most 1.

Every distance is given for each neuron: two populations of the same size, recorded for the same neurons.
"""

from __future__ import annotations

import math
from typing import TypeAlias

import numpy as np

from ..errors import InvalidTypeError, InvalidValueError
from ..keywords import named
from ..trains import SpikeTrains
from . import train_distance as kernels

__all__ = ["isi_distance", "spike_distance", "van_rossum", "victor_purpura"]

Trains: TypeAlias = SpikeTrains | np.ndarray


def _grouped(train: Trains, where: str) -> tuple[np.ndarray, np.ndarray, SpikeTrains | None]:
    """Where each neuron's spikes begin, all the times neuron by neuron, and the trains."""
    if isinstance(train, SpikeTrains):
        lists = train.lists()
        start = np.concatenate([[0], np.cumsum([times.size for times in lists])]).astype(np.int64)
        return start, np.concatenate([*lists, np.zeros(0)]), train
    times = np.sort(np.asarray(train, dtype=np.float64))
    if times.ndim != 1:
        raise InvalidTypeError(f"{where}: wanted SpikeTrains or the spike times of one neuron, got shape {times.shape}")
    if not np.isfinite(times).all():
        raise InvalidValueError(f"{where}: wanted finite times (ms)")
    return np.array([0, times.size]), times, None


def _pair(a: Trains, b: Trains, where: str) -> tuple[tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray], int]:
    """The arguments of the kernels and the number of neurons."""
    start_a, times_a, trains_a = _grouped(a, where)
    start_b, times_b, trains_b = _grouped(b, where)
    if start_a.size != start_b.size:
        raise InvalidValueError(f"{where}: {start_a.size - 1} neurons in a and {start_b.size - 1} in b")
    if trains_a is not None and trains_b is not None:
        who = [np.arange(t.size) if t.neurons is None else t.neurons for t in (trains_a, trains_b)]
        if not np.array_equal(who[0], who[1]):
            raise InvalidValueError(f"{where}: a and b were recorded from different neurons; select the same of both")
    return (start_a, times_a, start_b, times_b), start_a.size - 1


@named
def van_rossum(a: Trains, b: Trains, tau: float = 10.0) -> np.ndarray:
    """Return the van Rossum distance of each neuron, float64 (k,).

    Parameters
    ----------
    a, b : SpikeTrains, or float64 (n,) for one neuron
    tau : float
        Time constant of the filter, ms.

    Returns
    -------
    array of float, shape (k,)
        One distance a neuron.

    Raises
    ------
    InvalidValueError
        If tau is not > 0 and finite, or the two have another number of neurons.

    Examples
    --------
    >>> import numpy as np
    >>> import spikesim as ss
    >>> ss.analysis.van_rossum(np.array([10.0, 20.0]), np.array([10.0, 20.0])).tolist()
    [0.0]
    >>> ss.analysis.van_rossum(np.array([10.0]), np.array([500.0])).round(3).tolist()
    [1.0]
    """
    if not (tau > 0.0 and math.isfinite(tau)):
        raise InvalidValueError(f"van_rossum: tau must be > 0 ms and finite, got {tau!r}")
    trains, size = _pair(a, b, "van_rossum")
    out = np.empty(size)
    kernels.van_rossum(*trains, float(tau), out)
    return out


@named
def victor_purpura(a: Trains, b: Trains, cost: float = 0.1) -> np.ndarray:
    """Return the Victor-Purpura distance of each neuron, float64 (k,).

    Parameters
    ----------
    a, b : SpikeTrains, or float64 (n,) for one neuron
    cost : float
        q, of moving a spike by 1 ms; 2/q is the farthest move that pays.  The work is the number of pairs of
        spikes within that reach.

    Returns
    -------
    array of float, shape (k,)
        One distance a neuron.

    Raises
    ------
    InvalidValueError
        If the cost is negative or not finite, or the two have another number of neurons.

    Examples
    --------
    >>> import numpy as np
    >>> import spikesim as ss
    >>> ss.analysis.victor_purpura(np.array([10.0, 20.0]), np.array([12.0]), cost=0.1).tolist()
    [1.2]
    """
    if not (cost >= 0.0 and math.isfinite(cost)):
        raise InvalidValueError(f"victor_purpura: cost must be >= 0 per ms and finite, got {cost!r}")
    trains, size = _pair(a, b, "victor_purpura")
    out = np.empty(size)
    kernels.victor_purpura(*trains, float(cost), out)
    return out


def _profiles(a: Trains, b: Trains, start: float | None, stop: float | None, where: str) -> np.ndarray:
    trains, size = _pair(a, b, where)
    for train in (a, b):
        if isinstance(train, SpikeTrains):
            start = train.start if start is None else start
            stop = train.stop if stop is None else stop
    if start is None or stop is None or not -math.inf < start < stop < math.inf:
        raise InvalidValueError(f"{where}: wanted a window start < stop (ms), finite, got {start!r} ... {stop!r}")
    for times in (trains[1], trains[3]):
        if times.size and not (start <= times.min() and times.max() <= stop):
            raise InvalidValueError(
                f"{where}: a spike lies outside the window, {start:g} ... {stop:g} ms; cut the trains by `between`"
            )
    out = np.empty((2, size))
    kernels.isi_and_spike(*trains, float(start), float(stop), out[0], out[1])
    return out


@named
def isi_distance(a: Trains, b: Trains, start: float | None = None, stop: float | None = None) -> np.ndarray:
    """Return the ISI-distance of each neuron, float64 (k,); without a window (ms) over the recording.

    Parameters
    ----------
    a, b : SpikeTrains, or array of float (n,) for one neuron
        What is compared, neuron by neuron.
    start, stop : float, optional
        The window (ms); that of the recording unless given.

    Returns
    -------
    array of float, shape (k,)
        0: the same intervals at all times; below 1.

    Examples
    --------
    >>> import spikesim as ss
    >>> a = ss.SpikeTrains.from_lists([[10.0, 20.0, 30.0]], stop=40.0)
    >>> b = ss.SpikeTrains.from_lists([[10.0, 15.0, 20.0, 25.0, 30.0]], stop=40.0)
    >>> ss.analysis.isi_distance(a, b, start=10.0, stop=30.0).tolist()
    [0.5]
    """
    return _profiles(a, b, start, stop, "isi_distance")[0]


@named
def spike_distance(a: Trains, b: Trains, start: float | None = None, stop: float | None = None) -> np.ndarray:
    """Return the SPIKE-distance of each neuron, float64 (k,); without a window (ms) over the recording.

    Parameters
    ----------
    a, b : SpikeTrains, or array of float (n,) for one neuron
        What is compared, neuron by neuron.
    start, stop : float, optional
        The window (ms); that of the recording unless given.

    Returns
    -------
    array of float, shape (k,)
        0: the same spikes.

    Examples
    --------
    >>> import spikesim as ss
    >>> a = ss.SpikeTrains.from_lists([[10.0, 20.0, 30.0]], stop=40.0)
    >>> ss.analysis.spike_distance(a, a).tolist()
    [0.0]
    """
    return _profiles(a, b, start, stop, "spike_distance")[1]
