"""Public docstrings are numpydoc and tell the signature.  Truth: the signatures themselves."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from typing import Any

import pytest

import spikesim as ss
from spikesim import analysis, plot, published, runs, testing
from spikesim.network.network import Network

ROOMS = {"": ss, "analysis": analysis, "plot": plot, "published": published, "runs": runs, "testing": testing}
CLASSES = {"Network": Network, "Simulation": ss.Simulation}


def public() -> Iterator[tuple[str, Any]]:
    """Every public function, class and method by name."""
    for room, module in ROOMS.items():
        for name in module.__all__:
            value = getattr(module, name)
            if inspect.isfunction(value) or inspect.isclass(value):
                yield f"{room}.{name}".lstrip("."), value
    for name, cls in CLASSES.items():
        for method, value in inspect.getmembers(cls, inspect.isfunction):
            if not method.startswith("_"):
                yield f"{name}.{method}", value


FOUND = dict(public())
ERRORS = [name for name, value in FOUND.items() if isinstance(value, type) and issubclass(value, (Exception, Warning))]
#: Those that document what their keywords mean, by name.
BY_KEYWORD = ["model", "plasticity", "release", "synapse"]


def documented(text: str) -> list[str]:
    """Return the names in the section Parameters."""
    section = re.search(r"^Parameters\n-+\n(.*?)(?=^\S[^\n]*\n-{3,}\n|\Z)", text, re.S | re.M)
    lines = section[1].splitlines() if section else []
    entries = [line.split(" : ")[0] for line in lines if re.fullmatch(r"\**\w+(, \**\w+)*( : .*)?", line)]
    return [name.strip().lstrip("*") for entry in entries for name in entry.split(",")]


@pytest.mark.parametrize("name", sorted(FOUND))
def test_there_is_a_docstring(name: str) -> None:
    text = inspect.getdoc(FOUND[name])
    assert text and len(text) > 15


@pytest.mark.parametrize("name", sorted(set(FOUND) - {*ERRORS, *BY_KEYWORD}))
def test_documented_parameters_are_those_of_the_signature(name: str) -> None:
    """Whoever documents parameters documents all of them, and no others."""
    found = documented(inspect.getdoc(FOUND[name]) or "")
    if found:
        taken = [p for p in inspect.signature(FOUND[name]).parameters if p != "self"]
        assert sorted(found) == sorted(taken)


def test_the_walk_reads_sections() -> None:
    assert documented("X.\n\nParameters\n----------\na, b : int\n    Text.\n*c : str\nReturns\n-------\nd : int\n") == [
        "a", "b", "c",
    ]  # fmt: skip
    assert len([name for name, value in FOUND.items() if documented(inspect.getdoc(value) or "")]) > 60
