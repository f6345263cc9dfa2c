"""A network resolved: who is who (global ids), which synapses arrive where (ports), who is joined to whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar

import numpy as np

from ..errors import InvalidValueError
from ..grid import Grid
from ..network.background import Background
from ..network.network import Network
from ..network.probe import Injection
from ..network.projection import Projection, between
from ..network.stimulus import Held, OrnsteinUhlenbeck, WhiteNoise
from ..neurons.train import is_of_time, window_of
from ..synapses.contract import Synapse
from .cell import Cell, check_exact
from .coarse import check_junctions
from .junctions import junctions
from .listed import Listed
from .wiring import Wiring

__all__ = ["Changes", "Program", "held_name"]

Named = TypeVar("Named", Background, Injection)


def _in_order(described: Sequence[Named], changed: Mapping[str, Named]) -> list[Named]:
    """The entries by name, with what takes the place of some."""
    return sorted((changed.get(entry.name, entry) for entry in described), key=lambda entry: entry.name)


def held_name(population: str) -> str:
    """Return the name of the current that is set into a population while it runs."""
    return f"current into {population}"


class Changes(NamedTuple):
    """What a program has otherwise than its network: by name, what takes the place of what was described."""

    models: Mapping[str, Any] = MappingProxyType({})
    backgrounds: Mapping[str, Background] = MappingProxyType({})
    injections: Mapping[str, Injection] = MappingProxyType({})
    weights: Mapping[str, float | np.ndarray] = MappingProxyType({})
    synapses: Mapping[str, Listed] = MappingProxyType({})  # of projections in which some came or went
    noise_seed: int | None = None
    held: tuple[str, ...] = ()  # populations whose current is set while they run

    def then(self, other: Changes) -> Changes:
        """Return both, the other's where both have one."""
        return Changes(
            models={**self.models, **other.models},
            backgrounds={**self.backgrounds, **other.backgrounds},
            injections={**self.injections, **other.injections},
            weights={n: w for n, w in self.weights.items() if n not in other.synapses} | dict(other.weights),
            synapses={**self.synapses, **other.synapses},
            noise_seed=self.noise_seed if other.noise_seed is None else other.noise_seed,
            held=tuple(sorted({*self.held, *other.held})),
        )


class Program:
    """A network, before it is divided among workers: on a grid, or `exact`: with every time as it is, in ms.

    Parameters
    ----------
    net : Network
    grid : Grid
    seed : int
        Of connections, parameters, initial states and, unless changed, of noise.
    exact : bool
    start : int
        Step at which a run begins.
    changes : Changes
        What is otherwise than described (see :meth:`changed`).
    """

    def __init__(
        self, net: Network, grid: Grid, seed: int, exact: bool = False, start: int = 0, changes: Changes | None = None
    ) -> None:
        self.net, self.grid, self.seed, self.exact, self.start = net, grid, seed, exact, start
        self.changes = changes or Changes()
        #: The seed of trains and noise.
        self.noise_seed = seed if self.changes.noise_seed is None else self.changes.noise_seed
        self.backgrounds = _in_order(net.backgrounds, self.changes.backgrounds)
        self.injections = self._stimuli()
        self.cells: list[Cell] = []
        first = 0
        for name in sorted(net.populations):
            cell = Cell(net.populations[name], first, self, self.changes.models.get(name))
            self.cells.append(cell)
            first += cell.size
        self.n = first
        self.by_name = {cell.name: cell for cell in self.cells}
        self._find_ports()
        self.projections = sorted(net.projections, key=lambda p: p.name)
        self.wiring_ports = [self.ports.index(p.synapse) for p in self.projections]
        #: The projections made concrete, in the order of their names.
        self.wirings = [self._wire(p) for p in self.projections]
        #: The projections that learn, by position.
        self.plastic = {i: p.plasticity for i, p in enumerate(self.projections) if p.plasticity is not None}
        self.check()
        #: Its gap junctions.
        self.junctions = junctions(self)
        check_junctions(self)

    def _stimuli(self) -> list[Injection]:
        """The stimuli by name, and the currents that are set while the network runs."""
        held = [Injection(held_name(name), self.net.populations[name], Held()) for name in self.changes.held]
        return _in_order([*self.net.injections, *held], self.changes.injections)

    def _wire(self, p: Projection) -> Wiring:
        grid = None if self.exact else self.grid
        pre, post = self.ids(p.pre), self.ids(p.post)
        if p.name in self.changes.synapses:
            wiring = self.changes.synapses[p.name].wiring(p.name, pre, post, grid, self.seed)
            return wiring.with_weights(self.changes.weights[p.name]) if p.name in self.changes.weights else wiring
        places = between(f"projection {p.name!r}", p.pre, p.post, p.rule, p.weight, p.delay)
        wiring = Wiring(p.name, p.rule, pre, post, p.weight, p.delay, grid, self.seed, places)
        return wiring.with_weights(self.changes.weights[p.name]) if p.name in self.changes.weights else wiring

    def changed(self, changes: Changes) -> Program:
        """Return the same program with other models, backgrounds, stimuli, weights, synapses or noise.

        What does not depend on the changes is shared: the wiring of a projection is the same object unless its weights
        or synapses are changed.
        """
        made = object.__new__(Program)
        made.__dict__.update(self.__dict__)
        made.changes = self.changes.then(changes)
        made.noise_seed = self.seed if made.changes.noise_seed is None else made.changes.noise_seed
        made.backgrounds = _in_order(self.net.backgrounds, made.changes.backgrounds)
        made.injections = made._stimuli()
        made.cells = [
            Cell(cell.population, cell.first, made, changes.models.get(cell.name, cell.model))
            if cell.name in changes.models or (cell.lists and changes.noise_seed is not None)  # (some draw their times)
            else cell
            for cell in self.cells
        ]
        made.by_name = {cell.name: cell for cell in made.cells}
        made._find_ports()
        made.wirings = [
            made._wire(p) if p.name in (*changes.weights, *changes.synapses) else wiring
            for p, wiring in zip(self.projections, self.wirings)
        ]
        made.check()
        check_junctions(made)
        return made

    def released(self, plastic: bool) -> list[int]:
        """Return the positions of the projections that have a release, of those that learn or of the others."""
        return [
            i for i, p in enumerate(self.projections) if p.release is not None and (p.plasticity is not None) == plastic
        ]

    @property
    def shortest_delay(self) -> float:
        """The smallest delay, in steps (exact: ms); inf without synapses."""
        return min((w.min_delay for w in self.wirings if w.expected > 0), default=np.inf)

    def _find_ports(self) -> None:
        used: dict[str, set[Synapse]] = {cell.name: set() for cell in self.cells}
        entries: list[Projection | Background] = [*self.net.projections, *self.backgrounds]
        for entry in entries:
            target = entry.post if isinstance(entry, Projection) else entry.target
            for population in target.populations:
                used[population.name].add(entry.synapse)
        #: All distinct synapse values, in an order that depends on nothing but them.
        self.ports = sorted({entry.synapse for entry in entries}, key=lambda s: (type(s).__name__, repr(s)))
        for cell in self.cells:
            cell.ports = [port for port in self.ports if port in used[cell.name]]

    def ids(self, selection: Any) -> np.ndarray:
        """Return the global ids of a selection, in its order."""
        return np.concatenate(
            [np.zeros(0, np.int64), *(ids + self.by_name[pop.name].first for pop, ids in selection.parts)]
        )

    def check(self) -> None:
        """Refuse what does not fit the grid (exact: what is known from step to step only), before anything is built."""
        if self.exact:
            for cell in self.cells:
                check_exact(cell)
            for injection in self.injections:
                if isinstance(injection.stimulus, (OrnsteinUhlenbeck, WhiteNoise)):
                    raise InvalidValueError(
                        f"inject {injection.name!r}: {type(injection.stimulus).__name__} has no value that holds until "
                        "the next event: between two looks v may cross the threshold and come back; use "
                        'engine="clock", or Noise, which is held in between'
                    )
            for c in self.net.couplings:
                raise InvalidValueError(f'gap junctions {c.name!r} run on the clock engine; use engine="clock"')
            return
        for p in self.projections:
            self.grid.steps(p.dendritic_delay, f"projection {p.name!r}: dendritic_delay")
        for injection in self.injections:
            injection.stimulus.on_grid(self.grid, injection.name)
        for background in self.backgrounds:
            where, rate = f"background {background.name!r}", background.rate
            self._on_grid(where, {"start": background.start, "stop": background.stop})
            self._window_on_grid(f"{where}: rate", rate)
            for begin, end, _ in background.pieces:
                for time in (begin, end):
                    self._on_grid(where, {f"rate: time at which {type(rate).__name__} changes": time})
        for name, (start, stop) in self.net.windows.items():
            self._on_grid(f"record {name!r}", {"start": start, "stop": stop})
        for probe in self.net.probes:
            self._on_grid(f"record '{probe.target}'", dict(zip(("start", "stop"), probe.window)))
        for cell in self.cells:
            if cell.source:
                self._window_on_grid(f"population {cell.name!r}", cell.model)
            else:
                _ = cell.t_ref

    def _window_on_grid(self, where: str, source: Any) -> None:
        """Refuse a source that is turned on or off within a step."""
        if not is_of_time(source):
            start, stop = window_of(source)
            self._on_grid(f"{where}: {type(source).__name__}", {"start": start, "stop": stop})

    def _on_grid(self, where: str, times: Mapping[str, float]) -> None:
        """Refuse times (ms), by their names, within a step."""
        for what, time in times.items():
            if time < np.inf:
                self.grid.steps(time, f"{where}: {what}")

    def listed_spikes(self, cell: Cell) -> tuple[np.ndarray, np.ndarray, float]:
        """Return (step, id, largest shift) of a source that lists its times, sorted by step, then id."""
        times = cell.listed
        sizes = [len(t) for t in times]
        ids = np.repeat(np.arange(len(times)), sizes)
        flat = np.concatenate([np.zeros(0), *times])
        steps, shift = self.grid.nearest(flat, least=0)
        order = np.lexsort((ids, steps))
        return steps[order], ids[order], shift

    def in_degree(self) -> np.ndarray:
        """Return the expected number of synapses onto every neuron."""
        total = np.zeros(self.n)
        for wiring in self.wirings:
            total[wiring.post_ids] += wiring.in_degree()
        return total

    def costs(self) -> np.ndarray:
        """Return what a step of every neuron costs, roughly, in ns: to divide neurons evenly."""
        cost = 1e-3 * self.in_degree()  # 2 ns an event at 5 Hz and 0.1 ms
        if self.junctions is not None:
            cost += 1.0 * np.diff(self.junctions.ptr)
        for cell in self.cells:
            span = slice(cell.first, cell.first + cell.size)
            if cell.source:
                cost[span] += 1.0
            elif cell.linear is not None:
                cost[span] += 0.7 + 0.2 * len(cell.ports)
            else:
                cost[span] += min(3.0 * len(cell.model.states), 12.0) + 0.3 * len(cell.ports)
        for background in self.backgrounds:
            cost[self.ids(background.target)] += 0.6
        return cost
