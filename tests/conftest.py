"""What every test shares: no display, one package, and drawn cases that are the same every time."""

from __future__ import annotations

import os
import signal
from pathlib import Path

os.environ.setdefault("MPLBACKEND", "agg")

import hypothesis

import spikesim

# processes that tests start must import the package that the tests import, wherever they run
_HERE = str(Path(spikesim.__file__).resolve().parents[1])
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [_HERE, os.environ.get("PYTHONPATH")]))

# started in the background, a shell has Ctrl-C ignored here and in every child; tests send it to children
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# on a shared machine a slow case is no failure, and the same commit gives the same answer
hypothesis.settings.register_profile("repeatable", deadline=None, derandomize=True, database=None)
hypothesis.settings.load_profile("repeatable")
