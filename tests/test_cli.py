"""The command line as a user meets it: what it prints, where, with which exit code; never a traceback."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import h5py
import pytest

import spikesim as ss
from spikesim import doctor
from spikesim.cli import main


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
        *([name, "--help"] for name in ("demo", "info", "plot", "bench", "doctor")),
    ):
        with pytest.raises(SystemExit) as stop:
            main(arguments)
        assert stop.value.code == 0
        assert "usage: spikesim" in capsys.readouterr().out
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
    """A PNG beside the file or where it is wanted; replacing one is said."""
    picture = tmp_path / "raster.png"
    assert main(["plot", str(recorded), "-o", str(picture), "--start", "20"]) == 0
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert main(["plot", str(recorded), "-o", str(picture)]) == 0
    assert capsys.readouterr().out.splitlines()[1] == f"Wrote {picture} (replaced)"
    assert main(["plot", str(recorded)]) == 0
    assert recorded.with_suffix(".png").exists()


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["info", "missing.h5"], "missing.h5"),
        (["info", "."], "folder"),
        (["info", "text.h5"], "text.h5"),
        (["info", "foreign.h5"], "foreign.h5"),
        (["plot", "run.h5", "-o", "run.xyz"], "wanted an ending"),
        (["plot", "run.h5", "-o", "run.h5"], "wanted an ending"),
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


@pytest.mark.parametrize("arguments", [[], ["frob"], ["info"], ["info", "run.h5", "--frob"], ["demo", "--scale", "x"]])
def test_wrong_usage(arguments: list[str], capsys: pytest.CaptureFixture) -> None:
    """Argparse's own refusals."""
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 2
    assert "usage: spikesim" in capsys.readouterr().err


def test_demo_small(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    """Two files and a table; the second time it says that it replaces them, and finds the same spikes."""
    arguments = ["demo", "--scale", "0.02", "--duration", "200", "--out", str(tmp_path)]
    assert main(arguments) == 0
    captured = capsys.readouterr()
    assert "will be replaced" not in captured.out and "ms" in captured.err  # the bar
    for name in ss.published.POPULATIONS:
        assert any(line.startswith(name) for line in captured.out.splitlines())
    assert (tmp_path / "demo.png").read_bytes().startswith(b"\x89PNG")
    first = ss.load(tmp_path / "demo.h5").spikes["L4E"].times
    assert main(arguments) == 0
    assert capsys.readouterr().out.count("will be replaced") == 2
    assert (ss.load(tmp_path / "demo.h5").spikes["L4E"].times == first).all()
    assert first.size > 0


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
