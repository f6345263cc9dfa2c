"""Schedules of the learning rate over epochs, and early stopping.

A schedule is a function of the epoch (0, 1, ...) that returns a factor on the learning rate the optimiser
began with.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from ...errors import InvalidValueError

__all__ = ["EarlyStopping", "cosine", "exponential", "step_decay", "warmup"]

Schedule = Callable[[int], float]


def _require(good: bool, text: str) -> None:
    if not good:
        raise InvalidValueError(text)


def exponential(gamma: float) -> Schedule:
    """Return the schedule gamma^epoch."""
    _require(0.0 < gamma < math.inf, f"exponential: gamma = {gamma!r}, wanted a number > 0")
    return lambda epoch: gamma**epoch


def step_decay(every: int, factor: float = 0.1) -> Schedule:
    """Return the schedule that multiplies by `factor` every `every` epochs."""
    _require(every >= 1 and 0.0 < factor < math.inf, f"step_decay: every = {every!r}, factor = {factor!r}; wanted > 0")
    return lambda epoch: factor ** (epoch // every)


def cosine(epochs: int, floor: float = 0.0) -> Schedule:
    """Return the half cosine from 1 to `floor` over `epochs` (Loshchilov and Hutter 2017)."""
    _require(
        epochs >= 1 and 0.0 <= floor < math.inf, f"cosine: epochs = {epochs!r}, floor = {floor!r}; wanted >= 1, >= 0"
    )
    return lambda epoch: floor + (1.0 - floor) * 0.5 * (1.0 + math.cos(math.pi * min(epoch / epochs, 1.0)))


def warmup(epochs: int, then: Schedule | None = None) -> Schedule:
    """Return a linear rise over `epochs`, followed by another schedule."""
    _require(epochs >= 0, f"warmup: epochs = {epochs!r}, wanted a number >= 0")
    return lambda epoch: (epoch + 1) / epochs if epoch < epochs else (then(epoch - epochs) if then else 1.0)


class EarlyStopping:
    """Stop when the validation loss has not fallen for `patience` epochs; the best parameters are put back.

    Parameters
    ----------
    patience : int
        Epochs without improvement.
    least : float
        What counts as improvement.
    """

    def __init__(self, patience: int = 10, least: float = 0.0) -> None:
        if patience < 1:
            raise InvalidValueError(f"EarlyStopping: patience = {patience!r}, wanted at least 1 epoch")
        self.patience, self.least = int(patience), float(least)

    def stops(self, losses: list[float]) -> bool:
        """Return whether to stop after these validation losses, one an epoch."""
        best, age = math.inf, 0
        for loss in losses:
            best, age = (loss, 0) if loss < best - self.least else (best, age + 1)
        return age >= self.patience
