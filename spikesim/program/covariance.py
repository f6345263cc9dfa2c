"""The noise that a linear system gathers in a step: its covariance, and numbers to make it of.

    dY = D Y dt + G dW:    Y(t + h) = exp(D h) Y(t) + N,    N normal with covariance
    Q(h) = integral_0^h exp(D s) G G^T exp(D s)^T ds,       N = L xi,  L L^T = Q

(Gillespie 1996, Phys. Rev. E 54:2084, for one variable).  Q by Gauss-Legendre quadrature over a part of the step that
is short for D, then doubled: Q(2 h) = Q(h) + exp(D h) Q(h) exp(D h)^T.  Everything that is added is a square, so every
entry of the diagonal keeps its digits, however different their sizes are.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.polynomial import legendre

from ..blas import expm

__all__ = ["covariance", "noise_factor"]

NODES, WEIGHTS = legendre.leggauss(10)


def covariance(D: np.ndarray, G: np.ndarray, h: float) -> np.ndarray:
    """Return Q(h), shape (width, N, N), of drifts D (1 or width, N, N) and diffusions G (1 or width, N, K)."""
    doublings = max(0, math.ceil(math.log2(max(1e-300, float(np.abs(D).sum(axis=-1).max(initial=0.0)) * h))))
    part = h / 2**doublings
    total = np.zeros((max(len(D), len(G)), D.shape[-1], D.shape[-1]))
    for x, weight in zip(NODES, WEIGHTS):
        moved = expm(D * (0.5 * part * (x + 1.0))) @ G
        total += 0.5 * part * weight * (moved @ np.swapaxes(moved, -1, -2))
    for k in range(doublings):
        P = expm(D * (part * 2**k))
        total = total + P @ total @ np.swapaxes(P, -1, -2)
    return total


def noise_factor(D: np.ndarray, G: np.ndarray, h: float) -> np.ndarray:
    """Return L, lower triangular, shape (width, N, N), with L L^T = Q(h); a variable without noise has a row of 0."""
    Q = covariance(D, G, h)
    L = np.zeros_like(Q)
    for j in range(Q.shape[-1]):
        left = Q[:, j, j] - np.sum(L[:, j, :j] ** 2, axis=-1)
        root = np.sqrt(np.where(left > 1e-14 * Q[:, j, j], left, 0.0))
        L[:, j, j] = root
        for i in range(j + 1, Q.shape[-1]):
            rest = Q[:, i, j] - np.sum(L[:, i, :j] * L[:, j, :j], axis=-1)
            L[:, i, j] = np.where(root > 0.0, rest / np.where(root > 0.0, root, 1.0), 0.0)
    return L
