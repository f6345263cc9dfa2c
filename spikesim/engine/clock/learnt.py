"""The weights of plastic projections as they are now, whoever has them."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from . import plastic

if TYPE_CHECKING:
    from .engine import ClockEngine

__all__ = ["learnt", "positions"]

#: Synapses that are sorted at a time, about.
BLOCK = 2**18


def learnt(engine: ClockEngine, projection: str, everywhere: bool = True) -> np.ndarray | None:
    """Return the weights of a plastic projection now, by (pre, post, delay); None on ranks that are not told."""
    p, at = _number(engine, projection), positions(engine, projection, everywhere)
    own = (_read(engine, k, p) for k in range(len(engine.workers)))
    told = [own] if engine.ranks.size == 1 else engine.ranks.told("read weights", list(own), everywhere)
    if at is None:
        return None
    now, first = np.empty(at.size), 0
    for part in itertools.chain.from_iterable(told):
        now[at[first : first + part.size]] = part
        first += part.size
    return now


def _read(engine: ClockEngine, k: int, p: int) -> np.ndarray:
    """Return the weights that worker k has of the plastic projection p, in its order."""
    worker, arena = engine.workers[k], engine.arenas[k]
    n, rule = worker.learners[p].synapses, worker.tables["plastic"]
    weight, eligible = arena["weight"][rule["at_synapse"][p] :][:n], arena["eligible"][rule["at_eligible"][p] :][:n]
    out = np.empty(n)
    plastic.read(rule, arena["learnt"], p, weight, eligible, engine.step, out)
    return out


def positions(engine: ClockEngine, projection: str, everywhere: bool = True) -> np.ndarray | None:
    """Return where each synapse of a plastic projection, worker after worker, stands by (pre, post, delay)."""
    everywhere = everywhere or engine.ranks.size == 1
    if (projection, everywhere) not in engine.positions:
        p = _number(engine, projection)
        ends = [worker.learners[p].ends() for worker in engine.workers]
        parts = [part for told in engine.ranks.told("find the synapses", ends, everywhere) for part in told]
        engine.positions[projection, everywhere] = _sorted(parts) if parts else None
    return engine.positions[projection, everywhere]


def _number(engine: ClockEngine, projection: str) -> int:
    return engine.learning.index(projection)


def _sorted(parts: Sequence[tuple[np.ndarray, ...]]) -> np.ndarray:
    """Return where each (pre, post, delay) of all parts stands when sorted; those that are equal keep their order.

    Parts go by source as a rule; then some sources are sorted at a time, which takes no memory worth the name.
    """
    sizes = [pre.size for pre, _, _ in parts]
    first = np.concatenate([[0], np.cumsum(sizes)])
    at = np.empty(first[-1], np.uint32 if first[-1] < 2**32 else np.uint64)
    n_pre = 1 + max((int(pre.max(initial=-1)) for pre, _, _ in parts), default=-1)
    by_source = all(np.all(pre[1:] >= pre[:-1]) for pre, _, _ in parts)
    pieces = max(1, min(n_pre, int(first[-1]) // BLOCK)) if by_source else 1
    edges = np.linspace(0, n_pre, pieces + 1).astype(np.int32)
    cuts = [np.searchsorted(pre, edges) if by_source else [0, pre.size] for pre, _, _ in parts]
    done = 0
    for k in range(pieces):
        own = [slice(cut[k], cut[k + 1]) for cut in cuts]
        pre, post, delay = (np.concatenate([part[i][some] for part, some in zip(parts, own)]) for i in range(3))
        where = np.concatenate([np.arange(start + some.start, start + some.stop) for start, some in zip(first, own)])
        at[where[np.lexsort((delay, post, pre))]] = np.arange(done, done + pre.size)
        done += pre.size
    return at
