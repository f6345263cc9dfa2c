"""What a rule of connection is: a frozen value that says, for given sizes, how a target finds its sources.

`Rule.check` refuses sizes that do not fit; `Rule.plan` gives the recipe that the kernels follow.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ..errors import InvalidTypeError, InvalidValueError, did_you_mean
from ..random import Key
from . import checked
from .geometry import BOUNDARIES
from .law import Law
from .recipe import Recipe

__all__ = ["LIMIT", "ByPair", "Pairs", "Plan", "Rule", "Turned", "boundary_value", "flag", "recipe"]

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


class Pairs(NamedTuple):
    """A rule that lists its synapses: pre, post int32 (n,) within the two sides, in the order of the user's lists."""

    pre: np.ndarray
    post: np.ndarray


class Turned(NamedTuple):
    """A rule that says for every source how its targets are found: `recipe` with the sides exchanged, `k` a source."""

    recipe: Recipe
    k: int


class ByPair(NamedTuple):
    """A rule that looks at pairs, one target at a time.

    ======== ============== ==============================================================================
    law      Law            probability of a pair; with a degree: what the probability is proportional to
    stream   Key
    own      int64 (n,)     the partner that a neuron leaves out (itself), or -1
    degree   int | None     partners of each; None: every pair on its own
    distinct bool           whether they differ from each other
    turned   bool           whether sources choose their targets (`own` is then one a source)
    block    int            how many pairs are looked at at once
    ======== ============== ==============================================================================
    """

    law: Law
    stream: Key
    own: np.ndarray
    degree: int | None = None
    distinct: bool = False
    turned: bool = False
    block: int = 2**16


class Rule:
    """A rule of connection; frozen. Made by :func:`all_to_all`, :func:`fixed_indegree`, ..."""

    allow_autapses: bool = True
    allow_multapses: bool = True
    boundary: str = "open"

    def check(self, where: str, n_pre: int, n_post: int, shared: int = 0) -> None:
        """Refuse sizes that the rule cannot be fulfilled with; `shared` neurons stand on both sides."""

    def shapes(self, n_pre: int, n_post: int) -> tuple[tuple[int, ...], ...]:
        """Return the shapes that listed weights or delays may have (none: the rule draws its synapses)."""
        return ()

    @property
    def weights(self) -> np.ndarray | None:
        """The weights that the rule itself brings, float64, one a synapse in its order."""
        return None

    def plan(self, n_pre: int, n_post: int, own: np.ndarray, stream: Key) -> Plan | Pairs | Turned | ByPair:
        """Return how the synapses are found (`spikesim.program.wiring.planned` makes a `Plan` of each kind).

        `own` int64 (n_post,): where the target itself stands among the sources, or -1.
        """
        raise NotImplementedError

    def _left_out(self, own: np.ndarray) -> np.ndarray:
        """The sources that are left out: the targets themselves, if there are to be no autapses."""
        return np.full_like(own, -1) if self.allow_autapses else own

    def _text(self, *arguments: str) -> str:
        """How the rule is written."""
        off = [f"{name}=False" for name in ("allow_autapses", "allow_multapses") if not getattr(self, name)]
        off += [f"boundary={self.boundary!r}"] if self.boundary != "open" else []
        name = "".join("_" + c.lower() if c.isupper() else c for c in type(self).__name__).lstrip("_")
        return f"{name}({', '.join((*arguments, *off))})"


def recipe(kind: int, n_pre: int, own: np.ndarray, stream: Key, **given: Any) -> Recipe:
    """Return a recipe whose other fields are empty."""
    none = np.zeros(0, np.int64)
    fields = {"log_q": -1.0, "degree": none, "indptr": none, "listed": np.zeros(0, np.int32), **given}
    return Recipe(kind, n_pre, stream.a, stream.b, own=own, **fields)


def flag(where: str, value: Any) -> bool:
    """Return True or False, given nothing else."""
    if not isinstance(value, (bool, np.bool_)):
        raise InvalidTypeError(f"{where}: wanted True or False, got {type(value).__name__} {checked.short(value)}")
    return bool(value)


def boundary_value(where: str, value: Any) -> str:
    """Return "open" or "torus", given nothing else."""
    if not isinstance(value, str) or value not in BOUNDARIES:
        hint = did_you_mean(value, BOUNDARIES) if isinstance(value, str) else ""
        raise InvalidValueError(f"{where}: boundary: wanted 'open' or 'torus', got {checked.short(value)}{hint}")
    return value
