"""The score of the catalogue: a row holds if all of its tests do."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest

from .rows import ROWS

_outcomes: dict[str, set[str]] = defaultdict(set)


def pytest_runtest_setup(item: pytest.Item) -> None:
    for mark in item.iter_markers("row"):
        item.user_properties.append(("row", mark.args[0]))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    for name, number in report.user_properties:
        if name != "row" or (report.when != "call" and report.outcome == "passed"):
            continue
        expected = report.skipped and hasattr(report, "wasxfail")
        _outcomes[number].add("expected" if expected else report.outcome)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if not _outcomes:
        return
    held = [number for number in ROWS if _outcomes.get(number) == {"passed"}]
    lines = {
        "fail": [n for n in ROWS if "failed" in _outcomes[n]],
        "wait for what is not there yet": [n for n in ROWS if "expected" in _outcomes[n] - {"failed"}],
        "were skipped in part": [n for n in ROWS if "skipped" in _outcomes[n]],
        "were not run (slow: python -m tests.catalogue)": [n for n in ROWS if not _outcomes[n]],
    }  # fmt: skip
    terminalreporter.section("catalogue of bad inputs")
    terminalreporter.line(f"{len(held)} of {len(ROWS)} rows hold")
    for what, numbers in lines.items():
        if numbers:
            terminalreporter.line(f"{len(numbers)} {what}: {', '.join(numbers)}")
