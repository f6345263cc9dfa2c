"""The lowest root of a function on an interval, of one neuron or of many at once: where a membrane rests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

__all__ = ["lowest_root"]

#: Points of the first look that are tried at once.
ROWS = 100


def lowest_root(positive: Callable[[Any], Any], ends: Sequence[Any]) -> Any:
    """Return the lowest V at which a current turns outward, to the last bit.

    Parameters
    ----------
    positive : callable
        Whether the current is inward (> 0) at potentials `V`; it is below all `ends` and is not above all of them.
    ends : sequence of float or array
        Such as the reversal potentials (mV).
    """
    limits = np.broadcast_arrays(*(np.asarray(end, np.float64) for end in ends))
    shape = np.shape(positive(limits[0]))
    lowest, highest = (np.broadcast_to(f.reduce(limits), shape) for f in (np.minimum, np.maximum))
    grid = np.linspace(lowest, highest, 2001)
    high, low = grid[0].copy(), grid[0].copy()
    sought = np.ones(shape, bool)
    for k in range(0, len(grid), ROWS):  # no further up than the last of them turns
        outward = ~positive(grid[k : k + ROWS])
        first = k + np.argmax(outward, axis=0)[None, ...]
        found = sought & outward.any(axis=0)
        high = np.where(found, np.take_along_axis(grid, first, 0)[0], high)
        low = np.where(found, np.take_along_axis(grid, np.maximum(first - 1, 0), 0)[0], low)
        sought = sought & ~found
        if not sought.any():
            break
    for _ in range(60):
        middle = 0.5 * (low + high)
        up = positive(middle)
        low, high = np.where(up, middle, low), np.where(up, high, middle)
    return 0.5 * (low + high)
