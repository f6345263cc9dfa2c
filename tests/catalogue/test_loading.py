"""B75 to B84: files from strangers, states of other networks, other machines."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

import spikesim as ss
from spikesim.errors import FileFormatError, SpikesimError, StateError

from .rows import busy, row, run, same

TIMES = "spikes/cells/timestamps"


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("good") / "run.h5"
    run(busy(), 50.0, out=path)
    return path.read_bytes()


def refuse(path: Path, *words: str) -> None:
    """Loading, and looking at everything, ends in an error of ours that names the file."""
    with pytest.raises(FileFormatError) as caught:
        result = ss.load(path)
        for trains in result.spikes.values():
            _ = trains.times, trains.ids
    message = str(caught.value)
    assert path.name in message and not [word for word in words if word not in message], message


@row("B75")
@pytest.mark.parametrize("content", [b"", b"not HDF5 at all", b"\x89HDF\r\n\x1a\n" + bytes(1000), b"PK\x03\x04"])
def test_no_hdf5(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "run.h5"
    path.write_bytes(content)
    refuse(path)


@row("B75")
def test_cut_or_flipped(tmp_path: Path, good: bytes) -> None:
    """Refused, or right: a damaged file gives no other numbers, and never a signal."""
    whole = run(busy(), 50.0)
    rng, path = np.random.default_rng(1), tmp_path / "run.h5"
    for k in range(60):
        damaged = bytearray(good)
        if k % 2:
            damaged = damaged[: int(rng.integers(len(good)))]
        else:
            damaged[int(rng.integers(len(good)))] ^= 1 << int(rng.integers(8))
        path.write_bytes(damaged)
        try:
            found = ss.load(path).spikes["cells"]
            assert np.isin(found.times, whole.spikes["cells"].times).all()
        except (SpikesimError, KeyError):
            pass


def attribute(h5: h5py.File) -> None:
    h5["spikesim"].attrs["format_version"] = 10**6


def forget(h5: h5py.File) -> None:
    del h5.attrs["magic"]
    del h5["spikesim"]


def objects(h5: h5py.File) -> None:
    del h5[TIMES]
    h5.create_dataset(TIMES, data=np.array(["x", "y"], dtype=object), dtype=h5py.string_dtype())


def linked(h5: h5py.File) -> None:
    del h5[TIMES]
    h5[TIMES] = h5py.ExternalLink("/etc/passwd", "/x")


def soft(h5: h5py.File) -> None:
    h5.move(TIMES, "elsewhere")
    h5[TIMES] = h5py.SoftLink("/elsewhere")


def virtual(h5: h5py.File) -> None:
    shape = h5[TIMES].shape
    layout = h5py.VirtualLayout(shape, "<f8")
    layout[:] = h5py.VirtualSource("other.h5", TIMES, shape)
    del h5[TIMES]
    h5.create_virtual_dataset(TIMES, layout)


def bomb(h5: h5py.File) -> None:
    del h5[TIMES]
    h5.create_dataset(TIMES, (2**45,), "<f8", chunks=(2**20,), compression="gzip")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        pytest.param(attribute, ("1000000",), marks=row("B76"), id="B76"),
        pytest.param(forget, (), marks=row("B77"), id="B77"),
        pytest.param(objects, ("timestamps",), marks=row("B78"), id="B78"),
        pytest.param(linked, ("timestamps",), marks=row("B79"), id="B79 external"),
        pytest.param(soft, ("timestamps",), marks=row("B79"), id="B79 soft"),
        pytest.param(virtual, ("timestamps",), marks=row("B79"), id="B79 virtual"),
        pytest.param(bomb, ("timestamps",), marks=row("B80"), id="B80"),
    ],
)
def test_hostile(tmp_path: Path, good: bytes, change: Callable[[h5py.File], None], words: tuple[str, ...]) -> None:
    """Refused before it is read, quickly."""
    path = tmp_path / "run.h5"
    path.write_bytes(good)
    with h5py.File(path, "r+") as h5:
        change(h5)
    began = time.perf_counter()
    refuse(path, *words)
    assert time.perf_counter() - began < 10.0


def saved(tmp_path: Path, threads: int = 1) -> Path:
    sim = ss.Simulation(busy(), threads=threads)
    sim.run(20.0, progress=False)
    sim.save(tmp_path / "state.h5")
    return tmp_path / "state.h5"


@row("B81")
def test_a_state_of_another_network(tmp_path: Path) -> None:
    """The first difference is named."""
    resume: Any = ss.Simulation.resume
    path = saved(tmp_path)
    for other, word in ((busy(seed=4), "seed"), (busy(size=41), "cells")):
        with pytest.raises(SpikesimError, match=word):
            resume(path, other)


@row("B82")
def test_saved_while_it_runs(tmp_path: Path) -> None:
    """A state is that of a whole step."""
    from spikesim.record.memory import MemorySink

    refused = []

    class Saving(MemorySink):
        def commit(self, step: int) -> None:
            try:
                sim.save(tmp_path / "state.h5")
            except StateError as error:
                refused.append(error)
            super().commit(step)

    sim = ss.Simulation(busy(), threads=1, out=Saving())
    sim.run(5.0, progress=False)
    assert refused and not (tmp_path / "state.h5").exists()


@row("B83")
def test_resumed_with_fewer_threads(tmp_path: Path) -> None:
    """The bits of a run that never stopped."""
    resume: Any = ss.Simulation.resume
    sim = resume(saved(tmp_path, threads=2), busy(), threads=1)
    rest = sim.run(20.0, progress=False).spikes["cells"]
    whole = run(busy(), 40.0).spikes["cells"].between(20.0, 40.0)
    assert np.array_equal(rest.between(20.0, 40.0).times, whole.times)


@row("B83")
def test_any_number_of_threads() -> None:
    """The same bits."""
    assert same(run(busy(), 50.0, threads=1), run(busy(), 50.0, threads=2))


SMALL = """
import hashlib
import spikesim as ss
net = ss.Network(seed=3)
cells = net.population("cells", 8, ss.LIF(I_e=ss.normal(500.0, 50.0)), v=ss.uniform(-70.0, -55.0))
net.connect(cells, cells, ss.fixed_indegree(3), weight=ss.normal(40.0, 5.0), delay=1.0, synapse=ss.Exponential(2.0))
net.background(cells, rate=2000.0, weight=20.0, synapse=ss.Exponential(2.0))
net.record(cells, "spikes")
spikes = net.run(10.0, progress=False).spikes["cells"]
print(hashlib.sha256(spikes.times.tobytes() + spikes.ids.tobytes()).hexdigest(), spikes.count())
"""


@row("B84")
@pytest.mark.slow
def test_environments(tmp_path: Path) -> None:
    """Without the compiler, one thread, another locale and hash seed, nothing that may be written to: the same bits."""
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o500)
    said = set()
    for change in (
        {},
        {"NUMBA_DISABLE_JIT": "1"},
        {"NUMBA_NUM_THREADS": "1"},
        {"LC_NUMERIC": "de_DE.UTF-8", "LC_ALL": "de_DE.UTF-8"},
        {"PYTHONHASHSEED": "12345"},
        {"HOME": str(locked), "XDG_CACHE_HOME": str(locked), "NUMBA_CACHE_DIR": str(locked / "cache")},
    ):
        env = {**os.environ, **change}
        done = subprocess.run([sys.executable, "-c", SMALL], env=env, capture_output=True, text=True, timeout=600)
        assert done.returncode == 0, (change, done.stderr)
        said.add(done.stdout)
    assert len(said) == 1 and int(said.pop().split()[1]) > 5
