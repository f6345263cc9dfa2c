"""Whatever goes wrong on one rank: all end, with the same words, and what was recorded is readable."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from mpiexec import ended, mpiexec, start

import spikesim as ss

PROGRAM = Path(__file__).with_name("failing.py")


def said(text: str) -> list[str]:
    """What the two ranks said, by rank, without their numbers."""
    lines = sorted(line.split(" ", 2) for line in text.splitlines() if line.startswith(("ended", "raised")))
    return [f"{what} {words}" for what, _, words in sorted(lines, key=lambda line: line[1])]


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("none", "ended (False, 60.0)"),
        ("slow", "ended (False, 60.0)"),
        ("callback", "raised ValueError: seen on rank 1"),
        ("between", "raised ValueError: seen on rank 1"),
        ("condition", "raised StateError: the ranks do not do the same: rank 0 is to read the state, rank 1 to run"),
        ("size", "raised InvalidValueError: comm: every rank must run the same script; the first difference between"),
        ("dt", "raised InvalidValueError: dt must be a time step"),
        ("duration", "raised InvalidValueError: run: the ranks are to run to 60, 30 ms"),
        ("inside", "raised ValueError: seen on rank 1"),
        ("event none", "ended (False, 60.0)"),
        ("event callback", "raised ValueError: seen on rank 1"),
        ("event inside", "raised ValueError: seen on rank 1"),
        ("event infinite", "raised NumericalError: neuron 0 of 'wild' at"),
        ("SIGINT", "ended (True, 20.0)"),
    ],
)
def test_all_end_alike(how: str, words: str) -> None:
    """The same result or the same error on every rank."""
    done = mpiexec(2, PROGRAM, how)
    one, other = said(done.stdout)
    assert one == other, done.stderr
    assert one.startswith(words), done.stderr


def test_a_script_that_ends() -> None:
    """The other rank is told, and does not wait for ever."""
    done = mpiexec(2, PROGRAM, "left")
    one, other = said(done.stdout)
    assert one.startswith(("raised SystemExit", "raised StateError")) and other == "raised SystemExit: 3"


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_terminated(tmp_path: Path) -> None:
    """SIGTERM to one rank ends all, and the file is whole."""
    path = tmp_path / "run.h5"
    done = mpiexec(2, PROGRAM, "SIGTERM", path)
    assert said(done.stdout) == ["raised SystemExit: 143"] * 2, done.stderr
    assert ss.load(path).stop == 20.0


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_killed(tmp_path: Path) -> None:
    """A rank that is killed ends the run; what rank 0 had written can be read."""
    path = tmp_path / "run.h5"
    done = mpiexec(2, PROGRAM, "SIGKILL", path)
    assert done.returncode != 0 and said(done.stdout) == []
    if path.exists():
        assert ss.load(path).stop <= 20.0


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_ctrl_c() -> None:
    """Ctrl-C goes to mpiexec and from there to every rank: all end at one step, and return what there is."""
    started = start(2, PROGRAM, "Ctrl-C")
    assert started.stdout is not None
    while not started.stdout.readline().startswith("running"):
        assert started.poll() is None
    os.killpg(started.pid, signal.SIGINT)
    done = ended(started)
    found = said(done.stdout)
    assert len(set(found)) <= 1, done.stderr
    assert not found or found[0].startswith("ended (True")
