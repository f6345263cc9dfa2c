"""Arrays of a worker by the place of their address and size in a table."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numba import types

from ...jit import looks_up, view, view2


def pack(worker: Iterable[np.ndarray]) -> np.ndarray:
    """Return the addresses and sizes of a worker's arrays, int64 (2 n,): what the kernels take.

    One argument instead of forty: Numba's compile time grows with the number of arrays in a signature.
    """
    rows = [(a.ctypes.data, a.size) for a in worker]
    return np.array(rows, np.int64).ravel()


@looks_up(types.float64)
def floats(w, field):
    """A float64 array of the worker."""
    return view(w[2 * field], w[2 * field + 1], np.float64)


@looks_up(types.int64)
def ints(w, field):
    """An int64 array of the worker."""
    return view(w[2 * field], w[2 * field + 1], np.int64)


@looks_up(types.int32)
def shorts(w, field):
    """An int32 array of the worker."""
    return view(w[2 * field], w[2 * field + 1], np.int32)


@looks_up(types.int64, 2)
def records(w, field, columns):
    """An int64 table of the worker, by rows."""
    return view2(w[2 * field], w[2 * field + 1] // columns, columns, np.int64)
