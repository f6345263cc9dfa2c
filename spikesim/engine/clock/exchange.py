"""What the workers of other ranks did in a slab, into the same tables in which those of one process tell each other.

Two messages a slab: what each worker reports and how many spikes it emitted in each step, in the meeting itself; then
the ids.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ...jit.records import span
from ...network.probe import recorded_spikes, widest
from ...program.program import Program
from ..probes import Piece
from ..ranks import WIDTH, Alone, Ranks

__all__ = ["Exchange", "counted", "gathered"]

#: Steps and ids of spikes, and states that were kept with them.
Log = tuple[np.ndarray, np.ndarray, np.ndarray]

FIELDS = ("emitted", "room", "log_room")


class Exchange:
    """The exchange of one engine.

    Parameters
    ----------
    ranks : Alone
    common : dict of str to array
        The tables of all workers (see `rooms.exchange`); each rank fills the rows of its own.
    counts : sequence of int
        Workers of each rank.
    links : mapping of int to WORKER
        Where the loop of each worker finds them.
    """

    def __init__(
        self, ranks: Any, common: dict[str, np.ndarray], counts: Sequence[int], links: Mapping[int, np.ndarray]
    ) -> None:
        self.ranks, self.common, self._links = ranks, common, links
        if not isinstance(ranks, Ranks):
            return
        each = len(FIELDS) + common["slab_ptr"].shape[2]
        ranks.widen(max(WIDTH, max(counts) * each))
        self._of = np.repeat(np.arange(ranks.size), counts)  # the rank of each worker
        number = np.arange(sum(counts)) - np.repeat(np.cumsum(counts) - counts, counts)
        self._at = (number * each)[:, None] + np.arange(each)  # where its numbers stand
        self._first = (np.cumsum(counts) - counts).astype(np.int64)
        self._own = slice(int(self._first[ranks.rank]), int(self._first[ranks.rank]) + counts[ranks.rank])
        self._row = np.zeros((counts[ranks.rank], each), np.int64)
        self._room = int(common["slab_offset"][-1])  # what this rank's own workers have; behind it stands what is heard

    def __call__(self, half: int) -> None:
        """Tell all workers of all ranks what is in one half of the tables."""
        report, ptr = self.common["report"][half], self.common["slab_ptr"][half]
        own, row = self._own, self._row
        for k, field in enumerate(FIELDS):
            row[:, k] = report[field][own]
        row[:, len(FIELDS) :] = ptr[own]
        found = self.ranks.meet("advance by a slab", row.ravel())[self._of[:, None], self._at]
        for k, field in enumerate(FIELDS):
            report[field] = found[:, k]
        ptr[:] = found[:, len(FIELDS) :]
        emitted = found[:, 0]
        total = int(emitted.sum())
        if total:
            self._tell(half, emitted, total)

    def _tell(self, half: int, emitted: np.ndarray, total: int) -> None:
        """Let the spikes of all ranks stand behind this rank's own, worker after worker."""
        offset, own = self.common["slab_offset"], self._own
        if self._room + total > offset[-1]:
            grown = np.zeros((2, self._room + 2 * total), np.int64)
            grown[:, : self._room] = self.common["slab_id"][:, : self._room]
            self.common["slab_id"], offset[-1] = grown, grown.shape[1]
            for made in self._links.values():
                made["slab_id"] = span(grown)
        ids = self.common["slab_id"][half]
        mine = np.concatenate([ids[offset[o] : offset[o] + emitted[o]] for o in range(own.start, own.stop)])
        heard = ids[self._room : self._room + total]
        self.ranks.comm.Allgatherv(mine, [heard, np.add.reduceat(emitted, self._first)])
        at = self._room + np.cumsum(emitted) - emitted
        offset[: own.start], offset[own.stop : -1] = at[: own.start], at[own.stop :]


def counted(ranks: Alone, own: dict[str, int]) -> dict[str, int]:
    """Return what the other ranks count."""
    all_ = ranks.meet("advance", list(own.values())).sum(axis=0)
    return {name: int(total) - own[name] for name, total in zip(own, all_)}


def gathered(
    ranks: Alone, program: Program, logs: Sequence[Log], pieces: Sequence[Piece], everywhere: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray, list[Piece], bool]:
    """Return what happened in a batch: spikes by (step, id), what they kept, samples, and whether this rank is told.

    `everywhere`: all of it to every rank; else what is recorded to rank 0.
    """
    if ranks.size > 1 and not everywhere:
        logs = [_of_recorded(program, *log) for log in logs]
    told = ranks.told("advance", (logs, pieces), everywhere)
    every = [log for one, _ in told for log in one]
    when, ids = (np.concatenate([np.zeros(0, np.int64), *(log[k] for log in every)]) for k in (0, 1))
    kept = np.concatenate([np.zeros((0, widest(program.net))), *(log[2] for log in every)])
    if len(every) > 1:
        order = np.argsort(when * program.n + ids, kind="stable")  # runs already in order: a merge
        when, ids, kept = when[order], ids[order], kept[order]
    return when, ids, kept, [piece for _, some in told for piece in some], bool(told)


def _of_recorded(program: Program, when: np.ndarray, ids: np.ndarray, kept: np.ndarray) -> Log:
    """Return the spikes of those populations of which any are recorded."""
    wanted = recorded_spikes(program.net)
    flags = np.array([cell.name in wanted for cell in program.cells])
    first = np.array([cell.first for cell in program.cells])
    keep = flags[np.searchsorted(first, ids, side="right") - 1]
    return when[keep], ids[keep], kept[keep]
