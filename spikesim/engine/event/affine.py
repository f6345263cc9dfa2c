"""Linear neurons for the event engine: coefficients of dv/dt = -A v + C + B I, and how far a current can lift v."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np

from ...neurons.contract import Input
from ...program.cell import Cell

__all__ = ["affine", "analytic", "cascade", "responses"]


def analytic(cell: Cell) -> bool:
    """Whether a population is advanced in closed form: one state v, a leak, a threshold on v, synaptic currents
    that are cascades of equal decays."""
    linear = cell.linear
    if any(len(port.matrix) and cascade(port.matrix) is None for port in cell.ports):
        return False
    if linear is None or cell.model.states != ("v",) or cell.model.clamped != ("v",):
        return False
    return bool(np.all(linear.a == 1.0) and np.all(linear.B >= 0.0) and np.all(linear.A <= 0.0))


def cascade(matrix: np.ndarray) -> float | None:
    """The rate of a filter whose stages all decay by it and feed the next one; None: it is another filter."""
    n, rate = len(matrix), -float(matrix[0, 0])
    made = rate * (np.eye(n, k=-1) - np.eye(n))
    return rate if rate > 0.0 and np.array_equal(matrix, made) else None


def affine(cell: Cell) -> list[np.ndarray]:
    """Return the parameters of LINEAR, each (1,) or (n,).

    Differences over 2^40 mV (pA) lose no digit to E_L.
    """
    cls, p, large = type(cell.model), SimpleNamespace(**cell.parameters), 2.0**40

    def slope(v: float, current: float) -> np.ndarray:
        return np.atleast_1d(np.asarray(cls.slope((v,), Input(current, 0.0), p)[0], np.float64))

    linear = cell.linear
    assert linear is not None
    drive = slope(0.0, 0.0)
    a = -(slope(large, 0.0) - drive) / large
    with np.errstate(divide="ignore", invalid="ignore"):
        rest = np.where(a > 0.0, drive / a, np.copysign(np.inf, drive))
    return [
        a,
        drive,
        (slope(0.0, large) - drive) / large,
        -linear.m,
        linear.R[0, 0],
        linear.r[0],
        np.atleast_1d(np.asarray(cell.parameters.get("t_ref", 0.0), np.float64)),
        rest,
    ]


def responses(a: np.ndarray, b_in: np.ndarray, gain: float, rate: float, stages: int) -> list[np.ndarray]:
    """Return (largest response, largest and smallest second derivative) of v to a unit of each filter state.

    With p_j(t) = (rate t)^j / j! exp(-rate t) <= peak_j and integral 1 / rate:  dr/dt = -a r + B gain p_j and
    dp_j/dt = rate (p_(j-1) - p_j) bound everything; for j = 0 the maximum of r is known.
    """
    rows = []
    with np.errstate(divide="ignore", invalid="ignore"):
        for k in range(stages):
            j = stages - 1 - k
            peak = [math.exp(i * math.log(i) - i - math.lgamma(i + 1)) if i else 1.0 for i in (j, max(j - 1, 0))]
            size = np.minimum(1.0 / rate, peak[0] / a)
            if j == 0:
                close = np.abs(rate - a) < 1e-3 * rate
                size = np.where(close, size, np.exp(-a * np.log(rate / a) / (rate - a)) / rate)
                size = np.where(a == 0.0, 1.0 / rate, size) * (1.0 + 1e-12)
            unit = b_in * gain
            rows.append(unit * size)
            rows.append(unit * (a * a * size + (rate * peak[1] if j else 0.0)))
            rows.append(-unit * (a + rate) * peak[0])
    return rows
