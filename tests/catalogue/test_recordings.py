"""B67 to B74: what is recorded, and where to."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import spikesim as ss
from spikesim.errors import (
    IndexRangeError,
    InvalidTypeError,
    InvalidValueError,
    MemoryLimitError,
    OutputFileError,
    UnknownNameError,
)

from .rows import busy, must_refuse, network, refusal, row, run, same

NAN = float("nan")


def record(*variables: Any, **how: Any) -> ss.Network:
    net, cells = network(ss.AdEx())
    net.record(cells, *variables, **how)
    return net


def indexed() -> None:
    net, cells = network()
    net.record(cells[4], "v")


REFUSED = [
    refusal("B67", lambda: record("V_m"), UnknownNameError, "cells", "'V_m'", "the state v", "w"),
    refusal("B67", lambda: record("spike"), UnknownNameError, "did you mean 'spikes'"),
    refusal("B67", lambda: record("tau_w"), UnknownNameError, "parameter", "spikes, v, w"),
    refusal("B67", lambda: record(3), InvalidTypeError, "int"),
    refusal("B67", lambda: record(), InvalidTypeError, "no variable"),
    *[refusal("B68", lambda e=e: record("v", every=e), (InvalidValueError, InvalidTypeError), "every", str(e))
      for e in (0.0, -1.0, NAN, "1", True)],
    refusal("B68", lambda: run(record("v", every=0.25)), InvalidValueError, "0.25", "0.2 or 0.3 ms"),
    refusal("B69", indexed, IndexRangeError, "cells", "4", "0 ... 3"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "error", "words"), REFUSED)
def test_refused(call: Any, error: type[Exception], words: tuple[str, ...]) -> None:
    must_refuse(call, error, words)


@row("B70")
@pytest.mark.skipif(os.name != "posix", reason="pipes and devices of POSIX")
def test_paths_that_cannot_be(tmp_path: Path) -> None:
    """Refused before anything runs; what is there stays as it is."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "old.h5").write_text("mine")
    for path, word in (
        (tmp_path, "folder"),
        (tmp_path / "pipe", "pipe"),
        (tmp_path / "missing" / "run.h5", "no folder"),
        (tmp_path / "old.h5", "overwrite=True"),
        ("/dev/full", "device"),
    ):
        must_refuse(lambda p=path: run(busy(), out=p), OutputFileError, (str(path), word))
    assert (tmp_path / "old.h5").read_text() == "mine"


FULL = """
import resource, sys
import spikesim as ss
from spikesim.errors import OutputFileError
net = ss.Network(seed=1)
net.record(net.population("cells", 200, ss.LIF(I_e=500.0)), "spikes", "v")
resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, resource.RLIM_INFINITY))
try:
    net.run(3000.0, out=sys.argv[1], progress=False, threads=1)
except OutputFileError as error:
    assert sys.argv[1] in str(error), error
    found = ss.load(sys.argv[1])
    assert found.spikes["cells"].count() >= 0 and found.stats["interrupted"]
    sys.exit(7)
"""


@row("B71")
@pytest.mark.skipif(sys.platform != "linux", reason="limits the size of files")
def test_disk_full(tmp_path: Path) -> None:
    """An exception, never a signal; the file holds what was written before."""
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path / "run.h5")], timeout=300, capture_output=True, text=True
    )
    assert done.returncode == 7, done.stderr


@row("B72")
def test_a_recording_larger_than_the_disk(tmp_path: Path) -> None:
    """Refused before t = 0, with numbers: into a file, and into memory."""
    net, cells = network(size=100_000)
    net.record(cells, "v")
    must_refuse(lambda: run(net, 1e8, out=tmp_path / "run.h5"), OutputFileError, ("PB", "are free", "v"))
    must_refuse(lambda: run(net, 1e8), MemoryLimitError, ("are needed", "v"))


@row("B73")
@pytest.mark.parametrize("name", ["../../x", "/etc/x", "..", "a\\b"])
def test_a_label_is_no_path(name: str) -> None:
    """Names become groups of a file: none leads out of it."""
    net, cells = network()
    must_refuse(lambda: net.population(name, 1, ss.LIF()), InvalidValueError, ("name",))
    how = {"weight": 1.0, "delay": 1.0, "synapse": ss.Delta(), "name": name}
    must_refuse(lambda: net.connect(cells, cells, ss.all_to_all(), **how), InvalidValueError, ("name",))


@row("B74")
def test_one_file_for_two_recordings(tmp_path: Path) -> None:
    """The second is refused, the first unharmed."""
    path = tmp_path / "run.h5"
    with ss.Simulation(busy(), threads=1, out=path) as sim:
        sim.run(10.0, progress=False)
        must_refuse(lambda: run(busy(), 10.0, out=path, overwrite=True), OutputFileError, (str(path),))
        sim.run(10.0, progress=False)
    assert same(ss.load(path), run(busy(), 20.0))
