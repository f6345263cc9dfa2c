"""What a population did in an exact run, on the tape: for a loss to be made of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ...errors import InvalidValueError
from ...keywords import verbs_named
from ..autodiff.tape import Var

__all__ = ["Recording"]


@verbs_named
class Recording:
    """What one population did, for a loss to be made of.

    Parameters
    ----------
    times : array of float, shape (k,)
        Of the spikes (ms), in the order of time.
    ids : array of int, shape (k,)
        Who sent them.
    size : int
        Number of neurons.
    duration : float
        Of the run (ms).
    sample : callable
        Returns potentials, and the integral where it is given no times.

    Attributes
    ----------
    times : Var, shape (k,)
        Times of its spikes (ms), in the order of time.
    ids : ndarray, int64 (k,)
        Who sent them.
    size : int
        Number of neurons.

    Examples
    --------
    >>> import spikesim as ss
    >>> from spikesim import learn
    >>> net = ss.Network(seed=1)
    >>> cell = net.population("cell", 1, ss.LIF(I_e=500.0))
    >>> seen = []
    >>> def loss(run):
    ...     seen.append(run["cell"])
    ...     return run["cell"].first()[0]
    >>> found = learn.gradients(net, loss, ["cell.I_e"], duration=20.0)
    >>> recording = seen[0]
    >>> recording.size, recording.ids.tolist()
    (1, [0])
    """

    def __init__(
        self, times: np.ndarray, ids: np.ndarray, size: int, duration: float, sample: Callable[..., Any]
    ) -> None:
        self.times, self.ids, self.size, self.duration = Var(times), ids, size, duration
        self._sample = sample
        self.samples: list[tuple[np.ndarray, np.ndarray, Var]] = []
        self.whole: Var | None = None

    def first(self, none: float | None = None) -> Var:
        """Return the time of every neuron's first spike, shape (size,); `none` (the duration) for who sent none.

        Parameters
        ----------
        none : float, optional
            In ms.

        Returns
        -------
        Var, shape (size,)
            It knows its derivatives.

        Examples
        --------
        >>> import spikesim as ss
        >>> from spikesim import learn
        >>> net = ss.Network(seed=1)
        >>> cell = net.population("cell", 1, ss.LIF(I_e=500.0))
        >>> seen = []
        >>> def loss(run):
        ...     seen.append(run["cell"])
        ...     return run["cell"].first()[0]
        >>> found = learn.gradients(net, loss, ["cell.I_e"], duration=20.0)
        >>> recording = seen[0]
        >>> round(float(recording.first().val[0]), 2)
        13.86
        """
        padded = np.concatenate([self.times, np.array([self.duration if none is None else none])])
        index = np.full(self.size, len(self.ids))
        who, at = np.unique(self.ids, return_index=True)
        index[who] = at
        found: Var = padded[index]
        return found

    def count(self) -> np.ndarray:
        """Return the number of spikes of every neuron; it has no derivative.

        Returns
        -------
        array of int, shape (size,)
            One number a neuron.

        Examples
        --------
        >>> import spikesim as ss
        >>> from spikesim import learn
        >>> net = ss.Network(seed=1)
        >>> cell = net.population("cell", 1, ss.LIF(I_e=500.0))
        >>> seen = []
        >>> def loss(run):
        ...     seen.append(run["cell"])
        ...     return run["cell"].first()[0]
        >>> found = learn.gradients(net, loss, ["cell.I_e"], duration=20.0)
        >>> recording = seen[0]
        >>> recording.count().tolist()
        [1]
        """
        return np.bincount(self.ids, minlength=self.size)

    def v(self, times: Any, ids: Any = None) -> Var:
        """Return potentials at `times`, shape (times, neurons): of all neurons, or of `ids`.

        Parameters
        ----------
        times : array_like, shape (m,)
            In ms, from 0 to the duration.
        ids : array_like of int, optional
            Whose; all unless given.

        Returns
        -------
        Var, shape (m, neurons)
            In mV.

        Raises
        ------
        InvalidValueError
            If a time is outside the run.

        Examples
        --------
        >>> import spikesim as ss
        >>> from spikesim import learn
        >>> net = ss.Network(seed=1)
        >>> cell = net.population("cell", 1, ss.LIF(I_e=500.0))
        >>> seen = []
        >>> def loss(run):
        ...     seen.append(run["cell"])
        ...     return run["cell"].first()[0]
        >>> found = learn.gradients(net, loss, ["cell.I_e"], duration=20.0)
        >>> recording = seen[0]
        >>> tuple(recording.v([1.0, 2.0]).shape)
        (2, 1)
        """
        when = np.atleast_1d(np.asarray(times, np.float64))
        who = np.arange(self.size) if ids is None else np.atleast_1d(np.asarray(ids, np.int64))
        if not np.all((when >= 0.0) & (when <= self.duration)):
            raise InvalidValueError(
                f"Recording.v: times {when.min():g} ... {when.max():g} ms, wanted 0 ... {self.duration:g} ms"
            )
        made = Var(self._sample(when, who))
        self.samples.append((when, who, made))
        return made

    def integral(self) -> Var:
        """Return the integral of v over the run, shape (size,), in mV ms.

        Returns
        -------
        Var, shape (size,)
            It knows its derivatives.

        Examples
        --------
        >>> import spikesim as ss
        >>> from spikesim import learn
        >>> net = ss.Network(seed=1)
        >>> cell = net.population("cell", 1, ss.LIF(I_e=500.0))
        >>> seen = []
        >>> def loss(run):
        ...     seen.append(run["cell"])
        ...     return run["cell"].first()[0]
        >>> found = learn.gradients(net, loss, ["cell.I_e"], duration=20.0)
        >>> recording = seen[0]
        >>> tuple(recording.integral().shape)
        (1,)
        """
        if self.whole is None:
            self.whole = Var(self._sample(None, np.arange(self.size)))
        return self.whole
