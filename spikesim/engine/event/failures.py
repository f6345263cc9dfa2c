"""What must not be gone on with: loops that gave up, and why; states, weights and samples that are not finite."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ...errors import NumericalError
from ...record.layout import ProbeLayout
from .learnt import check_finite
from .records import DONE, NO_RESET, NO_ROOM, NO_STEP, NOT_FINITE, STIFF
from .worker import Worker

if TYPE_CHECKING:
    from .engine import EventEngine

__all__ = ["require_finite", "require_sound"]

REASONS = {
    NOT_FINITE: "its state is not finite; look at its parameters and input",
    NO_RESET: "it is at or above threshold right after its reset and would fire for ever; let its reset lead below the "
    "threshold, or give it a refractory time (t_ref)",
    NO_STEP: "no step is short enough to follow its equations within rtol and atol; is its slope finite and smooth?",
    STIFF: "it takes more than a million steps beyond ten thousand a ms: its equations are too stiff for the event "
    "engine (a conductance, a rate too large?); use engine='clock'",
    NO_ROOM: "there is no memory for more spikes; does it fire without end?",
}

#: A state beyond this has run away, whatever its unit.
RUN_AWAY = 1e9


def _told(w: Worker, status: int) -> str:
    """Which neuron, when and why; and which of its states has run away, if one has."""
    at, time = int(w.run["fault"]), float(w.run["fault_time"])
    text = f"{w.tables.name(at)} at {time:.12g} ms: {REASONS[status]}"
    states = w.parts[int(w.tables.part_of[at])].row
    values = {state: float(w.x[at, column]) for state, column in states.items()}
    most = max(values, key=lambda state: abs(values[state]) if values[state] == values[state] else np.inf, default="")
    if not most or abs(values[most]) < RUN_AWAY:
        return text
    return f"{text}; {most} has grown to {values[most]:.3g}: bound what makes it grow (the exponent of an exponential)"


def require_sound(engine: EventEngine) -> None:
    """Refuse to go on where a loop gave up, or a weight or a state is not finite."""
    for w in engine.workers:
        status = int(w.run["status"])
        if status != DONE:
            raise NumericalError(_told(w, status))
    check_finite(engine, int(engine.workers[0].run["begin"]))
    for w in engine.workers:
        for part in w.parts:
            own = slice(part.first - w.tables.lo, part.first - w.tables.lo + part.size)
            entries = w.tables.columns.get(part.cell.name, ())
            states = {column: name for name, column in entries if not name.startswith("events/")}
            lo, hi = min(states, default=0), max(states, default=-1) + 1
            # one pass without a temporary; a sum of finite numbers may overflow: then each is looked at
            if hi - lo == len(states) and np.isfinite(np.einsum("ij->", w.x[own, lo:hi])):
                continue
            for column, name in states.items():
                wrong = np.flatnonzero(~np.isfinite(w.x[own, column]))
                if wrong.size:
                    time, value = w.x[own][wrong[0], [0, column]].tolist()
                    _refuse(name.split("/", 2)[2], part.own.start + int(wrong[0]), part.cell.name, value, time)


def require_finite(
    engine: EventEngine, layouts: Sequence[ProbeLayout], samples: Sequence[tuple[int, np.ndarray]]
) -> None:
    """Refuse to go on where a sample is not finite."""
    for layout, (first, values) in zip(layouts, samples):
        if not np.isfinite(values).all():
            row, k = np.argwhere(~np.isfinite(values))[0]
            time = engine.program.grid.time(first + int(row) * layout.every_steps)
            _refuse(layout.variable, int(layout.ids[k]), layout.population, values[row, k], time)


def _refuse(variable: str, neuron: int, population: str, value: float, time: float) -> None:
    raise NumericalError(
        f"{variable} of neuron {neuron} of {population!r} became {float(value)!r} at {time:.12g} ms; weights, "
        "currents or parameters are too large: check the magnitudes"
    )
