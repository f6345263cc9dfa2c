"""Plans of rules that do not go by target: listed pairs, and rules by which sources choose; and lists of recipes."""

from __future__ import annotations

import numpy as np

from ..network.law import Law, evaluated, refuse
from ..network.recipe import LISTED, Recipe
from ..network.rule import Pairs, Plan, Turned, recipe
from ..random import Key
from .wiring_loops import Space, by_target, sources, table

__all__ = ["delays_of", "listed", "of_pairs", "planned", "position", "rank"]


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
    """Return the plan of a list of pairs: sorted by target, else in the order of the list."""
    indptr, order = np.zeros(n_post + 1, np.int64), np.empty(post.size, np.int64)
    by_target(post, indptr, order)
    degree, nothing = np.diff(indptr), np.full(n_post, -1, np.int64)
    made = recipe(LISTED, n_pre, nothing, stream, indptr=indptr, listed=pre[order].astype(np.int32))
    return Plan(made, degree.astype(np.float64), int(degree.max(initial=0)), order)


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
        many[i] = sources(made, t, space.mark, space.found)
        found.append(space.found[: many[i]].astype(np.int32))
    return many, np.concatenate(found)


def delays_of(where: str, law: Law, pre: np.ndarray, post: np.ndarray, distance: np.ndarray) -> np.ndarray:
    """Return the delays (ms) that a law makes, all > 0."""
    times = evaluated(where, law, pre, post, distance)
    bad = np.flatnonzero(~(times > 0.0))
    if bad.size:
        refuse(where, law, times, bad, pre, post, distance, "> 0")
    return times
