"""Steps that are too long for equations that are stepped: warned of before a run."""

from __future__ import annotations

import math

import numpy as np

from ..errors import warn
from .cell import Cell
from .rest import fastest

__all__ = ["warn_of_coarse_steps"]

#: Steps times speed of the fastest mode from which on explicit methods grow instead of decaying.
STABLE = 2.0
#: Neurons of a population that are looked at.
SOME = 8


def warn_of_coarse_steps(cell: Cell) -> None:
    """Warn of a population whose equations move faster, where they start, than steps of the grid follow.

    Linear equations and exact flows are right at any step. An upswing of a spike is faster than what is found here: no
    warning is no promise.
    """
    cls = type(cell.model)
    exact = cell.source or not cell.size or (cls.flow is not None and math.isinf(cls.order))
    if exact or cell.linear is not None:
        return
    some = np.unique(np.linspace(0, cell.size - 1, SOME).astype(np.int64))
    parameters = {name: value[some] if np.ndim(value) else value for name, value in cell.parameters.items()}
    speed = fastest(cell.model, parameters, cell.initial[:, some])
    if speed * cell.grid.dt > STABLE:
        warn(
            f"population {cell.name!r}: dt = {cell.grid.dt:g} ms is too long for {cls.__name__}, which moves with a "
            f"time constant of {1.0 / speed:.2g} ms where it starts: spikes will be missing or wrong; "
            f"use dt <= {0.5 / speed:.1g}"
        )
