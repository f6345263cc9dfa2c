"""What is sampled: the rows behind each variable, on every worker."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..errors import UnknownNameError, did_you_mean
from ..network.probe import recorded_traces
from ..program.cell import Cell
from ..program.part import Part
from ..program.program import Program
from ..record.layout import ProbeLayout
from ..synapses.contract import Synapse
from .observed import CONDUCTANCE, CURRENT, INPUT, Observed, Term, input_terms

__all__ = ["Piece", "Probes", "Share", "Term", "port_names"]

MOST_BYTES = 2**26  # of samples in one batch


class Share(NamedTuple):
    """The columns of a probe that one worker fills: neurons `ids` of the population of a part, a sum of terms each."""

    probe: int
    part: Part
    columns: np.ndarray
    ids: np.ndarray
    every: int
    terms: list[Term]


Buffers = list[list[tuple[np.ndarray, int]]]
#: What one worker has sampled of one probe: its number, which of its columns, values (T, columns).
Piece = tuple[int, np.ndarray, np.ndarray]


def port_names(cell: Cell) -> dict[str, Synapse]:
    """Return the variables that a population's synapses have, "I_..." and "g_...": label, then label_2 ..."""
    names: dict[str, Synapse] = {}
    for port in cell.ports:
        if not len(port.matrix):
            continue
        stem = f"{'g' if port.conducts else 'I'}_{port.label or type(port).__name__}"
        name, k = stem, 1
        while name in names:
            k += 1
            name = f"{stem}_{k}"
        names[name] = port
    return names


def synaptic_states(cell: Cell) -> dict[str, Synapse]:
    """Return the states of a population's synapses, "MgNMDA.g": of those that are declared by equations."""
    return {
        f"{name[2:]}.{state}": port
        for name, port in port_names(cell).items()
        for state in getattr(type(port), "states", ())
    }


class Rows(NamedTuple):
    """What the kernels sample of some neurons: a variable, or (CURRENT, ...) a part of their input."""

    cell: Cell
    name: str
    port: Synapse | None
    ids: np.ndarray
    every: int


class Probes:
    """All that is sampled in a run.

    Attributes
    ----------
    layouts : list of ProbeLayout
    most_steps : int
        Steps whose samples fill the memory of a batch.
    """

    def __init__(self, program: Program) -> None:
        self.program = program
        self.layouts: list[ProbeLayout] = []
        self._rows: list[Rows] = []  # what the kernels sample
        self._of: list[Any] = []  # for every layout its Rows, or, of a derived quantity, what it is made of
        for population, variable, ids, every, window in recorded_traces(program.net):
            cell = program.by_name[population.name]
            where = f"record of {population.name!r}: every"
            steps = 1 if every is None else program.grid.steps(every, where, least=1)
            name, port, unit = self._resolve(cell, variable)
            self.layouts.append(ProbeLayout(population.name, name, ids, steps, unit, window))
            if name in cell.model.observed:
                sample = functools.partial(self._row, ids=ids, every=steps)
                self._of.append(Observed(cell, program, name, ids, steps, sample))
            else:
                self._of.append(self._row(cell, name, port, ids, steps))
        self.most_steps = 2**62
        for rows in self._rows:
            self.most_steps = min(self.most_steps, max(1, MOST_BYTES // (8 * max(1, rows.ids.size))) * rows.every)

    def _row(self, cell: Cell, name: str, port: Synapse | None, ids: np.ndarray, every: int) -> int:
        """The number of what is sampled; the same twice is sampled once."""
        for number, known in enumerate(self._rows):
            if (known.cell, known.name, known.port, known.every) == (cell, name, port, every) and known.ids is ids:
                return number
        self._rows.append(Rows(cell, name, port, ids, every))
        return len(self._rows) - 1

    def _resolve(self, cell: Cell, variable: Any) -> tuple[str, Synapse | None, str]:
        names = port_names(cell)
        if isinstance(variable, Synapse):
            for name, port in names.items():
                if port == variable:
                    return name, port, "nS" if port.conducts else "pA"
            raise UnknownNameError(
                f"record of {cell.name!r}: no synapse {variable!r} ends there"
                f"{did_you_mean('', map(repr, names.values()))}"
            )
        if variable in (*cell.model.states, *cell.model.observed):
            return variable, None, "mV" if variable == "v" else ""
        if variable in ("I_syn", "g_syn"):
            return variable, None, "pA" if variable == "I_syn" else "nS"
        if variable in names:
            port = names[variable]
            return variable, port, "nS" if port.conducts else "pA"
        states = synaptic_states(cell)
        if variable in states:
            return variable, states[variable], ""
        raise UnknownNameError(
            f"record of {cell.name!r}: no variable {variable!r}"
            f"{did_you_mean(variable, ['spikes', *cell.model.states, 'I_syn', 'g_syn', *names, *states])}"
        )

    def shares(self, parts: Iterable[Part]) -> list[Share]:
        """Return what the worker that has these parts samples."""
        of = {part.cell.name: part for part in parts}
        found = []
        for number, rows in enumerate(self._rows):
            part = of.get(rows.cell.name)
            if part is None:
                continue
            columns = np.flatnonzero((rows.ids >= part.own.start) & (rows.ids < part.own.stop))
            if columns.size:
                terms = self._terms(part, rows.name, rows.port)
                found.append(Share(number, part, columns, rows.ids[columns], rows.every, terms))
        return found

    def _terms(self, part: Part, name: str, port: Synapse | None) -> list[Term]:
        if name in part.row:
            return [Term(part.row[name])]
        if name == CURRENT or name == CONDUCTANCE or name.startswith(INPUT):
            return input_terms(self.program, part, name)
        state = name.rpartition(".")[2]
        if port is not None and state in getattr(type(port), "states", ()):
            rows = part.filters[self.program.ports.index(port)]
            terms = [Term(rows[j], factor) for j, factor in port.rows_of(state)]  # type: ignore[attr-defined]
            return [term for term in terms if term.at >= 0]  # -1: nothing waits to arrive with this engine
        v = part.row.get("v", 0)
        terms = []
        for number, rows in sorted(part.filters.items()):
            synapse = self.program.ports[number]
            if not len(synapse.matrix) or (port is not None and synapse != port):
                continue
            driving = name == "I_syn" and synapse.conducts
            if not (name == "I_syn" or port is not None or (name == "g_syn" and synapse.conducts)):
                continue
            if synapse.general:  # what it adds to the current, and to the conductance towards 0 mV
                terms += [Term(rows[-1])] if synapse.conducts and not driving else [Term(rows[-2])]
                terms += [Term(rows[-1], 1.0, 0.0, v, True)] if driving else []
                continue
            for j in np.flatnonzero(synapse.output):
                one, reversal = Term(rows[j], float(synapse.output[j])), synapse.E_rev
                if driving and reversal is not None:
                    one = one._replace(reversal=reversal, v=v, driving=True)
                terms.append(one)
        return terms

    def buffers(self, shares: Sequence[Sequence[Share]], begin: int, steps: int) -> Buffers:
        """Return for every worker's shares a buffer for the samples in (begin, begin + steps] and the first sample."""
        out = []
        for some in shares:
            rows = []
            for share in some:
                first, last = begin // share.every + 1, (begin + steps) // share.every
                rows.append((np.empty((max(1, last - first + 1), share.columns.size)), first))
            out.append(rows)
        return out

    def pieces(self, shares: Sequence[Sequence[Share]], buffers: Buffers, begin: int, end: int) -> list[Piece]:
        """Return what the workers have sampled in (begin, end]."""
        return [
            (share.probe, share.columns, buffer[: max(0, end // share.every - begin // share.every)])
            for some, rows in zip(shares, buffers)
            for share, (buffer, _) in zip(some, rows)
        ]

    def collect(self, pieces: Iterable[Piece], begin: int, end: int) -> list[tuple[int, np.ndarray]]:
        """Return for every probe (step of the first sample, samples (T, k)) of the steps in (begin, end]."""
        samples = []
        for sampled in self._rows:
            first, last = begin // sampled.every + 1, end // sampled.every
            samples.append((first * sampled.every, np.empty((max(0, last - first + 1), sampled.ids.size))))
        for number, columns, values in pieces:
            samples[number][1][:, columns] = values
        return [samples[of] if isinstance(of, int) else of.made(samples) for of in self._of]
