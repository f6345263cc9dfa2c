"""Truth: a sort of everything at once."""

from __future__ import annotations

import numpy as np
import pytest

from spikesim.engine import learning


@pytest.mark.parametrize("by_source", [True, False])
def test_places_of_synapses(by_source: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """By (pre, post, delay), equals in the order they came in, whether some sources are sorted at a time or all."""
    monkeypatch.setattr(learning, "BLOCK", 40)
    r = np.random.default_rng(1)
    for _ in range(30):
        parts = []
        for n in r.integers(0, 300, r.integers(1, 4)):
            pre = r.integers(0, 20, n).astype(np.int32)
            parts.append((np.sort(pre) if by_source else pre, r.integers(0, 5, n), r.choice([0.5, 1.0, 2.5], n)))
        pre, post, delay = (np.concatenate(column) for column in zip(*parts))
        wanted = np.empty(pre.size, np.int64)
        wanted[np.lexsort((delay, post, pre))] = np.arange(pre.size)
        assert np.array_equal(learning.sorted_places(parts), wanted)
