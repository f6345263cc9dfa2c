"""What drives a network, and what is recorded of it, as entries of simulation_config.json.

================== =========================================== ==========================================
ours               dialect "obi" (libsonata's modules, nA)     dialect "bmtk" (PointNet's, pA)
================== =========================================== ==========================================
DC, Steps          linear                                      IClamp
Waveform           linear, a piece at a time                   -
Sine               sinusoidal (phase 0), its offset linear     -
Noise              noise; the interval, of which SONATA    -
                   says nothing, as dt
OrnsteinUhlenbeck  ornstein_uhlenbeck                          -
a background       poisson                                     virtual nodes, with the spikes of the run
a source           synapse_replay of the spikes of the run     spikes, the same
a trace            compartment report                          multimeter_report
================== =========================================== ==========================================

Listed amplitudes and rates become one entry for each different value.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import numpy as np

from ...network.background import Background
from ...network.probe import Injection, Sampled, recorded_traces
from ...network.stimulus import DC, Noise, OrnsteinUhlenbeck, Sine, Steps, Waveform
from ...neurons.sources import is_source
from .nest import STATES
from .resolved import Resolved

__all__ = ["Entries", "NodeSets", "sends", "spike_file"]

NANO = 1e-3  # nA in a pA
MOST = 20_000  # entries
Piece = tuple[str, dict[str, float], float, float]  # module, its numbers, from, to (ms)


class NodeSets:
    """Names for selections; `entries` is node_sets.json."""

    def __init__(self, resolved: Resolved) -> None:
        self.entries: dict[str, Any] = {name: {"population": name} for name in resolved.net.populations}
        neurons = [name for name, cell in resolved.cells.items() if not cell.source]
        self.everybody = self._add("All", neurons)

    def _add(self, name: str, entry: Any) -> str:
        while name in self.entries:
            name += "_"
        self.entries[name] = entry
        return name

    def of(self, population: Any, ids: np.ndarray) -> str:
        """Return the name of some neurons of a population."""
        if ids.size == population.size:
            return population.name
        entry = {"population": population.name, "node_id": ids.tolist()}
        for name, known in self.entries.items():
            if known == entry:
                return name
        return self._add(f"{population.name} {len(self.entries)}", entry)


def sends(model: Any) -> bool:
    """Whether a population is a source whose spikes are known to a run, and not one that is fed."""
    return is_source(model) and not getattr(model, "fed", False)


def spike_file(population: str) -> str:
    """Return the name of the file with the spikes of a source."""
    return f"{quote(population, safe=' +-_.()#')}_spikes.h5"


class Entries:
    """The entries of one network.

    Attributes
    ----------
    inputs, reports : dict
    refused : list of str
        What the dialect has no words for.
    """

    def __init__(self, resolved: Resolved, dialect: str, duration: float) -> None:
        self.resolved, self.dialect, self.duration = resolved, dialect, duration
        self.sets = NodeSets(resolved)
        self.inputs: dict[str, Any] = {}
        self.reports: dict[str, Any] = {}
        self.refused: list[str] = []
        for name, cell in resolved.cells.items():
            if sends(cell.model):
                self._spikes(name, name)
        for background in resolved.net.backgrounds:
            self._background(background)
        for injection in resolved.net.injections:
            self._injection(injection)
        for probe in recorded_traces(resolved.net):
            self._report(probe)
        if len(self.inputs) > MOST:
            self.refused.append(f"{len(self.inputs)} different inputs; at most {MOST} are written one by one")

    def _add(self, name: str, entry: dict[str, Any]) -> None:
        title, k = name, 1
        while title in self.inputs:
            k += 1
            title = f"{name} {k}"
        self.inputs[title] = entry

    def _spikes(self, title: str, population: str) -> None:
        path = f"$BASE_DIR/{spike_file(population)}"
        if self.dialect == "bmtk":
            where = {"population": population}
            self._add(title, {"input_type": "spikes", "module": "sonata", "input_file": path, "node_set": where})
            return
        entry = {"input_type": "spikes", "module": "synapse_replay", "spike_file": path, "delay": 0.0}
        self._add(title, entry | {"duration": self.duration, "node_set": self.sets.everybody})

    def _timed(self, name: str, start: float, stop: float, entry: dict[str, Any]) -> None:
        stop = min(stop, self.duration)
        if start < stop:
            self._add(name, entry | {"delay": start, "duration": stop - start})

    def _background(self, b: Background) -> None:
        if b.trains:
            self.refused.append(
                f"background {b.name!r}: trains that are not plain Poisson trains (give a population of them, one a "
                "target, whose spikes are written)"
            )
            return
        if self.dialect == "bmtk":
            if b.pieces:
                self.refused.append(f"background {b.name!r}: a rate that changes")
            self._spikes(b.name, b.name)
            return
        for population, ids, rates in _parts(b.target, b.rates):
            factor = self.resolved.neurons[population.name].factor(b.synapse)
            for rate, chosen in _distinct(rates[:, None]):
                where = self.sets.of(population, ids[chosen])
                for begin, end, times in b.pieces or [(0.0, math.inf, 1.0)]:
                    entry: dict[str, Any] = {"input_type": "spikes", "module": "poisson", "node_set": where}
                    entry |= {"rate": float(rate[0] * times), "weight": float(b.weight * factor)}
                    if entry["rate"]:
                        self._timed(b.name, begin, end, entry)

    def _injection(self, i: Injection) -> None:
        kind, where = type(i.stimulus).__name__, f"inject {i.name!r}"
        if i.into is not None:
            self.refused.append(f"{where}: into={i.into!r}")
            return
        table = _table(i.stimulus)
        known = (DC, Steps) if self.dialect == "bmtk" else (DC, Steps, Waveform, Sine, Noise, OrnsteinUhlenbeck)
        if table is None or not isinstance(i.stimulus, known):
            self.refused.append(f"{where}: {kind}")
            return
        rows = np.broadcast_to(table, (i.target.size, table.shape[1]))
        if isinstance(i.stimulus, Sine) and rows[:, 2].any():
            self.refused.append(f"{where}: a sine with a phase")
            return
        for population, ids, own in _parts(i.target, rows):
            for row, chosen in _distinct(own):
                where_to = self.sets.of(population, ids[chosen])
                for piece in pieces(i.stimulus, row):
                    self._current(i.name, population.name, where_to, ids[chosen], piece)

    def _current(self, name: str, population: str, where: str, ids: np.ndarray, piece: Piece) -> None:
        module, numbers, start, stop = piece
        if self.dialect != "bmtk":
            entry = {"input_type": "current_clamp", "module": module, "node_set": where}
            self._timed(name, start, stop, entry | dict(numbers))
            return
        if start <= self.resolved.dt:
            self.refused.append(
                f"inject {name!r}: a current that begins at {start:g} ms, which BMTK leaves out (it begins after the "
                "first step); give a constant one as the model's I_e"
            )
            return
        target: dict[str, Any] = {"population": population}
        if self.sets.entries[where].get("node_id") is not None:
            target["node_id"] = ids.tolist()
        clamp = {"input_type": "current_clamp", "module": "IClamp", "amp": numbers["amp_start"] / NANO}
        self._timed(name, start, stop, clamp | {"node_set": target})

    def _report(self, sampled: Sampled) -> None:
        population, variable, ids, every, (start, stop) = sampled
        name = variable if isinstance(variable, str) else getattr(variable, "label", repr(variable))
        title = f"{population.name} {name}"
        entry: dict[str, Any] = {"variable_name": name, "sections": "soma", "start_time": start}
        entry |= {"dt": self.resolved.dt if every is None else every, "end_time": min(stop, self.duration)}
        if self.dialect == "bmtk":
            if name not in STATES:
                self.refused.append(f"record {population.name!r}: {name}")
                return
            where: dict[str, Any] = {"population": population.name}
            if ids.size < population.size:
                where["node_id"] = ids.tolist()
            self.reports[title] = entry | {"module": "multimeter_report", "cells": where, "variable_name": STATES[name]}
            return
        unit = "mV" if name == "v" else "pA" if name.startswith("I_") else "nS" if name.startswith("g_") else ""
        self.reports[title] = entry | {"type": "compartment", "cells": self.sets.of(population, ids), "unit": unit}


def _table(stimulus: Any) -> np.ndarray | None:
    """The numbers of a stimulus, float64 (targets or 1, numbers); None for one that is known to nobody."""
    if isinstance(stimulus, Steps):
        values = stimulus.amplitudes
    elif isinstance(stimulus, Waveform):
        values = stimulus.values
    elif isinstance(stimulus, (DC, Sine, Noise, OrnsteinUhlenbeck)):
        columns = np.broadcast_arrays(*(np.atleast_1d(getattr(stimulus, name)) for name in stimulus.per_target))
        return np.stack(columns, axis=1).astype(np.float64)
    else:
        return None
    return np.atleast_2d(np.asarray(values).T)


def pieces(stimulus: Any, row: np.ndarray) -> Iterator[Piece]:
    """Yield a current as pieces in the modules of libsonata (nA), from its row of numbers (pA)."""
    if isinstance(stimulus, DC):
        yield "linear", _line(row[0], row[0]), stimulus.start, stimulus.stop
    elif isinstance(stimulus, Sine):
        amplitude, frequency, _, offset = row.tolist()
        if amplitude:
            sine = {"amp_start": amplitude * NANO, "frequency": frequency}
            yield "sinusoidal", sine, stimulus.start, stimulus.stop
        if offset:
            yield "linear", _line(offset, offset), stimulus.start, stimulus.stop
    elif isinstance(stimulus, Noise):
        numbers = {"mean": row[0] * NANO, "variance": (row[1] * NANO) ** 2, "dt": stimulus.dt}
        yield "noise", {k: float(v) for k, v in numbers.items()}, 0.0, math.inf
    elif isinstance(stimulus, OrnsteinUhlenbeck):
        numbers = {"mean": row[0] * NANO, "sigma": row[1] * NANO, "tau": stimulus.tau}
        yield "ornstein_uhlenbeck", {k: float(v) for k, v in numbers.items()}, 0.0, math.inf
    else:
        held = isinstance(stimulus, Steps)
        ends = np.append(stimulus.times[1:], math.inf)
        last = row if held else np.append(row[1:], row[-1:])
        for start, stop, a, b in zip(stimulus.times.tolist(), ends.tolist(), row.tolist(), last.tolist()):
            if a or b:
                yield "linear", _line(a, b), start, stop


def _line(a: float, b: float) -> dict[str, float]:
    return {"amp_start": float(a * NANO), "amp_end": float(b * NANO)}


def _parts(target: Any, rows: np.ndarray) -> Iterator[tuple[Any, np.ndarray, np.ndarray]]:
    """Yield the populations of a selection with ascending ids and their rows."""
    sizes = np.cumsum([0, *(ids.size for _, ids in target.parts)])
    for population in target.populations:
        here = [(ids, rows[a : a + ids.size]) for (p, ids), a in zip(target.parts, sizes) if p is population]
        ids, own = np.concatenate([i for i, _ in here]), np.concatenate([r for _, r in here])
        order = np.argsort(ids)
        yield population, ids[order], own[order]


def _distinct(rows: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield each different row, and where it stands."""
    found, back = np.unique(rows, axis=0, return_inverse=True)
    back = back.reshape(-1)
    order = np.argsort(back, kind="stable")
    for k, chosen in enumerate(np.split(order, np.searchsorted(back[order], np.arange(1, len(found))))):
        yield found[k], np.sort(chosen)
