"""The command line as a user meets it: what it prints, where, with which exit code; never a traceback."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import h5py
import pytest

import spikesim as ss
from spikesim import doctor
from spikesim.cli import main

COMMANDS = ("demo", "info", "plot", "report", "view", "bench", "doctor", "warmup", "completion")


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of 20 regular neurons and a trace."""
    path = tmp_path_factory.mktemp("run") / "run.h5"
    net = ss.Network(seed=5)
    cells = net.population("cells", 20, ss.LIF(I_e=500.0), v=ss.uniform(-70.0, -55.0))
    net.record(cells, "spikes")
    net.record(cells[:2], "v", every=1.0)
    net.run(100.0, out=path, progress=False)
    return path


def test_version_and_help(capsys: pytest.CaptureFixture) -> None:
    """Every command explains itself."""
    for arguments in (
        ["--help"],
        *([name, "--help"] for name in COMMANDS),
        *(["help", name] for name in COMMANDS),
        ["help"],
    ):
        with pytest.raises(SystemExit) as stop:
            main(arguments)
        assert stop.value.code == 0
        out = capsys.readouterr().out
        assert "usage: spikesim" in out and "examples:\n  " in out and "spikesim" in out.split("examples:")[1]
    assert main([]) == 0
    assert capsys.readouterr().out.startswith("usage: spikesim")
    with pytest.raises(SystemExit):
        main(["--version"])
    assert capsys.readouterr().out == f"spikesim {ss.__version__}\n"


def test_info(recorded: Path, capsys: pytest.CaptureFixture) -> None:
    """The numbers of the file: all spikes, their rate, the seed."""
    assert main(["info", str(recorded)]) == 0
    out = capsys.readouterr().out
    spikes = len(ss.load(recorded).spikes["cells"])
    row = next(line for line in out.splitlines() if line.startswith("cells "))
    assert row.split() == ["cells", "20", "20", str(spikes), f"{spikes / 20 / 0.1:.3f}"]
    assert "seed 5" in out and "v (mV) of 2 neurons at 100 times" in out


def test_plot(recorded: Path, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    """A PNG beside the file or where it is wanted."""
    picture = tmp_path / "raster.png"
    assert main(["plot", str(recorded), "-o", str(picture), "--start", "20"]) == 0
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert capsys.readouterr().out == f"Wrote {picture}\n"
    assert main(["plot", str(recorded)]) == 0
    assert recorded.with_suffix(".png").exists()


@pytest.mark.parametrize("command, ending", [("plot", ".png"), ("report", ".html")])
def test_out_is_a_file_or_a_folder_and_nothing_is_overwritten_unasked(
    command: str, ending: str, recorded: Path, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    """-o means the same for every command; --overwrite is the only way to replace a file."""
    assert main([command, str(recorded), "-o", str(tmp_path)]) == 0
    made = tmp_path / f"run{ending}"
    assert capsys.readouterr().out == f"Wrote {made}\n"
    made.write_bytes(b"mine")
    for out in (tmp_path, made):
        assert main([command, str(recorded), "-o", str(out)]) == 2
        error = capsys.readouterr().err
        assert "exists" in error and "--overwrite" in error and error.count("\n") == 1
    assert made.read_bytes() == b"mine"
    assert main([command, str(recorded), "-o", str(made), "--overwrite"]) == 0
    assert made.stat().st_size > 10_000


def test_info_as_json(recorded: Path, capsys: pytest.CaptureFixture) -> None:
    """The same numbers for programs."""
    assert main(["info", str(recorded), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    result = ss.load(recorded)
    cells = result.spikes["cells"]
    assert found["spikes"] == {
        "cells": {"size": 20, "recorded": 20, "spikes": len(cells), "rate": pytest.approx(cells.rate())}
    }
    assert found["traces"] == {"cells": {"v": {"unit": "mV", "neurons": 2, "times": 100}}}
    assert (found["stop"], found["stats"]["seed"], found["bytes"]) == (100.0, 5, recorded.stat().st_size)
    assert found["description"]["populations"]["cells"]["size"] == 20


def test_view_opens_the_report(
    recorded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    """A page made for the occasion, or one that is there already; without a browser it says where the page is."""
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", lambda url: opened.append(url) or len(opened) < 2)
    assert main(["view", str(recorded)]) == 0
    page = Path(capsys.readouterr().out.removeprefix("Opened ").strip())
    assert opened == [page.as_uri()] and "<canvas" in page.read_text()
    assert main(["view", str(page)]) == 0
    assert capsys.readouterr().out == f"No browser was found here: open {page}\n"
    shutil.rmtree(page.parent)
    assert main(["view", str(page)]) == 2
    assert str(page) in capsys.readouterr().err


def test_completion_of_bash(capsys: pytest.CaptureFixture) -> None:
    """A real bash is asked what it would complete."""
    assert main(["completion", "bash"]) == 0
    script = capsys.readouterr().out
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("no bash")

    def completed(*words: str) -> list[str]:
        line = f"COMP_WORDS=({' '.join(words)} ''); COMP_CWORD={len(words)}; _spikesim; echo ${{COMPREPLY[@]}}"
        line = line.replace(" '')", ")").replace(f"CWORD={len(words)}", f"CWORD={len(words) - 1}")
        return subprocess.run(
            [bash, "-c", f"{script}\n{line}"], capture_output=True, text=True, check=True
        ).stdout.split()

    assert completed("spikesim", "re") == ["report", "resume"]
    assert set(completed("spikesim", '""')) >= set(COMMANDS)
    assert completed("spikesim", "plot", "--st") == ["--start", "--stop"]
    assert completed("spikesim", "help", "do") == ["doctor"]


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_completion_of_other_shells(shell: str, capsys: pytest.CaptureFixture) -> None:
    """Every command and option is in it; the shell itself reads it where it is installed."""
    assert main(["completion", shell]) == 0
    script = capsys.readouterr().out
    assert all(name in script for name in (*COMMANDS, "start", "overwrite", "json"))
    if shutil.which(shell):
        assert subprocess.run([shell, "-n", "-c", script], check=False).returncode == 0


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["info", "missing.h5"], "missing.h5"),
        (["info", "."], "folder"),
        (["info", "text.h5"], "text.h5"),
        (["info", "foreign.h5"], "foreign.h5"),
        (["plot", "run.h5", "-o", "run.xyz"], "wanted an ending"),
        (["plot", "run.h5", "-o", "run.h5"], "wanted an ending"),
        (["report", "run.h5", "-o", "run.h5"], "--overwrite"),
        (["report", "text.h5"], "text.h5"),
        (["view", "missing.h5"], "missing.h5"),
        (["plot", "run.h5", "-o", "nowhere/run.png"], "nowhere"),
        (["plot", "run.h5", "--start", "500"], "within the recording"),
        (["demo", "--scale", "-1"], "scale must be"),
        (["demo", "--scale", "1e-5"], "empty"),
        (["demo", "--duration", "0"], "--duration"),
        (["demo", "--duration", "0.05"], "0.05"),
        (["demo", "--scale", "0.01", "-o", "nowhere"], "nowhere"),
        (["demo", "--scale", "0.01", "--threads", "0"], "threads"),
        (["demo", "--scale", "0.01", "--seed", "-3"], "seed"),
    ],
)
def test_refused_in_one_line(
    arguments: list[str],
    message: str,
    recorded: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture,
) -> None:
    """Exit code 2, one line on stderr that names the culprit, and no file harmed."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "text.h5").write_text("not HDF5")
    with h5py.File(tmp_path / "foreign.h5", "w") as file:
        file["x"] = 1.0
    (tmp_path / "run.h5").write_bytes(recorded.read_bytes())
    assert main(arguments) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and error.startswith("spikesim: error: ") and message in error
    assert (tmp_path / "run.h5").read_bytes() == recorded.read_bytes()
    assert not (tmp_path / "demo.h5").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ["frob"],
        ["help", "frob"],
        ["completion", "tcsh"],
        ["info"],
        ["info", "run.h5", "--frob"],
        ["demo", "--scale", "x"],
    ],
)
def test_wrong_usage(arguments: list[str], capsys: pytest.CaptureFixture) -> None:
    """Argparse's own refusals."""
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 2
    assert "usage: spikesim" in capsys.readouterr().err


def test_demo_small(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    """Two files and a table; the second time it must be told to replace them, and finds the same spikes."""
    arguments = ["demo", "--scale", "0.02", "--duration", "200", "--out", str(tmp_path)]
    assert main(arguments) == 0
    captured = capsys.readouterr()
    assert captured.err == ""  # a bar is for terminals
    for name in ss.published.POPULATIONS:
        assert any(line.startswith(name) for line in captured.out.splitlines())
    assert (tmp_path / "demo.png").read_bytes().startswith(b"\x89PNG")
    first = ss.load(tmp_path / "demo.h5").spikes["L4E"].times
    (tmp_path / "demo.h5").unlink()
    assert main(arguments) == 2  # the picture is still there
    assert "demo.png" in capsys.readouterr().err and not (tmp_path / "demo.h5").exists()
    assert main([*arguments, "--overwrite"]) == 0
    assert (ss.load(tmp_path / "demo.h5").spikes["L4E"].times == first).all()
    assert first.size > 0


def test_a_second_demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
    """It runs, and what is there stays: the recording of before, a picture of the user's own."""
    monkeypatch.chdir(tmp_path)
    Path("demo.h5").write_text("mine")
    Path("demo-2.png").write_text("mine, too")
    assert main(["demo", "--scale", "0.02", "--duration", "20"]) == 0
    assert "demo.h5 stays as it is (--overwrite replaces it); this run goes to demo-3.h5" in capsys.readouterr().out
    assert Path("demo.h5").read_text() == "mine" and Path("demo-2.png").read_text() == "mine, too"
    assert ss.load("demo-3.h5").stop == 20.0 and Path("demo-3.png").exists()
    assert main(["demo", "--scale", "0.02", "--duration", "20", "--overwrite"]) == 0
    assert ss.load("demo.h5").stop == 20.0 and Path("demo-2.png").read_text() == "mine, too"


def test_doctor(capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sound here; and a failing self-test fails the command."""
    assert main(["doctor"]) == 0
    out = capsys.readouterr().out
    assert f"spikesim {ss.__version__}" in out and out.count("passed") == 5 and "FAILED" not in out
    monkeypatch.setattr(doctor, "_charge", lambda: ("charge of one spike", False, "made up"))
    assert main(["doctor"]) == 1
    assert "FAILED charge of one spike: made up" in capsys.readouterr().out


def test_bench_without_a_clone(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture, tmp_path: Path) -> None:
    """An installed package has no benchmarks: says where they are."""
    monkeypatch.setattr("spikesim.cli.__file__", str(tmp_path / "spikesim" / "cli.py"))
    monkeypatch.chdir(tmp_path)
    assert main(["bench", "cuba"]) == 2
    assert "clone the repository" in capsys.readouterr().err


def test_bench_passes_everything_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names and options reach the benchmarks in their order, and their exit code comes back."""
    root = Path(__file__).parents[1]
    monkeypatch.chdir(root)
    monkeypatch.syspath_prepend(str(root))
    benchmarks = pytest.importorskip("benchmarks.__main__")
    got: list[list[str]] = []
    monkeypatch.setattr(benchmarks, "main", lambda given: got.append(given) or 1)
    assert main(["bench", "--peers", "nest", "cuba", "--quick"]) == 1
    assert got == [["--peers", "nest", "cuba", "--quick"]]


def test_ends_quietly_in_a_pipe(recorded: Path) -> None:
    """``spikesim info run.h5 | head -1`` and the module's own entry."""
    command = f"{sys.executable} -m spikesim info {recorded} | head -1"
    run = subprocess.run(command, shell=True, capture_output=True, text=True)
    assert run.stdout.startswith(str(recorded)) and run.stderr == ""
