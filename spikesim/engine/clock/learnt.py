"""The weights of plastic projections as they are now, whoever has them."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np

from ...record.layout import ProbeLayout
from ..eligibility import rewards_until
from ..learning import sorted_places
from . import plastic

if TYPE_CHECKING:
    from .engine import ClockEngine
    from .worker import Worker

__all__ = ["find_rewards", "learnt", "positions", "sample"]


def learnt(engine: ClockEngine, projection: str, everywhere: bool = True) -> np.ndarray | None:
    """Return the weights of a plastic projection now, by (pre, post, delay); None on ranks that are not told."""
    p, at = _number(engine, projection), positions(engine, projection, everywhere)
    own = (_read(engine, k, p) for k in range(len(engine.workers)))
    told = [own] if engine.ranks.size == 1 else engine.ranks.told("read weights", list(own), everywhere)
    if at is None:
        return None
    now, first = np.empty(at.size), 0
    for part in itertools.chain.from_iterable(told):
        now[at[first : first + part.size]] = part
        first += part.size
    return now


def _read(engine: ClockEngine, k: int, p: int) -> np.ndarray:
    """Return the weights that worker k has of the plastic projection p, in its order."""
    worker, arena = engine.workers[k], engine.arenas[k]
    n, rule = worker.learners[p].synapses, worker.tables["plastic"]
    weight, eligible = arena["weight"][rule["at_synapse"][p] :][:n], arena["eligible"][rule["at_eligible"][p] :][:n]
    out = np.empty(n)
    plastic.read(rule, arena["learnt"], p, weight, eligible, engine.step, out)
    return out


def positions(engine: ClockEngine, projection: str, everywhere: bool = True) -> np.ndarray | None:
    """Return where each synapse of a plastic projection, worker after worker, stands by (pre, post, delay)."""
    everywhere = everywhere or engine.ranks.size == 1
    if (projection, everywhere) not in engine.positions:
        p = _number(engine, projection)
        ends = [worker.learners[p].ends() for worker in engine.workers]
        parts = [part for told in engine.ranks.told("find the synapses", ends, everywhere) for part in told]
        engine.positions[projection, everywhere] = sorted_places(parts) if parts else None
    return engine.positions[projection, everywhere]


def sample(engine: ClockEngine, probe: ProbeLayout, everywhere: bool) -> tuple[int, np.ndarray]:
    """Return the sample of weights, or of a state of a release, that is due at this step, or none."""
    due = engine.step % probe.every_steps == 0
    if due and probe.variable == "w":
        found = learnt(engine, probe.population, everywhere)
    else:
        told = everywhere or engine.ranks.rank == 0
        found = _released(engine, probe) if due and told else None
    return engine.step, np.empty((0, probe.ids.size)) if found is None else found[None]


def find_rewards(worker: Worker, state: np.ndarray, step: int, begun: bool) -> None:
    """Find the next reward after a step, of each plastic projection; one at the very start is given."""
    for p, learner in enumerate(worker.learners):
        given = begun or not learner.rewarded
        state["pulse"][p] = np.searchsorted(learner.pulse_at, step, side="right" if given else "left")
        if not given:
            rewards_until(worker.tables["plastic"], state, p, learner.pulse_at, step)


def _released(engine: ClockEngine, probe: ProbeLayout) -> np.ndarray:
    """Return a state of a release as it is now, of each source; all workers have the same."""
    worker = engine.workers[0]
    for row, sources in zip(worker.tables["release"], worker.sources.values()):
        if sources.name == probe.population:
            numbers = engine.arenas[0]["released"][row["at"] :][: sources.start.size].reshape(sources.start.shape)
            return sources.now(numbers, probe.variable, (engine.step - numbers[:, -2]) * engine.program.grid.dt)
    raise KeyError(probe.population)


def _number(engine: ClockEngine, projection: str) -> int:
    return engine.learning.index(projection)
