"""What a simulation leaves in its sink, however it ends.  Truth: the same run whole and in memory."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import spikesim as ss
from spikesim import errors
from spikesim.record import MemorySink, Result, Sink, load


def network(plastic: bool = False) -> ss.Network:
    net = ss.Network(seed=4)
    exc = net.population("exc", 30, ss.LIF(I_e=400.0), v=ss.uniform(-70.0, -56.0))
    rule = ss.STDP(A_plus=0.1, A_minus=0.1, w_max=20.0) if plastic else None
    net.connect(
        exc, exc, ss.fixed_indegree(5), weight=10.0, delay=1.5, synapse=ss.Exponential(2.0), plasticity=rule, name="ee"
    )
    net.record(exc, "spikes")
    net.record(exc[:3], "v", every=0.5)
    return net


def same(a: Any, b: Any) -> bool:
    trains = all(
        np.array_equal(x.times, y.times) and np.array_equal(x.ids, y.ids)
        for x, y in zip(a.spikes.values(), b.spikes.values())
    )
    return trains and np.array_equal(a.traces["exc"]["v"].values, b.traces["exc"]["v"].values) and a.stop == b.stop


def test_a_run_that_returned_is_whole(tmp_path: Path) -> None:
    """After every piece, closed or not, the file has its statistics and is not called interrupted."""
    path = tmp_path / "run.h5"
    sim = ss.Simulation(network(), out=path)
    for stop in (20.0, 40.0, 41.0):
        result = sim.run(stop - sim.time)
        found = load(path)
        assert found.stop == stop and found.stats["interrupted"] is False
        assert found.stats["spikes"] == len(result.spikes["exc"]) and found.stats["model_ms"] == stop
    del sim, result
    assert load(path).stats["interrupted"] is False and load(path).stats["real_time_factor"] > 0
    assert same(load(path), network().run(41.0))


def test_a_program_that_ends_without_closing(tmp_path: Path) -> None:
    program = (
        "import sys, spikesim as ss; sys.path.insert(0, sys.argv[2]); from tests.engine.test_recording import network\n"
        "sim = ss.Simulation(network(), out=sys.argv[1]); result = sim.run(20.0)"
    )
    here = str(Path(__file__).parents[2])
    subprocess.run([sys.executable, "-c", program, str(tmp_path / "run.h5"), here], check=True, timeout=120)
    assert load(tmp_path / "run.h5").stats["interrupted"] is False and load(tmp_path / "run.h5").stop == 20.0


def test_an_error_is_in_the_file(tmp_path: Path) -> None:
    net = network()
    net.connect(net["exc"], net["exc"], ss.all_to_all(), weight=1e308, delay=1.0, synapse=ss.Exponential(2.0))
    with pytest.raises(errors.NumericalError) as caught:
        net.run(100.0, out=tmp_path / "run.h5")
    stats = load(tmp_path / "run.h5").stats
    assert stats["interrupted"] is True and stats["error"] == f"NumericalError: {caught.value}"


@pytest.mark.parametrize("duration", [float("nan"), -1.0, "10", 0.05])
def test_a_refused_run_makes_no_file(tmp_path: Path, duration: Any) -> None:
    path = tmp_path / "run.h5"
    with pytest.raises(errors.SpikesimError):
        network().run(duration, out=path)
    assert not list(tmp_path.iterdir())
    assert network().run(5.0, out=path).stop == 5.0


def measured(stop: float) -> Any:
    return network(plastic=True).run(stop)


def test_a_result_is_a_value(tmp_path: Path) -> None:
    """It goes through pickle and a pool of processes, weights included, and holds nothing of the simulation."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        there = pool.submit(measured, 30.0).result(timeout=120)
    here = measured(30.0)
    assert same(there, here) and dict(there.description) == dict(here.description)
    assert (there.weights["ee"] != here.weights["ee"]).nnz == 0 and there.weights["ee"].nnz > 100
    sim = ss.Simulation(network(plastic=True))
    early = sim.run(10.0)
    before = early.weights["ee"]
    copy = pickle.loads(pickle.dumps(early))
    sim.run(20.0)
    assert (copy.weights["ee"] != before).nnz == 0 and (copy.weights["ee"] != sim.result().weights["ee"]).nnz > 0
    static = network().run(10.0)
    assert len(pickle.dumps(static)) < 20_000
    assert (pickle.loads(pickle.dumps(static)).weights["ee"] != static.weights["ee"]).nnz == 0
    stored = network().run(10.0, out=tmp_path / "run.h5")
    assert len(pickle.dumps(stored)) < 20_000 and same(pickle.loads(pickle.dumps(stored)), static)


@pytest.mark.parametrize("kind", ["memory", "file"])
def test_a_piece_costs_what_it_is(tmp_path: Path, kind: str) -> None:
    """Late pieces of 1 ms are no slower than early ones; an early result stays what it was."""
    net = ss.Network(seed=1)
    net.record(net.population("exc", 2000, ss.LIF(I_e=700.0)), "spikes", "v", every=0.1)
    sim = ss.Simulation(net, out=None if kind == "memory" else tmp_path / "run.h5", threads=1)
    early = sim.run(1.0)
    took = []
    for _ in range(300):
        clock = time.perf_counter()
        sim.run(1.0)
        took.append(time.perf_counter() - clock)
    assert np.median(took[-50:]) < 2.0 * np.median(took[20:70])
    assert early.stop == 1.0 and len(early.traces["exc"]["v"]) == 10 and len(sim.result().traces["exc"]["v"]) == 3010
    assert np.array_equal(early.traces["exc"]["v"].values, sim.result().traces["exc"]["v"].values[:10])


CHILD = """
import sys, time
sys.path.insert(0, sys.argv[2])
import spikesim as ss
from tests.engine.test_recording import network
sim = ss.Simulation(network(), out=sys.argv[1])
sim.run(5.0)
print("begun", flush=True)
try:
    sim.run(1e7)
finally:
    print("unwound", flush=True)
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows ends a process without a word")
def test_terminated(tmp_path: Path) -> None:
    path, here = tmp_path / "run.h5", str(Path(__file__).parents[2])
    child = subprocess.Popen([sys.executable, "-c", CHILD, str(path), here], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None and child.stdout.readline() == "begun\n"
    time.sleep(0.7)
    clock = time.monotonic()
    child.send_signal(signal.SIGTERM)
    assert child.wait(20) == 143 and time.monotonic() - clock < 2.0
    assert child.stdout.read() == "unwound\n"
    found = load(path)
    assert found.stats["interrupted"] is True and found.stats["model_ms"] == found.stop > 5.0
    assert found.stats["spikes"] == len(found.spikes["exc"])


class Counts:
    """A sink in one file, of no class of ours: it counts."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.count = 0

    def begin(self, layout: Any) -> None:
        self.heard.append("begin")

    def spikes(self, population: str, steps: np.ndarray, ids: np.ndarray) -> None:
        self.count += len(steps)

    def samples(self, probe: int, first_step: int, values: np.ndarray) -> None:
        pass

    def commit(self, step: int) -> None:
        self.heard.append("commit")

    def flush(self) -> None:
        self.heard.append("flush")

    def end(self, stats: Any = None, interrupted: bool = False) -> None:
        self.heard.append("interrupted" if interrupted else "end")

    def result(self) -> int:
        return self.count


class Forward(MemorySink):
    """A sink that derives from one of ours."""


def test_a_sink_of_ones_own() -> None:
    want = network().run(50.0)
    sink = Counts()
    found: Any = network().run(50.0, out=sink)  # type: ignore[arg-type]
    assert found == len(want.spikes["exc"]) > 0
    assert sink.heard[0] == "begin" and sink.heard[-2:] == ["flush", "end"]
    found = ss.Simulation(network(), out=Forward()).run(50.0)
    assert isinstance(found, Result) and same(found, want) and "ee" in found.weights


@pytest.mark.parametrize(
    ("out", "message"),
    [
        (Counts, r"got the class Counts; call it: out=Counts\(\)"),
        (3, "wanted a path or a sink .*begin.*result.* got int 3"),
        (type("Half", (), {"begin": 1, "spikes": print})(), "which lacks begin, samples, commit, flush, end, result"),
    ],
)
def test_no_sink(out: Any, message: str) -> None:
    with pytest.raises(errors.InvalidTypeError, match=message):
        network().run(1.0, out=out)


def test_abstract_sink_says_what_is_missing() -> None:
    class Half(Sink):
        pass

    with pytest.raises(TypeError, match="abstract"):
        Half()  # type: ignore[abstract]
