"""The changes that mutation testing tries are modules still, each another; those that change nothing still exist."""

from __future__ import annotations

import ast

import pytest

from .modules import EQUIVALENT, GROUPS, ROOT, group_of
from .mutants import by_text, mutants
from .named import NAMED


@pytest.mark.parametrize("path", [path for group in GROUPS for path in group_of(group)])
def test_every_mutant_is_another_module(path: str) -> None:
    text = (ROOT / path).read_text(encoding="utf-8")
    whole = ast.dump(ast.parse(text))
    found = mutants(path)
    assert len(found) > 2
    for mutant in found[:: max(1, len(found) // 4)]:
        assert ast.dump(ast.parse(mutant.applied(text))) != whole
        assert mutant.first <= mutant.line <= mutant.last


def test_the_tests_of_a_group_exist() -> None:
    for group in GROUPS.values():
        assert all((ROOT / "tests" / test).exists() for test in (*group.plain.split(), *group.compiled.split()))


def test_each_module_is_in_one_group() -> None:
    paths = [path for group in GROUPS for path in group_of(group)]
    assert len(set(paths)) == len(paths)


def test_what_changes_nothing_stands_in_its_module() -> None:
    for path, old, new in EQUIVALENT:
        text = (ROOT / path).read_text(encoding="utf-8")
        assert (old, new) in {tuple(line.strip() for line in mutant.of(text)) for mutant in mutants(path)}


def test_what_once_survived_stands_in_its_module() -> None:
    for _, path, old, new, which in NAMED:
        text = (ROOT / path).read_text(encoding="utf-8")
        changed = by_text(path, old, new, which, text).applied(text)
        assert ast.dump(ast.parse(changed)) != ast.dump(ast.parse(text))


def test_every_kind_is_found() -> None:
    """Truth: what stands in one small function."""
    text = (
        "def f(x, n):\n"
        '    """Three 3."""\n'
        "    for k in range(n):\n"
        "        if x[k] < 2 and not n:\n"
        "            continue\n"
        "        x[k] += n * 2\n"
        "        x.sort()\n"
        "        x[0] = max(n, -k) if True else 1.5\n"
        "    if n is None:\n"
        '        raise ValueError(f"{n:3}")\n'
        "    return x\n"
    )
    lines = [m.of(text)[1].strip() for m in mutants("", text)]
    for new in (
        "if x[k] <= 2 and not n:", "if x[k] > 2 and not n:", "if x[k] < 3 and not n:", "if x[k] < 2 or not n:",
        "if x[k] < 2 and (n):", "break", "pass", "x[k] = n * 2", "x[k] -= n * 2", "x[k] += n / 2", "x[k] += n * 3",
        "x[1] = max(n, -k) if True else 1.5", "x[0] = min(n, -k) if True else 1.5",
        "x[0] = max(n, (k)) if True else 1.5", "x[0] = max(n, -k) if False else 1.5",
        "x[0] = max(n, -k) if not (True) else 1.5",
        "x[0] = max(n, -k) if True else 2.5", "if n is not None:",
    ):  # fmt: skip
        assert new in lines, new
    assert lines.count("pass") == 3 and len(set(lines)) == len(lines) - 2
    assert not any("ValueError" in line or "Three" in line for line in lines)
