"""How many synapses to expect and how many bytes a run will take, before anything is built.

========== ===================================================================================================
a synapse  2 bytes for its target (4 where there are more than 65,536) + its weight: 0 where all are equal,
           4 where drawn, 4 or 8 where listed
a segment  12 bytes for each (source, delay) that has synapses
a neuron   24 bytes, 20 for each state, 16 for each parameter that differs and 12 for each filter state of each synapse
           value, 16 for each background; where parameters of a linear model differ, 50 (states + 2)^2 for propagators,
           and where those of another model do, 20 for each state while rests are looked for
without    on the event engine: 200 bytes a neuron, 68 for each state, 95 for each background; 16 bytes a segment, 8 for
a grid     each listed delay and as many while they are arranged, 4 for each listed weight without; a drawn delay is
           listed with its pair: 57 in all where two workers build
a list     4 bytes for the source of each pair that is listed, unless pairs come by ascending target; 8 for a weight
           that is listed, unless it comes in that order; 4 for a delay that is listed and 8 while it is arranged; 1 for
           a delay that is drawn
plasticity 20 bytes a synapse in place of the first row, 28 with an eligibility trace, and 20 while its weights are
           handed over; 16 a segment; of a rule of one's own 8 more for each further variable of the synapse, 8 for each
           trace of the source; where delays are dendritic, 8 a target, each state that the rule reads, and step of
           twice that share
a junction 32 bytes
in flight  8 bytes for each synapse value, neuron and step of the shortest delay
everywhere of every neuron of the network, on each of several processes: 8 bytes for each state and parameter that
           differs, 32 for each projection onto it and 8 for each from it; for each kind of synapse 8 a worker, and
           4 for each synapse value
========== ===================================================================================================
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..neurons.contract import propagated
from ..random import LOGNORMAL, Distribution, key
from ..synapses.contract import Synapse
from ..synapses.delta import Delta
from .coupling import Coupling
from .geometry import Geometry
from .law import Law, evaluated
from .population import Population, parameters
from .projection import Projection, between, shared
from .rule import ByPair, Pairs, Turned
from .rule_lists import FromPairs
from .rules import AllToAll, FixedProbability, FixedTotal

if TYPE_CHECKING:
    from .network import Network

__all__ = [
    "everywhere_bytes",
    "expected_by_pair",
    "expected_junctions",
    "expected_synapses",
    "predicted_bytes",
    "predicted_population",
    "ranks_wanted",
    "some_pairs",
    "synapses_onto",
]

#: Bytes a synapse that learns while its weights are handed over to a result.
HANDED_OVER = 20


def expected_synapses(projection: Projection) -> float:
    """Return the expected number of synapses of a projection, without drawing or sorting any."""
    rule, n_pre, n_post = projection.rule, projection.pre.size, projection.post.size
    if isinstance(rule, FixedTotal):
        return float(rule.n)
    own = np.full(n_post, -1, np.int64)  # for a sum it matters how many stand on both sides, not who
    own[: shared(projection.pre, projection.post)] = 0
    plan = rule.plan(n_pre, n_post, own, key(0))
    if isinstance(plan, Pairs):
        return float(plan.pre.size)
    if isinstance(plan, Turned):
        return float(plan.k) * n_pre
    if isinstance(plan, ByPair):
        places = between(f"projection {projection.name!r}", projection.pre, projection.post, rule, None, None)
        return expected_by_pair(plan, places)
    return float(plan.expected.sum())


def expected_junctions(coupling: Coupling) -> float:
    """Return how many gap junctions to expect, at most: where a rule names pairs from both sides, half as many."""
    c = coupling
    found = expected_synapses(Projection(c.name, c.a, c.b, c.rule, c.conductance, 1.0, Delta()))
    within = c.a.size == c.b.size == shared(c.a, c.b)
    both = isinstance(c.rule, (AllToAll, FixedProbability)) or c.rule.weights is not None
    return min(found, c.a.size * (c.a.size - 1.0)) / 2.0 if within and both else found


def expected_by_pair(plan: ByPair, places: Geometry) -> float:
    """Return the expected number of synapses: exact for degrees; for probabilities from up to 10^6 of the pairs."""
    n_pre, n_post = len(places.pre), len(places.post)
    if plan.degree is not None:
        return float(plan.degree * (n_pre if plan.turned else n_post))
    if not n_pre or not n_post:
        return 0.0
    i, j, distance = some_pairs(places, 1000)
    kept = i != plan.own[j]
    chances = evaluated("probability", plan.law, i, j, distance)[kept]
    return float(chances.mean()) * (n_pre * n_post - int(np.count_nonzero(plan.own >= 0))) if chances.size else 0.0


def some_pairs(places: Geometry, most: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return pairs of up to `most` neurons of each side, evenly spread (int64), and how far apart they stand (mm)."""
    some = [np.unique(np.linspace(0, n - 1, most).astype(np.int64)) for n in (len(places.pre), len(places.post))]
    i, j = (side.ravel() for side in np.meshgrid(*some))
    return i, j, places.distances(i, j)


def synapses_onto(network: Network, population: Population) -> list[Synapse]:
    """Return the distinct synapse values onto a population: each is a port."""
    onto = [(p.post, p.synapse) for p in network.projections] + [(b.target, b.synapse) for b in network.backgrounds]
    return list(dict.fromkeys(synapse for target, synapse in onto if population in target.populations))


def predicted_bytes(network: Network, dt: float | None = 0.1) -> dict[str, float]:
    """Return the bytes that a run takes at most, by projection and by population.

    Parameters
    ----------
    network : Network
    dt : float, optional
        Step (ms) of the clock engine; None: on the event engine.
    """
    items = {f"projection {p.name!r}": _of_synapses(p, dt) for p in network.projections}
    items |= {f"gap junctions {c.name!r}": 32.0 * expected_junctions(c) for c in network.couplings}
    for population in network.populations.values():
        stages = sum(max(1, len(synapse.matrix)) for synapse in synapses_onto(network, population))
        driven = sum(population in b.target.populations for b in network.backgrounds)
        each = _of_a_neuron(population, dt) + 12.0 * stages + (95.0 if dt is None else 16.0) * driven
        items[f"population {population.name!r}"] = population.size * each
    return items


def everywhere_bytes(network: Network, workers: int = 1) -> float:
    """Return the bytes that a process with so many workers holds however many others have a part of the network."""
    n = sum(population.size for population in network.populations.values())
    own = sum(_of_neurons(population) for population in network.populations.values())
    wired = sum(32.0 * p.post.size + 8.0 * p.pre.size for p in network.projections)
    kinds = {(p.synapse, p.weight if isinstance(p.weight, float) else None) for p in network.projections}
    values = {p.synapse for p in network.projections} | {b.synapse for b in network.backgrounds}
    return own + wired + workers * n * (8.0 * len(kinds) + 4.0 * len(values))


def ranks_wanted(network: Network, dt: float, memory: float) -> int | None:
    """Return how many processes of so much memory (bytes) a network fits into; None where no number will do."""
    divided, whole = sum(predicted_bytes(network, dt).values()), everywhere_bytes(network)
    if divided <= memory:  # one process needs no tables of who is elsewhere
        return 1
    return int(np.ceil(divided / (memory - whole))) if whole < memory else None


def predicted_population(population: Population) -> dict[str, float]:
    """Return the bytes of the neurons of a population alone."""
    return {f"population {population.name!r}": population.size * _of_a_neuron(population, 0.1)}


def _of_a_neuron(population: Population, dt: float | None) -> float:
    """How many bytes a neuron takes at most, alone."""
    cls, differ = type(population.model), _listed(population)
    states = len(cls.states)
    bytes_ = 200.0 + 68.0 * states if dt is None else 24.0 + 20.0 * states
    if population.is_source:
        return bytes_ + 130.0 * (dt is None) + 12.0 * (dt is not None)
    if differ and propagated(cls):
        bytes_ += (35.0 if dt is None else 50.0) * (states + 2) ** 2
    elif differ - {"I_e"}:
        bytes_ += 20.0 * states
    return bytes_ + 16.0 * len(differ)


def _listed(population: Population) -> set[str]:
    given = parameters(population.model).items()
    return {name for name, value in given if np.ndim(value) == 1 or isinstance(value, Distribution)}


def _of_neurons(population: Population) -> float:
    return 8.0 * population.size * (1 + len(population.model.states) + len(_listed(population)))


def _of_synapses(projection: Projection, dt: float | None) -> float:
    n = expected_synapses(projection)
    target = 2 if projection.post.size <= 65536 else 4
    segments = min(n, projection.pre.size * _different_delays(projection.delay, dt))
    of_segment = 16.0 if dt is None else 12.0
    weight = projection.rule.weights if projection.weight is None else projection.weight
    lists = _of_lists(projection, weight, dt)
    if projection.plasticity is not None:
        rule = projection.plasticity
        late = 16.0 * projection.dendritic_delay / (dt or 1.0) * projection.post.size
        late *= 1 + len(getattr(rule, "watched", ()))
        return n * (_of_variables(rule) + HANDED_OVER + lists) + (of_segment + _of_traces(rule)) * segments + late
    each = 0 if isinstance(weight, float) else 8 if isinstance(weight, Law) else 4
    if isinstance(weight, np.ndarray) and not np.array_equal(weight.astype(np.float32), weight):
        each = 8
    return n * (target + each + lists) + of_segment * segments


def _of_lists(projection: Projection, weight: Any, dt: float | None) -> int:
    """How many bytes a synapse the lists take that a projection was given, once they stand by target."""
    rule = projection.rule
    ordered = isinstance(rule, FromPairs) and bool(np.all(rule.post[1:] >= rule.post[:-1]))
    held = 4 * (isinstance(rule, FromPairs) and not ordered)
    if isinstance(weight, np.ndarray):
        held += 8 * (weight.ndim == 2 or not ordered)
        held += 4 * (dt is None and not isinstance(projection.delay, np.ndarray))
    if isinstance(projection.delay, np.ndarray):
        return held + (16 if dt is None else 12)
    drawn = isinstance(projection.delay, (Distribution, Law))
    return held + drawn * (57 if dt is None else 1)


def _of_variables(rule: Any) -> float:
    more = len(rule.synapse) if rule.law is None else bool(rule.law.tau_c)
    return 20.0 + 8.0 * more


def _of_traces(rule: Any) -> float:
    return 16.0 if rule.law is not None else 8.0 * max(1, len(rule.pre))


def _different_delays(delay: float | Distribution | Law | np.ndarray, dt: float | None) -> float:
    """How many steps (without a grid: values) the delays of one source may spread over."""
    if isinstance(delay, float):
        return 1.0
    if isinstance(delay, np.ndarray):
        return float(np.unique(delay if dt is None else np.rint(delay / dt)).size)
    if isinstance(delay, Law) or dt is None:  # as many as there are steps, at most one a synapse
        return np.inf
    low, high = delay.low, delay.high
    kind, centre, width = delay.law[:3]
    if not np.isfinite(high - low):  # a normal or log-normal: almost all lie within four standard deviations
        ends = centre + np.array([-4.0, 4.0]) * width
        ends = np.exp(ends) if kind == LOGNORMAL else ends
        low, high = max(low, float(ends[0])), min(high, float(ends[1]))
    return max(1.0, (high - max(low, dt)) / dt + 1.0)
