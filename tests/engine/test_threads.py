"""Truth: what was measured to pay (benchmarks/README.md), and what the user asked for."""

from __future__ import annotations

import os

import pytest

import spikesim as ss
from spikesim.engine import workers
from spikesim.engine.workers import threads_for

CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@pytest.mark.parametrize(
    ("cost", "slab", "all_cores"),
    [(2_000.0, 15, False), (4_400.0, 15, True), (4_700.0, 2, False), (14_700.0, 2, True), (1e9, 1, True)],
)
def test_all_cores_where_they_pay(cost: float, slab: int, all_cores: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "busy", lambda: 0)
    assert threads_for(None, cost, slab)[0] == (CORES if all_cores else 1)
    assert threads_for(3, cost, slab) == (3, "as asked")


def test_stats_say_what_was_chosen() -> None:
    net = ss.Network()
    net.population("cells", 10, ss.LIF())
    assert net.run(1.0, progress=False).stats["threads"].startswith("1 (one thread: a step is shorter")
    assert net.run(1.0, threads=2, progress=False).stats["threads"].startswith("2 (as asked")
