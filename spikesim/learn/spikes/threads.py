"""Shares of a batch on several threads; what is summed has an order that does not depend on how many there are."""

from __future__ import annotations

import functools
import itertools
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ...errors import InvalidValueError
from .backward import CHUNK

__all__ = ["checked_threads", "shared"]

#: Neuron steps of a batch below which a second thread costs more than it brings.
WORTH = 4_000_000


def checked_threads(where: str, threads: Any) -> int | None:
    """Return a number of threads (None: decided by the work), or refuse."""
    if threads is None:
        return None
    if isinstance(threads, bool) or not isinstance(threads, int) or threads < 1:
        raise InvalidValueError(f"{where}: threads = {threads!r}, wanted a whole number >= 1, or None")
    return threads


@functools.lru_cache(maxsize=4)
def _pool(threads: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(threads, thread_name_prefix="spikesim-learn")


def shared(
    kernel: Callable[..., Any], n: int, *arguments: Any, threads: int | None, work: int, side: int = CHUNK
) -> None:
    """Call kernel(first, last, *arguments) on stretches of 0 ... n that are multiples of `side`.

    Parameters
    ----------
    kernel : callable
        A compiled loop that gives the GIL back.
    n : int
        Samples, or targets.
    threads : int or None
        None: all cores where `work` (neuron steps) is worth it, else one.
    """
    if threads is None:
        threads = 1 if work < WORTH else os.cpu_count() or 1
    blocks = -(-n // side)
    threads = min(threads, blocks)
    if threads <= 1:
        kernel(0, n, *arguments)
        return
    ends = [min(n, side * (blocks * k // threads)) for k in range(threads + 1)]
    for job in [_pool(threads).submit(kernel, a, b, *arguments) for a, b in itertools.pairwise(ends)]:
        job.result()
