"""The universal approximation theorem, by its constructive proof (section 2.2).

    H(x; b) = lim_{w -> inf} sigma(w (x - b))      P(x; b, d) = H(x; b) - H(x; b + d)
    G(x) = sum_j f(a_j) P(x; a_j, dx)

Each piece P needs two steep sigmoids, so N pieces make a network 1 - 2N - 1.  |G - f| is at most max|f'| dx.
In d dimensions a grid of N^d boxes is needed for the same error: the theorem says that N exists, not that it
is small.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..errors import InvalidValueError
from .activations import Logistic, Threshold
from .layers import Linear
from .module import Parameter, Sequential

__all__ = ["construct_uat", "piece", "pieces_needed", "step", "sup_error"]


def step(x: Any, b: float = 0.0, w: float = np.inf) -> np.ndarray:
    """Return sigma(w (x - b)) of the logistic sigma; for w = inf the Heaviside step H(x; b), 0 at b
    itself."""
    z = np.asarray(x, dtype=np.float64) - b
    if np.isinf(w):
        return (z > 0.0).astype(np.float64)
    return Logistic()(w * z).val


def piece(x: Any, b: float, delta: float, w: float = np.inf) -> np.ndarray:
    """Return P(x; b, delta) = H(x; b) - H(x; b + delta): 1 on (b, b + delta], else 0."""
    return step(x, b, w) - step(x, b + delta, w)


def construct_uat(
    f: Callable[[np.ndarray], np.ndarray],
    N: int,
    w: float = np.inf,
    interval: tuple[float, float] = (0.0, 1.0),
) -> Sequential:
    """Return the network of the proof: N pieces of height f(a_j) on equal parts of an interval.

    Parameters
    ----------
    f : callable
        Continuous function of an array.
    N : int
        Number of pieces; the hidden layer has 2N nodes.
    w : float
        Steepness of the logistic nodes; inf gives Threshold nodes, the limit of the proof.
    interval : (float, float)
        Where f is wanted.

    Returns
    -------
    Sequential
        Linear(1, 2N), Logistic or Threshold, Linear(2N, 1); it takes columns x of shape (n, 1).
    """
    if N < 1 or not w > 0.0 or not interval[0] < interval[1]:
        raise InvalidValueError(
            f"construct_uat: N = {N}, w = {w}, interval = {interval}; wanted N >= 1, w > 0, low < high"
        )
    edges = np.linspace(interval[0], interval[1], N + 1)
    heights = np.asarray(f(edges[:-1]), dtype=np.float64).reshape(N)
    if not np.isfinite(heights).all():
        bad = int(np.flatnonzero(~np.isfinite(heights))[0])
        raise InvalidValueError(
            f"construct_uat: f({edges[bad]:g}) = {heights[bad]}, wanted finite values on the interval"
        )
    # the first piece begins at the interval's edge, where a step is still 0 (or 1/2): move it a piece to the
    # left
    starts, ends = edges[:-1].copy(), edges[1:].copy()
    starts[0] -= edges[1] - edges[0]
    ends[-1] += edges[1] - edges[0]
    steepness = 1.0 if np.isinf(w) else float(w)
    hidden, out = Linear(1, 2 * N, dtype=np.float64), Linear(2 * N, 1, dtype=np.float64)
    hidden.weight.val = np.full((2 * N, 1), steepness)
    hidden.bias = Parameter(-steepness * np.concatenate([starts, ends]))
    out.weight.val = np.concatenate([heights, -heights])[None, :]
    out.bias = Parameter(np.zeros(1))
    return Sequential(hidden, Threshold() if np.isinf(w) else Logistic(), out)


def sup_error(
    network: Any,
    f: Callable[[np.ndarray], np.ndarray],
    interval: tuple[float, float] = (0.0, 1.0),
    n: int = 20_001,
) -> float:
    """Return the largest |G(x) - f(x)| on a fine grid over an interval."""
    x = np.linspace(interval[0], interval[1], n)
    g = network(x[:, None])
    return float(np.max(np.abs(np.asarray(g.detach().val).reshape(-1) - f(x))))


def pieces_needed(slope: float, error: float, dimensions: int = 1) -> int:
    """Return how many pieces this construction takes: (slope / error)^d boxes, exponential in the
    dimension."""
    return int(np.ceil(slope / error) ** dimensions)
