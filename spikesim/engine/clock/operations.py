"""The row operations of a part, written down (what each does: `propagate.apply`)."""

from __future__ import annotations

import numpy as np

from ...program.propagator import propagator
from ..growing import Coefficients, Table
from .propagate import ADD, MIX, SCALE, SET, SET2, STORE
from .records import OP

__all__ = ["Operations"]


class Operations(Table):
    """The operations of `propagate.apply`; coefficients have shape (1,) or, one a neuron, (n,)."""

    def __init__(self, coefficients: Coefficients) -> None:
        super().__init__(OP)
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
            self.add(kind=SET, out=row, a=terms[0][0], b=n, at=self._put(*first), own=1)
            rest = terms[1:]
        elif len(terms) == 1:
            self.add(kind=SET, out=row, a=terms[0][0], at=self._put(constant, terms[0][1]))
            rest = []
        else:
            (a, ca), (b, cb) = terms[:2]
            self.add(kind=SET2, out=row, a=a, b=b, at=self._put(constant, ca, cb))
            rest = terms[2:]
        for source, c in rest:
            self.accumulate(row, source, c)

    def accumulate(self, row: int, source: int, coefficient: np.ndarray) -> None:
        """scratch[row] += coefficient x[source]."""
        if np.any(coefficient != 0.0):
            self.add(kind=ADD, out=row, a=source, at=self._put(coefficient), own=len(coefficient) > 1)

    def filter(self, rows: list[int], A: np.ndarray, dt: float) -> None:
        """x[rows] = exp(A dt) x[rows], the same for all neurons; in place where A is lower triangular."""
        P = propagator(A[None], dt)[0]
        n = len(rows)
        if np.any(np.triu(A, 1)):
            for i in range(n):
                self.combine(i, np.zeros(1), [(rows[j], P[i, j : j + 1]) for j in range(n)])
            for i in range(n):
                self.add(kind=STORE, out=rows[i], a=i, at=self._put(1.0))
            return
        for i in reversed(range(n)):
            self.add(kind=SCALE, out=rows[i], at=self._put(P[i, i]))
            for j in range(i):
                if P[i, j] != 0.0:
                    self.add(kind=MIX, out=rows[i], a=rows[j], at=self._put(P[i, j]))
