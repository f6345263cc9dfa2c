"""Recording into memory, for runs whose spikes fit there."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np

from ..keywords import named
from ..machine import require_memory
from ..trains import SpikeTrains, Traces
from .column import Column
from .layout import Layout, ProbeLayout
from .result import Made, Result
from .sink import Sink
from .size import recording_bytes
from .uninterrupted import uninterrupted
from .versions import versions

__all__ = ["MemorySink"]


@named
class MemorySink(Sink):
    """Keeps a recording in memory: 16 bytes a spike, 8 a sample.

    Examples
    --------
    >>> import spikesim as ss
    >>> from spikesim.record import MemorySink
    >>> net = ss.Network(seed=1)
    >>> net.record(net.population("cells", 10, ss.LIF(I_e=500.0)), "spikes")
    >>> net.run(50.0, out=MemorySink(), progress=False).spikes["cells"].count() > 0
    True
    """

    _coming = 0

    def expect(self, layout: Layout, steps: int) -> None:
        needed = recording_bytes(layout, layout.grid.time(steps), into="memory")
        require_memory(needed, remedy="record fewer neurons, or less often (every=), or into a file (out=)")
        self._coming = steps
        self._reserve()

    def _reserve(self) -> None:
        """Room for the samples that are to come, so that none is ever moved."""
        if self.layout is not None:
            for probe, column in zip(self.layout.probes, self._samples):
                column.reserve(self._coming // probe.every_steps + 1)

    def begin(self, layout: Layout) -> None:
        super().begin(layout)
        moment = np.float64 if layout.exact else np.int64
        self._spikes = {name: (Column(moment), Column(np.int64)) for name in layout.spikes}
        self._states = {name: Column(np.float64, (len(states),)) for name, states in layout.at_spike.items()}
        self._samples = [Column(np.float64, (probe.ids.size,)) for probe in layout.probes]
        self._first: dict[int, int] = {}
        self._stop = layout.start_step
        self._reserve()
        self._stats: dict[str, Any] = {"seed": layout.seed, "versions": versions()}

    def spikes(self, population: str, steps: np.ndarray, ids: np.ndarray) -> None:
        when, who = self._spikes[population]
        when.append(steps)
        who.append(ids)

    def at_spike(self, population: str, values: np.ndarray) -> None:
        self._states[population].append(values)

    def samples(self, probe: int, first_step: int, values: np.ndarray) -> None:
        self._first.setdefault(probe, first_step)
        self._samples[probe].append(values)

    def commit(self, step: int) -> None:
        with uninterrupted():
            pairs = (column for pair in self._spikes.values() for column in pair)
            for column in (*pairs, *self._states.values(), *self._samples):
                column.kept = column.size
            self._stop = int(step)

    def pause(self, stats: Mapping[str, Any], interrupted: bool = False) -> None:
        self._stats |= {**stats, "interrupted": bool(interrupted)}

    def end(self, stats: Mapping[str, Any] | None = None, interrupted: bool = False) -> None:
        self.pause(stats or {}, interrupted)

    def result(self) -> Result:
        layout = self.opened
        stop = layout.grid.time(self._stop)
        spikes = {
            name: Made(partial(_trains, layout, name, when.committed(), who.committed(), self._at_spike(name), stop))
            for name, (when, who) in self._spikes.items()
        }
        traces = {
            (probe.population, probe.variable): Made(
                partial(_traces, layout, probe, self._first.get(k, 0), column.committed())
            )
            for k, (probe, column) in enumerate(zip(layout.probes, self._samples))
        }
        return Result.of(
            spikes,
            traces,
            start=layout.start,
            stop=stop,
            dt=layout.grid.dt,
            stats=dict(self._stats),
            description=layout.description,
        )

    def _at_spike(self, name: str) -> dict[str, np.ndarray]:
        if name not in self._states:
            return {}
        return dict(zip(self.opened.at_spike[name], self._states[name].committed().T))

    def __repr__(self) -> str:
        return "MemorySink()"


def _trains(
    layout: Layout, name: str, moments: np.ndarray, ids: np.ndarray, states: dict[str, np.ndarray], stop: float
) -> SpikeTrains:
    times, size = layout.times(moments), layout.populations[name]
    return SpikeTrains(times, ids, size, layout.start, stop, name, layout.spikes[name], states)


def _traces(layout: Layout, probe: ProbeLayout, first: int, values: np.ndarray) -> Traces:
    times = layout.grid.times(first + probe.every_steps * np.arange(len(values)))
    return Traces(times, values, probe.ids, probe.variable, probe.unit, probe.population)
