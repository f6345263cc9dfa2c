"""What a recording refuses, and whom an index selects of those recorded."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from ..errors import IndexRangeError, InvalidTypeError, InvalidValueError

__all__ = ["bounds", "chosen", "finite", "frozen", "one_train"]


def frozen(values: Any, dtype: type, where: str, ndim: int = 1) -> np.ndarray:
    """A read-only view of `values`; refuses a lossy kind and a wrong rank."""
    try:
        array = np.asarray(values)
    except ValueError:
        raise InvalidTypeError(f"{where}: wanted {np.dtype(dtype).name}, got lists of unequal lengths") from None
    if array.size == 0:
        array = array.astype(dtype)
    if not np.can_cast(array.dtype, dtype, "same_kind" if array.dtype.kind in "iu" else "safe"):
        raise InvalidTypeError(f"{where}: wanted {np.dtype(dtype).name}, got {array.dtype} values")
    array = array.astype(dtype, copy=False).view()
    if array.ndim != ndim:
        raise InvalidValueError(f"{where}: wanted {ndim} dimension(s), got shape {array.shape}")
    array.flags.writeable = False
    return array


def one_train(where: str, times: Any) -> np.ndarray:
    """The spike times of one neuron, in any order, of a list, an array or what yields them."""
    if not isinstance(times, Iterable) or isinstance(times, (str, bytes)):
        raise InvalidTypeError(f"{where}: wanted the spike times (ms) of one neuron, got {times!r:.60}")
    return finite(frozen(list(times), np.float64, where), where)


def finite(array: np.ndarray, where: str) -> np.ndarray:
    """The same array; refuses infinities and what is no number."""
    bad = ~np.isfinite(array)
    if bad.any():
        first = int(np.argmax(bad))
        raise InvalidValueError(
            f"{where}: wanted finite numbers, got {array.flat[first]!r} at index {first} ({int(bad.sum())} such values)"
        )
    return array


def chosen(index: Any, neurons: np.ndarray | None, size: int, where: str) -> np.ndarray:
    """The ids that an index (id, slice, ids, mask) selects among the recorded `neurons` (None: all)."""
    if isinstance(index, slice):
        ids = np.arange(size)[index]
        return ids if neurons is None else ids[np.isin(ids, neurons)]
    ids = np.asarray(index)
    if ids.dtype == bool:
        if ids.shape != (size,):
            raise IndexRangeError(f"{where}: a mask must have shape ({size},), got {ids.shape}")
        ids = np.flatnonzero(ids)
    if ids.size == 0:
        return np.zeros(0, np.int64)
    if ids.dtype.kind not in "iu" or ids.ndim > 1:
        raise InvalidTypeError(f"{where}: wanted neuron ids, a slice or a mask, got {index!r}")
    ids = ids.astype(np.int64).reshape(-1)
    bad = (ids < -size) | (ids >= size)
    if bad.any() and neurons is not None and neurons.size:
        raise IndexRangeError(
            f"{where}: neuron {int(ids[bad][0])} was not recorded ({int(bad.sum())} such); those recorded have ids "
            f"{int(neurons.min())} ... {int(neurons.max())} ({neurons.size} of them)"
        )
    if bad.any():
        raise IndexRangeError(f"{where}: neuron {int(ids[bad][0])} is outside 0 ... {size - 1}")
    ids = np.where(ids < 0, ids + size, ids)
    if np.unique(ids).size != ids.size:
        raise IndexRangeError(f"{where}: a neuron is selected twice")
    missing = ids[~np.isin(ids, neurons)] if neurons is not None else ids[:0]
    if missing.size:
        raise IndexRangeError(f"{where}: neuron {int(missing[0])} was not recorded ({missing.size} such neurons)")
    return ids


def bounds(window: slice, where: str) -> tuple[float | None, float | None]:
    """Start and stop of a window of time, None where it is open."""
    if not isinstance(window, slice) or window.step is not None:
        raise InvalidTypeError(f"{where}: the second index is a window of time, start:stop in ms, got {window!r}")
    return window.start, window.stop
