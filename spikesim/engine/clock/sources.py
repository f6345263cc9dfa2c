"""The renewal trains of one worker: their records, their state at the start, their paces batch by batch."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ...neurons.train import Train
from ...program.cell import Cell
from ...program.pace import Pace, Streams
from ...program.part import Part
from ...program.program import Program
from ..growing import Coefficients, Table
from ..renewal import beginnings
from . import records as t

__all__ = ["Trains", "labels_of"]

RAREST = 2.0**-33  # the probability of more events in a step than there is room for


class Row(NamedTuple):
    """Where the state of a train stands, and of whom."""

    label: str
    part: Part
    common: bool
    at: int
    size: int


def most(mean: float, shape: float) -> int:
    """Return so many events that more come with a probability below RAREST, where `mean` are expected."""
    from scipy.special import gammainc

    tried = 8
    while True:
        more = gammainc(shape * np.arange(1, tried + 1), shape * mean) < RAREST  # the k-th comes within the step
        if more.any():
            return 2 + int(more.argmax())
        tried *= 2


def labels_of(program: Program, cell: Cell) -> list[tuple[str, bool]]:
    """Return the labels of the trains that a population makes or gets, and whether they are common."""
    found: list[tuple[tuple[str, ...], Any]] = []
    found += [(("source", cell.name), train) for train in cell.trains]
    for background in program.backgrounds:
        if cell.population in background.target.populations:
            found += [(("background", background.name, cell.name), train) for train in background.trains]
    return [(Streams(0, where, train).label, train.common) for where, train in found]


class Trains:
    """All trains of one worker.

    Attributes
    ----------
    table : Table
    rows : list of Row
    """

    def __init__(self, program: Program, coef: Coefficients) -> None:
        self.program, self.coef = program, coef
        self.table = Table(t.TRAIN)
        self.rows: list[Row] = []
        self.size = self.marks = 0
        self._paces: list[tuple[Pace, str, np.ndarray | None]] = []

    def add(
        self, where: tuple[str, ...], train: Train, part: Part, rate: np.ndarray, index: np.ndarray
    ) -> tuple[int, int]:
        """Add a train to a part; return its number and the most spikes of a step.

        `rate`: Hz, (1,) or one a neuron; `index`: of each neuron among the targets, -1: it is none.
        """
        pace, target = Pace(train), index >= 0
        mean = rate * (train.scale * self.program.grid.dt / 1000.0)
        heard = -1
        if train.common:
            mean = mean.max(initial=0.0, keepdims=True)
            heard = -1 if target.all() else self.coef.put(target)
        elif mean.size > 1 or not target.all():
            mean = mean * target
        streams = Streams(self.program.noise_seed, where, train)
        room = most(float(mean.max(initial=0.0)) * pace.peak, train.shape)
        size = 1 if train.common else part.size
        number = self.table.add(
            first=part.own.start, row=self.size, rate=self.coef.put(mean), own=mean.size > 1,
            pace=len(self._paces) if pace.changes else -1, wide=0 if pace.targets is None else part.size,
            order=train.shape, common=train.common, share=train.copy, heard=heard, most=room, marks=self.marks,
            key_a=streams.own.a, key_b=streams.own.b, copy_a=streams.copies.a, copy_b=streams.copies.b,
        )  # fmt: skip
        if pace.changes:
            self._paces.append(
                (pace, f"{where[0]} {where[1]!r}", None if pace.targets is None else np.maximum(index, 0))
            )
        self.rows.append(Row(streams.label, part, train.common, self.size, size))
        self.size += size
        self.marks += 1 + room if train.common else 0
        return number, room * part.size

    def start(self, left: np.ndarray, count: np.ndarray) -> None:
        """Write the state in which they begin."""
        for row, train in zip(self.rows, self.table.array()):
            first = 0 if row.common else train["first"]
            own = slice(row.at, row.at + row.size)
            beginnings(train["key_a"], train["key_b"], first, train["order"], left[own], count[own])

    @property
    def changing(self) -> bool:
        """Whether the pace of any of them changes in time."""
        return bool(self._paces)

    @property
    def longest(self) -> int:
        """Most steps of one batch: paces that differ between neurons need memory."""
        wide = sum(8 * index.size for _, _, index in self._paces if index is not None)
        return max(16, 2**23 // wide) if wide else 2**62

    def batch(self, begin: int, steps: int) -> dict[str, Any]:
        """Return the paces of the steps begin ... begin + steps: currents that arrive at the end are those after it."""
        edges = self.program.grid.times(np.arange(begin, begin + steps + 2))
        values, at, size = [np.zeros(1)], [], 1
        for pace, where, index in self._paces:
            mean = pace.mean(edges, where)
            found = mean if index is None else mean[:, index]
            at.append(size - begin * (1 if index is None else index.size))
            values.append(found.ravel())
            size += found.size
        return {"pace_at": np.array([*at, 0], np.int64), "pace_value": np.concatenate(values)}
