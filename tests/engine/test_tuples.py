"""Tuples of states in compiled loops.  Truth: Python's tuples, of one and of more entries."""

from __future__ import annotations

import numba
import pytest

from spikesim.engine.equations import as_floats, select


@numba.njit
def floats(s):
    return as_floats(s)


@numba.njit
def chosen(condition, a, b):
    return select(condition, a, b)


@pytest.mark.parametrize("s", [(3,), (1.5,), (4, 2), (1, 2.5, -3), (0.25, -1, 7, 2.0)])
def test_floats_of_any_numbers(s: tuple[float, ...]) -> None:
    found = floats(s)
    assert found == tuple(float(a) for a in s) and all(isinstance(a, float) for a in found)


@pytest.mark.parametrize("n", [1, 2, 4])
def test_one_or_the_other(n: int) -> None:
    a, b = tuple(float(k) for k in range(n)), tuple(-1.0 - k for k in range(n))
    assert (chosen(True, a, b), chosen(False, a, b)) == (a, b)
