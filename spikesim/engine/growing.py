"""Growing tables of numbers while a worker's program is written."""

from __future__ import annotations

from typing import Any

import numpy as np

from .clock import propagate as op

__all__ = ["Coefficients", "Operations", "Rows"]


class Coefficients:
    """One flat float64 array; `put` returns where values stand in it."""

    def __init__(self) -> None:
        self._blocks: list[np.ndarray] = []
        self.size = 0

    def put(self, *values: Any) -> int:
        at = self.size
        for value in values:
            block = np.atleast_1d(np.asarray(value, np.float64)).ravel()
            self._blocks.append(block)
            self.size += block.size
        return at

    def array(self) -> np.ndarray:
        return np.concatenate([*self._blocks, np.zeros(1)])


class Rows:
    """A table of int64 records."""

    def __init__(self, columns: int) -> None:
        self._columns = columns
        self.rows: list[list[int]] = []

    def add(self, row: Any) -> int:
        self.rows.append([int(v) for v in row])
        return len(self.rows) - 1

    def __len__(self) -> int:
        return len(self.rows)

    def array(self) -> np.ndarray:
        return np.array(self.rows, np.int64).reshape(len(self.rows), self._columns)


class Operations(Rows):
    """The operations of `kernels.linear.apply`; coefficients have shape (1,) or, one a neuron, (n,)."""

    def __init__(self, coefficients: Coefficients) -> None:
        super().__init__(6)
        self._put = coefficients.put

    def combine(self, row: int, constant: np.ndarray, terms: list[tuple[int, np.ndarray]]) -> None:
        """scratch[row] = constant + sum of coefficient x[source]; zero coefficients are left out."""
        terms = [(source, c) for source, c in terms if np.any(c != 0.0)]
        if not terms:
            terms = [(0, np.zeros(1))]
        vector = any(len(c) > 1 for c in (constant, *(c for _, c in terms)))
        if vector:
            n = max(len(c) for c in (constant, *(c for _, c in terms)))
            first = np.broadcast_to(constant, (n,)), np.broadcast_to(terms[0][1], (n,))
            self.add((op.SET, row, terms[0][0], n, self._put(*first), 1))
            rest = terms[1:]
        elif len(terms) == 1:
            self.add((op.SET, row, terms[0][0], 0, self._put(constant, terms[0][1]), 0))
            rest = []
        else:
            (a, ca), (b, cb) = terms[:2]
            self.add((op.SET2, row, a, b, self._put(constant, ca, cb), 0))
            rest = terms[2:]
        for source, c in rest:
            self.accumulate(row, source, c)

    def accumulate(self, row: int, source: int, coefficient: np.ndarray) -> None:
        """scratch[row] += coefficient x[source]."""
        if np.any(coefficient != 0.0):
            self.add((op.ADD, row, source, 0, self._put(coefficient), len(coefficient) > 1))

    def filter(self, rows: list[int], P: np.ndarray) -> None:
        """x[rows] = P x[rows] in place, P lower triangular and the same for all neurons."""
        for i in reversed(range(len(rows))):
            self.add((op.SCALE, rows[i], 0, 0, self._put(P[i, i]), 0))
            for j in range(i):
                if P[i, j] != 0.0:
                    self.add((op.MIX, rows[i], rows[j], 0, self._put(P[i, j]), 0))
