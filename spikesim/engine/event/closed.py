"""What a closed loop reads and sets between two calls of the loop."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from ...program.cell import Cell
from ...synapses.contract import Synapse
from ..probes import port_names
from .drives import wake
from .records import FULL
from .sample import glance

if TYPE_CHECKING:
    from .engine import EventEngine

__all__ = ["Entries", "awake", "observed", "put"]


class Entries:
    """Entries of the state as `variables` reads and sets them."""

    def __init__(self, engine: EventEngine) -> None:
        self.engine = engine

    def name(self, cell: Cell, port: Synapse, j: int) -> str | None:
        """Return the entry of number j of a synapse; None: there is no such."""
        label = next(name for name, known in port_names(cell).items() if known is port)
        k = j - 1 if port.general else j  # (what is no linear filter has nothing that waits to arrive, number 0)
        return f"input/{cell.name}/{label}/{k}" if k >= 0 else None

    def get(self, cell: Cell, name: str) -> np.ndarray:
        """Return an entry as it is now."""
        return observed(self.engine, name, cell.name)

    def put(self, cell: Cell, name: str, values: np.ndarray) -> None:
        """Set an entry from now on."""
        put(self.engine, name, cell.name, values)


def shares(engine: EventEngine, entry: str, population: str) -> Iterator[tuple[Any, Any, int, slice]]:
    """Yield (worker, part, column, its rows) of an entry of the state of a population."""
    for w in engine.workers:
        for part in w.parts:
            if part.cell.name == population:
                column = dict(w.tables.columns[population])[entry]
                yield w, part, column, slice(part.first - w.tables.lo, part.first - w.tables.lo + part.size)


def observed(engine: EventEngine, entry: str, population: str) -> np.ndarray:
    """Return an entry as it is now, in the order of the neurons; nothing is moved by looking."""
    now, mine = engine.program.grid.time(engine.step), []
    for w, part, column, _ in shares(engine, entry, population):
        out = np.empty(part.size)
        glance(w.record.ctypes.data, part.number, column, now, out)
        mine.append((part.own, out))
    found = np.zeros(engine.program.by_name[population].size)
    for told in engine.ranks.every("read the state", mine):
        for own, values in told:
            found[own] = values
    return found


def awake(w: Any, k: int, time: float) -> None:
    """Bring the neurons of part k to a time; they are looked at anew."""
    w.run["status"] = 0
    while True:
        wake(w.record.ctypes.data, k, time)
        if w.run["status"] != FULL:
            return
        w.grow()


def put(engine: EventEngine, entry: str, population: str, values: np.ndarray) -> None:
    """Set an entry from now on."""
    now = engine.program.grid.time(engine.step)
    for w, part, column, rows in shares(engine, entry, population):
        awake(w, part.number, max(now, float(w.counts["until"])))
        w.x[rows, column] = values[part.own]
