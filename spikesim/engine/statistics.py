"""The numbers of a run: seed, seconds, counts, and what was rounded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .protocol import Engine

__all__ = ["statistics"]


def statistics(engine: Engine, seconds: Mapping[str, float], started: int, first_steps: int) -> dict[str, Any]:
    """Return the statistics of a run that began at step `started`.

    `seconds`: of "build", "compile", the "first" batch, "run": all others.
    """
    program = engine.program
    grid, exact = program.grid, program.exact
    # in the first batch all is cold: it counts only where there is no other
    real, steps = seconds["run"], engine.step - started - first_steps
    if steps == 0:
        real, steps = seconds["first"], first_steps
    shifts = {c.name: program.listed_spikes(c)[2] for c in program.cells if not exact and c.lists}
    return {
        "seed": program.seed,
        "engine": engine.name,
        "dt": grid.dt,
        "threads": engine.threads,
        "neurons": program.n,
        "synapses": engine.synapses,
        "build_seconds": seconds["build"],
        "compile_seconds": seconds["compile"] + seconds["first"],
        "run_seconds": seconds["run"],
        "model_ms": grid.time(engine.step - started),
        "real_time_factor": real / (grid.time(steps) / 1000.0) if steps else 0.0,
        "spikes": engine.spikes,
        "synaptic_events": engine.events,
        "delays_rounded": {w.name: [w.moved, w.largest_shift] for w in program.wirings if w.moved},
        "weights_rounded": {w.name: 2.0**-24 for w in program.wirings if w.drawn},  # relative: single precision
        "t_ref_rounded": {c.name: c.t_ref[1] for c in program.cells if not (exact or c.source) and c.t_ref[1] > 0},
        "spike_times_rounded": {name: shift for name, shift in shifts.items() if shift > 0},
    }
