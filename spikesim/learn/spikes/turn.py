"""A matrix turned and scaled: weights stand by target on the tape, and by source in the loops over spikes."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...jit import compiled
from .buffers import BUFFERS

__all__ = ["turned"]

SIDE = 32  #: rows whose cache lines are used up before others are looked at


@compiled
def turn(a, factor, out):
    rows, columns = a.shape
    for first in range(0, rows, SIDE):
        end = min(first + SIDE, rows)
        for j in range(columns):
            for i in range(first, end):
                out[j, i] = factor * a[i, j]


def turned(a: Any, factor: float, dtype: Any) -> np.ndarray:
    """Return factor a^T, of C order, in memory that is used again."""
    a = np.ascontiguousarray(a)
    out = BUFFERS.empty(a.T.shape, dtype)
    turn(a, out.dtype.type(factor), out)
    return out
