"""The bits of one process, for any number of ranks and threads.

Truth: one process with one thread.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from mpiexec import mpiexec

import spikesim as ss

from .bits import CASES, NETWORKS, bits, resumed, whole

PROGRAM = Path(__file__).with_name("bits.py")
#: Currents, lists, noise, learning, Poisson input, derived quantities and what is not recorded; gap junctions; spikes
#: that are felt later than they come; more on their way than there is room for at first.
CLOCK = ["LIF exponential", "sources", "stimuli", "STDP", "Brunel", "observed", "gap junctions", "kept states"]
CLOCK += ["dendritic delay", "flights"]
#: The same from event to event: releases, rules of chance, trains, steps by tolerance, inputs of other names;
#: spikes that fly back to their synapses, synapses that are no linear filters, rewards.
EVENT = ["LIF exponential", "sources", "stimuli", "STDP", "Brunel", "kept", "releases", "trains", "inputs"]
EVENT += ["told late", "equations", "reward"]
FEW = {"clock": [f"{name}/clock" for name in CLOCK], "event": [f"{name}/event" for name in EVENT]}


def check(ranks: int, threads: int, names: list[str], folder: Path, *apart: str) -> None:
    done = mpiexec(
        ranks, PROGRAM, threads, folder, *apart, *names, timeout=1800.0
    )  # everything may have to be compiled
    assert done.returncode == 0, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("[")]
    assert [name for name, *_ in found] == names
    for number, (name, one, other) in enumerate(found):
        mine = folder / "mine.h5"
        assert one == whole(name, 1, None, mine), name
        later = resumed(name, mine, 1)
        assert other == later, f"{name}: resumed"
        assert resumed(name, folder / f"{number}.h5", 2) == later, f"{name}: resumed by one process"


@pytest.mark.parametrize("engine", ["clock", "event"])
@pytest.mark.parametrize(("ranks", "threads"), [(2, 1), (3, 2)])
def test_a_few_networks(ranks: int, threads: int, engine: str, tmp_path: Path) -> None:
    """Spikes, traces, learnt weights, counts, and the future of a saved state."""
    check(ranks, threads, FEW[engine], tmp_path)


@pytest.mark.parametrize(("ranks", "threads"), [(2, 2), (3, 1)])
def test_on_several_machines(ranks: int, threads: int, tmp_path: Path) -> None:
    """The same while messages are on their way during the next slab."""
    check(ranks, threads, FEW["clock"], tmp_path, "apart")


@pytest.mark.slow
@pytest.mark.parametrize(("ranks", "threads"), [(r, t) for r in (2, 3, 4) for t in (1, 2)])
def test_every_network_on_several_machines(ranks: int, threads: int, tmp_path: Path) -> None:
    """The whole table of the clock engine, while messages are on their way."""
    check(ranks, threads, [name for name in CASES if name.endswith("/clock")], tmp_path, "apart")


@pytest.mark.slow
@pytest.mark.parametrize(("ranks", "threads"), [(r, t) for r in (2, 3, 4) for t in (1, 2)])
def test_every_network(ranks: int, threads: int, tmp_path: Path) -> None:
    """The whole table."""
    check(ranks, threads, CASES, tmp_path)


RECORD = f"""
import sys
from mpi4py import MPI
sys.path.insert(0, {str(PROGRAM.parent)!r})
from bits import NETWORKS
net = NETWORKS[sys.argv[1]][0]()
result = net.run(60.0, progress=False, out=sys.argv[2], threads=1, comm=MPI.COMM_WORLD)
sys.stdout.write(f'{{MPI.COMM_WORLD.rank}} {{result is None}}' + chr(10))
"""


def datasets(path: Path) -> dict[str, bytes]:
    """All numbers of a file by path, but for what is said of the run itself: seconds, batches."""
    import h5py

    found: dict[str, bytes] = {}
    with h5py.File(path) as file:
        file.visititems(
            lambda name, item: (
                found.update({name: np.asarray(item[()]).tobytes()})
                if isinstance(item, h5py.Dataset) and item.dtype.kind in "iuf" and not name.startswith("spikesim/")
                else None
            )
        )
    return found


@pytest.mark.parametrize("name", ["Brunel", "observed"])
def test_one_file(name: str, tmp_path: Path) -> None:
    """Rank 0 records for all: the file holds what that of one process holds."""
    script, one, other = tmp_path / "record.py", tmp_path / "one.h5", tmp_path / "other.h5"
    script.write_text(RECORD)
    done = mpiexec(2, script, name, other)
    assert done.returncode == 0, done.stderr
    assert sorted(done.stdout.splitlines()) == ["0 False", "1 True"]
    NETWORKS[name][0]().run(60.0, progress=False, out=one, threads=1)
    assert datasets(one) == datasets(other)
    assert bits(ss.load(one)) == bits(ss.load(other))


PLAIN = """
import hashlib, sys
import numpy as np
import spikesim as ss
from spikesim.engine import collective
comm = None
if sys.argv[1] != "alone":
    from mpi4py import MPI
    comm = MPI.COMM_WORLD
    collective.functions = lambda mpi: ({}, "for a test")
net = ss.Network(seed=2)
cells = net.population("cells", 30, ss.LIF(), v=ss.uniform(-70.0, -55.0))
net.inject(cells, ss.DC(np.linspace(300, 600, 30)))
net.connect(cells, cells, ss.fixed_indegree(5), weight=20.0, delay=1.0, synapse=ss.Exponential(2.0))
net.record(cells, "spikes")
for engine in ("clock", "event"):
    result = net.run(10.0, engine=engine, comm=comm, threads=1, progress=False)
    train, said = result.spikes["cells"], result.stats["threads"]
    assert comm is None or said.endswith("they meet through Python: for a test"), said
    if comm is None or comm.rank == 0:
        print(hashlib.sha256(train.times.tobytes() + train.ids.tobytes()).hexdigest(), len(train.times))
"""


@pytest.mark.parametrize("compiled", [True, False])
def test_through_python(compiled: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no library is found, or nothing is compiled, ranks meet through Python."""
    monkeypatch.setenv("NUMBA_DISABLE_JIT", "0" if compiled else "1")
    script = tmp_path / "plain.py"
    script.write_text(PLAIN)
    done = mpiexec(2, script, "together", timeout=900.0)
    assert done.returncode == 0, done.stderr
    alone = subprocess.run([sys.executable, script, "alone"], capture_output=True, text=True, check=True)
    assert done.stdout.split() == alone.stdout.split() and len(done.stdout.split()) == 4
