"""The runner itself: turns, medians, verdicts, tables; with made-up simulators whose times are known."""

from __future__ import annotations

import json
import math
import re
from importlib import import_module

import pytest

from benchmarks import QUESTIONS, contest, report
from benchmarks.__main__ import main
from benchmarks.contest import Case, Options, alternate, compare
from benchmarks.growth import exponent
from benchmarks.peers import PEERS, Peer
from benchmarks.process import MeasurementError

CASE = Case("x", {}, 1000.0, tolerance=0.1)


def row(simulator: str, run_s: float, spikes: int = 1000, threads: int = 1) -> dict:
    return {
        "simulator": simulator,
        "threads": threads,
        "run_s": run_s,
        "spikes": spikes,
        "neurons": 100,
        "model_ms": 1000.0,
    }


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_says_what_it_asks_and_has_a_smaller_quick_form(name: str) -> None:
    question = import_module(f"benchmarks.{name}")
    assert re.match(r"[A-Z -]+: .*\?", question.__doc__), "begins with its name and a question"
    if hasattr(question, "cases"):
        quick, full = question.cases(True), question.cases(False)
        for cases in (quick, full):
            assert len({case.label for case in cases}) == len(cases)
            assert {peer for case in cases for peer in case.peers} <= set(PEERS)
        assert quick[0].model_ms < full[0].model_ms
    else:
        assert callable(question.ask)


def test_runs_take_turns_and_medians_are_reported() -> None:
    seen: list[str] = []
    times = {"a": iter([3.0, 1.0, 2.0]), "b": iter([10.0, 30.0, 20.0])}

    def one(name: str) -> dict:
        seen.append(name)
        return {"run_s": next(times[name]), "version": name, "rates": {"exc": 5.0}}

    rows = alternate("t", {("a", 1): lambda: one("a"), ("b", 2): lambda: one("b")}, 3)
    assert seen == ["a", "b", "a", "b", "a", "b"]
    assert [r["run_s"] for r in rows] == [2.0, 20.0]
    assert rows[0]["runs_s"] == [3.0, 1.0, 2.0] and rows[1]["version"] == "b" and rows[1]["threads"] == 2


def test_one_that_fails_is_reported_and_not_asked_again() -> None:
    asked = []

    def fails() -> dict:
        asked.append(1)
        raise MeasurementError("exit code 1: no such rule")

    bad, good = alternate("t", {("bad", 1): fails, ("good", 1): lambda: {"run_s": 1.0}}, 3)
    assert len(asked) == 1 and bad["failed"] == "exit code 1: no such rule" and good["run_s"] == 1.0


def test_a_slow_one_has_one_turn() -> None:
    asked = []

    def run() -> dict:
        asked.append(1)
        return {"run_s": 1.0}

    alternate("t", {("slow", 1): run}, 3, {("slow", 1)})
    assert len(asked) == 1


def test_a_peer_is_compared_with_the_best_of_our_threads() -> None:
    rows = [row("spikesim", 2.0), row("spikesim", 1.0, threads=2), row("nest", 10.0, spikes=1050)]
    compare(rows, CASE)
    assert rows[2]["times_slower"] == 10.0 and rows[2]["rates_agree"] is True
    assert rows[2]["mean_rate"] == pytest.approx(10.5)
    assert "times_slower" not in rows[0]


@pytest.mark.parametrize("spikes, agree", [(1099, True), (1101, False), (899, False), (0, False)])
def test_rates_must_agree_within_the_tolerance(spikes: int, agree: bool) -> None:
    rows = [row("spikesim", 1.0), row("nest", 10.0, spikes=spikes)]
    compare(rows, CASE)
    assert rows[1]["rates_agree"] is agree


def test_the_table_shows_what_is_there_and_says_what_failed() -> None:
    rows = [
        {"case": "small", "simulator": "spikesim", "threads": 1, "run_s": 0.5, "events_per_s": 2e8},
        {
            "case": "small",
            "simulator": "nest",
            "threads": 1,
            "run_s": 5.0,
            "events_per_s": None,
            "rates_agree": False,
        },
        {"case": "small", "simulator": "neuron", "threads": 2, "failed": "no such cell"},
    ]
    lines = report.table(rows).splitlines()
    assert lines[0].split() == ["case", "simulator", "threads", "run", "s", "M", "events/s"]
    assert lines[1].split() == ["small", "spikesim", "1", "0.500", "200.0"]
    assert lines[2].endswith("(rates differ)") and lines[2].split()[4] == "-"
    assert lines[3] == "small: neuron, 2 thread(s): no such cell"


def test_json_has_no_nan(tmp_path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "b.json"
    report.write_json(str(path), [{"case": "x", "run_s": math.nan, "rates": {"exc": 1.0}}], {})

    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    found = json.loads(path.read_text(), parse_constant=refuse)
    assert found["rows"] == [{"case": "x", "run_s": None, "rates": {"exc": 1.0}}]
    assert found["machine"]["calibration"]["scatter_ns"] > 0.05  # no processor adds 20 values a ns at random


def test_exponent_of_a_power_law() -> None:
    series = [{"run_s": 0.25 + 3e-9 * w**1.2, "work": w} for w in (1e6, 1e7, 1e8)]
    assert exponent(series, base=0.25) == pytest.approx(1.2, abs=1e-9)


@pytest.mark.parametrize("arguments", [["brunell"], ["--peers", "nets"], ["--threads", "0"], ["--threads", "x"]])
def test_what_is_no_option_is_refused(arguments: list[str], capsys) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(SystemExit) as refused:
        main(arguments)
    assert refused.value.code == 2
    assert "error" in capsys.readouterr().err


def test_a_peer_that_is_not_there_is_left_out(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    nobody = Peer("nobody", "no_such_simulator_9", "run_nobody.py")
    monkeypatch.setitem(PEERS, "nobody", nobody)
    assert nobody.python() is None
    assert Options(peers=("nobody",)).found(["nobody"]) == []
    with pytest.raises(LookupError, match="no_such_simulator_9"):
        nobody.run({})


def test_bars_and_lines_are_drawn(tmp_path) -> None:  # type: ignore[no-untyped-def]
    from benchmarks.picture import draw

    contest = [
        {**row(s, t), "question": "q", "case": "c", "real_time_factor": t}
        for s, t in (("spikesim", 1.0), ("nest", 9.0))
    ]
    growth = [{"series": "neurons", "work": 10.0**k, "run_s": 1e-9 * 10.0**k} for k in (4, 5, 6)]
    draw(contest + growth, str(tmp_path / "b.png"))
    assert (tmp_path / "b.png").stat().st_size > 10_000


def test_the_first_compilation_is_what_an_empty_folder_adds(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    folders = []

    def measured(question: str, settings: dict, cache: str | None = None) -> dict:
        folders.append(cache)
        return {"build_s": 9.0, "first_s": 4.0}

    monkeypatch.setattr(contest, "measure", measured)
    rows = [{**row("spikesim", 1.0), "build_s": 1.0, "first_s": 0.5}]
    contest.add_cold(rows, "lif", {}, 1)
    assert rows[0]["compile_s"] == 11.5 and folders[0] is not None


def test_one_question_that_fails_does_not_keep_the_others_from_being_asked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(options: Options) -> list:
        raise MeasurementError("exit code 1: no room")

    for name, ask in (("growth", broken), ("accuracy", lambda options: [{"case": "it went on"}])):
        monkeypatch.setattr(import_module(f"benchmarks.{name}"), "ask", ask)
    assert main(["--quick", "growth", "accuracy"]) == 1
    told = capsys.readouterr()
    assert "no room" in told.out + told.err and "it went on" in told.out
