"""Runs of spikes of many workers as one.  Truth: NumPy's sort."""

from __future__ import annotations

import numpy as np
import pytest

from spikesim.engine.clock.meeting import merge


@pytest.mark.parametrize("runs", [2, 3, 8, 200])
@pytest.mark.parametrize("apart", [True, False])
def test_merged_is_sorted(runs: int, apart: bool) -> None:
    """Neighbours that do not overlap, and runs that do; some empty, some ids twice in one."""
    random = np.random.default_rng(runs)
    for most in (0, 1, 30):
        sizes = random.integers(0, most + 1, runs)
        first = 1000 * np.arange(runs) if apart else np.zeros(runs, np.int64)
        parts = [np.sort(lo + random.integers(0, 1000, n)) for lo, n in zip(random.permutation(first), sizes)]
        ids = np.concatenate([*parts, [-1]]).astype(np.int64)  # something stands behind the last one
        hi = np.cumsum(sizes).astype(np.int64)
        lo, out = hi - sizes, np.zeros(ids.size, np.int64)
        n = merge(ids, lo, hi, np.zeros(runs, np.int64), out)
        assert n == ids.size - 1
        assert np.array_equal(out[:n], np.sort(ids[:-1]))
        assert np.array_equal(lo, hi)
