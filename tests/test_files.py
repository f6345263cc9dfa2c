"""Files that cannot be read, at every reader: an error of ours that is the built-in one of its kind."""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import spikesim as ss
from spikesim import cli, learn
from spikesim.errors import InputFileError, MissingFileError, SpikesimError
from spikesim.repeat import network_of_script
from spikesim.runs import Table

READERS: dict[str, Callable[[str], Any]] = {
    "load": ss.load,
    "resume": ss.Simulation.resume,
    "from_sonata": ss.from_sonata,
    "learn.load": learn.load,
    "read_idx": learn.read_idx,
    "cifar10": learn.cifar10,
    "Table": Table.read_with,
    "script": network_of_script,
}
NAMED = {  # by the ending of their files
    "connectome": lambda path: ss.published.connectome(path + ".csv"),
    "completeness": lambda path: ss.published.connectome(
        {"Presynaptic_Index": [0], "Postsynaptic_Index": [0], "Excitatory x Connectivity": [1]}, path + ".csv"
    ),
}
if find_spec("nir"):
    READERS["from_nir"] = ss.from_nir


@pytest.mark.parametrize("name", [*READERS, *NAMED])
def test_missing(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the folder is missing; caught by either kind."""
    monkeypatch.chdir(tmp_path)
    read = (READERS | NAMED)[name]
    for path in ("nope", str(tmp_path / "nope"), "no/nope"):
        with pytest.raises(FileNotFoundError, match="there is no such file") as told:
            read(path)
        assert isinstance(told.value, MissingFileError) and isinstance(told.value, SpikesimError)
        assert Path(str(told.value.filename)).stem == "nope" and told.value.errno == 2


@pytest.mark.parametrize("name", sorted({*READERS} - {"from_sonata"}))
def test_a_folder(name: str, tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError, match="is a folder; give the name of a file in it") as told:
        READERS[name](str(tmp_path))
    assert isinstance(told.value, InputFileError)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may read everything")
@pytest.mark.parametrize("name", READERS)
def test_forbidden(name: str, tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_bytes(b"x")
    path.chmod(0)
    with pytest.raises(PermissionError, match="may not be read by this user") as told:
        READERS[name](str(path))
    assert isinstance(told.value, InputFileError)


def test_the_name_that_was_meant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "results.h5").write_bytes(b"")
    with pytest.raises(
        MissingFileError, match=r"'result\.h5': there is no such file in '.*'; did you mean 'results\.h5'"
    ):
        learn.load("result.h5")
    with pytest.raises(MissingFileError, match=r"there is no such file, and no folder '.*gone' \[missing-file\]$"):
        ss.load("gone/result.h5")


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    for command in (["info", "nope.h5"], ["view", "nope.html"]):
        assert cli.main(command) != 0
        assert "nope" in (said := capsys.readouterr().err) and "no such file" in said and "Traceback" not in said


def test_a_recording_that_was_taken_away(tmp_path: Path) -> None:
    """Arrays are read from the file when they are asked for."""
    net = ss.Network()
    net.record(net.population("cells", 2, ss.LIF(I_e=500.0)), "spikes", "v")
    net.run(50.0, out=tmp_path / "run.h5", progress=False)
    result = ss.load(tmp_path / "run.h5")
    (tmp_path / "run.h5").unlink()
    with pytest.raises(MissingFileError):
        np.asarray(result.traces["cells"]["v"].values)
