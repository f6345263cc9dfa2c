"""The trains of one worker of the event engine: plain Poisson processes and renewal trains, one a neuron of a part."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...neurons.train import Train, is_of_time
from ...program.pace import Pace, Streams
from ...program.part import Part, positions
from ...program.program import Program
from ...random import key
from ..growing import Coefficients
from .entries import entry
from .records import PACE, PIECE, TRAIN
from .trains import write_pace

__all__ = ["Trains"]

#: What only renewal trains have, of a plain process.
PLAIN = (0, 1.0, 0, 1.0, 0, 0, 0, 0)


class Trains:
    """All trains of one worker.

    Attributes
    ----------
    rows : list of (label, part, first row)
        Of each train.
    size : int
        Rows: neurons of all of them.
    """

    def __init__(self, program: Program) -> None:
        self.program = program
        self.rows: list[tuple[str, Part, int]] = []
        self.size = 0
        self._train: list[tuple[Any, ...]] = []
        self._pace: list[tuple[Any, ...]] = []
        self._values = Coefficients()
        self._pieces: list[tuple[float, float, float]] = []
        self._rate: list[np.ndarray] = []

    def __len__(self) -> int:
        return len(self._train)

    def emitted(self, part: Part) -> None:
        """Add the trains of a source."""
        cell, where = part.cell, ("source", part.cell.name)
        for train in cell.trains:
            given = 1.0 if is_of_time(train.rate) else cell.parameters["rate"]
            rate = np.broadcast_to(np.asarray(given, np.float64), (cell.size,))
            self._renewal(where, train, part, rate, np.arange(cell.size), -1, 0.0)
        if not cell.trains:
            rate = np.broadcast_to(np.asarray(cell.parameters["rate"], np.float64), (cell.size,))
            window = cell.model.window
            self._plain(where, part, rate, -1, 0.0, [(*window, 1.0)] if window else [])

    def received(self, part: Part, column: dict[int, int]) -> None:
        """Add the backgrounds of a part; `column`: of its records, by port."""
        for given in self.program.backgrounds:
            if part.cell.population not in given.target.populations:
                continue
            index = positions(self.program.ids(given.target), part.cell.first, part.cell.size)
            rates = given.rates
            rate = np.where(index >= 0, rates[np.maximum(index, 0)], 0.0) if rates.size else np.zeros(index.size)
            where = ("background", given.name, part.cell.name)
            into = column[self.program.ports.index(given.synapse)]
            for train in given.trains:
                self._renewal(where, train, part, rate, index, into, given.weight)
            if not given.trains:
                self._plain(where, part, rate, into, given.weight, given.pieces)

    def _plain(
        self, where: tuple[str, ...], part: Part, rate: np.ndarray, column: int, weight: float,
        pieces: list[tuple[float, float, float]],
    ) -> None:  # fmt: skip
        stream, first = key(self.program.noise_seed, *where), len(self._pieces)
        self._pieces += pieces
        ends = first, first + len(pieces)
        self._train.append((column, self.size, part.own.start, *stream, weight, *ends, *PLAIN))
        self._add(where[1], part, rate)

    def _renewal(
        self, where: tuple[str, ...], train: Train, part: Part, rate: np.ndarray, index: np.ndarray, column: int,
        weight: float,
    ) -> None:  # fmt: skip
        """A renewal train into a part; `index`: of each neuron of its population among the targets, -1: it is none."""
        streams = Streams(self.program.noise_seed, where, train)
        pace = write_pace(Pace(train), index[part.own], self._pace, self._values)
        self._train.append(
            (column, self.size, part.own.start, *streams.own, weight, 0, 0, entry("renew"), train.shape, train.common,
             train.copy, *streams.copies, *pace)
        )  # fmt: skip
        self._add(streams.label, part, np.where(index >= 0, rate * train.scale, 0.0))

    def _add(self, label: str, part: Part, rate: np.ndarray) -> None:
        self._rate.append(rate[part.own] / 1000.0)
        self.rows.append((label, part, self.size))
        self.size += part.size

    def arrays(self) -> dict[str, np.ndarray]:
        """Return the tables."""
        return {
            "train": np.array(self._train, TRAIN),
            "train_piece": np.array(self._pieces, PIECE),
            "train_rate": np.concatenate([np.zeros(0), *self._rate]),
            "pace": np.array(self._pace, PACE),
            "pace_value": self._values.array(),
        }
