"""Where MNIST may be found: the environment variable SPIKESIM_MNIST, or a folder beside the clone."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

_BESIDE = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "mnist"
FOLDER = Path(os.environ.get("SPIKESIM_MNIST", _BESIDE))

needs_mnist = pytest.mark.skipif(
    not any(FOLDER.glob("t10k-images*")),
    reason="no MNIST here: set SPIKESIM_MNIST to the folder of its four IDX files",
)
