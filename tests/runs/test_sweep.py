"""Many runs as a table.  Truths: the same runs one by one; files that are whole after a kill."""

from __future__ import annotations

import concurrent.futures
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import spikesim as ss
from spikesim.errors import (
    FileFormatError,
    InvalidTypeError,
    InvalidValueError,
    SpikesimError,
    StateError,
    UnknownNameError,
)
from spikesim.runs import Table


def build(current: float, seed: int, tau: float = 10.0) -> ss.Network:
    net = ss.Network(seed=seed)
    cells = net.population("cells", 4, ss.LIF(I_e=current, tau_m=tau), v=ss.uniform(-70.0, -60.0))
    net.background(cells, rate=500.0, weight=0.3, synapse=ss.Delta())
    net.record(cells, "spikes")
    return net


def measure(result: ss.Result) -> dict[str, Any]:
    train = result.spikes["cells"]
    return {"rate": train.rate(), "spikes": train.count()}


def failing(current: float, seed: int) -> ss.Network:
    if current > 400.0:
        raise RuntimeError("too much")
    return build(current, seed)


GRID = {"current": [0.0, 500.0], "tau": np.array([10.0, 20.0])}


@pytest.mark.parametrize("jobs", [1, np.int64(1), 2])
def test_a_row_is_a_run(jobs: int) -> None:
    """Bits of the same runs, one by one; the last parameter varies fastest, then the seed."""
    table = ss.sweep(build, GRID, seeds=2, measure=measure, duration=100.0, jobs=jobs)
    assert len(table) == 8
    assert table.columns == ("current", "tau", "seed", "rate", "spikes", "error")
    assert table["tau"].tolist() == [10.0, 10.0, 20.0, 20.0] * 2
    assert table["seed"].tolist() == [0, 1] * 4
    for k in (0, 5, 7):
        row = table.rows[k]
        alone = build(row["current"], row["seed"], row["tau"]).run(100.0, threads=1, progress=False)
        assert row["spikes"] == alone.spikes["cells"].count()
    assert not any(table["error"])
    assert table["rate"][-1] > 50.0


def test_executors() -> None:
    """Anything with `submit`."""
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        found = ss.sweep(build, {"current": [0.0, 500.0, 900.0]}, measure=measure, duration=50.0, jobs=pool)
    assert (
        found["spikes"].tolist()
        == ss.sweep(build, {"current": [0.0, 500.0, 900.0]}, measure=measure, duration=50.0, jobs=1)["spikes"].tolist()
    )


def test_failed_runs_are_rows(tmp_path: Path) -> None:
    """They keep their error, and are run again next time; what is done is not."""
    out = tmp_path / "sweep.h5"
    values = {"current": [0.0, 300.0, 500.0]}
    table = ss.sweep(failing, values, measure=measure, duration=20.0, jobs=1, out=out)
    assert table["error"].tolist() == ["", "", "RuntimeError: too much"]
    assert np.isnan(table["rate"][2])
    calls: list[float] = []

    def again(current: float, seed: int) -> ss.Network:
        calls.append(current)
        return build(current, seed)

    table = ss.sweep(again, values, measure=measure, duration=20.0, jobs=1, out=out)
    assert calls == [500.0]
    assert not any(table["error"])
    stored = Table.read(out)
    assert stored["spikes"].tolist() == table["spikes"].tolist()
    with pytest.raises(StateError, match="holds another sweep"):
        ss.sweep(build, {"tau": [1.0]}, measure=measure, duration=20.0, jobs=1, out=out)


def test_a_table_goes_on_whatever_its_parameters_are_called(tmp_path: Path) -> None:
    """Nothing is run twice, and a wider grid runs what is new."""
    given: dict[str, Any] = {"tau": [10.0], "current": [100.0, 200.0]}
    ss.sweep(build, given, measure=measure, duration=5.0, jobs=1, out=tmp_path / "t.h5")

    def never(current: float, tau: float, seed: int) -> ss.Network:
        assert current == 300.0
        return build(current, seed, tau)

    wider = {"tau": [10.0], "current": [100.0, 200.0, 300.0]}
    table = ss.sweep(never, wider, measure=measure, duration=5.0, jobs=1, out=tmp_path / "t.h5")
    assert not any(table["error"]) and len(table) == 3


def test_killed_and_gone_on_with(tmp_path: Path) -> None:
    """kill -9 in the middle: the table is whole, and the rest is run."""
    code = f"""
import os, sys, time
sys.path.insert(0, {str(Path(__file__).parents[1])!r})
import importlib; s = importlib.import_module("spikesim.runs.sweep")
s.WRITE_EVERY = 0.0
import spikesim as ss
from runs.test_sweep import build, measure
def dying(current, seed):
    if current == 3.0:
        os.kill(os.getpid(), 9)
    return build(current, seed)
ss.sweep(dying, {{"current": [0.0, 1.0, 2.0, 3.0, 4.0]}}, measure=measure, duration=20.0, jobs=1, out=sys.argv[1])
"""
    out = tmp_path / "sweep.h5"
    done = subprocess.run([sys.executable, "-c", code, out], capture_output=True, text=True)
    assert done.returncode == -9, done.stderr
    assert len(Table.read(out)) == 3
    values = {"current": [0.0, 1.0, 2.0, 3.0, 4.0]}
    assert len(ss.sweep(build, values, measure=measure, duration=20.0, jobs=1, out=out)) == 5


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda: ss.sweep(3, GRID, measure=measure, duration=1.0), InvalidTypeError, "build: wanted a function"),
        (lambda: ss.sweep(build, [1], measure=measure, duration=1.0), InvalidTypeError, "parameters: wanted a mapping"),
        (lambda: ss.sweep(build, {"a": 3}, measure=measure, duration=1.0), InvalidTypeError, "a: wanted a list"),
        (lambda: ss.sweep(build, {"a": []}, measure=measure, duration=1.0), InvalidValueError, "there are no values"),
        (lambda: ss.sweep(build, GRID, measure=measure, duration=-1.0), InvalidValueError, "duration"),
        (lambda: ss.sweep(build, GRID, measure=measure, duration=1.0, seeds=-1), InvalidValueError, "seeds"),
        (lambda: ss.sweep(build, GRID, measure=measure, duration=1.0, jobs=0), InvalidValueError, "jobs"),
        (lambda: ss.sweep(build, GRID, measure=measure, duration=1.0, job=2), TypeError, "job"),
        (lambda: ss.sweep(build, GRID, measure=lambda r: {}, duration=1.0, jobs=2), InvalidTypeError, "at its top"),
        (lambda: Table([{"a": 1.0}])["b"], UnknownNameError, "no column 'b'"),
    ],
)
def test_mistakes(call: Any, error: type, says: str) -> None:
    with pytest.raises(error, match=says):
        call()


def test_a_measure_that_returns_something_else_is_a_row_that_says_so() -> None:
    table = ss.sweep(build, {"current": [0.0]}, measure=lambda result: 3.0, duration=1.0, jobs=1)
    assert "measure must return a mapping" in table["error"][0]


def test_tables(tmp_path: Path) -> None:
    """Round trip through a file; text and HTML say the same; a broken file is refused."""
    table = Table([{"x": 1, "name": "<b>", "ok": True}, {"x": 2, "name": "é", "ok": False}, {"x": 3}])
    table.write(tmp_path / "t.h5", {"what": 1})
    again = Table.read(tmp_path / "t.h5")
    assert again.columns == table.columns
    assert again["name"].tolist() == ["<b>", "é", ""]
    assert "<b>" not in table._repr_html_() and "&lt;b&gt;" in table._repr_html_()
    for text in ("name", "é", "3"):
        assert text in repr(table) and text in table._repr_html_()
    table.to_csv(tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_text(encoding="utf-8").splitlines()[0] == "x,name,ok"
    (tmp_path / "t.h5").write_bytes((tmp_path / "t.h5").read_bytes()[:700])
    with pytest.raises(FileFormatError):
        Table.read(tmp_path / "t.h5")


@pytest.mark.parametrize("name", ["current", "seed", "error"])
def test_a_measure_does_not_write_over_a_parameter(name: str) -> None:
    with pytest.raises(InvalidValueError, match=f"measure returned '{name}', which is a column"):
        ss.sweep(build, {"current": [0.0, 1.0]}, measure=lambda result: {name: 7.0}, duration=1.0, jobs=1)


def test_what_cannot_be_called_is_refused_before_anything_runs() -> None:
    with pytest.raises(InvalidTypeError, match=r"called as build\(zz=..., seed=...\), but it is build\(c"):
        ss.sweep(build, {"zz": [1.0]}, measure=measure, duration=1.0, jobs=1)
    with pytest.raises(InvalidValueError, match="seeds: there are none"):
        ss.sweep(build, {"current": [1.0]}, measure=measure, duration=1.0, jobs=1, seeds=0)


@pytest.mark.parametrize("jobs", [0, -1, True, 1.5, "two"])
def test_no_such_number_of_processes(jobs: Any) -> None:
    """Said before anything runs."""

    def never(**_: Any) -> ss.Network:
        raise AssertionError("it was run")

    with pytest.raises((InvalidTypeError, InvalidValueError), match="jobs"):
        ss.sweep(never, {"current": [0.0, 1.0]}, measure=measure, duration=10.0, jobs=jobs)


def test_a_table_is_of_numbers_of_numpy(tmp_path):
    """What it is a table of may come out of arrays."""
    about = {"g": np.float32(0.25), "seeds": np.arange(3), "n": np.int64(4)}
    Table([{"g": np.float32(0.25), "n": np.int64(4)}]).write(tmp_path / "t.h5", about)
    table, found = Table.read_with(tmp_path / "t.h5")
    assert found == {"g": 0.25, "seeds": [0, 1, 2], "n": 4} and (table["g"][0], table["n"][0]) == (0.25, 4)
    with pytest.raises(SpikesimError, match="not JSON serializable"):
        Table([{"g": 1.0}]).write(tmp_path / "u.h5", {"of": object()})
    assert not list(tmp_path.glob("*u.h5*"))
