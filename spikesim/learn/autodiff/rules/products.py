"""Rules of products of matrices (section 4.2.3), and the number of threads that BLAS does them with.

Two busy threads of BLAS wait for each other: on a machine with other work a small product then costs twenty times more.
So a product below `SMALL` operations is done by one thread, and the number of threads is put back.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from .rule import Array, Rule

__all__ = ["RULES", "product"]

TINY, SMALL = 1e5, 1e8  # multiplications: below the first BLAS itself takes one thread


class _Threads(NamedTuple):
    """How many threads the BLAS of NumPy uses, and how to change that."""

    number: Callable[[], int]
    use: Callable[[int], Any]


@lru_cache(maxsize=1)
def _threads() -> _Threads | None:
    """Find the switch in the library that NumPy brings, or through threadpoolctl where it is installed; else None."""
    root = Path(np.__file__).parent
    for path in (*root.with_name("numpy.libs").glob("*openblas*"), *root.glob(".dylibs/*openblas*")):
        library = ctypes.CDLL(str(path))  # loaded already: this is the same one
        for prefix, suffix in (("scipy_", "64_"), ("scipy_", ""), ("", "64_"), ("", "")):
            number = getattr(library, f"{prefix}openblas_get_num_threads{suffix}", None)
            use = getattr(library, f"{prefix}openblas_set_num_threads{suffix}", None)
            if number is not None and use is not None:
                use.argtypes = [ctypes.c_int]
                return _Threads(number, use)
    try:
        from threadpoolctl import ThreadpoolController
    except ImportError:
        return None
    found = ThreadpoolController().select(user_api="blas").lib_controllers
    return _Threads(found[0].get_num_threads, found[0].set_num_threads) if found else None


def product(a: Array, b: Array) -> Array:
    """Return a @ b, by one thread where it is small."""
    if not isinstance(a, np.ndarray):
        return a @ b
    if not TINY < a.size * b.shape[-1] < SMALL:
        return a @ b
    threads = _threads()
    before = 1 if threads is None else threads.number()
    if threads is None or before == 1:
        return a @ b
    threads.use(1)
    try:
        return a @ b
    finally:
        threads.use(before)


def _matmul(a: Array, b: Array) -> Array:
    return product(a, b) if np.ndim(a) and np.ndim(b) else np.matmul(a, b)


def _left(s: Array, y: Array, a: Array, b: Array) -> Array:
    if np.ndim(b) == 1:
        return s[..., None] * b if np.ndim(a) > 1 else s * b
    if np.ndim(a) == 1:
        return (b @ s[..., None])[..., 0]
    return product(s, np.swapaxes(b, -1, -2))


def _right(s: Array, y: Array, a: Array, b: Array) -> Array:
    if np.ndim(a) == 1:
        return a[:, None] * s[..., None, :] if np.ndim(b) > 1 else s * a
    if np.ndim(b) == 1:
        return (np.swapaxes(a, -1, -2) @ s[..., None])[..., 0]
    return product(np.swapaxes(a, -1, -2), s)


def _linear(x: Array, weight: Array, bias: Array | None = None) -> Array:
    z = product(x, weight.T)
    if bias is not None:
        z += bias
    return z


def _rows(x: Array) -> Array:
    return x if x.ndim == 2 else x.reshape(-1, x.shape[-1])


# fmt: off
RULES: dict[str, Rule] = {
    "matmul": Rule(_matmul, (_left, _right),                                              "{} @ {}"),
    "linear": Rule(_linear, (lambda s, y, x, w, b=None: product(s, w),
                             lambda s, y, x, w, b=None: product(_rows(s).T, _rows(x)),
                             lambda s, y, x, w, b: np.add.reduce(_rows(s), axis=0)),      "linear({})"),
}
# fmt: on
