"""The examples in the docstrings of plots and of the report run as they stand."""

from __future__ import annotations

import doctest
import importlib

import matplotlib
import pytest

matplotlib.use("Agg")

from matplotlib import pyplot as plt

MODULES = (
    "spikesim.html",
    "spikesim.network.graph",
    "spikesim.plot.activity",
    "spikesim.plot.heatmap",
    "spikesim.plot.network",
    "spikesim.plot.placed",
    "spikesim.plot.style",
    "spikesim.report.written",
)


@pytest.mark.parametrize("name", MODULES)
def test_examples_run(name: str) -> None:
    found = doctest.testmod(importlib.import_module(name))
    plt.close("all")
    assert found.attempted > 0 and found.failed == 0
