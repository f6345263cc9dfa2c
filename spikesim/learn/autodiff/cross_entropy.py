"""Categorical cross entropy of softmax(z) at a class, in one pass over the rows of z (sections 2.3.3, 5.1.3).

    p_k = e^(z_k - peak) / total,  total = sum_j e^(z_j - peak)      L = ln total + peak - z_c      dL/dz = p - t

`peak` is the largest z, so nothing overflows; L is finite where p rounds to 0.  Compiled, because a dozen small NumPy
calls cost more than the arithmetic of a batch.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...errors import InvalidValueError
from ...jit import JIT, compiled, exp

__all__ = ["cross_entropy", "cross_entropy_slope"]


@compiled
def _forward(z, classes, losses, p):
    """Return whether every class is one of the outputs; what comes after one that is not is not computed."""
    for i in range(len(z)):
        if not 0 <= classes[i] < z.shape[1]:
            return False
        peak = z[i, 0]
        for k in range(z.shape[1]):
            if not z[i, k] <= peak:  # a NaN becomes the peak, and the loss
                peak = z[i, k]
        total = peak - peak
        for k in range(z.shape[1]):
            p[i, k] = exp(z[i, k] - peak)
        for k in range(z.shape[1]):
            total += p[i, k]
        for k in range(z.shape[1]):
            p[i, k] /= total
        losses[i] = np.log(total) + peak - z[i, classes[i]]
    return True


@compiled
def _backward(s, p, classes, slope):
    for i in range(len(p)):
        above = s[i if len(s) > 1 else 0]
        for k in range(p.shape[1]):
            slope[i, k] = above * p[i, k]
        slope[i, classes[i]] -= above


def _run(kernel: Any, rows: np.ndarray, *arrays: np.ndarray) -> Any:
    if JIT and rows.dtype.char not in "fd":  # a precision that the compiler does not know
        kernel = kernel.py_func
    return kernel(rows, *arrays)


def cross_entropy(z: np.ndarray, classes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return (L of every sample, p) for z of shape (..., K) and classes in 0 ... K - 1 of shape (...)."""
    width = z.shape[-1] if z.ndim else 0
    if classes.dtype.kind not in "iu" or classes.shape != z.shape[:-1]:  # the loop below does not
        raise InvalidValueError(
            f"cross entropy: classes: wanted whole numbers of shape {z.shape[:-1]}, one a row of outputs of shape "
            f"{z.shape}, got {classes.dtype} of shape {classes.shape}"
        )
    losses, p = np.empty(classes.shape, z.dtype), np.empty(z.shape, z.dtype)
    if not _run(_forward, _rows(z), classes.reshape(-1), losses.reshape(-1), _rows(p)):
        raise InvalidValueError(
            f"cross entropy: classes: wanted 0 ... {width - 1}, one of {width} outputs, got "
            f"{classes.min()} ... {classes.max()}"
        )
    return losses, p


def cross_entropy_slope(s: np.ndarray, p: np.ndarray, z: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """Return s (p - t), the pairing of section 2.3.3; s is one number a sample, or one for all of them."""
    slope = np.empty(p.shape, p.dtype)
    _run(_backward, s.reshape(-1), _rows(p), classes.reshape(-1), _rows(slope))
    return slope


def _rows(z: np.ndarray) -> np.ndarray:
    return z if z.ndim == 2 else z.reshape(-1, z.shape[-1])
