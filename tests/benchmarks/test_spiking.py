"""What an epoch of training spikes costs: every code trains here, and rows say how many times longer a peer takes."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks import spiking
from benchmarks.contest import Options
from benchmarks.peers import PEERS
from benchmarks.peers.draw import pixels


@pytest.mark.parametrize("code", ["static", "latency", "poisson"])
def test_every_code_is_trained(code: str) -> None:
    row = spiking.measure(code, steps=5, updates=2, batch=8, pixels=30, hidden=6, samples=80)
    assert 0.0 < row["cpu_s"] < 60.0 and row["run_s"] > 0.0


def test_images_are_as_dark_as_those_of_mnist() -> None:
    x, classes = pixels(500, 784)
    assert x.dtype == np.float32 and abs((x > 0.0).mean() - 0.19) < 0.01 and set(classes) == set(range(10))


def test_a_peer_is_told_the_job_and_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict] = []

    class Slower:
        name = "norse"

        def run(self, job: dict) -> dict:
            asked.append(job)
            return {"run_s": 6.0, "cpu_s": 4.0}

    monkeypatch.setattr(Options, "found", lambda self, names: [Slower()])
    monkeypatch.setattr(spiking, "in_process", lambda question, job: {"run_s": 2.0, "cpu_s": 1.0})
    own, peer = spiking.ask(Options(quick=True, case="latency, 100", repeat=1))
    assert (own["simulator"], peer["case"]) == ("spikesim", "latency, 100 steps")
    assert (peer["times_slower"], peer["times_cpu"]) == (3.0, 4.0)
    assert asked[0]["code"] == "latency" and asked[0]["steps"] == 100
    assert all(PEERS[name].mode == name for name in spiking.PEERS)
