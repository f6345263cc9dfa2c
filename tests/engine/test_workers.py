"""Workers meet, on an idle machine and a busy one.  Truth: how often each has come."""

from __future__ import annotations

import os
import signal
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import spikesim as ss
from spikesim.engine import workers
from spikesim.jit import JIT, compiled


@compiled
def rounds(barrier, seen, me, n, times):
    """Meet `times` times; `seen`: how often each has come, which nobody may see differ by more than one."""
    wrong = 0
    for k in range(times):
        seen[me] = k + 1
        workers.meet(barrier, k + 1, n)
        for other in range(n):
            if seen[other] < k + 1 or seen[other] > k + 2:
                wrong += 1
    return wrong


@pytest.mark.skipif(not JIT, reason="Python's threads take turns")
@pytest.mark.parametrize("n", [2, 5])
def test_nobody_goes_on_before_all_have_come(n: int) -> None:
    """More workers than cores: those that wait sleep, and are woken."""
    barrier, seen = np.zeros(8, np.int64), np.zeros(n, np.int64)
    rounds(np.zeros(8, np.int64), np.zeros(1, np.int64), 0, 1, 1)
    with ThreadPoolExecutor(n) as pool:
        found = [job.result() for job in [pool.submit(rounds, barrier, seen, k, n, 2000) for k in range(n)]]
    assert found == [0] * n and barrier[0] == 2000 * n


def test_busy_cores_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    cores = workers.cores()
    monkeypatch.setattr(workers, "busy", lambda: 0)
    assert workers.threads_for(None, 1e9, 1) == (cores, f"all {cores} cores")
    monkeypatch.setattr(workers, "busy", lambda: (os.cpu_count() or 1) - 1)
    n, reason = workers.threads_for(None, 1e9, 1)
    assert n == 1
    assert cores == 1 or reason == f"1 of {cores} cores: the others are busy"
    assert workers.threads_for(2, 1e9, 1) == (2, "as asked")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
@pytest.mark.parametrize("engine", ["clock", "event"])
def test_a_child_process_has_no_threads_to_run_with(engine: str) -> None:
    net = ss.Network()
    net.population("cells", 300, ss.LIF())
    with ss.Simulation(net, threads=2, engine=engine) as sim:
        sim.run(1.0, progress=False)
        child = os.fork()
        if child == 0:
            signal.alarm(60)  # rather than for ever
            try:
                sim.run(1.0, progress=False)
            except ss.errors.StateError as error:
                os._exit(0 if "was forked" in str(error) else 1)
            os._exit(2)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        sys.stdout.flush()
