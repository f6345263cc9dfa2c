"""Windows of images, gathered to columns and scattered back: what makes a convolution a product of matrices.

| array   | shape                          | what |
| ------- | ------------------------------ | --- |
| x       | (N, C, H, W)                   | images, padded already |
| columns | (N, C, kh, kw, H', W')         | x[n, c, i s + a, j s + b], s the stride; written by `gather` |
| value   | (N, C, H', W')                 | largest entry of each window; written by `largest` |
| place   | (N, C, H', W'), int64          | where in the window it stands, a kw + b; written by `largest` |

Compiled: NumPy would make one pass over memory for each place of the window.
"""

from __future__ import annotations

import numpy as np

from ...jit import compiled

__all__ = ["gather", "largest", "scatter", "scatter_largest"]


@compiled
def gather(x, stride, columns):
    N, C, kh, kw, H, W = columns.shape
    for n in range(N):
        for c in range(C):
            for a in range(kh):
                for b in range(kw):
                    if stride == 1:  # known to be so, a row is one copy
                        for i in range(H):
                            for j in range(W):
                                columns[n, c, a, b, i, j] = x[n, c, i + a, j + b]
                    else:
                        for i in range(H):
                            for j in range(W):
                                columns[n, c, a, b, i, j] = x[n, c, i * stride + a, j * stride + b]


@compiled
def scatter(columns, stride, x):
    """Add every column to where it was gathered from."""
    N, C, kh, kw, H, W = columns.shape
    for n in range(N):
        for c in range(C):
            for a in range(kh):
                for b in range(kw):
                    if stride == 1:
                        for i in range(H):
                            for j in range(W):
                                x[n, c, i + a, j + b] += columns[n, c, a, b, i, j]
                    else:
                        for i in range(H):
                            for j in range(W):
                                x[n, c, i * stride + a, j * stride + b] += columns[n, c, a, b, i, j]


@compiled
def largest(x, k, stride, value, place):
    """Written without branches, which random images would mislead; a NaN wins, and the first of them stays."""
    N, C, H, W = value.shape
    for n in range(N):
        for c in range(C):
            for i in range(H):
                for j in range(W):
                    best, where, unordered = x[n, c, i * stride, j * stride], 0, False
                    for a in range(k):
                        for b in range(k):
                            v = x[n, c, i * stride + a, j * stride + b]
                            where += np.int64(v > best) * (a * k + b - where)
                            best = v if v > best else best
                            unordered |= v != v
                    if unordered:
                        where = 0
                        best = x[n, c, i * stride, j * stride]
                        while best == best:
                            where += 1
                            best = x[n, c, i * stride + where // k, j * stride + where % k]
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
