"""The package's own source, parsed: files, rooms and imports, for the tests that hold the house rules."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import spikesim

PACKAGE = Path(spikesim.__file__).resolve().parent
FILES = sorted(PACKAGE.rglob("*.py"))


class Import(NamedTuple):
    """One module that a file imports."""

    file: str  # as "network/network.py"
    line: int
    module: str  # absolute; `from . import probe` counts as the module probe
    deferred: bool  # inside a function
    typing: bool  # under `if TYPE_CHECKING:`


@cache
def parsed(file: Path) -> ast.Module:
    """Return the syntax tree of a file."""
    return ast.parse(file.read_text(encoding="utf-8"), str(file))


def short(file: Path) -> str:
    """Return the name of a file inside the package, with forward slashes."""
    return file.relative_to(PACKAGE).as_posix()


def room(module: str) -> str:
    """Return the room of an absolute module name: "spikesim.network.rules" is in "network"; the door is ""."""
    return module.split(".")[1] if "." in module else ""


def imports(file: Path) -> Iterator[Import]:
    """Yield everything that a file imports, wherever the statement stands."""
    package = ("spikesim", *file.relative_to(PACKAGE).parts[:-1])
    yield from _found(parsed(file), short(file), package, deferred=False, typing=False)


def _found(node: ast.AST, file: str, package: tuple[str, ...], deferred: bool, typing: bool) -> Iterator[Import]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield Import(file, node.lineno, alias.name, deferred, typing)
    elif isinstance(node, ast.ImportFrom):
        above = package[: len(package) - node.level + 1] if node.level else ()
        module = ".".join((*above, *filter(None, [node.module])))
        for alias in node.names:
            inside = PACKAGE.joinpath(*module.split(".")[1:], alias.name) if module.startswith("spikesim") else None
            is_module = inside and (inside.is_dir() or inside.with_suffix(".py").exists())
            yield Import(file, node.lineno, f"{module}.{alias.name}" if is_module else module, deferred, typing)
    deferred |= isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
    for child in ast.iter_child_nodes(node):
        guarded = isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test) and child in node.body
        yield from _found(child, file, package, deferred, typing or guarded)
