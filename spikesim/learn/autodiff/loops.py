"""Loops of rules that stand where NumPy's calls cost more than their arithmetic, or go over memory several times.

| loop     | arrays                                   | what |
| -------- | ---------------------------------------- | --- |
| sigmoids | z, y of shape (n,)                       | y = 1 / (1 + e^-z) |
| add_row  | z of shape (N, K), row (K,)              | z += row |
| mean_of  | x of shape (n,)                          | returns its mean, added up as float64 |
| within   | whole numbers of shape (n,), n           | returns whether all of them are 0 ... n - 1 |
| sum_rows | s of shape (N, K), total (K,), zeros     | total = sum of the rows of s, one after the other |
"""

from __future__ import annotations

from typing import Any

from numba.extending import register_jitable

from ...jit import JIT, compiled, exp

__all__ = ["add_row", "known", "mean_of", "sigmoid", "sigmoids", "sum_rows", "within"]


def known(a: Any, b: Any) -> bool:
    """Whether the compiler has loops over such arrays: both float32 or both float64, the first in order."""
    return JIT and a.dtype is b.dtype and a.dtype.char in "fd" and a.flags.c_contiguous


@register_jitable(forceinline=True)
def sigmoid(z: Any) -> Any:
    """Return 1 / (1 + e^-z) of a number or an array."""
    return 1.0 / (1.0 + exp(-z))


@compiled
def sigmoids(z, y):
    for i in range(len(z)):
        y[i] = sigmoid(z[i])


@compiled
def add_row(z, row):
    for i in range(z.shape[0]):
        for k in range(z.shape[1]):
            z[i, k] += row[k]


@compiled
def mean_of(x):
    total = 0.0
    for i in range(len(x)):
        total += x[i]
    return total / len(x)


@compiled
def sum_rows(s, total):
    for i in range(s.shape[0]):
        for k in range(s.shape[1]):
            total[k] += s[i, k]


@compiled
def within(numbers, n):
    for k in numbers:
        if not 0 <= k < n:
            return False
    return True
