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
