"""Memory is used again, and never while somebody looks at it."""

from __future__ import annotations

import gc
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from spikesim.learn.spikes.buffers import Buffers


def address(a: np.ndarray) -> int:
    return a.__array_interface__["data"][0]


def test_memory_is_used_again_when_nobody_refers_to_it():
    buffers = Buffers(least=0)
    a = buffers.empty((3, 4), np.float32)
    first = address(a)
    assert a.shape == (3, 4) and a.dtype == np.float32 and a.flags.c_contiguous and a.flags.writeable
    del a
    b = buffers.empty((6, 2), np.float32)
    assert address(b) == first


def test_a_view_keeps_the_memory():
    buffers = Buffers(least=0)
    a = buffers.empty((8,), np.float64)
    first, view = address(a), a.reshape(2, 4)[1:, ::2]
    del a
    gc.collect()
    view[:] = 7.0
    other = buffers.empty((8,), np.float64)
    assert address(other) != first
    other[:] = 0.0
    assert (view == 7.0).all()
    del view
    assert address(buffers.empty((8,), np.float64)) == first


def test_no_more_is_kept_than_allowed():
    buffers = Buffers(most=1000, least=100)
    kept = [buffers.empty((300,), np.uint8) for _ in range(4)]
    del kept
    assert 0 < buffers.held <= 1000 == buffers.most
    assert buffers.held == sum(len(m) for same in buffers.free.values() for m in same)
    held = buffers.held
    for size in (10, 2000):  # too small to be worth it, too large to be kept
        a = buffers.empty((size,), np.uint8)
        del a
    assert buffers.held == held


def test_threads_get_memory_of_their_own():
    buffers = Buffers(least=0)

    def work(k: int) -> bool:
        for _ in range(300):
            a = buffers.empty((64,), np.int64)
            a[:] = k
            if not (a == k).all():
                return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(work, range(16)))
