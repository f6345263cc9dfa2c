"""Plans of rules that do not go by target: listed pairs, and rules by which sources choose; and lists of recipes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..grid import Grid
from ..network.law import Law, evaluated, refuse
from ..network.recipe import LISTED, Recipe
from ..network.rule import Pairs, Plan, Turned, recipe
from ..random import Key
from .wiring_loops import Space, by_source, by_target, sources_of, table

__all__ = [
    "delays_of",
    "listed",
    "nearest_steps",
    "of_pairs",
    "order_by_source",
    "planned",
    "position",
    "rank",
    "single",
    "slots",
    "sorted_by_source",
    "unlocked",
]

#: Listed numbers that are looked at at a time.
BLOCK = 2**18


def planned(found: Plan | Pairs | Turned, n_pre: int, n_post: int, stream: Key) -> Plan:
    """Return the plan of a rule for given sizes: by target, whatever order the rule itself goes in."""
    if isinstance(found, Pairs):
        return of_pairs(n_pre, n_post, found.pre, found.post, stream)
    if isinstance(found, Turned):
        post = np.empty((n_pre, found.k), np.int64)
        table(found.recipe, np.zeros(n_post, np.uint8), post)
        pre = np.repeat(np.arange(n_pre, dtype=np.int32), found.k)
        return of_pairs(n_pre, n_post, pre, post.ravel(), stream)._replace(order=None)
    return found


def rank(many: np.ndarray) -> np.ndarray:
    """0 ... many[0] - 1, 0 ... many[1] - 1, ..."""
    ends = np.cumsum(many)
    return np.arange(ends[-1] if many.size else 0) - np.repeat(ends - many, many)


def of_pairs(n_pre: int, n_post: int, pre: np.ndarray, post: np.ndarray, stream: Key) -> Plan:
    """Return the plan of a list of pairs: sorted by target, else in the order of the list (which is kept as it is)."""
    order: np.ndarray | None = None
    if np.all(post[1:] >= post[:-1]):
        indptr = np.searchsorted(post, np.arange(n_post + 1, dtype=post.dtype))
    else:
        indptr, order = np.zeros(n_post + 1, np.int64), np.empty(post.size, np.int64)
        by_target(post, indptr, order)
    degree, nothing = np.diff(indptr), np.full(n_post, -1, np.int64)
    listed = unlocked(pre.astype(np.int32, copy=False))
    made = recipe(LISTED, n_pre, nothing, stream, indptr=indptr, listed=listed if order is None else listed[order])
    return Plan(made, degree.astype(np.float64), int(degree.max(initial=0)), order)


def unlocked(array: np.ndarray) -> np.ndarray:
    """Return the same numbers as the loops take them: for read-only arrays they would be compiled once more."""
    if array.flags.writeable:
        return array
    if not array.flags.owndata:
        return array.copy()
    array.setflags(write=True)
    view = array.view()
    array.setflags(write=False)
    return view


def single(values: np.ndarray) -> bool:
    """Whether single precision holds all values exactly."""
    with np.errstate(over="ignore"):
        return all(np.array_equal(block.astype(np.float32), block) for block in _blocks(values))


def nearest_steps(grid: Grid, times: np.ndarray) -> tuple[np.ndarray, int, float]:
    """Return times (ms) in steps, int32, how many of them had to be moved, and by how much (ms) at most."""
    steps, moved, largest = np.empty(times.size, np.int32), 0, 0.0
    for block, into in zip(_blocks(times), _blocks(steps)):
        found, shift = grid.nearest(block)
        if shift:
            moved += int(np.count_nonzero(np.abs(grid.times(found) - block) > 1e-9 * grid.dt))
        into[:], largest = found, max(largest, shift)
    return steps, moved, largest


def slots(table: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return where each value stands in an ascending table that has it, int32."""
    found = np.empty(values.size, np.int32)
    for block, into in zip(_blocks(values), _blocks(found)):
        into[:] = np.searchsorted(table, block)
    return found


def _blocks(values: np.ndarray) -> Iterator[np.ndarray]:
    """The values in pieces: what is computed of one on the way takes little memory."""
    for start in range(0, values.size, BLOCK):
        yield values[start : start + BLOCK]


def position(pre_ids: np.ndarray, post_ids: np.ndarray) -> np.ndarray:
    """Where each target stands among the sources, or -1."""
    if not pre_ids.size:
        return np.full(post_ids.size, -1)
    order = np.argsort(pre_ids, kind="stable")
    near = np.minimum(np.searchsorted(pre_ids, post_ids, sorter=order), pre_ids.size - 1)
    at = order[near]
    return np.where(pre_ids[at] == post_ids, at, -1)


def listed(made: Recipe, most: int, targets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the number of synapses of each target, int64, and their sources, int32, one target after the other."""
    space, found = Space.of(made.n_pre, most), [np.zeros(0, np.int32)]
    many = np.empty(targets.size, np.int64)
    for i, t in enumerate(targets):
        many[i] = sources_of(made, t, space.mark, space.found)
        found.append(space.found[: many[i]].astype(np.int32))
    return many, np.concatenate(found)


def delays_of(where: str, law: Law, pre: np.ndarray, post: np.ndarray, distance: np.ndarray) -> np.ndarray:
    """Return the delays (ms) that a law makes, all > 0."""
    times = evaluated(where, law, pre, post, distance)
    bad = np.flatnonzero(~(times > 0.0))
    if bad.size:
        refuse(where, law, times, bad, pre, post, distance, "> 0")
    return times


def sorted_by_source(
    pre: np.ndarray, post: np.ndarray, delay: np.ndarray, value: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return a list of synapses by ascending target (with a value of 8 bytes of each) in the order (pre, post, delay).

    What taking the places ``np.lexsort((delay, post, pre))`` of each returns, in one pass.
    """
    first, rows = np.zeros(int(pre.max(initial=-1)) + 2, np.int64), np.empty((pre.size, 3), np.int64)
    by_source(pre, post, delay.view(np.int64), value.view(np.int64), first, rows)
    posts, delays, values = (rows[:, k].copy() for k in range(3))
    return (
        np.repeat(np.arange(first.size - 1), np.diff(first)),
        posts,
        delays.view(delay.dtype),
        values.view(value.dtype),
    )


def order_by_source(pre: np.ndarray, post: np.ndarray, delay: np.ndarray) -> np.ndarray:
    """Return the places in a list by ascending target that the order (pre, post, delay) takes."""
    return sorted_by_source(pre, post, delay, np.arange(pre.size))[3]
