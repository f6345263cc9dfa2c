"""Truth: what another process compiled is loaded and gives the same; where there is none, this one compiles it."""

from __future__ import annotations

import importlib
import itertools
import os
import stat
import sys

import pytest

from spikesim.jit import JIT, ahead, ready
from spikesim.jit.ahead import _compiling

pytestmark = pytest.mark.skipif(not JIT, reason="nothing is compiled")
SOURCE = """
from spikesim.jit import compiled

@compiled
def thrice(x, y):
    return 3 * x + y
"""
numbers = itertools.count()


@pytest.fixture
def thrice(tmp_path, monkeypatch):
    """A function that nobody has compiled, in a module that a new process finds."""
    name = f"spikesim_test_ahead_{os.getpid()}_{next(numbers)}"
    (tmp_path / f"{name}.py").write_text(SOURCE)
    monkeypatch.syspath_prepend(str(tmp_path))
    return importlib.import_module(name).thrice


def test_another_process_compiles_it(thrice):
    assert ahead(thrice, 1, 1.0)
    assert not ahead(thrice, 1, 1.0)  # it is at work
    ready(thrice, 1, 1.0)
    assert sum(thrice.stats.cache_hits.values()) == 1
    assert not any(thrice.stats.cache_misses.values())
    assert thrice(2, 0.5) == 6.5
    assert thrice not in _compiling


def test_what_is_known_is_not_compiled_again(thrice):
    ready(thrice, 1, 1.0)
    assert not ahead(thrice, 1, 1.0)


def test_a_process_that_fails_costs_nothing_but_time(thrice, tmp_path, monkeypatch):
    broken = tmp_path / "python-that-fails"
    broken.write_text("#!/bin/sh\nexit 3\n")
    broken.chmod(broken.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr(sys, "executable", str(broken))
    ahead(thrice, 1, 1.0)  # (on Windows it cannot even be started)
    ready(thrice, 1, 1.0)
    assert thrice(2, 0.5) == 6.5


@pytest.mark.parametrize("program", ["", "/usr/bin/blender", None])
def test_nothing_is_started_that_is_no_python(thrice, monkeypatch, program):
    if program is None:
        monkeypatch.setattr(sys, "frozen", True, raising=False)
    else:
        monkeypatch.setattr(sys, "executable", program)
    assert not ahead(thrice, 1, 1.0)
