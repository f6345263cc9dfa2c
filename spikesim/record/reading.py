"""Reading a recording: the same Result as after the run, its arrays read when they are asked for.

The structure is checked at once, the rows when they are first touched: all of a population's spikes are then
looked through once, block by block, so that a window of them can be trusted and found.  Later reads take only
what they need.
"""

from __future__ import annotations

import contextlib
import json
import os
import zlib
from typing import Any

import numpy as np

from ..errors import FileFormatError, InvalidTypeError
from ..grid import Grid
from ..keywords import named
from .checked import CheckedFile, shown, steady
from .format import ENDED, FORMAT, INTERRUPTED, SEALED, VERSION, Marker, digest, report_span
from .layout import Layout, ProbeLayout
from .result import Result
from .stored import Recording

__all__ = ["load", "recording_of"]

_TEXT = 64 * 2**20  #: bytes of JSON accepted


@named
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
    InputFileError
        If it does not exist, is a folder, or may not be read.

    Examples
    --------
    >>> import spikesim as ss
    >>> net = ss.Network(seed=1)
    >>> net.record(net.population("cells", 10, ss.LIF(I_e=500.0)), "spikes")
    >>> result = net.run(50.0, out="run.h5", progress=False)
    >>> ss.load("run.h5").spikes["cells"].size
    10
    """
    if not isinstance(path, (str, os.PathLike)):
        raise InvalidTypeError(f"load: wanted a path, got {type(path).__name__} {shown(path)}")
    name = os.path.abspath(os.fspath(path))
    if not isinstance(name, str):
        raise InvalidTypeError("load: wanted a path as text, got bytes")
    reader = steady(name, _Reader)
    return reader.recording.result(reader.stats)


def recording_of(path: str) -> Recording:
    """Return where the recording in a file stands; errors as of :func:`load`."""
    return steady(os.path.abspath(path), _Reader).recording


class _Reader:
    """What stands in a file, without its rows."""

    def __init__(self, file: CheckedFile) -> None:
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
        marker = self.marker
        self.recording = Recording(
            file.path,
            layout,
            tuple(self.groups),
            marker.step,
            tuple(marker.rows),
            tuple(marker.first),
            tuple(marker.tails),
        )
        self.recording.check(file)
        for k in range(len(layout.probes)):
            self._check_report(file, k)

    # ---- what never changes

    def _check_format(self, file: CheckedFile) -> None:
        if "spikesim" not in file.names("/"):
            what = "is HDF5 but not a spikesim recording: it has no group /spikesim"
            with contextlib.suppress(FileFormatError):  # no attribute of this name
                if bytes(file.attribute("/", "format", "S")) == b"spikesim state":
                    what = "is a saved state, no recording; Simulation.resume(path, net) goes on from it"
            raise file.error(what)
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
            {str(k): self._whole(v, 0, 2**40) for k, v in header.get("projections", {}).items()},
            {str(k): tuple(map(str, v)) for k, v in header.get("at_spike", {}).items()},
        )

    def _check_report(self, file: CheckedFile, k: int) -> None:
        """Hold what other readers go by to what the header says: this program itself does not look at it."""
        layout, marker = self.layout, self.marker
        probe, rows, first = layout.probes[k], marker.rows[len(layout.spikes) + k], marker.first[k]
        group = f"/report/{self.groups[k]}"
        n, mapping = probe.ids.size, f"{group}/mapping"
        data = file.dataset(f"{group}/data", "<f4", (None, n), chunked=True)
        if data.shape[0] < rows:
            raise file.error(f"{group}/data: {rows} rows are committed, {data.shape[0]} are there")
        expected: dict[str, tuple[tuple[str, ...], Any]] = {
            "index_pointers": (("<u8",), np.arange(n + 1)),
            "element_ids": (("<u4", "<u8"), np.zeros(n)),
        }
        if "element_pos" in file.names(mapping):  # from 0.2 on
            expected |= {"index_pointer": (("<u8",), np.arange(n + 1)), "element_pos": (("<f4",), np.zeros(n))}
        for name, (types, values) in expected.items():
            found = file.read(file.dataset(f"{mapping}/{name}", types, (len(values),), chunked=False))
            if not np.array_equal(found, values):
                at = int(np.argmax(found != values))
                raise file.error(f"{mapping}/{name}: wanted {values[at]:g}, got {shown(found[at])} at index {at}")
        span = file.read(file.dataset(f"{mapping}/time", "<f8", (3,), chunked=False))
        wanted = report_span(layout.grid, first, probe.every_steps, rows)
        right = span[2] == wanted[2] and np.isfinite(span).all()
        if right and rows and marker.flags & SEALED:  # else it may be ahead of what is committed
            right = span[0] == wanted[0] and abs(span[1] - wanted[1]) <= 1e-9 * max(abs(wanted[1]), wanted[2])
        if not right:
            raise file.error(f"{mapping}/time: wanted {wanted.tolist()}, got {shown(span.tolist())}")

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
        counts = spikes, probes, sum(map(len, self.layout.at_spike.values()))
        both = file.read(file.dataset(where, "<i8", (2, Marker.length(*counts)), chunked=False))
        found = [Marker.decode(values, *counts) for values in both]
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
            if not self.marker.flags & SEALED:  # a crash while those of the next piece were written over them
                return {}
            raise file.error(f"{where}: is damaged (wrong checksum)")
        return self._parsed(file, where, raw)
