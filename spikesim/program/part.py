"""A part: the neurons of one population that one worker has, and where their rows stand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..synapses.contract import Synapse
from .cell import Cell

__all__ = ["Part", "positions"]


class Part:
    """A stretch of one population and where its rows stand in x."""

    def __init__(self, cell: Cell, lo: int, hi: int, number: int) -> None:
        self.cell, self.number = cell, number
        self.first = max(cell.first, lo)  # gid
        self.size = min(cell.first + cell.size, hi) - self.first
        self.own = slice(self.first - cell.first, self.first - cell.first + self.size)
        self.row: dict[str, int] = {}  # x offset of each state
        self.filters: dict[int, list[int]] = {}  # x offsets of each port's filter rows
        self.noise: list[int] = []  # x offsets of held currents
        self.drifts: list[int] = []  # x offsets of currents that drift
        self.currents: list[tuple[int, str | None]] = []  # both, with the input that the model names

    def cut(self, values: Any) -> np.ndarray:
        """This part's share of one value for all (1,) or one a neuron (size,), along the last axis."""
        values = np.atleast_1d(np.asarray(values, np.float64))
        return values[..., self.own] if values.shape[-1] > 1 else values

    def locate(self, at: int, ports: Sequence[Synapse]) -> str:
        """Return in words what stands at an offset of x; nothing where that is not of this part."""
        for what, rows in [
            *((state, [row]) for state, row in self.row.items()),
            *((f"input by {ports[number]!r}", rows) for number, rows in self.filters.items()),
        ]:
            for row in rows:
                if row <= at < row + self.size:
                    return f"{what} of neuron {at - row + self.own.start} of {self.cell.name!r}"
        return ""


def positions(targets: np.ndarray, first: int, size: int) -> np.ndarray:
    """Return where neurons first ... first + size - 1 stand in a list of gids; -1: not in it."""
    index = np.full(size, -1, np.int64)
    own = (targets >= first) & (targets < first + size)
    index[targets[own] - first] = np.flatnonzero(own)
    return index
