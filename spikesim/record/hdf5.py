"""Recording into a file: appended block by block in bounded memory, readable after a crash at any moment.

What the engine commits is collected in memory and written every `interval` seconds or `limit` bytes; see
:mod:`.format` for the file, :mod:`.committed` for why a crash cannot hurt it and :mod:`.output` for its name.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import time
import weakref
import zlib
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from typing import Any

import h5py
import numpy as np

from ..errors import OutputFileError, StateError
from .column import Column
from .committed import CommittedFile
from .format import (
    ENDED,
    FORMAT,
    INTERRUPTED,
    MAGIC,
    SEALED,
    SORTING,
    STATISTICS_BYTES,
    VERSION,
    Marker,
    chunk_shape,
    digest,
)
from .load import load
from .output import OutputPath
from .result import Result
from .sink import Layout, Sink, versions
from .uninterrupted import uninterrupted

__all__ = ["HDF5Sink"]

_FLOAT32 = float(np.finfo(np.float32).max)
_open: weakref.WeakSet[HDF5Sink] = weakref.WeakSet()


@atexit.register
def _end_all() -> None:
    """Close what a program leaves open: HDF5 would call back into a Python that is gone."""
    for sink in list(_open):
        sink.__del__()


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, allow_nan=True, default=_plain).encode()


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        return value.tolist()
    return str(value)


class HDF5Sink(Sink):
    """Writes a recording to an HDF5 file.

    Parameters
    ----------
    path : str or path
        The file.
    overwrite : bool
        Replace an existing file, when the run begins.
    interval : float
        Seconds of computing that a crash may cost.
    limit : int
        Bytes to collect at most before writing.

    Raises
    ------
    OutputFileError
        At once, if the path cannot be written to; later, if the disk fills up.  What was written before stays
        readable.
    """

    def __init__(self, path: Any, overwrite: bool = False, interval: float = 5.0, limit: int = 64 * 2**20) -> None:
        self._output = OutputPath(path, overwrite)
        self._interval, self._limit = float(interval), int(limit)
        self._file: CommittedFile | None = None
        self._failed: OutputFileError | None = None

    @property
    def path(self) -> str:
        """Where the file is."""
        return self._output.path

    def begin(self, layout: Layout) -> None:
        super().begin(layout)
        moment = np.float64 if layout.exact else np.int64
        self._spikes = [(name, Column(moment), Column(np.int64)) for name in layout.spikes]
        self._samples = [Column(np.float64, (probe.ids.size,)) for probe in layout.probes]
        self._columns = [*(c for _, *pair in self._spikes for c in pair), *self._samples]
        rows = len(self._spikes) + len(layout.probes)
        self._marker = Marker(
            layout.start_step, [0] * rows, [-1] * len(layout.probes), [0] * (rows + len(self._spikes))
        )
        self._step = layout.start_step
        beside = None
        try:
            fd, beside = self._output.create()
            self._file = CommittedFile(fd)
            self._h5 = h5py.File(self._file, "w", libver="earliest", alignment_threshold=2048, alignment_interval=4096)
            _open.add(self)
            self._lay_out(layout)
            self._commit()
            self._file.sync()
            self._output.publish(beside)
        except OSError as error:
            if beside is not None:
                with contextlib.suppress(OSError):
                    os.unlink(beside)
            self._close()
            if isinstance(error, OutputFileError):
                raise
            raise self._output.error(f"cannot be written: {error.strerror or error}", error) from error

    # ---- the structure, all of it at the beginning

    def _lay_out(self, layout: Layout) -> None:
        h5 = self._h5
        h5.attrs["magic"] = np.uint32(MAGIC)
        h5.attrs["version"] = np.array([0, 1], np.uint32)
        ours, groups = h5.create_group("spikesim"), self._groups(layout)
        self._pairs = [self._spike_group(name) for name in layout.spikes]
        if not self._pairs:
            h5.create_group("spikes")
        self._reports = [self._report_group(group, k) for k, group in enumerate(groups)]
        chosen = {name: ids for name, ids in layout.spikes.items() if ids is not None}
        header = _json(
            {
                "dt": [layout.grid.fraction.numerator, layout.grid.fraction.denominator],
                "start_step": layout.start_step,
                "exact": layout.exact,
                "seed": layout.seed,
                "random_numbers": "splitmix64 of (seed, purpose, index), keys by BLAKE2b",
                "created": datetime.now(timezone.utc).isoformat(timespec="seconds"),
                "versions": versions(),
                "populations": layout.populations,
                "spikes": {name: None if ids is None else ids.size for name, ids in layout.spikes.items()},
                "probes": [
                    {
                        "population": p.population,
                        "variable": p.variable,
                        "unit": p.unit,
                        "every_steps": p.every_steps,
                        "size": p.ids.size,
                        "group": group,
                    }
                    for p, group in zip(layout.probes, groups)
                ],
            }
        )
        description = _json(layout.description)
        ours.attrs["format"] = np.bytes_(FORMAT)
        ours.attrs["format_version"] = np.int64(VERSION)
        arrays = (*chosen.values(), *(p.ids for p in layout.probes))
        ours.attrs["digest"] = np.bytes_(digest(header, description, arrays))
        for name, text in (("header", header), ("description", description)):
            ours.create_dataset(name, data=np.frombuffer(text, np.uint8))
        neurons = ours.create_group("neurons")
        for name, ids in chosen.items():
            neurons.create_dataset(name, data=ids)
        zeros = np.zeros(STATISTICS_BYTES, np.uint8)
        self._statistics = ours.create_dataset("statistics", data=zeros)
        self._committed = ours.create_dataset("committed", data=np.stack([self._marker.encode()] * 2))
        # what makes rows visible, in the order in which it must reach the disk
        shapes = [d for pair in self._pairs for d in pair] + [d for *pair, _ in self._reports for d in pair]
        self._last = [h5py.h5o.get_info(d.id).addr for d in shapes]
        self._last += [span.id.get_offset() for *_, span in self._reports]
        self._last.append(self._statistics.id.get_offset())
        places = self._committed.id.get_offset(), self._committed.id.get_offset() + self._committed[0].nbytes
        self._last.extend(places)

    @staticmethod
    def _groups(layout: Layout) -> list[str]:
        groups: list[str] = []
        for probe in layout.probes:
            group = probe.population
            if group in groups:
                group = f"{probe.population}.{probe.variable}"
            while group in groups or (group != probe.population and group in layout.populations):
                group += "_"
            groups.append(group)
        return groups

    def _spike_group(self, name: str) -> tuple[h5py.Dataset, h5py.Dataset]:
        group = self._h5.create_group(f"spikes/{name}")
        group.attrs.create("sorting", SORTING["by_time"], dtype=h5py.enum_dtype(SORTING, np.int32))
        grow: dict[str, Any] = dict(maxshape=(None,), chunks=chunk_shape(), fletcher32=True)
        times = group.create_dataset("timestamps", (0,), "<f8", **grow)
        times.attrs["units"] = "ms"
        return times, group.create_dataset("node_ids", (0,), "<u8", **grow)

    def _report_group(self, name: str, k: int) -> tuple[h5py.Dataset, h5py.Dataset, h5py.Dataset]:
        probe, grid = self.opened.probes[k], self.opened.grid
        group = self._h5.create_group(f"report/{name}")
        group.attrs["population"], group.attrs["variable"] = probe.population, probe.variable
        width = (probe.ids.size,)
        grow: dict[str, Any] = dict(
            shape=(0, *width), maxshape=(None, width[0] or None), chunks=chunk_shape(width), fletcher32=True
        )
        data = group.create_dataset("data", dtype="<f4", **grow)
        data.attrs["units"] = probe.unit
        exact = self._h5.create_dataset(f"spikesim/samples/{name}", dtype="<f8", **grow)
        mapping = group.create_group("mapping")
        ids = mapping.create_dataset("node_ids", data=probe.ids.astype("<u8"))
        ids.attrs["sorted"] = np.uint8(bool((np.diff(probe.ids) > 0).all()))
        mapping.create_dataset("index_pointers", data=np.arange(probe.ids.size + 1, dtype="<u8"))
        mapping.create_dataset("element_ids", data=np.zeros(probe.ids.size, "<u8"))
        span = mapping.create_dataset("time", data=np.array([0.0, 0.0, grid.time(probe.every_steps)]))
        span.attrs["units"] = "ms"
        return data, exact, span

    # ---- what an engine calls

    def spikes(self, population: str, steps: np.ndarray, ids: np.ndarray) -> None:
        for name, when, who in self._spikes:
            if name == population:
                when.append(steps)
                who.append(ids)

    def samples(self, probe: int, first_step: int, values: np.ndarray) -> None:
        if self._marker.first[probe] < 0:
            self._marker.first[probe] = int(first_step)
        self._samples[probe].append(values)

    def commit(self, step: int) -> None:
        self._running()
        with uninterrupted():
            for column in self._columns:
                column.kept = column.size
            self._step = int(step)
            held = sum(column.nbytes for column in self._columns)
            if held >= self._limit or time.monotonic() - self._flushed >= self._interval:
                self._write()

    def flush(self) -> None:
        self._running()
        with uninterrupted():
            self._write()

    def _write(self) -> None:
        rows, n = self._marker.rows, len(self._spikes)
        try:
            for k, (_, when, who) in enumerate(self._spikes):
                times, ids = self._pairs[k]
                self._append(times, rows[k], self.opened.times(when.committed()), 2 * k)
                rows[k] = self._append(ids, rows[k], who.committed().astype("<u8"), 2 * k + 1)
            for k, (column, (data, exact, span)) in enumerate(zip(self._samples, self._reports)):
                values = column.committed()
                self._append(data, rows[n + k], np.clip(values, -_FLOAT32, _FLOAT32).astype("<f4"))
                rows[n + k] = self._append(exact, rows[n + k], values, 2 * n + k)
                self._write_span(k, rows[n + k], span)
            for column in self._columns:
                column.drop()
            self._marker.step = self._step
            self._commit()
        except OSError as error:
            raise self._failure(error) from error

    def end(self, stats: Mapping[str, Any] | None = None, interrupted: bool = False) -> None:
        if self._failed is not None:  # said when it happened; the file is closed
            return
        self._running()
        text = _json({**(stats or {}), "interrupted": bool(interrupted)})
        if len(text) > STATISTICS_BYTES:
            text = _json({"interrupted": bool(interrupted), "truncated": "the statistics were too long to store"})
        with uninterrupted():
            self._write()
            self._finish(text, interrupted)

    def _finish(self, text: bytes, interrupted: bool) -> None:
        try:
            self._statistics[: len(text)] = np.frombuffer(text, np.uint8)
            self._marker.statistics = (len(text), zlib.crc32(text))
            self._marker.flags = ENDED | (INTERRUPTED if interrupted else 0)
            self._commit()
            self._marker.flags |= SEALED
            self._commit()
            self._file.sync()  # type: ignore[union-attr]
        except OSError as error:
            raise self._failure(error) from error
        self._close()

    def result(self, weights: Mapping[str, Callable[[], Any]] | None = None) -> Result:
        _ = self.opened
        if self._file is not None and self._failed is None:
            self.flush()
        return load(self.path).with_weights(weights)

    # ---- writing

    def _append(self, dataset: h5py.Dataset, at: int, values: np.ndarray, tail: int | None = None) -> int:
        """Write rows from row `at` on, keep the checksum of the last chunk's rows, return the new length."""
        stop = at + len(values)
        if stop > at:
            dataset.resize(stop, axis=0)
            dataset[at:stop] = values
            if tail is not None:
                begin = stop - stop % dataset.chunks[0]  # where the last, partly filled chunk begins
                before = self._marker.tails[tail] if begin <= at else 0
                new = np.ascontiguousarray(values[max(begin - at, 0) :])
                self._marker.tails[tail] = zlib.crc32(new.tobytes(), before if at % dataset.chunks[0] else 0)
        return stop

    def _write_span(self, k: int, rows: int, span: h5py.Dataset) -> None:
        if rows:
            grid, every, first = self.opened.grid, self.opened.probes[k].every_steps, self._marker.first[k]
            span[:2] = [grid.time(first), grid.time(first + rows * every)]

    def _commit(self) -> None:
        """Write the marker into the older of its two places, and everything to disk."""
        self._marker.sequence += 1
        self._committed[self._marker.sequence % 2] = self._marker.encode()
        self._h5.flush()
        self._file.commit(self._last)  # type: ignore[union-attr]
        self._flushed = time.monotonic()
        self._durable = self._marker.step

    def _running(self) -> None:
        if self._failed is not None:
            raise StateError(f"{self}: the recording has stopped: {self._failed}")
        if self._file is None:
            raise StateError(f"{self}: the recording has {'ended' if self.layout else 'not begun'}")

    def _failure(self, error: OSError) -> OutputFileError:
        held = sum(column.nbytes for column in self._columns)
        free = "unknown"
        with contextlib.suppress(OSError, AttributeError):
            found = os.statvfs(os.path.dirname(os.path.abspath(self.path)))
            free = f"{found.f_bavail * found.f_frsize}"
        self._failed = self._output.error(
            f"cannot be written any further: {error.strerror or error}; {held} bytes wait to be written, "
            f"{free} bytes are free; everything up to {self.opened.grid.time(self._durable):g} ms is safe "
            "in the file",
            error,
        )
        self._close()
        return self._failed

    def _close(self) -> None:
        if self._file is not None:
            _open.discard(self)
            if self._file.failure is None:
                self._file.failure = OSError("closed")  # HDF5 has nothing more to say
            with contextlib.suppress(Exception):
                self._h5.close()
            self._file.close()
            self._file = None

    def __del__(self) -> None:
        if getattr(self, "_file", None) is not None:
            with contextlib.suppress(Exception):
                self.end(interrupted=True)
            self._close()

    def __repr__(self) -> str:
        return f"HDF5Sink({self.path!r})"
