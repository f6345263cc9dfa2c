"""A network as a file has it: every neuron with its numbers, every projection with its synapses, one by one.

What is drawn is drawn, what is a law is evaluated: by the same functions, from the same seed, as in a run.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from ...grid import Grid
from ...network.graph import graph
from ...network.law import Law
from ...network.network import Network
from ...network.projection import Projection, between
from ...program.cell import Cell
from ...program.program import Program
from ...program.wiring import Wiring
from ...random import Distribution
from .columns import BLOCK
from .nest import Template, receptor, template_for

__all__ = ["Block", "Neurons", "Resolved"]


class Block(NamedTuple):
    """Some synapses between one pair of populations, by target, then by source."""

    pre: str
    post: str
    source: np.ndarray
    target: np.ndarray
    weight: np.ndarray
    delay: np.ndarray  #: ms


class Neurons(NamedTuple):
    """A population, and what NEST would call it: a template, and at which receptor each synapse arrives."""

    cell: Cell
    template: Template | None
    sides: dict[Any, str]
    why: str  #: why there is no template

    @property
    def columns(self) -> dict[str, Any]:
        """What is written of its parameters: by NEST's names, or by ours."""
        if self.template is None:
            return dict(self.cell.parameters) if not self.cell.source else {}
        receptors = {}
        for synapse, side in self.sides.items():
            for one in ("ex", "in") if side == "both" else (side,):
                receptors[one] = receptor(synapse)
        return self.template.columns(dict(self.cell.parameters), receptors)  # type: ignore[arg-type]

    def factor(self, synapse: Any) -> float:
        """What a weight of ours is multiplied with in the file."""
        one = receptor(synapse)
        if self.template is None or one is None:
            return 1.0
        turned = self.sides.get(synapse) == "in" and one.E_rev is not None
        return -one.factor if turned else one.factor


class Resolved:
    """A network with all its numbers.

    Parameters
    ----------
    net : Network
    dt : float
        Step (ms) on which refractory times and sources are checked; delays stay as they are.
    """

    def __init__(self, net: Network, dt: float) -> None:
        self.net, self.dt = net, dt
        self.program = Program(net, Grid(dt), net.seed)
        self.cells = {name: self.program.by_name[name] for name in net.populations}
        self.neurons = {name: self._neurons(cell) for name, cell in self.cells.items()}

    def _neurons(self, cell: Cell) -> Neurons:
        if cell.source:
            return Neurons(cell, None, {}, "a source")
        found = template_for(cell.model, self._ports(cell))
        return Neurons(cell, None, {}, found) if isinstance(found, str) else Neurons(cell, *found, "")

    def _ports(self, cell: Cell) -> dict[Any, tuple[float, float]]:
        """The synapses that a population has, and between what their weights lie."""
        ranges: dict[Any, tuple[float, float]] = {}
        entries = [(p.post, p.synapse, p) for p in self.net.projections]
        entries += [(b.target, b.synapse, b) for b in self.net.backgrounds]  # type: ignore[misc]
        for target, synapse, entry in entries:
            if cell.population in target.populations:
                low, high = self._extent(entry)
                a, b = ranges.get(synapse, (0.0, 0.0))
                ranges[synapse] = (min(a, low), max(b, high))
        return ranges

    def _extent(self, entry: Any) -> tuple[float, float]:
        weight = entry.weight if entry.weight is not None else entry.rule.weights
        if isinstance(weight, Distribution) and not weight.low < 0.0 < weight.high:
            return weight.low, weight.high
        if isinstance(weight, (Distribution, Law)):  # both signs are possible: what are they?
            low, high = 0.0, 0.0
            for block in self.blocks(entry, self.wiring(entry)):
                low, high = min(low, block.weight.min(initial=0.0)), max(high, block.weight.max(initial=0.0))
            return float(low), float(high)
        return (float(np.min(weight)), float(np.max(weight))) if np.size(weight) else (0.0, 0.0)

    def wiring(self, projection: Projection) -> Wiring:
        """Return the synapses of a projection, with delays in ms."""
        p = projection
        places = between(f"projection {p.name!r}", p.pre, p.post, p.rule, p.weight, p.delay)
        pre, post = self.program.ids(p.pre), self.program.ids(p.post)
        return Wiring(p.name, p.rule, pre, post, p.weight, p.delay, None, self.net.seed, places)

    def blocks(self, projection: Projection, wiring: Wiring) -> Iterator[Block]:
        """Yield the synapses of a projection; of each pair of populations with ascending targets."""
        sides = [_places(projection.pre), _places(projection.post)]
        (pre_of, source_of), (post_of, target_of) = sides
        pre_names = [p.name for p in projection.pre.populations]
        step = max(1, int(BLOCK / max(1.0, wiring.expected / max(1, wiring.n_post))))
        for k, post in enumerate(p.name for p in projection.post.populations):
            own = np.flatnonzero(post_of == k)
            own = own[np.argsort(target_of[own])]
            for at in range(0, own.size, step):
                i, j, weight, delay = wiring.edges(own[at : at + step])
                order = np.lexsort((source_of[i], target_of[j]))
                i, j, weight, delay = i[order], j[order], weight[order], delay[order]
                for n, pre in enumerate(pre_names):
                    some = pre_of[i] == n
                    parts = source_of[i[some]], target_of[j[some]], weight[some], delay[some]
                    yield Block(pre, post, *parts)

    def classes(self) -> dict[str, str]:
        """Return for each population EXC or INH: whether what it sends excites or inhibits."""
        signs: dict[str, int] = {}
        for edge in graph(self.net)["projections"]:
            signs[edge["pre"]] = signs.get(edge["pre"], 0) + edge["sign"]
        return {name: "INH" if signs.get(name, 0) < 0 else "EXC" for name in self.net.populations}


def _places(selection: Any) -> tuple[np.ndarray, np.ndarray]:
    """For each position of a selection: which of its populations, and the id there."""
    order = {population: k for k, population in enumerate(selection.populations)}
    which = [np.full(ids.size, order.get(population, 0)) for population, ids in selection.parts]
    return np.concatenate([np.zeros(0, np.int64), *which]), np.concatenate(
        [np.zeros(0, np.int64), *(ids for _, ids in selection.parts)]
    )
