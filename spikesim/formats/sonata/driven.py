"""The entries of a simulation_config.json as sources, currents and backgrounds of a network, and as what it records.

=========================== ======================================
linear, IClamp              DC, or a Waveform where the ends differ
pulse                       Steps
sinusoidal                  Sine
noise                       Noise, a new value every dt (0.5 ms, as Neurodamus, where none is given)
ornstein_uhlenbeck          OrnsteinUhlenbeck
poisson                     a background, at the receptor of the sign of its weight
synapse_replay, spikes      SpikeTimes of virtual nodes
compartment report of v ... a trace; spikes of all neurons
=========================== ======================================
"""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ...errors import FileFormatError
from ...files import reading
from ...network.stimulus import DC, Noise, OrnsteinUhlenbeck, Sine, Steps, Waveform
from ...neurons.sources import SpikeTimes
from .circuit import Circuit
from .inputs import NANO
from .nest import STATES
from .opened import Config, SonataFile

__all__ = ["SPIKES", "Chosen", "Simulation", "select"]

SPIKES = ("synapse_replay", "spikes", "sonata", "h5", "hdf5", "csv")
INTERVAL = 0.5  # ms
OURS = {**{theirs: state for state, theirs in STATES.items()}, "v": "v", "soma": "v"}


class Chosen(NamedTuple):
    """Some neurons of ours."""

    population: str
    ids: np.ndarray


def select(circuit: Circuit, sets: dict[str, Any], rule: Any, where: str, depth: int = 0) -> dict[str, np.ndarray]:
    """Return which nodes a set has, by population: a name, a list of names, or an object of properties."""
    if isinstance(rule, str) and rule in sets and depth < 50:
        return select(circuit, sets, sets[rule], where, depth + 1)
    if isinstance(rule, str) and rule in circuit.nodes:
        return {rule: np.arange(circuit.nodes[rule].size)}
    if rule in ("all", "All", None) or rule == {}:
        return {name: np.arange(n.size) for name, n in circuit.nodes.items() if not n.virtual}
    if isinstance(rule, list) and depth < 50 and all(isinstance(r, str) for r in rule):
        found: dict[str, np.ndarray] = {}
        for one in rule:
            for name, ids in select(circuit, sets, one, where, depth + 1).items():
                found[name] = np.union1d(found.get(name, np.zeros(0, np.int64)), ids)
        return found
    if not isinstance(rule, dict):
        raise FileFormatError(f"{where}: there is no set of nodes {rule!r:.80}")
    wanted = rule.get("population")
    names = list(circuit.nodes) if wanted is None else wanted if isinstance(wanted, list) else [wanted]
    for name in names:
        if name not in circuit.nodes:
            raise FileFormatError(f"{where}: there is no population {name!r}")
    found = {}
    for name in names:
        kept = np.ones(circuit.nodes[name].size, bool)
        for key, value in rule.items():
            if key != "population":
                kept &= _matching(circuit, name, key, value, where)
        found[name] = np.flatnonzero(kept)
    return {name: ids for name, ids in found.items() if ids.size}


def _matching(circuit: Circuit, name: str, key: str, value: Any, where: str) -> np.ndarray:
    nodes = circuit.nodes[name]
    values = value if isinstance(value, list) else [value]
    if key in ("node_id", "node_ids"):
        wrong = [v for v in values if not isinstance(v, int) or not 0 <= v < nodes.size]
        if wrong:
            raise FileFormatError(f"{where}: node {wrong[0]!r} of {name!r}, which has {nodes.size}")
        kept = np.zeros(nodes.size, bool)
        kept[values] = True
        return kept
    column = nodes.type_ids if key == "node_type_id" else nodes.attribute(key)
    if column is None:
        raise FileFormatError(f"{where}: the nodes {name!r} have no attribute {key!r}")
    return np.broadcast_to(np.isin(np.asarray(column, object).astype(str), [str(v) for v in values]), (nodes.size,))


def _number(where: str, entry: dict[str, Any], name: str, default: float | None = None) -> float:
    value = entry.get(name, default)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise FileFormatError(f"{where}: {name}: wanted a number, got {value!r:.60}")
    return float(value)


class Simulation:
    """A simulation_config.json of a circuit."""

    def __init__(self, config: Config, circuit: Circuit) -> None:
        self.config, self.circuit = config, circuit
        given = config.get("node_sets_file")
        other = None if not given else config.resolved(given, "node_sets_file")
        self.sets = circuit.node_sets() | (circuit.node_sets(other) if other else {})
        self.inputs, self.reports, run = (config.section(name) for name in ("inputs", "reports", "run"))
        self.duration = _number(f"{config.path!r}: run", run, "tstop", math.inf if "tstop" not in run else None) if (
            "tstop" in run or "duration" in run) else math.inf  # fmt: skip
        self.dt = _number(f"{config.path!r}: run", run, "dt", 0.1)
        self.seed = int(_number(f"{config.path!r}: run", run, "random_seed", 0)) % 2**64
        for name, entry in (*self.inputs.items(), *self.reports.items()):
            if not isinstance(entry, dict):
                raise config.error(f"{name}: wanted an object with names, got {entry!r:.60}")

    def where(self, name: str) -> str:
        """Return how an entry is called in messages."""
        return f"{self.config.path!r}: {name!r}"

    def trains(self, names: Any = None) -> dict[str, SpikeTimes]:
        """Return what virtual populations send, by name, of all inputs or of some."""
        found: dict[str, list[tuple[np.ndarray, np.ndarray]]] = {}
        for name, entry in self.inputs.items():
            if entry.get("module") in SPIKES and (names is None or name in names):
                given = entry.get("spike_file", entry.get("input_file"))
                path = self.config.resolved(given, f"inputs: {name}")
                for population, times, ids in self._spikes(path, name, entry):
                    found.setdefault(population, []).append((times, ids))
        return {name: self._source(name, pieces) for name, pieces in found.items()}

    def _spikes(self, path: str, name: str, entry: dict[str, Any]) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
        virtual = [n for n, nodes in self.circuit.nodes.items() if nodes.virtual]
        wanted = entry.get("source") or entry.get("node_set")
        only = select(self.circuit, self.sets, wanted, self.where(name)) if wanted is not None else {}
        of = [n for n in virtual if n in only] or virtual
        for population, times, ids in _csv_spikes(path) if path.endswith(".csv") else _h5_spikes(path):
            if population is None or (population not in self.circuit.nodes and len(of) == 1):
                population = of[0] if len(of) == 1 else population
            if population not in virtual:
                continue  # spikes of others: a file may hold a whole run
            bad = np.flatnonzero((ids < 0) | (ids >= self.circuit.nodes[population].size))
            if bad.size:
                size = self.circuit.nodes[population].size
                raise FileFormatError(f"{path!r}: spikes of node {ids[bad[0]]} of {population!r}, which has {size}")
            if (times < 0.0).any():
                raise FileFormatError(f"{path!r}: a spike of {population!r} at {times.min():g} ms")
            yield population, times, ids

    def _source(self, name: str, pieces: list[tuple[np.ndarray, np.ndarray]]) -> SpikeTimes:
        times, ids = (np.concatenate([p[k] for p in pieces]) for k in (0, 1))
        order = np.lexsort((times, ids))
        ends = np.searchsorted(ids[order], np.arange(1, self.circuit.nodes[name].size))
        return SpikeTimes(np.split(times[order], ends))

    def drive(self, net: Any, chosen: Callable[[dict[str, np.ndarray]], list[Chosen]], receptor: Any) -> None:
        """Put the inputs into a network; those of virtual nodes stand in it already.

        Parameters
        ----------
        net : Network
        chosen : callable
            From nodes by population to neurons of `net`.
        receptor : callable
            From (population, weight) to (synapse, weight) of `net`.
        """
        strange = []
        for name, entry in self.inputs.items():
            module = entry.get("module")
            if module in SPIKES:
                continue
            where = self.where(name)
            targets = chosen(select(self.circuit, self.sets, entry.get("node_set"), where))
            if module == "poisson":
                self._background(net, name, entry, targets, receptor)
                continue
            stimuli = self._currents(where, module, entry)
            if stimuli is None:
                strange.append(f"{name} ({module})")
                continue
            for population, ids in targets:
                for k, stimulus in enumerate(stimuli):
                    title = _free(name if not k else f"{name} {k + 1}", {i.name for i in net.injections})
                    net.inject(net[population][ids], stimulus, name=title)
        if strange:
            raise FileFormatError(f"{self.config.path!r}: inputs that are not known here: {', '.join(strange)}")

    def _background(self, net: Any, name: str, entry: dict[str, Any], targets: list[Chosen], receptor: Any) -> None:
        where = self.where(name)
        start, stop = self._window(where, entry)
        for population, ids in targets:
            synapse, weight = receptor(population, _number(where, entry, "weight"))
            if synapse is None:
                raise FileFormatError(f"{where}: nothing is known of the synapses of {population!r}")
            net.background(
                net[population][ids], rate=_number(where, entry, "rate"), weight=weight, synapse=synapse,
                start=start, stop=stop, name=_free(name, {b.name for b in net.backgrounds}),
            )  # fmt: skip

    def _window(self, where: str, entry: dict[str, Any]) -> tuple[float, float]:
        """From when to when an input is on; what lasts to the end of the simulation has none."""
        start = _number(where, entry, "delay", 0.0)
        stop = start + _number(where, entry, "duration", self.duration if math.isfinite(self.duration) else 1e300)
        return start, stop if stop < self.duration else math.inf

    def _currents(self, where: str, module: Any, entry: dict[str, Any]) -> list[Any] | None:
        """An input as stimuli (pA); None for one that is not known."""
        if module == "IClamp":
            lists = [np.atleast_1d(np.asarray(entry.get(k), object)) for k in ("amp", "delay", "duration")]
            if len({x.size for x in lists}) > 1:
                raise FileFormatError(f"{where}: amp, delay and duration have different lengths")
            rows = [dict(zip(("amp", "delay", "duration"), row)) for row in zip(*(x.tolist() for x in lists))]
            return [DC(_number(where, row, "amp"), *self._window(where, row)) for row in rows]
        if module not in ("linear", "pulse", "sinusoidal", "noise", "ornstein_uhlenbeck"):
            return None
        start, stop = self._window(where, entry)
        first = 0.0 if module in ("noise", "ornstein_uhlenbeck") else _number(where, entry, "amp_start") / NANO
        if module == "linear":
            last = _number(where, entry, "amp_end", first * NANO) / NANO
            if first == last:
                return [DC(first, start, stop)]
            end = start + _number(where, entry, "duration")
            return [Waveform([start, end, np.nextafter(end, np.inf)], [first, last, 0.0])]
        if module == "sinusoidal":
            return [Sine(first, _number(where, entry, "frequency"), start=start, stop=stop)]
        if module == "pulse":
            period, width = 1000.0 / _number(where, entry, "frequency"), _number(where, entry, "width")
            end = start + _number(where, entry, "duration")
            ons = np.arange(start, end, period)
            times = np.stack([ons, np.minimum(ons + width, end)], axis=1).ravel()
            return [Steps(times, np.tile([first, 0.0], ons.size))]
        if start > 0.0 or math.isfinite(stop):
            raise FileFormatError(f"{where}: {module} that does not last from the beginning to the end")
        if module == "noise":
            sd = math.sqrt(abs(_number(where, entry, "variance", 0.0))) / NANO
            return [Noise(_number(where, entry, "mean") / NANO, sd, dt=_number(where, entry, "dt", INTERVAL))]
        numbers = (_number(where, entry, key) / scale for key, scale in (("mean", NANO), ("sigma", NANO), ("tau", 1.0)))
        return [OrnsteinUhlenbeck(*numbers)]

    def record(self, net: Any, chosen: Callable[[dict[str, np.ndarray]], list[Chosen]]) -> None:
        """Let a network record the spikes of all neurons, and what reports ask for."""
        for population in net.populations.values():
            if not population.is_source and population.size:
                net.record(population, "spikes")
        for name, entry in self.reports.items():
            if not entry.get("enabled", True):
                continue
            where, variable = self.where(name), entry.get("variable_name")
            variable = variable[0] if isinstance(variable, list) and len(variable) == 1 else variable
            every = None if "dt" not in entry else _number(where, entry, "dt")
            for population, ids in chosen(select(self.circuit, self.sets, entry.get("cells"), where)):
                what = OURS.get(variable, variable) if isinstance(variable, str) else None
                states = (*net[population].model.states, "I_syn", "g_syn")
                if what not in states:
                    raise FileFormatError(f"{where}: {variable!r} of {population!r}, which has {', '.join(states)}")
                net.record(net[population][ids], what, every=every)


def _free(name: str, taken: set[str]) -> str:
    title, k = name, 1
    while title in taken:
        k += 1
        title = f"{name} {k}"
    return title


def _h5_spikes(path: str) -> Iterator[tuple[str | None, np.ndarray, np.ndarray]]:
    with SonataFile(path) as file:
        if not file.has("/spikes"):
            raise file.error("/spikes: there is no such group")
        if file.has("/spikes/timestamps"):  # the layout of 2018
            times = file.column("/spikes/timestamps")
            title = "node_ids" if file.has("/spikes/node_ids") else "gids"
            yield None, times.astype(np.float64), file.column(f"/spikes/{title}", "iu", times.size).astype(np.int64)
            return
        for name in file.names("/spikes"):
            times = file.column(f"/spikes/{name}/timestamps").astype(np.float64)
            yield name, times, file.column(f"/spikes/{name}/node_ids", "iu", times.size).astype(np.int64)


def _csv_spikes(path: str) -> Iterator[tuple[str | None, np.ndarray, np.ndarray]]:
    with reading(path):
        lines = Path(path).read_text("utf-8", errors="replace").splitlines()
    rows = [row for row in csv.reader(lines, delimiter=" ", skipinitialspace=True) if row]
    names = rows[0] if rows else []
    if "timestamps" not in names or "node_ids" not in names:
        raise FileFormatError(f"{path!r}: wanted columns timestamps and node_ids (and population), got {names[:5]}")
    try:
        times = np.array([float(row[names.index("timestamps")]) for row in rows[1:]])
        ids = np.array([int(row[names.index("node_ids")]) for row in rows[1:]], np.int64)
        of = [row[names.index("population")] if "population" in names else None for row in rows[1:]]
    except (ValueError, IndexError) as error:
        raise FileFormatError(f"{path!r}: {error}") from None
    for name in dict.fromkeys(of):
        own = np.array([one == name for one in of])
        yield name, times[own], ids[own]
