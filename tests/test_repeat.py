"""Recordings verified and gone on with from the command line.  Truth: the same run; one parameter changed."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

import spikesim as ss
from spikesim.cli import main

SCRIPT = """
import spikesim as ss
def build():
    net = ss.Network(seed=4)
    cells = net.population("cells", 20, ss.LIF(I_e={current}), v=ss.uniform(-70.0, -56.0))
    net.background(cells, rate=900.0, weight=0.3, synapse=ss.Delta())
    net.record(cells, "spikes", "v", every=5.0)
    return net
if __name__ == "__main__":
    raise SystemExit("not run")
"""


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "model.py"
    path.write_text(SCRIPT.format(current=400.0))
    return path


def build(script: Path) -> ss.Network:
    space: dict = {}
    exec(compile(script.read_text().split("if __name__")[0], "model", "exec"), space)
    return space["build"]()


def test_verify_and_diff(script: Path, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    build(script).run(60.0, out=tmp_path / "a.h5", seed=7, progress=False)
    assert main(["verify", str(tmp_path / "a.h5"), "--script", str(script), "--threads", "1"]) == 0
    assert capsys.readouterr().out == "the same bits\n"
    script.write_text(SCRIPT.format(current=401.0))
    assert main(["verify", str(tmp_path / "a.h5"), "--script", str(script)]) == 1
    assert "they differ: " in capsys.readouterr().out
    build(script).run(60.0, out=tmp_path / "b.h5", seed=7, progress=False)
    assert main(["diff", str(tmp_path / "a.h5"), str(tmp_path / "a.h5")]) == 0
    assert main(["diff", str(tmp_path / "a.h5"), str(tmp_path / "b.h5")]) == 1
    said = capsys.readouterr().out.splitlines()[1]
    assert said.startswith("they differ: spike ") or " of neuron " in said


def test_resume(script: Path, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    """The recording beside the state goes on; another one begins where it is told to."""
    net = build(script)
    with ss.Simulation(net, out=tmp_path / "run.h5") as sim:
        sim.run(30.0, progress=False)
        sim.save(tmp_path / "run.state.h5")
    state = str(tmp_path / "run.state.h5")
    assert main(["resume", state, "--script", str(script), "--for", "30"]) == 0
    assert "recorded to 60 ms" in capsys.readouterr().out
    whole = net.run(60.0, progress=False)
    np.testing.assert_array_equal(ss.load(tmp_path / "run.h5").spikes["cells"].times, whole.spikes["cells"].times)
    assert main(["resume", state, "--for", "10", "-o", str(tmp_path / "more.h5")]) == 0
    assert ss.load(tmp_path / "more.h5").start == 30.0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["verify", "none.h5", "--script", "model.py"], "none.h5"),
        (["verify", "run.h5", "--script", "none.py"], "none.py"),
        (["verify", "run.h5", "--script", "empty.py"], r"a variable `net` or a function `build\(\)`"),
        (["resume", "run.h5", "--for", "10", "-o", "x.h5"], "is no readable HDF5|is no state|format"),
    ],
)
def test_mistakes(
    arguments: list[str], says: str, script: Path, tmp_path: Path, capsys: pytest.CaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty.py").write_text("x = 1\n")
    build(script).run(1.0, out="run.h5", progress=False)
    assert main(arguments) == 2
    assert re.search(says, capsys.readouterr().err)
