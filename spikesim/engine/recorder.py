"""What a run leaves: spikes and samples of every batch on their way to the sink."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from ..network.graph import graph
from ..network.network import Network
from ..network.probe import recorded_spikes
from ..program.program import Program
from ..record.layout import Layout, ProbeLayout
from ..record.sink import Sink
from .protocol import Batch

__all__ = ["Recorder", "describe"]


class Recorder:
    """The recording of one simulation.

    Parameters
    ----------
    sink : Sink
    program : Program
    probes : sequence of ProbeLayout
    start : int
        Step at which it begins.
    """

    def __init__(self, sink: Sink, program: Program, probes: tuple[ProbeLayout, ...], start: int) -> None:
        self.sink, self.program = sink, program
        self._wanted = recorded_spikes(program.net)
        self._begun = False
        self.layout = Layout(
            grid=program.grid,
            start_step=start,
            populations={cell.name: cell.size for cell in program.cells},
            spikes=self._wanted,
            probes=probes,
            seed=program.seed,
            description=describe(program.net),
            exact=program.exact,
            projections=_projections(p for p in probes if p.population not in program.by_name),
            at_spike=program.net.at_spike,
        )

    def expect(self, steps: int) -> None:
        """Say that so many steps are to come: the moment to refuse what has no room."""
        self.sink.expect(self.layout, steps)
        self.begin()

    def begin(self) -> None:
        """Open the sink, once."""
        if not self._begun:
            self.sink.begin(self.layout)
            self._begun = True

    def take(self, batch: Batch) -> None:
        """Hand a batch over and declare it complete."""
        for cell in self.program.cells if batch.ids.size else ():
            if cell.name not in self._wanted:
                continue
            own = np.flatnonzero((batch.ids >= cell.first) & (batch.ids < cell.first + cell.size))
            wanted = self._wanted[cell.name]
            if wanted is not None:
                own = own[np.isin(batch.ids[own], cell.first + wanted)]
            when, ids = batch.when[own], batch.ids[own] - cell.first
            window = self.program.net.windows.get(cell.name, (0.0, np.inf))
            inside = _inside(window, when if self.program.exact else self.program.grid.times(when))
            when, ids = when[inside], ids[inside]
            if ids.size:
                self.sink.spikes(cell.name, when, ids)
            states = self.layout.at_spike.get(cell.name, ())
            if ids.size and states and batch.kept is not None:
                self.sink.at_spike(cell.name, batch.kept[own[inside], : len(states)])
        for number, (first, values) in enumerate(batch.samples):
            probe = self.layout.probes[number]
            times = self.program.grid.times(first + probe.every_steps * np.arange(len(values)))
            inside = _inside(probe.window, times)
            first, values = first + probe.every_steps * inside.start, values[inside]
            if len(values):
                self.sink.samples(number, first, values)
        self.sink.commit(batch.step)

    def flush(self) -> None:
        """Make what was taken safe against a crash."""
        self.sink.flush()

    def pause(self, stats: dict[str, Any], interrupted: bool) -> None:
        """A piece has ended: what stands there is whole."""
        self.sink.pause(stats, interrupted)

    def end(self, stats: dict[str, Any], interrupted: bool) -> None:
        """Nothing comes after this."""
        if self._begun:
            self.sink.end(stats, interrupted)

    def result(self) -> Any:
        """Return what was recorded so far."""
        self.begin()
        return self.sink.result()


def _inside(window: tuple[float, float], times: np.ndarray) -> slice:
    """Which of ascending times lie in a window, start < t <= stop."""
    start, stop = window
    first = 0 if start == 0.0 else int(np.searchsorted(times, start, side="right"))
    return slice(first, max(first, int(np.searchsorted(times, stop, side="right"))))


def _projections(probes: Iterable[ProbeLayout]) -> dict[str, int]:
    """Return how many numbers there are of what is recorded of each projection, at most."""
    found: dict[str, int] = {}
    for probe in probes:
        found[probe.population] = max(found.get(probe.population, 0), probe.ids.size)
    return found


def of_cell(batch: Batch, first: int, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Return when the neurons of a population fired, and which (from zero)."""
    own = (batch.ids >= first) & (batch.ids < first + size)
    return batch.when[own], batch.ids[own] - first


def describe(net: Network) -> dict[str, Any]:
    """Return a network in words and numbers that people read in a file."""
    return {
        "populations": {p.name: {"size": p.size, "model": short(p.model)} for p in net.populations.values()},
        "projections": [
            {
                "name": p.name, "pre": str(p.pre), "post": str(p.post), "rule": short(p.rule),
                "weight": short(p.weight), "delay": short(p.delay), "synapse": short(p.synapse),
                **({"plasticity": short(p.plasticity)} if p.plasticity else {}),
                **({"release": short(p.release)} if p.release else {}),
                **({"dendritic_delay": p.dendritic_delay} if p.dendritic_delay else {}),
            }
            for p in net.projections
        ],
        **({"couplings": _couplings(net)} if net.couplings else {}),
        "backgrounds": [
            {
                "name": b.name, "target": str(b.target), "rate": short(b.rate), "weight": b.weight,
                "synapse": short(b.synapse),
            }
            for b in net.backgrounds
        ],
        "stimuli": [{"name": i.name, "target": str(i.target), "stimulus": short(i.stimulus)} for i in net.injections],
        "graph": graph(net),
    }  # fmt: skip


def _couplings(net: Network) -> list[dict[str, Any]]:
    return [
        {"name": c.name, "a": str(c.a), "b": str(c.b), "rule": short(c.rule), "conductance": short(c.conductance)}
        for c in net.couplings
    ]


def short(value: Any) -> str:
    """Return the repr of a value on one line of bounded length."""
    text = " ".join(repr(value).split())
    return text if len(text) <= 400 else f"{text[:397]}..."
