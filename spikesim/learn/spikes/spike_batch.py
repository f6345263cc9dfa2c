"""A batch of spikes: what enters a spiking layer, as a list of events.

Index t of a tensor of spikes stands for the time (t + 1) dt.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...errors import InvalidTypeError, InvalidValueError
from ...jit import compiled, inlined
from ...keywords import all_named
from .buffers import BUFFERS
from .operation import as_array

__all__ = ["SpikeBatch", "as_batch"]


@all_named
class SpikeBatch:
    """Spikes of `units` sources in a batch of samples of `steps` steps; what is not listed is silence.

    Parameters
    ----------
    sample, step, unit : array_like of int, shape (n,)
        Which sample, at which step (0 ... steps - 1: the time (step + 1) dt), of which source; in any order.
    shape : (int, int, int)
        (samples, steps, units).
    amount : array_like, shape (n,), optional
        How much a spike counts; 1 unless given.

    Attributes
    ----------
    ptr : ndarray, int64 (samples + 1)
        The spikes of sample b stand at ptr[b] ... ptr[b + 1] of `step`, `unit` and `amount`.

    Examples
    --------
    >>> from spikesim import learn
    >>> batch = learn.SpikeBatch([0, 0, 1], [2, 0, 4], [1, 0, 1], shape=(2, 5, 2))
    >>> batch.dense()[0].tolist()
    [[1.0, 0.0], [0.0, 0.0], [0.0, 1.0], [0.0, 0.0], [0.0, 0.0]]
    >>> batch[1:].shape
    (1, 5, 2)
    """

    requires_grad = False

    def __init__(self, sample: Any, step: Any, unit: Any, shape: tuple[int, int, int], amount: Any = None) -> None:
        samples, steps, units = shape
        self.shape = int(samples), int(steps), int(units)
        columns = [np.asarray(a) for a in (sample, step, unit)]
        for name, column, size in zip(("sample", "step", "unit"), columns, self.shape):
            if column.size and column.dtype.kind not in "iu":
                raise InvalidTypeError(f"SpikeBatch: {name} of dtype {column.dtype}, wanted whole numbers")
            bad = np.flatnonzero((column < 0) | (column >= size))
            if bad.size:
                raise InvalidValueError(
                    f"SpikeBatch: {name}[{bad[0]}] = {column[bad[0]]} ({len(bad)} such), wanted 0 ... {size - 1}"
                )
        if len({column.shape for column in columns}) > 1:
            raise InvalidValueError(f"SpikeBatch: {', '.join(str(c.shape) for c in columns)}, wanted equal lengths")
        ordered = bool(np.all(columns[0][1:] >= columns[0][:-1]))
        order: Any = slice(None) if ordered else np.argsort(columns[0], kind="stable")
        self.step, self.unit = (columns[k][order].astype(np.int32) for k in (1, 2))
        values = np.ones(len(columns[0]), np.float32) if amount is None else np.asarray(amount)[order]
        self.amount = values if values.dtype.kind == "f" else values.astype(np.float32)
        require_finite("SpikeBatch: amount", self.amount)
        counts = (
            np.bincount(columns[0].astype(np.int64), minlength=self.shape[0])
            if len(columns[0])
            else np.zeros(len(self))
        )
        self.ptr = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)

    @classmethod
    def _in_order(
        cls, shape: tuple[int, int, int], ptr: np.ndarray, step: np.ndarray, unit: np.ndarray, amount: Any = None
    ) -> SpikeBatch:
        """Of lists that are known to be right: int32, sample by sample."""
        batch = object.__new__(cls)
        batch.shape, batch.ptr, batch.step, batch.unit = shape, ptr, step, unit
        if amount is None:
            amount = BUFFERS.empty((len(step),), np.float32)
            amount.fill(1.0)
        batch.amount = amount
        return batch

    @classmethod
    def from_dense(cls, x: np.ndarray) -> SpikeBatch:
        """Return the non-zero entries of an array (samples, steps, units).

        Parameters
        ----------
        x : array, shape (samples, steps, units)
            Numbers of spikes, or their weights.

        Returns
        -------
        SpikeBatch
            Of the same shape.

        Examples
        --------
        >>> import numpy as np
        >>> from spikesim import learn
        >>> x = np.zeros((2, 5, 3))
        >>> x[0, 1, 2] = x[1, 4, 0] = 1.0
        >>> batch = learn.SpikeBatch.from_dense(x)
        >>> batch.shape
        (2, 5, 3)
        """
        x = np.ascontiguousarray(x)
        x = x if x.dtype.isnative else x.astype(x.dtype.newbyteorder("="))
        samples, steps, units = x.shape
        ptr = np.zeros(len(x) + 1, np.int64)
        words = words_of(x)
        count(x, ptr)
        np.cumsum(ptr, out=ptr)
        size = int(ptr[-1])
        kind = x.dtype if x.dtype.kind == "f" else np.dtype(np.float32)
        lists = [BUFFERS.empty((size + 1,), of) for of in (np.int32, np.int32, kind)]
        listed(x, words, ptr, *lists)
        return cls._in_order((samples, steps, units), ptr, *(a[:size] for a in lists))

    @classmethod
    def _of_draws(cls, shape: tuple[int, int, int], at: np.ndarray, draws: np.ndarray, p: np.ndarray) -> SpikeBatch:
        """A spike wherever draws[k] (steps) < p[k]; source k is entry at[k] (they ascend) of (samples, units)."""
        sources, unit_of = _places(at, shape)
        ptr = np.zeros(shape[0] + 1, np.int64)
        count_below(draws, p, sources, ptr)
        np.cumsum(ptr, out=ptr)
        size = int(ptr[-1])
        step, unit = (BUFFERS.empty((size + 1,), np.int32) for _ in range(2))
        listed_below(draws, p, unit_of, step, unit)
        return cls._in_order(shape, ptr, step[:size], unit[:size])

    @classmethod
    def _one_each(cls, shape: tuple[int, int, int], at: np.ndarray, step: np.ndarray) -> SpikeBatch:
        """One spike a source, at step[k] of source at[k] (see `_of_draws`); none where that is beyond the last."""
        inside = step < shape[1]
        if not inside.all():
            at, step = at[inside], step[inside]
        ptr, unit = _places(at, shape)
        return cls._in_order(shape, ptr, step.astype(np.int32), unit)

    @property
    def dtype(self) -> np.dtype:
        return self.amount.dtype

    @property
    def ndim(self) -> int:
        return 3

    @property
    def size(self) -> int:
        """Number of spikes."""
        return len(self.step)

    @property
    def binary(self) -> bool:
        """Whether every spike counts 1."""
        return bool(np.all(self.amount == 1.0))

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, index: Any) -> SpikeBatch:
        chosen = np.arange(len(self))[index]
        if np.ndim(chosen) == 0:
            raise InvalidTypeError("SpikeBatch: one sample is a batch too: give a slice or a list of samples")
        sizes = np.diff(self.ptr)[chosen]
        at = np.repeat(self.ptr[chosen] - np.concatenate([[0], np.cumsum(sizes)[:-1]]), sizes) + np.arange(sizes.sum())
        ptr = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        shape = len(chosen), *self.shape[1:]
        return self._in_order(shape, ptr, self.step[at], self.unit[at], self.amount[at])

    def between(self, first: int, end: int) -> SpikeBatch:
        """Return the spikes of the steps first ... end - 1, as a batch of these steps.

        Parameters
        ----------
        first, end : int
            0 <= first < end <= steps.

        Returns
        -------
        SpikeBatch
            Of shape (samples, end - first, units).

        Examples
        --------
        >>> from spikesim import learn
        >>> batch = learn.SpikeBatch([0, 0, 1], [2, 0, 4], [1, 0, 1], shape=(2, 5, 2)).between(2, 5)
        >>> batch.shape, batch.step.tolist()
        ((2, 3, 2), [0, 2])
        """
        inside = (self.step >= first) & (self.step < end)
        ptr, step = np.concatenate([[0], np.cumsum(inside)])[self.ptr], self.step[inside] - np.int32(first)
        shape = self.shape[0], end - first, self.shape[2]
        return self._in_order(shape, ptr, step, self.unit[inside], self.amount[inside])

    def dense(self, dtype: Any = np.float64) -> np.ndarray:
        """Return the array (samples, steps, units).

        Parameters
        ----------
        dtype : dtype
            Of the array.

        Returns
        -------
        array, shape (samples, steps, units)
            0 where there is no spike.

        Examples
        --------
        >>> import numpy as np
        >>> from spikesim import learn
        >>> x = np.zeros((2, 5, 3))
        >>> x[0, 1, 2] = x[1, 4, 0] = 1.0
        >>> batch = learn.SpikeBatch.from_dense(x)
        >>> bool((batch.dense() == x).all())
        True
        """
        x = np.zeros(self.shape, dtype)
        np.add.at(x, (np.repeat(np.arange(len(self)), np.diff(self.ptr)), self.step, self.unit), self.amount)
        return x

    def times(self, sample: int, dt: float = 1.0) -> list[np.ndarray]:
        """Return the spike times (ms) of every source in one sample: what :class:`spikesim.SpikeTimes` takes.

        Parameters
        ----------
        sample : int
            Which.
        dt : float
            Time step (ms).

        Returns
        -------
        list of array of float
            One a source; a spike of step k is at (k + 1) dt.

        Examples
        --------
        >>> import numpy as np
        >>> from spikesim import learn
        >>> x = np.zeros((2, 5, 3))
        >>> x[0, 1, 2] = x[1, 4, 0] = 1.0
        >>> batch = learn.SpikeBatch.from_dense(x)
        >>> [times.tolist() for times in batch.times(0)]
        [[], [], [2.0]]
        """
        part = slice(self.ptr[sample], self.ptr[sample + 1])
        step, unit = self.step[part], self.unit[part]
        order = np.lexsort((step, unit))
        ends = np.searchsorted(unit[order], np.arange(1, self.shape[2]))
        return np.split((step[order] + 1) * dt, ends)

    def __repr__(self) -> str:
        return f"SpikeBatch({self.size} spikes, shape={self.shape})"


def _places(at: np.ndarray, shape: tuple[int, int, int]) -> tuple[np.ndarray, np.ndarray]:
    """(ptr, unit) of ascending entries of an array (samples, units)."""
    samples, _, units = shape
    ptr = np.searchsorted(at, np.arange(samples + 1) * units).astype(np.int64)
    return ptr, (at - np.repeat(np.arange(samples) * units, np.diff(ptr))).astype(np.int32)


STRETCH = 8  # words that are looked at together


@inlined
def some(words, b, t, j, end):
    """Whether any word of a stretch is not 0."""
    found = words[b, t, j]
    for k in range(j + 1, end):
        found |= words[b, t, k]
    return found != 0


@compiled
def count(x, ptr):
    """ptr[b + 1] = number of non-zero entries of x[b]."""
    for b in range(len(x)):
        flat = x[b].reshape(-1)
        found = 0
        for k in range(flat.size):
            found += flat[k] != 0
        ptr[b + 1] = found


@compiled
def count_below(draws, p, sources, ptr):
    """ptr[b + 1] = number of draws[k, t] < p[k] of the sources sources[b] ... sources[b + 1] - 1."""
    for b in range(len(ptr) - 1):
        found = 0
        for k in range(sources[b], sources[b + 1]):
            for t in range(draws.shape[1]):
                found += draws[k, t] < p[k]
        ptr[b + 1] = found


@compiled
def listed_below(draws, p, unit_of, step, unit):
    """List the draws[k, t] < p[k] by k and t; the lists have one place more."""
    at = 0
    for k in range(len(draws)):
        for t in range(draws.shape[1]):
            step[at], unit[at] = t, unit_of[k]  # the next is written over it where there is none
            at += draws[k, t] < p[k]


@compiled
def listed(x, words, ptr, step, unit, amount):
    """List the non-zero entries, sample by sample, by step and unit; the lists have one place more.

    `words`: the same memory, (B, T, n / per), 0 where all are 0.
    """
    per = x.shape[2] // max(words.shape[2], 1)
    for b in range(len(x)):
        at = ptr[b]
        for t in range(x.shape[1]):
            for j in range(0, words.shape[2], STRETCH):
                end = min(j + STRETCH, words.shape[2])
                if some(words, b, t, j, end):
                    for k in range(j * per, end * per):
                        value = x[b, t, k]
                        step[at], unit[at], amount[at] = t, k, value  # the next is written over it where it is 0
                        at += value != 0


def words_of(x: np.ndarray) -> np.ndarray:
    """The memory of x (B, T, n) in words of 8 bytes, or as small as fit: most hold no spike."""
    row = x.shape[2] * x.itemsize
    for kind in (np.uint64, np.uint32, np.uint16):
        if row % np.dtype(kind).itemsize == 0 and np.dtype(kind).itemsize >= x.itemsize:
            return x.view(kind)
    return x.view(np.uint8)


def as_batch(where: str, x: Any, units: int | None) -> SpikeBatch:
    """Return spikes of any kind as a batch, or refuse."""
    if not isinstance(x, SpikeBatch):
        array = as_array(x)
        if array.ndim != 3:
            raise InvalidValueError(
                f"{where}: input of shape {array.shape}, wanted spikes (samples, steps, units); make them of values"
                " with an encoder, such as learn.Latency(steps=25), or give a current: Spiking(..., synapse=None) after"
                " a Linear"
            )
        if array.dtype.kind not in "biuf":
            raise InvalidTypeError(f"{where}: input of dtype {array.dtype}, wanted numbers")
        x = SpikeBatch.from_dense(np.ascontiguousarray(array))
        require_finite(where, x.amount)
    if not x.shape[1]:
        raise InvalidValueError(f"{where}: input of shape {x.shape}, wanted one step at least")
    if units is not None and x.shape[2] != units:
        raise InvalidValueError(f"{where}: spikes of {x.shape[2]} units, wanted {units}")
    return x


def require_finite(where: str, given: np.ndarray) -> None:
    """Refuse NaN and infinity, after which a neuron is silent for good."""
    bad = np.count_nonzero(~np.isfinite(given))
    if bad:
        raise InvalidValueError(f"{where}: {bad} of its numbers are NaN or infinite, wanted finite ones")
