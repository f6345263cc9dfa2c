"""After a batch: are all states finite?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...errors import NumericalError

if TYPE_CHECKING:
    from .engine import ClockEngine

__all__ = ["check_finite"]


def check_finite(engine: ClockEngine, begin: int) -> None:
    """Refuse to go on where a state or a weight of these workers became infinite or not a number."""
    for worker, arena in zip(engine.workers, engine.arenas):
        for record, learner in zip(worker.tables["plastic"], worker.learners):
            weight = arena["weight"][record["at_synapse"] :][: learner.synapses]
            learner.require_finite(weight, begin, engine.step)
        x = arena["x"]
        if np.isfinite(x).all():
            continue
        bad = int(np.flatnonzero(~np.isfinite(x))[0])
        grid = engine.program.grid
        raise NumericalError(
            f"{worker.layout.locate(bad)} became {float(x[bad])!r} between {grid.time(begin):g} and "
            f"{grid.time(engine.step):g} ms; weights, currents or dt are too large for this model: try a smaller dt "
            f"or check the magnitudes, and bound the exponent of what grows exponentially"
        )
