"""A network as a graph of numbers and words: what a diagram draws and a file keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..random import Distribution, key
from .law import Law, evaluated
from .memory import expected_synapses, some_pairs
from .projection import between, laws

if TYPE_CHECKING:
    from .network import Network
    from .population import Population
    from .projection import Projection

__all__ = ["graph"]

#: Above this reversal potential (mV) a conductance excites a model that names no threshold.
THRESHOLD = -50.0


def graph(network: Network) -> dict[str, Any]:
    """Return populations, projections between them, and inputs from outside, as numbers and strings.

    Returns
    -------
    dict
        ``populations``: name, size, model; ``projections``: name, pre, post (names of populations; a projection of
        groups stands once for each pair), synapses (expected), weight (mean, in `unit`), sign (1 excites, -1 inhibits,
        0 neither), plastic; ``inputs``: target, kind.

    Examples
    --------
    >>> import spikesim as ss
    >>> net = ss.Network()
    >>> cells = net.population("cells", 10, ss.LIF())
    >>> _ = net.connect(cells, cells, ss.fixed_indegree(2), weight=-5.0, delay=1.0, synapse=ss.Exponential(5.0))
    >>> from spikesim.network.graph import graph
    >>> graph(net)["projections"][0]["synapses"], graph(net)["projections"][0]["sign"]
    (20.0, -1)
    """
    outside = [(b.target, "background") for b in network.backgrounds] + [
        (i.target, "current") for i in network.injections
    ]
    return {
        "populations": [
            {"name": p.name, "size": p.size, "model": type(p.model).__name__} for p in network.populations.values()
        ],
        "projections": [edge for p in network.projections for edge in _edges(p)],
        **({"couplings": _couplings(network)} if network.couplings else {}),
        "inputs": [{"target": p.name, "kind": kind} for target, kind in outside for p in target.populations],
    }


def _couplings(network: Network) -> list[dict[str, Any]]:
    """Which populations have gap junctions with each other, each pair once."""
    found = {
        tuple(sorted((a.name, b.name))): c.name
        for c in network.couplings
        for a in c.a.populations
        for b in c.b.populations
    }
    return [{"name": name, "a": a, "b": b} for (a, b), name in found.items()]


def _edges(projection: Projection) -> list[dict[str, Any]]:
    p, weight = projection, _mean_weight(projection)
    unit = "mV" if not len(p.synapse.matrix) else "pA" if p.synapse.E_rev is None else "nS"
    pairs = max(1, p.pre.size * p.post.size)
    return [
        {
            "name": p.name,
            "pre": pre.name,
            "post": post.name,
            "synapses": expected_synapses(p) * sending * receiving / pairs,
            "weight": weight,
            "unit": unit,
            "sign": int(np.sign(weight)) * _drives(p, post),
            "plastic": p.plasticity is not None,
        }
        for pre, sending in _shares(p.pre.parts).items()
        for post, receiving in _shares(p.post.parts).items()
    ]


def _shares(parts: Any) -> dict[Population, int]:
    """How many neurons of each population a selection has."""
    found: dict[Population, int] = {}
    for population, ids in parts:
        found[population] = found.get(population, 0) + int(ids.size)
    return found


def _mean_weight(projection: Projection) -> float:
    """The mean of what is given or listed, of a sample of what is drawn, of some pairs where it differs by pair."""
    weight: Any = projection.rule.weights if projection.weight is None else projection.weight
    if isinstance(weight, Law):
        return _mean_of_law(projection, weight)
    if isinstance(weight, Distribution):
        weight = weight.sample(key(0, "graph"), np.arange(4096))
    return float(np.mean(weight)) if np.size(weight) else 0.0


def _mean_of_law(projection: Projection, weight: Law) -> float:
    """The mean over pairs as likely as they are connected."""
    where, rule = f"projection {projection.name!r}", projection.rule
    if not projection.pre.size or not projection.post.size:
        return 0.0
    i, j, distance = some_pairs(between(where, projection.pre, projection.post, rule, weight, None), 100)
    asked = laws(rule, None, None)
    values, chances = evaluated(where, weight, i, j, distance), np.ones(i.size)
    for law in asked.values():  # a probability or a kernel
        chances = chances * evaluated(where, law, i, j, distance)
    return float(np.average(values, weights=chances)) if chances.sum() > 0.0 else 0.0


def _drives(projection: Projection, post: Population) -> int:
    """1 if a positive weight excites, -1 if it inhibits: a conductance whose reversal lies below threshold."""
    if projection.synapse.E_rev is None:
        return 1
    threshold = getattr(post.model, "V_th", THRESHOLD)
    usable = isinstance(threshold, (int, float)) and np.isfinite(threshold)
    return 1 if projection.synapse.E_rev > (threshold if usable else THRESHOLD) else -1
