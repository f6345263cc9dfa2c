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

import numpy as np

from ..errors import InvalidValueError
from ..keywords import named
from ..random import Key
from . import checked
from .law import Law
from .recipe import ALL, INDEPENDENT, ONE, SKIPS
from .rule import ByPair, Plan, Rule, boundary_value, flag, recipe
from .rule_degrees import FixedIndegree, FixedOutdegree, FixedTotal, fixed_indegree, fixed_outdegree, fixed_total
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
