"""House rules that can be read off the source.  Truth: the syntax trees of the package's own files."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from source_tree import FILES, imports, parsed, short

#: Modules that execute what they read.
EXECUTING = {"pickle", "cPickle", "_pickle", "marshal", "shelve", "dill", "cloudpickle", "joblib", "yaml", "runpy"}
#: The one program that is run: the script that a user names on the command line.
SCRIPTS = {("repeat.py", "runpy")}
EXECUTING_CALLS = {"eval", "exec", "compile", "__import__"}

#: Numbers without a state that everybody shares: the only names of numpy.random that may be used.
STATELESS = {"default_rng", "Generator", "SeedSequence", "Philox", "SFC64", "BitGenerator"}

#: What stands at the top of the repository, beside files whose names begin with a dot.
TOP = {"CHANGELOG.md", "CITATION.cff", "CODE_OF_CONDUCT.md", "CONTRIBUTING.md", "LICENSE", "MANIFEST.in", "README.md"}
TOP |= {"SECURITY.md", "benchmarks", "docs", "examples", "pyproject.toml", "setup.cfg", "spikesim", "tests"}

NAMELESS = {"utils", "util", "core", "base", "common", "helpers", "misc"}
LONGEST = 400  # lines

N = TypeVar("N", bound=ast.AST)


def nodes(kind: type[N]) -> Iterator[tuple[str, N]]:
    """Every node of a kind, with its file and line."""
    for file in FILES:
        for node in ast.walk(parsed(file)):
            if isinstance(node, kind):
                yield f"{short(file)}:{getattr(node, 'lineno', 0)}", node


def test_nothing_lies_about() -> None:
    """No file that a test or an example has left is kept at the top of the repository."""
    top = Path(__file__).parent.parent
    if not (top / ".git").exists():
        pytest.skip("no clone")
    kept = subprocess.run(["git", "ls-files"], cwd=top, capture_output=True, text=True, check=True).stdout.split("\n")
    assert {name.split("/")[0] for name in kept if name and name[0] != "."} == TOP


def test_nothing_read_is_executed() -> None:
    """No pickle, no YAML, no eval: neither imported nor called, and NumPy is never asked to unpickle."""
    found = [i for file in FILES for i in imports(file) if i.module.split(".")[0] in EXECUTING]
    wrong = [f"{i.file}:{i.line}" for i in found if (i.file, i.module) not in SCRIPTS]
    for place, node in nodes(ast.Call):
        if isinstance(node.func, ast.Name) and node.func.id in EXECUTING_CALLS:
            wrong.append(place)
        if any(k.arg == "allow_pickle" and ast.unparse(k.value) != "False" for k in node.keywords):
            wrong.append(place)
    assert not wrong


def test_fast_math_keeps_nan() -> None:
    """`contract` (fused multiply-add) is the only fast-math flag: the others assume that there is no NaN."""
    found = []
    for place, node in nodes(ast.Call):
        found += [(place, k.value) for k in node.keywords if k.arg == "fastmath"]
    for place, node in nodes(ast.Dict):
        named = [(k.value, v) for k, v in zip(node.keys, node.values) if isinstance(k, ast.Constant)]
        found += [(place, value) for name, value in named if name == "fastmath"]
    assert found
    assert not [place for place, value in found if ast.unparse(value) not in ("{'contract'}", "False")]


def test_asserts_only_narrow_types() -> None:
    """`python -O` drops them: what a user can get wrong is an error, and a kernel has none at all."""
    wrong = []
    for place, node in nodes(ast.Assert):
        text = ast.unparse(node.test)
        narrows = text.startswith("isinstance(") or text.endswith(" is not None")
        if place.startswith("engine/clock/run") or not narrows:
            wrong.append(f"{place} assert {text}")
    assert not wrong


def test_no_shared_random_state() -> None:
    """No number depends on what else the process has drawn."""
    wrong = []
    for place, node in nodes(ast.Attribute):
        if ast.unparse(node.value) in ("np.random", "numpy.random") and node.attr not in STATELESS:
            wrong.append(f"{place} np.random.{node.attr}")
    wrong += [f"{i.file}:{i.line}" for file in FILES for i in imports(file) if i.module in ("random", "numpy.random")]
    assert not wrong


def test_errors_are_caught_by_kind() -> None:
    """A bare `except:` would catch Ctrl-C."""
    assert not [place for place, node in nodes(ast.ExceptHandler) if not node.type]


def test_only_commands_print() -> None:
    """A library is silent."""
    calls = [place for place, node in nodes(ast.Call) if ast.unparse(node.func) == "print"]
    assert {place.split(":")[0] for place in calls} <= {"cli.py", "doctor.py"}


def test_files_open_with_their_purpose() -> None:
    """An equation or a purpose comes first."""
    assert not [short(file) for file in FILES if not ast.get_docstring(parsed(file))]


def test_files_are_short() -> None:
    """A longer file is a folder in hiding."""
    lengths = {short(file): len(file.read_text(encoding="utf-8").splitlines()) for file in FILES}
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST} == {}


def test_names_say_something() -> None:
    """A folder for everything is a folder for nothing."""
    assert not [short(f) for f in FILES if NAMELESS & {part.removesuffix(".py") for part in short(f).split("/")}]


def test_every_folder_is_a_package() -> None:
    """What has no `__init__.py` is not installed."""
    folders = {file.parent for file in FILES}
    assert [short(folder) for folder in sorted(folders) if not (folder / "__init__.py").is_file()] == []
