"""A function of pairs, in pieces.  Truth: the function on all pairs at once."""

from __future__ import annotations

import numpy as np
import pytest

import spikesim as ss
from spikesim.errors import InvalidValueError


@pytest.mark.parametrize("block", [1, 4, 12, 100])
def test_pieces_make_the_whole(block: int) -> None:
    pre, post, distance = np.arange(12), np.arange(12) % 5, np.linspace(0.0, 1.0, 12)
    sizes = []

    def f(i, j, d):
        sizes.append(i.size)
        return i + 10.0 * j + 100.0 * d

    found = ss.from_function(f, block=block).value(pre, post, distance)
    np.testing.assert_array_equal(found, pre + 10.0 * post + 100.0 * distance)
    assert sum(sizes) == 12 and max(sizes) <= block
    assert ss.from_function(f, block=block).value(pre[:0], post[:0], distance[:0]).size == 0


@pytest.mark.parametrize("f", [lambda i, j, d: 0.5, lambda i, j, d: d[:-1], lambda i, j, d: d[:, None]])
def test_another_shape_is_refused(f) -> None:
    with pytest.raises(InvalidValueError, match=r"one number a pair, shape \(4,\), got shape"):
        ss.from_function(f).value(np.arange(4), np.arange(4), np.zeros(4))
