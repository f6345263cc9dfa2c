"""Derived quantities that a model names (`observe`), from sampled states and the input at the time of a sample.

The input is what arrives by synapses and held or drifting currents, which stand in rows, and what electrodes give,
which is known at any time.  White noise has no value at a time and counts as its mean, 0.
"""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from ..errors import InvalidValueError
from ..network.pieces import values_of
from ..network.stimulus import Held, Noise
from ..neurons.contract import input_of
from ..program.cell import Cell
from ..program.part import Part, positions
from ..program.program import Program

__all__ = ["CONDUCTANCE", "CURRENT", "INPUT", "Observed", "Term", "input_terms"]

#: Names of what is sampled of the input; behind the last one stands the name of an input of the model.
CURRENT, CONDUCTANCE, INPUT = "input: current", "input: conductance", "input: named "


class Term(NamedTuple):
    """What a row adds to a variable: factor x[at], or, driving, factor x[at] (reversal - x[v])."""

    at: int
    factor: float = 1.0
    reversal: float = 0.0
    v: int = 0
    driving: bool = False


def input_terms(program: Program, part: Part, name: str) -> list[Term]:
    """Return the rows behind the current, the conductance or a named input of a part."""
    terms = []
    for number, rows in sorted(part.filters.items()) if name in (CURRENT, CONDUCTANCE) else ():
        synapse = program.ports[number]
        if synapse.general:
            terms.append(Term(rows[-2] if name == CURRENT else rows[-1]))
        elif synapse.E_rev is not None or name == CURRENT:
            towards = 1.0 if synapse.E_rev is None or name == CONDUCTANCE else synapse.E_rev
            terms += [Term(rows[j], synapse.output[j] * towards) for j in np.flatnonzero(synapse.output)]
    wanted = name[len(INPUT) :] if name.startswith(INPUT) else None
    if name != CONDUCTANCE:
        terms += [Term(at) for at, into in part.currents if into == wanted]
    return terms


class Observed:
    """A derived quantity of some neurons; `row(cell, name, port)` numbers what must be sampled for it."""

    def __init__(
        self, cell: Cell, program: Program, name: str, ids: np.ndarray, every: int, row: Callable[..., int]
    ) -> None:
        self.cell, self.program, self.name, self.ids, self.every = cell, program, name, ids, every
        inputs = [INPUT + i for i in cell.model.inputs]
        self.states = [row(cell, state, None) for state in cell.model.states]
        self.input = [row(cell, what, None) for what in (CURRENT, CONDUCTANCE, *inputs)]
        self.stimuli = []
        for injection in program.injections:
            if cell.population not in injection.target.populations:
                continue
            if isinstance(injection.stimulus, (Noise, Held)):
                if program.exact:
                    raise InvalidValueError(
                        f"record of {cell.name!r}: {name} depends on the current of {injection.name!r}, whose value at "
                        f'a time the event engine does not keep; use engine="clock"'
                    )
                continue
            index = positions(program.ids(injection.target), cell.first, cell.size)[ids]
            self.stimuli.append((injection, index))

    def made(self, samples: list[tuple[int, np.ndarray]]) -> tuple[int, np.ndarray]:
        """Return (step of the first sample, values (T, k))."""
        first, like = samples[self.states[0]]
        t = self.program.grid.times(first + self.every * np.arange(len(like)))
        felt = [samples[row][1].copy() for row in self.input]
        names = (CURRENT, CONDUCTANCE, *(INPUT + i for i in self.cell.model.inputs))
        for injection, index in self.stimuli:
            value = values_of(injection.stimulus, t)
            value = value[:, None] if value.ndim == 1 else value[:, np.maximum(index, 0)]
            felt[names.index(CURRENT if injection.into is None else INPUT + injection.into)] += value * (index >= 0)
        u = input_of(self.cell.model.inputs)(*felt, t[:, None])
        p = SimpleNamespace(**{k: v[self.ids] if np.ndim(v) else v for k, v in self.cell.parameters.items()})
        found = type(self.cell.model).observe(tuple(samples[row][1] for row in self.states), u, p)[self.name]
        return first, np.array(np.broadcast_to(np.asarray(found, np.float64), like.shape))
