"""Categorical cross entropy of softmax(z) at a class, in one pass over the rows of z (sections 2.3.3, 5.1.3).

    p_k = e^(z_k - peak) / total,  total = sum_j e^(z_j - peak)      L = ln total + peak - z_c      dL/dz = p - t

`peak` is the largest z, so nothing overflows; L is finite where p rounds to 0.  Compiled, because a dozen small NumPy
calls cost more than the arithmetic of a batch.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...errors import InvalidValueError
from ...jit import JIT, compiled

__all__ = ["cross_entropy", "cross_entropy_slope"]


@compiled
def _forward(z, classes, losses, p):
    for i in range(len(z)):
        peak = z[i, 0]
        for k in range(z.shape[1]):
            if not z[i, k] <= peak:  # a NaN becomes the peak, and the loss
                peak = z[i, k]
        total = peak - peak
        for k in range(z.shape[1]):
            p[i, k] = np.exp(z[i, k] - peak)
            total += p[i, k]
        for k in range(z.shape[1]):
            p[i, k] /= total
        losses[i] = np.log(total) + peak - z[i, classes[i]]


@compiled
def _backward(s, p, classes, slope):
    for i in range(len(p)):
        for k in range(p.shape[1]):
            slope[i, k] = s[i] * p[i, k]
        slope[i, classes[i]] -= s[i]


def _run(kernel: Any, rows: np.ndarray, *arrays: np.ndarray) -> None:
    if JIT and rows.dtype.char not in "fd":  # a precision that the compiler does not know
        kernel = kernel.py_func
    kernel(rows, *arrays)


def cross_entropy(z: np.ndarray, classes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return (L of every sample, p) for z of shape (..., K) and classes in 0 ... K - 1 of shape (...)."""
    width = z.shape[-1] if z.ndim else 0
    if classes.dtype.kind not in "iu" or classes.shape != z.shape[:-1]:  # the loops below check nothing
        raise InvalidValueError(
            f"cross entropy: classes: wanted whole numbers of shape {z.shape[:-1]}, one a row of outputs of shape "
            f"{z.shape}, got {classes.dtype} of shape {classes.shape}"
        )
    if classes.size and not 0 <= classes.min() <= classes.max() < width:
        raise InvalidValueError(
            f"cross entropy: classes: wanted 0 ... {width - 1}, one of {width} outputs, got "
            f"{classes.min()} ... {classes.max()}"
        )
    losses, p = np.empty(classes.shape, z.dtype), np.empty(z.shape, z.dtype)
    _run(_forward, z.reshape(-1, width), classes.reshape(-1), losses.reshape(-1), p.reshape(-1, width))
    return losses, p


def cross_entropy_slope(s: np.ndarray, p: np.ndarray, z: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """Return s (p - t), the pairing of section 2.3.3."""
    slope = np.empty(p.shape, p.dtype)
    width = p.shape[-1]
    _run(_backward, s.reshape(-1), p.reshape(-1, width), classes.reshape(-1), slope.reshape(-1, width))
    return slope
