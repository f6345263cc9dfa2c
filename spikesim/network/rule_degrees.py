"""Rules of connection by a number of synapses: of every target, of every source, or of all together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import InvalidTypeError, InvalidValueError
from ..keywords import named
from ..random import Key
from . import checked
from .law import Law
from .recipe import DISTINCT, INDEPENDENT
from .rule import LIMIT, ByPair, Plan, Rule, Turned, boundary_value, flag, recipe

__all__ = ["FixedIndegree", "FixedOutdegree", "FixedTotal", "fixed_indegree", "fixed_outdegree", "fixed_total"]


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
