"""What this machine can do: two plain loops, to which other times are set in relation.

arithmetic  multiply-adds on arrays that fit into the nearest cache, as neurons are updated
scatter     row[target[j]] += weight at random targets in a row that fits into the next one, as spikes are delivered
"""

from __future__ import annotations

import time
from typing import Any

import numba
import numpy as np

__all__ = ["LOOPS", "arithmetic", "scatter", "seconds"]

NEURONS, STEPS = 1000, 50_000
SYNAPSES, TARGETS = 10_000_000, 10_000


@numba.njit(cache=True, error_model="numpy", fastmath={"contract"})
def _arithmetic(v, current, steps):
    for _ in range(steps):
        for k in range(v.size):
            i = current[k] * 0.98
            current[k] = i + 1e-3
            v[k] = v[k] * 0.99 + 0.01 * i


@numba.njit(cache=True, error_model="numpy")
def _scatter(row, target, weight):
    for j in range(target.size):
        row[np.uint64(target[j])] += weight[j]


def arithmetic() -> float:
    """Return ns an element and step."""
    v, current = np.zeros(NEURONS), np.ones(NEURONS)
    return best(lambda: _arithmetic(v, current, STEPS)) / (NEURONS * STEPS) * 1e9


def scatter() -> float:
    """Return ns an addition."""
    generator = np.random.default_rng(1)
    target = generator.integers(0, TARGETS, SYNAPSES, dtype=np.uint16)
    row, weight = np.zeros(TARGETS), np.ones(SYNAPSES, np.float32)
    return best(lambda: _scatter(row, target, weight)) / SYNAPSES * 1e9


def best(run: Any, turns: int = 5) -> float:
    """Return the shortest of some runs after one that compiles, in seconds of processor time."""
    run()
    times = []
    for _ in range(turns):
        clock = time.process_time()
        run()
        times.append(time.process_time() - clock)
    return min(times)


LOOPS = {"arithmetic": arithmetic, "scatter": scatter}


def seconds() -> dict[str, float]:
    """Return all, in ns."""
    return {f"{name}_ns": loop() for name, loop in LOOPS.items()}
