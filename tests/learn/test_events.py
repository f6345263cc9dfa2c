"""Published recordings of spikes.  Truths: files written here byte by byte; numbers counted by hand."""

from __future__ import annotations

import gzip
import re
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from spikesim import learn
from spikesim.errors import FileFormatError, InvalidTypeError, InvalidValueError, MissingFileError, UnknownNameError


def heidelberg(path: Path, times: Any, units: Any, labels: Any) -> Path:
    """A file as SHD's: float16 times, uint16 units in rows of any length."""
    with h5py.File(path, "w") as file:
        file.create_dataset("labels", data=np.asarray(labels))
        file.create_dataset("extra/keys", data=np.array(["zero", "eins"], "S4"))
        for name, rows, kind in (("times", times, np.float16), ("units", units, np.uint16)):
            part = file.create_dataset(f"spikes/{name}", (len(rows),), h5py.vlen_dtype(kind))
            for k, row in enumerate(rows):
                part[k] = np.asarray(row, kind)
    return path


TIMES, UNITS, LABELS = [[0.25, 0.5, 0.5], [], [1.0]], [[7, 699, 699], [], [0]], np.array([1, 0, 1], np.uint16)


@pytest.mark.parametrize("packed", [False, True])
def test_heidelberg_digits(tmp_path: Path, packed: bool) -> None:
    path = heidelberg(tmp_path / "shd_train.h5", TIMES, UNITS, LABELS)
    if packed:
        path = tmp_path / "shd_train.h5.gz"
        path.write_bytes(gzip.compress((tmp_path / "shd_train.h5").read_bytes()))
    heard = learn.shd(path)
    assert [t.tolist() for t in heard.times] == [[250.0, 500.0, 500.0], [], [1000.0]]
    assert [c.tolist() for c in heard.channels] == UNITS
    assert heard.classes.tolist() == [1, 0, 1] and heard.shape == (700,) and heard.names == ("zero", "eins")
    frames = heard.binned(100, 10.0)
    assert frames.shape == (3, 100, 700) and frames.dtype == np.float32 and frames.sum() == 3.0  # 1 s is too late
    assert frames[0, 25, 7] == 1.0 and frames[0, 50, 699] == 2.0
    coarse = heard.binned(101, 10.0, layout="steps", channels_a_unit=5, binary=True)
    assert coarse.shape == (101, 3, 140) and coarse[50, 0, 139] == 1.0 and coarse[100, 2, 0] == 1.0
    assert coarse.sum() == 3.0


@pytest.mark.parametrize("packed", [False, True])
def test_a_heap_that_never_ends_is_refused(packed: bool, tmp_path: Path) -> None:
    """An object of the global heap that is free and has no size: the HDF5 library goes round it for ever."""
    path = heidelberg(tmp_path / "shd.h5", TIMES, UNITS, LABELS)
    raw = bytearray(path.read_bytes())
    at = raw.index(b"GCOL") + 16
    raw[at : at + 16] = bytes(16)
    path.write_bytes(gzip.compress(raw) if packed else raw)
    with pytest.raises(FileFormatError, match=rf"shd.h5' is damaged: at byte {at} an object of the global heap"):
        learn.shd(path)


def test_frames_enter_a_layer(tmp_path: Path) -> None:
    frames = learn.shd(heidelberg(tmp_path / "shd.h5", TIMES, UNITS, LABELS)).binned(50, 20.0)
    assert learn.Readout(2, seed=1)(frames).detach().numpy().shape == (3, 2)


@pytest.mark.parametrize(
    ("times", "units", "labels", "words"),
    [
        ([[0.1]], [[700]], [0], "unit 700, wanted 0 ... 699"),
        ([[0.1, 0.2]], [[1]], [0], "recording 0: times"),
        ([[np.nan]], [[1]], [0], "no finite numbers"),
        ([[-0.5]], [[1]], [0], "no finite numbers"),
        ([[0.1]], [[1]], [0, 1], "wanted as many of each"),
        ([[0.1]], [[1]], [-1], "label 0 is"),
        ([[0.1]], [[1]], [0.5], "label 0 is"),
    ],
)
def test_parts_that_do_not_fit(tmp_path: Path, times: Any, units: Any, labels: Any, words: str) -> None:
    path = heidelberg(tmp_path / "bad.h5", times, units, labels)
    with pytest.raises(FileFormatError, match=re.escape(words)) as error:
        learn.shd(path)
    assert "bad.h5" in str(error.value)


def test_hostile_hdf5(tmp_path: Path) -> None:
    path = heidelberg(tmp_path / "shd.h5", TIMES, UNITS, LABELS)
    whole = path.read_bytes()
    with pytest.raises(MissingFileError):
        learn.shd(tmp_path / "none.h5")
    for name, content in (
        ("text", b"times, units"),
        ("cut", whole[: len(whole) // 2]),
        ("gz", b"\x1f\x8b" + whole[:99]),
    ):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(FileFormatError, match=name):
            learn.shd(tmp_path / name)
    with h5py.File(tmp_path / "other", "w") as file:
        file.create_dataset("x", data=[1])
    with pytest.raises(FileFormatError, match="no labels, spikes/times, spikes/units in it"):
        learn.shd(tmp_path / "other")
    with h5py.File(tmp_path / "huge", "w") as file:  # a claim of 10^12 recordings in a kilobyte
        for name in ("labels", "spikes/times", "spikes/units"):
            file.create_dataset(name, (10**12,), np.uint16, chunks=(1000,))
    with pytest.raises(FileFormatError, match=r"10,000,000 at most"):
        learn.shd(tmp_path / "huge")
    rng = np.random.default_rng(0)
    for _ in range(40):  # bytes that were damaged: refused in our words, or read where they mean nothing
        damaged = bytearray(whole)
        for at in rng.integers(0, len(whole), 20):
            damaged[at] = rng.integers(0, 256)
        path.write_bytes(bytes(damaged))
        try:
            learn.shd(path)
        except FileFormatError:
            pass


def event(x: int, y: int, bright: bool, time: int) -> bytes:
    return bytes([x, y, (bright << 7) | (time >> 16), (time >> 8) & 0xFF, time & 0xFF])


def test_nmnist(tmp_path: Path) -> None:
    for digit in range(10):
        folder = tmp_path / "Test" / str(digit)
        folder.mkdir(parents=True)
        for k in range(2):
            (folder / f"0000{k}.bin").write_bytes(event(digit, 3, k == 1, 2000) + event(33, 33, False, 8_388_607))
    seen = learn.nmnist(tmp_path, train=False)
    assert len(seen) == 20 and seen.shape == (2, 34, 34) and seen.classes.tolist() == sorted([*range(10)] * 2)
    assert seen.times[0].tolist() == [2.0, 8388.607]  # 23 bits of us
    frames = seen.binned(10, 1.0).reshape(20, 10, 2, 34, 34)
    assert frames.sum() == 20.0
    for digit in range(10):
        assert frames[2 * digit, 2, 0, 3, digit] == frames[2 * digit + 1, 2, 1, 3, digit] == 1.0
    assert len(learn.nmnist(tmp_path / "Test", train=False, most=1)) == 10
    for folder, words in ((tmp_path, "no recordings"), (tmp_path / "Test", "no folder 'Train'")):
        with pytest.raises(UnknownNameError, match=words):
            learn.nmnist(folder)


def test_hostile_events(tmp_path: Path) -> None:
    (tmp_path / "cut.bin").write_bytes(event(1, 2, True, 3)[:4])
    with pytest.raises(FileFormatError, match=r"cut.bin: 4 bytes, wanted events of 5"):
        learn.read_aer(tmp_path / "cut.bin")
    (tmp_path / "far.bin").write_bytes(event(1, 2, True, 3) + event(34, 2, True, 3))
    with pytest.raises(FileFormatError, match=r"event 1 at pixel \(34, 2\) \(1 such\), wanted 0 ... 33"):
        learn.read_aer(tmp_path / "far.bin")
    (tmp_path / "none.bin").write_bytes(b"")
    times, channels = learn.read_aer(tmp_path / "none.bin")
    assert times.shape == channels.shape == (0,)
    with pytest.raises(MissingFileError):
        learn.read_aer(tmp_path / "nowhere.bin")


def test_mistakes() -> None:
    heard = learn.EventRecordings([[0.5]], [[0]], [1], (3,))
    assert heard.subset([0]).classes.tolist() == [1] and heard.duration == 0.5
    for wrong, words in (
        ({"steps": 0, "dt": 1.0}, "steps = 0"),
        ({"steps": 2, "dt": -1.0}, "dt = -1.0"),
        ({"steps": 2, "dt": 1.0, "layout": "frames"}, "layout = 'frames'"),
    ):
        with pytest.raises(InvalidValueError, match=words):
            heard.binned(**wrong)
    with pytest.raises(InvalidValueError, match="channels beyond"):
        learn.EventRecordings([[0.5]], [[3]], [1], (3,))
    with pytest.raises(InvalidValueError, match="wanted as many of each"):
        learn.EventRecordings([[0.5]], [[0]], [1, 2], (3,))


def test_a_packed_file_with_bytes_changed_inside(tmp_path: Path) -> None:
    """Whichever byte: refused in our words, never in those of zlib, or read where it is of the header's texts."""
    packed = gzip.compress(heidelberg(tmp_path / "shd.h5", TIMES, UNITS, LABELS).read_bytes())
    path, refused = tmp_path / "changed.h5.gz", 0
    for at in range(2, len(packed), max(1, len(packed) // 60)):
        damaged = bytearray(packed)
        damaged[at] ^= 255
        path.write_bytes(damaged)
        try:
            learn.shd(path)
        except FileFormatError:
            refused += 1
    assert refused > 30


def test_arguments_that_fit_nothing(tmp_path: Path) -> None:
    path = heidelberg(tmp_path / "shd.h5", TIMES, UNITS, LABELS)
    for call in (lambda: learn.shd(3), lambda: learn.read_aer(None), lambda: learn.nmnist(4)):
        with pytest.raises(InvalidTypeError, match="wanted a path, got"):
            call()
    for call in (
        lambda: learn.shd(path, channels=0), lambda: learn.shd(path, channels="x"),
        lambda: learn.read_aer(path, side=0), lambda: learn.nmnist(tmp_path, most=0),
    ):  # fmt: skip
        with pytest.raises(InvalidValueError, match="wanted a whole number >= 1"):
            call()
    with pytest.raises(UnknownNameError, match="there is no folder"):
        learn.nmnist(tmp_path / "nowhere")
