"""Truth: the operating system's own count of a process's memory."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
import resource, sys
import spikesim as ss

net = ss.Network()
cells = net.population("cells", 20_000, ss.LIF(I_e=1500.0, t_ref=1.0), v=ss.uniform(-70.0, -56.0))
net.record(cells, "spikes")
net.record(cells[:100], "v")
result = net.run(float(sys.argv[1]), out=sys.argv[2], progress=False)
print(result.stats["spikes"], resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def recorded(duration: float, out: Path) -> tuple[int, int]:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(duration), str(out)], capture_output=True, text=True, check=True
    )
    spikes, kilobytes = map(int, done.stdout.split())
    return spikes, kilobytes


@pytest.mark.slow
def test_a_tenfold_longer_recording_takes_no_more_memory(tmp_path: Path) -> None:
    few, small = recorded(2000.0, tmp_path / "short.h5")
    many, large = recorded(20_000.0, tmp_path / "long.h5")
    assert many > 9 * few > 1e6
    assert large < small + 40_000, f"{few} spikes: {small} kB, {many} spikes: {large} kB"
    assert (tmp_path / "long.h5").stat().st_size > 16 * many


AGAIN = """
import os, sys
import spikesim as ss

def used():
    pages = int(open("/proc/self/statm").read().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") // 1024, len(os.listdir("/proc/self/task"))

def run():
    net = ss.Network(seed=1)
    cells = net.population("cells", 4000, ss.LIF(I_e=300.0), v=ss.uniform(-70.0, -55.0))
    net.connect(cells, cells, ss.fixed_indegree(50), weight=20.0, delay=1.5, synapse=ss.Exponential(5.0))
    net.record(cells, "spikes")
    net.run(20.0, engine=sys.argv[1], threads=2, progress=False)._repr_html_()

for k in range(110):
    if k == 10:
        before = used()
    run()
print(*before, *used())
"""


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="the operating system's count is read from /proc")
@pytest.mark.parametrize("engine", ["clock", "event"])
def test_a_hundred_runs_in_one_process_leave_nothing_behind(engine: str) -> None:
    """As when the cells of a notebook are run again: each run has wiring of 1.6 MB and two threads of its own."""
    done = subprocess.run([sys.executable, "-c", AGAIN, engine], capture_output=True, text=True, check=True)
    before, threads, after, more = map(int, done.stdout.split())
    assert after - before < 20_000 and more == threads, done.stdout
