"""Sweeps on the executors of others, with real processes: the table of one process, made elsewhere.

Each is tested where its package is installed (the extras "executors" and "mpi").
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from mpiexec import mpiexec

import spikesim as ss

VALUES = {"current": [0.0, 400.0, 500.0, -1.0, 700.0]}


def build(current: float, seed: int) -> ss.Network:
    """A cell; a current below 0 is a mistake."""
    if current < 0.0:
        raise ValueError("no such current")
    net = ss.Network(seed=seed)
    cell = net.population("cell", 3, ss.LIF(I_e=current), v=ss.uniform(-70.0, -60.0))
    net.record(cell, "spikes")
    return net


def measure(result: Any) -> dict[str, Any]:
    """Spikes, and in which process they were counted."""
    return {"spikes": int(result.spikes["cell"].count()), "process": os.getpid()}


@contextmanager
def loky() -> Iterator[Any]:
    """The executor that joblib runs on."""
    pytest.importorskip("joblib")
    from joblib.externals.loky import get_reusable_executor

    pool = get_reusable_executor(max_workers=2)
    yield pool
    pool.shutdown(wait=True)


@contextmanager
def dask(executor: bool) -> Iterator[Any]:
    """A cluster of two processes on this machine: its client, or the executor that this has."""
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client.get_executor() if executor else client


EXECUTORS = {"loky": loky, "dask client": lambda: dask(False), "dask executor": lambda: dask(True)}


def rows(table: Any) -> list[list[Any]]:
    """A table without what differs from run to run."""
    return [table[name].tolist() for name in ("current", "seed", "spikes", "error")]


def check(found: list[list[Any]], processes: list[float], here: int) -> None:
    """The table of this process, and rows that others have made; the first is made where the sweep is called."""
    one = ss.sweep(build, VALUES, measure=measure, duration=50.0, seeds=2, jobs=1)
    assert repr(found) == repr(rows(one))  # NaN where a run failed
    made = [int(p) for p in processes if p == p]
    assert made[0] == here and here not in made[1:]


@pytest.mark.parametrize("name", ["loky", pytest.param("dask client", marks=pytest.mark.slow), "dask executor"])
def test_executors(name: str) -> None:
    """A failed run is a row, the others are as ever."""
    with EXECUTORS[name]() as pool:
        table = ss.sweep(build, VALUES, measure=measure, duration=50.0, seeds=2, jobs=pool)
    check(rows(table), table["process"].tolist(), os.getpid())


MPI = f"""
import json, os, sys
sys.path[:0] = {[str(Path(__file__).parent), str(Path(__file__).parents[1])]!r}
from mpi4py.futures import MPIPoolExecutor
import spikesim as ss
from test_executors import VALUES, build, measure, rows

if __name__ == "__main__":
    with MPIPoolExecutor() as pool:
        table = ss.sweep(build, VALUES, measure=measure, duration=50.0, seeds=2, jobs=pool)
    print(json.dumps([rows(table), table["process"].tolist(), os.getpid()]))
"""


def test_mpi4py(tmp_path: Path) -> None:
    """``mpiexec -n 3 python -m mpi4py.futures sweep.py``: one rank asks, two run."""
    script = tmp_path / "sweep.py"
    script.write_text(MPI)
    done = mpiexec(3, "-m", "mpi4py.futures", script)
    assert done.returncode == 0, done.stderr
    check(*json.loads(done.stdout))
