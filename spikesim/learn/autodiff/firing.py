"""The smoothed tuning curve of the LIF neuron, and its slope.

    r = amplitude * G(1 + j),   j = gamma ln(1 + e^((v_in - 1)/gamma))      (Hunsberger and Eliasmith 2015,
    "soft LIF") dr/dv_in = amplitude * G^2 tau_m / (j (1 + j)) * logistic((v_in - 1)/gamma)

G is `spikesim.LIF.rate`, the only place where its formula stands; gamma -> 0 is G itself, whose slope is
infinite at 1+. For j < S = 1e-6, where 1 + j would lose digits, the interval continues as 1/G(1 + S) + tau_m
(ln(1 + 1/j) - ln(1 + 1/S)).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from ...neurons.lif import LIF

__all__ = ["firing"]

_SMALL = 1e-6


@lru_cache
def _neuron(tau_m: float, t_ref: float) -> Any:
    return LIF.normalized(tau_m=tau_m, t_ref=t_ref)


def firing(v_in: Any, tau_m: float, t_ref: float, gamma: float, amplitude: float) -> tuple[Any, Any]:
    """Return (r, dr/dv_in); rates G in Hz, times in ms; float64 inside."""
    rate = _neuron(tau_m, t_ref).rate
    v = np.asarray(v_in, dtype=np.float64)
    if gamma > 0.0:
        x = x0 = (np.atleast_1d(v) - 1.0) / gamma
        e = np.exp(-np.abs(x))
        j = gamma * (np.maximum(x, 0.0) + np.log1p(e))
        opening = np.where(x > 0.0, 1.0, e) / (1.0 + e)
        small = j < _SMALL
        g = np.asarray(rate(1.0 + np.maximum(j, _SMALL)))
        ratio = opening / (np.maximum(j, 1e-300) * (1.0 + j))
        if small.any():
            j, x = j[small], x[small]
            log_j = np.where(x < -30.0, x + np.log(gamma), np.log(np.maximum(j, 1e-300)))
            more = np.log1p(j) - log_j - np.log1p(1.0 / _SMALL)
            g[small] = 1.0 / (1.0 / g[small] + tau_m / 1000.0 * more)
            ratio = np.where(x0 < -30.0, 1.0 / gamma, ratio)
    else:
        j = np.where(v > 1.0, v - 1.0, 1.0)
        g = np.asarray(rate(v))
        ratio = (v > 1.0) / (j * (1.0 + j))
    slope = (amplitude * tau_m / 1000.0) * g * g * ratio
    kind = np.asarray(v_in).dtype
    return (amplitude * g).astype(kind).reshape(v.shape), slope.astype(kind).reshape(v.shape)
