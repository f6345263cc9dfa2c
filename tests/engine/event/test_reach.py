"""Segments that a window reaches are brought into the order of (time, rank, bundle, segment)."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from spikesim.engine.event.reach import arrange
from spikesim.engine.event.records import REACH
from spikesim.jit import JIT

TIMES = st.one_of(st.sampled_from([0.0, 1.5, np.nextafter(1.5, 2.0), 3.0]), st.floats(0.0, 1e6))


@settings(max_examples=200 if JIT else 30, deadline=None)
@given(st.lists(st.tuples(TIMES, st.integers(0, 3), st.integers(0, 2)), min_size=1, max_size=80))
def test_the_order_is_that_of_time_rank_bundle_segment(rows: list[tuple[float, int, int]]) -> None:
    keys = [(*row, segment) for segment, row in enumerate(rows)]
    listed = np.zeros(len(keys), REACH)
    for entry, (due, rank, bundle, segment) in zip(listed, keys):
        entry["due"], entry["rank"], entry["bundle"], entry["segment"] = due, rank, bundle, segment
    order = np.full(len(keys), -1)
    arrange(listed.view(np.recarray) if not JIT else listed, order, np.full(len(keys) + 1, 99))
    assert [keys[q] for q in order] == sorted(keys)
