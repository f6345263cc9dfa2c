"""What a population did in an exact run, on the tape: for a loss to be made of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ...errors import InvalidValueError
from ..autodiff.tape import Var

__all__ = ["Recording"]


class Recording:
    """What one population did, for a loss to be made of.

    Attributes
    ----------
    times : Var, shape (k,)
        Times of its spikes (ms), in the order of time.
    ids : ndarray, int64 (k,)
        Who sent them.
    size : int
        Number of neurons.
    """

    def __init__(
        self, times: np.ndarray, ids: np.ndarray, size: int, duration: float, sample: Callable[..., Any]
    ) -> None:
        self.times, self.ids, self.size, self.duration = Var(times), ids, size, duration
        self._sample = sample
        self.samples: list[tuple[np.ndarray, np.ndarray, Var]] = []
        self.whole: Var | None = None

    def first(self, none: float | None = None) -> Var:
        """Return the time of every neuron's first spike, shape (size,); `none` (the duration) for who sent none."""
        padded = np.concatenate([self.times, np.array([self.duration if none is None else none])])
        index = np.full(self.size, len(self.ids))
        who, at = np.unique(self.ids, return_index=True)
        index[who] = at
        found: Var = padded[index]
        return found

    def count(self) -> np.ndarray:
        """Return the number of spikes of every neuron; it has no derivative."""
        return np.bincount(self.ids, minlength=self.size)

    def v(self, times: Any, ids: Any = None) -> Var:
        """Return potentials at `times`, shape (times, neurons): of all neurons, or of `ids`."""
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
        """Return the integral of v over the run, shape (size,), in mV ms."""
        if self.whole is None:
            self.whole = Var(self._sample(None, np.arange(self.size)))
        return self.whole
