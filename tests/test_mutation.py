"""The changes that mutation testing tries are modules still, each another; those that change nothing still exist."""

from __future__ import annotations

import ast

import pytest
from mutation import EQUIVALENT, MODULES, ROOT, mutants


@pytest.mark.parametrize("path", MODULES)
def test_every_mutant_is_another_module(path: str) -> None:
    text = (ROOT / path).read_text(encoding="utf-8")
    whole = ast.dump(ast.parse(text))
    found = set(mutants(path))
    assert len(found) > 5 and all((ROOT / test).exists() for test in MODULES[path].split())
    for mutant in sorted(found, key=repr)[:: max(1, len(found) // 12)]:
        assert ast.dump(ast.parse(mutant.applied(text))) != whole


def test_what_changes_nothing_stands_in_its_module() -> None:
    for path, old, new in EQUIVALENT:
        text = (ROOT / path).read_text(encoding="utf-8")
        assert (old, new) in {tuple(line.strip() for line in mutant.of(text)) for mutant in mutants(path)}
