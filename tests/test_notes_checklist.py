"""Truth: the notes themselves. Every row of their checklist is in docs/notes-checklist.md, and what it names exists."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
TABLE = ROOT / "docs" / "notes-checklist.md"
# how many things to show each section of the notes has
SECTIONS = {
    **{"1.1": 1, "1.2": 1, "1.3": 3, "1.4": 6, "1.5": 3, "1.6": 3, "1.7": 3},
    **{"2.1": 4, "2.2": 2, "2.3.1": 1, "2.3.2": 1, "2.3.3": 1, "3.1": 1, "3.1.2": 1, "3.2": 2},
    **{"4.1": 1, "4.1.1": 1, "4.1.2": 2, "4.2.1": 1, "4.2.2": 2, "4.2.3": 1},
    **{"5.1.1": 4, "5.1.2": 1, "5.1.3": 3, "5.2": 1, "5.3": 1, "5.4.1": 2, "5.4.2": 1, "5.4.3": 1},
    **{"6": 1, "6.1": 3, "6.2": 1, "6.3.1": 1, "6.3.2": 3},
}
KEYS = [f"{s} ({k})" if n > 1 else s for s, n in SECTIONS.items() for k in range(1, n + 1)]
NOT_YET: set[str] = set()  # shorten this, and the table's last column, as they are built


def rows() -> dict[str, list[str]]:
    """Return the cells of every row of the first table by its key, e.g. "1.4 (2)"."""
    table = TABLE.read_text(encoding="utf-8").split("\n## ")[0]
    cells = [
        [c.strip() for c in line.strip("|").split(" | ")] for line in table.splitlines() if re.match(r"\| \d", line)
    ]
    assert len({row[0] for row in cells}) == len(cells), "a row stands twice"
    return {row[0]: row for row in cells}


@cache
def _tests_in(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


def test_no_row_is_missing() -> None:
    assert list(rows()) == KEYS and len(KEYS) == 64


@pytest.mark.parametrize("key", KEYS)
def test_what_a_row_names_exists(key: str) -> None:
    """At least one test or example a row, and no name of what is not there."""
    cell = rows()[key]
    assert len(cell) == 5 and cell[1]
    named = re.findall(r"`([^`]+)`", cell[2] + cell[3])
    assert named
    for name in named:
        path, _, test = name.partition("::")
        assert (ROOT / path).is_file(), f"{key}: no file {path}"
        assert not test or test in _tests_in(ROOT / path), f"{key}: no test {test} in {path}"
        assert test or path.startswith("examples/"), f"{key}: {name} is neither a test nor an example"


def test_what_is_not_yet_there_is_counted() -> None:
    assert {key for key, cell in rows().items() if cell[4].strip(" |")} == NOT_YET


def test_every_example_of_the_notes_has_a_row() -> None:
    table = TABLE.read_text(encoding="utf-8")
    scripts = sorted((ROOT / "examples" / "notes").glob("ch*.py"))
    assert scripts and [p.name for p in scripts if f"`examples/notes/{p.name}`" not in table] == []


def test_slips_are_named_where_they_occur() -> None:
    """Each row of the table of slips points to an example that prints it."""
    slips = TABLE.read_text(encoding="utf-8").split("## Slips of the notes")[1].split("\n## ")[0]
    scripts = re.findall(r"`(examples/[^`]+)`", slips)
    assert len(scripts) == 8
    for script in scripts:
        text = (ROOT / script).read_text(encoding="utf-8")
        assert "page.slip(" in text or 'the notes\' "increment"' in text.replace("\\'", "'"), script
