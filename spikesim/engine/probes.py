"""What is sampled: the rows of x behind each variable, on every worker."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ..errors import UnknownNameError, did_you_mean
from ..network.probe import recorded_traces
from ..program.program import Cell
from ..program.program import Program as Plan
from ..record.sink import ProbeLayout
from ..synapses.contract import Synapse
from .clock import records as t
from .clock.entries import entry
from .growing import Rows

__all__ = ["Probes", "port_names"]

MOST_BYTES = 2**26  # of samples in one batch


class Share(NamedTuple):
    """The columns of a probe that one worker fills."""

    probe: int
    columns: np.ndarray


def port_names(cell: Cell) -> dict[str, Synapse]:
    """Return the variables that a population's synapses have, "I_..." and "g_...": label, then label_2 ..."""
    names: dict[str, Synapse] = {}
    for port in cell.ports:
        if not len(port.matrix):
            continue
        stem = f"{'I' if port.E_rev is None else 'g'}_{port.label or type(port).__name__}"
        name, k = stem, 1
        while name in names:
            k += 1
            name = f"{stem}_{k}"
        names[name] = port
    return names


class Probes:
    """All that is sampled in a run."""

    columns = t.PR_COLUMNS  # of a record

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.layouts: list[ProbeLayout] = []
        self._variables: list[tuple[Cell, str, Synapse | None]] = []
        for population, variable, ids, every in recorded_traces(plan.net):
            cell = plan.by_name[population.name]
            where = f"record of {population.name!r}: every"
            steps = 1 if every is None else plan.grid.steps(every, where, least=1)
            name, port, unit = self._resolve(cell, variable)
            self.layouts.append(ProbeLayout(population.name, name, ids, steps, unit))
            self._variables.append((cell, name, port))
        self.most_steps = 2**62
        for p in self.layouts:
            self.most_steps = min(self.most_steps, max(1, MOST_BYTES // (8 * max(1, p.ids.size))) * p.every_steps)

    def _resolve(self, cell: Cell, variable: Any) -> tuple[str, Synapse | None, str]:
        names = port_names(cell)
        if isinstance(variable, Synapse):
            for name, port in names.items():
                if port == variable:
                    return name, port, "pA" if port.E_rev is None else "nS"
            raise UnknownNameError(
                f"record of {cell.name!r}: no synapse {variable!r} ends there"
                f"{did_you_mean('', map(repr, names.values()))}"
            )
        if variable in cell.model.states:
            return variable, None, "mV" if variable == "v" else ""
        if variable in ("I_syn", "g_syn"):
            return variable, None, "pA" if variable == "I_syn" else "nS"
        if variable in names:
            port = names[variable]
            return variable, port, "pA" if port.E_rev is None else "nS"
        raise UnknownNameError(
            f"record of {cell.name!r}: no variable {variable!r}"
            f"{did_you_mean(variable, ['spikes', *cell.model.states, 'I_syn', 'g_syn', *names])}"
        )

    def install(self, program: Any) -> None:
        """Write the probe tables of every worker."""
        self._shares: list[list[Share]] = []
        for worker in program.workers:
            rows, size = Rows(self.columns), 0
            index: list[np.ndarray] = []
            terms: list[tuple[float, ...]] = []
            shares: list[Share] = []
            for number, (layout, (cell, name, port)) in enumerate(zip(self.layouts, self._variables)):
                part = next((p for p in worker.parts if p.cell is cell), None)
                if part is None:
                    continue
                columns = np.flatnonzero((layout.ids >= part.own.start) & (layout.ids < part.own.stop))
                if not columns.size:
                    continue
                first = len(terms)
                terms += self._terms(worker, part, name, port)
                rows.add(self._row(part, size, columns.size, layout.every_steps, first, len(terms)))
                index.append(layout.ids[columns] - self._origin(worker, part))
                size += columns.size
                shares.append(Share(number, columns))
            worker.tables = worker.tables._replace(
                probe=rows.array(),
                probe_index=np.concatenate([np.zeros(0, np.int64), *index]),
                term=np.array(terms, np.float64).reshape(-1, 5),
            )
            self._shares.append(shares)
            if shares:
                self._installed(worker)

    def _row(self, part: Any, at: int, count: int, every: int, first_term: int, last_term: int) -> tuple[int, ...]:
        """The record of one probe; its buffer is set for every batch."""
        return (at, count, every, first_term, last_term, 0, count, 0)

    def _origin(self, worker: Any, part: Any) -> int:
        """Which id of the population stands in the first column of the rows."""
        return part.own.start

    def _installed(self, worker: Any) -> None:
        worker.tables.entry[t.DO_SAMPLE] = entry(t.DO_SAMPLE)

    def _terms(self, worker: Any, part: Any, name: str, port: Synapse | None) -> list[tuple[float, ...]]:
        if name in part.row:
            return [(part.row[name], 1.0, 0.0, 0.0, 0.0)]
        v = part.row.get("v", 0)
        terms: list[tuple[float, ...]] = []
        for number, rows in sorted(part.filters.items()):
            synapse = self.plan.ports[number]
            if not len(synapse.matrix) or (port is not None and synapse != port):
                continue
            conductance = synapse.E_rev is not None
            if name == "I_syn" and conductance:
                terms.append((rows[-1], synapse.gain, synapse.E_rev, v, 1.0))
            elif name == "I_syn" or port is not None or (name == "g_syn" and conductance):
                terms.append((rows[-1], synapse.gain, 0.0, 0.0, 0.0))
        return terms

    def buffers(self, begin: int, steps: int) -> list[list[tuple[np.ndarray, int]]]:
        """Return for every worker's probes a buffer for the samples in (begin, begin + steps] and the first sample."""
        out = []
        for shares in self._shares:
            rows = []
            for share in shares:
                every = self.layouts[share.probe].every_steps
                first, last = begin // every + 1, (begin + steps) // every
                rows.append((np.empty((max(1, last - first + 1), share.columns.size)), first))
            out.append(rows)
        return out

    def collect(
        self, begin: int, end: int, buffers: list[list[tuple[np.ndarray, int]]]
    ) -> list[tuple[int, np.ndarray]]:
        """Return for every probe (step of the first sample, samples (T, k)) of the steps in (begin, end]."""
        samples = []
        for number, layout in enumerate(self.layouts):
            first, last = begin // layout.every_steps + 1, end // layout.every_steps
            values = np.empty((max(0, last - first + 1), layout.ids.size))
            for shares, rows in zip(self._shares, buffers):
                for share, (buffer, _) in zip(shares, rows):
                    if share.probe == number:
                        values[:, share.columns] = buffer[: len(values)]
            samples.append((first * layout.every_steps, values))
        return samples
