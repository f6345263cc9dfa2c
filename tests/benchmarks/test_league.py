"""The league's entry: its rules are kept, and what it says is what was measured."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import league
from benchmarks.__main__ import main
from benchmarks.contest import Options

RUN = {
    "neurons": 77169, "synapses": 298880941, "build_s": 7.0, "peak_mb": 2350.0, "cpu_s": 24.0, "events": 9.62e9,
    "mean_rate": 3.22,
}  # fmt: skip


def fields(text: str) -> list[dict[str, str]]:
    """What the maintainers' reader finds: a list of {key: [{field: value}, ...]}."""
    found: list[dict[str, str]] = []
    for line in text.splitlines():
        if line.startswith("- "):
            found.append({"key": line[2:].rstrip(":")})
        elif line.startswith("    - "):
            name, value = line[6:].split(": ", 1)
            found[-1][name] = value
        else:
            assert line.startswith("#")
    return found


def test_the_entry_is_of_what_was_measured() -> None:
    """The mean over the realisations; energy is power over events a second."""
    runs = [{**RUN, "real_time_factor": f, "run_s": 10 * f, "events_per_s": 9.62e8 / f} for f in (1.2, 1.3)]
    row = league.summary(runs, "Poisson", 1.0, 10_000.0, 2, watts=30.0)
    assert row["esyn_muJ"] == pytest.approx(30.0 * 1.25 / 9.62e8 * 1e6)
    (found,) = fields(league.entry([row]))
    assert (found["rtf"], found["drive"], found["num_nodes"]) == ("1.25", "'Poisson'", "1")
    assert float(found["esyn_muJ"]) == row["esyn_muJ"] and found["show_esyn_rtf"] == "true"
    assert found["process_node_nm"] == found["bibentry"] == "null"
    without = fields(league.entry([league.summary(runs, "DC", 1.0, 10_000.0, 2, watts=None)]))[0]
    assert (without["esyn_muJ"], without["show_esyn_rtf"]) == ("null", "false")


def test_the_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten seeds of ten seconds at full scale, for each drive."""
    asked: list[dict] = []

    def run(_: str, settings: dict) -> dict:
        asked.append(settings)
        return {**RUN, "real_time_factor": 1.0, "run_s": 10.0, "events_per_s": 1e9}

    monkeypatch.setattr(league, "in_process", run)
    assert len(league.ask(Options(threads=(1, 2)))) == 2
    assert sorted(s["seed"] for s in asked) == sorted([*range(1, 11)] * 2)
    assert {(s["scale"], s["model_ms"], s["threads"]) for s in asked} == {(1.0, 10_000.0, 2)}
    assert league.WARM_MS == 500.0


@pytest.mark.slow
def test_a_small_one_runs(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    """Nothing is recorded, both drives fire at about the published mean."""
    file = tmp_path / "entry.yaml"
    assert main(["league", "--quick", "--entry", str(file)]) == 0
    assert "scale 0.02, DC" in capsys.readouterr().out
    found = fields(file.read_text())
    assert [f["drive"] for f in found] == ["'Poisson'", "'DC'"] and all(float(f["rtf"]) > 0.0 for f in found)


def test_an_entry_of_what_was_not_asked() -> None:
    with pytest.raises(SystemExit):
        main(["cuba", "--quick", "--entry", "x.yaml"])
