"""Rules of products of matrices (section 4.2.3): below `SMALL` operations BLAS does them by one thread."""

from __future__ import annotations

import numpy as np

from ....blas import threads_of
from ..loops import add_row, known, sum_rows
from .rule import Array, Rule

__all__ = ["RULES", "product"]

TINY, SMALL = 1e5, 1e8  # multiplications: below the first BLAS itself takes one thread


def product(a: Array, b: Array) -> Array:
    """Return a @ b, by one thread where it is small."""
    if not isinstance(a, np.ndarray):
        return a @ b
    if not TINY < a.size * b.shape[-1] < SMALL:
        return a @ b
    threads = threads_of("numpy")
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
    if bias is None:
        return z
    if z.ndim == 2 and known(z, bias):
        add_row(z, bias)
    else:
        z += bias
    return z


def _sum_rows(s: Array) -> Array:
    if not (isinstance(s, np.ndarray) and known(s, s)):
        return np.add.reduce(s, axis=0)
    total = np.zeros(s.shape[1], s.dtype)
    sum_rows(s, total)
    return total


def _rows(x: Array) -> Array:
    return x if x.ndim == 2 else x.reshape(-1, x.shape[-1])


# fmt: off
RULES: dict[str, Rule] = {
    "matmul": Rule(_matmul, (_left, _right),                                              "{} @ {}"),
    "linear": Rule(_linear, (lambda s, y, x, w, b=None: product(s, w),
                             lambda s, y, x, w, b=None: product(_rows(s).T, _rows(x)),
                             lambda s, y, x, w, b: _sum_rows(_rows(s))),      "linear({})"),
}
# fmt: on
