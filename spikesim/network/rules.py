"""Rules of connection: which of the possible pairs (source, target) become synapses.

========================= =============================================================================================
all_to_all()              every pair
one_to_one()              the i-th source to the i-th target
fixed_probability(p)      every pair on its own with probability p
fixed_indegree(k)         k sources a target
fixed_outdegree(k)        k targets a source
fixed_total(n)            n synapses over all pairs
from_pairs(pre, post)     the pairs as given
from_matrix(W)            the non-zero entries of W (n_post, n_pre), row = target, as in z = W x + b
========================= =============================================================================================

An *autapse* joins a neuron to itself; a *multapse* is one of several synapses of one pair.  With multapses, draws are
independent; without, all sets of distinct pairs that fit the rule are equally likely.  The terms are those of Senk et
al. 2022, "Connectivity concepts in neuronal network modeling", PLoS Comput Biol 18:e1010086.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import scipy.sparse

from ..errors import InvalidTypeError, InvalidValueError
from ..kernels.wiring import ALL, DISTINCT, INDEPENDENT, LISTED, ONE, SKIPS, Recipe, by_target, sources
from ..random import Key

__all__ = [
    "AllToAll", "FixedIndegree", "FixedOutdegree", "FixedProbability", "FixedTotal", "FromMatrix", "FromPairs", "OneToOne",
    "Plan", "Rule", "all_to_all", "fixed_indegree", "fixed_outdegree", "fixed_probability", "fixed_total", "from_matrix",
    "from_pairs", "one_to_one",
]  # fmt: skip

#: Indices within a selection are stored in 32 bits.
LIMIT = 2**31 - 1


class Plan(NamedTuple):
    """A rule for given sizes.

    ========== =================== ====================================================================================
    recipe     Recipe              what the kernels take
    expected   float64 (n_post,)   expected synapses a target
    most       int                 no target has more
    order      int64 (n,) | None   where the by-target list takes its entries from in the user's order (None: same order)
    ========== =================== ====================================================================================
    """

    recipe: Recipe
    expected: np.ndarray
    most: int
    order: np.ndarray | None = None


class Rule:
    """A rule of connection; frozen."""

    allow_autapses: bool = True

    def check(self, where: str, n_pre: int, n_post: int, shared: int = 0) -> None:
        """Refuse sizes that the rule cannot be fulfilled with; `shared` neurons stand on both sides."""

    def shapes(self, n_pre: int, n_post: int) -> tuple[tuple[int, ...], ...]:
        """Return the shapes that listed weights or delays may have, one a synapse (none: they cannot be listed)."""
        return ()

    @property
    def weights(self) -> np.ndarray | None:
        """The weights that the rule itself brings, float64, one a synapse in its order."""
        return None

    def plan(self, n_pre: int, n_post: int, own: np.ndarray, stream: Key) -> Plan:
        """Return the recipe for the kernels; `own` int64 (n_post,): the target's own index among the sources, or -1."""
        raise NotImplementedError

    def _left_out(self, own: np.ndarray) -> np.ndarray:
        return np.full_like(own, -1) if self.allow_autapses else own


def _recipe(kind: int, n_pre: int, own: np.ndarray, stream: Key, **given: Any) -> Recipe:
    none = np.zeros(0, np.int64)
    fields = {"log_q": -1.0, "degree": none, "indptr": none, "listed": np.zeros(0, np.int32), **given}
    return Recipe(kind, n_pre, stream.a, stream.b, own=own, **fields)


def _listed(n_pre: int, n_post: int, pre: np.ndarray, post: np.ndarray, stream: Key) -> Plan:
    """The plan of a list of pairs, sorted by target."""
    indptr, order = np.zeros(n_post + 1, np.int64), np.empty(post.size, np.int64)
    by_target(post, indptr, order)
    degree = np.diff(indptr)
    listed = pre[order].astype(np.int32)
    recipe = _recipe(LISTED, n_pre, np.full(n_post, -1, np.int64), stream, indptr=indptr, listed=listed)
    return Plan(recipe, degree.astype(np.float64), int(degree.max(initial=0)), order)


# -- rules without numbers --------------------------------------------------------------------------------------------


@dataclass(frozen=True, repr=False)
class AllToAll(Rule):
    """See :func:`all_to_all`."""

    allow_autapses: bool = True

    def shapes(self, n_pre: int, n_post: int) -> tuple[tuple[int, ...], ...]:
        return ((n_post, n_pre),)

    def plan(self, n_pre: int, n_post: int, own: np.ndarray, stream: Key) -> Plan:
        own = self._left_out(own)
        degree = n_pre - (own >= 0)
        indptr = np.concatenate(([0], np.cumsum(degree, dtype=np.int64)))
        return Plan(_recipe(ALL, n_pre, own, stream, indptr=indptr), degree.astype(np.float64), n_pre)

    def __repr__(self) -> str:
        return f"all_to_all({_options(self)})"


@dataclass(frozen=True, repr=False)
class OneToOne(Rule):
    """See :func:`one_to_one`."""

    def check(self, where: str, n_pre: int, n_post: int, shared: int = 0) -> None:
        if n_pre != n_post:
            raise InvalidValueError(
                f"{where}: one_to_one wants as many sources as targets, got {n_pre} sources and {n_post} targets"
            )

    def shapes(self, n_pre: int, n_post: int) -> tuple[tuple[int, ...], ...]:
        return ((n_post,),)

    def plan(self, n_pre: int, n_post: int, own: np.ndarray, stream: Key) -> Plan:
        recipe = _recipe(ONE, n_pre, np.full_like(own, -1), stream, indptr=np.arange(n_post + 1))
        return Plan(recipe, np.ones(n_post), 1)

    def __repr__(self) -> str:
        return "one_to_one()"


# -- rules by numbers -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, repr=False)
class FixedProbability(Rule):
    """See :func:`fixed_probability`."""

    p: float
    allow_autapses: bool = True

    def plan(self, n_pre: int, n_post: int, own: np.ndarray, stream: Key) -> Plan:
        own = self._left_out(own)
        expected = self.p * (n_pre - (own >= 0))
        if self.p == 0.0:  # also 5e-324: no gap is finite
            return Plan(_recipe(INDEPENDENT, n_pre, own, stream, degree=np.zeros(n_post, np.int64)), expected, 0)
        log_q = math.log1p(-self.p) if self.p < 1.0 else -math.inf
        return Plan(_recipe(SKIPS, n_pre, own, stream, log_q=log_q), expected, n_pre)

    def __repr__(self) -> str:
        return f"fixed_probability({self.p:g}{_options(self, ', ')})"


@dataclass(frozen=True, repr=False)
class FixedIndegree(Rule):
    """See :func:`fixed_indegree`."""

    k: int
    allow_autapses: bool = True
    allow_multapses: bool = True

    def check(self, where: str, n_pre: int, n_post: int, shared: int = 0) -> None:
        if n_post:
            _check_degree(self, where, n_pre, shared, "sources", "in-degree")

    def plan(self, n_pre: int, n_post: int, own: np.ndarray, stream: Key) -> Plan:
        degree = np.full(n_post, self.k, np.int64)
        kind = INDEPENDENT if self.allow_multapses else DISTINCT
        return Plan(_recipe(kind, n_pre, self._left_out(own), stream, degree=degree), degree.astype(np.float64), self.k)

    def __repr__(self) -> str:
        return f"fixed_indegree({self.k}{_options(self, ', ')})"


@dataclass(frozen=True, repr=False)
class FixedOutdegree(Rule):
    """See :func:`fixed_outdegree`."""

    k: int
    allow_autapses: bool = True
    allow_multapses: bool = True

    def check(self, where: str, n_pre: int, n_post: int, shared: int = 0) -> None:
        if n_pre:
            _check_degree(self, where, n_post, shared, "targets", "out-degree")

    def plan(self, n_pre: int, n_post: int, own: np.ndarray, stream: Key) -> Plan:
        # fixed_indegree with the sides exchanged, then sorted by target
        mine = np.full(n_pre, -1, np.int64)
        both = np.flatnonzero(own >= 0)
        mine[own[both]] = both
        turned = FixedIndegree(self.k, self.allow_autapses, self.allow_multapses).plan(n_post, n_pre, mine, stream).recipe
        post = np.empty((n_pre, self.k), np.int64)
        mark = np.zeros(n_post, np.uint8)
        for s in range(n_pre):
            sources(turned, s, mark, post[s])
        pre = np.repeat(np.arange(n_pre, dtype=np.int32), self.k)
        return _listed(n_pre, n_post, pre, post.ravel(), stream)._replace(order=None)

    def __repr__(self) -> str:
        return f"fixed_outdegree({self.k}{_options(self, ', ')})"


@dataclass(frozen=True, repr=False)
class FixedTotal(Rule):
    """See :func:`fixed_total`."""

    n: int
    allow_autapses: bool = True
    allow_multapses: bool = True

    def check(self, where: str, n_pre: int, n_post: int, shared: int = 0) -> None:
        pairs = n_pre * n_post - (0 if self.allow_autapses else shared)
        if self.n > (math.inf if self.allow_multapses and pairs else pairs):
            why = "" if self.allow_multapses else " without multapses"
            raise InvalidValueError(
                f"{where}: {self!r}: {self.n} synapses{why}, but there are only {pairs} pairs of {n_pre} sources and "
                f"{n_post} targets; lower n or allow multapses"
            )

    def plan(self, n_pre: int, n_post: int, own: np.ndarray, stream: Key) -> Plan:
        own = self._left_out(own)
        room = (n_pre - (own >= 0)).astype(np.int64)
        seed = np.random.Philox(key=np.array([stream.a, stream.b], np.uint64))
        draw = _shares if self.allow_multapses else _distinct_shares
        degree = draw(np.random.Generator(seed), self.n, room)
        kind = INDEPENDENT if self.allow_multapses else DISTINCT
        recipe = _recipe(kind, n_pre, own, stream, degree=degree)
        return Plan(recipe, degree.astype(np.float64), int(degree.max(initial=0)))

    def __repr__(self) -> str:
        return f"fixed_total({self.n}{_options(self, ', ')})"


def _shares(generator: np.random.Generator, n: int, room: np.ndarray) -> np.ndarray:
    """In-degrees of n independent pairs: multinomial."""
    total = int(room.sum())
    return generator.multinomial(n, room / total).astype(np.int64) if n else np.zeros(room.size, np.int64)


def _distinct_shares(generator: np.random.Generator, n: int, room: np.ndarray) -> np.ndarray:
    """In-degrees of n distinct pairs: multivariate hypergeometric, for any numbers.

    Every pair is taken with probability n / pairs; then as many pairs as are too many (or too few), of the order of
    sqrt(n), are taken away (or added) at random.  Given its size the set was uniform, and it stays so.
    """
    total = int(room.sum())
    if not n:
        return np.zeros(room.size, np.int64)
    degree = generator.binomial(room, n / total).astype(np.int64)
    surplus = int(degree.sum()) - n
    pool = degree if surplus > 0 else room - degree
    chosen: set[int] = set()
    size = int(pool.sum())
    while len(chosen) < abs(surplus):
        chosen.add(int(generator.integers(size)))
    target = np.searchsorted(np.cumsum(pool), np.array(sorted(chosen), np.int64), side="right")
    return degree - int(np.sign(surplus)) * np.bincount(target, minlength=room.size)


# -- rules by list ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, repr=False, eq=False)
class FromPairs(Rule):
    """See :func:`from_pairs`."""

    pre: np.ndarray
    post: np.ndarray

    def check(self, where: str, n_pre: int, n_post: int, shared: int = 0) -> None:
        for side, index, size in (("pre", self.pre, n_pre), ("post", self.post, n_post)):
            bad = np.flatnonzero(index >= size)
            if bad.size:
                raise InvalidValueError(
                    f"{where}: from_pairs: {side}_ids must lie in 0 ... {size - 1} (indices within the selection), got "
                    f"{index[bad[0]]} at pair {bad[0]} ({bad.size} out of range)"
                )

    def shapes(self, n_pre: int, n_post: int) -> tuple[tuple[int, ...], ...]:
        return ((self.pre.size,),)

    def plan(self, n_pre: int, n_post: int, own: np.ndarray, stream: Key) -> Plan:
        return _listed(n_pre, n_post, self.pre, self.post, stream)

    def __repr__(self) -> str:
        return f"from_pairs({self.pre.size} pairs)"


@dataclass(frozen=True, repr=False, eq=False)
class FromMatrix(FromPairs):
    """See :func:`from_matrix`; the pairs are in the order of rows, then columns."""

    values: np.ndarray
    shape: tuple[int, int]

    @property
    def weights(self) -> np.ndarray:
        return self.values

    def check(self, where: str, n_pre: int, n_post: int, shared: int = 0) -> None:
        if self.shape != (n_post, n_pre):
            turned = "; it looks transposed: a row is a target" if self.shape == (n_pre, n_post) else ""
            raise InvalidValueError(
                f"{where}: from_matrix: wanted shape (n_post, n_pre) = {(n_post, n_pre)}, got {self.shape}{turned}"
            )

    def shapes(self, n_pre: int, n_post: int) -> tuple[tuple[int, ...], ...]:
        return ((self.pre.size,), self.shape)

    def __repr__(self) -> str:
        return f"from_matrix({self.shape[0]} x {self.shape[1]}, {self.pre.size} entries)"


# -- what users call --------------------------------------------------------------------------------------------------


def all_to_all(allow_autapses: bool = True) -> AllToAll:
    """Return the rule that joins every source to every target. Listed weights: shape (n_post, n_pre)."""
    return AllToAll(_flag("all_to_all", "allow_autapses", allow_autapses))


def one_to_one() -> OneToOne:
    """Return the rule that joins the i-th source to the i-th target. Listed weights: shape (n,)."""
    return OneToOne()


def fixed_probability(p: float, allow_autapses: bool = True) -> FixedProbability:
    """Return the rule that makes every pair a synapse with probability `p`, independently.

    Raises
    ------
    InvalidValueError
        If p is not in [0, 1].
    """
    if isinstance(p, (bool, np.bool_, str, complex)) or not isinstance(p, (int, float, np.number)) or np.iscomplexobj(p):
        raise InvalidTypeError(f"fixed_probability: p: wanted a number in [0, 1], got {type(p).__name__} {p!r}")
    if not 0.0 <= float(p) <= 1.0:
        raise InvalidValueError(f"fixed_probability: p must be in [0, 1], got {p!r}")
    return FixedProbability(float(p), _flag("fixed_probability", "allow_autapses", allow_autapses))


def fixed_indegree(k: int, allow_autapses: bool = True, allow_multapses: bool = True) -> FixedIndegree:
    """Return the rule that gives every target `k` sources, drawn uniformly (a group of sources counts as one).

    Raises
    ------
    InvalidValueError
        If k is not an integer >= 0; when sizes are known, if there are fewer than k sources and no multapses.
    """
    return FixedIndegree(_integer("fixed_indegree", "k", k), *_flags("fixed_indegree", allow_autapses, allow_multapses))


def fixed_outdegree(k: int, allow_autapses: bool = True, allow_multapses: bool = True) -> FixedOutdegree:
    """Return the rule that gives every source `k` targets, drawn uniformly. Errors as :func:`fixed_indegree`."""
    return FixedOutdegree(_integer("fixed_outdegree", "k", k), *_flags("fixed_outdegree", allow_autapses, allow_multapses))


def fixed_total(n: int, allow_autapses: bool = True, allow_multapses: bool = True) -> FixedTotal:
    """Return the rule that makes `n` synapses over all pairs (independent draws, or distinct pairs).

    Raises
    ------
    InvalidValueError
        If n is not an integer >= 0; when sizes are known, if there are fewer than n pairs and no multapses.
    """
    return FixedTotal(_integer("fixed_total", "n", n, 2**62), *_flags("fixed_total", allow_autapses, allow_multapses))


def from_pairs(pre_ids: Any, post_ids: Any, allow_multapses: bool = True) -> FromPairs:
    """Return the rule that lists the synapses.

    Parameters
    ----------
    pre_ids, post_ids : array of int, shape (n_synapses,)
        Indices within the selections that are connected. Listed weights and delays come in the same order.
    allow_multapses : bool
        Whether a pair may stand several times.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        If the ids are no integers, differ in number, are negative or (when sizes are known) out of range.
    """
    pre, post = _indices("pre_ids", pre_ids), _indices("post_ids", post_ids)
    if pre.size != post.size:
        raise InvalidValueError(f"from_pairs: wanted as many pre_ids as post_ids, got {pre.size} and {post.size}")
    if not _flag("from_pairs", "allow_multapses", allow_multapses) and pre.size:
        code = post.astype(np.int64) << 32 | pre
        order = np.argsort(code, kind="stable")
        again = order[1:][code[order[1:]] == code[order[:-1]]]
        if again.size:
            i = int(again.min())
            raise InvalidValueError(
                f"from_pairs: allow_multapses=False, but pair {i}, ({pre[i]}, {post[i]}), repeats an earlier one "
                f"({again.size} repeated)"
            )
    return FromPairs(pre, post)


def from_matrix(W: Any, keep_zeros: bool = False) -> FromMatrix:
    """Return the rule that makes a synapse of every non-zero entry of a weight matrix.

    Parameters
    ----------
    W : array or scipy.sparse, shape (n_post, n_pre)
        W[i, j] is the weight from source j to target i. Duplicate entries of a sparse matrix are summed, as
        everywhere in SciPy. The order of synapses (for listed delays) is by row, then by column.
    keep_zeros : bool
        Whether zeros stored in a sparse matrix are synapses of weight 0, or none (the default).

    Raises
    ------
    InvalidTypeError, InvalidValueError
        If W is no real matrix or has an entry that is not finite.
    """
    if scipy.sparse.issparse(W):
        _real("from_matrix: W", W.dtype)
        csr = scipy.sparse.csr_array(W, dtype=np.float64, copy=True)
        csr.sum_duplicates()
        csr.sort_indices()
        if not _flag("from_matrix", "keep_zeros", keep_zeros):
            csr.eliminate_zeros()
        shape, pre, values = csr.shape, csr.indices, csr.data
        post = np.repeat(np.arange(shape[0]), np.diff(csr.indptr))
    else:
        dense = np.asarray(W)
        _real("from_matrix: W", dense.dtype)
        if dense.ndim != 2:
            raise InvalidValueError(f"from_matrix: W: wanted shape (n_post, n_pre), got shape {dense.shape}")
        shape = dense.shape
        post, pre = np.nonzero(dense)
        values = dense[post, pre].astype(np.float64)
    bad = np.flatnonzero(~np.isfinite(values))
    if bad.size:
        i = bad[0]
        raise InvalidValueError(
            f"from_matrix: W: wanted finite weights, got {values[i]} at [{post[i]}, {pre[i]}] ({bad.size} not finite)"
        )
    return FromMatrix(
        _frozen(pre.astype(np.int32)), _frozen(post.astype(np.int32)), _frozen(values), (int(shape[0]), int(shape[1]))
    )


# -- checks -----------------------------------------------------------------------------------------------------------


def _options(rule: Any, before: str = "") -> str:
    off = [f"{name}=False" for name in ("allow_autapses", "allow_multapses") if not getattr(rule, name, True)]
    return before + ", ".join(off) if off else ""


def _check_degree(rule: Any, where: str, n: int, shared: int, others: str, degree: str) -> None:
    own = 1 if shared and not rule.allow_autapses else 0
    if rule.k > n - own if not rule.allow_multapses else rule.k and n - own <= 0:
        without = " and ".join(
            word for word, given in (("autapses", not own), ("multapses", rule.allow_multapses)) if not given
        )
        raise InvalidValueError(
            f"{where}: {rule!r}: {degree} {rule.k}, but there are only {n - own} {others}"
            f"{' without ' + without if without else ''}; lower k or allow multapses"
        )


def _flag(where: str, name: str, value: Any) -> bool:
    if not isinstance(value, (bool, np.bool_)):
        raise InvalidTypeError(f"{where}: {name}: wanted True or False, got {type(value).__name__} {value!r}")
    return bool(value)


def _flags(where: str, autapses: Any, multapses: Any) -> tuple[bool, bool]:
    return _flag(where, "allow_autapses", autapses), _flag(where, "allow_multapses", multapses)


def _integer(where: str, name: str, value: Any, limit: int = LIMIT) -> int:
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, float, np.integer, np.floating)):
        raise InvalidTypeError(f"{where}: {name}: wanted an integer >= 0, got {type(value).__name__} {value!r}")
    if not (0 <= value <= limit) or value != int(value):
        raise InvalidValueError(f"{where}: {name} must be an integer in 0 ... {limit}, got {value!r}")
    return int(value)


def _real(where: str, dtype: np.dtype) -> None:
    if dtype.kind not in "iuf":
        raise InvalidTypeError(f"{where}: wanted real numbers, got an array of {dtype}")


def _indices(name: str, given: Any) -> np.ndarray:
    ids = np.asarray(given)
    if ids.size == 0:
        ids = ids.astype(np.int64)
    if ids.ndim != 1:
        raise InvalidValueError(f"from_pairs: {name}: wanted a list of indices, got shape {ids.shape}")
    if ids.dtype.kind not in "iu":
        raise InvalidTypeError(f"from_pairs: {name}: wanted integers, got an array of {ids.dtype}")
    bad = np.flatnonzero((ids < 0) | (ids > LIMIT))
    if bad.size:
        raise InvalidValueError(
            f"from_pairs: {name} must lie in 0 ... {LIMIT}, got {ids[bad[0]]} at pair {bad[0]} ({bad.size} out of range)"
        )
    return _frozen(ids.astype(np.int32))


def _frozen(array: np.ndarray) -> np.ndarray:
    array.setflags(write=False)
    return array
