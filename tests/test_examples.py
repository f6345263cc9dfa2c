"""Truth: the examples' own checks.  Each runs as it is, headless and small, and leaves its picture."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SLOW = {"brunel", "convergence", "microcircuit", "trained_to_spikes", "vogels_abbott"}
SLOW |= {"gif_fit", "phase_diagram", "recurrent_memory", "reward_stdp", "spiking_digits"}
SLOW |= {"stdp_receptive_fields", "stdp_spoken_words"}
EXAMPLES = sorted(path.stem for path in (ROOT / "examples").glob("*.py"))


def test_there_are_examples() -> None:
    """An empty folder would pass every test below."""
    assert {"tuning_curve", "weight_matrix", "own_model", *SLOW} <= set(EXAMPLES)


@pytest.mark.parametrize("name", EXAMPLES)
def test_short_and_self_contained(name: str) -> None:
    """At most 80 lines, and nothing imported from its neighbours."""
    text = (ROOT / "examples" / f"{name}.py").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 80
    imported = [line.split()[1].split(".")[0] for line in text.splitlines() if line.startswith(("import", "from"))]
    assert set(imported) <= {"argparse", "pathlib", "time", "typing", "numpy", "scipy", "matplotlib", "spikesim"}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow if name in SLOW else ()) for name in EXAMPLES]
)
def test_runs(name: str, tmp_path: Path) -> None:
    """In a process of its own, without a display, from another folder."""
    environment = {**os.environ, "MPLBACKEND": "agg"}
    environment["PYTHONPATH"] = os.pathsep.join([str(ROOT), environment.get("PYTHONPATH", "")])
    command = [sys.executable, "-W", "error::UserWarning", str(ROOT / "examples" / f"{name}.py"), "--quick"]
    run = subprocess.run(
        [*command, "--out", str(tmp_path)], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
    picture = tmp_path / f"{name}.png"
    assert picture.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n" and picture.stat().st_size > 20_000
    assert "nan" not in run.stdout
