"""The universal approximation theorem, by its constructive proof (section 2.2).

    H(x; b) = lim_{w -> inf} sigma(w (x - b))      P(x; b, d) = H(x; b) - H(x; b + d)
    G(x) = sum_j f(a_j) P(x; a_j, dx)

Each piece P needs two steep sigmoids, so N pieces make a network 1 - 2N - 1.  |G - f| is at most max|f'| dx.
In d dimensions N^d boxes are needed for the same error (:func:`construct_boxes`): the theorem says that N exists, not
that it is small.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from itertools import product
from typing import Any

import numpy as np

from ..errors import InvalidValueError
from ..keywords import named
from .layers.activations import Logistic, Threshold
from .layers.linear import Linear
from .layers.module import Parameter, Sequential

__all__ = ["H", "P", "construct_boxes", "construct_uat", "fewest_pieces", "piece", "pieces_needed", "step", "sup_error"]


@named
def step(x: Any, b: float = 0.0, w: float = np.inf) -> np.ndarray:
    """Return sigma(w (x - b)) of the logistic sigma; for w = inf the Heaviside step H(x; b), 0 at b
    itself.

    Parameters
    ----------
    x : array_like
        Where.
    b : float
        Where it rises.
    w : float
        How steeply; inf: all at once.

    Returns
    -------
    array of float
        From 0 to 1, of the shape of `x`.

    Examples
    --------
    >>> from spikesim import learn
    >>> learn.H([0.0, 0.5, 1.0], b=0.5).tolist()
    [0.0, 0.0, 1.0]
    """
    z = np.asarray(x, dtype=np.float64) - b
    if np.isinf(w):
        return (z > 0.0).astype(np.float64)
    return Logistic()(w * z).val


@named
def piece(x: Any, b: float, delta: float, w: float = np.inf) -> np.ndarray:
    """Return P(x; b, delta) = H(x; b) - H(x; b + delta): 1 on (b, b + delta], else 0.

    Parameters
    ----------
    x : array_like
        Where.
    b, delta : float
        Where it begins, and how long it is.
    w : float
        Steepness of its ends.

    Returns
    -------
    array of float
        From 0 to 1, of the shape of `x`.

    Examples
    --------
    >>> from spikesim import learn
    >>> learn.P([0.0, 0.5, 1.0], b=0.25, delta=0.5).tolist()
    [0.0, 1.0, 0.0]
    """
    return step(x, b, w) - step(x, b + delta, w)


H, P = step, piece  # by the letters of the notes


@named
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

    Examples
    --------
    >>> import numpy as np
    >>> from spikesim import learn
    >>> net = learn.construct_uat(np.sin, N=50)
    >>> bool(learn.sup_error(net, np.sin) < 0.03)
    True
    """
    if not isinstance(N, (int, np.integer)) or N < 1 or not w > 0.0 or not interval[0] < interval[1]:
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


@named
def construct_boxes(
    f: Callable[..., np.ndarray], N: int, dimensions: int = 2, interval: tuple[float, float] = (0.0, 1.0)
) -> Sequential:
    """Return the construction in several dimensions: N^d boxes, each of the height of f at its lower corner.

    A box is where d pieces overlap, which is for a second layer to see: 1 where the sum of the d differences of steps
    exceeds d - 1/2.

    Parameters
    ----------
    f : callable
        Continuous function f(x, y, ...) of d arrays.
    N : int
        Pieces a dimension.
    dimensions : int
        d.
    interval : (float, float)
        Of every coordinate.

    Returns
    -------
    Sequential
        Linear(d, d (N + 1)), Threshold, Linear(., N^d), Threshold, Linear(N^d, 1); it takes rows x of shape (n, d).

    Examples
    --------
    >>> from spikesim import learn
    >>> net = learn.construct_boxes(lambda x, y: x * y, N=10)
    >>> bool(learn.sup_error(net, lambda x, y: x * y, n=400, dimensions=2) < 0.25)
    True
    """
    if not isinstance(N, (int, np.integer)) or N < 1 or dimensions < 1 or not interval[0] < interval[1]:
        raise InvalidValueError(
            f"construct_boxes: N = {N}, dimensions = {dimensions}, interval = {interval}; wanted N >= 1, d >= 1,"
            " low < high"
        )
    edges, d = np.linspace(interval[0], interval[1], N + 1), dimensions
    boxes = np.array(list(product(range(N), repeat=d)))
    heights = np.asarray(f(*edges[boxes].T), dtype=np.float64).reshape(len(boxes))
    if not np.isfinite(heights).all():
        bad = tuple(edges[boxes[np.flatnonzero(~np.isfinite(heights))[0]]].tolist())
        raise InvalidValueError(f"construct_boxes: f{bad} is not finite, wanted finite values on the interval")
    outer = edges.copy()  # the outermost steps are moved outwards, as in construct_uat
    outer[[0, -1]] += np.array([-1.0, 1.0]) * (edges[1] - edges[0])
    steps, sums = Linear(d, d * (N + 1), dtype=np.float64), Linear(d * (N + 1), len(boxes), dtype=np.float64)
    out = Linear(len(boxes), 1, dtype=np.float64)
    steps.weight.val = np.kron(np.eye(d), np.ones((N + 1, 1)))
    steps.bias = Parameter(-np.tile(outer, d))
    overlap, rows = np.zeros((len(boxes), d * (N + 1))), np.arange(len(boxes))
    for axis in range(d):
        overlap[rows, axis * (N + 1) + boxes[:, axis]] = 1.0
        overlap[rows, axis * (N + 1) + boxes[:, axis] + 1] = -1.0
    sums.weight.val, sums.bias = overlap, Parameter(np.full(len(boxes), 0.5 - d))
    out.weight.val, out.bias = heights[None, :], Parameter(np.zeros(1))
    return Sequential(steps, Threshold(), sums, Threshold(), out)


@named
def sup_error(
    network: Any,
    f: Callable[..., np.ndarray],
    interval: tuple[float, float] = (0.0, 1.0),
    n: int = 20_001,
    dimensions: int = 1,
) -> float:
    """Return the largest ``|G(x) - f(x)|`` on a grid of about n points over an interval, or over its d-th power.

    Parameters
    ----------
    network : Module
        Takes rows of shape (n, dimensions).
    f : callable
        Of `dimensions` arrays.
    interval : (float, float)
        Of every coordinate.
    n : int
        About how many points are looked at.
    dimensions : int
        d.

    Returns
    -------
    float
        Measured.

    Examples
    --------
    >>> import numpy as np
    >>> from spikesim import learn
    >>> net = learn.construct_uat(np.sin, N=50)
    >>> round(learn.sup_error(net, np.sin), 2)
    0.02
    """
    x = np.linspace(interval[0], interval[1], max(2, round(n ** (1.0 / dimensions))))
    points = np.stack([a.ravel() for a in np.meshgrid(*[x] * dimensions, indexing="ij")], axis=1)
    worst = 0.0
    for k in range(0, len(points), 2048):  # a second layer of N^d nodes is wide
        rows = points[k : k + 2048]
        g = np.asarray(network(rows).detach().val).reshape(-1)
        worst = max(worst, float(np.max(np.abs(g - f(*rows.T)))))
    return worst


@named
def fewest_pieces(f: Callable[..., np.ndarray], error: float, dimensions: int = 1, most: int = 4096) -> int:
    """Return the least N, pieces a dimension, with which the construction on [0, 1]^d is within `error` of f: measured.

    Parameters
    ----------
    f : callable
        Of `dimensions` arrays.
    error : float
        > 0.
    dimensions : int
        d.
    most : int
        Where to give up.

    Returns
    -------
    int
        N.

    Raises
    ------
    InvalidValueError
        If `most` pieces a dimension do not suffice.

    Examples
    --------
    >>> from spikesim import learn
    >>> learn.fewest_pieces(lambda x: x, error=0.1)
    11
    """
    if not error > 0.0:
        raise InvalidValueError(f"fewest_pieces: error = {error!r}, wanted a number > 0")

    @lru_cache
    def good(N: int) -> bool:
        network = construct_uat(f, N) if dimensions == 1 else construct_boxes(f, N, dimensions)
        return sup_error(network, f, dimensions=dimensions) <= error

    high = 1
    while not good(high):
        high *= 2
        if high > most:
            raise InvalidValueError(f"fewest_pieces: more than {most} pieces a dimension are needed for {error:g}")
    low = high // 2  # not good, or 0
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if good(middle) else (middle, high)
    return high


@named
def pieces_needed(slope: float, error: float, dimensions: int = 1) -> int:
    """Return how many pieces this construction takes: (slope / error)^d boxes, exponential in the
    dimension.

    Parameters
    ----------
    slope : float
        The largest of f.
    error : float
        > 0.
    dimensions : int
        d.

    Returns
    -------
    int
        N^d.

    Examples
    --------
    >>> from spikesim import learn
    >>> learn.pieces_needed(slope=1.0, error=0.1, dimensions=3)
    1000
    """
    return int(np.ceil(slope / error) ** dimensions)
