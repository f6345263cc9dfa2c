"""The weights of a projection as a sparse matrix, made when they are asked for; also in another process."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from ..program.wiring import Wiring

__all__ = ["LearntWeights", "matrix", "static_weights"]

Edges = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def matrix(edges: Edges, wiring: Wiring) -> Any:
    """Return the weights of a projection, (n_post, n_pre); synapses of one pair are summed."""
    from scipy.sparse import csr_array

    pre, post, weight, _ = edges
    found = csr_array((weight, (post, pre)), shape=(wiring.n_post, wiring.n_pre))
    found.sum_duplicates()
    return found


def static_weights(wiring: Wiring) -> Any:
    """Return the weights that a wiring lists or draws."""
    return matrix(wiring.edges(), wiring)


class LearntWeights:
    """Returns weights as they were at a moment.  Pickled, it holds them and nothing of the simulation."""

    def __init__(self, edges: Callable[[], Edges], wiring: Wiring) -> None:
        self._edges, self._wiring = edges, wiring

    def __call__(self) -> Any:
        return matrix(self._edges(), self._wiring)

    def __reduce__(self) -> Any:
        return partial, (_as_given, self())


def _as_given(value: Any) -> Any:
    return value
