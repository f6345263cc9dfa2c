"""Rules of connection: which of the possible pairs (source, target) become synapses.

===================== ================================================================================
all_to_all()          every pair
one_to_one()          the i-th source to the i-th target
fixed_probability(p)  every pair on its own with probability p: a number, or a law of distance
fixed_indegree(k)     k sources a target
fixed_outdegree(k)    k targets a source
fixed_total(n)        n synapses over all pairs
from_pairs(pre, post) the pairs as given
from_function(f)      every pair on its own with probability f(pre, post, distance)
from_matrix(W)        the non-zero entries of W (n_post, n_pre), row = target, as in z = W x + b
===================== ================================================================================

An *autapse* joins a neuron to itself; a *multapse* is one of several synapses of one pair.  With multapses,
draws are independent; without, all sets of distinct pairs that fit the rule are equally likely.  With a kernel,
partners are drawn with probabilities in proportion to it (without multapses one after the other, among those not
drawn yet).  The terms are those of Senk et al. 2022, "Connectivity concepts in neuronal network modeling", PLoS
Comput Biol 18:e1010086.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import InvalidTypeError, InvalidValueError
from ..keywords import named
from ..random import Key
from . import checked
from .law import Law
from .recipe import ALL, DISTINCT, INDEPENDENT, ONE, SKIPS
from .rule import LIMIT, ByPair, Plan, Rule, Turned, boundary_value, flag, recipe
from .rule_function import FromFunction, from_function
from .rule_lists import FromMatrix, FromPairs, from_matrix, from_pairs

__all__ = [
    "AllToAll", "FixedIndegree", "FixedOutdegree", "FixedProbability", "FixedTotal",
    "FromFunction", "FromMatrix", "FromPairs", "OneToOne", "Plan", "Rule", "all_to_all",
    "fixed_indegree", "fixed_outdegree", "fixed_probability", "fixed_total", "from_function",
    "from_matrix", "from_pairs", "one_to_one",
]  # fmt: skip


@dataclass(frozen=True, repr=False)
class AllToAll(Rule):
    """See :func:`all_to_all`."""

    allow_autapses: bool = True
    boundary: str = "open"

    def shapes(self, n_pre: int, n_post: int) -> tuple[tuple[int, ...], ...]:
        return ((n_post, n_pre),)

    def plan(self, n_pre: int, n_post: int, own: np.ndarray, stream: Key) -> Plan:
        own = self._left_out(own)
        degree = n_pre - (own >= 0)
        indptr = np.concatenate(([0], np.cumsum(degree, dtype=np.int64)))
        return Plan(recipe(ALL, n_pre, own, stream, indptr=indptr), degree.astype(np.float64), n_pre)

    def __repr__(self) -> str:
        return self._text()


@dataclass(frozen=True, repr=False)
class OneToOne(Rule):
    """See :func:`one_to_one`."""

    def check(self, where: str, n_pre: int, n_post: int, shared: int = 0) -> None:
        if n_pre != n_post:
            raise InvalidValueError(
                f"{where}: one_to_one() wants as many sources as targets, got {n_pre} sources and {n_post} targets"
            )

    def shapes(self, n_pre: int, n_post: int) -> tuple[tuple[int, ...], ...]:
        return ((n_post,),)

    def plan(self, n_pre: int, n_post: int, own: np.ndarray, stream: Key) -> Plan:
        made = recipe(ONE, n_pre, np.full_like(own, -1), stream, indptr=np.arange(n_post + 1))
        return Plan(made, np.ones(n_post), 1)

    def __repr__(self) -> str:
        return self._text()


@dataclass(frozen=True, repr=False)
class FixedProbability(Rule):
    """See :func:`fixed_probability`."""

    p: float | Law
    allow_autapses: bool = True
    boundary: str = "open"

    def plan(self, n_pre: int, n_post: int, own: np.ndarray, stream: Key) -> Plan | ByPair:
        own = self._left_out(own)
        if isinstance(self.p, Law):
            return ByPair(self.p, stream, own)
        expected = self.p * (n_pre - (own >= 0))
        if self.p == 0.0:
            none = np.zeros(n_post, np.int64)
            return Plan(recipe(INDEPENDENT, n_pre, own, stream, degree=none), expected, 0)
        log_q = math.log1p(-self.p) if self.p < 1.0 else -math.inf
        return Plan(recipe(SKIPS, n_pre, own, stream, log_q=log_q), expected, n_pre)

    def __repr__(self) -> str:
        return self._text(repr(self.p) if isinstance(self.p, Law) else f"{self.p:g}")


@dataclass(frozen=True, repr=False)
class FixedIndegree(Rule):
    """See :func:`fixed_indegree`."""

    k: int
    allow_autapses: bool = True
    allow_multapses: bool = True
    kernel: Law | None = None
    boundary: str = "open"

    def check(self, where: str, n_pre: int, n_post: int, shared: int = 0) -> None:
        if n_post:
            _check_degree(self, f"{where}: {self!r}", n_pre, shared, "sources")

    def plan(self, n_pre: int, n_post: int, own: np.ndarray, stream: Key) -> Plan | ByPair:
        if self.kernel is not None:
            return ByPair(self.kernel, stream, self._left_out(own), self.k, not self.allow_multapses)
        degree = np.full(n_post, self.k, np.int64)
        kind = INDEPENDENT if self.allow_multapses else DISTINCT
        made = recipe(kind, n_pre, self._left_out(own), stream, degree=degree)
        return Plan(made, degree.astype(np.float64), self.k if n_post else 0)

    def __repr__(self) -> str:
        return self._text(str(self.k), *_said(self.kernel))


@dataclass(frozen=True, repr=False)
class FixedOutdegree(Rule):
    """See :func:`fixed_outdegree`. The drawn list is kept: 4 bytes a synapse."""

    k: int
    allow_autapses: bool = True
    allow_multapses: bool = True
    kernel: Law | None = None
    boundary: str = "open"

    def check(self, where: str, n_pre: int, n_post: int, shared: int = 0) -> None:
        if n_pre:
            _check_degree(self, f"{where}: {self!r}", n_post, shared, "targets")

    def plan(self, n_pre: int, n_post: int, own: np.ndarray, stream: Key) -> Turned | ByPair:
        itself = np.full(n_pre, -1, np.int64)
        both = np.flatnonzero(own >= 0)
        itself[own[both]] = both
        turned = FixedIndegree(self.k, self.allow_autapses, self.allow_multapses, self.kernel)  # sides exchanged
        found = turned.plan(n_post, n_pre, itself, stream)
        return found._replace(turned=True) if isinstance(found, ByPair) else Turned(found.recipe, self.k)

    def __repr__(self) -> str:
        return self._text(str(self.k), *_said(self.kernel))


@dataclass(frozen=True, repr=False)
class FixedTotal(Rule):
    """See :func:`fixed_total`. Only the in-degrees are kept; they are drawn first, exactly."""

    n: int
    allow_autapses: bool = True
    allow_multapses: bool = True

    def check(self, where: str, n_pre: int, n_post: int, shared: int = 0) -> None:
        pairs = n_pre * n_post - (0 if self.allow_autapses else shared)
        if self.n > pairs and not (self.allow_multapses and pairs):
            raise InvalidValueError(
                f"{where}: {self!r}: {n_pre} sources and {n_post} targets make only {pairs} pairs"
                f"{'; lower n or allow multapses' if pairs else ''}"
            )

    def plan(self, n_pre: int, n_post: int, own: np.ndarray, stream: Key) -> Plan:
        own = self._left_out(own)
        room = (n_pre - (own >= 0)).astype(np.int64)
        generator = np.random.Generator(np.random.Philox(key=np.array([stream.a, stream.b], np.uint64)))
        if self.n == 0:
            kind, degree = INDEPENDENT, np.zeros(n_post, np.int64)
        elif self.allow_multapses:
            kind, degree = INDEPENDENT, generator.multinomial(self.n, room / int(room.sum())).astype(np.int64)
        else:
            kind, degree = DISTINCT, _shares(generator, self.n, room)
        made = recipe(kind, n_pre, own, stream, degree=degree)
        return Plan(made, degree.astype(np.float64), int(degree.max(initial=0)))

    def __repr__(self) -> str:
        return self._text(str(self.n))


def _shares(generator: np.random.Generator, n: int, room: np.ndarray) -> np.ndarray:
    """In-degrees of n distinct pairs, `room` pairs a target: multivariate hypergeometric, for any numbers.

    Every pair is taken with probability n / pairs; then as many as are too many (too few), of the order of
    sqrt(n), are taken away (added) at random.  Given its size the set was uniform, and it stays so.
    """
    degree = generator.binomial(room, n / int(room.sum())).astype(np.int64)
    surplus = int(degree.sum()) - n
    pool = degree if surplus > 0 else room - degree
    ends, chosen = np.cumsum(pool), set[int]()
    while len(chosen) < abs(surplus):
        chosen.add(int(generator.integers(ends[-1])))
    target = np.searchsorted(ends, np.array(sorted(chosen), np.int64), side="right")
    return degree - int(np.sign(surplus)) * np.bincount(target, minlength=room.size)


def _check_degree(rule: FixedIndegree | FixedOutdegree, where: str, n: int, shared: int, others: str) -> None:
    """Refuse a degree that the n others, or the n - 1 without the neuron itself, cannot give."""
    n -= 1 if shared and not rule.allow_autapses else 0
    if rule.k > n and not (rule.allow_multapses and n > 0):
        hint = f"; k <= {n}, or allow multapses" if n > 0 else ""
        raise InvalidValueError(f"{where}: there are only {max(n, 0)} possible {others}{hint}")


def _said(kernel: Law | None) -> tuple[str, ...]:
    return () if kernel is None else (f"kernel={kernel!r}",)


def _kernel(where: str, kernel: Any) -> Law | None:
    if kernel is not None and not isinstance(kernel, Law):
        raise InvalidTypeError(
            f"{where}: kernel: wanted a law of distance such as gaussian(0.1), got {type(kernel).__name__} "
            f"{checked.short(kernel)}"
        )
    return kernel


def _flags(where: str, autapses: bool, multapses: bool) -> tuple[bool, bool]:
    return flag(f"{where}: allow_autapses", autapses), flag(f"{where}: allow_multapses", multapses)


# -- what users call ----------------------------------------------------------------------------------------


@named
def all_to_all(allow_autapses: bool = True, boundary: str = "open") -> AllToAll:
    """Return the rule that joins every source to every target.

    Listed weights and delays have shape (n_post, n_pre), row = target; those of autapses left out are unused.
    `boundary` ("open" or "torus") says how far apart neurons stand where weights or delays are made of distance.

    Parameters
    ----------
    allow_autapses : bool
        Whether a neuron is joined to itself.
    boundary : {"open", "torus"}
        How far apart neurons stand where weights or delays are made of distance.

    Returns
    -------
    Rule
        For :meth:`Network.connect`.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        If these are no such values.

    Examples
    --------
    >>> import spikesim as ss
    >>> ss.all_to_all(allow_autapses=False)
    all_to_all(allow_autapses=False)
    """
    return AllToAll(flag("all_to_all: allow_autapses", allow_autapses), boundary_value("all_to_all", boundary))


@named
def one_to_one() -> OneToOne:
    """Return the rule that joins the i-th source to the i-th target; listed values have shape (n,).

    Returns
    -------
    Rule
        For :meth:`Network.connect`.

    Raises
    ------
    InvalidValueError
        When sizes are known, if they differ.

    Examples
    --------
    >>> import spikesim as ss
    >>> ss.one_to_one()
    one_to_one()
    """
    return OneToOne()


@named
def fixed_probability(p: float | Law, allow_autapses: bool = True, boundary: str = "open") -> FixedProbability:
    """Return the rule that makes every pair a synapse with probability `p`, independently.

    Parameters
    ----------
    p : float or law of distance
        In [0, 1]: a number, or one of distance such as ``0.3 * ss.gaussian(sigma=0.1)``.
    allow_autapses : bool
    boundary : {"open", "torus"}
        Whether the edges of the layer are periodic, with its extent as the periods.

    Returns
    -------
    Rule
        For :meth:`Network.connect`.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        If p is no number in [0, 1] and no law; when places are known, if the law leaves [0, 1].

    Examples
    --------
    >>> import spikesim as ss
    >>> ss.fixed_probability(ss.gaussian(sigma=0.1), boundary="torus")
    fixed_probability(gaussian(0.1), boundary='torus')
    """
    edges = boundary_value("fixed_probability", boundary)
    allowed = flag("fixed_probability: allow_autapses", allow_autapses)
    if isinstance(p, Law):
        return FixedProbability(p, allowed, edges)
    number = checked.number("fixed_probability: p", p, least=0.0)
    if number > 1.0:
        raise InvalidValueError(f"fixed_probability: p must be in [0, 1], got {p!r}")
    return FixedProbability(number, allowed, edges)


@named
def fixed_indegree(
    k: int,
    allow_autapses: bool = True,
    allow_multapses: bool = True,
    kernel: Law | None = None,
    boundary: str = "open",
) -> FixedIndegree:
    """Return the rule that gives every target `k` sources, drawn uniformly from all (a group counts as one).

    With a `kernel`, a law of distance such as ``ss.gaussian(0.1)``, sources are drawn with probabilities in proportion
    to it; `boundary` says whether the edges of the layer are periodic ("torus").

    Parameters
    ----------
    k : int
        Sources of each target, >= 0.
    allow_autapses : bool
        Whether a neuron may be joined to itself.
    allow_multapses : bool
        Whether a pair may be joined several times.
    kernel : law of distance, optional
        Sources are drawn in proportion to it.
    boundary : {"open", "torus"}
        Whether the edges of the layer are periodic.

    Returns
    -------
    Rule
        For :meth:`Network.connect`.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        If k is no integer >= 0; when sizes are known, if there are fewer than k sources and no multapses.

    Examples
    --------
    >>> import spikesim as ss
    >>> ss.fixed_indegree(100, allow_multapses=False)
    fixed_indegree(100, allow_multapses=False)
    """
    flags = _flags("fixed_indegree", allow_autapses, allow_multapses)
    edges = boundary_value("fixed_indegree", boundary)
    return FixedIndegree(
        checked.count("fixed_indegree: k", k, most=LIMIT), *flags, _kernel("fixed_indegree", kernel), edges
    )


@named
def fixed_outdegree(
    k: int,
    allow_autapses: bool = True,
    allow_multapses: bool = True,
    kernel: Law | None = None,
    boundary: str = "open",
) -> FixedOutdegree:
    """Return the rule that gives every source `k` targets, drawn uniformly, or as a `kernel` says.

    Parameters
    ----------
    k : int
        Targets of each source, >= 0.
    allow_autapses : bool
        Whether a neuron may be joined to itself.
    allow_multapses : bool
        Whether a pair may be joined several times.
    kernel : law of distance, optional
        Targets are drawn in proportion to it.
    boundary : {"open", "torus"}
        Whether the edges of the layer are periodic.

    Returns
    -------
    Rule
        For :meth:`Network.connect`.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        As :func:`fixed_indegree`.

    Examples
    --------
    >>> import spikesim as ss
    >>> ss.fixed_outdegree(100, allow_autapses=False)
    fixed_outdegree(100, allow_autapses=False)
    """
    flags = _flags("fixed_outdegree", allow_autapses, allow_multapses)
    edges = boundary_value("fixed_outdegree", boundary)
    return FixedOutdegree(
        checked.count("fixed_outdegree: k", k, most=LIMIT), *flags, _kernel("fixed_outdegree", kernel), edges
    )


@named
def fixed_total(n: int, allow_autapses: bool = True, allow_multapses: bool = True) -> FixedTotal:
    """Return the rule that makes `n` synapses over all pairs: independent draws, or distinct pairs.

    Parameters
    ----------
    n : int
        Synapses in all, >= 0.
    allow_autapses : bool
        Whether a neuron may be joined to itself.
    allow_multapses : bool
        Whether a pair may be joined several times.

    Returns
    -------
    Rule
        For :meth:`Network.connect`.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        If n is no integer >= 0; when sizes are known, if there are fewer than n pairs and no multapses.

    Examples
    --------
    >>> import spikesim as ss
    >>> ss.fixed_total(10_000)
    fixed_total(10000)
    """
    flags = _flags("fixed_total", allow_autapses, allow_multapses)
    return FixedTotal(checked.count("fixed_total: n", n), *flags)
