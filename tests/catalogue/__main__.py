"""``python -m tests.catalogue``: every row of the catalogue, and the score."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

if __name__ == "__main__":
    sys.exit(pytest.main([str(Path(__file__).parent), "-q", "-m", "", *sys.argv[1:]]))
