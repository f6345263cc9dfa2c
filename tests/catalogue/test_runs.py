"""B55 to B66: duration, step, interruption, threads, seeds, pieces."""

from __future__ import annotations

import copy
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from mpiexec import mpiexec

import spikesim as ss
from spikesim.errors import InvalidTypeError, InvalidValueError, StateError

from .rows import busy, must_refuse, network, refusal, row, run, same

NAN, INF = float("nan"), float("inf")


def simulated(duration: Any) -> None:
    """A refused run leaves the time where it was, and the simulation usable."""
    sim = ss.Simulation(network()[0], threads=1)
    sim.run(1.0, progress=False)
    try:
        sim.run(duration, progress=False)
    finally:
        assert sim.time == 1.0
        assert sim.run(1.0, progress=False).stop == 2.0


def seeded(seed: Any) -> Any:
    return ss.Network(seed=seed)


BAD_DURATIONS = (-1.0, NAN, INF, "10", 1e300, None, True, 0.16, 1e-300, np.complex128(1))
BAD_STEPS = (0.0, NAN, -0.1, 1e-300, INF, "0.1", None, True, np.complex128(0.1))
REFUSED = [
    *[refusal("B57" if d == 0.16 else "B55", lambda d=d: simulated(d),
                       (InvalidValueError, InvalidTypeError), "duration", str(d))
      for d in BAD_DURATIONS],
    *[refusal("B58", lambda dt=dt: run(network()[0], dt=dt), (InvalidValueError, InvalidTypeError), "dt", str(dt))
      for dt in BAD_STEPS],
    *[refusal("B63", lambda n=n: run(network()[0], threads=n), error, "threads", str(n))
      for n, error in ((0, InvalidValueError), (-1, InvalidValueError), (1.5, InvalidTypeError),
                       (True, InvalidTypeError),
                       ("2", InvalidTypeError), (10**6, InvalidValueError))],
    *[refusal("B65", lambda s=s: seeded(s), error, "seed", str(s))
      for s, error in ((-1, InvalidValueError), (2**64, InvalidValueError), (1.5, InvalidTypeError),
                       ("a", InvalidTypeError),
                       (NAN, InvalidTypeError), (None, InvalidTypeError))],
    refusal("B65", lambda: run(network()[0], seed=-1), InvalidValueError, "seed", "-1"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "error", "words"), REFUSED)
def test_refused(call: Any, error: type[Exception], words: tuple[str, ...]) -> None:
    must_refuse(call, error, words)


@row("B56")
def test_run_of_nothing() -> None:
    """No time passes, and nothing changes."""
    sim, other = (ss.Simulation(busy(), threads=1) for _ in range(2))
    for _ in range(3):
        sim.run(0.0, progress=False)
    assert sim.time == 0.0
    sim.run(20.0, progress=False)
    sim.run(0.0, progress=False)
    assert same(sim.run(20.0, progress=False), other.run(40.0, progress=False))


@row("B58")
def test_dt_cannot_be_changed() -> None:
    """It was compiled in."""
    sim = ss.Simulation(network()[0], threads=1)
    with pytest.raises((StateError, AttributeError), match="dt"):
        sim.dt = 0.2
    assert sim.dt == 0.1


@row("B59")
@pytest.mark.skipif(os.name != "posix", reason="sends SIGINT to itself")
@pytest.mark.filterwarnings("ignore::spikesim.SpikesimWarning")
def test_interrupted() -> None:
    """Within a second, on a whole step; the run that goes on gives the bits of one left alone."""
    sim = ss.Simulation(busy(), threads=1)
    sim.run(1.0, progress=False)
    timer = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    began = time.perf_counter()
    try:
        result = sim.run(1e7, progress=False)
        assert result.stats["interrupted"]
    except KeyboardInterrupt:
        pass
    assert time.perf_counter() - began < 5.0  # a second, on a machine that does nothing else
    timer.join()
    reached = sim.time
    assert 1.0 < reached < 1e7 and reached == pytest.approx(round(reached * 10) / 10)
    assert same(sim.run(10.0, progress=False), run(busy(), round(reached + 10.0, 6)))


@row("B60")
def test_an_exception_in_a_sink_of_ones_own() -> None:
    """It comes through as it is."""
    from spikesim.record.memory import MemorySink

    class Broken(MemorySink):
        def commit(self, step: int) -> None:
            if step > 100:
                raise ZeroDivisionError("mine")
            super().commit(step)

    with pytest.raises(ZeroDivisionError, match="mine"):
        run(busy(), 1000.0, out=Broken())
    assert same(run(busy(), 20.0), run(busy(), 20.0))


@row("B60")
def test_an_exception_in_a_watcher() -> None:
    """It comes through, the state stands at a whole step, and what was recorded is kept."""
    sim = ss.Simulation(busy(), threads=1)

    def watch(now: Any) -> None:
        if now.time >= 20.0:
            raise ZeroDivisionError("mine")

    with pytest.raises(ZeroDivisionError, match="mine"):
        sim.run(100.0, progress=False, every=(10.0, watch))
    assert sim.time == 20.0 and same(sim.result(), run(busy(), 20.0))


@row("B61")
def test_run_from_two_threads() -> None:
    """The second one is refused in words, the first one goes on unharmed."""
    from spikesim.record.memory import MemorySink

    refused = []

    class Meddling(MemorySink):
        def commit(self, step: int) -> None:
            try:
                sim.run(1.0, progress=False)
            except StateError as error:
                refused.append(str(error))
            super().commit(step)

    sim = ss.Simulation(busy(), threads=1, out=Meddling())
    result = sim.run(20.0, progress=False)
    assert refused and "running" in refused[0]
    assert same(result, run(busy(), 20.0))


@row("B62")
def test_a_network_is_a_value() -> None:
    """Pickled and copied, it gives the same run."""
    net = busy()
    for other in (pickle.loads(pickle.dumps(net)), copy.deepcopy(net)):
        assert other["cells"].network is other and same(run(other, 20.0), run(net, 20.0))


FORKED = """
import os, sys
import spikesim as ss
from spikesim.errors import StateError
net = ss.Network(seed=1)
net.record(net.population("cells", 4, ss.LIF(I_e=500.0)), "spikes")
sim = ss.Simulation(net, threads=2)
sim.run(10.0, progress=False)
if os.fork() == 0:
    try:
        sim.run(10.0, progress=False)
        os._exit(1)
    except StateError as error:
        os._exit(0 if "process" in str(error) else 2)
    except BaseException:
        os._exit(3)
sys.exit(os.waitstatus_to_exitcode(os.wait()[1]))
"""


@row("B62")
@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")
def test_forked_after_it_was_built() -> None:
    """The child has no threads of the parent's: refused in words, and no hang."""
    try:
        done = subprocess.run([sys.executable, "-c", FORKED], timeout=60, capture_output=True)
    except subprocess.TimeoutExpired:
        pytest.fail("the child hangs")
    assert done.returncode == 0, done.stderr


@row("B64")
def test_ranks_that_differ(tmp_path: Path) -> None:
    """Another seed on one rank: every rank ends with the same words, and none waits for ever."""
    script = tmp_path / "ranks.py"
    script.write_text(
        "from mpi4py import MPI\nimport spikesim as ss\n"
        "net = ss.Network(seed=MPI.COMM_WORLD.Get_rank())\n"
        "net.record(net.population('cells', 4, ss.LIF(I_e=500.0)), 'spikes')\n"
        "try:\n    net.run(10.0, comm=MPI.COMM_WORLD, progress=False)\n"
        "except ss.SpikesimError as error:\n    print(f'REFUSED {error}' + chr(10), end='')\n"
    )
    done = mpiexec(2, script)
    said = [line for line in done.stdout.splitlines() if line.startswith("REFUSED")]
    assert len(said) == 2 and said[0] == said[1] and "seed" in said[0]


@row("B65")
def test_the_seed_that_was_used_is_kept() -> None:
    """From 0 to 2^64 - 1, NumPy's whole numbers too."""
    assert seeded(np.uint64(2**64 - 1)).seed == 2**64 - 1 and seeded(np.int8(3)).seed == 3
    assert run(busy(seed=5)).stats["seed"] == 5 and run(busy(seed=5), seed=6).stats["seed"] == 6


@row("B66")
def test_in_single_steps() -> None:
    """The bits of one run, and a piece costs what it is: no piece of the second half costs much more than before."""
    sim = ss.Simulation(busy(size=10), threads=1)
    sim.run(0.1, progress=False)
    clocks = [time.perf_counter()]
    for _ in range(2):
        for _ in range(500):
            result = sim.run(0.1, progress=False)
        clocks.append(time.perf_counter())
    assert same(result, run(busy(size=10), 100.1))
    first, second = np.diff(clocks)
    assert second < 10.0 * first
