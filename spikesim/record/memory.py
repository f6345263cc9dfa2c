"""Recording into memory, for runs whose spikes fit there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ..trains import SpikeTrains, Traces
from .column import Column
from .result import Result
from .sink import Layout, Sink, versions
from .uninterrupted import uninterrupted

__all__ = ["MemorySink"]


class MemorySink(Sink):
    """Keeps a recording in memory: 16 bytes a spike, 8 a sample."""

    def begin(self, layout: Layout) -> None:
        super().begin(layout)
        moment = np.float64 if layout.exact else np.int64
        self._spikes = {name: (Column(moment), Column(np.int64)) for name in layout.spikes}
        self._samples = [Column(np.float64, (probe.ids.size,)) for probe in layout.probes]
        self._first: dict[int, int] = {}
        self._stop = layout.start_step
        self._stats: dict[str, Any] = {"seed": layout.seed, "versions": versions()}

    def spikes(self, population: str, steps: np.ndarray, ids: np.ndarray) -> None:
        when, who = self._spikes[population]
        when.append(steps)
        who.append(ids)

    def samples(self, probe: int, first_step: int, values: np.ndarray) -> None:
        self._first.setdefault(probe, first_step)
        self._samples[probe].append(values)

    def commit(self, step: int) -> None:
        with uninterrupted():
            for column in (*(c for pair in self._spikes.values() for c in pair), *self._samples):
                column.kept = column.size
            self._stop = int(step)

    def flush(self) -> None:
        """Nothing to do: memory does not outlive the program."""

    def end(self, stats: Mapping[str, Any] | None = None, interrupted: bool = False) -> None:
        self._stats |= {**(stats or {}), "interrupted": bool(interrupted)}

    def result(self, weights: Mapping[str, Callable[[], Any]] | None = None) -> Result:
        layout = self.opened
        start, stop = layout.start, layout.grid.time(self._stop)
        spikes = {
            name: SpikeTrains(
                layout.times(when.committed()),
                who.committed(),
                layout.populations[name],
                start,
                stop,
                name,
                layout.spikes[name],
            )
            for name, (when, who) in self._spikes.items()
        }
        traces = {}
        for k, (probe, column) in enumerate(zip(layout.probes, self._samples)):
            values = column.committed()
            steps = self._first.get(k, 0) + probe.every_steps * np.arange(len(values))
            traces[probe.population, probe.variable] = Traces(
                layout.grid.times(steps), values, probe.ids, probe.variable, probe.unit, probe.population
            )
        return Result.of(
            spikes,
            traces,
            start=start,
            stop=stop,
            dt=layout.grid.dt,
            stats=dict(self._stats),
            description=layout.description,
        ).with_weights(weights)

    def __repr__(self) -> str:
        return "MemorySink()"
