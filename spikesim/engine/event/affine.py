"""Linear neurons for the event engine: coefficients of dv/dt = -A v + C + B I, and how far a current can lift v.

States behind v that run down by themselves, and that v feels, are filters like those of synapses: B gain f.
"""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from ...neurons.contract import Input
from ...program.cell import Cell
from ...program.propagator import Linear
from ...synapses.contract import Synapse

__all__ = ["affine", "analytic", "behind", "cascade", "responses"]

#: Differences over 2^40 mV (pA) lose no digit to E_L.
LARGE = 2.0**40


class Behind(NamedTuple):
    """A state behind v: dg/dt = -rate g, felt by v as the current gain g; a spike makes it r g + r0."""

    state: str
    rate: float
    gain: float
    r: float
    r0: float


def analytic(cell: Cell) -> bool:
    """Whether a population is advanced in closed form: a state v with a leak, a threshold on it, synaptic currents
    that are cascades of equal decays, and behind v nothing but states that are such currents."""
    linear = cell.linear
    if any(len(port.matrix) and cascade(port) is None for port in cell.ports):
        return False
    if linear is None or cell.model.states[0] != "v" or "v" not in cell.model.clamped:
        return False
    if not (np.all(linear.a[0] == 1.0) and np.all(linear.B[0] >= 0.0) and np.all(linear.A[0, 0] <= 0.0)):
        return False
    return len(cell.model.states) == 1 or (_apart(linear) and behind(cell) is not None)


def _apart(linear: Linear) -> bool:
    """Whether the states behind v know nothing of each other, of v, of the input or of a threshold."""
    within, after = linear.A[1:, 1:].copy(), linear.R.copy()
    for i in range(len(linear.R)):
        after[i, i] = 0.0
        within[i - 1, i - 1] = 0.0
    elsewhere = (linear.a[1:], linear.A[1:, 0], within, linear.B[1:], linear.b[1:], after)
    return not any(np.any(values) for values in elsewhere)


def behind(cell: Cell) -> list[Behind] | None:
    """Return the states behind v; None where neurons differ in them, where one lowers v, or does not run down."""
    linear, names = cell.linear, cell.model.states
    assert linear is not None
    _, drive, b_in = leak(cell)
    found = []
    for i in range(1, len(names)):
        felt, itself = (slope(cell, i)[k] for k in (0, i))
        with np.errstate(divide="ignore", invalid="ignore"):
            numbers = (-itself / LARGE, (felt - drive) / LARGE / b_in, linear.R[i, i], linear.r[i])
        rate, gain, r, r0 = (np.unique(values) for values in numbers)
        if not all(values.size == 1 for values in (rate, gain, r, r0)) or not (
            rate[0] > 0.0 and 0.0 <= gain[0] < np.inf
        ):
            return None
        found.append(Behind(names[i], float(rate[0]), float(gain[0]), float(r[0]), float(r0[0])))
    return found


def slope(cell: Cell, state: int | None = None, current: float = 0.0) -> list[np.ndarray]:
    """Return ds/dt where all states are 0, or all but one, which is LARGE."""
    s = [LARGE if i == state else 0.0 for i in range(len(cell.model.states))]
    found = type(cell.model).slope(tuple(s), Input(current, 0.0), SimpleNamespace(**cell.parameters))
    return [np.atleast_1d(np.asarray(value, np.float64)) for value in found]


def leak(cell: Cell) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return A, C and B of dv/dt = -A v + C + B I, each (1,) or (n,)."""
    drive = slope(cell)[0]
    # 0.0 - x, for -0.0 would turn what is divided by it round
    return (0.0 - (slope(cell, 0)[0] - drive)) / LARGE, drive, (slope(cell, None, LARGE)[0] - drive) / LARGE


def cascade(port: Synapse) -> float | None:
    """The rate of a filter whose stages all decay by it, feed the next one, and of which the last is felt; None: it is
    another one."""
    matrix = port.matrix
    n, rate = len(matrix), -float(matrix[0, 0])
    made = rate * (np.eye(n, k=-1) - np.eye(n))
    return rate if rate > 0.0 and np.array_equal(matrix, made) and not np.any(port.output[:-1]) else None


def affine(cell: Cell) -> list[np.ndarray]:
    """Return the parameters of LINEAR, each (1,) or (n,)."""
    linear = cell.linear
    assert linear is not None
    a, drive, b_in = leak(cell)
    with np.errstate(divide="ignore", invalid="ignore"):
        rest = np.where(a > 0.0, drive / a, np.copysign(np.inf, drive))
    return [
        a,
        drive,
        b_in,
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
