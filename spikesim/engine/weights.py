"""The synapses of a projection as they are now: lists, and the weights as a sparse matrix; also in another process."""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

import numpy as np

from ..grid import Grid
from ..program.wiring import Wiring
from ..program.wiring_plans import order_by_source, sorted_by_source
from .protocol import Engine

__all__ = ["Synapses", "edges_of", "matrix", "weights_of"]

Edges = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


class Synapses(NamedTuple):
    """All synapses of a projection as read-only lists, in the order (pre, post, delay).

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

        Delays are in steps of `grid`, or without one in ms.
        """
        pre, post, weight, delay = edges
        pre, post, delay, weight = sorted_by_source(pre, post, delay, weight)
        columns = pre, post, weight, delay if grid is None else grid.times(delay)
        for column in columns:
            column.setflags(write=False)
        return cls(*columns)


def edges_of(engine: Engine, wiring: Wiring) -> Edges:
    """Return (pre, post, weight, delay) of all synapses as they are now; delays in steps, or (exact) in ms."""
    return _with(wiring.edges(), engine.learnt(wiring.name))


def _with(edges: Edges, learnt: np.ndarray | None) -> Edges:
    """The edges with what their weights have become, by (pre, post, delay)."""
    pre, post, weight, delay = edges
    if learnt is not None:
        weight = np.empty(learnt.size)
        weight[order_by_source(pre, post, delay)] = learnt
    return pre, post, weight, delay


def matrix(edges: Edges, wiring: Wiring) -> Any:
    """Return the weights of a projection, (n_post, n_pre); synapses of one pair are summed."""
    from scipy.sparse import csr_array

    pre, post, weight, _ = edges
    found = csr_array((weight, (post, pre)), shape=(wiring.n_post, wiring.n_pre))
    found.sum_duplicates()
    return found


class Weights:
    """Makes the weights of a projection as they were at a moment.  Pickled, it holds them and nothing else."""

    def __init__(self, wiring: Wiring, learnt: np.ndarray | None) -> None:
        self._wiring, self._learnt = wiring, learnt

    def __call__(self) -> Any:
        return matrix(_with(self._wiring.edges(), self._learnt), self._wiring)

    def __reduce__(self) -> Any:
        return partial, (_as_given, self())


def weights_of(engine: Engine, wiring: Wiring) -> Weights:
    """Return what makes the weights of a projection as they are now, when it is asked for."""
    return Weights(wiring, engine.learnt(wiring.name))


def _as_given(value: Any) -> Any:
    return value
