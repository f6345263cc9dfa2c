"""Gap junctions: what a neuron feels of the potentials of others, and what it tells them.

Over the step t -> t + 1 a neuron has the potentials of the others as they will be at t + 1/2, and its own by its own
equations:

    current += sum_j g_j V_j,   conductance += sum_j g_j,      V = v(t) + (v(t) - v(t - 1)) / 2,

of order 2 in dt.  A jump of v between t - 1 and t, by a spike or by what arrived, is no trend: that is left out, and
after a spike that resets v there is none.  All V of a step are told at the end of the step before, when workers meet;
two rows take turns, so that one is read while the other is written.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ...jit import call_kernel, kernel_address, view
from ...jit.records import floats, ints, shorts, struct, table
from ..ranks import Alone
from .propagate import BLOCK
from .records import ENDLESS, GENERAL, PART, STATUS, STEP, WORKER

__all__ = ["around", "coupled", "coupled_stretches", "potentials", "shown", "tell"]


@functools.cache
def coupled() -> int:
    """Return the address of the kernel that adds what gap junctions bring to a block, before it is stepped."""

    def feel(w_at, g, k0, n, dt):
        w = struct(w_at, WORKER)
        first = table(w.general, GENERAL)[g].row + k0
        ptr, other, each = ints(w.junction_ptr), ints(w.junction_other), floats(w.junction)
        current, conductance = view(w.scratch.at, BLOCK, np.float64), view(w.scratch.at + 8 * BLOCK, BLOCK, np.float64)
        neurons = w.potential.n // 2
        half = table(w.status, STATUS)[0].received % 2
        v = floats(w.potential)[half * neurons : (half + 1) * neurons]
        for k in range(n):
            total, sum_g = 0.0, 0.0
            for i in range(ptr[first + k], ptr[first + k + 1]):
                total += each[i] * v[other[i]]
                sum_g += each[i]
            current[k] += total
            conductance[k] += sum_g
        return 0

    return kernel_address(feel, "int64(int64,int64,int64,int64,float64)")


@functools.cache
def shown() -> int:
    """Return the address of the kernel that has nothing to show for samples."""

    def show(w_at, g, n):
        return 0

    return kernel_address(show, "int64(int64,int64,int64)")


@functools.cache
def around() -> int:
    """Return the address of the step of a part with gap junctions: its own, then what it tells the others."""

    def advance(w_at, p, now, at, dt, out_at, count):
        w, out = struct(w_at, WORKER), view(out_at, ENDLESS, np.int64)
        part, x = table(w.part, PART)[p], floats(w.x)
        n, first, row = part.n, part.first_id, part.state + part.v * part.n
        v, trend = x[row : row + n], floats(w.trend)[part.trend : part.trend + n]
        left = shorts(w.refractory)[part.refractory : part.refractory + n]
        for k in range(n):
            trend[k] = v[k]
        if part.delta >= 0:
            jump = x[part.delta : part.delta + n]
            for k in range(n):
                trend[k] += jump[k] if part.v_held == 0 or left[k] == 0 else 0.0
        done = call_kernel(part.inner, (w_at, p, now, at, dt, out_at, count))
        for k in range(n):
            trend[k] = v[k] - trend[k]
        if part.leaps:
            for i in range(count, done):
                trend[out[i] - first] = 0.0
        begin = (now + 1) % 2 * (w.potential.n // 2) + first
        told = floats(w.potential)[begin : begin + n]
        for k in range(n):
            told[k] = v[k] + 0.5 * trend[k]
        return done

    return kernel_address(advance, STEP)


def potentials(program: Any) -> dict[str, np.ndarray]:
    """Return the array through which workers tell each other their potentials."""
    return {"potential": np.zeros((2, 0 if program.junctions is None else program.n))}


def coupled_stretches(workers: Sequence[Any]) -> list[tuple[int, int]]:
    """Return the neurons of these workers that others feel: first one and how many, of each part."""
    return [(int(part["first_id"]), int(part["n"])) for w in workers for part in w.tables["part"] if part["inner"]]


def tell(
    ranks: Alone, workers: Sequence[Any], arenas: Sequence[Mapping[str, Any]], potential: np.ndarray, step: int
) -> None:
    """Tell the potentials of all workers as they stand at `step`."""
    if not potential.size:
        return
    mine = []
    for worker, arena in zip(workers, arenas):
        for part in worker.tables["part"]:
            if part["inner"]:
                n, row = part["n"], part["state"] + part["v"] * part["n"]
                trend = arena["trend"][part["trend"] :][:n]
                mine.append((int(part["first_id"]), arena["x"][row:][:n] + 0.5 * trend))
    for told in ranks.every("advance", mine):
        for first, values in told:
            potential[step % 2, first : first + values.size] = values
