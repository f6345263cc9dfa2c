"""Why the loops of the event engine gave up, in words."""

from __future__ import annotations

import numpy as np

from .records import NO_RESET, NO_ROOM, NO_STEP, NOT_FINITE, STIFF
from .worker import Worker

__all__ = ["told"]

REASONS = {
    NOT_FINITE: "its state is not finite; look at its parameters and input",
    NO_RESET: "it is at or above threshold right after its reset and would fire for ever; lower V_reset",
    NO_STEP: "no step is short enough to follow its equations within rtol and atol; is its slope finite and smooth?",
    STIFF: "it takes more than a million steps beyond ten thousand a ms: its equations are too stiff for the event "
    "engine (a conductance, a rate too large?); use engine='clock'",
    NO_ROOM: "there is no memory for more spikes; does it fire without end?",
}

#: A state beyond this has run away, whatever its unit.
RUN_AWAY = 1e9


def told(w: Worker, status: int) -> str:
    """Which neuron, when and why; and which of its states has run away, if one has."""
    at, time = int(w.run["fault"]), float(w.run["fault_time"])
    text = f"{w.tables.name(at)} at {time:.12g} ms: {REASONS[status]}"
    states = w.parts[int(w.tables.part_of[at])].row
    values = {state: float(w.x[at, column]) for state, column in states.items()}
    most = max(values, key=lambda state: abs(values[state]) if values[state] == values[state] else np.inf, default="")
    if not most or abs(values[most]) < RUN_AWAY:
        return text
    return f"{text}; {most} has grown to {values[most]:.3g}: bound what makes it grow (the exponent of an exponential)"
