"""External input, batch by batch: what each stimulus adds to each row in each step.

For a linear system the current I(t) adds, over one step of h,

    d = integral_0^h  exp(M (h - s)) B I(t + s) ds,

with one matrix entry for a constant current (exact), else by Gauss-Legendre quadrature on every smooth piece (8 nodes:
exact for polynomials of degree 15).  A nonlinear model gets the mean of the current over the step.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np

from ...grid import Grid
from ...network.stimulus import Stimulus
from ...program.propagator import propagator

if TYPE_CHECKING:
    from ...program.part import Part

__all__ = ["Drive", "Driven"]

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(8)
NODES, WEIGHTS = 0.5 * (_NODES + 1.0), 0.5 * _WEIGHTS  # on (0, 1)


class Driven:
    """One stimulus into one part; `rows`: (row of the system, row of the scratch, 1: while v is held)."""

    def __init__(
        self, part: Part, stimulus: Stimulus, index: np.ndarray, M: np.ndarray | None,
        rows: list[tuple[int, int, int]], clamped: list[bool], grid: Grid,
    ) -> None:  # fmt: skip
        self.part, self.stimulus, self.index, self.grid, self.rows = part, stimulus, index, grid, rows
        self.systems: list[np.ndarray] | None = None
        if M is not None:
            held = M.copy()
            held[:, : len(clamped)][:, np.asarray(clamped, bool)] = 0.0
            self.systems = [M, held]
        self.partial = bool(np.any(index < 0))
        self._kernels: dict[float, np.ndarray] = {}

    def response(self, s: float) -> np.ndarray:
        """exp(M s) B for both systems: float64 (2, N, width); what a current s before the end of the step leaves."""
        if s not in self._kernels:
            assert self.systems is not None
            found = []
            for M in self.systems:
                column = M[:, :, -1:]
                found.append(np.moveaxis((propagator(M[:, :-1, :-1], s) @ column[:, :-1])[..., 0], 0, -1))
            self._kernels[s] = np.stack(found)
        return self._kernels[s]

    def constant(self) -> np.ndarray:
        """What a unit current through the whole step leaves: float64 (2, N, width)."""
        if -1.0 not in self._kernels:
            assert self.systems is not None
            dt = self.grid.dt
            self._kernels[-1.0] = np.stack([np.moveaxis(propagator(M, dt)[:, :-1, -1], 0, -1) for M in self.systems])
        return self._kernels[-1.0]

    def entries(self, begin: int, steps: int) -> list[tuple[np.ndarray, int, np.ndarray, np.ndarray | None]]:
        """Return (steps of the batch, scratch row, value each, vector or None for all) for a batch."""
        grid = self.grid
        starts = grid.times(np.arange(begin, begin + steps))
        if self.stimulus.piecewise_constant:
            # the middle of a step lies inside a constant piece: breaks are on the grid
            values = np.asarray(self.stimulus.value(starts + 0.5 * grid.dt), np.float64)
            pieces: list[tuple[np.ndarray, np.ndarray, float | None]] = [(np.arange(steps), values, None)]
        else:
            pieces = self._smooth(starts, steps)
        out = []
        for at, values, s in pieces:
            for source, row, held in self.rows:
                if self.systems is None:
                    k = np.ones(1)
                elif s is None:
                    k = self.constant()[held, source]
                else:
                    k = self.response(s)[held, source]
                out += self._spread(at, row, values, k)
        return out

    def _smooth(self, starts: np.ndarray, steps: int) -> list[tuple[np.ndarray, np.ndarray, float | None]]:
        """Quadrature: (steps, current times weight, time left to the end of the step)."""
        dt = self.grid.dt
        breaks = np.asarray(self.stimulus.breaks(), np.float64)
        inside = breaks[(breaks > starts[0]) & (breaks < starts[-1] + dt)] if steps else breaks[:0]
        at_step = np.searchsorted(starts, inside, side="right") - 1
        offset = inside - starts[at_step]
        cut = (offset > 1e-9 * dt) & (offset < (1.0 - 1e-9) * dt)
        broken = np.unique(at_step[cut])
        whole = np.setdiff1d(np.arange(steps), broken)
        scale = dt if self.systems is not None else 1.0
        pieces: list[tuple[np.ndarray, np.ndarray, float | None]] = []
        for x, w in zip(NODES, WEIGHTS):
            pieces.append(
                (whole, np.asarray(self.stimulus.value(starts[whole] + x * dt)) * (w * scale), (1.0 - x) * dt)
            )
        for k in broken:
            edges = np.concatenate(([0.0], offset[cut & (at_step == k)], [dt]))
            for a, b in itertools.pairwise(edges):
                for x, w in zip(NODES, WEIGHTS):
                    s = a + x * (b - a)
                    value = np.asarray(self.stimulus.value(starts[k : k + 1] + s)) * (w * (b - a) / dt * scale)
                    pieces.append((np.array([k]), value, dt - s))
        return pieces

    def _spread(
        self, at: np.ndarray, row: int, values: np.ndarray, k: np.ndarray
    ) -> list[tuple[np.ndarray, int, np.ndarray, np.ndarray | None]]:
        """Currents times response, as numbers for all neurons or as numbers times vectors."""
        if not np.any(k) or at.size == 0:
            return []
        width = self.index.size
        mask = (self.index >= 0).astype(np.float64)
        if values.ndim == 1:
            some = np.flatnonzero(values)
            if k.size == 1 and not self.partial:
                return [(at[some], row, values[some] * k[0], None)]
            return [(at[some], row, values[some], np.broadcast_to(k, (width,)) * mask)]
        out = []
        change = np.concatenate(([0], np.flatnonzero(np.any(values[1:] != values[:-1], axis=1)) + 1, [len(values)]))
        own = np.maximum(self.index, 0)
        for a, b in itertools.pairwise(change):
            vector = values[a][own] * mask * np.broadcast_to(k, (width,))
            if np.any(vector):
                out.append((at[a:b], row, np.ones(b - a), vector))
        return out


class Drive:
    """All external input of one worker."""

    def __init__(self, driven: list[Driven], n_parts: int) -> None:
        self.driven, self.n_parts = driven, n_parts

    @property
    def longest(self) -> int:
        """Most steps of one batch: currents that differ between neurons in every step need memory."""
        wide = sum(d.index.size * 8 for d in self.driven if not d.stimulus.piecewise_constant and d.stimulus.targets)
        return max(16, 2**23 // wide) if wide else 2**62

    def batch(self, begin: int, steps: int) -> dict[str, Any]:
        """Return the drive tables of the steps begin ... begin + steps - 1."""
        part, step, row, value, vector = [], [], [], [], []
        pool: list[np.ndarray] = []
        size = 0
        for d in self.driven:
            for at, r, values, vec in d.entries(begin, steps):
                part.append(np.full(at.size, d.part.number))
                step.append(at)
                row.append(np.full(at.size, r))
                value.append(values)
                vector.append(np.full(at.size, -1 if vec is None else size))
                if vec is not None:
                    pool.append(vec)
                    size += vec.size
        if not part:
            none = np.zeros(0, np.int64)
            return {
                "drive_ptr": np.zeros((self.n_parts, steps + 1), np.int64), "drive_row": none,
                "drive_value": np.zeros(0), "drive_vector": none, "drive_pool": np.zeros(0),
            }  # fmt: skip
        p, s = np.concatenate(part), np.concatenate(step)
        order = np.lexsort((s, p))  # stable: stimuli stay in the order of their names
        cell = p[order] * steps + s[order]
        ptr = np.searchsorted(cell, np.arange(self.n_parts * steps + 1))
        index = np.arange(self.n_parts)[:, None] * steps + np.arange(steps + 1)[None, :]
        return {
            "drive_ptr": np.ascontiguousarray(ptr[index].astype(np.int64)),
            "drive_row": np.concatenate(row)[order].astype(np.int64),
            "drive_value": np.concatenate(value)[order].astype(np.float64),
            "drive_vector": np.concatenate(vector)[order].astype(np.int64),
            "drive_pool": np.concatenate([*pool, np.zeros(1)]),
        }
