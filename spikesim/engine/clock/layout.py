"""Where the rows of a worker's neurons stand in x: model states, filters of each port side by side, held noise."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from ...network.probe import Injection
from ...network.stimulus import Held, Noise, OrnsteinUhlenbeck
from ...program.cell import Cell
from ...program.part import Part, positions
from ...program.program import Program, held_name
from ...random import key, normal

__all__ = ["Layout", "held_rows", "injected", "own_values"]


class Layout:
    """The parts of one worker and their rows.

    Attributes
    ----------
    parts : list of Part
    port_index : int32 array (ports, neurons)
        Column of each own neuron in the row of each port, or -1.
    port_row, port_width : lists of int
        x offset of each port's first filter row, and its columns.
    size : int
        Entries of x.
    """

    def __init__(self, program: Program, stretches: Iterable[tuple[Cell, int, int]]) -> None:
        self.program = program
        self.parts = [Part(cell, lo, hi, number) for number, (cell, lo, hi) in enumerate(stretches)]
        self.stretches = [(part.cell.name, part.first, part.first + part.size) for part in self.parts]
        self.refractory: list[int] = []  # offset of each part
        self.refractories = at = 0
        for part in self.parts:
            self.refractory.append(self.refractories)
            self.refractories += 0 if part.cell.source else part.size
            for state in part.cell.model.states:
                part.row[state] = at
                at += part.size
        self.port_index = np.full((max(1, len(program.ports)), program.n), -1, np.int32)
        self.port_row: list[int] = []
        self.port_width: list[int] = []
        for number, port in enumerate(program.ports):
            some = [part for part in self.parts if port in part.cell.ports]
            width, column = sum(part.size for part in some), 0
            stages = port.rows
            for part in some:
                self.port_index[number, part.first : part.first + part.size] = np.arange(column, column + part.size)
                part.filters[number] = [at + i * width + column for i in range(stages)]
                column += part.size
            self.port_row.append(at)
            self.port_width.append(width)
            at += stages * width
        #: Where the trends of each part stand, and how many there are in all.
        self.trend: list[int] = []
        self.trends = 0
        for part in self.parts:
            self.trend.append(self.trends)
            self.trends += part.size if part.cell.coupled else 0
        #: The held currents of each part: name of the injection, x offset.
        self.noise: list[list[tuple[str, int]]] = [[] for _ in self.parts]
        for part in self.parts:
            for injection in injected(program, part.cell, Noise, Held):
                self.noise[part.number].append((injection.name, at))
                part.currents.append((at, injection.into))
                part.noise.append(at)
                at += part.size
        #: The currents of each part that drift: the injection, x offset.
        self.drifts: list[list[tuple[Any, int]]] = [[] for _ in self.parts]
        for part in self.parts:
            for injection in injected(program, part.cell, OrnsteinUhlenbeck):
                self.drifts[part.number].append((injection, at))
                part.currents.append((at, injection.into))
                part.drifts.append(at)
                at += part.size
        self.size = at

    def locate(self, at: int) -> str:
        """Return in words what stands at an offset of x."""
        ports = self.program.ports
        return next((found for part in self.parts if (found := part.locate(at, ports))), "a state")

    def initial(self) -> np.ndarray:
        """Return x at the start."""
        x = np.zeros(self.size + 1)
        for part in self.parts:
            if not part.cell.source:
                start = part.cell.initial
                for i, state in enumerate(part.cell.model.states):
                    x[part.row[state] : part.row[state] + part.size] = start[i, part.own]
            for injection, at in self.drifts[part.number]:  # as long after their beginning
                stream = key(self.program.noise_seed, "noise", injection.name, part.cell.name, "start")
                xi = normal(0.0, 1.0).sample(stream, np.arange(part.own.start, part.own.stop))
                x[at : at + part.size] = own_values(self.program, injection, part, "sd") * xi
        return x


def own_values(program: Program, injection: Injection, part: Part, name: str) -> np.ndarray:
    """Return a parameter of a stimulus for each neuron of a part; 0 for those that are no targets."""
    index = positions(program.ids(injection.target), part.first, part.size)
    values = np.broadcast_to(getattr(injection.stimulus, name), (injection.target.size,))
    return np.where(index >= 0, values[np.maximum(index, 0)], 0.0) if values.size else np.zeros(part.size)


def injected(program: Program, cell: Cell, *kinds: type) -> list[Injection]:
    """Return what is injected into a population of these kinds of stimulus."""
    return [
        injection
        for injection in program.injections
        if isinstance(injection.stimulus, kinds) and cell.population in injection.target.populations
    ]


def held_rows(layouts: Sequence[Layout], population: str) -> list[tuple[int, int, slice]]:
    """Return where the current that is set into a population stands: worker, x offset, which of its neurons."""
    name = held_name(population)
    return [
        (k, at, part.own)
        for k, layout in enumerate(layouts)
        for part in layout.parts
        if part.cell.name == population
        for found, at in layout.noise[part.number]
        if found == name
    ]
