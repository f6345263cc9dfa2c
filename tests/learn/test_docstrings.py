"""The examples in the docstrings of the learning half run and print what they say."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

from spikesim import learn

MODULES = [name for _, name, _ in pkgutil.walk_packages(learn.__path__, "spikesim.learn.")]


@pytest.mark.parametrize("name", MODULES)
def test_examples(name):
    result = doctest.testmod(importlib.import_module(name))
    assert result.failed == 0


def test_every_public_name_is_documented():
    undocumented = [n for n in learn.__all__ if callable(getattr(learn, n)) and not getattr(learn, n).__doc__]
    assert not undocumented
