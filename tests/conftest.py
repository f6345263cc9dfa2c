"""What every test shares: no display, one package, and drawn cases that are the same every time."""

from __future__ import annotations

import os
from pathlib import Path

os.environ.setdefault("MPLBACKEND", "agg")

import hypothesis

import spikesim

# processes that tests start must import the package that the tests import, wherever they run
_HERE = str(Path(spikesim.__file__).resolve().parents[1])
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [_HERE, os.environ.get("PYTHONPATH")]))

# on a shared machine a slow case is no failure, and the same commit gives the same answer
hypothesis.settings.register_profile("repeatable", deadline=None, derandomize=True, database=None)
hypothesis.settings.load_profile("repeatable")
