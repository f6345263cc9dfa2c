"""External input, batch by batch: what each stimulus adds to each row in each step.

For a linear system the current I(t) adds, over one step of h,

    d = integral_0^h  R(h - s) I(t + s) ds,      R(s) = exp(M s) B,

with one matrix entry for a constant current (exact), else by Gauss-Legendre quadrature on every smooth piece (8 nodes:
exact for polynomials of degree 15).  In a step that a break of the current divides, R is its Chebyshev series on
[0, h], as long as it takes to be right to 1e-15.  A nonlinear model gets the mean of the current over the step:
R = 1 / h.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.polynomial import chebyshev, legendre

from ...grid import Grid
from ...jit import part_of
from ...jit.records import floats, ints
from ...network.pieces import values_of
from ...network.stimulus import Stimulus
from ...program.propagator import propagator

if TYPE_CHECKING:
    from ...program.part import Part

__all__ = ["Drift", "Drive", "Driven", "add", "drive"]

_NODES, _WEIGHTS = legendre.leggauss(8)
NODES, WEIGHTS = 0.5 * (_NODES + 1.0), 0.5 * _WEIGHTS  # on (0, 1)
EXACT, LONGEST = 1e-15, 128  # what is left out of a Chebyshev series, and its most terms
WHOLE = -1.0  # among the responses: to a current that is constant in the step


@part_of
def add(out, amount, vector, k0, n):
    """Add an external input to a scratch row: `amount` to all, or times one value a neuron if `vector` has entries."""
    if vector.size == 0:
        for k in range(n):
            out[k] += amount
    else:
        v = vector[k0 : k0 + n]
        for k in range(n):
            out[k] += amount * v[k]


@part_of
def drive(w, p, size, scratch, k0, n, at):
    """Add the external input of batch step `at` to the scratch."""
    ptr = ints(w.drive_ptr)
    steps = ptr.size // w.part.n
    row, value, where = ints(w.drive_row), floats(w.drive_value), ints(w.drive_vector)
    pool = floats(w.drive_pool)
    for e in range(ptr[p * steps + at], ptr[p * steps + at + 1]):
        first = where[e]
        vector = pool[:0] if first < 0 else pool[first : first + size]
        add(scratch[row[e]], value[e], vector, k0, n)


class Drift(NamedTuple):
    """A current that drifts, as a filter of one stage."""

    tau: float
    gain: float = 1.0

    @property
    def matrix(self) -> np.ndarray:
        """Of its decay."""
        return np.array([[-1.0 / self.tau]])

    @property
    def output(self) -> np.ndarray:
        """What of it is felt."""
        return np.array([self.gain])


class Entries(NamedTuple):
    """Input into one scratch row: at the step `at[e]` of the batch `value[e]`, times `vector[which[e]]` if given."""

    at: np.ndarray
    row: int
    value: np.ndarray
    vector: np.ndarray | None = None
    which: np.ndarray | None = None


class Driven:
    """One stimulus into one part; `rows`: (row of the system, row of the scratch, 1: while v is held)."""

    def __init__(
        self, part: Part, stimulus: Stimulus, index: np.ndarray, M: np.ndarray | None,
        rows: list[tuple[int, int, int]], clamped: list[bool], grid: Grid,
    ) -> None:  # fmt: skip
        self.part, self.stimulus, self.index, self.grid, self.rows = part, stimulus, index, grid, rows
        self.systems: list[np.ndarray] | None = None
        if M is not None:
            if len(M) > 1:  # of no use here, and often all that differs
                M = np.delete(np.delete(M, -2, axis=1), -2, axis=2)
                M = M[:1] if np.all(M == M[:1]) else M
            held = M.copy()
            held[:, : len(clamped)][:, np.asarray(clamped, bool)] = 0.0
            self.systems = [M, held]
        self.partial = bool(np.any(index < 0))
        self.mask, self.own = (index >= 0).astype(np.float64), np.maximum(index, 0)
        self._responses: dict[float, np.ndarray] = {}
        self._series: np.ndarray | None = None

    def response(self, s: float) -> np.ndarray:
        """R(s) of both systems: float64 (2, N, width); of WHOLE: what a unit current through the step leaves."""
        if self.systems is None:
            return np.full((2, 1, 1), 1.0 if s == WHOLE else 1.0 / self.grid.dt)
        if s not in self._responses:
            found = []
            for M in self.systems:
                if s == WHOLE:
                    column = propagator(M, self.grid.dt)[:, :-1, -1]
                else:
                    column = (propagator(M[:, :-1, :-1], s) @ M[:, :-1, -1:])[..., 0]
                found.append(np.moveaxis(column, 0, -1))
            self._responses[s] = np.stack(found)
        return self._responses[s]

    def series(self) -> np.ndarray:
        """The Chebyshev coefficients of R on [0, dt], float64 (terms, 2, N, width)."""
        if self._series is None:
            terms = 1 if self.systems is None else 8
            while self._series is None:
                x = np.cos(np.pi * (np.arange(terms) + 0.5) / terms)
                values = np.stack([self.response(float(s)) for s in 0.5 * self.grid.dt * (1.0 + x)])
                found = np.tensordot(2.0 / terms * chebyshev.chebvander(x, terms - 1).T, values, axes=1)
                found[0] *= 0.5
                left = np.abs(found[-2:]).max() / max(np.abs(found).max(), 1e-300) if terms > 1 else 0.0
                if left <= EXACT or terms >= LONGEST:
                    self._series = found
                terms *= 2
        return self._series

    def entries(self, begin: int, steps: int) -> list[Entries]:
        """Return the input in the steps begin ... begin + steps - 1."""
        if self.stimulus.piecewise_constant:
            return self._constant(begin, steps)
        return self._smooth(begin, steps)

    def _breaks(self, begin: int, steps: int) -> np.ndarray:
        """The breaks inside the batch, as steps behind its beginning."""
        times = np.asarray(self.stimulus.breaks(), np.float64)
        near = np.searchsorted(times, self.grid.times(np.array([begin - 1, begin + steps + 1])))
        h = times[near[0] : near[1]] * self.grid.fraction.denominator
        return (lambda at: at[(at > 0.0) & (at < steps)])(h / self.grid.fraction.numerator - begin)

    def _constant(self, begin: int, steps: int) -> list[Entries]:
        """Currents that are constant between breaks, which are on the grid."""
        first = np.unique(np.concatenate(([0], np.rint(self._breaks(begin, steps)).astype(np.int64))))
        first = first[first < steps]
        lengths = np.diff(np.append(first, steps))
        # the middle of a step lies inside a piece
        values = values_of(self.stimulus, self.grid.times(begin + first) + 0.5 * self.grid.dt)
        at, which = np.arange(steps), np.repeat(np.arange(first.size), lengths)
        out = []
        for source, row, held in self.rows:
            k = self.response(WHOLE)[held, source]
            if not np.any(k):
                continue
            if values.ndim == 1:
                out.append(self._alike(at, row, values[which], k))
                continue
            vectors = values[:, self.own] * self.mask * k
            some = np.any(vectors, axis=1)[which]
            out.append(Entries(at[some], row, np.ones(int(some.sum())), vectors, which[some]))
        return out

    def _alike(self, at: np.ndarray, row: int, values: np.ndarray, k: np.ndarray) -> Entries:
        """The same current for all targets, to which they respond by `k`: one number, or one a neuron."""
        some = np.flatnonzero(values)
        if k.size == 1 and not self.partial:
            return Entries(at[some], row, values[some] * k[0])
        return Entries(at[some], row, values[some], (k * self.mask)[None], np.zeros(some.size, np.int64))

    def _smooth(self, begin: int, steps: int) -> list[Entries]:
        """Quadrature: of whole steps at the same nodes each, of divided ones piece by piece."""
        dt = self.grid.dt
        starts = self.grid.times(np.arange(begin, begin + steps))
        breaks = self._breaks(begin, steps)
        at_step = np.minimum(breaks.astype(np.int64), steps - 1)
        offset = breaks - at_step
        cut = (offset > 1e-9) & (offset < 1.0 - 1e-9)
        broken, pieces = np.unique(at_step[cut], return_inverse=True)
        whole = np.setdiff1d(np.arange(steps), broken)
        samples = [values_of(self.stimulus, starts[whole] + x * dt) for x in NODES]
        out = []
        for source, row, held in self.rows:
            k = [w * dt * self.response(float((1.0 - x) * dt))[held, source] for x, w in zip(NODES, WEIGHTS)]
            if np.any(k[0]):
                out += self._summed(whole, row, samples, k)
        if broken.size:
            out += self._broken(starts[broken], broken, pieces, offset[cut])
        return out

    def _broken(self, starts: np.ndarray, at: np.ndarray, pieces: np.ndarray, offset: np.ndarray) -> list[Entries]:
        """Steps `at` that breaks divide: the k-th break stands in step at[pieces[k]], `offset` of a step in."""
        dt, n = self.grid.dt, at.size
        step = np.concatenate((np.arange(n), pieces))
        left = np.concatenate((np.zeros(n), offset))
        order = np.lexsort((left, step))
        step, left = step[order], left[order]
        last = np.append(step[1:] != step[:-1], True)
        right = np.where(last, 1.0, np.append(left[1:], 1.0))
        x = left[:, None] + NODES * (right - left)[:, None]
        weight = dt * WEIGHTS * (right - left)[:, None]
        values = values_of(self.stimulus, (starts[step][:, None] + dt * x).ravel())
        values = values.reshape(*x.shape, -1)  # (pieces, nodes, 1 or targets)
        series = self.series()
        basis = chebyshev.chebvander(1.0 - 2.0 * x, len(series) - 1) * weight[..., None]  # of s = dt (1 - x)
        first = np.flatnonzero(np.append(True, step[1:] != step[:-1]))
        moments = np.add.reduceat(np.einsum("pjd,pjk->dpk", basis, values), first, axis=1)  # (terms, steps, targets)
        alike = self.stimulus.targets is None
        samples = list(moments[..., 0] if alike else moments)
        out: list[Entries] = []
        for source, row, held in self.rows:
            k = list(series[:, held, source])
            if np.any(k):
                out += self._summed(at, row, samples, k)
        return out

    def _summed(self, at: np.ndarray, row: int, samples: list[np.ndarray], k: list[np.ndarray]) -> list[Entries]:
        """The sum over j of samples[j] (steps, or steps x targets) times k[j] (one number, or one a neuron)."""
        if samples[0].ndim == 2:
            total = np.zeros((at.size, self.index.size))
            for sample, factor in zip(samples, k):
                total += sample[:, self.own] * factor
            total *= self.mask
            return [Entries(at, row, np.ones(at.size), total, np.arange(at.size))]
        if k[0].size == 1:
            return [self._alike(at, row, np.sum([s * f[0] for s, f in zip(samples, k)], axis=0), np.ones(1))]
        return [self._alike(at, row, sample, factor) for sample, factor in zip(samples, k)]


class Drive:
    """All external input of one worker."""

    def __init__(self, driven: list[Driven], n_parts: int) -> None:
        self.driven, self.n_parts = driven, n_parts

    @property
    def longest(self) -> int:
        """Most steps of one batch: currents that differ between neurons in every step need memory."""
        listed = [d for d in self.driven if d.stimulus.targets]
        wide = sum(d.index.size * 8 for d in listed if not d.stimulus.piecewise_constant)
        found = max(16, 2**23 // wide) if wide else 2**62
        for d in listed:
            times = np.asarray(d.stimulus.breaks(), np.float64)
            if d.stimulus.piecewise_constant and times.size > 2:  # a row a value
                rows, apart = 2**23 // (8 * (d.stimulus.targets or 1)), float(np.diff(times).min()) / d.grid.dt
                found = min(found, max(16, int(min(rows * apart, 2.0**60))))
        return found

    def batch(self, begin: int, steps: int) -> dict[str, Any]:
        """Return the drive tables of the steps begin ... begin + steps - 1."""
        part, found = [], []
        pool: list[np.ndarray] = []
        vector, size = [], 0
        for d in self.driven:
            for e in d.entries(begin, steps):
                found.append(e)
                part.append(np.full(e.at.size, d.part.number))
                if e.vector is None or e.which is None:
                    vector.append(np.full(e.at.size, -1))
                else:
                    pool.append(e.vector.ravel())
                    vector.append(size + e.which * e.vector.shape[1])
                    size += e.vector.size
        none = np.zeros(0, np.int64)
        p, s = np.concatenate([none, *part]), np.concatenate([none, *(e.at for e in found)])
        order = np.lexsort((s, p))  # stable: stimuli stay in the order of their names
        cell = p[order] * steps + s[order]
        ptr = np.searchsorted(cell, np.arange(self.n_parts * steps + 1))
        index = np.arange(self.n_parts)[:, None] * steps + np.arange(steps + 1)[None, :]
        row = np.concatenate([none, *(np.full(e.at.size, e.row) for e in found)])
        return {
            "drive_ptr": np.ascontiguousarray(ptr[index].astype(np.int64)),
            "drive_row": row[order].astype(np.int64),
            "drive_value": np.concatenate([np.zeros(0), *(e.value for e in found)])[order].astype(np.float64),
            "drive_vector": np.concatenate([none, *vector])[order].astype(np.int64),
            "drive_pool": np.concatenate([*pool, np.zeros(1)]),
        }
