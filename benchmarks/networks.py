"""One case of a question that compares networks, in spikesim."""

from __future__ import annotations

import time
from importlib import import_module
from typing import Any

from .timing import timed

__all__ = ["measure"]


def measure(module: str, case: dict[str, Any], threads: int | None) -> dict[str, Any]:
    """Build and run a case of the question `module`."""
    clock = time.perf_counter()
    net = import_module(f"benchmarks.{module}").build(**case["settings"])
    describe = time.perf_counter() - clock
    times = {key: case[key] for key in ("dt", "warm_ms", "model_ms")}
    return timed(net, **times, threads=threads, describe_s=describe)
