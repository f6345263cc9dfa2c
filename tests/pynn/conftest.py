"""The back end, with a network of its own in every test; skipped where PyNN is not installed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture
def sim() -> Iterator[Any]:
    """spikesim.pynn, set up at 0.1 ms."""
    pytest.importorskip("pyNN")
    import spikesim.pynn as module

    module.setup(timestep=0.1)
    yield module
    module.setup()
