"""Damaged files are refused by name, or read right.  Truth: what the good file holds; `damaged` says what is tried."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from damaged import KINDS, bytes_changed, damaged

forks = pytest.mark.skipif(not hasattr(os, "fork"), reason="a damaged file is read in a child that is forked")


@forks
@pytest.mark.parametrize("name", KINDS)
def test_a_few(name: str, tmp_path: Path) -> None:
    assert [*damaged([name], range(12), tmp_path)] == []


@forks
@pytest.mark.slow
@pytest.mark.parametrize("name", KINDS)
def test_many(name: str, tmp_path: Path) -> None:
    assert [*damaged([name], range(100, 700), tmp_path)] == []


def test_damage_is_done() -> None:
    """A fuzz that changes nothing would pass."""
    raw = bytes(range(256))
    changed = [bytes_changed(np.random.default_rng(seed), raw) != raw for seed in range(50)]
    assert sum(changed) > 45
