"""What stands in a file, as values that are read when they are asked for.

The rows are looked at when they are first touched: all of a population's spikes are then looked through once, block by
block, so that a window of them can be trusted and found.  Later reads take only what they need.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np

from ..errors import FileFormatError, SpikesimError
from ..trains import SpikeTrains, Traces
from .checked import CheckedFile, Rows, steady
from .layout import Layout
from .result import Made, Result

__all__ = ["Recording", "StoredSpikeTrains", "StoredTraces"]

_BLOCK = 2**20  #: rows looked through at a time


@dataclass(frozen=True, eq=False)
class Recording:
    """Where a recording stands, and how much of the file belongs to it.

    Parameters
    ----------
    path : str
        The file.
    layout : Layout
        What was recorded.
    groups : tuple of str
        The report of each probe.
    step : int
        How far it reaches.
    rows, first, tails : tuple of int
        As in :class:`.format.Marker`.
    """

    path: str
    layout: Layout
    groups: tuple[str, ...]
    step: int
    rows: tuple[int, ...]
    first: tuple[int, ...]
    tails: tuple[int, ...]

    def _rows(self, file: CheckedFile, path: str, dtype: str, width: tuple[int, ...], rows: int, tail: int) -> Rows:
        found = file.dataset(path, dtype, (None, *width), chunked=True)
        if found.shape[0] < rows:
            raise file.error(f"{path}: {rows} rows are committed, {found.shape[0]} are there")
        return Rows(file, found, rows, self.tails[tail])

    def spikes(self, file: CheckedFile, k: int) -> tuple[Rows, Rows]:
        """Return times and ids of the k-th recorded population."""
        path, rows = f"/spikes/{list(self.layout.spikes)[k]}", self.rows[k]
        times = self._rows(file, f"{path}/timestamps", "<f8", (), rows, 2 * k)
        return times, self._rows(file, f"{path}/node_ids", "<u8", (), rows, 2 * k + 1)

    def states(self, file: CheckedFile, k: int) -> dict[str, Rows]:
        """Return the states that are kept with the spikes of the k-th recorded population."""
        names, layout = list(self.layout.spikes), self.layout
        tail = 2 * len(names) + len(layout.probes)
        tail += sum(len(layout.at_spike.get(name, ())) for name in names[:k])
        path = f"/spikesim/at_spike/{names[k]}"
        return {
            state: self._rows(file, f"{path}/{state}", "<f8", (), self.rows[k], tail + j)
            for j, state in enumerate(layout.at_spike.get(names[k], ()))
        }

    def samples(self, file: CheckedFile, k: int) -> Rows:
        """Return the samples of the k-th probe."""
        n, width = len(self.layout.spikes), self.layout.probes[k].ids.size
        path = f"/spikesim/samples/{self.groups[k]}"
        return self._rows(file, path, "<f8", (width,), self.rows[n + k], 2 * n + k)

    def check(self, file: CheckedFile) -> None:
        """Refuse a file whose datasets are not what this says."""
        for k in range(len(self.layout.spikes)):
            self.spikes(file, k)
            self.states(file, k)
        for k in range(len(self.layout.probes)):
            self.samples(file, k)

    def result(self, stats: Mapping[str, Any]) -> Result:
        """Return the recording as a result; nothing is read yet."""
        layout = self.layout
        return Result.of(
            {name: Made(partial(StoredSpikeTrains.of, self, k)) for k, name in enumerate(layout.spikes)},
            {(p.population, p.variable): Made(partial(StoredTraces.of, self, k)) for k, p in enumerate(layout.probes)},
            start=layout.start,
            stop=layout.grid.time(self.step),
            dt=layout.grid.dt,
            stats=stats,
            description=layout.description,
        )


class StoredSpikeTrains(SpikeTrains):
    """Spikes that stand in a file."""

    @classmethod
    def of(cls, recording: Recording, k: int) -> StoredSpikeTrains:
        """Return the k-th recorded population's."""
        layout, made = recording.layout, cls.__new__(cls)
        name = list(layout.spikes)[k]
        made.__dict__.update(
            size=layout.populations[name],
            start=layout.start,
            stop=layout.grid.time(recording.step),
            name=name,
            neurons=layout.spikes[name],
            _source=(recording, k),
        )
        return made

    def __len__(self) -> int:
        recording, k = self.__dict__["_source"]
        return int(recording.rows[k])

    @cached_property
    def _all(self) -> tuple[np.ndarray, np.ndarray]:
        rows = len(self)
        times, ids = np.empty(rows), np.empty(rows, np.int64)

        def keep(at: int, t: np.ndarray, i: np.ndarray) -> None:
            times[at : at + t.size], ids[at : at + t.size] = t, i

        self._look_through(keep)
        times.flags.writeable = ids.flags.writeable = False
        return times, ids

    @cached_property
    def times(self) -> np.ndarray:
        return self._all[0]

    @cached_property
    def ids(self) -> np.ndarray:
        return self._all[1]

    @cached_property
    def at_spike(self) -> dict[str, np.ndarray]:
        return self._states(0, len(self))

    def _states(self, first: int, last: int) -> dict[str, np.ndarray]:
        """The states of some spikes."""
        recording, k = self.__dict__["_source"]
        if list(recording.layout.spikes)[k] not in recording.layout.at_spike:
            return {}

        def read(file: CheckedFile) -> dict[str, np.ndarray]:
            return {state: rows.read(first, last) for state, rows in recording.states(file, k).items()}

        found = steady(recording.path, read)
        for state, values in found.items():
            bad = ~np.isfinite(values)
            if bad.any():
                row = int(np.argmax(bad))
                raise FileFormatError(
                    f"{recording.path!r} /spikesim/at_spike/{self.name}/{state}: wanted finite numbers, got "
                    f"{values[row]!r} at row {first + row}"
                )
            values.flags.writeable = False
        return found

    @cached_property
    def _edges(self) -> np.ndarray:
        """The first time of every block, once all blocks have been found good."""
        edges: list[float] = []
        self._look_through(lambda at, t, i: edges.append(float(t[0])))
        return np.array(edges)

    def _window(self, start: float, stop: float) -> tuple[np.ndarray, np.ndarray, dict[str, np.ndarray]]:
        if "_all" in self.__dict__ or len(self) <= _BLOCK:
            return super()._window(start, stop)
        first = max(int(np.searchsorted(self._edges, start, "left")) - 1, 0) * _BLOCK
        last = min(int(np.searchsorted(self._edges, stop, "right")) * _BLOCK, len(self))
        times, ids = self._read(first, max(first, last))
        low = np.searchsorted(times, start, "left" if start == self.start else "right")
        high = np.searchsorted(times, stop, "right")
        return times[low:high], ids[low:high], self._states(first + int(low), first + int(high))

    def _read(self, first: int, last: int) -> tuple[np.ndarray, np.ndarray]:
        recording, k = self.__dict__["_source"]

        def read(file: CheckedFile) -> tuple[np.ndarray, np.ndarray]:
            times, ids = recording.spikes(file, k)
            return times.read(first, last), ids.read(first, last)

        times, ids = steady(recording.path, read)
        return times, self._checked(times, ids, first)

    def _look_through(self, use: Callable[[int, np.ndarray, np.ndarray], None]) -> None:
        """Check all rows, block by block, and hand each block on."""
        before: tuple[float, int] = (-math.inf, -1)
        for at in range(0, len(self), _BLOCK):
            times, ids = self._read(at, min(at + _BLOCK, len(self)))
            if (float(times[0]), int(ids[0])) < before:
                raise self._refused("timestamps", at, "not sorted by time, then id")
            before = (float(times[-1]), int(ids[-1]))
            use(at, times, ids)

    def _refused(self, dataset: str, row: int, what: str) -> SpikesimError:
        path = self.__dict__["_source"][0].path
        return FileFormatError(f"{path!r} /spikes/{self.name}/{dataset}: {what}, at row {row}")

    def _checked(self, times: np.ndarray, ids: np.ndarray, at: int) -> np.ndarray:
        """The ids as int64, when times and ids of a block from row `at` on are what they must be."""
        bad = ~((times >= self.start) & (times <= self.stop))
        if bad.any():
            k = int(np.argmax(bad))
            limits = f"{self.start:g} ... {self.stop:g} ms"
            raise self._refused("timestamps", at + k, f"time {times[k]!r} is outside the recording, {limits}")
        bad = ids >= self.size
        if bad.any():
            k = int(np.argmax(bad))
            raise self._refused("node_ids", at + k, f"id {ids[k]} is outside 0 ... {self.size - 1}")
        ids = ids.astype(np.int64)
        bad = (times[1:] < times[:-1]) | ((times[1:] == times[:-1]) & (ids[1:] < ids[:-1]))
        if bad.any():
            raise self._refused("timestamps", at + int(np.argmax(bad)) + 1, "not sorted by time, then id")
        if self.neurons is not None:
            bad = ~np.isin(ids, self.neurons)
            if bad.any():
                k = int(np.argmax(bad))
                raise self._refused("node_ids", at + k, f"id {ids[k]} is not among the recorded neurons")
        return ids


class StoredTraces(Traces):
    """Samples that stand in a file."""

    @classmethod
    def of(cls, recording: Recording, k: int) -> StoredTraces:
        """Return the k-th probe's."""
        probe, made = recording.layout.probes[k], cls.__new__(cls)
        made.__dict__.update(
            ids=probe.ids, variable=probe.variable, unit=probe.unit, name=probe.population, _source=(recording, k)
        )
        return made

    def __len__(self) -> int:
        recording, k = self.__dict__["_source"]
        return int(recording.rows[len(recording.layout.spikes) + k])

    @cached_property
    def times(self) -> np.ndarray:
        recording, k = self.__dict__["_source"]
        every = recording.layout.probes[k].every_steps
        times = recording.layout.grid.times(recording.first[k] + every * np.arange(len(self)))
        times.flags.writeable = False
        return np.asarray(times)

    @cached_property
    def values(self) -> np.ndarray:
        values = self._rows(slice(0, len(self)))
        values.flags.writeable = False
        return values

    def _rows(self, rows: slice) -> np.ndarray:
        if "values" in self.__dict__:
            return self.values[rows]
        recording, k = self.__dict__["_source"]
        start, stop, _ = rows.indices(len(self))

        def read(file: CheckedFile) -> np.ndarray:
            values = recording.samples(file, k).read(start, stop)
            bad = ~np.isfinite(values)
            if bad.any():
                row, column = divmod(int(np.argmax(bad)), values.shape[1])
                raise file.error(
                    f"/spikesim/samples/{recording.groups[k]}: wanted finite numbers, "
                    f"got {values[row, column]!r} at row {start + row}, column {column}"
                )
            return values

        return steady(recording.path, read)
