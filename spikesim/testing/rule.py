"""Is this a rule of connection?  Its synapses beside those of a twin that looks at all pairs, and over partitions."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from ..grid import Grid
from ..keywords import named
from ..network.law import Law, distance
from ..network.network import Network
from ..network.positions import Positions
from ..network.rule import ByPair, Rule
from ..neurons.lif import LIF
from ..program.program import Program
from ..program.wiring import Wiring
from ..random import Key, key, units
from ..synapses.delta import Delta

__all__ = ["check_rule"]


@named
def check_rule(rule: Rule, *, n_pre: int = 60, n_post: int = 50, dimensions: int = 2, seed: int = 1) -> None:
    """Hold a rule of connection to its contract, between two populations and within one.

    The same synapses, weights and delays, to the bit, however targets are divided and in whatever order they are asked
    for; other ones with another seed, where any are drawn; indices within the two sides; no autapse and no multapse
    where there are to be none; as many as predicted (within six standard deviations); weights and delays made of
    distance as an all-pairs twin has them; and, where the rule looks at pairs, its sources as that twin finds them.

    Parameters
    ----------
    rule : Rule
        One that fits these sizes.
    n_pre, n_post : int
        Neurons on the two sides.
    dimensions : int
        In how many dimensions they stand, 1 to 3; uniformly in a box with edges of 1 mm.
    seed : int

    Raises
    ------
    AssertionError
        With what was expected and what came.

    Examples
    --------
    >>> import spikesim as ss
    >>> from spikesim.testing import check_rule
    >>> check_rule(ss.fixed_probability(ss.gaussian(0.2), boundary="torus"))
    """
    for within in (False, True) if n_pre == n_post else (False,):
        _check(rule, n_pre, n_post, dimensions, seed, within)


def _hold(condition: Any, otherwise: str) -> None:
    if not condition:
        raise AssertionError(otherwise)


def _wiring(rule: Rule, n_pre: int, n_post: int, dimensions: int, seed: int, within: bool, exact: bool) -> Wiring:
    """A projection by the rule, with a weight and a delay made of distance."""
    net = Network(seed=seed)
    rng = np.random.default_rng(dimensions)
    extent = (1.0,) * dimensions

    def some(name: str, n: int) -> Any:
        places = Positions(rng.uniform(-0.5, 0.5, (n, dimensions)), extent)
        return net.population(name, n, LIF(), positions=places)

    a = some("a", n_pre)
    b = a if within else some("b", n_post)
    weight: Any = None if rule.weights is not None else 2.0 * distance
    net.connect(a, b, rule, weight=weight, delay=0.5 + distance / 0.3, synapse=Delta(), name="p")
    return Program(net, Grid(0.1), seed, exact=exact).wirings[0]


def _check(rule: Rule, n_pre: int, n_post: int, dimensions: int, seed: int, within: bool) -> None:
    def wiring(exact: bool = False, seed: int = seed) -> Wiring:
        return _wiring(rule, n_pre, n_post, dimensions, seed, within, exact)

    what = f"{rule!r}{' within a population' if within else ''}"
    whole, exact = wiring(), wiring(exact=True)
    pre, post, weight, delay = whole.edges()
    _hold(np.all(np.diff(post) >= 0), f"{what}: wanted synapses by target")
    inside = pre.size == 0 or (0 <= pre.min() and pre.max() < n_pre and post.max() < n_post)
    _hold(inside, f"{what}: wanted indices below {(n_pre, n_post)}")
    if within and not rule.allow_autapses:
        _hold(not np.any(pre == post), f"{what}: wanted no autapse, got {int(np.count_nonzero(pre == post))}")
    if not rule.allow_multapses:
        pairs = np.unique(post * n_pre + pre).size
        _hold(pairs == pre.size, f"{what}: wanted no multapse, got {pre.size} synapses of {pairs} pairs")
    _check_partitions(what, whole, (pre, post, weight, delay))
    bound = 6.0 * np.sqrt(max(whole.expected, 1.0)) + 1.0
    _hold(abs(pre.size - whole.expected) <= bound, f"{what}: {whole.expected:g} synapses expected, got {pre.size}")
    apart = distances(whole)[post, pre]
    listed = exact.edges()
    _hold(np.array_equal(listed[0], pre), f"{what}: other sources without a grid")
    if rule.weights is None:
        _close(f"{what}: weights", weight, 2.0 * apart)
    _close(f"{what}: delays", listed[3], 0.5 + apart / 0.3)
    steps = np.maximum(1, np.rint(10.0 * listed[3]))
    _hold(np.all(np.abs(delay - 10.0 * listed[3]) <= 0.5 + 1e-9) and np.all(delay >= 1), f"{what}: steps {steps}")
    for w, delays in ((whole, delay), (exact, listed[3])):
        reach = (w.min_delay, w.max_delay)
        fits = delays.size == 0 or (reach[0] <= delays.min() and delays.max() <= reach[1])
        _hold(fits, f"{what}: delays outside the bounds {reach}")
    plan = rule.plan(n_pre, n_post, np.arange(n_post) if within else np.full(n_post, -1), key(seed, "sources", "p"))
    if isinstance(plan, ByPair):
        twin = by_all_pairs(plan, distances(whole))
        found = list(zip(post.tolist(), pre.tolist()))
        _hold(sorted(found) == sorted(twin), f"{what}: {len(set(found) ^ set(twin))} pairs differ from the twin's")
        other = wiring(seed=seed + 1).edges()
        one, two = np.meshgrid(np.arange(n_pre), np.arange(n_post))
        chances = _values(plan.law, one.ravel(), two.ravel(), distances(whole).ravel())
        certain = plan.degree is None and bool(np.all((chances == 0.0) | (chances == 1.0)))
        _hold(certain or not np.array_equal(other[0], pre), f"{what}: the same synapses with another seed")


def _check_partitions(what: str, whole: Wiring, edges: tuple[np.ndarray, ...]) -> None:
    """The same synapses for any division of the targets."""
    n_post = whole.n_post
    for cuts in ([n_post // 3], [1, 2, n_post // 2], list(range(1, n_post))):
        ranges = np.split(np.arange(n_post), cuts)
        pieces = [whole.edges(targets) for targets in ranges if targets.size]
        for name, column, parts in zip(("pre", "post", "weight", "delay"), edges, zip(*pieces)):
            same = np.array_equal(np.concatenate(parts), column)
            _hold(same, f"{what}: {name} depends on how targets are divided (at {cuts[:3]})")


def _close(what: str, got: np.ndarray, wanted: np.ndarray) -> None:
    error = np.abs(got - wanted).max(initial=0.0)
    _hold(error <= 1e-12 * max(1.0, np.abs(wanted).max(initial=0.0)), f"{what}: off by {error:g} from the twin's")


def distances(wiring: Wiring) -> np.ndarray:
    """Return all distances (n_post, n_pre) in mm: with periodic edges the shortest of all images of a source."""
    places, shortest = wiring.places, np.full((wiring.n_post, wiring.n_pre), np.inf)
    shifts = [(0.0,) if np.isinf(period) else (-period, 0.0, period) for period in places.period]
    for shift in itertools.product(*shifts):
        delta = places.pre[None, :, :] + np.array(shift) - places.post[:, None, :]
        shortest = np.minimum(shortest, np.sqrt((delta**2).sum(axis=2)))
    return shortest


def by_all_pairs(plan: ByPair, apart: np.ndarray) -> list[tuple[int, int]]:
    """Return (target, source) of all synapses: a table of all pairs, looked at one row at a time."""
    rows, columns = apart.T.shape if plan.turned else apart.shape
    table = apart.T if plan.turned else apart
    found: list[tuple[int, int]] = []
    for t in range(rows):
        partner, chooser = np.arange(columns), np.full(columns, t)
        one, two = (chooser, partner) if plan.turned else (partner, chooser)
        chance = np.array(_values(plan.law, one, two, table[t]))
        if plan.own[t] >= 0:
            chance[plan.own[t]] = 0.0
        u = units(plan.stream, (chooser << 32) + partner)
        if plan.degree is None:
            taken = np.flatnonzero(u < chance)
        elif plan.distinct:
            with np.errstate(divide="ignore"):
                taken = np.argsort(-np.log(u) / chance)[: plan.degree]
        else:
            draws = units(Key(plan.stream.b, plan.stream.a), (t << 32) + np.arange(plan.degree))
            sums = np.cumsum(chance)
            taken = np.searchsorted(sums, draws * sums[-1], side="right")
        found += [(int(s), t) if plan.turned else (t, int(s)) for s in taken]
    return found


def _values(law: Law, pre: np.ndarray, post: np.ndarray, apart: np.ndarray) -> Any:
    return np.asarray(law.value(pre, post, apart), np.float64)
