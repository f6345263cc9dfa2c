"""Delays of spikes in steps: as a user gives them, and as the kernels want them."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...errors import InvalidValueError
from ...grid import Grid
from ...kinds import one_of
from ...scalars import number_array

__all__ = ["checked_delays", "delay_rows", "delay_steps"]


def delay_steps(where: str, value: Any, grid: Grid) -> np.ndarray:
    """Delays (ms) in steps: one is exact or refused, listed ones are rounded."""
    if value is None:
        return np.ones(1, np.int64)
    if np.ndim(value) == 0:
        return np.array([grid.steps(value, where, least=1)])
    array = number_array(where, value, "delays (ms)").astype(np.float64)
    if not np.all(np.isfinite(array) & (array > 0.0)):
        raise InvalidValueError(f"{where}: wanted finite delays > 0 ms")
    return grid.nearest(array, least=1)[0]


def checked_delays(where: str, delays: Any, recurrent: Any, is_recurrent: bool, grid: Grid) -> tuple[Any, Any]:
    """Return both, or refuse delays that are neither times nor learnt, and recurrent ones of a layer that is not."""
    if isinstance(delays, str):
        one_of(f"{where}: delays", delays, ("axon",))
    elif delays is not True:
        delay_steps(f"{where}: delays", delays, grid)
    if recurrent is not None and not is_recurrent:
        raise InvalidValueError(f"{where}: recurrent_delays needs recurrent=True")
    delay_steps(f"{where}: recurrent_delays", recurrent, grid)
    return delays, recurrent


def delay_rows(where: str, steps: np.ndarray, n: int, n_in: int) -> np.ndarray:
    """Delays as the kernels want them, int32 (n_in, 1) or (n_in, n)."""
    if steps.ndim == 2:
        if steps.shape != (n, n_in):
            raise InvalidValueError(f"{where}: delays of shape {steps.shape}, wanted ({n}, {n_in}): row = target")
        return np.ascontiguousarray(steps.T, np.int32)
    if len(steps) not in (1, n_in):
        raise InvalidValueError(f"{where}: {len(steps)} delays, wanted 1 or {n_in}")
    return np.ascontiguousarray(np.broadcast_to(steps, (n_in,)).reshape(n_in, 1), np.int32)
