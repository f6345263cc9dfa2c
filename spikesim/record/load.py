"""Reading a recording: the same Result as after the run, its arrays read when they are asked for.

The structure is checked at once, the rows when they are first touched: all of a population's spikes are then
looked through once, block by block, so that a window of them can be trusted and found.  Later reads take only
what they need.
"""

from __future__ import annotations

import json
import math
import os
import time
import zlib
from collections.abc import Callable
from functools import cached_property
from typing import Any, TypeVar

import numpy as np

from ..errors import FileFormatError, InvalidTypeError, SpikesimError
from ..grid import Grid
from ..trains import SpikeTrains, Traces
from .checked import CheckedFile, Rows, shown
from .format import ENDED, FORMAT, INTERRUPTED, SEALED, VERSION, Marker, digest
from .result import Result
from .sink import Layout, ProbeLayout

__all__ = ["load"]

T = TypeVar("T")

_BLOCK = 2**20  #: rows looked through at a time
_TEXT = 64 * 2**20  #: bytes of JSON accepted


def _steady(path: str, read: Callable[[CheckedFile], T]) -> T:
    """Open, read, close; again where the file is being written and was caught in the middle of a commit."""
    for patience in (0.01, 0.05, 0.2, 0.5, None):
        try:
            with CheckedFile(path) as file:
                return read(file)
        except FileFormatError:
            if patience is None or time.time() - os.stat(path).st_mtime > 10.0:
                raise
            time.sleep(patience)
    raise AssertionError


def load(path: Any) -> Result:
    """Return the recording in a file.

    Parameters
    ----------
    path : str or path
        A file that a run wrote (``out=``), complete or cut short.

    Returns
    -------
    Result
        Without weights.  Arrays are read from the file when they are asked for; keep it where it is.

    Raises
    ------
    FileFormatError
        If it is no recording, of another version, damaged, or made to deceive; the message names the object.
    FileNotFoundError
        If it does not exist.
    """
    if not isinstance(path, (str, os.PathLike)):
        raise InvalidTypeError(f"load: wanted a path, got {type(path).__name__} {shown(path)}")
    name = os.path.abspath(os.fspath(path))
    if not isinstance(name, str):
        raise InvalidTypeError("load: wanted a path as text, got bytes")
    return _steady(name, _Reader)._result()


class _Reader:
    """What stands in a file, without its rows."""

    def __init__(self, file: CheckedFile) -> None:
        self.path = file.path
        self._check_format(file)
        header, raw = self._json(file, "header")
        self.description, raw_description = self._json(file, "description")
        with file.guard("/spikesim/header"):
            self._understand(file, header)
        layout = self.layout
        arrays = [ids for ids in layout.spikes.values() if ids is not None] + [p.ids for p in layout.probes]
        wanted = file.attribute("/spikesim", "digest", "S")
        if digest(raw, raw_description, arrays).encode() != bytes(wanted):
            raise file.error("/spikesim: the header, the description or a list of neurons was altered (wrong digest)")
        self.marker = self._marker(file)
        self.stats = self._statistics(file) | {"seed": layout.seed, "versions": header["versions"]}
        self.stats["interrupted"] = not self.marker.flags & ENDED or bool(self.marker.flags & INTERRUPTED)
        for k in range(len(layout.spikes)):
            self.spike_datasets(file, k)
        for k in range(len(layout.probes)):
            self.sample_dataset(file, k)

    # ---- what never changes

    def _check_format(self, file: CheckedFile) -> None:
        if "spikesim" not in file.names("/"):
            raise file.error("is HDF5 but not a spikesim recording: it has no group /spikesim")
        found = file.attribute("/spikesim", "format", "S")
        if bytes(found) != FORMAT.encode():
            raise file.error(f"/spikesim: wanted format {FORMAT!r}, got {shown(found)}")
        version = file.attribute("/spikesim", "format_version", "iufS")
        if version.dtype.kind not in "iu" or int(version) != VERSION:
            raise file.error(f"has format version {shown(version.item())}; this program reads version {VERSION}")

    def _json(self, file: CheckedFile, name: str) -> tuple[dict[str, Any], bytes]:
        where = f"/spikesim/{name}"
        text = file.dataset(where, "u1", (None,), chunked=False)
        if text.size > _TEXT:
            raise file.error(f"{where}: {text.size} bytes; at most {_TEXT} are accepted")
        raw = file.read(text).tobytes()
        return self._parsed(file, where, raw), raw

    @staticmethod
    def _parsed(file: CheckedFile, where: str, raw: bytes) -> dict[str, Any]:
        try:
            value = json.loads(raw.decode("utf-8"))
        except (ValueError, RecursionError) as error:
            raise file.error(f"{where}: is no JSON: {str(error)[:200]}") from error
        if not isinstance(value, dict):
            raise file.error(f"{where}: wanted an object, got {shown(value)}")
        return value

    def _understand(self, file: CheckedFile, header: dict[str, Any]) -> None:
        num, den = (self._whole(n, 1, 2**53) for n in header["dt"])
        grid = Grid(num / den)
        if (grid.fraction.numerator, grid.fraction.denominator) != (num, den):
            raise file.error(f"/spikesim/header: dt = {num}/{den} is not in lowest terms")
        populations = {str(k): self._whole(v, 0, 2**40) for k, v in header["populations"].items()}
        chosen = {}
        for name, size in header["spikes"].items():
            chosen[name] = None if size is None else self._ids(file, f"/spikesim/neurons/{name}", size)
        probes, self.groups = [], []
        for probe in header["probes"]:
            group = str(probe["group"])
            ids = self._ids(file, f"/report/{group}/mapping/node_ids", probe["size"], "<u8")
            every = self._whole(probe["every_steps"], 1, 2**53)
            probes.append(ProbeLayout(probe["population"], probe["variable"], ids, every, str(probe["unit"])))
            self.groups.append(group)
        start = self._whole(header["start_step"], -(2**53), 2**53)
        dict(header["versions"])
        self.layout = Layout(
            grid,
            start,
            populations,
            chosen,
            tuple(probes),
            header["seed"],
            self.description,
            bool(header["exact"]),
        )

    @staticmethod
    def _whole(value: Any, low: int, high: int) -> int:
        if type(value) is not int or not low <= value <= high:
            raise ValueError(f"wanted a whole number in {low} ... {high}, got {shown(value)}")
        return value

    def _ids(self, file: CheckedFile, path: str, size: Any, dtype: str = "<i8") -> np.ndarray:
        found = file.dataset(path, dtype, (self._whole(size, 0, 2**40),), chunked=False)
        ids = file.read(found)
        if ids.dtype.kind == "u" and ids.size and int(ids.max()) >= 2**40:
            raise file.error(f"{path}: id {int(ids.max())} is out of range")
        return ids.astype(np.int64)

    # ---- what grows

    def _marker(self, file: CheckedFile) -> Marker:
        spikes, probes = len(self.layout.spikes), len(self.layout.probes)
        where = "/spikesim/committed"
        both = file.read(file.dataset(where, "<i8", (2, Marker.length(spikes, probes)), chunked=False))
        found = [Marker.decode(values, spikes, probes) for values in both]
        good = [marker for marker in found if marker is not None]
        if not good or (len(good) == 1 and good[0].flags & SEALED):
            raise file.error(f"{where}: is damaged (wrong checksum)")
        marker = max(good, key=lambda m: m.sequence)
        if min([*marker.rows, *marker.statistics, 0]) < 0 or not 0 <= marker.step - self.layout.start_step < 2**53:
            raise file.error(f"{where}: counts that cannot be: {shown(marker)}")
        return marker

    def _statistics(self, file: CheckedFile) -> dict[str, Any]:
        length, checksum = self.marker.statistics
        if not length:
            return {}
        where = "/spikesim/statistics"
        text = file.dataset(where, "u1", (None,), chunked=False)
        raw = file.read(text, slice(0, length)).tobytes() if length <= min(text.size, _TEXT) else b""
        if len(raw) != length or zlib.crc32(raw) != checksum:
            raise file.error(f"{where}: is damaged (wrong checksum)")
        return self._parsed(file, where, raw)

    def _rows(self, file: CheckedFile, path: str, dtype: str, width: tuple[int, ...], rows: int, tail: int) -> Rows:
        found = file.dataset(path, dtype, (None, *width), chunked=True)
        if found.shape[0] < rows:
            raise file.error(f"{path}: {rows} rows are committed, {found.shape[0]} are there")
        return Rows(file, found, rows, self.marker.tails[tail])

    def spike_datasets(self, file: CheckedFile, k: int) -> tuple[Rows, Rows]:
        """Times and ids of the k-th recorded population."""
        path, rows = f"/spikes/{list(self.layout.spikes)[k]}", self.marker.rows[k]
        times = self._rows(file, f"{path}/timestamps", "<f8", (), rows, 2 * k)
        return times, self._rows(file, f"{path}/node_ids", "<u8", (), rows, 2 * k + 1)

    def sample_dataset(self, file: CheckedFile, k: int) -> Rows:
        """Samples of the k-th probe."""
        n, width = len(self.layout.spikes), self.layout.probes[k].ids.size
        path = f"/spikesim/samples/{self.groups[k]}"
        return self._rows(file, path, "<f8", (width,), self.marker.rows[n + k], 2 * n + k)

    # ---- the result

    def _result(self) -> Result:
        layout = self.layout
        traces = {(p.population, p.variable): StoredTraces.of(self, k) for k, p in enumerate(layout.probes)}
        return Result.of(
            {name: StoredSpikeTrains.of(self, k) for k, name in enumerate(layout.spikes)},
            traces,
            start=layout.start,
            stop=layout.grid.time(self.marker.step),
            dt=layout.grid.dt,
            stats=self.stats,
            description=self.description,
        )


class StoredSpikeTrains(SpikeTrains):
    """Spikes that stand in a file."""

    @classmethod
    def of(cls, reader: _Reader, k: int) -> StoredSpikeTrains:
        """Return the k-th recorded population's."""
        layout, made = reader.layout, cls.__new__(cls)
        name = list(layout.spikes)[k]
        made.__dict__.update(
            size=layout.populations[name],
            start=layout.start,
            stop=layout.grid.time(reader.marker.step),
            name=name,
            neurons=layout.spikes[name],
            _source=(reader, k, reader.marker.rows[k]),
        )
        return made

    def __len__(self) -> int:
        return int(self.__dict__["_source"][2])

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
    def _edges(self) -> np.ndarray:
        """The first time of every block, once all blocks have been found good."""
        edges: list[float] = []
        self._look_through(lambda at, t, i: edges.append(float(t[0])))
        return np.array(edges)

    def _window(self, start: float, stop: float) -> tuple[np.ndarray, np.ndarray]:
        if "_all" in self.__dict__ or len(self) <= _BLOCK:
            return super()._window(start, stop)
        first = max(int(np.searchsorted(self._edges, start, "left")) - 1, 0) * _BLOCK
        last = min(int(np.searchsorted(self._edges, stop, "right")) * _BLOCK, len(self))
        times, ids = self._read(first, max(first, last))
        low = np.searchsorted(times, start, "left" if start == self.start else "right")
        high = np.searchsorted(times, stop, "right")
        return times[low:high], ids[low:high]

    def _read(self, first: int, last: int) -> tuple[np.ndarray, np.ndarray]:
        reader, k, _ = self.__dict__["_source"]

        def read(file: CheckedFile) -> tuple[np.ndarray, np.ndarray]:
            times, ids = reader.spike_datasets(file, k)
            return times.read(first, last), ids.read(first, last)

        times, ids = _steady(reader.path, read)
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
    def of(cls, reader: _Reader, k: int) -> StoredTraces:
        """Return the k-th probe's."""
        probe, made = reader.layout.probes[k], cls.__new__(cls)
        rows, first = reader.marker.rows[len(reader.layout.spikes) + k], reader.marker.first[k]
        made.__dict__.update(
            times=reader.layout.grid.times(first + probe.every_steps * np.arange(rows)),
            ids=probe.ids,
            variable=probe.variable,
            unit=probe.unit,
            name=probe.population,
            _source=(reader, k),
        )
        made.times.flags.writeable = False
        return made

    @cached_property
    def values(self) -> np.ndarray:
        values = self._rows(slice(0, self.times.size))
        values.flags.writeable = False
        return values

    def _rows(self, rows: slice) -> np.ndarray:
        if "values" in self.__dict__:
            return self.values[rows]
        reader, k = self.__dict__["_source"]
        start, stop, _ = rows.indices(self.times.size)

        def read(file: CheckedFile) -> np.ndarray:
            values = reader.sample_dataset(file, k).read(start, stop)
            bad = ~np.isfinite(values)
            if bad.any():
                row, column = divmod(int(np.argmax(bad)), values.shape[1])
                raise file.error(
                    f"/spikesim/samples/{reader.groups[k]}: wanted finite numbers, "
                    f"got {values[row, column]!r} at row {start + row}, column {column}"
                )
            return values

        return _steady(reader.path, read)
