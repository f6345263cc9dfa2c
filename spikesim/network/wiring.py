"""A projection made concrete: which synapses there are, with which weights and delays.

Everything is a function of (seed, name of the projection, target): the j-th synapse of target t takes word 2^32 t + j of
the streams "sources", "weights" and "delays".  So any worker builds the synapses of its own targets alone, and they are
the same for every partition.  `edges` lists them plainly; `build` puts them where the loops want them.

Drawn weights are rounded to float32, listed ones and constants are exact.  A drawn delay is the nearest step (at least
one) to the quantile of its law.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from ..errors import InvalidTypeError, InvalidValueError
from ..grid import Grid
from ..kernels.wiring import Delays, Weights, arrange, count, place, quantiles, segments, sources
from ..random import Distribution, key, words
from .rules import Plan, Rule

__all__ = ["Bundle", "Wiring", "build", "validate"]

#: Longest delay in steps, and most different delays that one law may give.
LONGEST, WIDEST = 2**31 - 2, 2**20


class Bundle(NamedTuple):
    """Synapses onto one port, by source and delay: a segment is what one spike delivers in one step.

    ============= ========================= ============================================================================
    port          int
    const         float                     weight of all, where `weight` is None
    source_ptr    int64 (n_neurons + 1,)    segments of source gid: source_ptr[gid] ... source_ptr[gid + 1] - 1
    seg_delay     int32 (n_seg,)            steps, ascending within a source
    seg_start     int64 (n_seg + 1,)        where its synapses start
    target        uint16|uint32 (n_syn,)    column in the port's row; uint16 where the row has at most 65536 columns
    weight        None|float32|float64      (n_syn,)
    ============= ========================= ============================================================================
    Within a segment synapses are in the order (wiring, target, j).
    """

    port: int
    const: float
    source_ptr: np.ndarray
    seg_delay: np.ndarray
    seg_start: np.ndarray
    target: np.ndarray
    weight: np.ndarray | None


def validate(
    where: str, rule: Any, n_pre: int, n_post: int, shared: int, weight: Any, delay: Any, least_delay: float = 0.0
) -> None:
    """Check a projection as far as it can be without the grid; `shared` neurons stand on both sides.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        If the rule does not fit the sizes, or weights or delays are not finite, not positive or of the wrong shape.
    """
    if not isinstance(rule, Rule):
        raise InvalidTypeError(
            f"{where}: rule: wanted a rule of connection such as fixed_indegree(100), got {type(rule).__name__} {rule!r}"
        )
    rule.check(where, n_pre, n_post, shared)
    if rule.weights is None:
        _checked(where, "weight", rule, n_pre, n_post, weight)
    elif weight is not None:
        raise InvalidValueError(f"{where}: weight: {rule!r} brings its own weights; leave weight out")
    times = _checked(where, "delay", rule, n_pre, n_post, delay)
    if isinstance(times, float) and times <= 0.0:
        raise InvalidValueError(f"{where}: delay must be > 0 ms, got {times!r} ms")


def _checked(where: str, what: str, rule: Rule, n_pre: int, n_post: int, given: Any) -> float | Distribution | np.ndarray:
    """Return a number, a distribution, or the listed values (float64, one of the rule's shapes)."""
    if isinstance(given, Distribution):
        return given
    array = np.asarray(given)
    if array.dtype.kind not in "iuf":
        raise InvalidTypeError(
            f"{where}: {what}: wanted a number, one number a synapse, or a distribution, got {type(given).__name__} "
            f"{str(given)[:60]}"
        )
    array = array.astype(np.float64)
    shapes = ((), *rule.shapes(n_pre, n_post))
    if array.shape not in shapes:
        turned = "; it looks transposed: a row is a target" if array.T.shape in shapes else ""
        wanted = " or ".join(str(s) for s in shapes[1:])
        wanted = f"one a synapse, shape {wanted}" if wanted else f"a number or a distribution ({rule!r} draws its pairs)"
        raise InvalidValueError(f"{where}: {what}: wanted {wanted}, got shape {array.shape}{turned}")
    bad = np.flatnonzero(~np.isfinite(array))
    if bad.size == 0 and what == "delay" and array.ndim:
        bad = np.flatnonzero(array < 0.0)
    if bad.size:
        at = f" at index {np.unravel_index(bad[0], array.shape)} ({bad.size} bad)" if array.ndim else ""
        wanted = "finite numbers" if what == "weight" else "finite times >= 0 ms"
        raise InvalidValueError(f"{where}: {what}: wanted {wanted}, got {array.flat[bad[0]]}{at}")
    return float(array) if array.ndim == 0 else array


class Wiring:
    """The synapses of one projection, as functions of the target.

    Parameters
    ----------
    name : str
        Name of the projection: random streams are keyed by it.
    rule : Rule
    pre_ids, post_ids : int64 array
        Global ids of the neurons on both sides, without repeats.
    weight : float, Distribution, array (one a synapse) or None (the rule brings them)
    delay : float, Distribution or array (ms)
    grid : Grid
    seed : int

    Attributes
    ----------
    min_delay, max_delay : int
        Bounds in steps; no synapse lies outside.
    largest_shift : float
        By how much (ms) rounding to the grid moves a listed or drawn delay at most (drawn: an upper bound).
    moved : int
        How many listed or drawn delays rounding moves (drawn: the expected number of synapses).
    """

    def __init__(
        self, name: str, rule: Rule, pre_ids: np.ndarray, post_ids: np.ndarray, weight: Any, delay: Any, grid: Grid, seed: int
    ) -> None:
        where = f"projection {name!r}"
        self.name, self.rule, self.seed = name, rule, seed
        self.pre_ids = np.ascontiguousarray(pre_ids, np.int64)
        self.post_ids = np.ascontiguousarray(post_ids, np.int64)
        self.n_pre, self.n_post = self.pre_ids.size, self.post_ids.size
        own = _position(self.pre_ids, self.post_ids)
        validate(where, rule, self.n_pre, self.n_post, int(np.count_nonzero(own >= 0)), weight, delay)
        self.plan: Plan = rule.plan(self.n_pre, self.n_post, own, key(seed, "sources", name))
        self._set_weights(where, weight)
        self._set_delays(where, delay, grid)

    # -- weights ------------------------------------------------------------------------------------------------------

    def _set_weights(self, where: str, weight: Any) -> None:
        given = self.rule.weights
        if given is None:
            given = _checked(where, "weight", self.rule, self.n_pre, self.n_post, weight)
        stream = key(self.seed, "weights", self.name)
        none = np.zeros(0, np.float64)
        #: Weight of all synapses, or None where each has its own.
        self.constant: float | None = None
        self._law: Distribution | None = None
        #: What is stored for each synapse, where `constant` is None.
        self.weight_type: type = np.float32
        if isinstance(given, Distribution) and given.low < given.high:
            self._law = given
            self.weights = Weights(1, stream.a, stream.b, given.law, none)
        elif isinstance(given, np.ndarray):
            listed = self._by_target(given)
            self.weights = Weights(2, stream.a, stream.b, np.zeros(7), listed)
            with np.errstate(over="ignore"):
                exact = np.array_equal(listed.astype(np.float32).astype(np.float64), listed)
            self.weight_type = np.float32 if exact else np.float64
        else:
            self.constant = given.low if isinstance(given, Distribution) else float(given)
            self.weights = Weights(0, stream.a, stream.b, np.zeros(7), none)

    def _by_target(self, values: np.ndarray) -> np.ndarray:
        """Listed values in the order (target, j)."""
        recipe = self.plan.recipe
        if values.ndim == 1:
            return values if self.plan.order is None else values[self.plan.order]
        if recipe.listed.size or self.plan.order is not None:  # a matrix of values for a list of pairs
            return values[np.repeat(np.arange(self.n_post), np.diff(recipe.indptr)), recipe.listed]
        kept = np.ones(values.shape, bool)
        left_out = np.flatnonzero(recipe.own >= 0)
        kept[left_out, recipe.own[left_out]] = False
        return values[kept]

    # -- delays -------------------------------------------------------------------------------------------------------

    def _set_delays(self, where: str, delay: Any, grid: Grid) -> None:
        where = f"{where}: delay"
        given = _checked(where, "delay", self.rule, self.n_pre, self.n_post, delay)
        self.stream = key(self.seed, "delays", self.name)
        self.moved, self.largest_shift = 0, 0.0
        self._thresholds = np.full(1, 2**63, np.uint64)
        self._steps: np.ndarray | None = None
        if isinstance(given, Distribution) and given.low < given.high:
            self._set_drawn(where, given, grid)
        elif isinstance(given, np.ndarray):
            times = self._by_target(given)
            self._too_long(where, float(times.max(initial=0.0)), grid)
            self._steps, self.largest_shift = grid.nearest(times)
            if self.largest_shift:
                self.moved = int(np.count_nonzero(np.abs(grid.times(self._steps) - times) > 1e-9 * grid.dt))
            self.min_delay = int(self._steps.min(initial=LONGEST)) if times.size else 1
            self.max_delay = int(self._steps.max(initial=1))
        else:
            time = given.low if isinstance(given, Distribution) else float(given)
            self._too_long(where, time, grid)
            self.min_delay = self.max_delay = grid.steps(time, where, least=1)

    def _too_long(self, where: str, time: float, grid: Grid) -> None:
        if time / grid.dt > LONGEST:
            raise InvalidValueError(f"{where}: at most {LONGEST} steps of {grid.dt:g} ms fit, got {time!r} ms")

    def _set_drawn(self, where: str, law: Distribution, grid: Grid) -> None:
        """Find by bisection the smallest 52-bit draw of every step: the law on the grid, without a quantile a synapse."""

        def time(draw: np.ndarray) -> np.ndarray:
            out = np.empty(draw.shape, np.float64)
            quantiles(law.law, draw, out)
            return out

        ends = time(np.array([0, 2**52 - 1], np.uint64))
        self._too_long(where, float(ends[1]), grid)
        steps, _ = grid.nearest(ends)
        self.min_delay, self.max_delay = int(steps[0]), int(steps[1])
        n = self.max_delay - self.min_delay
        if n >= WIDEST:
            raise InvalidValueError(
                f"{where}: {law!r} reaches over {n + 1} steps of {grid.dt:g} ms, at most {WIDEST} are possible; "
                "give low= and high=, or a longer dt"
            )
        wanted = np.arange(self.min_delay + 1, self.max_delay + 1)
        low, high = np.zeros(n, np.uint64), np.full(n, 2**52 - 1, np.uint64)  # step(low) < wanted <= step(high)
        while n and int((high - low).max()) > 1:
            middle = (low + high) >> np.uint64(1)
            reached = grid.nearest(time(middle))[0] >= wanted
            high, low = np.where(reached, middle, high), np.where(reached, low, middle)
        self._thresholds = np.append(high, np.uint64(2**63))
        self.moved = round(self.expected)
        self.largest_shift = max(grid.dt / 2, grid.time(1) - float(ends[0]))

    def _delays(self, slot_of: np.ndarray) -> Delays:
        """What the kernels take, given the slot of every delay."""
        first = int(slot_of[self.min_delay])
        kind = 2 if self._steps is not None else int(self._thresholds.size > 1)
        guide = np.searchsorted(self._thresholds, np.arange(4096, dtype=np.uint64) << np.uint64(40), side="right")
        listed = np.zeros(0, np.int32) if self._steps is None else slot_of[self._steps].astype(np.int32)
        return Delays(kind, first, self.stream.a, self.stream.b, self._thresholds, guide.astype(np.int32), listed)

    # -- what there is ------------------------------------------------------------------------------------------------

    def in_degree(self) -> np.ndarray:
        """Return the expected number of synapses of every target, float64 (n_post,); exact but for probabilities."""
        return self.plan.expected

    @property
    def expected(self) -> float:
        """The expected number of synapses."""
        return float(self.plan.expected.sum())

    def edges(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Return all synapses in the order (target, j): the slow and obvious form.

        Returns
        -------
        pre, post : int64 arrays
            Indices within the two sides.
        weight : float64 array
        delay : int64 array
            In steps.
        """
        found, mark = np.empty(self.plan.most, np.int64), np.zeros(self.n_pre, np.uint8)
        lists = [found[: sources(self.plan.recipe, t, mark, found)].copy() for t in range(self.n_post)]
        degree = np.array([len(one) for one in lists], np.int64)
        pre = np.concatenate([np.zeros(0, np.int64), *lists])
        post = np.repeat(np.arange(self.n_post), degree)
        j = np.arange(pre.size) - np.repeat(np.cumsum(degree) - degree, degree)
        index = (post << 32) + j
        if self.constant is not None:
            weight = np.full(pre.size, self.constant)
        elif self._law is None:
            weight = self.weights.listed.copy()
        else:
            drawn = self._law.sample(key(self.seed, "weights", self.name), index)
            weight = drawn.astype(np.float32).astype(np.float64)
        if self._steps is not None:
            delay = self._steps.copy()
        else:
            draw = words(self.stream, index) >> np.uint64(12)
            delay = self.min_delay + np.searchsorted(self._thresholds, draw, side="right").astype(np.int64)
        return pre, post, weight, delay




def _position(pre_ids: np.ndarray, post_ids: np.ndarray) -> np.ndarray:
    """Where each target stands among the sources, or -1."""
    order = np.argsort(pre_ids, kind="stable")
    at = np.searchsorted(pre_ids, post_ids, sorter=order)
    at = order[np.minimum(at, order.size - 1)] if order.size else at
    same = pre_ids[at] == post_ids if order.size else np.zeros(post_ids.size, bool)
    return np.where(same, at, -1)


# -- building ---------------------------------------------------------------------------------------------------------


def build(
    wirings: Sequence[Wiring], ports: Sequence[int], port_index: np.ndarray, n_neurons: int, lo: int, hi: int
) -> list[Bundle]:
    """Build the synapses whose target has a global id in [lo, hi).

    Parameters
    ----------
    wirings, ports
        Sorted by name; the port each one ends on.
    port_index : int32 array, shape (n_ports, hi - lo)
        Column of neuron lo + i in the row of a port, or -1.
    n_neurons : int
        Of the whole network.

    Returns
    -------
    list of Bundle
        One for each (port, weight) of the constant weights, one for each port and type of stored weights; ordered by
        first wiring. Those without synapses are left out. Releases the GIL in its loops: call it from a thread a range.
    """
    groups: dict[tuple[int, Any], list[Wiring]] = {}
    for wiring, port in zip(wirings, ports):
        kind = wiring.constant if wiring.constant is not None else np.dtype(wiring.weight_type)
        groups.setdefault((int(port), kind), []).append(wiring)
    bundles = []
    for (port, kind), group in groups.items():
        bundle = _bundle(group, port, kind, port_index[port], n_neurons, lo, hi)
        if bundle is not None:
            bundles.append(bundle)
    return bundles


def _bundle(
    group: list[Wiring], port: int, kind: float | np.dtype, column_of: np.ndarray, n_neurons: int, lo: int, hi: int
) -> Bundle | None:
    # pass 1: synapses of each source
    start = np.zeros(n_neurons + 1, np.int64)
    mark = np.zeros(max(w.n_pre for w in group), np.uint8)
    most = max(w.plan.most for w in group)
    found, slot, weight = np.empty(most, np.int64), np.empty(most, np.int32), np.empty(most, np.float64)
    targets = [np.flatnonzero((w.post_ids >= lo) & (w.post_ids < hi)) for w in group]
    n = sum(count(w.plan.recipe, w.pre_ids, t, mark, found, start[1:]) for w, t in zip(group, targets))
    if n == 0:
        return None
    longest = int(start.max())
    np.cumsum(start, out=start)

    # the delays that occur, ascending: a slot is a position in this table
    possible = np.zeros(max(w.max_delay for w in group) + 1, bool)
    for w in group:
        if w._steps is not None:
            possible[w._steps] = True
        else:
            possible[w.min_delay : w.max_delay + 1] = True
    slot_of = np.cumsum(possible) - 1
    steps = np.flatnonzero(possible).astype(np.int32)
    digits = 0 if steps.size == 1 else 1 if steps.size <= 256 else -(-int(steps.size - 1).bit_length() // 8)

    # pass 2: every synapse to its source
    stored = isinstance(kind, np.dtype)
    target_out = np.empty(n, np.uint16 if int(column_of.max()) < 65536 else np.uint32)
    slot_out = np.empty(n if digits else 0, np.uint8 if digits <= 1 else np.int32)
    weight_out = np.empty(n if stored else 0, kind if stored else np.float32)
    cursor = start[:-1].copy()
    for w, t in zip(group, targets):
        columns = column_of[w.post_ids[t] - lo].astype(np.int64)
        place(
            w.plan.recipe, w._delays(slot_of), w.weights, w.pre_ids, t, columns, mark, found, slot, weight,
            cursor, target_out, slot_out, weight_out,
        )  # fmt: skip

    # pass 3: each source's synapses by delay
    if digits == 0:
        used = np.diff(start) > 0
        pointer = np.concatenate(([0], np.cumsum(used, dtype=np.int64)))
        seg_start = np.append(start[:-1][used], n)
        seg_delay = np.full(seg_start.size - 1, steps[0], np.int32)
    else:
        n_seg = arrange(
            start, digits, target_out, slot_out, weight_out,
            np.empty(longest, target_out.dtype), np.empty(longest, slot_out.dtype),
            np.empty(longest if stored else 0, weight_out.dtype),
        )  # fmt: skip
        pointer = np.empty(n_neurons + 1, np.int64)
        seg_delay, seg_start = np.empty(n_seg, np.int32), np.empty(n_seg + 1, np.int64)
        segments(start, slot_out, steps, pointer, seg_delay, seg_start)
    return Bundle(
        port, 0.0 if stored else float(kind), pointer, seg_delay, seg_start, target_out, weight_out if stored else None
    )
