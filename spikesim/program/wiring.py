"""A projection made concrete: which synapses there are, with which weights and delays.

Everything is a function of (seed, name of the projection, target): the j-th synapse of target t takes word
2^32 t + j of the streams "sources", "weights" and "delays".  So any worker builds the synapses of its own
targets alone, and they are the same for every partition.  `Wiring.edges` lists them plainly; `build` puts
them where the loops want them.

Where a rule looks at pairs, or weights or delays are made of distance, `Wiring.own` lists the synapses of some targets
first (spikesim/program/wiring_pairs.py says how): the loops know lists.

Drawn weights are rounded to float32; listed ones and constants are exact.  On a grid a drawn delay is the step (at
least one) nearest to the quantile of its law; without one, every delay is kept in ms as it was given or drawn.
"""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

from ..errors import InvalidValueError
from ..grid import Grid
from ..network.geometry import Geometry, nowhere
from ..network.law import Law, evaluated
from ..network.memory import expected_by_pair
from ..network.recipe import LISTED
from ..network.rule import ByPair, Plan, Rule, recipe
from ..network.rule_lists import from_pairs
from ..random import Distribution, Key, key
from .wiring_loops import (
    Delays,
    Space,
    Weights,
    drawn,
    listing,
    place,
    quantiles,
)
from .wiring_pairs import found as pairs
from .wiring_plans import delays_of, listed, nearest_steps, of_pairs, planned, position, rank, single, slots, unlocked

__all__ = ["Wiring"]

#: The longest delay in steps (int32), and the most steps that one law of delays may reach over.
LONGEST, WIDEST = 2**31 - 2, 2**20


class Wiring:
    """The synapses of one projection, as functions of the target.

    Parameters
    ----------
    name : str
        Name of the projection: random streams are keyed by it.
    rule : Rule
    pre_ids, post_ids : int64 array
        Global ids of the neurons on both sides, without repeats. A group is one population to the rule.
    weight : float, Distribution, Law or float64 array (one a synapse, in one of ``rule.shapes``)
        Not looked at where the rule brings its own.
    delay : float, Distribution, Law or float64 array (ms)
    grid : Grid or None
        Without one, delays are kept in ms.
    seed : int
    places : Geometry, optional
        How far apart neurons stand; unknown unless given.

    Attributes
    ----------
    min_delay, max_delay : int (without a grid: float)
        Bounds in steps (ms): no synapse lies outside.
    moved : int
        How many listed or drawn delays are moved to the grid (drawn: all; their expected number).
    largest_shift : float
        By how much (ms) at most (drawn: an upper bound).

    Raises
    ------
    InvalidValueError
        If the rule cannot be fulfilled with these sizes, a single delay is no multiple of dt or below dt,
        a delay is too long for the grid, or (without a grid) a drawn one is not > 0.
    """

    min_delay: Any
    max_delay: Any

    def __init__(
        self,
        name: str,
        rule: Rule,
        pre_ids: np.ndarray,
        post_ids: np.ndarray,
        weight: float | Distribution | Law | np.ndarray | None,
        delay: float | Distribution | Law | np.ndarray,
        grid: Grid | None,
        seed: int,
        places: Geometry | None = None,
    ) -> None:
        self.name, self.rule, self.seed, self.grid = name, rule, seed, grid
        #: Whether delays are kept in ms.
        self.exact = grid is None
        self.pre_ids = np.ascontiguousarray(pre_ids, np.int64)
        self.post_ids = np.ascontiguousarray(post_ids, np.int64)
        self.n_pre, self.n_post = self.pre_ids.size, self.post_ids.size
        own = position(self.pre_ids, self.post_ids)
        rule.check(f"projection {name!r}", self.n_pre, self.n_post, int(np.count_nonzero(own >= 0)))
        self.places = nowhere(self.n_pre, self.n_post) if places is None else places
        #: The rule where it looks at pairs: then `plan` is empty, and `own` lists.
        self.by_pair: ByPair | None = None
        #: Weights and delays that are made of distance.
        self.weight_law: Law | None = None
        self.delay_law: Law | None = None
        self.plan: Plan
        self._set_plan(own)
        self._set_weights(weight if rule.weights is None else rule.weights)
        self._set_delays(f"projection {name!r}: delay", delay, grid)
        self.plan = self.plan._replace(order=None)  # all that was listed stands by target now

    def _set_plan(self, own: np.ndarray) -> None:
        stream = key(self.seed, "sources", self.name)
        found = self.rule.plan(self.n_pre, self.n_post, own, stream)
        if not isinstance(found, ByPair):
            self.plan = planned(found, self.n_pre, self.n_post, stream)
            return
        where = f"projection {self.name!r}"
        if found.turned:  # sources choose: all at once, as a list
            many, post = pairs(where, found, self.places.turned(), np.arange(self.n_pre))
            pre = np.repeat(np.arange(self.n_pre, dtype=np.int32), many)
            self.plan = of_pairs(self.n_pre, self.n_post, pre, post, stream)._replace(order=None)
            return
        self.by_pair = found
        total, at_least_one = expected_by_pair(found, self.places), self.n_pre * self.n_post > 0
        each = np.full(self.n_post, max(total, float(at_least_one)) / max(self.n_post, 1))
        nothing, none = np.full(self.n_post, -1, np.int64), np.zeros(self.n_post + 1, np.int64)
        self.plan = Plan(recipe(LISTED, self.n_pre, nothing, stream, indptr=none), each, 0)

    def own(self, targets: np.ndarray) -> Wiring:
        """Return the wiring of these targets alone as the loops know it: with its sources, weights and delays listed.

        Raises
        ------
        InvalidValueError, InvalidTypeError
            If a law gives a probability outside [0, 1], a delay that is not > 0, or anything that is no finite number.
        """
        if self.by_pair is None and self.weight_law is None and self.delay_law is None:
            return self
        where, targets = f"projection {self.name!r}", np.sort(np.asarray(targets, np.int64))
        if self.by_pair is not None:
            many, pre = pairs(where, self.by_pair, self.places, targets)
        else:
            many, pre = listed(self.plan.recipe, self.plan.most, targets)
        post = np.repeat(targets, many)
        indptr = np.zeros(self.n_post + 1, np.int64)
        indptr[targets + 1] = many
        made, old = copy.copy(self), self.plan.recipe
        made.by_pair = made.weight_law = made.delay_law = None
        nothing = np.full(self.n_post, -1, np.int64)
        new = recipe(LISTED, self.n_pre, nothing, Key(old.a, old.b), indptr=np.cumsum(indptr), listed=pre)
        made.plan = Plan(new, self.plan.expected, int(many.max(initial=0)))
        entry = np.repeat(old.indptr[targets] if old.indptr.size else many, many) + rank(many)
        distance = self.places.distances(pre, post)
        if self.weight_law is not None:
            values = evaluated(f"{where}: weight", self.weight_law, pre, post, distance)
            made.weights = self.weights._replace(kind=2, listed=values)
        elif self.weights.kind == 2:
            made.weights = self.weights._replace(listed=self.weights.listed[entry])
        if self.delay_law is not None:
            made._set_listed(delays_of(f"{where}: delay (ms)", self.delay_law, pre, post, distance))
        elif self._steps is not None:
            made._steps = self._steps[entry]
        return made

    def with_weights(self, weight: float | np.ndarray) -> Wiring:
        """Return the same synapses with other weights: one for all, or one a synapse in the order of `edges`."""
        made = copy.copy(self)
        if np.ndim(weight) and (self.by_pair is not None or self.plan.recipe.kind != LISTED):
            pre, post, _, delay = self.edges()
            time: Any = delay if self.grid is None else self.grid.times(delay)
            if self.min_delay == self.max_delay:
                time = float(self.min_delay if self.grid is None else self.grid.time(self.min_delay))
            rule = from_pairs(pre, post)
            return Wiring(self.name, rule, self.pre_ids, self.post_ids, weight, time, self.grid, self.seed)
        made.plan = self.plan._replace(order=None)
        made._set_weights(weight)
        return made

    def _set_weights(self, given: Any) -> None:
        stream = key(self.seed, "weights", self.name)
        law, each, kind = np.zeros(7), np.zeros(0), 0
        self.weight_law = given if isinstance(given, Law) else None
        #: The weight of all synapses, or None where each has its own, stored as `weight_type`.
        self.constant: float | None = None
        self.weight_type: type = np.float32
        if isinstance(given, Law):
            self.weight_type = np.float64
        elif isinstance(given, Distribution) and given.low < given.high:
            kind, law = 1, given.law
        elif np.ndim(given):
            kind, each = 2, self._by_target(np.asarray(given, np.float64))
            self.weight_type = np.float32 if single(each) else np.float64
        else:
            self.constant = given.low if isinstance(given, Distribution) else float(given)
        self.weights = Weights(kind, stream.a, stream.b, law, each)

    @property
    def drawn(self) -> bool:
        """Whether the weights are drawn, and so rounded to single precision."""
        return self.weights.kind == 1

    def _by_target(self, values: np.ndarray) -> np.ndarray:
        """Listed values in the order (target, j)."""
        recipe = self.plan.recipe
        if values.ndim == 1:
            return unlocked(values) if self.plan.order is None else values[self.plan.order]
        if recipe.kind == LISTED:  # a matrix of values for a list of pairs
            return values[np.repeat(np.arange(self.n_post), np.diff(recipe.indptr)), recipe.listed]
        kept = np.ones(values.shape, bool)
        without = np.flatnonzero(recipe.own >= 0)
        kept[without, recipe.own[without]] = False
        return values[kept]

    def _set_delays(self, where: str, given: Any, grid: Grid | None) -> None:
        self.moved, self.largest_shift = 0, 0.0
        #: Draws from which on the delay is min_delay + 1, + 2, ... steps.
        self._thresholds = np.zeros(0, np.uint64)
        #: Listed delays in steps (ms), and the different ones.
        self._steps: np.ndarray | None = None
        self._different: np.ndarray = np.zeros(0, np.int64)
        if isinstance(given, Law):
            self._set_law(given)
        elif grid is None:
            self._set_exact(where, given)
        elif isinstance(given, Distribution) and given.low < given.high:
            self._set_drawn(where, given, grid)
        elif np.ndim(given):
            times = self._by_target(np.asarray(given, np.float64))
            self.plan = self.plan._replace(order=None)  # weights and delays stand by target now
            self._set_listed(times)
        else:
            time = given.low if isinstance(given, Distribution) else given
            self.min_delay = self.max_delay = grid.steps(time, where, least=1)
            _not_too_long(where, float(time), grid)

    def _set_listed(self, times: np.ndarray) -> None:
        """Keep one delay a synapse: on a grid the nearest step, without one as it is."""
        if self.grid is None:
            self._steps = times
            self._different = np.unique(times)
            self.min_delay, self.max_delay = (
                (float(self._different[0]), float(self._different[-1])) if times.size else (np.inf, 0.0)
            )
            return
        _not_too_long(f"projection {self.name!r}: delay", float(times.max(initial=0.0)), self.grid)
        self._steps, self.moved, self.largest_shift = nearest_steps(self.grid, times)
        self._different = np.unique(self._steps)
        self.min_delay, self.max_delay = (int(self._different[k]) if times.size else 1 for k in (0, -1))

    def _set_law(self, law: Law) -> None:
        """Bound the delays by the law's own bounds; where those say too little, by listing all synapses."""
        ends = np.zeros(1), np.array([self.places.longest if self.places.known else np.inf])
        low, high = (float(end[0]) for end in law.bounds(*ends))
        known = 0.0 < low <= high < (np.inf if self.grid is None else LONGEST * self.grid.dt)
        if not known:
            self.min_delay = self.max_delay = 1
            self.delay_law = law
            made = self.own(np.arange(self.n_post))
            self.__dict__.update(made.__dict__)
            return
        self.delay_law = law
        if self.grid is None:
            self.min_delay, self.max_delay = low * (1.0 - 1e-12), high * (1.0 + 1e-12)
            return
        around = self.grid.nearest(np.array([low * (1.0 - 1e-12), high * (1.0 + 1e-12)]))[0]
        self.min_delay, self.max_delay = int(around[0]), int(around[1])
        self.moved, self.largest_shift = round(self.expected), max(self.grid.dt / 2, self.grid.dt - low)

    def _set_drawn(self, where: str, law: Distribution, grid: Grid) -> None:
        """Find by bisection the smallest 52-bit draw of every step; then no synapse needs a quantile."""

        def steps(draws: np.ndarray) -> np.ndarray:
            times = np.empty(draws.size, np.float64)
            quantiles(law.law, draws, times)
            _not_too_long(where, float(times.max(initial=0.0)), grid)
            return grid.nearest(times)[0]

        ends = np.array([0, 2**52 - 1], np.uint64)
        self.min_delay, self.max_delay = (int(s) for s in steps(ends))
        wanted = np.arange(self.min_delay + 1, self.max_delay + 1)
        if wanted.size >= WIDEST:
            raise InvalidValueError(
                f"{where}: {law!r} reaches over {wanted.size + 1} steps of {grid.dt:g} ms, at most "
                f"{WIDEST} are possible; give low= and high=, or a longer dt"
            )
        low, high = np.full(wanted.size, ends[0]), np.full(wanted.size, ends[1])  # steps(low) < wanted <= steps(high)
        while wanted.size and int((high - low).max()) > 1:
            middle = (low + high) >> np.uint64(1)
            reached = steps(middle) >= wanted
            low, high = np.where(reached, low, middle), np.where(reached, middle, high)
        self._thresholds = high
        shortest = np.empty(1)
        quantiles(law.law, ends[:1], shortest)
        self.moved, self.largest_shift = round(self.expected), max(grid.dt / 2, grid.dt - float(shortest[0]))

    def _set_exact(self, where: str, given: Any) -> None:
        """Keep delays in ms; drawn ones are listed, and with them the pairs."""
        if isinstance(given, Distribution) and given.low < given.high:
            self._set_listed(self._draw(where, given))
        elif np.ndim(given):
            self._set_listed(self._by_target(np.asarray(given, np.float64)))
        else:
            self.min_delay = self.max_delay = float(given.low if isinstance(given, Distribution) else given)
            self._different = np.array([self.min_delay])

    def _draw(self, where: str, law: Distribution) -> np.ndarray:
        """Return the delay of every synapse (ms), in the order (target, j), and let the plan list the pairs."""
        self._different = np.zeros(1)
        self.min_delay = 0.0
        pre, post, _, _ = self.edges()
        rank = np.arange(post.size) - np.searchsorted(post, post)
        stream = key(self.seed, "delays", self.name)
        times = np.empty(post.size)
        drawn(stream.a, stream.b, law.law, post, rank, times)
        if times.size and not times.min() > 0.0:
            k = int(np.argmin(times))
            raise InvalidValueError(
                f"{where} (ms) must be > 0, but {law!r} drew {times[k]:g} for the synapse from {pre[k]} to {post[k]} "
                f"({np.count_nonzero(times <= 0)} such synapses); give low= above 0"
            )
        self.plan = of_pairs(self.n_pre, self.n_post, pre, post, key(self.seed, "sources", self.name))
        self.plan = self.plan._replace(order=None)
        self.by_pair = None
        return times

    def delays(self, table: np.ndarray | None = None) -> Delays:
        """Return what the kernels take; a slot is a position in a table of delays, or the delay itself (steps)."""
        kind = 2 if self._steps is not None else 1 if self._thresholds.size else 0
        first = self.min_delay
        listed: np.ndarray = np.zeros(0, np.int32) if self._steps is None else self._steps
        if table is not None:
            first, listed = int(np.searchsorted(table, first)), slots(table, listed)
        thresholds = np.append(self._thresholds, np.uint64(2**63))
        guide = np.searchsorted(thresholds, np.arange(4096, dtype=np.uint64) << np.uint64(40), side="right")
        stream = key(self.seed, "delays", self.name)
        return Delays(
            kind, first, stream.a, stream.b, thresholds, guide.astype(np.int32), listed.astype(np.int32, copy=False)
        )

    def possible_delays(self) -> np.ndarray:
        """Return the delays that can occur, int64 steps (float64 ms), ascending."""
        if self.exact or self._steps is not None:
            return self._different
        return np.arange(self.min_delay, self.max_delay + 1)

    def in_degree(self) -> np.ndarray:
        """Return the expected number of synapses a target, float64 (n_post,); exact but for probabilities."""
        return self.plan.expected

    @property
    def expected(self) -> float:
        """The expected number of synapses."""
        return float(self.plan.expected.sum())

    @np.errstate(over="ignore")  # in plain Python, on a thread of its own: random words wrap on purpose
    def edges(self, targets: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Return all synapses (of these targets) in the order (target, j).

        Returns
        -------
        pre, post : int64 arrays
            Indices within the two sides.
        weight : float64 array
        delay : int64 array
            In steps; without a grid float64, in ms.
        """
        if targets is None:
            targets = np.arange(self.n_post)
        own = self.own(targets)
        if own is not self:
            return own.edges(targets)
        delays = self.delays(self._different if self.exact else None)
        recipe, space = self.plan.recipe, Space.of(self.n_pre, self.plan.most)
        space.weight[:] = self.constant if self.constant is not None else np.nan
        targets = np.asarray(targets, np.int64)
        ends, none = np.zeros(self.n_pre, np.int64), np.zeros(0, np.uint16)
        size = place(True, recipe, None, None, np.arange(self.n_pre), targets, targets, space, ends, none, None, None)
        pre, post, delay = np.empty((3, size), np.int64)
        weight = np.empty(size)
        listing(recipe, delays, self.weights, targets, space, pre, post, weight, delay)
        return pre, post, weight, self._different[delay] if self.exact else delay


def _not_too_long(where: str, time: float, grid: Grid) -> None:
    if time > LONGEST * grid.dt:
        raise InvalidValueError(f"{where}: at most {LONGEST} steps of dt = {grid.dt:g} ms fit, got {time!r} ms")
