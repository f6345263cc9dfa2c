"""Arrays of a batch, used again by the next one: fresh memory costs the system more than a pass through the layer.

An array that is handed out keeps its memory until nobody refers to it or to a view of it; then the next array of about
the same size takes it over.  Arrays begin at a cache line: a vector that lies across two costs twice.
"""

from __future__ import annotations

import ctypes
import math
import weakref
from threading import RLock
from typing import Any

import numpy as np

__all__ = ["BUFFERS", "Buffers"]


LINE = 64  #: bytes of a cache line


def rounded(size: int) -> int:
    """Up to four significant bits: lists of spikes have other sizes in each batch, nearly the same."""
    part = 1 << max(size.bit_length() - 4, 0)
    return -(-size // part) * part


class Buffers:
    """Memory that arrays have given back, at most `most` bytes of it; smaller arrays than `least` are not kept.

    Parameters
    ----------
    most, least : int
        Bytes.
    """

    def __init__(self, most: int = 2**28, least: int = 2**17) -> None:
        self.most, self.least = most, least
        self.free: dict[int, list[bytearray]] = {}  # by size
        self.held = 0
        self.lock = RLock()  # an array may die while another is made, in the same thread

    def empty(self, shape: tuple[int, ...], dtype: Any) -> np.ndarray:
        """Return an array whose entries are to be written."""
        size = math.prod(shape) * np.dtype(dtype).itemsize
        if not self.least <= size <= self.most:
            return np.empty(shape, dtype)
        memory = self._taken(rounded(size + LINE))
        start = -ctypes.addressof(ctypes.c_char.from_buffer(memory)) % LINE
        # a bytearray and no array: a view of an array refers to the lowest array, which must be this one
        array: np.ndarray = np.ndarray(shape, dtype, memory, start)
        weakref.finalize(array, self._give_back, memory).atexit = False
        return array

    def _taken(self, size: int) -> bytearray:
        with self.lock:
            same = self.free.get(size)
            if not same:
                return bytearray(size)
            self.held -= size
            return same.pop()

    def _give_back(self, memory: bytearray) -> None:
        with self.lock:
            if self.held + len(memory) > self.most:  # of sizes that may be wanted no more
                self.free.clear()
                self.held = 0
            self.free.setdefault(len(memory), []).append(memory)
            self.held += len(memory)


BUFFERS = Buffers()
