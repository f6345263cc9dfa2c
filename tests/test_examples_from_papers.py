"""Published models, each against the number of its paper or of its original: the examples' own checks, run small."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from against.papers import mean, originals

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "examples" / "from_papers"
EXAMPLES = sorted(path.stem for path in FOLDER.glob("*.py"))


def test_there_are_examples() -> None:
    assert {"pulse_packet", "clopath", "gap_junctions"} <= set(EXAMPLES)


@pytest.mark.parametrize("name", EXAMPLES)
def test_short_and_self_contained(name: str) -> None:
    """At most 80 lines, with a check, and nothing imported from its neighbours."""
    text = (FOLDER / f"{name}.py").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 80 and "assert " in text
    imported = [line.split()[1].split(".")[0] for line in text.splitlines() if line.startswith(("import", "from"))]
    assert set(imported) <= {"argparse", "pathlib", "typing", "numpy", "scipy", "matplotlib", "spikesim"}


def constant(name: str) -> dict[str, float]:
    """The figures of the original that an example has, {} where it has none."""
    for node in ast.parse((FOLDER / f"{name}.py").read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "ORIGINAL":
            return dict(ast.literal_eval(node.value))
    return {}


@pytest.mark.parametrize("name", EXAMPLES)
def test_figures_of_originals_are_those_stored(name: str) -> None:
    """What an example says its original gives is what its original gave (tests/against/data/papers.json)."""
    found = constant(name)
    assert bool(found) == (name in originals())
    if found:
        stored = mean(name)
        assert found == {key: pytest.approx(stored[key], rel=1e-3, abs=1e-6) for key in found}


def test_the_census_names_every_script() -> None:
    """Each stands first in the row of its original in docs/census.md, and no other name stands there."""
    census = (ROOT / "docs" / "census.md").read_text(encoding="utf-8")
    assert set(re.findall(r"\| yes \| `([a-z_0-9]+)`:", census)) == set(EXAMPLES)


@pytest.mark.slow
@pytest.mark.parametrize("name", EXAMPLES)
def test_runs(name: str, tmp_path: Path) -> None:
    """In a process of its own, without a display, from another folder; it checks itself and leaves its picture."""
    environment = {**os.environ, "MPLBACKEND": "agg"}
    environment["PYTHONPATH"] = os.pathsep.join([str(ROOT), environment.get("PYTHONPATH", "")])
    command = [sys.executable, "-W", "error::UserWarning", str(FOLDER / f"{name}.py"), "--quick"]
    command += ["--out", str(tmp_path)]
    run = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert (tmp_path / f"{name}.png").stat().st_size > 20_000 and "nan" not in run.stdout
