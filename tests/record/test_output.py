"""What an output path may be, decided before anything is simulated; disks that fill up; two writers."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

import spikesim.errors as errors
from spikesim.record import HDF5Sink, MemorySink, load

from . import deterministic
from .test_crash import environment, read_all


@pytest.fixture
def written(tmp_path: Path) -> Path:
    path = tmp_path / "old.h5"
    sink = HDF5Sink(path)
    sink.begin(deterministic.layout())
    list(deterministic.batches(sink, 3))
    sink.end()
    return path


def test_existing_file_is_refused_untouched(written: Path) -> None:
    before = written.read_bytes()
    with pytest.raises(errors.OutputFileError, match=r"old\.h5' exists already; .*overwrite=True"):
        HDF5Sink(written)
    assert written.read_bytes() == before


def test_overwrite_replaces_when_the_run_begins(written: Path) -> None:
    before = written.read_bytes()
    sink = HDF5Sink(written, overwrite=True)
    assert written.read_bytes() == before
    sink.begin(deterministic.layout())
    assert deterministic.check(load(written)) == 0
    list(deterministic.batches(sink, 7))
    sink.end()
    assert deterministic.check(load(written)) == 7 * deterministic.PER_BATCH
    assert sorted(p.name for p in written.parent.iterdir()) == ["old.h5"]  # nothing left beside it


def test_two_writers(tmp_path: Path) -> None:
    path = tmp_path / "run.h5"
    one, other, third = HDF5Sink(path), HDF5Sink(path), HDF5Sink(path, overwrite=True)
    one.begin(deterministic.layout())
    with pytest.raises(errors.OutputFileError, match="created by someone else"):
        other.begin(deterministic.layout())
    with pytest.raises(errors.OutputFileError, match="being written by another run"):
        third.begin(deterministic.layout())
    list(deterministic.batches(one, 5))
    one.end()
    assert deterministic.check(load(path)) == 5 * deterministic.PER_BATCH
    HDF5Sink(path, overwrite=True).begin(deterministic.layout())
    assert [p.name for p in tmp_path.iterdir()] == ["run.h5"]


def test_paths_that_cannot_be(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    os.symlink(tmp_path / "nowhere", tmp_path / "dangling")
    (tmp_path / "file").write_text("x")
    for path, message in (
        (tmp_path, "is a folder"),
        (tmp_path / "pipe", "pipe"),
        (tmp_path / "dangling", "is a link to a file that does not exist"),
        (tmp_path / "missing" / "run.h5", "there is no folder"),
        (tmp_path / "file" / "run.h5", "there is no folder"),
        ("/dev/full", "device"),
        (tmp_path / ("x" * 256), "cannot be written"),
        (f"{tmp_path}/a\0b", "cannot be written"),
        (f"{tmp_path}/run.h5/", "no file name"),
        ("", "cannot be written|has no file name|is a folder"),
    ):
        for overwrite in (False, True):
            with pytest.raises(errors.OutputFileError, match=message) as caught:
                HDF5Sink(path, overwrite=overwrite)
            assert isinstance(caught.value, OSError)
    for wrong in (3, None, b"run.h5x", ["run.h5"]):
        if not isinstance(wrong, bytes):
            with pytest.raises(TypeError):
                HDF5Sink(wrong)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="the superuser may write anywhere")
def test_folder_without_permission(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(errors.OutputFileError, match="no permission"):
        HDF5Sink(tmp_path / "run.h5")
    tmp_path.chmod(0o700)


@pytest.mark.parametrize("name", ["n" * 255, "Größe µ 神経.h5", "a b'c\".h5", "-x"])
def test_names_that_can_be(tmp_path: Path, name: str) -> None:
    sink = HDF5Sink(tmp_path / name)
    sink.begin(deterministic.layout())
    list(deterministic.batches(sink, 2))
    sink.end()
    assert deterministic.check(load(tmp_path / name)) == 2 * deterministic.PER_BATCH


FULL = """
import resource, sys
import deterministic as d
from spikesim.errors import OutputFileError
from spikesim.record import HDF5Sink, MemorySink
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
sink = HDF5Sink(sys.argv[1], interval=0.0)
try:
    sink.begin(d.layout())
    for step in d.batches(sink, 30_000): pass
except OutputFileError as error:
    print(error)
    try:
        sink.commit(1)
    except RuntimeError as again:
        assert "has stopped" in str(again)
    sink.end(interrupted=True)  # nothing left to do, and no second error that would hide the first
    other = MemorySink()  # the program is well and can go on elsewhere
    other.begin(d.layout())
    for step in d.batches(other, 2): pass
    assert d.check(other.result()) == 30
    raise
"""


@pytest.mark.parametrize("size", [10_000, 700_000, 2_345_678])
def test_disk_full(tmp_path: Path, size: int) -> None:
    """A limit on the size of files, met at the beginning and in the middle: an exception and no loss."""
    path, env = tmp_path / "run.h5", environment()
    env["PYTHONPATH"] += os.pathsep + os.path.dirname(deterministic.__file__)
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(path), str(size)],
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1, (done.returncode, done.stderr)
    assert str(path) in done.stdout and "File too large" in done.stdout
    if path.exists():
        assert read_all(path) == 0
        found = deterministic.check(load(path))
        assert f"everything up to {found / 10:g} ms is safe" in done.stdout
        assert "bytes wait to be written" in done.stdout and "bytes are free" in done.stdout
    else:
        assert size == 10_000


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="mounts a small tmpfs")
def test_disk_full_on_a_small_disk(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "none", str(disk)], capture_output=True)
    if made.returncode:
        pytest.skip("may not mount")
    try:
        for k in range(6):
            (disk / "ballast").write_bytes(bytes(k * 400_000))
            path = disk / f"{k}.h5"
            sink = HDF5Sink(path, interval=0.0)
            with pytest.raises(errors.OutputFileError, match="No space left on device"):
                sink.begin(deterministic.layout())
                list(deterministic.batches(sink, 100_000))
            if path.exists():
                assert read_all(path) == 0
                deterministic.check(load(path))
                path.unlink()
            assert [p.name for p in disk.iterdir()] == ["ballast"]
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


def test_abandoned_sinks_close(tmp_path: Path) -> None:
    sink = HDF5Sink(tmp_path / "run.h5", interval=1e9)
    sink.begin(deterministic.layout())
    list(deterministic.batches(sink, 4))
    before = threading.active_count()
    del sink
    assert threading.active_count() == before
    result = load(tmp_path / "run.h5")
    assert deterministic.check(result) == 60 and result.stats["interrupted"]


def test_no_user_host_or_path_in_the_file(written: Path) -> None:
    content = written.read_bytes()
    for secret in (os.environ.get("HOME", ""), os.uname().nodename, str(written.parent), sys.prefix):
        assert len(secret) < 4 or secret.encode() not in content


def test_recording_is_the_same_in_memory(written: Path) -> None:
    sink = MemorySink()
    sink.begin(deterministic.layout())
    list(deterministic.batches(sink, 3))
    a, b = sink.result(), load(written)
    assert all(np.array_equal(a.spikes[n].times, b.spikes[n].times) for n in a.spikes)
    assert a.spikes["busy"].rate() == b.spikes["busy"].rate() and repr(a) == repr(b)
