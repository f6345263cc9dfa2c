"""What the workers of other ranks did in a slab, into the same tables in which those of one process tell each other.

Two messages a slab: what each worker reports and how many spikes it emitted in each step, in the meeting itself; then
the ids.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..probes import Share
from ..ranks import WIDTH, Alone, Ranks

__all__ = ["Exchange", "gathered"]

FIELDS = ("emitted", "room", "log_room")


class Exchange:
    """The exchange of one engine.

    Parameters
    ----------
    ranks : Alone
    common : mapping of str to array
        The tables of all workers (see `rooms.exchange`); each rank fills the rows of its own.
    counts : sequence of int
        Workers of each rank.
    """

    def __init__(self, ranks: Any, common: Mapping[str, np.ndarray], counts: Sequence[int]) -> None:
        self.ranks, self.common = ranks, common
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
        self._ids = np.zeros(1024, np.int64)

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
        ids, offset = self.common["slab_id"][half], self.common["slab_offset"]
        if self._ids.size < total:
            self._ids = np.zeros(2 * total, np.int64)
        mine = np.concatenate([ids[offset[o] : offset[o] + emitted[o]] for o in range(self._own.start, self._own.stop)])
        sizes = np.add.reduceat(emitted, self._first)
        self.ranks.comm.Allgatherv(mine, [self._ids, sizes])
        at = 0
        for o, n in enumerate(emitted.tolist()):
            ids[offset[o] : offset[o] + n] = self._ids[at : at + n]
            at += n


def gathered(
    ranks: Alone, logs: list[tuple[np.ndarray, np.ndarray]], samples: list[tuple[int, np.ndarray]],
    shares: Sequence[Sequence[Share]], counts: dict[str, int], n: int,
) -> tuple[np.ndarray, np.ndarray, dict[str, int]]:  # fmt: skip
    """Return the spikes of a batch of all workers of all ranks, by step and id, and what the others count.

    The samples are completed in place.
    """
    mine = []
    if ranks.size > 1:
        mine = [(s.probe, s.columns, samples[s.probe][1][:, s.columns]) for some in shares for s in some]
    told = ranks.every("advance", (logs, mine, counts))
    for _, pieces, _ in told if ranks.size > 1 else ():
        for probe, some, values in pieces:
            samples[probe][1][:, some] = values
    every = [log for one in told for log in one[0]]
    when, ids = (np.concatenate([log[k] for log in every]) for k in (0, 1))
    if len(every) > 1:
        order = np.argsort(when * n + ids, kind="stable")  # runs already in order: a merge
        when, ids = when[order], ids[order]
    return when, ids, {name: sum(one[2][name] for one in told) - own for name, own in counts.items()}
