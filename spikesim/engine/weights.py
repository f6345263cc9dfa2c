"""The synapses of a projection: as lists, and as a sparse matrix that is made when it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from ..grid import Grid
from ..program.wiring import Wiring

__all__ = ["LearntWeights", "Synapses", "matrix", "static_weights"]

Edges = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


class Synapses(NamedTuple):
    """All synapses of a projection as lists, in the order (pre, post, delay).

    Attributes
    ----------
    pre, post : int64 arrays (n,)
        Positions in the two sides: the ids, where these are whole populations.
    weight : float64 array (n,)
        In the unit of the synapse.
    delay : float64 array (n,)
        In ms.
    """

    pre: np.ndarray
    post: np.ndarray
    weight: np.ndarray
    delay: np.ndarray

    @classmethod
    def listed(cls, edges: Edges, grid: Grid | None) -> Synapses:
        """Return the edges of a projection, sorted; synapses that are equal keep their order.

        Without a grid their delays are in ms already.
        """
        pre, post, weight, delay = edges
        order = np.lexsort((delay, post, pre))
        times = delay if grid is None else grid.times(delay)
        return cls(pre[order], post[order], weight[order], times[order])


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
