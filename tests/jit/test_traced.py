"""Functions of words, written once.  Truth: Python's integers modulo 2^64, in Python, on arrays, in compiled loops."""

from __future__ import annotations

import numba
import numpy as np
import pytest

from spikesim.jit.traced import traced

WORDS = [0, 1, 7, 2**31, 2**63 + 5, 2**64 - 1]
SEVEN = np.uint64(7)


@traced()
def one(a, b, i):
    return ((a + i) * b) ^ (a >> SEVEN)


@traced(words=2)
def two(a, b, i):
    return a * i + b, (b ^ i) >> SEVEN


@numba.njit
def loops(a, b, i):
    return one(a, b, i), two(a, b, i)


@pytest.mark.parametrize("i", WORDS)
@pytest.mark.parametrize("a", WORDS)
def test_words_wrap_the_same_everywhere(a: int, i: int) -> None:
    b, M = 0x9E3779B97F4A7C15, 2**64
    wanted = (((a + i) * b) % M) ^ (a >> 7), ((a * i + b) % M, (b ^ i) >> 7)
    assert (int(one(a, b, i)), tuple(map(int, two(a, b, i)))) == wanted
    arrays = np.array([a, a], np.uint64), np.uint64(b), np.array([i, 3], np.uint64)
    assert int(one(*arrays)[0]) == wanted[0] and tuple(int(w[0]) for w in two(*arrays)) == wanted[1]
    first, second = loops(*(np.uint64(w) for w in (a, b, i)))
    assert (int(first), tuple(map(int, second))) == wanted
