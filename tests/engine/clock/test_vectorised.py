"""Loops that must be vector code are: their machine code uses vector registers (x86 only).

One slip, such as a value read inside a choice, turns a loop back into a branch a neuron and triples its time.
"""

from __future__ import annotations

import platform
from collections.abc import Callable
from typing import Any

import numba
import numpy as np
import pytest

from spikesim.engine.clock import drives, poisson, propagate, refractory, resting, threshold
from spikesim.engine.clock.records import OP
from spikesim.jit import JIT, OPTIONS

pytestmark = pytest.mark.skipif(
    not JIT or platform.machine() not in ("x86_64", "AMD64"), reason="looks at compiled x86-64 code"
)

N = 64
row, other = np.ones(N), np.ones(N)
left, flags = np.zeros(N, np.int32), np.zeros(N, np.uint8)


CASES: list[tuple[Callable[..., Any], tuple[Any, ...]]] = [
    (refractory.take, (row, other, left, N)),
    (refractory.choose, (row, other, other, left, N)),
    (refractory.flush, (row, N)),
    (resting.take_step, (row, other, left, N, 1.0, 1.0, 1.0, 1.0, 1.0)),
    (resting.take_free_step, (row, other, N, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0)),
    (propagate.copy, (row, other, N)),
    (refractory.move, (row, other, N)),
    (refractory.kick, (row, other, left, N)),
    (refractory.keep, (row, other, left, np.int64(1), np.ones(N), True, 0, N)),
    (threshold.fire, (row, np.ones(1), False, left, flags, 0, N)),
    (drives.add, (row, 1.0, np.zeros(0), 0, N)),
    (propagate.apply, (np.zeros(1, OP), 0, 1, np.ones(9), np.ones(4 * N), np.ones((4, 512)), 0, N)),
    (poisson.draws, (np.uint64(1), np.uint64(2), 0, N, np.zeros(N, np.uint64))),
    (
        poisson.counts,
        (
            np.zeros(N, np.uint16),
            0,
            np.ones(9, np.uint32),
            np.int32(0),
            N,
            np.zeros(poisson.FEW, np.uint16),
            np.zeros(N, np.uint8),
            np.zeros(N, np.int32),
        ),
    ),
]


@pytest.mark.parametrize(("kernel", "arguments"), CASES, ids=lambda x: getattr(x, "__name__", ""))
def test_uses_vector_registers(kernel: Any, arguments: tuple[Any, ...]) -> None:
    fresh = numba.njit(**OPTIONS)(kernel.py_func)  # code from the cache cannot be inspected
    fresh(*arguments)
    (code,) = fresh.inspect_asm().values()
    packed = [line for line in code.splitlines() if "ymm" in line or "zmm" in line]
    assert len(packed) > 4, f"{kernel.__name__} is scalar code"
