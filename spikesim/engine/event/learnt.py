"""The weights of plastic projections as they are now, and where all that their synapses hold stands.

Synapses are in the order of (pre, post, delay), traces of sources in that of (source, delay), traces of targets in that
of the targets: orders that the description alone decides.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import StateError
from ...record.layout import ProbeLayout
from ..eligibility import reward as pay
from ..eligibility import rewards_until
from ..learning import sorted_places
from ..state import Place
from .held import REWARDED, TIMED, read, refer
from .plastic import give

if TYPE_CHECKING:
    from .engine import EventEngine

__all__ = [
    "check_finite",
    "freeze",
    "learn",
    "learnt",
    "of_synapses",
    "pass_time",
    "reward",
    "sample",
    "weight_layouts",
]


def number(engine: EventEngine, projection: str) -> int:
    """Return the number of a projection among the plastic ones; -1: it does not learn."""
    names = [learner.wiring.name for learner in engine.workers[0].tables.wired.learners]
    return names.index(projection) if projection in names else -1


def own(w: Any, p: int, field: str) -> np.ndarray:
    """Return what a worker holds of the p-th plastic projection, (entries, columns); field: synapses, ..."""
    learner = w.tables.wired.learners[p]
    at = int(w.tables.arrays["plastic"][p][f"at_{field[:-1]}"])
    return w.arena[field][at : at + learner.sizes[field]].reshape(-1, learner.columns[field])


def places(engine: EventEngine, p: int) -> tuple[int, list[np.ndarray]]:
    """Return how many synapses there are, and for every worker where its own stand by (pre, post, delay)."""
    learners = [w.tables.wired.learners[p] for w in engine.workers]
    if learners[0].places is None or learners[0].whole is None:
        ends = [learner.ends() for learner in learners]
        told = engine.ranks.every("find the synapses", ends)
        every = sorted_places([some for one in told for some in one])
        sizes = [some[0].size for one in told for some in one]
        first = sum(len(one) for one in told[: engine.ranks.rank])
        mine = np.split(every, np.cumsum(sizes)[:-1])[first : first + len(learners)]
        for learner, own in zip(learners, mine):
            learner.places, learner.whole = own, every.size
    return int(learners[0].whole or 0), [np.asarray(learner.places) for learner in learners]


def learnt(engine: EventEngine, projection: str) -> np.ndarray | None:
    """Return the weights of a plastic projection now; None for one that does not learn."""
    p = number(engine, projection)
    if p < 0:
        return None
    size, index = places(engine, p)
    whole = np.zeros(size)
    mine = [(some, weights(engine, w, p)) for w, some in zip(engine.workers, index)]
    for told in engine.ranks.every("read weights", mine):
        for some, values in told:
            whole[some] = values
    return whole


def weights(engine: EventEngine, w: Any, p: int) -> np.ndarray:
    """Return the weights that a worker holds of the p-th plastic projection, in its order."""
    held = own(w, p, "synapses")
    if w.tables.wired.learners[p].kind != REWARDED:
        return held[:, 0]
    out = np.empty(len(held))
    read(w.tables.arrays["plastic"], w.arena["learnt"], p, held, engine.program.grid.time(engine.step), out)
    return out


def learn(engine: EventEngine, projection: str, weight: np.ndarray) -> None:
    """Set the weights of a plastic projection; what waits for a reward is forgotten."""
    engine.places[f"synapses/{projection}/weight"].put(weight)
    p = number(engine, projection)
    for w in engine.workers:
        if w.tables.wired.learners[p].kind == REWARDED:
            own(w, p, "synapses")[:, 1] = 0.0


def freeze(engine: EventEngine, projection: str, frozen: bool) -> None:
    """Let the weights of a plastic projection stand still from now on, or learn."""
    p, now = number(engine, projection), engine.program.grid.time(engine.step)
    for w in engine.workers:
        state, learner = w.arena["learnt"], w.tables.wired.learners[p]
        if learner.kind == REWARDED and state["frozen"][p] != frozen:
            refer(w.record.ctypes.data, p, learner.synapses, now)
        state["frozen"][p] = frozen


def reward(engine: EventEngine, amount: float, projection: str | None) -> None:
    """Tell the synapses that wait for it of a third factor."""
    now = engine.program.grid.time(engine.step)
    for w in engine.workers:
        for p, learner in enumerate(w.tables.wired.learners):
            if not learner.evented or projection not in (None, learner.wiring.name):
                continue
            if learner.kind == REWARDED:
                pay(w.tables.arrays["plastic"], w.arena["learnt"], p, now, amount)
            else:
                give(w.tables.arrays["plastic"]["event"][p], w.record.ctypes.data, p, now, amount)


def pass_time(engine: EventEngine) -> None:
    """Do to all synapses what rules do every so often, where it is time."""
    grid = engine.program.grid
    now = grid.time(engine.step)
    for w in engine.workers:
        for p, learner in enumerate(w.tables.wired.learners):
            if learner.pulse_at.size:
                rewards_until(w.tables.arrays["plastic"], w.arena["learnt"], p, learner.pulse_at, now)
            if learner.refers and engine.step % learner.refers == 0:
                refer(w.record.ctypes.data, p, learner.synapses, now)
            if learner.pace and engine.step % learner.pace == 0:
                kernel = w.tables.arrays["plastic"]["step"][p]
                give(kernel, w.record.ctypes.data, p, now, grid.time(learner.pace))


def weight_layouts(engine: EventEngine) -> list[ProbeLayout]:
    """Return the weights and states of releases that are recorded: of which projection, how often (in steps)."""
    found = []
    for probe in engine.program.net.weight_probes:
        name = probe.projection.name
        p, steps = number(engine, name), engine.program.grid.steps(probe.every, f"record {name!r}: every", least=1)
        n = probe.projection.pre.size
        if probe.variable == "w":
            n = sum(engine.ranks.every("build", sum(w.tables.wired.learners[p].synapses for w in engine.workers)))
        found.append(ProbeLayout(name, probe.variable, np.arange(n), steps))
    return found


def sample(engine: EventEngine, layout: ProbeLayout, told: bool) -> tuple[int, np.ndarray]:
    """Return the sample of weights, or of a state of a release, that is due now, or none; `told`: this rank is."""
    if engine.step % layout.every_steps:
        return engine.step, np.empty((0, layout.ids.size))
    found = learnt(engine, layout.population) if layout.variable == "w" else _released(engine, layout)
    return engine.step, np.asarray(found)[None] if told else np.empty((0, layout.ids.size))


def _released(engine: EventEngine, layout: ProbeLayout) -> np.ndarray:
    """Return a state of a release as it is now, of each source; all workers have the same."""
    w = engine.workers[0]
    for row, sources in zip(w.tables.arrays["release"], w.tables.sources):
        if sources.name == layout.population:
            numbers = w.arena["released"][row["at"] :][: sources.start.size].reshape(sources.start.shape)
            return sources.now(numbers, layout.variable, engine.program.grid.time(engine.step) - numbers[:, -2])
    raise KeyError(layout.population)


def check_finite(engine: EventEngine, begin: int) -> None:
    """Refuse to go on where a weight became infinite or not a number."""
    for w in engine.workers:
        for p, learner in enumerate(w.tables.wired.learners):
            learner.require_finite(weights(engine, w, p), begin, engine.step)


def of_synapses(engine: EventEngine, p: int) -> Iterator[tuple[str, Place]]:
    """Return the entries of the p-th plastic projection."""
    learners = [w.tables.wired.learners[p] for w in engine.workers]
    name, rule = learners[0].wiring.name, learners[0].rule
    keys = [np.stack([learner.sources(), learner.bundle.seg_delay], axis=1).reshape(-1, 2) for learner in learners]
    told = engine.ranks.every("find the segments", keys)
    every = [key for one in told for key in one]
    different, back = np.unique(np.concatenate(every), axis=0, return_inverse=True)
    first_of = sum(len(one) for one in told[: engine.ranks.rank])
    segments = np.split(back.reshape(-1), np.cumsum([len(key) for key in every])[:-1])[first_of:][: len(keys)]
    n_synapses, synapses = places(engine, p)
    posts = [learner.posts() for learner in learners]

    def entry(field: str, column: int, size: int, index: Sequence[np.ndarray], unit: str = "") -> Place:
        """A column of what workers hold; index: where their entries stand in the whole, -1: nowhere."""

        def get() -> np.ndarray:
            whole = np.zeros(size)
            held = [(some[some >= 0], own(w, p, field)[some >= 0, column]) for w, some in zip(engine.workers, index)]
            for one in engine.ranks.every("read the state", held):
                for at, values in one:
                    whole[at] = values
            return whole

        def put(whole: np.ndarray) -> None:
            if whole.shape != (size,):
                raise StateError(f"the state has {whole.size} numbers where this network has {size}: it is of another")
            for w, some in zip(engine.workers, index):
                own(w, p, field)[some >= 0, column] = whole[some[some >= 0]]

        return Place(get, put, unit, of=(field, name) if field in ("synapses", "sources") else None)

    sides: list[tuple[str, str, Sequence[str], int, list[np.ndarray]]] = [
        ("synapses", "synapse", list(rule.synapse), n_synapses, synapses),
        ("sources", "pre", list(rule.pre), len(different), segments),
        ("targets", "post", list(rule.post), learners[0].wiring.n_post, posts),
    ]
    yield f"synapses/{name}/weight", entry("synapses", 0, sides[0][3], synapses)
    for field, side, names, size, index in sides:
        first = int(field == "synapses")
        for column, variable in enumerate(names, first):
            yield f"synapses/{name}/{side} {variable}", entry(field, column, size, index)
        if field != "synapses" or learners[0].kind == TIMED:
            last = learners[0].columns[field] - 1
            yield f"synapses/{name}/{side} when", entry(field, last, size, index, "ms")

    def alike(field: str) -> Place:
        """Return an entry that all workers have alike."""

        def get() -> np.ndarray:
            return engine.workers[0].arena["learnt"][field][p : p + 1].copy()

        def put(value: np.ndarray) -> None:
            for w in engine.workers:
                w.arena["learnt"][field][p] = value[0]

        return Place(get, put)

    fields = ("c_ref", "d_ref", "dopamine", "gained") if learners[0].kind == REWARDED else ()
    for shared in ("frozen", *fields):
        yield f"synapses/{name}/{shared}", alike(shared)
