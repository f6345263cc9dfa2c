"""The question of the two engines is asked and answered, at a size that takes no time."""

from __future__ import annotations

import subprocess
import sys

import pytest

from benchmarks import event
from benchmarks.process import ROOT


@pytest.mark.parametrize("kind", event.DRIVES)
def test_both_engines_are_measured_on_the_same_network(kind: str) -> None:
    drive = event.DRIVES[kind][-2]
    rows = [event.measure(kind, 400, drive, engine, 50.0) for engine in event.ENGINES]
    assert rows[0]["synapses"] == rows[1]["synapses"] == 400 * event.K
    assert rows[0]["spikes"] == pytest.approx(rows[1]["spikes"], rel=0.1)
    assert all(row["events"] > 0 and row["cpu_s"] > 0 for row in rows)


@pytest.mark.slow
def test_every_question_is_answered_at_its_quick_size() -> None:
    command = [sys.executable, "-m", "benchmarks", "--quick", "--threads", "1"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=900, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
