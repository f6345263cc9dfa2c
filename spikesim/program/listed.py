"""The synapses of a projection as a list: what it has once some came or went while it ran."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ..grid import Grid
from ..network.rule_lists import from_pairs
from .wiring import Wiring

__all__ = ["Listed"]


class Listed(NamedTuple):
    """All synapses of a projection, in the order (pre, post, delay); those that are equal in the order they came.

    ======= ============= ======================================================
    pre     int64 (n,)    positions in the two sides
    post    int64 (n,)
    weight  float64 (n,)  in the unit of the synapse, as it was when it was listed
    delay   float64 (n,)  ms
    changes int           how often synapses of the projection came or went
    ======= ============= ======================================================
    """

    pre: np.ndarray
    post: np.ndarray
    weight: np.ndarray
    delay: np.ndarray
    changes: int

    def wiring(self, name: str, pre_ids: np.ndarray, post_ids: np.ndarray, grid: Grid | None, seed: int) -> Wiring:
        """Return the wiring of these synapses between neurons with these global ids."""
        rule = from_pairs(self.pre, self.post)
        return Wiring(name, rule, pre_ids, post_ids, _one(self.weight), _one(self.delay), grid, seed)


def _one(values: np.ndarray) -> Any:
    """The number that all values are; else the values."""
    return float(values[0]) if values.size and np.all(values == values[0]) else values
