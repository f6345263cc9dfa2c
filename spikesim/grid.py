"""The clock: times are whole numbers of steps of dt, and dt is a rational number.

0.1 ms is not a binary fraction; k * 0.1 drifts from the decimal number that was meant.  The step is therefore kept as
the simplest fraction that rounds to the given float (0.1 -> 1/10), and the time of step k is the float nearest to
k num / den.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np

from .errors import InvalidValueError
from .plausibility import warn_of_unit
from .scalars import decimal, real

__all__ = ["Grid"]

SHORTEST, LONGEST = 1e-6, 1e6  # ms


def _simplest(value: float) -> Fraction:
    """The fraction of smallest denominator that is the same float64 as `value`."""
    exact = Fraction(value)
    for digits in range(1, 17):
        candidate = exact.limit_denominator(10**digits)
        if candidate.numerator / candidate.denominator == value:
            return candidate
    return exact


class Grid:
    """Multiples of `dt` (ms).

    Raises
    ------
    InvalidTypeError, InvalidValueError
        If dt is no number from 1e-6 to 1e6 ms.
    """

    def __init__(self, dt: float) -> None:
        dt = real("dt", decimal(dt), "a time step in ms")
        if not SHORTEST <= dt <= LONGEST:
            raise InvalidValueError(f"dt must be a time step from {SHORTEST:g} to {LONGEST:g} ms, got {dt!r}")
        warn_of_unit("time step", "dt", dt)
        self.dt = dt
        self.fraction = _simplest(dt)
        self._last: tuple[float, int] = (math.nan, 0)  # what was asked for, and what came of it

    def steps(self, time: float, where: str, *, least: int = 0) -> int:
        """Return `time` (ms) in steps; refuse a time off the grid, naming the nearest valid ones."""
        if type(time) is float and time == self._last[0] and self._last[1] >= least:  # a closed loop asks the same
            return self._last[1]
        time = real(where, decimal(time), "a time in ms")
        ratio = _simplest(time) / self.fraction
        k = round(ratio)
        if abs(ratio) > 2**53:
            raise InvalidValueError(f"{where}: {time!r} ms is more than 2^53 steps of {self.dt:g} ms")
        off = ratio != k and abs(float(ratio) - k) > 1e-9 * max(1.0, abs(k) * 1e-3)
        if off:
            below = math.floor(ratio)
            near = sorted({max(below, least), max(below + 1, least)})
            text = " or ".join(f"{self.time(n):.12g}" for n in near)
            raise InvalidValueError(
                f"{where}: {time!r} ms is no multiple of dt = {self.dt:g} ms; the nearest valid "
                f"{'value is' if len(near) == 1 else 'values are'} {text} ms"
            )
        if k < least:
            raise InvalidValueError(
                f"{where}: the minimum is {self.time(least):.12g} ms (dt = {self.dt:g} ms), got {time!r} ms"
            )
        self._last = (time, k)
        return k

    def time(self, step: int) -> float:
        """Return the time of one step (ms)."""
        return float(step * self.fraction)

    def times(self, steps: Any) -> np.ndarray:
        """Return the times of steps (ms, float64), each rounded once."""
        steps = np.asarray(steps, np.int64)
        num, den = self.fraction.numerator, self.fraction.denominator
        if steps.size and max(abs(int(steps.max())), abs(int(steps.min()))) * num >= 2**53:
            return steps.astype(np.float64) * self.dt
        found: np.ndarray = np.true_divide(steps if num == 1 else steps * num, den)
        return found

    def nearest(self, times: Any, *, least: int = 1) -> tuple[np.ndarray, float]:
        """Return listed or drawn times (ms) in steps, rounded to nearest, and the largest shift (ms)."""
        times = np.asarray(times, np.float64)
        num, den = self.fraction.numerator, self.fraction.denominator
        exact = np.rint(times * den / num)
        if np.any(np.abs(exact) > 2**53):
            far = float(times.flat[np.abs(times).argmax()])
            raise InvalidValueError(f"{far!r} ms is more than 2^53 steps of {self.dt:g} ms")
        steps = np.maximum(exact, least).astype(np.int64)
        shift = float(np.max(np.abs(self.times(steps) - times))) if steps.size else 0.0
        return steps, shift if shift > 1e-9 * self.dt else 0.0

    def __repr__(self) -> str:
        return f"Grid(dt={self.dt:g} ms = {self.fraction})"
