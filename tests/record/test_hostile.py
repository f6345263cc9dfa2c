"""Files from strangers: refused before they are read, with the object and the value; or read and right."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

import spikesim.record
from spikesim.errors import FileFormatError
from spikesim.record import HDF5Sink, Layout, load
from spikesim.record.format import digest

from . import deterministic
from .test_crash import environment


def record(path: Path, batches: int = 12) -> None:
    sink = HDF5Sink(path)
    sink.begin(deterministic.layout())
    list(deterministic.batches(sink, batches))
    sink.end({"events": 1})


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("good") / "run.h5"
    record(path)
    return path.read_bytes()


def touch_all(path: Path) -> Any:
    result = load(path)
    for trains in result.spikes.values():
        _ = trains.times, trains.ids
    for traces in result.traces.values():
        for trace in traces.values():
            _ = trace.values
    return result


def replace(h5: h5py.File, path: str, data: Any = None, **how: Any) -> None:
    old = h5[path]
    data = old[()] if data is None else data
    units = old.attrs.get("units")
    del h5[path]
    growing = dict(chunks=old.chunks, maxshape=(None, *old.shape[1:]), fletcher32=True) if old.chunks else {}
    made = h5.create_dataset(path, data=data, **(growing | how))
    if units is not None:
        made.attrs["units"] = units


TIMES, IDS = "spikes/busy/timestamps", "spikes/busy/node_ids"


def changed(path: str, index: int, value: Any) -> Callable[[h5py.File, Path], None]:
    def change(h5: h5py.File, _: Path) -> None:
        h5[path][index] = value

    return change


def header(**change: Any) -> Callable[[h5py.File, Path], None]:
    """Another header, with a right digest: a forger knows how."""

    def edit(h5: h5py.File, _: Path) -> None:
        ours = h5["spikesim"]
        text = json.dumps(json.loads(ours["header"][()].tobytes()) | change).encode()
        replace(h5, "spikesim/header", np.frombuffer(text, np.uint8))
        arrays = [h5["report/busy/mapping/node_ids"][()], h5["report/busy.w/mapping/node_ids"][()]]
        ours.attrs["digest"] = np.bytes_(digest(text, ours["description"][()].tobytes(), arrays))

    return edit


def external_raw(h5: h5py.File, folder: Path) -> None:
    shape = h5[TIMES].shape
    del h5[TIMES]
    h5.create_dataset(TIMES, shape, "<f8", external=[(str(folder / "canary"), 0, h5py.h5f.UNLIMITED)])


def external_link(h5: h5py.File, folder: Path) -> None:
    del h5[TIMES]
    h5[TIMES] = h5py.ExternalLink(str(folder / "other.h5"), TIMES)


def soft_link(h5: h5py.File, _: Path) -> None:
    h5.move(TIMES, "elsewhere")
    h5[TIMES] = h5py.SoftLink("/elsewhere")


def virtual(h5: h5py.File, folder: Path) -> None:
    shape = h5[TIMES].shape
    layout = h5py.VirtualLayout(shape, "<f8")
    layout[:] = h5py.VirtualSource(str(folder / "other.h5"), TIMES, shape)
    del h5[TIMES]
    h5.create_virtual_dataset(TIMES, layout)


def cycle(h5: h5py.File, _: Path) -> None:
    h5["spikes/busy/loop"] = h5["spikes"]
    del h5[TIMES]
    h5[TIMES] = h5["/"]


MAPPING = "report/busy/mapping"


def mapped(name: str, data: Any = None, **how: Any) -> Callable[[h5py.File, Path], None]:
    """Another dataset in the mapping of a report."""

    def change(h5: h5py.File, folder: Path) -> None:
        if "external" in how:
            how["external"] = [(str(folder / "canary"), 0, h5py.h5f.UNLIMITED)]
        del h5[f"{MAPPING}/{name}"]
        h5.create_dataset(f"{MAPPING}/{name}", data=data, **how)

    return change


def attribute(name: str, value: Any) -> Callable[[h5py.File, Path], None]:
    def change(h5: h5py.File, _: Path) -> None:
        h5["spikesim"].attrs[name] = value

    return change


def huge(h5: h5py.File, _: Path) -> None:
    h5[TIMES].resize((2**45,))


def deep(h5: h5py.File, _: Path) -> None:
    text = b'{"a":' + b"[" * 100_000
    replace(h5, "spikesim/description", np.frombuffer(text, np.uint8))


def gone(path: str) -> Callable[[h5py.File, Path], None]:
    def change(h5: h5py.File, _: Path) -> None:
        del h5[path]

    return change


def other(path: str, convert: Callable[[np.ndarray], Any], **how: Any) -> Callable[[h5py.File, Path], None]:
    return lambda h5, _: replace(h5, path, convert(h5[path][()]), **how)


HOSTILE: dict[str, tuple[Callable[[h5py.File, Path], None], str]] = {
    "external raw storage": (external_raw, "timestamps: keeps its data in another file"),
    "external link": (external_link, "timestamps: is a ExternalLink"),
    "soft link": (soft_link, "timestamps: is a SoftLink"),
    "virtual dataset": (virtual, "timestamps: stored in another way"),
    "cycle": (cycle, "timestamps: wanted a dataset"),
    "2^45 rows": (huge, r"timestamps: declares \d+ bytes in a file of"),
    "gzip": (other(TIMES, lambda x: x, compression="gzip"), r"timestamps: filters \[1, 3\]|filters \[3, 1\]"),
    "no checksum": (other(IDS, lambda x: x, fletcher32=False), r"node_ids: filters \[\]"),
    "bomb": (lambda h, _: replace(h, TIMES, np.zeros(10**7), compression="gzip"), "filters"),
    "huge chunk": (lambda h, _: replace(h, TIMES, chunks=(2**24,)), "chunks of|declares"),
    "float32": (other(TIMES, lambda x: x.astype("f4")), "timestamps: wanted float64, got dtype"),
    "big-endian": (other(TIMES, lambda x: x.astype(">f8")), "timestamps: wanted float64"),
    "signed": (other(IDS, lambda x: x.astype("i8")), "node_ids: wanted uint64"),
    "complex": (other(TIMES, lambda x: x.astype("c16")), "timestamps: wanted float64"),
    "text": (lambda h, _: replace(h, IDS, np.array([b"x"] * 1440, "S8")), "node_ids: wanted uint64"),
    "rank": (
        lambda h, _: replace(h, TIMES, h[TIMES][()][:, None], chunks=(64, 1), maxshape=(None, 1)),
        "shape",
    ),
    "shorter": (lambda h, _: h[IDS].resize((100,)), "node_ids: 1440 rows are committed, 100 are there"),
    "NaN": (changed(TIMES, 7, np.nan), "timestamps: time .*nan.* is outside the recording, .* at row 7"),
    "infinite": (changed(TIMES, 7, np.inf), "timestamps: time .*inf.* at row 7"),
    "negative": (changed(TIMES, 0, -1.0), r"timestamps: time .*-1\.0.* at row 0"),
    "too late": (changed(TIMES, 1439, 1e9), "timestamps: time .* at row 1439"),
    "unsorted": (changed(TIMES, 700, 0.1), "timestamps: not sorted by time, then id, at row 700"),
    "id out of range": (changed(IDS, 3, 1000), r"node_ids: id 1000 is outside 0 \.\.\. 999, at row 3"),
    "id of 2^63": (changed(IDS, 3, 2**63), "node_ids: id 9223372036854775808 is outside"),
    "NaN in a trace": (
        lambda h, _: h["spikesim/samples/busy"].__setitem__((5, 2), np.nan),
        "row 5, column 2",
    ),
    "version 0": (attribute("format_version", np.int64(0)), "format version 0; this program reads version 1"),
    "version 10^6": (attribute("format_version", np.int64(10**6)), "format version 1000000"),
    "version NaN": (attribute("format_version", np.nan), "format version nan"),
    "version text": (attribute("format_version", np.bytes_(b"\x1b[31m")), r"format version b'\\x1b\[31m'"),
    "version vlen": (attribute("format_version", "1"), "format_version: wanted kind"),
    "other format": (attribute("format", np.bytes_("x")), "wanted format"),
    "foreign": (gone("spikesim"), "is HDF5 but not a spikesim recording"),
    "no population": (gone("spikes/busy"), "/spikes/busy/timestamps: there is no such object"),
    "altered header": (
        lambda h, _: replace(h, "spikesim/header", np.append(h["spikesim/header"][()], np.uint8(32))),
        "wrong digest",
    ),
    "altered ids": (changed("report/busy/mapping/node_ids", 0, 9), "wrong digest"),
    "deep JSON": (deep, "description: is no JSON"),
    "dt 0": (header(dt=[0, 10]), "header: .*wanted a whole number in 1"),
    "dt text": (header(dt="ab"), "header: .*whole number"),
    "dt not lowest": (header(dt=[2, 20]), "not in lowest terms"),
    "path as population": (header(populations={"../../x": 3}), "cannot name a recording|header"),
    "missing key": (header(probes=[{}]), "header: cannot be read: KeyError"),
    "pointers elsewhere": (
        mapped("index_pointers", shape=(5,), dtype="<u8", external=True),
        "mapping/index_pointers: keeps its data in another file",
    ),
    "elements elsewhere": (
        mapped("element_ids", shape=(4,), dtype="<u4", external=True),
        "mapping/element_ids: keeps its data in another file",
    ),
    "2^44 pointers": (
        mapped("index_pointers", shape=(2**44,), dtype="<u8", chunks=(1024,)),
        "mapping/index_pointers: stored in another way",
    ),
    "pointers astray": (changed(f"{MAPPING}/index_pointers", 2, 2**60), "index_pointers: wanted 2, got .* at index 2"),
    "elements astray": (changed(f"{MAPPING}/element_ids", 1, 7), "element_ids: wanted 0, got .*7.* at index 1"),
    "position NaN": (changed(f"{MAPPING}/element_pos", 0, np.nan), "element_pos: wanted 0, got .*nan"),
    "NaN in a span": (changed(f"{MAPPING}/time", 1, np.nan), "mapping/time: wanted .* got .*nan"),
    "another span": (changed(f"{MAPPING}/time", 1, 17.0), r"mapping/time: wanted \[0\.1, 18\.1, 0\.1\], got"),
    "another step": (changed(f"{MAPPING}/time", 2, 1.0), "mapping/time: wanted"),
    "report shorter": (
        lambda h, _: h["report/busy/data"].resize((100, 4)),
        "busy/data: 180 rows are committed, 100 are there",
    ),
    "altered marker": (changed("spikesim/committed", slice(None), 5), "committed: is damaged"),
    "altered statistics": (changed("spikesim/statistics", 2, 88), "statistics: is damaged"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_refused(good: bytes, tmp_path: Path, name: str) -> None:
    change, message = HOSTILE[name]
    path, canary = tmp_path / "run.h5", tmp_path / "canary"
    path.write_bytes(good)
    (tmp_path / "other.h5").write_bytes(good)
    canary.write_bytes(np.linspace(0.1, 17.9, 1440).tobytes())
    before = canary.read_bytes()
    with h5py.File(path, "r+") as h5:
        change(h5, tmp_path)
    os.utime(path, (0, 0))
    with pytest.raises(FileFormatError, match=message) as caught:
        touch_all(path)
    assert str(path) in str(caught.value) and "\x1b" not in str(caught.value)
    assert canary.read_bytes() == before


def test_unsorted_is_found_by_a_window_too(good: bytes, tmp_path: Path) -> None:
    path = tmp_path / "run.h5"
    path.write_bytes(good)
    with h5py.File(path, "r+") as h5:
        h5[TIMES][1000] = 1.0
    os.utime(path, (0, 0))
    with pytest.raises(FileFormatError, match="row 1000"):
        load(path).spikes["busy"].count(1.0, 2.0)


@pytest.mark.parametrize("content", [b"", b"x", b"\x89HDF\r\n\x1a\n", b"\x89HDF\r\n\x1a\n" + bytes(5000)])
def test_no_hdf5(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "run.h5"
    path.write_bytes(content)
    os.utime(path, (0, 0))
    with pytest.raises(FileFormatError):
        load(path)


def test_other_things_than_files(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(FileFormatError, match="pipe"):
        load(tmp_path / "pipe")
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "nothing.h5")
    with pytest.raises(IsADirectoryError):
        load(tmp_path)
    with pytest.raises(TypeError):
        load(3)


FUZZ = """
import os, sys, random
import numpy as np
import deterministic as d
from spikesim.errors import FileFormatError
from spikesim.record import load
good, path, seed, count = open(sys.argv[1], "rb").read(), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
draw = random.Random(seed)
refused = same = 0
for k in range(count):
    data = bytearray(good)
    kind = k % 4
    if kind == 0:
        at = draw.randrange(len(data)); data[at] ^= 1 << draw.randrange(8)
    elif kind == 1:  # where the tables are
        at = draw.randrange(40_000); data[at : at + 32] = draw.randbytes(32)
    elif kind == 2:
        del data[draw.randrange(len(data)) :]
    else:
        at = draw.randrange(40_000); data[at] ^= 1 << draw.randrange(8)
    open(path, "wb").write(data)
    os.utime(path, (0, 0))
    print(k, flush=True)
    try:
        result = load(path)
        d.check(result)
        assert result.stop == 18.0 and result.stats["events"] == 1 and result.spikes["busy"].size == 1000
        same += 1
    except (FileFormatError, MemoryError):
        refused += 1
print("done", refused, same)
"""


def fuzz(tmp_path: Path, good: bytes, seed: int, count: int) -> None:
    (tmp_path / "good.h5").write_bytes(good)
    env = environment()
    env["PYTHONPATH"] += os.pathsep + os.path.dirname(deterministic.__file__)
    arguments = [str(tmp_path / "good.h5"), str(tmp_path / "bad.h5"), str(seed), str(count)]
    done = subprocess.run(
        [sys.executable, "-c", FUZZ, *arguments], env=env, capture_output=True, text=True, timeout=10 + count
    )
    assert done.returncode == 0, (done.returncode, done.stdout[-200:], done.stderr[-2000:])
    assert re.search(r"done \d+ \d+", done.stdout)


def test_corrupted_files_are_refused_or_right(tmp_path: Path, good: bytes) -> None:
    """Flipped bits, overwritten blocks, cut ends: never another result, never a signal, never a hang."""
    fuzz(tmp_path, good, 1, 60)


@pytest.mark.slow
def test_many_corrupted_files(tmp_path: Path, good: bytes) -> None:
    fuzz(tmp_path, good, 2, 500)


def test_no_code_from_files() -> None:
    """Nothing in the room of recordings can execute what it reads."""
    for source in Path(spikesim.record.__file__).parent.glob("*.py"):
        assert not re.search(r"\b(pickle|marshal|allow_pickle|eval\(|exec\(|yaml)", source.read_text()), source


def test_a_layout_is_kept_as_text_not_as_code() -> None:
    with pytest.raises(TypeError):
        Layout(deterministic.layout().grid, 0, {"a": 1}, {}, description={"f": lambda: 1})
