"""Spike trains seen through a synapse: s(t) = sum_k h(t - t_k), h the response to one spike (notes 1.6).

The sum of kernels, for any times and any kernel, is :meth:`SpikeTrains.convolve`; its work is times x spikes.
 On a regular grid a synapse is a linear filter df/dt = A f, and the same values follow from one step to the
 next:

    f(t + dt) = e^{A dt} f(t) + sum over spikes in (t, t + dt] of e^{A (t + dt - t_k)} e_1,    s = gain f_n,

exactly, with work times + spikes.
"""

from __future__ import annotations

import numpy as np

from ..blas import expm
from ..errors import InvalidTypeError, InvalidValueError
from ..keywords import named
from ..synapses.contract import Synapse
from ..trains import SpikeTrains, Traces
from .rates import n_recorded

__all__ = ["convolve", "filtered"]


@named
def convolve(trains: SpikeTrains, synapse: Synapse, t: np.ndarray) -> np.ndarray:
    """Return the sum of kernels at the times `t` (ms, (T,)), one column a recorded neuron, float64 (T, k).

    Parameters
    ----------
    trains : SpikeTrains
        What is filtered.
    synapse : Synapse
        Its response to one spike is the kernel.
    t : array of float, shape (T,)
        Where to evaluate (ms).

    Returns
    -------
    array of float, shape (T, k)
        A column a recorded neuron; see :meth:`spikesim.SpikeTrains.convolve`.

    Examples
    --------
    >>> import numpy as np
    >>> import spikesim as ss
    >>> trains = ss.SpikeTrains.from_lists([[10.0]], stop=50.0)
    >>> ss.analysis.convolve(trains, ss.Exponential(5.0), np.array([0.0, 10.0, 15.0])).round(3).tolist()
    [[0.0], [1.0], [0.368]]
    """
    return trains.convolve(synapse, t)


def _responses(matrix: np.ndarray, age: np.ndarray, longest: float) -> np.ndarray:
    """e^{A age} e_1 for many ages (m,) in 0 ... longest, float64 (m, n).

    age = k h + r with ||A|| h <= 1/4: a matrix exponential for each k, and for r a Taylor series, whose 12th
    remainder is below 0.25^13 / 13! = 2e-18.
    """
    pieces = max(1, int(np.ceil(4.0 * np.linalg.norm(matrix, 1) * longest)))
    h = longest / pieces
    k = np.minimum((age / h).astype(np.int64), pieces)
    r = (age - k * h)[:, None]
    term = np.zeros((age.size, len(matrix)))
    term[:, 0] = 1.0
    total = term.copy()
    for order in range(1, 13):
        term = (term @ matrix.T) * (r / order)
        total += term
    coarse = expm(matrix * (h * np.arange(pieces + 1))[:, None, None])
    return np.einsum("mij,mj->mi", coarse[k], total)


@named
def filtered(trains: SpikeTrains, synapse: Synapse, every: float = 1.0) -> Traces:
    """Return the trains seen through a synapse at start, start + every, ... (ms), one column a recorded
    neuron.

    The values are those of :func:`convolve`, to rounding, for a fraction of the work.

    Parameters
    ----------
    trains : SpikeTrains
        What is filtered.
    synapse : Synapse
        With a current or a conductance.
    every : float
        Interval of the samples (ms), > 0.

    Returns
    -------
    Traces
        One column a recorded neuron.

    Raises
    ------
    InvalidTypeError
        If the synapse is no filter (Delta moves the potential itself).

    Examples
    --------
    >>> import spikesim as ss
    >>> trains = ss.SpikeTrains.from_lists([[10.0]], stop=50.0)
    >>> seen = ss.analysis.filtered(trains, ss.Exponential(5.0), every=5.0)
    >>> seen.values[:4].round(3).ravel().tolist()
    [0.0, 0.0, 1.0, 0.368]
    """
    if not isinstance(synapse, Synapse) or not synapse.matrix.size:
        raise InvalidTypeError(f"filtered: wanted a synapse with a current or a conductance, got {synapse!r}")
    if not every > 0.0:
        raise InvalidValueError(f"filtered: every must be > 0 ms, got {every!r}")
    steps = int(np.floor((trains.stop - trains.start) / every * (1.0 + 1e-12)))
    times = trains.start + every * np.arange(steps + 1)
    matrix = np.asarray(synapse.matrix, dtype=np.float64)
    n, k = len(matrix), n_recorded(trains)
    column = np.arange(trains.size)
    if trains.neurons is not None:
        column[trains.neurons] = np.arange(k)

    sample = np.searchsorted(times, trains.times)  # the first sample at or after each spike
    inside = sample <= steps
    sample, who = sample[inside], column[trains.ids[inside]]
    arrived = _responses(matrix, times[sample] - trains.times[inside], every)
    first = np.searchsorted(sample, np.arange(steps + 2))

    step = expm(matrix * every)
    state, values = np.zeros((n, k)), np.empty((steps + 1, k))
    for i in range(steps + 1):
        if i:
            state = step @ state
        now = slice(first[i], first[i + 1])
        np.add.at(state.T, who[now], arrived[now])
        values[i] = state[-1]
    values *= synapse.gain
    ids = np.arange(trains.size) if trains.neurons is None else trains.neurons
    unit = "pA" if synapse.E_rev is None else "nS"
    return Traces(times, values, ids, synapse.label, unit, trains.name)
