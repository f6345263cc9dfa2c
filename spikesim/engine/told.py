"""What all ranks did in a batch: what they count, their spikes in one order, what they sampled."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..network.probe import recorded_spikes, widest
from ..program.program import Program
from .probes import Piece
from .ranks import Alone

__all__ = ["Log", "counted", "gathered"]

#: When (steps, or ms) and which neurons emitted spikes, and states that were kept with them.
Log = tuple[np.ndarray, np.ndarray, np.ndarray]


def counted(ranks: Alone, own: dict[str, int]) -> dict[str, int]:
    """Return what the other ranks count."""
    all_ = ranks.meet("advance", list(own.values())).sum(axis=0)
    return {name: int(total) - own[name] for name, total in zip(own, all_)}


def gathered(
    ranks: Alone, program: Program, logs: Sequence[Log], pieces: Sequence[Piece], everywhere: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray, list[Piece], bool]:
    """Return what happened in a batch: spikes by (time, id), what they kept, samples, and whether this rank is told.

    `everywhere`: all of it to every rank; else what is recorded to rank 0.
    """
    kind = logs[0][0].dtype
    if ranks.size > 1 and not everywhere:
        logs = [_of_recorded(program, *log) for log in logs]
    told = ranks.told("advance", (logs, pieces), everywhere)
    every = [log for one, _ in told for log in one]
    when = np.concatenate([np.zeros(0, kind), *(log[0] for log in every)])
    ids = np.concatenate([np.zeros(0, np.int64), *(log[1] for log in every)])
    kept = np.concatenate([np.zeros((0, widest(program.net))), *(log[2] for log in every)])
    if len(every) > 1:  # runs already in order: a merge
        steps = kind == np.int64
        order = np.argsort(when * program.n + ids, kind="stable") if steps else np.lexsort((ids, when))
        when, ids, kept = when[order], ids[order], kept[order]
    return when, ids, kept, [piece for _, some in told for piece in some], bool(told)


def _of_recorded(program: Program, when: np.ndarray, ids: np.ndarray, kept: np.ndarray) -> Log:
    """Return the spikes of those populations of which any are recorded."""
    wanted = recorded_spikes(program.net)
    flags = np.array([cell.name in wanted for cell in program.cells])
    first = np.array([cell.first for cell in program.cells])
    keep = flags[np.searchsorted(first, ids, side="right") - 1]
    return when[keep], ids[keep], kept[keep]
