"""Measured: nothing has become slower, in units of this machine's own plain loops; and a real run of the runner."""

from __future__ import annotations

import json

import pytest

from benchmarks import guard
from benchmarks.__main__ import main


@pytest.mark.slow
@pytest.mark.parametrize("name", guard.RATIOS)
def test_not_slower_than_the_stored_ratio(name: str) -> None:
    found = guard.ratio(name)
    assert found < guard.SLACK * guard.RATIOS[name], f"{name}: {found:.2f} plain loops, stored {guard.RATIOS[name]}"


@pytest.mark.slow
def test_a_quick_run_prints_a_table_and_writes_all_numbers(tmp_path, capsys) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "b.json"
    assert main(["lif", "--quick", "--threads", "1", "--json", str(path)]) == 0
    assert "10,000 neurons" in capsys.readouterr().out
    (row,) = json.loads(path.read_text())["rows"]
    assert row["neurons"] == 10_000 and row["spikes"] > 10_000 and row["peak_mb"] > 50.0
    assert row["ns_per_neuron_step"] == pytest.approx(1e9 * row["run_s"] / (10_000 * 5000), rel=1e-9)
