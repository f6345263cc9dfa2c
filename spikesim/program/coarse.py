"""Steps that are too long: of equations that are stepped, warned of before a run; of gap junctions, refused too."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np

from ..errors import InvalidValueError, warn
from ..neurons.contract import input_of
from .cell import Cell
from .rest import fastest

if TYPE_CHECKING:
    from .program import Program

__all__ = ["check_junctions", "warn_of_coarse_steps"]

#: Steps times speed of the fastest mode from which on explicit methods grow instead of decaying.
STABLE = 2.0
#: Neurons of a population that are looked at.
SOME = 8
#: Of g dt / C, g the sum of the conductances of a neuron.  Two cells that are coupled with each other alone are the
#: worst case: up to FINE they are wrong by at most 2.6 % of the difference that they began with (measured against the
#: matrix exponential); above STIFFEST the difference changes its sign from step to step, and from 1.09 on it grows.
FINE, STIFFEST = 0.25, 0.5


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


def check_junctions(program: Program) -> None:
    """Warn of gap junctions that are strong for a step of the grid, and refuse those that are too strong.

    Raises
    ------
    InvalidValueError
        If potentials would go to and fro from step to step.
    """
    made = program.junctions
    if made is None:
        return
    dt = program.grid.dt
    total = np.add.reduceat(np.append(made.conductance, 0.0), made.ptr[:-1]) * (np.diff(made.ptr) > 0)
    for cell in program.cells:
        own = total[cell.first : cell.first + cell.size]
        if not cell.coupled or not own.any():
            continue
        share = np.round(own * dt * _response(cell), 9)  # (dt and C are no binary fractions)
        k = int(np.argmax(share))
        if share[k] <= FINE:
            continue
        found = (
            f"gap junctions of neuron {k} of {cell.name!r}: {own[k]:g} nS in all move v by {share[k]:.3g} of its "
            f"difference to others in a step of {dt:g} ms"
        )
        shorter = _round_step(dt * FINE / share[k])
        if share[k] > STIFFEST:
            raise InvalidValueError(
                f"{found}, more than {STIFFEST:g}: it would go to and fro; choose dt <= {shorter:g} ms, or smaller "
                "conductances"
            )
        warn(f"{found}, more than {FINE:g}: changes of v are wrong by more than a few percent; use dt <= {shorter:g}")


def _round_step(longest: float) -> float:
    """Return the longest step (ms) of 1, 2 or 5 in its first digit that is at most `longest`."""
    place = math.floor(math.log10(longest))
    steps = (float(f"{digit}e{place - lower}") for lower in (0, 1) for digit in (5, 2, 1))
    return next(step for step in steps if step <= longest)


def _response(cell: Cell) -> np.ndarray:
    """How fast v of every neuron moves for a current of 1 pA (mV/ms: 1 / C), where it starts."""
    model, p = cell.model, SimpleNamespace(**cell.parameters)
    at, u = model.states.index("v"), input_of(model.inputs)
    quiet, pushed = (
        np.asarray(model.slope(tuple(cell.initial), u(current, *(0.0,) * (2 + len(model.inputs))), p)[at])
        for current in (0.0, 1.0)
    )
    return np.broadcast_to(np.abs(pushed - quiet), (cell.size,))
