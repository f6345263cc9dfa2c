"""How many threads BLAS takes: one for what is small.

Two busy threads of BLAS wait for each other: on a machine with other work a small product, or the exponential of a
small matrix, then costs twenty times more.  So what is small is done by one thread, and the number is put back.
"""

from __future__ import annotations

import ctypes
import importlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

__all__ = ["Threads", "expm", "one_thread", "threads_of"]


class Threads(NamedTuple):
    """How many threads a BLAS uses, and how to change that."""

    number: Callable[[], int]
    use: Callable[[int], Any]


@lru_cache(maxsize=2)
def threads_of(package: str) -> Threads | None:
    """Find the switch in the library that a package brings (numpy and scipy each bring one), or through threadpoolctl
    where that is installed; else None."""
    root = Path(str(importlib.import_module(package).__file__)).parent
    for path in (*root.with_name(f"{package}.libs").glob("*openblas*"), *root.glob(".dylibs/*openblas*")):
        library = ctypes.CDLL(str(path))  # loaded already: this is the same one
        for prefix, suffix in (("scipy_", "64_"), ("scipy_", ""), ("", "64_"), ("", "")):
            number = getattr(library, f"{prefix}openblas_get_num_threads{suffix}", None)
            use = getattr(library, f"{prefix}openblas_set_num_threads{suffix}", None)
            if number is not None and use is not None:
                use.argtypes = [ctypes.c_int]
                return Threads(number, use)
    try:
        from threadpoolctl import ThreadpoolController
    except ImportError:
        return None
    found = ThreadpoolController().select(user_api="blas").lib_controllers
    return Threads(found[0].get_num_threads, found[0].set_num_threads) if found else None


@contextmanager
def one_thread(package: str) -> Iterator[None]:
    """Let the BLAS of a package take one thread meanwhile."""
    threads = threads_of(package)
    before = 1 if threads is None else threads.number()
    if threads is None or before == 1:
        yield
        return
    threads.use(1)
    try:
        yield
    finally:
        threads.use(before)


def expm(matrices: Any) -> Any:
    """Return the exponentials of small matrices, shape (..., n, n), by one thread."""
    from scipy import linalg

    with one_thread("scipy"):
        return linalg.expm(matrices)
