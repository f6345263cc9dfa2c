"""PyNN's own system tests, unmodified, with spikesim as their simulator.

    python tests/pynn/scenarios.py PATH_OF_A_CHECKOUT_OF_PYNN [--all] [pytest's own options]

The scenarios are marked with the simulators that they are meant for.  Those meant for Brian 2, which has point neurons
as spikesim has, are run; with --all those meant for any other simulator too.  Prints the score.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import pytest

import spikesim.pynn  # noqa: F401  (from here on pyNN.spikesim is there)


class Instead:
    """Lets spikesim stand where the simulators of a scenario are named."""

    def __init__(self, every: bool) -> None:
        self.every = every
        self.results: dict[str, str] = {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_generate_tests(self, metafunc: Any) -> None:
        marks = metafunc.definition.own_markers
        for k, mark in enumerate(marks):
            if mark.name == "parametrize" and mark.args[0] == "sim":
                meant = [one.id for one in mark.args[1]]
                simulator = type(mark.args[1][0].values[0])
                ours = [pytest.param(simulator("spikesim"), id="spikesim")] if self.every or "brian2" in meant else []
                marks[k] = pytest.mark.parametrize("sim", ours).mark

    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        items[:] = [item for item in items if item.name.endswith("[spikesim]")]

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.when == "call" or report.outcome != "passed":
            name = report.nodeid.split("/")[-1]
            if self.results.get(name) in (None, "passed"):
                self.results[name] = report.outcome


def run(checkout: Path, every: bool = False, options: list[str] | None = None) -> dict[str, str]:
    """Return the outcome of each scenario by name."""
    plugin = Instead(every)
    folder = checkout / "test" / "system" / "scenarios"
    if not folder.is_dir():
        raise SystemExit(f"{checkout} is no checkout of PyNN: it has no test/system/scenarios")
    pytest.main([str(folder), "-q", "-p", "no:cacheprovider", f"--rootdir={checkout}", *(options or [])], [plugin])
    return plugin.results


def main() -> None:
    """Run the scenarios and print the score."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("checkout", type=Path)
    parser.add_argument("--all", action="store_true", help="also what is meant for other simulators than Brian 2")
    given, options = parser.parse_known_args()
    results = run(given.checkout, given.all, options)
    passed = sum(outcome == "passed" for outcome in results.values())
    for name, outcome in results.items():
        if outcome != "passed":
            print(f"{outcome}: {name}")
    print(f"{passed} of {len(results)} scenarios passed")
    sys.exit(passed < len(results))


if __name__ == "__main__":
    main()
