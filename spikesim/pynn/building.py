"""The network that a script has described, and its simulation."""

from __future__ import annotations

import math
import re
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

from ..engine.simulation import Simulation
from ..errors import StateError
from ..network import Network, from_pairs
from ..network.stimulus import DC
from .electrodes import Electrodes
from .wiring import Piece, pieces

if TYPE_CHECKING:
    from .simulator import State

__all__ = ["Built"]

AUTOMATIC = re.compile(r"population\d+")


def refractory(celltype: Any, p: Any, state: State) -> Any:
    """Return the refractory time (ms); on the grid in whole steps, as on PyNN's other back ends."""
    given = p.get("tau_refrac", 0.0)
    return given if state.engine == "event" else state.rounded(given)


def one_each(values: np.ndarray) -> Any:
    """A number where all are the same, else the array."""
    return values[0] if values.size and values.dtype != object and np.all(values == values[0]) else values


class Built:
    """A network and its simulation; all that is asked for is by PyNN's populations and in its units."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.net = Network(seed=state.seed)
        self.names: dict[Any, str] = {}
        self.synapses: dict[tuple[Any, str], set[Any]] = {}
        self.pieces: dict[Any, list[Piece]] = {}
        self.later: dict[Any, list[tuple[Any, np.ndarray]]] = {}
        self.before: list[Any] = []  # results of pieces of the run that recorded less
        #: Of what is recorded: from when on, of which cells, and the sample then.
        self.begun: dict[tuple[Any, str], list[tuple[float, np.ndarray, Any]]] = {}
        self.changes: dict[Any, float] = {}  # of sources that are to be asked again: when
        self.more = False
        for population in state.populations:
            self._add_population(population)
        for projection in state.projections:
            self._add_projection(projection)
        for source in state.electrodes:
            for k, (population, rows) in enumerate(source.targets):
                target = self.net[self.names[population]][rows]
                self.net.inject(target, source.stimulus, name=_current(source, k))
        for population in state.populations:
            for variable, rows in population.recorder.recorded_rows().items():
                self._record(population, variable, rows, population.recorder.sampling_interval)
                first = population.initial_values.get(variable)
                first = 0.0 if first is None else np.broadcast_to(first.evaluate(), (population.size,))[rows]
                self.begun[population, variable] = [(0.0, rows, first)]
        self.simulation = Simulation(
            self.net, dt=state.dt, engine=state.engine, threads=state.threads, seed=(state.seed + state.trial) % 2**64
        )

    # -- describing ---------------------------------------------------------------------------------------------------

    def _parameters(self, population: Any) -> dict[str, Any]:
        return {name: one_each(values) for name, values in population._parameters.items()}

    def _model(self, population: Any) -> Any:
        celltype = population.celltype
        if celltype.source:
            p, now = population._parameters, 0.0 if not hasattr(self, "simulation") else self.simulation.time
            self.changes[population] = celltype.change(p, now)
            stream = (self.state.seed, self.state.trial, int(population.first_id))
            return celltype.model(p, now, stream)
        p = self._parameters(population)
        return celltype.neuron_model(p, refractory(celltype, p, self.state))

    def _add_population(self, population: Any) -> None:
        number = len(self.names)
        clean = re.sub(r"[^\w .+-]", "_", population.label)[:100]
        if not clean or AUTOMATIC.fullmatch(clean):  # PyNN counts on over networks; noise is a function of names
            clean = f"population {number}"
        name = clean if clean not in self.net.populations else f"{clean} #{number}"
        states = population.celltype.states
        start = {
            own: np.asarray(population.initial_values[given].evaluate(simplify=True)) * unit
            for given, (own, unit) in states.items()
            if given in population.initial_values
        }
        start = {own: float(value) if np.ndim(value) == 0 else value for own, value in start.items()}
        added = self.net.population(name, population.size, self._model(population), **start)
        self.names[population] = name
        if not population.celltype.source and self.state.engine == "clock":
            self.later[population] = []
            self.net.inject(added, DC(0.0), name=_later(name))

    def _add_projection(self, projection: Any) -> None:
        self.pieces[projection] = []
        for number, piece in enumerate(pieces(projection, self.state)):
            added = self.net.connect(
                self.net[self.names[piece.pre]],
                self.net[self.names[piece.post]],
                from_pairs(piece.sources, piece.targets),
                weight=projection.columns["weight"][piece.rows] * piece.unit,
                delay=projection.columns["delay"][piece.rows],
                synapse=piece.synapse,
                plasticity=piece.plasticity,
                release=piece.release,
                dendritic_delay=piece.dendritic_delay,
                name=f"{len(self.pieces)}.{number} {re.sub(r'[^ -~]|/', '-', projection.label or '')}"[:150],
            )
            self.synapses.setdefault((piece.post, projection.receptor_type), set()).add(piece.synapse)
            self.pieces[projection].append(piece._replace(name=added.name))

    def _record(self, population: Any, variable: str, rows: np.ndarray, interval: float) -> None:
        target = self.net[self.names[population]][rows]
        if variable == "spikes":
            self.net.record(target, "spikes")
            return
        every = None if interval == self.state.dt else interval
        for one in self._variables(population, variable):
            self.net.record(target, one, every=every)

    def _variables(self, population: Any, variable: str) -> list[Any]:
        """What a variable of PyNN's is here: a state, or synapses, of which there may be none."""
        receptor = population.celltype.sampled(variable)
        if receptor is None:
            return [population.celltype.states[variable][0]]
        found = self.synapses.get((population, receptor), set())
        return sorted((synapse for synapse in found if len(synapse.matrix)), key=repr)

    # -- running ------------------------------------------------------------------------------------------------------

    @property
    def step(self) -> int:
        """How far the simulation has come, in steps."""
        return self.simulation.engine.step

    def run_to(self, step: int) -> None:
        """Run on to a step; sources are asked again where they change."""
        if self.more:
            self._resume()
        grid = self.state.grid
        while self.step < step:
            edge = min(self.changes.values(), default=math.inf)
            until = min(step, int(grid.nearest([edge], least=0)[0][0])) if math.isfinite(edge) else step
            self.simulation.run(grid.time(until) - self.simulation.time, progress=False)
            now = self.simulation.time
            for population in [p for p, at in self.changes.items() if at <= now]:
                self.set_parameters(population, [])

    def record(self, population: Any, variable: str, rows: np.ndarray, interval: float) -> None:
        """Record more from now on."""
        self._record(population, variable, rows, interval)
        self.more = True
        if variable in population.celltype.states:
            own, unit = population.celltype.states[variable]
            now = self.simulation.state[self.names[population]][own][rows] / unit
            self.begun.setdefault((population, variable), []).append((self.simulation.time, rows, now))

    def _resume(self) -> None:
        """Go on with other recordings."""
        with TemporaryDirectory() as folder:
            path = Path(folder) / "state.h5"
            self.simulation.save(path)
            self.before.append(self.simulation.result())
            self.simulation.close()
            self.simulation = Simulation.resume(path, self.net, threads=self.state.threads)
        self.more = False

    # -- setting ------------------------------------------------------------------------------------------------------

    def set_parameters(self, population: Any, names: list[str]) -> None:
        """Let the parameters of a population be what they are now."""
        self.state.require_mine("set", population)
        name, celltype = self.names[population], population.celltype
        old, new = self.simulation.program.by_name[name].model, self._model(population)
        if celltype.source:
            self.simulation.set(name, **{key: getattr(new, key) for key in type(new).__slots__})
            return
        wired = [p for receptor in celltype.receptors for p in celltype.receptor_of(receptor)[1] if p in names]
        if wired:
            self.state.require_unbuilt(f"set {population.label!r}: {wired[0]}")
        changed = {k: v for k, v in new._asdict().items() if not np.array_equal(v, getattr(old, k))}
        if changed:
            self.simulation.set(name, **changed)

    def set_state(self, population: Any, variable: str, values: Any) -> None:
        """Set a state variable from now on."""
        own, unit = population.celltype.states[variable]
        self.simulation.state[self.names[population]][own] = np.asarray(values) * unit

    def set_current(self, source: Any) -> None:
        """Let a current be what it is now."""
        for k in range(len(source.targets)):
            if any(i.name == _current(source, k) for i in self.net.injections):
                self.simulation.set(_current(source, k), stimulus=source.stimulus)
        for population, parts in self.later.items():
            if any(other is source for other, _ in parts):
                self._set_later(population)

    def inject_later(self, source: Any, added: list[tuple[Any, np.ndarray]]) -> None:
        """Let a current flow into more cells from now on."""
        for population, rows in added:
            if population not in self.later:
                raise StateError(
                    f"{type(source).__name__} into {population.label!r}: with the event engine currents are injected "
                    "before the first run(), or after reset()"
                )
            self.later[population].append((source, rows))
            self._set_later(population)

    def _set_later(self, population: Any) -> None:
        parts = tuple((source.stimulus, rows) for source, rows in self.later[population])
        self.simulation.set(_later(self.names[population]), stimulus=Electrodes(parts, population.size))

    def set_weights(self, projection: Any, rows: np.ndarray) -> None:
        """Let the weights of some connections be what their column says."""
        for piece in self.pieces[projection]:
            some = np.isin(piece.rows, rows)
            if some.any():
                weight = self.simulation.synapses(piece.name).weight.copy()
                weight[some] = projection.columns["weight"][piece.rows[some]] * piece.unit
                self.simulation.weights[piece.name] = weight

    # -- reading ------------------------------------------------------------------------------------------------------

    def weights(self, projection: Any) -> np.ndarray:
        """Return the weights as they are now."""
        found = projection.columns["weight"].copy()
        for piece in self.pieces.get(projection, ()):
            found[piece.rows] = self.simulation.synapses(piece.name).weight / piece.unit
        return found

    def _results(self) -> list[Any]:
        return [*self.before, self.simulation.result()]

    def spikes(self, population: Any, rows: np.ndarray, start: float) -> tuple[np.ndarray, np.ndarray]:
        """Return (cell, time) of the spikes of some cells after `start` (ms; all from 0 on)."""
        name = self.names[population]
        found = [r.spikes[name] for r in self._results() if name in r.spikes]
        ids = np.concatenate([np.zeros(0, np.int64), *(trains.ids for trains in found)])
        times = np.concatenate([np.zeros(0), *(trains.times for trains in found)])
        kept = np.isin(ids, rows) & ((times > start) | (start == 0.0))
        return ids[kept], times[kept]

    def samples(self, population: Any, variable: str, rows: np.ndarray, start: float, interval: float) -> np.ndarray:
        """Return the samples of a variable from `start` (ms) on, (times, cells); NaN where it was not recorded yet."""
        n = math.floor((self.simulation.time - start) / interval + 1e-6) + 1
        own = self._variables(population, variable)
        unit = self._unit(population, variable)
        found = np.full((n, population.size), 0.0 if not own else np.nan)
        name = self.names[population]
        for result in self._results():
            traces = [result.traces.get(name, {}).get(getattr(one, "variable", one)) for one in own]
            for k, trace in enumerate(t for t in traces if t is not None):
                at = np.rint((trace.times - start) / interval).astype(np.int64)
                kept = (at >= 0) & (at < n)
                where = np.ix_(at[kept], trace.ids)
                found[where] = trace.values[kept] / unit + (found[where] if k else 0.0)
        for time, cells, sample in self.begun.get((population, variable), ()):
            if time >= start:
                found[round((time - start) / interval), cells] = sample
        return found[:, rows]

    def _unit(self, population: Any, variable: str) -> float:
        receptor = population.celltype.sampled(variable)
        if receptor is None:
            return population.celltype.states[variable][1]
        return population.celltype.receptor_of(receptor)[0].weight


def _current(source: Any, k: int) -> str:
    return f"electrode {source.number}.{k}"


def _later(population: str) -> str:
    return f"later into {population}"
