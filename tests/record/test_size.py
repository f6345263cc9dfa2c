"""What a recording takes, before it begins.  Truth: the bytes of the arrays, of the file, of the process."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

import spikesim as ss
import spikesim.machine as machine
from spikesim import errors
from spikesim.grid import Grid
from spikesim.record import HDF5Sink, Layout, MemorySink, ProbeLayout, recording_bytes

from .test_crash import environment


def layout(neurons: int = 2000, every: int = 2) -> Layout:
    probe = ProbeLayout("exc", "v", np.arange(neurons), every, "mV")
    return Layout(Grid(0.1), 0, {"exc": neurons}, {"exc": None}, (probe, ProbeLayout("exc", "w", np.arange(3), 10)))


def fill(sink: Any, steps: int) -> Any:
    sink.expect(layout(), steps)
    sink.begin(layout())
    for first in range(2, steps + 1, 100):
        sink.samples(0, first, np.ones((50, 2000)))
        sink.commit(first + 98)
    return sink


def test_bytes_of_samples(tmp_path: Path) -> None:
    """Within a tenth of the file and of the arrays."""
    fill(HDF5Sink(tmp_path / "run.h5"), 4000).end()
    predicted = sum(recording_bytes(layout(), 400.0).values())
    assert (tmp_path / "run.h5").stat().st_size == pytest.approx(predicted, rel=0.1)
    values = fill(MemorySink(), 4000).result().traces["exc"]["v"].values
    assert values.nbytes == pytest.approx(recording_bytes(layout(), 400.0, into="memory")["v of 'exc'"], rel=0.01)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_peak_of_memory() -> None:
    """A recording of the announced size is never moved: the process grows by a little more than its arrays."""
    program = (
        "from tests.record.test_size import *\n"
        "peak = lambda: 1024 * int(Path('/proc/self/status').read_text().split('VmHWM:')[1].split()[0])\n"
        "before = peak(); sink = fill(MemorySink(), 20_000); print(peak() - before)"
    )
    root = str(Path(__file__).parents[2])
    run = subprocess.run(
        [sys.executable, "-c", program], env=environment(), cwd=root, capture_output=True, text=True, timeout=100
    )
    assert float(run.stdout) == pytest.approx(recording_bytes(layout(), 2000.0, into="memory")["v of 'exc'"], rel=0.1)


class Disk(NamedTuple):
    free: float


def network(neurons: int) -> ss.Network:
    net = ss.Network(seed=1)
    net.record(net.population("exc", neurons, ss.LIF()), "spikes", "v", every=0.1)
    return net


def test_refused_before_it_begins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "available_bytes", lambda: 1e9)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: Disk(1e9))
    sim = ss.Simulation(network(1000))
    with pytest.raises(errors.MemoryLimitError, match=r"about 80 GB are needed, 1 GB are .* v of 'exc' .*into a file"):
        sim.run(1e6)
    assert sim.time == 0.0 and sim.run(1.0).stop == 1.0
    path = tmp_path / "run.h5"
    with pytest.raises(errors.OutputFileError, match=r"need about 120 GB for its samples, 1 GB are free .* v of 'exc'"):
        network(1000).run(1e6, out=path)
    assert not list(tmp_path.iterdir())
    assert network(1000).run(1.0, out=path).stop == 1.0


def test_a_network_says_what_it_records() -> None:
    last = str(network(1000)).splitlines()[-1]
    assert last.endswith("beside what is recorded: 16 B a spike, 80 MB a second of model time (120 MB in a file)")
    net = ss.Network()
    net.record(net.population("exc", 5, ss.LIF()), "spikes")
    assert str(net).endswith("beside what is recorded: 16 B a spike")
    assert str(ss.Network()).endswith("beside what is recorded")


def test_memory_on_every_system(monkeypatch: pytest.MonkeyPatch) -> None:
    """Linux, and where there is no /proc; a machine has between 100 MB and 100 TB."""
    assert 1e8 < machine.available_bytes() < 1e14

    def absent(self: Path, *_: Any, **__: Any) -> str:
        raise FileNotFoundError(self)

    monkeypatch.setattr(Path, "read_text", absent)
    assert 1e8 < machine.available_bytes() < 1e14
