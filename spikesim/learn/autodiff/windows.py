"""Windows of images, gathered to columns and scattered back: what makes a convolution a product of matrices.

| array   | shape                          | what |
| ------- | ------------------------------ | --- |
| x       | (N, C, H, W)                   | images, padded already |
| columns | (C, kh, kw, N, H', W')         | x[n, c, i s + a, j s + b], s the stride; written by `gather` |
| value   | (N, C, H', W')                 | largest entry of each window; written by `largest` |
| place   | (N, C, H', W'), int64          | where in the window it stands, a kw + b; written by `largest` |

Compiled: NumPy would make one pass over memory for each place of the window.
"""

from __future__ import annotations

from ...jit import compiled

__all__ = ["gather", "largest", "scatter", "scatter_largest"]


@compiled
def gather(x, stride, columns):
    C, kh, kw, N, H, W = columns.shape
    for c in range(C):
        for a in range(kh):
            for b in range(kw):
                for n in range(N):
                    for i in range(H):
                        for j in range(W):
                            columns[c, a, b, n, i, j] = x[n, c, i * stride + a, j * stride + b]


@compiled
def scatter(columns, stride, x):
    """Add every column to where it was gathered from."""
    C, kh, kw, N, H, W = columns.shape
    for c in range(C):
        for n in range(N):
            for a in range(kh):
                for b in range(kw):
                    for i in range(H):
                        for j in range(W):
                            x[n, c, i * stride + a, j * stride + b] += columns[c, a, b, n, i, j]


@compiled
def largest(x, k, stride, value, place):
    N, C, H, W = value.shape
    for n in range(N):
        for c in range(C):
            for i in range(H):
                for j in range(W):
                    best, where = x[n, c, i * stride, j * stride], 0
                    for a in range(k):
                        for b in range(k):
                            v = x[n, c, i * stride + a, j * stride + b]
                            if best == best and not v <= best:  # a NaN wins, and stays
                                best, where = v, a * k + b
                    value[n, c, i, j], place[n, c, i, j] = best, where


@compiled
def scatter_largest(s, place, k, stride, x):
    N, C, H, W = s.shape
    for n in range(N):
        for c in range(C):
            for i in range(H):
                for j in range(W):
                    where = place[n, c, i, j]
                    x[n, c, i * stride + where // k, j * stride + where % k] += s[n, c, i, j]
