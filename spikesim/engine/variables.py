"""What of a population can be read and set: the states of its neurons, and those of the synapses onto them.

A synapse that is declared by equations has states by name, "MgNMDA.g"; a filter of one stage has the current or the
conductance that it gives, "I_Exponential".  In memory stand numbers of which such a variable is a sum (see
`synapses.equations`); the engine says where, as an entry of its state.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np

from ..program.cell import Cell
from ..synapses.contract import Synapse
from .probes import port_names, synaptic_states

__all__ = ["Entries", "assign", "is_named", "named", "observe"]


class Variable(NamedTuple):
    """A variable of a synapse: the sum of some numbers times factors; how much each grows when it grows by 1."""

    port: Synapse
    terms: list[tuple[int, float]]
    moves: list[tuple[int, float]]


class Entries(Protocol):
    """What an engine knows of the entries of its state."""

    def name(self, cell: Cell, port: Synapse, j: int) -> str | None:
        """Return the entry of number j of a synapse; None: there is no such."""

    def get(self, cell: Cell, name: str) -> np.ndarray:
        """Return an entry as it is now."""

    def put(self, cell: Cell, name: str, values: np.ndarray) -> None:
        """Set an entry from now on."""


def named(cell: Cell) -> list[str]:
    """Return the names of the variables of a population."""
    return [*cell.model.states, *_of_synapses(cell)]


def is_named(cell: Cell, variable: object) -> bool:
    """Whether a population has a variable of this name."""
    return variable in cell.model.states or variable in _of_synapses(cell)


def _of_synapses(cell: Cell) -> dict[str, Variable]:
    """Return the variables of the synapses onto a population by name."""
    found: dict[str, Variable] = {}
    for name, port in port_names(cell).items():
        declared = port.general or hasattr(type(port), "states")
        if not declared and port.output.size == 1 and port.output[0] != 0.0:
            factor = float(port.output[0])
            found[name] = Variable(port, [(0, factor)], [(0, 1.0 / factor)])
    for name, port in synaptic_states(cell).items():
        state = name.rpartition(".")[2]
        terms = port.rows_of(state)  # type: ignore[attr-defined]
        if port.general:
            found[name] = Variable(port, terms, terms[:1])
        else:
            k = type(port).states.index(state)  # type: ignore[attr-defined]
            column = np.linalg.pinv(port.form.states)[:, k]  # type: ignore[attr-defined]
            found[name] = Variable(port, terms, [(int(j), float(column[j])) for j in np.flatnonzero(column)])
    return found


def observe(cell: Cell, variable: str, entries: Entries) -> np.ndarray:
    """Return a variable as it is now."""
    if variable in cell.model.states:
        return entries.get(cell, f"neurons/{cell.name}/{variable}")
    found, values = _of_synapses(cell)[variable], np.zeros(cell.size)
    for j, factor in found.terms:
        where = entries.name(cell, found.port, j)
        if where is not None:
            values += factor * entries.get(cell, where)
    return values


def assign(cell: Cell, variable: str, values: np.ndarray, entries: Entries) -> None:
    """Set a variable from now on; the other ones stay."""
    if variable in cell.model.states:
        entries.put(cell, f"neurons/{cell.name}/{variable}", values)
        return
    found, change = _of_synapses(cell)[variable], values - observe(cell, variable, entries)
    for j, factor in found.moves:
        where = entries.name(cell, found.port, j)
        if where is not None:
            entries.put(cell, where, entries.get(cell, where) + factor * change)
