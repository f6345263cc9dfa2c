"""Rules of convolution and pooling.

    y[n, o, i, j] = b[o] + sum_{c, a, b} w[o, c, a, b] x[n, c, i stride + a, j stride + b]      (a cross-correlation)

as one product of matrices over the windows of x.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..windows import gather, largest, scatter, scatter_largest
from .products import product
from .rule import Array, Rule

__all__ = ["RULES"]


def _padded(x: Array, padding: int) -> Array:
    return np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding))) if padding else np.ascontiguousarray(x)


def _inside(x: Array, padding: int) -> Array:
    return x[:, :, padding : x.shape[2] - padding, padding : x.shape[3] - padding] if padding else x


def _conv(x: Array, w: Array, b: Any = None, stride: int = 1, padding: int = 0) -> tuple[Array, Array]:
    (n, c, h, width), (o, _, kh, kw) = x.shape, w.shape
    high, wide = (h + 2 * padding - kh) // stride + 1, (width + 2 * padding - kw) // stride + 1
    columns = np.empty((n, c, kh, kw, high, wide), np.result_type(x, w))
    gather(_padded(x, padding), stride, columns)
    y = product(np.ascontiguousarray(w.reshape(o, -1)), columns.reshape(n, c * kh * kw, -1))
    if b is not None:
        y += b[:, None]
    return y.reshape(n, o, high, wide), columns


def _samples(s: Array) -> Array:
    """Return s as a matrix of (outputs, places) a sample."""
    return np.ascontiguousarray(s).reshape(*s.shape[:2], -1)


def _conv_input(
    s: Array, columns: Array, x: Array, w: Array, b: Any = None, stride: int = 1, padding: int = 0
) -> Array:
    up = product(np.ascontiguousarray(w.reshape(len(w), -1).T), _samples(s)).reshape(columns.shape)
    n, c, h, width = x.shape
    result = np.zeros((n, c, h + 2 * padding, width + 2 * padding), s.dtype)
    scatter(up, stride, result)
    return _inside(result, padding)


def _conv_weight(s: Array, columns: Array, x: Array, w: Array, b: Any = None, **options: Any) -> Array:
    above, below = _samples(s), columns.reshape(len(columns), w[0].size, -1)
    if len(w) <= above.shape[-1]:  # one matrix a sample is no larger than its columns
        return product(above, below.swapaxes(1, 2)).sum(axis=0).reshape(w.shape)
    above, below = (np.concatenate(part, axis=1) for part in (above, below))
    return product(above, below.T).reshape(w.shape)


def _conv_bias(s: Array, columns: Array, x: Array, w: Array, b: Array, **options: Any) -> Array:
    return s.sum(axis=(0, 2, 3))


def _max_pool(x: Array, k: int, stride: int) -> tuple[Array, Array]:
    n, c, h, w = x.shape
    shape = (n, c, (h - k) // stride + 1, (w - k) // stride + 1)
    value, place = np.empty(shape, x.dtype), np.empty(shape, np.int64)
    largest(np.ascontiguousarray(x), k, stride, value, place)
    return value, place


def _max_pool_slope(s: Array, place: Array, x: Array, k: int, stride: int) -> Array:
    result = np.zeros(x.shape, s.dtype)
    scatter_largest(np.ascontiguousarray(s), place, k, stride, result)
    return result


RULES: dict[str, Rule] = {
    "conv2d": Rule(_conv, (_conv_input, _conv_weight, _conv_bias), "conv2d({})", keeps=True, again=()),
    "max_pool2d": Rule(_max_pool, (_max_pool_slope,), keeps=True, again=()),
}
