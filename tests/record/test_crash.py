"""A crash at any moment leaves a file that the ordinary call opens, with every committed row and no other."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

import spikesim.record.committed as committed
import spikesim.record.format as format_
from spikesim.record import HDF5Sink, load

from . import deterministic

CHILD = [sys.executable, deterministic.__file__]


def environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}


def read_all(path: Path) -> int:
    """Open with plain h5py and read every dataset; returns how many could not be read to the end."""
    unreadable = 0
    with h5py.File(path, "r") as h5:
        datasets: list[Any] = []
        h5.visititems(lambda name, item: datasets.append(item) if isinstance(item, h5py.Dataset) else None)
        assert len(datasets) >= 12
        for dataset in datasets:
            try:
                dataset[()]
            except OSError:  # between new rows and their checksum: only the last chunk may be affected
                unreadable += 1
                dataset[: len(dataset) - 1 - (len(dataset) - 1) % dataset.chunks[0]]
    return unreadable


def test_after_every_single_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk as it is after each write of a run, one by one: what a crash can leave."""
    writes: list[tuple[int, bytes] | int] = []
    durable: list[tuple[int, int]] = []
    paused: dict[int, int] = {}
    write, resize = committed._write_at, os.ftruncate

    def noted(fd: int, data: Any, at: int) -> None:
        writes.append((at, bytes(data)))
        write(fd, data, at)

    def noted_resize(fd: int, size: int) -> None:
        writes.append(size)
        resize(fd, size)

    monkeypatch.setattr(committed, "_write_at", noted)
    monkeypatch.setattr(committed.os, "ftruncate", noted_resize)
    monkeypatch.setattr(format_, "CHUNK_BYTES", 8 * 32)
    sink = HDF5Sink(tmp_path / "run.h5", interval=0.0)
    sink.begin(deterministic.layout())
    begun = len(writes)  # from here on the file has its name
    for step in deterministic.batches(sink, 60):  # some 7,000 rows: 220 chunks, tables split twice
        durable.append((len(writes), step))
        if step % (20 * deterministic.PER_BATCH) == 0:  # a piece of the run ends here
            sink.pause({"step": step})
            paused[len(writes)] = step
    sink.end({"events": 1})
    monkeypatch.undo()
    assert (tmp_path / "run.h5").read_bytes() == _after(writes, len(writes)).getvalue()

    moments = [
        *sorted(random.Random(3).sample(range(begun, len(writes)), 120)),
        *range(len(writes) - 8, len(writes)),
        len(writes),
    ]
    moments = sorted({*moments, *paused, *(n - k for n in paused for k in range(1, 6))})
    disk, copy, unreadable = _after(writes, 0), tmp_path / "crashed.h5", 0
    done = 0
    for moment in moments:
        _after(writes[done:moment], moment - done, disk)
        done = moment
        copy.write_bytes(disk.getvalue())
        unreadable += read_all(copy) > 0
        safe = max((step for n, step in durable if n <= moment), default=0)
        found = load(copy)
        assert deterministic.check(found) in (safe, safe + deterministic.PER_BATCH)
        if moment in paused:
            assert (found.stats["step"], found.stats["interrupted"]) == (paused[moment], False)
        elif moment < len(writes) - 8 and not found.stats["interrupted"]:
            assert found.stop == found.stats.get("step", round(10 * found.stop)) / 10
    assert unreadable < len(moments) / 2  # the moments between rows and checksum, all of them here


class _Disk:
    def __init__(self) -> None:
        self.data = bytearray()

    def getvalue(self) -> bytes:
        return bytes(self.data)


def _after(writes: list[tuple[int, bytes] | int], count: int, disk: _Disk | None = None) -> _Disk:
    disk = disk or _Disk()
    for entry in writes[:count]:
        size = entry if isinstance(entry, int) else entry[0] + len(entry[1])
        disk.data.extend(bytes(max(size - len(disk.data), 0)))
        if not isinstance(entry, int):
            disk.data[entry[0] : size] = entry[1]
    return disk


def kill_once(path: Path, delay: float, *arguments: str, begun: bool = False) -> tuple[int, int]:
    """Kill a writer after `delay` seconds of writing; returns (last step reported safe, last step found).

    With `begun` the seconds count from the first step that is reported safe. A negative delay counts from the start of
    the program, before the file has its name.
    """
    read, write = os.pipe()
    child = os.fork()  # a hundred times faster to start than a new interpreter
    if child == 0:
        try:
            sys.stdout = os.fdopen(write, "w")
            deterministic.main(str(path), *arguments)
        finally:
            os._exit(0)
    os.close(write)
    with os.fdopen(read) as said:
        if delay >= 0:
            assert said.readline() == "begun\n"
        first = said.readline() if begun else ""
        time.sleep(abs(delay))
        os.kill(child, signal.SIGKILL)
        lines = (first + said.read()).split()
    os.waitpid(child, 0)
    if not path.exists():
        assert delay < 0 and not lines
        return 0, 0
    read_all(path)
    return int(next((x for x in reversed(lines) if x.isdigit()), 0)), deterministic.check(load(path))


def test_kill_9(tmp_path: Path) -> None:
    for k, delay in enumerate((0.0, 0.13, 0.5)):
        safe, found = kill_once(tmp_path / f"{k}.h5", delay, begun=k > 0)
        assert found >= safe and (k == 0 or found > 0)


@pytest.mark.slow
def test_kill_9_a_hundred_times(tmp_path: Path) -> None:
    """At start-up (negative delays), in the middle and, in short runs, around the end."""
    draw = random.Random(9)
    for k in range(100):
        path = tmp_path / f"{k}.h5"
        kind = k % 4
        delay = -draw.uniform(0.0, 0.03) if kind == 0 else draw.uniform(0, 0.4)
        safe, found = kill_once(path, delay, *(("300",) if kind == 3 else ()), *(("0.0",) if kind == 3 else ()))
        assert found >= safe
        for left in tmp_path.iterdir():
            left.unlink()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_terminated(tmp_path: Path, how: signal.Signals) -> None:
    path = tmp_path / "run.h5"
    child = subprocess.Popen(
        [*CHILD, str(path)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment()
    )
    assert child.stdout is not None
    child.stdout.readline()
    time.sleep(0.2)
    child.send_signal(how)
    lines = child.stdout.read().split()
    assert child.wait(20) != -signal.SIGSEGV
    found = deterministic.check(load(path))
    assert found >= int(next((x for x in reversed(lines) if x.isdigit()), 0))
    assert load(path).stats["interrupted"]


@pytest.mark.parametrize("last", ["raise RuntimeError('by a callback')", "os._exit(3)", "pass"])
def test_other_ends(tmp_path: Path, last: str) -> None:
    """An exception and a program that just stops lose nothing; os._exit loses what was not flushed."""
    path = tmp_path / "run.h5"
    program = (
        "import os, sys; import deterministic as d; from spikesim.record import HDF5Sink\n"
        f"sink = HDF5Sink({str(path)!r}, interval=1e9); sink.begin(d.layout())\n"
        f"for step in d.batches(sink, 20): pass\n{last}"
    )
    env = environment()
    env["PYTHONPATH"] += os.pathsep + os.path.dirname(deterministic.__file__)
    done = subprocess.run([sys.executable, "-c", program], env=env, capture_output=True, text=True, timeout=60)
    assert done.returncode == {"r": 1, "o": 3, "p": 0}[last[0]], done.stderr
    assert deterministic.check(load(path)) == (0 if last[0] == "o" else 300)


def test_readers_beside_a_writer(tmp_path: Path) -> None:
    """No error, no torn pair, nothing that shrinks, while rows are appended twenty times a second."""
    path = tmp_path / "run.h5"
    how = [*CHILD, str(path), "1000000", "0.05", "4096"]
    child = subprocess.Popen(how, stdout=subprocess.PIPE, text=True, env=environment())
    assert child.stdout is not None
    try:
        child.stdout.readline()
        seen, start, looks = 0, time.monotonic(), 0
        while time.monotonic() < start + (2.0 if seen else 60.0):
            found = deterministic.check(load(path))
            assert found >= seen
            seen, looks = found, looks + 1
        assert looks > 3 and seen > 0
    finally:
        child.kill()
        child.wait()


def test_flush_interval_and_limit(tmp_path: Path) -> None:
    sink = HDF5Sink(tmp_path / "a.h5", interval=1e9, limit=10_000)
    sink.begin(deterministic.layout())
    seen = 0
    for step in deterministic.batches(sink, 10):
        held = sum(column.nbytes for column in sink._columns)
        assert held < 10_000 + 4000
        seen += sink._durable == step
    assert 1 <= seen < 10
    sink.end()
    assert HDF5Sink(tmp_path / "b.h5")._interval <= 5.0 and HDF5Sink(tmp_path / "b.h5")._limit <= 64 * 2**20


def test_memory_stays_flat(tmp_path: Path) -> None:
    """Ten times the recording, the same memory (peak resident size of a fresh process)."""
    program = (
        "import numpy as np, resource, sys; from spikesim.record import *; from spikesim.grid import Grid\n"
        "sink = HDF5Sink(sys.argv[1], limit=4 * 2**20)\n"
        "sink.begin(Layout(Grid(0.1), 0, {'a': 1000}, {'a': None}))\n"
        "ids = np.tile(np.arange(1000), 10); steps = np.repeat(np.arange(1, 11), 1000)\n"
        "for k in range(int(sys.argv[2])): sink.spikes('a', steps + 10 * k, ids); sink.commit(10 * k + 10)\n"
        "sink.end(); print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    peaks = []
    for k, count in enumerate((50, 500)):  # 0.5 and 5 million spikes
        arguments = [sys.executable, "-c", program, str(tmp_path / f"{k}.h5"), str(count)]
        peaks.append(int(subprocess.run(arguments, env=environment(), capture_output=True, check=True).stdout))
    assert peaks[1] - peaks[0] < 6_000, peaks  # KiB; ten times the spikes are 70 MiB more on disk
    assert load(tmp_path / "1.h5").spikes["a"].count(0.0, 100.0) == 1_000_000
    assert np.isclose(load(tmp_path / "1.h5").spikes["a"].rate(), 10_000.0)
