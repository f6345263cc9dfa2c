"""Chunks of a growing dataset as they stand in a file: the values, and HDF5's checksum of them.

HDF5 would copy each chunk twice and take its checksum word by word: with the pages that this takes from the system,
half of what recording a spike cost.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..jit import compiled

__all__ = ["fletcher32", "write_rows"]

BLOCK = 256  # words: so many can be weighed in 32 bits


@compiled
def _sums(words):
    """Return the sum of 16-bit words, and the sum of its partial sums."""
    total, running = np.uint64(0), np.uint64(0)
    for first in range(0, words.size, BLOCK):
        block, s, t = words[first : first + BLOCK], np.uint32(0), np.uint32(0)
        n = np.uint32(block.size)
        for k in range(block.size):
            word = np.uint32(((block[k] & 0xFF) << 8) | (block[k] >> 8))  # the first byte is the upper one
            s += word
            t += (n - np.uint32(k)) * word
        running += np.uint64(t) + np.uint64(n) * total
        total += np.uint64(s)
    return total, running


def fletcher32(values: np.ndarray) -> int:
    """Return the checksum that HDF5 keeps of a contiguous array of an even number of bytes."""
    with np.errstate(over="ignore"):
        sums = _sums(values.view("<u2"))
    low, high = (0 if s == 0 else (int(s) - 1) % 0xFFFF + 1 for s in sums)
    return high << 16 | low


def write_rows(dataset: Any, at: int, values: np.ndarray) -> None:
    """Write rows from row `at` on; of a list of numbers, chunks that they fill are written as they will stand."""
    chunk, stop = dataset.chunks[0], at + len(values)
    first, last = at + -at % chunk, stop - stop % chunk
    if values.ndim > 1 or first >= last or values.dtype != dataset.dtype:
        dataset[at:stop] = values
        return
    if at < first:
        dataset[at:first] = values[: first - at]
    filled = np.empty(chunk * values.itemsize + 4, np.uint8)
    for start in range(first, last, chunk):
        rows = values[start - at : start - at + chunk]
        filled[:-4] = rows.view(np.uint8)
        filled[-4:] = np.array([fletcher32(rows)], "<u4").view(np.uint8)
        dataset.id.write_direct_chunk((start,), filled)
    if last < stop:
        dataset[last:stop] = values[last - at :]
