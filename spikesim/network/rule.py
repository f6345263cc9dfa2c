"""What a rule of connection is: a frozen value that says, for given sizes, how a target finds its sources.

`Rule.check` refuses sizes that do not fit; `Rule.plan` gives the recipe that the kernels follow.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ..errors import InvalidTypeError, InvalidValueError
from ..kernels.wiring import LISTED, Recipe, by_target
from ..random import Distribution, Key
from . import checked

__all__ = ["LIMIT", "Plan", "Rule", "flag", "plan_of_pairs", "recipe", "validate"]

#: Indices within a selection, and degrees, are kept in 32 bits.
LIMIT = 2**31 - 1


class Plan(NamedTuple):
    """A rule for given sizes.

    ======== ================= ===========================================================================
    recipe   Recipe            what the kernels take
    expected float64 (n_post,) expected number of synapses a target
    most     int               no target has more
    order    int64 (n,) | None the by-target list takes its k-th entry from order[k] of the user's list
                               (None: the user's list, if any, is by target already)
    ======== ================= ===========================================================================
    """

    recipe: Recipe
    expected: np.ndarray
    most: int
    order: np.ndarray | None = None


class Rule:
    """A rule of connection; frozen. Made by :func:`all_to_all`, :func:`fixed_indegree`, ..."""

    allow_autapses: bool = True
    allow_multapses: bool = True

    def check(self, where: str, n_pre: int, n_post: int, shared: int = 0) -> None:
        """Refuse sizes that the rule cannot be fulfilled with; `shared` neurons stand on both sides."""

    def shapes(self, n_pre: int, n_post: int) -> tuple[tuple[int, ...], ...]:
        """Return the shapes that listed weights or delays may have (none: the rule draws its synapses)."""
        return ()

    @property
    def weights(self) -> np.ndarray | None:
        """The weights that the rule itself brings, float64, one a synapse in its order."""
        return None

    def plan(self, n_pre: int, n_post: int, own: np.ndarray, stream: Key) -> Plan:
        """Return the recipe for the kernels.

        `own` int64 (n_post,): where the target itself stands among the sources, or -1.
        """
        raise NotImplementedError

    def _left_out(self, own: np.ndarray) -> np.ndarray:
        """The sources that are left out: the targets themselves, if there are to be no autapses."""
        return np.full_like(own, -1) if self.allow_autapses else own

    def _text(self, *arguments: str) -> str:
        """How the rule is written."""
        off = [f"{name}=False" for name in ("allow_autapses", "allow_multapses") if not getattr(self, name)]
        name = "".join("_" + c.lower() if c.isupper() else c for c in type(self).__name__).lstrip("_")
        return f"{name}({', '.join((*arguments, *off))})"


def recipe(kind: int, n_pre: int, own: np.ndarray, stream: Key, **given: Any) -> Recipe:
    """Return a recipe whose other fields are empty."""
    none = np.zeros(0, np.int64)
    fields = {"log_q": -1.0, "degree": none, "indptr": none, "listed": np.zeros(0, np.int32), **given}
    return Recipe(kind, n_pre, stream.a, stream.b, own=own, **fields)


def plan_of_pairs(n_pre: int, n_post: int, pre: np.ndarray, post: np.ndarray, stream: Key) -> Plan:
    """Return the plan of a list of pairs: sorted by target, else in the order of the list."""
    indptr, order = np.zeros(n_post + 1, np.int64), np.empty(post.size, np.int64)
    by_target(post, indptr, order)
    degree, nothing = np.diff(indptr), np.full(n_post, -1, np.int64)
    made = recipe(LISTED, n_pre, nothing, stream, indptr=indptr, listed=pre[order].astype(np.int32))
    return Plan(made, degree.astype(np.float64), int(degree.max(initial=0)), order)


def flag(where: str, value: Any) -> bool:
    """Return True or False, given nothing else."""
    if not isinstance(value, (bool, np.bool_)):
        raise InvalidTypeError(
            f"{where}: wanted True or False, got {type(value).__name__} {checked.short(value)}"
        )
    return bool(value)


def validate(where: str, rule: Any, n_pre: int, n_post: int, shared: int, weight: Any, delay: Any) -> None:
    """Check a projection as far as it can be without a grid; `shared` neurons stand on both sides.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        If `rule` is none or does not fit the sizes; if weights or delays are not finite or have another shape
        than the rule's synapses, or a delay is not positive (a listed one: is negative).
    """
    if not isinstance(rule, Rule):
        raise InvalidTypeError(
            f"{where}: rule: wanted a rule of connection such as all_to_all() or fixed_probability(0.1), got "
            f"{type(rule).__name__} {checked.short(rule)}"
        )
    rule.check(where, n_pre, n_post, shared)
    shapes = rule.shapes(n_pre, n_post)
    if rule.weights is None:
        _one_a_synapse(f"{where}: weight", rule, shapes, weight)
    elif weight is not None:
        raise InvalidValueError(f"{where}: weight: {rule!r} brings the weights; leave weight out")
    if np.ndim(delay):
        _one_a_synapse(f"{where}: delay", rule, shapes, delay, least=0.0)
    elif not isinstance(delay, Distribution):
        checked.number(f"{where}: delay", delay, above=0.0)


def _one_a_synapse(
    where: str, rule: Rule, shapes: tuple[tuple[int, ...], ...], given: Any, least: float | None = None
) -> None:
    """Refuse what is no number, no distribution and no array of one number a synapse."""
    if isinstance(given, Distribution):
        return
    if not np.ndim(given):
        checked.number(where, given)
        return
    values = checked.table(where, given)
    if values.shape not in shapes:
        wanted = " or ".join(map(str, shapes))
        turned = "; it looks transposed: a row is a target" if values.T.shape in shapes else ""
        why = (
            f"one a synapse, shape {wanted}"
            if shapes
            else f"a distribution, since {rule!r} draws its synapses"
        )
        raise InvalidValueError(f"{where}: wanted one number or {why}; got shape {values.shape}{turned}")
    bad = np.flatnonzero(values < least) if least is not None else np.zeros(0, np.int64)
    if bad.size:
        first = tuple(int(i) for i in np.unravel_index(bad[0], values.shape))
        raise InvalidValueError(
            f"{where} must be >= {least:g} ms, got {values[first]} at {first} ({bad.size} such values)"
        )
