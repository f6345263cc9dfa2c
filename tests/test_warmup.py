"""Truth: after it, the usual networks at other sizes and parameters compile nothing; it says what it did."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from spikesim.cli import main
from spikesim.jit import JIT
from spikesim.warmup import NETWORKS

pytestmark = pytest.mark.skipif(not JIT, reason="nothing is compiled")


def test_the_command_names_each(capsys: pytest.CaptureFixture) -> None:
    assert not main(["warmup"])
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines] == list(NETWORKS)
    assert all(float(line.split()[-2]) >= 0.0 for line in lines)  # 0.0 s where nothing was left to compile


@pytest.mark.slow
def test_then_nothing_is_compiled(tmp_path: Path) -> None:
    """In a cache of its own, which stays as the command left it."""
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}

    def run(code: str) -> set[Path]:
        subprocess.run([sys.executable, "-c", code], env=environment, check=True, timeout=300)
        return set(tmp_path.rglob("*.nbc"))

    kept = run("from spikesim.cli import main; main(['warmup'])")
    assert len(kept) > 15
    again = run(
        "from spikesim import published as p\n"
        "p.cuba(neurons=4000).run(2.0, progress=False)\n"
        "p.coba(neurons=1000).run(2.0, progress=False)\n"
        "p.microcircuit(scale=0.05).run(2.0, progress=False)\n"
    )
    assert again == kept
