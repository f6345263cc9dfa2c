"""Truth: the notes' printed numbers; every example compares them with ours and fails where they differ."""

from __future__ import annotations

import os
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[1] / "examples" / "notes"
SLOW = {"ch2_xor", "ch5_dropout", "ch5_more_data", "ch5_overfitting", "ch5_validation", "ch5_weight_decay"}
EXAMPLES = sorted(path.stem for path in FOLDER.glob("ch*.py"))


def test_there_are_examples_for_every_chapter() -> None:
    """An empty folder would pass every test below."""
    assert {name[:3] for name in EXAMPLES} == {f"ch{k}" for k in range(1, 7)} and set(EXAMPLES) >= SLOW


@pytest.mark.parametrize("name", EXAMPLES)
def test_short_and_cites_its_section(name: str) -> None:
    text = (FOLDER / f"{name}.py").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 80
    assert re.match(rf'"""(Sections? {name[2]}\.\d|Chapter {name[2]}\b)', text)


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow if name in SLOW else ()) for name in EXAMPLES]
)
def test_numbers_and_figure(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Run in this process (importing the package once); the page exits with an error if a number differs."""
    pyplot = pytest.importorskip("matplotlib.pyplot")
    monkeypatch.setattr(sys, "argv", [str(FOLDER / f"{name}.py"), "--quick", "--out", str(tmp_path)])
    monkeypatch.syspath_prepend(str(FOLDER))
    with pyplot.rc_context():
        runpy.run_path(sys.argv[0], run_name="__main__")
        pyplot.close("all")
    printed = capsys.readouterr().out
    assert "  ok" in printed and "DIFFERS" not in printed and "nan" not in printed
    figure = tmp_path / f"{name}.png"
    assert figure.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n" and figure.stat().st_size > 15_000


def _run(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a script in a process of its own, without a display, from another folder."""
    environment = {key: value for key, value in os.environ.items() if key not in ("DISPLAY", "MPLBACKEND")}
    environment["PYTHONPATH"] = os.pathsep.join([str(FOLDER.parents[1]), os.environ.get("PYTHONPATH", "")])
    return subprocess.run([sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True)


def test_runs_as_it_is(tmp_path: Path) -> None:
    run = _run("-W", "error::UserWarning", str(FOLDER / "ch3_finite_differences.py"), folder=tmp_path)
    assert run.returncode == 0, run.stderr
    assert "-0.0292" in run.stdout and (tmp_path / "ch3_finite_differences.png").exists()


def test_a_number_that_differs_fails_the_run(tmp_path: Path) -> None:
    """The pages above can fail."""
    script = tmp_path / "wrong.py"
    script.write_text(
        f"import sys; sys.path.insert(0, {str(FOLDER)!r})\nfrom beside import Page\npage = Page('a page')\n"
        "page.row('two', 2.0, 2.1, within=0.05)\npage.panels()\npage.done()\n"
    )
    run = _run(str(script), folder=tmp_path)
    assert run.returncode == 1 and "DIFFERS" in run.stdout and "1 of the numbers differ" in run.stderr
