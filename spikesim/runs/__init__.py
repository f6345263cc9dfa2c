"""Many runs: sweeps over parameters on many cores, worlds on one wiring."""

from .sweep import sweep
from .table import Table
from .worlds import Worlds, worlds

__all__ = ["Table", "Worlds", "sweep", "worlds"]
