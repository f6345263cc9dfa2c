"""Recording into a file: appended block by block in bounded memory, readable after a crash at any moment.

What the engine commits is collected in memory and written every `interval` seconds or `limit` bytes; see
:mod:`.format` for the file, :mod:`.committed` for why a crash cannot hurt it and :mod:`.output` for its name.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import shutil
import time
import weakref
import zlib
from collections.abc import Mapping
from typing import Any

import h5py
import numpy as np

from ..errors import OutputFileError, StateError
from ..keywords import named
from ..machine import readable
from .column import Column
from .committed import CommittedFile
from .fletcher import write_rows
from .format import ENDED, INTERRUPTED, SEALED, STATISTICS_BYTES, Marker, report_span
from .layout import Layout
from .output import OutputPath
from .reading import load
from .result import Result
from .sink import Sink
from .size import recording_bytes
from .stored import Recording
from .structure import Structure, json_text
from .uninterrupted import uninterrupted
from .versions import versions

__all__ = ["HDF5Sink"]

_FLOAT32 = float(np.finfo(np.float32).max)
_open: weakref.WeakSet[HDF5Sink] = weakref.WeakSet()


@atexit.register
def _end_all() -> None:
    """Close what a program leaves open: HDF5 would call back into a Python that is gone."""
    for sink in list(_open):
        sink.__del__()


@named
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

    Examples
    --------
    >>> import spikesim as ss
    >>> from spikesim.record import HDF5Sink
    >>> net = ss.Network(seed=1)
    >>> net.record(net.population("cells", 10, ss.LIF(I_e=500.0)), "spikes")
    >>> result = net.run(50.0, out=HDF5Sink("run.h5", interval=1.0), progress=False)
    >>> ss.load("run.h5").spikes["cells"].count() == result.spikes["cells"].count()
    True
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

    def expect(self, layout: Layout, steps: int) -> None:
        items = recording_bytes(layout, layout.grid.time(steps))
        needed = sum(items.values())
        folder = os.path.dirname(os.path.abspath(self.path))
        try:
            free = shutil.disk_usage(folder).free
        except OSError:  # a disk that does not say
            return
        if needed > free:
            largest = max(items, key=lambda name: items[name])
            raise self._output.error(
                f"would need about {readable(needed)} for its samples, {readable(free)} are free in {folder!r}; the "
                f"largest item is {largest} with {readable(items[largest])}; record fewer, or less often (every=)"
            )

    def begin(self, layout: Layout) -> None:
        super().begin(layout)
        moment = np.float64 if layout.exact else np.int64
        self._spikes = [(name, Column(moment), Column(np.int64)) for name in layout.spikes]
        self._samples = [Column(np.float64, (probe.ids.size,)) for probe in layout.probes]
        self._states = {name: Column(np.float64, (len(states),)) for name, states in layout.at_spike.items()}
        self._columns = [*(c for _, *pair in self._spikes for c in pair), *self._states.values(), *self._samples]
        rows, states = len(self._spikes) + len(layout.probes), sum(map(len, layout.at_spike.values()))
        self._marker = Marker(
            layout.start_step, [0] * rows, [-1] * len(layout.probes), [0] * (rows + len(self._spikes) + states)
        )
        self._step = layout.start_step
        self._versions = versions()
        self._stats: dict[str, Any] = {"interrupted": True}  # until a piece of the run has ended
        beside = None
        try:
            fd, beside = self._output.create()
            self._file = CommittedFile(fd)
            self._h5 = h5py.File(self._file, "w", libver="earliest", alignment_threshold=2048, alignment_interval=4096)
            _open.add(self)
            self._structure = Structure(self._h5, layout, self._versions, self._marker)
            self._commit()
            self._file.sync()
            self._file.release()  # where an open file cannot be given another name
            self._output.publish(beside)
            self._file.regain(self._output.reopen())
        except OSError as error:
            if beside is not None:
                with contextlib.suppress(OSError):
                    os.unlink(beside)
            self._close()
            if isinstance(error, OutputFileError):
                raise
            raise self._output.error(f"cannot be written: {error.strerror or error}", error) from error

    # ---- what an engine calls

    def spikes(self, population: str, steps: np.ndarray, ids: np.ndarray) -> None:
        for name, when, who in self._spikes:
            if name == population:
                when.append(steps)
                who.append(ids)

    def at_spike(self, population: str, values: np.ndarray) -> None:
        self._states[population].append(values)

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

    def _write(self, stats: Mapping[str, Any] | None = None) -> None:
        """Write what is committed; `stats` where a piece of the run ends with it."""
        rows, n = self._marker.rows, len(self._spikes)
        try:
            tail = len(rows) + n
            for k, (name, when, who) in enumerate(self._spikes):
                times, ids = self._structure.pairs[k]
                for state, dataset in enumerate(self._structure.states.get(name, ())):
                    values = np.ascontiguousarray(self._states[name].committed()[:, state])
                    self._append(dataset, rows[k], values, tail)
                    tail += 1
                self._append(times, rows[k], self.opened.times(when.committed()), 2 * k)
                rows[k] = self._append(ids, rows[k], who.committed().astype("<i8", copy=False).view("<u8"), 2 * k + 1)
            for k, (column, (data, exact, span)) in enumerate(zip(self._samples, self._structure.reports)):
                values = column.committed()
                self._append(data, rows[n + k], np.clip(values, -_FLOAT32, _FLOAT32).astype("<f4"))
                rows[n + k] = self._append(exact, rows[n + k], values, 2 * n + k)
                if len(values):
                    every, first = self.opened.probes[k].every_steps, self._marker.first[k]
                    span[...] = report_span(self.opened.grid, first, every, rows[n + k])
            for column in self._columns:
                column.drop()
            self._marker.step = self._step
            if stats is None and (self._marker.flags or self._marker.statistics[0]):
                self._marker.flags, self._marker.statistics = 0, (0, 0)  # of an earlier end
            if stats is not None:
                self._describe(stats)
            self._commit()
        except OSError as error:
            raise self._failure(error) from error

    def _describe(self, stats: Mapping[str, Any]) -> None:
        """Write the statistics, and that the recording is whole."""
        text = json_text(stats)
        if len(text) > STATISTICS_BYTES:
            text = json_text(
                {"interrupted": stats["interrupted"], "truncated": "the statistics were too long to store"}
            )
        self._structure.statistics[: len(text)] = np.frombuffer(text, np.uint8)
        self._marker.statistics = (len(text), zlib.crc32(text))
        self._marker.flags = ENDED | (INTERRUPTED if stats["interrupted"] else 0)

    def pause(self, stats: Mapping[str, Any], interrupted: bool = False) -> None:
        self._running()
        self._stats = {**stats, "interrupted": bool(interrupted)}
        with uninterrupted():
            self._write(self._stats)

    def end(self, stats: Mapping[str, Any] | None = None, interrupted: bool = False) -> None:
        if self._failed is not None:  # said when it happened; the file is closed
            return
        self._running()
        self._stats = {**(stats or {}), "interrupted": bool(interrupted)}
        with uninterrupted():
            self._write(self._stats)
            try:
                self._marker.flags |= SEALED
                self._commit()
                self._file.sync()  # type: ignore[union-attr]
            except OSError as error:
                raise self._failure(error) from error
            self._close()

    def result(self) -> Result:
        layout, marker = self.opened, self._marker
        if self._failed is not None:
            return load(self.path)
        if self._file is not None and self._step != self._durable:
            self.flush()
        stats = {**self._stats, "seed": layout.seed, "versions": self._versions}
        return Recording(
            os.path.abspath(self.path),
            layout,
            self._structure.groups,
            marker.step,
            tuple(marker.rows),
            tuple(marker.first),
            tuple(marker.tails),
        ).result(stats)

    # ---- writing

    def _append(self, dataset: h5py.Dataset, at: int, values: np.ndarray, tail: int | None = None) -> int:
        """Write rows from row `at` on, keep the checksum of the last chunk's rows, return the new length."""
        stop = at + len(values)
        if stop > at:
            dataset.resize(stop, axis=0)
            write_rows(dataset, at, values)
            if tail is not None:
                begin = stop - stop % dataset.chunks[0]  # where the last, partly filled chunk begins
                before = self._marker.tails[tail] if begin <= at else 0
                new = np.ascontiguousarray(values[max(begin - at, 0) :])
                self._marker.tails[tail] = zlib.crc32(new.tobytes(), before if at % dataset.chunks[0] else 0)
        return stop

    def _commit(self) -> None:
        """Write the marker into the older of its two places, and everything to disk."""
        self._marker.sequence += 1
        self._structure.committed[self._marker.sequence % 2] = self._marker.encode()
        self._h5.flush()
        self._file.commit(self._structure.last)  # type: ignore[union-attr]
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
        with contextlib.suppress(OSError):
            free = str(shutil.disk_usage(os.path.dirname(os.path.abspath(self.path))).free)
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
            self._output.done()
            self._file = None

    def __del__(self) -> None:
        if getattr(self, "_file", None) is not None:
            with contextlib.suppress(Exception):
                whole = self._marker.flags & ENDED and self._step == self._durable
                stats = self._stats if whole else {"interrupted": True}
                self.end(stats, stats["interrupted"])
            self._close()

    def __repr__(self) -> str:
        return f"HDF5Sink({self.path!r})"
